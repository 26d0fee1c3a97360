"""Running text to learn a language from, before any question is asked: real prose, and the generator's documents.

Knows: what is read and what is kept for examinations. Does not know: what is done with it (pretrain.py, adapt.py).
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Iterator
from zlib import crc32

from tokenizers import Tokenizer

from documents.generator import Generator
from documents.prose import books, collect

TEST_SHARE = 20  # one text in twenty is kept for examinations
DOCUMENTS = 0.5  # as much generated text as real prose
GENERATED = {"document": 4, "whole": 6, "facts": 1}
CHARACTERS = 5  # of a token, more than it has on average


def prose(work: Path, side: str) -> list[str]:
    """Real texts of one side of the split: books, and paragraphs of documentation joined into texts of some length."""
    paragraphs = collect(work / "prose.json")
    found = books(work) + [(f"documentation {i}", "\n\n".join(paragraphs[i : i + 12])) for i in range(0, len(paragraphs), 12)]
    return [text for name, text in found if (crc32(name.encode()) % TEST_SHARE == 0) == (side == "test")]


def passages(work: Path, side: str, seed: int, longest: int) -> Iterator[str]:
    """Pieces of up to `longest` characters without end, each from one text, of the generator's or real; they begin with a word."""
    rng = random.Random(f"{seed}-{side}")
    made = Generator(work, side, seed).stream(GENERATED, 30, longest // 5)
    real = prose(work, side)
    sizes = [len(text) for text in real]
    while True:
        text = next(made).text if rng.random() < DOCUMENTS or not real else rng.choices(real, sizes)[0]
        if start := rng.randrange(max(1, len(text) - longest + 1)):
            start = text.find(" ", start) + 1
        if len(piece := text[start : start + longest]) > longest // 8:
            yield piece


def stretches(work: Path, tokenizer: Tokenizer, side: str, seed: int, length: int) -> Iterator[list[int]]:
    """Token ids of passages of up to `length` tokens, without <bos>, without end."""
    for text in passages(work, side, seed, length * CHARACTERS):
        if len(ids := tokenizer.encode(text, add_special_tokens=False).ids[:length]) > length // 4:
            yield ids
