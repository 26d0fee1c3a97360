"""Reads the wordings of fields.txt, events.txt, fillers.txt and layouts.json, each parted into train and test.

The rule of the split is the files' own: every fifth alternative belongs to the test part.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .values import WORDS

HERE = Path(__file__).parent


def part(items: list, side: str) -> list:
    """The training or the test part of a list; short lists are shared."""
    if len(items) < 5:
        return items
    return [item for i, item in enumerate(items) if (i % 5 == 4) == (side == "test")]


@dataclass
class Field:
    """One fact that documents state: how it is labelled, put in a sentence and asked for."""

    name: str
    kind: str
    topic: str
    labels: list[str]
    sentences: list[str]
    questions: list[str]


@dataclass
class Event:
    """A sentence with slots, and questions with the slot that answers each."""

    sentence: str
    questions: list[tuple[str, str]]


@cache
def fields(side: str) -> tuple[Field, ...]:
    """All fields with the wordings of one side."""
    found = []
    for line in (HERE / "fields.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            name, kind, topic = line[3:].split(" | ")
            found.append(Field(name, kind.rstrip(), topic, [], [], []))
        elif line[:3] in ("L: ", "S: ", "Q: "):
            alternatives = part(line[3:].split("; "), side)
            {"L": found[-1].labels, "S": found[-1].sentences, "Q": found[-1].questions}[line[0]].extend(alternatives)
    return tuple(found)


@cache
def events(side: str) -> tuple[Event, ...]:
    """All events of one side."""
    found: list[Event] = []
    for line in (HERE / "events.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("S: "):
            found.append(Event(line[3:], []))
        elif line.startswith("Q: "):
            question, _, slot = line[3:].partition(" > ")
            found[-1].questions.append((question, slot))
    return tuple(part(found, side))


@cache
def fillers(side: str) -> tuple[str, ...]:
    """Sentences that state nothing of use."""
    return tuple(part((HERE / "fillers.txt").read_text(encoding="utf-8").splitlines(), side))


@cache
def layouts() -> dict:
    """Titles, headings and layouts as written."""
    return json.loads((HERE / "layouts.json").read_text(encoding="utf-8"))


def inflect(verb: str) -> tuple[str, str, str, str, str]:
    """(base, third person, past, participle, -ing) of a verb, particles kept behind it."""
    head, _, particle = verb.partition(" ")
    tail = f" {particle}" if particle else ""
    if head in WORDS["irregular"]:
        third, past, ing, *rest = WORDS["irregular"][head]
        participle = rest[0] if rest else past
    else:
        ends_e, ends_y = head.endswith("e"), head.endswith("y") and head[-2] not in "aeiou"
        third = head[:-1] + "ies" if ends_y else head + ("es" if head.endswith(("s", "sh", "ch", "x")) else "s")
        past = participle = head + "d" if ends_e else head[:-1] + "ied" if ends_y else head + "ed"
        ing = (head[:-1] if ends_e and not head.endswith("ee") else head) + "ing"
    return verb, third + tail, past + tail, participle + tail, ing + tail
