"""Sentences said in five languages at once, out of the grammar in phrases.txt; dates, sums and weekdays as each language writes them (tongues.py).

    [thing]                                              alternatives, one a line: English | German | French | Spanish | Italian
    the delivery | die Lieferung | la livraison | la entrega | la consegna
    = message                                            sentences of a kind, with such lists and slots in them
    {thing} arrives {when}. | {thing} kommt {when} an. | ...

Knows: the grammar, how its slots are written. One in five pairs of a sentence and an alternative in it belongs to the test part alone, as do names: what is
tested are sentences that were never said, out of words that were.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from .drills import Example
from .tongues import KINDS, LANGUAGES, NAMES, draw, write
from .values import Values

HERE = Path(__file__).parent / "phrases.txt"
SLOT = re.compile(r"\{(\w+)\}")


@dataclass
class Grammar:
    """Lists by name, and sentences; every line in all five languages."""

    lists: dict[str, list[tuple[str, ...]]]
    sentences: list[tuple[str, ...]]


@cache
def grammar() -> Grammar:
    """The file. Raises ValueError where a line has other than five parts, or not the same slots in all of them."""
    found = Grammar({}, [])
    into = found.sentences
    for number, line in enumerate(HERE.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if named := re.fullmatch(r"\[(\w+)\]", line.strip()):
            into = found.lists.setdefault(named[1], [])
        elif line.startswith("= "):
            into = found.sentences
        else:
            parts = tuple(text.strip() for text in line.split("|"))
            if len(parts) != len(LANGUAGES) or len({tuple(sorted(SLOT.findall(text))) for text in parts}) != 1:
                raise ValueError(f"phrases.txt, line {number}: expected the same in {len(LANGUAGES)} languages, got {line!r}")
            into.append(parts)
    return found


class Said(NamedTuple):
    """The same in every language, and the parts that say the same: each its characters in every language, a part before those within it."""

    texts: tuple[str, ...]
    parts: tuple[tuple[tuple[int, int], ...], ...] = ()

    def after(self, starts: tuple[int, ...]) -> tuple[tuple[tuple[int, int], ...], ...]:
        """The whole and its parts where each text begins at so many characters."""
        whole = tuple((0, len(text)) for text in self.texts)
        return tuple(tuple((start + at, start + end) for start, (at, end) in zip(starts, part)) for part in (whole, *self.parts))


class Phrases:
    """Draws sentences for one side of the split."""

    def __init__(self, values: Values, rng: random.Random, side: str):
        self.values, self.rng, self.side = values, rng, side
        self.has_new = False  # whether the sentence in hand holds a pair that training never sees

    def sentence(self) -> Said:
        """One sentence in every language."""
        while True:
            self.has_new = False
            said = self._fill(self.rng.choice(grammar().sentences))
            if self.has_new == (self.side == "test"):
                return said._replace(texts=tuple(text[:1].upper() + text[1:] for text in said.texts))

    def _fill(self, texts: tuple[str, ...]) -> Said:
        filled = {name: self._alternative(texts[0], name) if name in grammar().lists else self._slot(name) for name in SLOT.findall(texts[0])}
        whole, starts = [], {name: [] for name in filled}
        for number, text in enumerate(texts):
            made, at = "", 0
            for slot in SLOT.finditer(text):
                made += text[at : slot.start()]
                starts[slot[1]].append(len(made))
                made, at = made + filled[slot[1]].texts[number], slot.end()
            whole.append(made + text[at:])
        return Said(tuple(whole), tuple(part for name, said in filled.items() for part in said.after(tuple(starts[name]))))

    def _alternative(self, sentence: str, name: str) -> Said:
        chosen = self.rng.choice(grammar().lists[name])
        self.has_new |= crc32(f"{sentence}|{chosen[0]}".encode()) % 5 == 0
        return self._fill(chosen)

    def _slot(self, name: str) -> Said:
        rng = self.rng
        if name in KINDS:
            value = draw(name, rng)
            return Said(tuple(write(name, value, language) for language in LANGUAGES))
        if name == "number":
            return Said((str(rng.randint(2, 900)),) * len(LANGUAGES))
        return Said((self.values.draw(name),) * len(LANGUAGES))


def translation(values: Values, rng: random.Random, side: str) -> Example:
    """A text of one to some five sentences in English, to be said in two other languages; or in one of those, to be said in English."""
    phrases, words = Phrases(values, rng, side), int(5 * 8 ** rng.random())  # 5 to 40, short ones commoner
    texts, parts = [""] * len(LANGUAGES), []
    while not texts[0] or len(texts[0].split()) < words:
        said = phrases.sentence()
        texts = [f"{text} " if text else "" for text in texts]
        parts += said.after(tuple(map(len, texts)))
        texts = [before + text for before, text in zip(texts, said.texts)]
    others = rng.sample(range(1, len(LANGUAGES)), 2)
    source, targets = rng.choice(((0, others), (others[0], [0])))
    asked = ("Translate into {l}.", "Translate into {l}", "What is this in {l}?", "Say it in {l}.", "{l} translation?")
    questions = [(rng.choice(asked).replace("{l}", NAMES[to]), texts[to], f"{LANGUAGES[source]}-{LANGUAGES[to]}") for to in targets]
    return Example(texts[source], questions, "translation", [[(part[to], part[source]) for part in parts] for to in targets])
