"""Documents written whole, as people write them, with slots for names, sums, dates and the like (the .txt files of whole/).

What compose.py puts together out of single sentences has no thread; these have: they refer back, correct themselves,
mention in passing. One in five belongs to the test part, which one its text alone decides.

    == letter                         a document and its kind
    {tenant:person} pays {rent:money} a slot at its first place; {tenant}, {tenant.last} later
    <that is|which is>                a choice, made anew each time
    --                                questions follow: wordings, and the slot or the "fixed words" that answer them
    Q: How much is the rent?; What does {tenant} pay? > rent
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

from .drills import Example
from .values import Values

HERE = Path(__file__).parent / "whole"
SLOT = re.compile(r"\{(\w+)(?::([^{}]+))?(\.last)?\}")
CHOICE = re.compile(r"<([^<>{}]*\|[^<>]*)>")


@dataclass
class Template:
    """A document as written, and its questions: (wordings, slot or "fixed words")."""

    kind: str
    text: str
    questions: list[tuple[list[str], str]]


@cache
def templates(side: str) -> tuple[Template, ...]:
    """All documents of one side of the split."""
    found: list[Template] = []
    for path in sorted(HERE.glob("*.txt")):
        for part in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, asked = part.partition("\n--\n")
            kind, _, text = head.partition("\n")
            questions = []
            for line in asked.splitlines():
                if line.startswith("Q: "):
                    wordings, _, answer = line[3:].rpartition(" > ")
                    questions.append((wordings.split("; "), answer.strip()))
            found.append(Template(kind.strip(), text.strip(), questions))
    return tuple(template for template in found if (crc32(template.text.encode()) % 5 == 0) == (side == "test"))


def fill(template: Template, values: Values, rng: random.Random, words: int) -> Example:
    """The document with fresh values: the whole of it, or for few words a run of its blocks."""
    values.restyle()
    filled: dict[str, str] = {}
    kinds = {name: kind for name, kind, _ in SLOT.findall(template.text) if kind}
    for name, kind in kinds.items():
        for _ in range(20):
            filled[name] = values.draw(kind)
            if list(filled.values()).count(filled[name]) == 1:
                break

    def value(match: re.Match) -> str:
        whole = filled[match[1]]
        return whole.split()[-1] if match[3] else whole

    text = CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template.text)
    blocks = SLOT.sub(value, text).split("\n\n")
    blocks = run_of(blocks, words, rng)
    text = "\n\n".join(blocks)
    asked = []
    for wordings, answer in template.questions:
        truth = answer.strip('"') if answer.startswith('"') else filled[answer]
        if truth not in text:
            continue
        for wording in rng.sample(wordings, 1 if rng.random() < 0.7 else min(2, len(wordings))):
            question = SLOT.sub(value, wording)
            if rng.random() < 0.1:
                question = rng.choice((question.rstrip("?"), question[0].lower() + question[1:]))
            asked.append((question, truth, kinds.get(answer, "fixed").partition(":")[0]))
    rng.shuffle(asked)
    return Example(text, asked, template.kind)


def run_of(blocks: list[str], words: int, rng: random.Random) -> list[str]:
    """Blocks that follow one another, of about so many words in all."""
    lengths = [len(block.split()) for block in blocks]
    if sum(lengths) <= words * 1.3:
        return blocks
    start = rng.randrange(len(blocks))
    end, total = start, 0
    while end < len(blocks) and total < words:
        total += lengths[end]
        end += 1
    while start > 0 and total < words:
        start -= 1
        total += lengths[start]
    return blocks[start:end]


def draw_whole(values: Values, rng: random.Random, side: str, words: int) -> Example:
    """One document of this side of the split."""
    return fill(rng.choice(templates(side)), values, rng, words)
