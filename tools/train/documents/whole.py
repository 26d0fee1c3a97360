"""Documents written whole, as people write them, with slots for names, sums, dates and the like (the .txt files of whole/).

What compose.py puts together out of single sentences has no thread; these have: they refer back, correct themselves,
mention in passing. One in five belongs to the test part, which one its text alone decides.

    == letter                         a document and its kind; "letter de": its language
    {tenant:person} pays {rent:money} a slot at its first place; {tenant}, {tenant.last} later
    <that is|which is>                a choice, made anew each time
    --                                questions follow: wordings, and the slot or the "fixed words" that answer them
    Q: How much is the rent?; What does {tenant} pay? > rent
    Q: Who signs?; List all who sign. > ={tenant} and {owner}       after "=" what is to be said, word for word: yes, no, or a list
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

from . import tongues
from .drills import Example
from .values import Values

HERE = Path(__file__).parent / "whole"
SLOT = re.compile(r"\{(\w+)(?::([^{}]+))?(\.last)?\}")
MOST = 12
"""Documents in a file."""
YES_NO = frozenset("yes no ja nein oui non sí sì".split())
CHOICE = re.compile(r"<([^<>{}]*\|[^<>]*)>")


@dataclass
class Template:
    """A document as written, and its questions: (wordings, slot or "fixed words" or =answer)."""

    kind: str
    language: str
    text: str
    questions: list[tuple[list[str], str]]


@cache
def templates(side: str) -> tuple[Template, ...]:
    """All documents of one side of the split."""
    found: list[Template] = []
    for path in sorted(HERE.glob("*.txt")):
        for part in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, asked = part.partition("\n--\n")
            title, _, text = head.partition("\n")
            kind, _, language = title.strip().rpartition(" ")
            if language not in tongues.LANGUAGES:
                kind, language = title.strip(), "en"
            questions = []
            for line in asked.splitlines():
                if line.startswith("Q: "):
                    wordings, _, answer = line[3:].rpartition(" > ")
                    questions.append((wordings.split("; "), answer.strip()))
            found.append(Template(kind, language, text.strip(), questions))
    return tuple(template for template in found if (crc32(template.text.encode()) % 5 == 0) == (side == "test"))


def fill(template: Template, values: Values, rng: random.Random, words: int) -> Example:
    """The document with fresh values: the whole of it, or for few words a run of its blocks."""
    values.restyle()
    filled: dict[str, str] = {}
    kinds = {name: kind for name, kind, _ in SLOT.findall(template.text) if kind}
    for name, kind in kinds.items():
        for _ in range(20):
            filled[name] = drawn(kind, template.language, values, rng)
            if list(filled.values()).count(filled[name]) == 1:
                break

    def value(match: re.Match) -> str:
        whole = filled[match[1]]
        return whole.split()[-1] if match[3] else whole

    text = CHOICE.sub(lambda match: rng.choice(match[1].split("|")), template.text)
    blocks = SLOT.sub(value, text).split("\n\n")
    kept = run_of(blocks, words, rng)
    is_joined = rng.random() < 0.3  # as lines of one paragraph come out of a PDF
    text = "\n\n".join(block if "\t" in block or not is_joined else block.replace("\n", " ") for block in kept)
    asked = []
    for wordings, answer in template.questions:
        truth, kind = answer_to(answer, filled, kinds)
        if kept != blocks if kind in ("yes-no", "list") else truth not in text:
            continue
        most = len(wordings) if kind == "yes-no" else 2 if kind == "fixed" else rng.choice((1, 2))  # what is rarer, or harder, oftener
        for wording in rng.sample(wordings, min(most, len(wordings))):
            question = SLOT.sub(value, wording)
            if rng.random() < 0.1:
                question = rng.choice((question.rstrip("?"), question[0].lower() + question[1:]))
            asked.append((question, truth, kind))
    rng.shuffle(asked)
    return Example(text, asked, template.kind)


def drawn(kind: str, language: str, values: Values, rng: random.Random) -> str:
    """A value as a document in this language writes it."""
    return values.draw(kind) if language == "en" or kind not in tongues.KINDS else tongues.write(kind, tongues.draw(kind, rng), language)


def answer_to(answer: str, filled: dict[str, str], kinds: dict[str, str]) -> tuple[str, str]:
    """(what is to be said, its kind)."""
    if answer.startswith("="):
        said = SLOT.sub(lambda match: filled[match[1]], answer[1:])
        return said, "yes-no" if said in YES_NO else "list"
    return (answer.strip('"'), "fixed") if answer.startswith('"') else (filled[answer], kinds[answer].partition(":")[0])


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


def draw_file(values: Values, rng: random.Random, side: str, words: int) -> Example:
    """Documents of several kinds as they lie in a file, of about so many words in all: in a long text much resembles a question that only one place answers."""
    drawn: list[Example] = []
    while (left := words - sum(len(part.text.split()) for part in drawn)) > words // 10 and len(drawn) < MOST:
        part = draw_whole(values, rng, side, left)
        if all(part.kind != other.kind for other in drawn):
            drawn.append(part)
    file = lay_together(drawn)
    rng.shuffle(file.questions)
    return file


def lay_together(parts: list[Example]) -> Example:
    """Documents one after another, with their questions; one whose answer stands in another document too is left out."""
    asked = [
        (question, answer, kind)
        for part in parts
        for question, answer, kind in part.questions
        if kind == "yes-no" or not any(answer in other.text for other in parts if other is not part)
    ]
    return Example("\n\n".join(part.text for part in parts), asked, " and ".join(part.kind for part in parts))
