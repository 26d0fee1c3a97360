"""Procedural drills: tasks that can only be done by finding a place in the text and copying it.

The first stage of training. Labels and values are coined or random, so nothing but the text at
hand can give the answer. `Example` is the one form in which all generators hand out their work.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from .values import LABEL_WORDS, Values


Aligned = list[tuple[tuple[int, int], tuple[int, int]]]
"""What says the same: characters of an answer, characters of the text; what holds another pair stands before it."""


@dataclass
class Example:
    """A document and what is asked about it: (question, answer, kind of value) each; for translations also what says the same in both, question by question."""

    text: str
    questions: list[tuple[str, str, str]] = field(default_factory=list)
    kind: str = "drill"
    aligned: list[Aligned] = field(default_factory=list)


ASK_LABEL = (
    "What is the {l}?", "{l}?", "Which {l} is given?", "Tell me the {l}.", "What does it say for {l}?", "Give the {l}.",
    "What stands beside {l}?", "What is written as {l}?",
)


def random_label(values: Values, rng: random.Random) -> str:
    """A label of one to three words, ordinary or coined."""
    words = []
    for _ in range(rng.choice((1, 1, 2, 2, 3))):
        words.append(values.coiner.coin(rng, values.side).lower() if rng.random() < 0.4 else rng.choice(LABEL_WORDS))
    return " ".join(words)


EASY = ("word", "word", "code", "number", "person", "date", "money")


def easy_value(values: Values, rng: random.Random, kinds: tuple[str, ...] = EASY) -> tuple[str, str]:
    """A (value, kind) of any simple kind."""
    kind = rng.choice(kinds)
    if kind == "word":
        return rng.choice(LABEL_WORDS) if rng.random() < 0.5 else values.coiner.coin(rng, values.side), kind
    if kind == "number":
        return str(rng.randint(2, 9999)), kind
    return values.draw(kind), kind


def key_values(values: Values, rng: random.Random, pairs: int, kinds: tuple[str, ...] = EASY) -> Example:
    """Lines "label: value"; the question names the label, often in other case."""
    values.restyle()
    gap, end = rng.choice((": ", "\t", ": ", " is ", " - ")), rng.choice(("\n", "\n", "\n\n"))
    if gap == " is ":
        end = rng.choice((". ", ".\n\n"))
    rows, questions, seen = [], [], set()
    upper = rng.random() < 0.5
    for _ in range(pairs):
        label = random_label(values, rng)
        if label in seen:
            continue
        seen.add(label)
        value, kind = easy_value(values, rng, kinds)
        rows.append((label.capitalize() if upper else label) + gap + value)
        questions.append((rng.choice(ASK_LABEL).replace("{l}", label), value, kind))
    rng.shuffle(questions)
    return Example(end.join(rows) + (end if end != "\n" else "").rstrip(), questions)


def continuation(text: str, rng: random.Random, count: int) -> list[tuple[str, str, str]]:
    """Questions on any text: what follows a few words of it."""
    words, questions = text.split(" "), []
    if len(words) < 10:
        return questions
    for _ in range(count):
        cue, length = rng.randint(2, 4), rng.randint(2, 8)
        start = rng.randrange(max(1, len(words) - cue - length))
        lead = " ".join(words[start : start + cue])
        follow = " ".join(words[start + cue : start + cue + length])
        if follow.strip() and text.count(lead) == 1 and "\n" not in lead + follow and "\t" not in lead + follow:
            questions.append((f"What follows \"{lead}\"?", follow, "continuation"))
    return questions


def soup(values: Values, rng: random.Random, words: int) -> Example:
    """Words without sense, and questions about what follows what."""
    text = " ".join(
        rng.choice(LABEL_WORDS) if rng.random() < 0.5 else easy_value(values, rng)[0] for _ in range(words)
    )
    return Example(text, continuation(text, rng, 8))
