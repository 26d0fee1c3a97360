"""Where an answer stands in its document, and the loss that makes the decoder's finding heads look there.

The answer's words alone say little about where to look: among fifty names in a document one is right. Attention is told directly, as extractive readers are:
the last layer's heads are to look at the answer's first token, those of the layers between reading and copying at its sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import torch

from ready import READING

FINDING = slice(1, None)
"""The key-value heads that find; the first copies (ready.py)."""
SENTENCE_WEIGHT = 0.5
END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n")


@dataclass(frozen=True)
class Places:
    """Tokens of a document: those an answer begins with (it may stand there more than once), and all of the sentences or lines around them."""

    first: tuple[int, ...]
    around: tuple[int, ...]


NOWHERE = Places((), ())


def find(text: str, offsets: list[tuple[int, int]], answer: str) -> Places:
    """Where `answer` stands as whole words; `offsets`: characters of each token of the text."""
    starts = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)", text)]
    if not starts:
        return NOWHERE
    begin, end = np.array(offsets).T
    real = end > begin
    bounds = np.array([0, *(match.end() for match in END.finditer(text)), len(text) + 1])
    first, around = set(), set()
    for start in starts:
        first.add(int((real & (end > start)).argmax()))
        sentence = int(np.searchsorted(bounds, start, side="right"))
        around.update(np.nonzero(real & (begin >= bounds[sentence - 1] - 1) & (end <= bounds[sentence]))[0].tolist())
    return Places(tuple(sorted(first)), tuple(sorted(around)))


def watch(decoder: torch.nn.Module) -> None:
    """Let the layers that find keep what their heads look at (fused.py)."""
    for layer in decoder.layers[READING:]:
        layer.self_attn.watched = True


def looked_at(layer: torch.nn.Module, asked: tuple[torch.Tensor, torch.Tensor], steps: int) -> torch.Tensor:
    """What a layer's finding heads look at in the document, their mean: [questions, S]. asked: each question's row and last place; steps: decoder tokens."""
    row, place = asked
    return layer.self_attn.chances[row, FINDING, :, place, steps:].flatten(1, 2).mean(1)


def loss(decoder: torch.nn.Module, asked: tuple[torch.Tensor, torch.Tensor], steps: int, first: torch.Tensor, around: torch.Tensor) -> tuple[torch.Tensor, dict[str, float]]:
    """Mean -log of the attention's share on the right places. first, around: bool [questions, S]; a question whose answer stands nowhere does not count."""
    standing = first.any(1)
    if not standing.any():
        return torch.zeros(()), {}
    asked, first, around = tuple(part[standing] for part in asked), first[standing], around[standing]
    *between, last = decoder.layers[READING:]
    on_sentence = torch.stack([(looked_at(layer, asked, steps) * around).sum(1) for layer in between])
    on_token = (looked_at(last, asked, steps) * first).sum(1)
    total = -(on_token + 1e-4).log().mean() - SENTENCE_WEIGHT * (on_sentence + 1e-4).log().mean()
    return total, {"on_sentence": float(on_sentence.detach().mean()), "on_token": float(on_token.detach().mean())}
