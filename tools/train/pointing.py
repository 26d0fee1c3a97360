"""Where an answer stands in its document, and the loss that makes the decoder's finding heads look there.

The answer's words alone say little about where to look: among fifty names in a document one is right. Attention is told directly, as extractive readers are:
the last layer's finding heads are to look at the token to be written next; in the layers between reading and that one, one looks at its sentence, and one at the token already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from meaning import sentence_of
from ready import READING

if TYPE_CHECKING:
    from batches import Batch

SENTENCE, TOKEN, FINDING = slice(1, 2), slice(2, 3), slice(1, 3)
"""The key-value heads that find, by what they look for between reading and the last layer, where both look for the token; the first copies (ready.py)."""
EARLY_WEIGHT = 0.5
LEAST = 1e-4
"""Added to a share, so that its logarithm has an end."""


@dataclass(frozen=True)
class Places:
    """Tokens of a document: those an answer begins with (it may stand there more than once), and all of the sentences or lines around them."""

    starts: tuple[int, ...]
    around: tuple[int, ...]


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
    return tokens, Places(tuple(starts), tuple(sorted(around)))


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
    """Weighted mean of -log of the attention's share on the right places, where tokens of the document are written."""
    weights = torch.from_numpy(batch.weights)
    at, steps = weights.nonzero(as_tuple=True), weights.shape[1]
    token, around = torch.from_numpy(batch.token), torch.from_numpy(batch.around)
    standing = token.any(1)
    if not standing.any():
        return torch.zeros(()), {}
    at, token, around = tuple(part[standing] for part in at), token[standing], around[standing]
    weights = weights[at] / weights[at].sum()
    *between, last = decoder.layers[READING:]
    on_sentence = torch.stack([(looked_at(layer, SENTENCE, at, steps) * around).sum(1) for layer in between])
    on_token = torch.stack([(looked_at(layer, TOKEN, at, steps) * token).sum(1) for layer in between])
    at_last = (looked_at(last, FINDING, at, steps) * token).sum(1)

    def missed(shares: torch.Tensor) -> torch.Tensor:
        return -((shares + LEAST).log() * weights).sum(-1).mean()  # over layers

    total = missed(at_last) + EARLY_WEIGHT * (missed(on_sentence) + missed(on_token))
    first = weights == weights.max()
    shown = {"on_sentence": on_sentence[:, first], "on_token_early": on_token[:, first], "on_token": at_last[first]}
    return total, {name: float(shares.detach().mean()) for name, shares in shown.items()}
