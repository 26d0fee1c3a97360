"""Questions whose answer does not stand in the document: asked about another one, and about nothing that is written here.

The answer to them is always the same sentence, which stands in no document.
"""

from __future__ import annotations

import random
import re
from collections import deque

from .drills import Example

ABSENT = "Not in the document."
REMEMBERED = 60  # questions of the documents before
STEM = 5  # letters by which words are taken for the same: "delivered" and "delivery"
# Words that questions share without sharing a subject.
COMMON = frozenset("what when where which whose whom much many does have this that with from they them there their will would could should name tell long".split())


def subjects(text: str) -> set[str]:
    """Beginnings of the words that say what a text is about."""
    words = re.findall(r"[^\W\d_]{4,}", text.casefold())
    return {word[:STEM] for word in words if word not in COMMON}


class Absent:
    """Adds questions of earlier documents to later ones."""

    def __init__(self, rng: random.Random, share: float):
        """`share`: of all questions, those without an answer."""
        self.rng, self.share = rng, share
        self.earlier: deque[tuple[str, str, str]] = deque(maxlen=REMEMBERED)

    def add_to(self, example: Example) -> None:
        """Put some questions without an answer among those of an example, and remember one or two of its own."""
        own, here = list(example.questions), subjects(example.text)
        wanted = sum(self.rng.random() < self.share / (1 - self.share) for _ in own)
        fitting = [question for kind, question, answer in self.earlier if kind != example.kind and answer not in example.text and is_foreign(question, here)]
        for question in self.rng.sample(fitting, min(wanted, len(fitting))):
            example.questions.insert(self.rng.randint(0, len(example.questions)), (question, ABSENT, "absent"))
        for question, answer, kind in self.rng.sample(own, min(2, len(own))):
            if kind != "continuation":
                self.earlier.append((example.kind, question, answer))


def is_foreign(question: str, here: set[str]) -> bool:
    """Whether a question has a subject, and at most a third of it is written of in the document."""
    asked = subjects(question)
    return bool(asked) and len(asked & here) * 3 <= len(asked)
