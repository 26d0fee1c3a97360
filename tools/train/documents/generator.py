"""Hands out examples of every kind, seeded; the one entry point of this package for training and tests."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Iterator

from . import drills
from .absent import Absent
from .compose import compose, facts
from .drills import Example
from .long import chain, needle
from .names import Coiner, build_pools
from .phrases import translation
from .prose import collect
from .values import Values
from .whole import draw_file, draw_whole


class Generator:
    """Draws examples for one side of the split ("train" or "test")."""

    def __init__(self, work: Path, side: str, seed: int):
        self.rng = random.Random(f"{seed}-{side}")
        pools = build_pools(work / "names.json")
        self.side = side
        self.values = Values(self.rng, pools, Coiner(pools["train"]["last"] + pools["train"]["city"][:3000]), side)
        prose = collect(work / "prose.json")
        cut = len(prose) * 9 // 10
        self.prose = prose[:cut] if side == "train" else prose[cut:]

    def example(self, kind: str, words: int) -> Example:
        """One example of a kind, of about so many words."""
        rng, values = self.rng, self.values
        if kind == "pairs":
            return drills.key_values(values, rng, max(2, words // 6))
        if kind == "pairs-easy":
            return drills.key_values(values, rng, max(2, words // 6), ("word", "number"))
        if kind == "soup":
            return drills.soup(values, rng, words)
        if kind == "prose":
            text, ends = [], 0
            while ends < words:
                text.append(rng.choice(self.prose))
                ends += text[-1].count(" ") + 1
            whole = "\n\n".join(text)
            return Example(whole, drills.continuation(whole, rng, 8), "prose")
        if writer := {"facts": facts, "document": compose, "chain": chain, "needle": needle}.get(kind):
            return writer(values, rng, self.side, self.prose, words)
        if kind == "translation":
            return translation(values, rng, self.side)
        if kind in ("whole", "file"):
            return (draw_whole if kind == "whole" else draw_file)(values, rng, self.side, words)
        raise ValueError(f"unknown kind of example: {kind}")

    def stream(self, mix: dict[str, float], shortest: int, longest: int, absent: float = 0.0) -> Iterator[Example]:
        """Examples without end; lengths in words are drawn so that short ones are commoner. `absent`: the share of questions without an answer."""
        kinds, weights = list(mix), list(mix.values())
        unanswered = Absent(self.rng, absent) if absent else None
        while True:
            kind = self.rng.choices(kinds, weights)[0]
            words = int(shortest * (longest / shortest) ** self.rng.random())
            example = self.example(kind, words)
            if unanswered and kind != "translation":
                unanswered.add_to(example)
            if example.questions:
                yield example
