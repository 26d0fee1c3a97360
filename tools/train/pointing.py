"""Where an answer stands in its document, or what it is the translation of, and the loss that makes the decoder's finding heads look there.

The answer's words alone say little about where to look: among fifty names in a document one is right. Attention is told directly, as extractive readers are:
the last layer's finding heads are to look at the token to be written next; in the layers between reading and that one, one looks at its sentence, and one at the token already.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch

from meaning import sentence_of
from ready import READING

if TYPE_CHECKING:
    from batches import Batch
    from documents.drills import Aligned

SENTENCE, TOKEN, FINDING = slice(1, 2), slice(2, 3), slice(1, 3)
"""The key-value heads that find, by what they look for between reading and the last layer, where both look for the token; the first copies (ready.py)."""
EARLY_WEIGHT = 0.5
LEAST = 1e-4
"""Added to a share, so that its logarithm has an end."""


class Places(NamedTuple):
    """For each token of an answer the document's tokens that it may be copied from, or that say the same, and all of the sentence or line around them."""

    tokens: tuple[tuple[int, ...], ...]
    around: tuple[tuple[int, ...], ...]


NOWHERE = Places((), ())


def find(text: str, ids: list[int], offsets: list[tuple[int, int]], answer: str) -> tuple[list[int], Places]:
    """The answer in the very tokens in which it stands in the text, as whole words, for the first time; and where these stand. ([], NOWHERE) if it does not.

    ids, offsets: the text's tokens and their characters. Copied like that, an answer begins with what has to be found, not with a space.
    """
    begin, end = np.array(offsets).T
    real = end > begin
    owner = sentence_of(text, offsets)
    tokens: list[int] = []
    starts, around = [], set()
    for match in re.finditer(rf"(?<!\w){re.escape(answer)}(?!\w)", text):
        inside = np.nonzero(real & (end > match.start()) & (begin < match.end()))[0]
        first, past = int(inside[0]), int(inside[-1]) + 1
        here = ids[first:past]
        if text[begin[first] : end[past - 1]].strip() != answer or (tokens and here != tokens):
            continue
        tokens = here
        starts.append(first)
        around.update(np.nonzero(real & (owner == owner[first]))[0].tolist())
    lines = tuple(sorted(around))
    return tokens, Places(tuple(tuple(start + number for start in starts) for number in range(len(tokens))), (lines,) * len(tokens))


def follow(offsets: list[tuple[int, int]], said: list[tuple[int, int]], aligned: Aligned) -> Places:
    """Where the document says what each token of its translation says: in the smallest part that is known to, and in that one's sentence.

    offsets, said: the characters of the document's tokens, and of the translation's in `aligned`. A sentence is a part that no other holds.
    """
    begin, end = np.array(offsets).T

    def held(part: tuple[int, int]) -> tuple[int, ...]:
        return tuple(np.nonzero((end > begin) & (end > part[0]) & (begin < part[1]))[0].tolist())

    tokens, around = [], []
    for _, last in said:
        parts = [there for here, there in aligned if here[0] < last <= here[1]]  # by its last character: it may begin with the space before
        tokens.append(held(parts[-1]) if parts else ())
        around.append(held(parts[0]) if parts else ())
    return Places(tuple(tokens), tuple(around))


def watch(decoder: torch.nn.Module) -> None:
    """Let the layers that find keep what their heads look at (fused.py). Raises ValueError where a decoder has no such layers and heads."""
    layers, heads = len(decoder.layers), decoder.config.num_key_value_heads
    if layers < READING + 2 or heads < 2:
        raise ValueError(f"pointing needs {READING + 2} decoder layers and 2 key-value heads or more, and this model has {layers} and {heads}: train it with --pointing 0")
    for layer in decoder.layers[READING:]:
        layer.self_attn.watched = True


def looked_at(layer: torch.nn.Module, heads: slice, at: tuple[torch.Tensor, torch.Tensor], steps: int) -> torch.Tensor:
    """What a layer's heads look at in the document, their mean: [places, S]. at: rows and places in them; steps: decoder tokens."""
    row, place = at
    return layer.self_attn.chances[row, heads, :, place, steps:].flatten(1, 2).mean(1)


def loss(decoder: torch.nn.Module, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
    """Weighted mean of -log of the attention's share on the right places, for each kind of head over the tokens that have any; and the share itself, for first tokens.

    The last layer is told only where the very token to be written stands: what it looks at it writes.
    """
    weights, token, around, documents, targets = map(torch.from_numpy, (batch.weights, batch.token, batch.around, batch.documents, batch.targets))
    (row, place), steps = weights.nonzero(as_tuple=True), weights.shape[1]
    *between, last = decoder.layers[READING:]
    told = {
        "on_sentence": (between, SENTENCE, around, EARLY_WEIGHT),
        "on_token_early": (between, TOKEN, token, EARLY_WEIGHT),
        "on_token": ([last], FINDING, token & (documents[row] == targets[row, place][:, None]), 1.0),
    }
    total, shown = torch.zeros(()), {}
    for name, (layers, heads, right, factor) in told.items():
        standing = right.any(1)
        if standing.any():
            at, right = (row[standing], place[standing]), right[standing]
            weight = weights[at]
            shares = torch.stack([(looked_at(layer, heads, at, steps) * right).sum(1) for layer in layers])
            total = total - factor * ((shares + LEAST).log() * weight).sum(1).mean() / weight.sum()
            shown[name] = float(shares[:, weight == weight.max()].detach().mean())
    return total, shown
