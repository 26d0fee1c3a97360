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


class Phrases:
    """Draws sentences for one side of the split."""

    def __init__(self, values: Values, rng: random.Random, side: str):
        self.values, self.rng, self.side = values, rng, side
        self.has_new = False  # whether the sentence in hand holds a pair that training never sees

    def sentence(self) -> tuple[str, ...]:
        """One sentence in every language."""
        while True:
            self.has_new = False
            texts = self._fill(self.rng.choice(grammar().sentences))
            if self.has_new == (self.side == "test"):
                return tuple(text[:1].upper() + text[1:] for text in texts)

    def _fill(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        filled: dict[str, tuple[str, ...]] = {}
        for name in SLOT.findall(texts[0]):
            filled[name] = self._alternative(texts[0], name) if name in grammar().lists else self._slot(name)
        return tuple(SLOT.sub(lambda found, number=number: filled[found[1]][number], text) for number, text in enumerate(texts))

    def _alternative(self, sentence: str, name: str) -> tuple[str, ...]:
        chosen = self.rng.choice(grammar().lists[name])
        self.has_new |= crc32(f"{sentence}|{chosen[0]}".encode()) % 5 == 0
        return self._fill(chosen)

    def _slot(self, name: str) -> tuple[str, ...]:
        rng = self.rng
        if name in KINDS:
            value = draw(name, rng)
            return tuple(write(name, value, language) for language in LANGUAGES)
        if name == "number":
            return (str(rng.randint(2, 900)),) * len(LANGUAGES)
        return (self.values.draw(name),) * len(LANGUAGES)


def translation(values: Values, rng: random.Random, side: str) -> Example:
    """A text of one to some five sentences in English, to be said in two other languages; or in one of those, to be said in English."""
    phrases, words = Phrases(values, rng, side), int(5 * 8 ** rng.random())  # 5 to 40, short ones commoner
    said = [phrases.sentence()]
    while sum(len(texts[0].split()) for texts in said) < words:
        said.append(phrases.sentence())
    texts = [" ".join(sentence[number] for sentence in said) for number in range(len(LANGUAGES))]
    others = rng.sample(range(1, len(LANGUAGES)), 2)
    source, targets = rng.choice(((0, others), (others[0], [0])))
    asked = ("Translate into {l}.", "Translate into {l}", "What is this in {l}?", "Say it in {l}.", "{l} translation?")
    return Example(texts[source], [(rng.choice(asked).replace("{l}", NAMES[to]), texts[to], f"{LANGUAGES[source]}-{LANGUAGES[to]}") for to in targets], "translation")
