"""UL2's denoising tasks, in the mixture that T5Gemma's adaptation uses: text with holes for the encoder, what was in them for the decoder.

Spans of mean length 3 and 12 and 32, 15 % or 50 % of the text, and the last three quarters of it, at 1:1:1:1:4
(Tay et al., arXiv 2205.05131; Zhang et al., arXiv 2504.06225, section 3; Raffel et al., arXiv 1910.10683, for the way in which spans are drawn).
"""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Denoiser:
    """`share` of the tokens is taken out, in spans of `length` on average; without a length in one span at the end."""

    name: str
    share: float
    length: int | None = None
    weight: int = 1


DENOISERS = (
    Denoiser("3 at 15 %", 0.15, 3), Denoiser("12 at 50 %", 0.5, 12), Denoiser("32 at 15 %", 0.15, 32), Denoiser("32 at 50 %", 0.5, 32),
    Denoiser("prefix", 0.75, None, 4),
)


def draw(rng: random.Random, denoisers: tuple[Denoiser, ...] = DENOISERS) -> Denoiser:
    """One of the denoisers, each as often as its weight says."""
    return rng.choices(denoisers, [denoiser.weight for denoiser in denoisers])[0]


def _parts(total: int, count: int, rng: random.Random) -> list[int]:
    """`total` as a sum of `count` numbers of at least one, every such sum as likely as another."""
    cuts = sorted(rng.sample(range(1, total), count - 1))
    return [end - start for start, end in zip([0, *cuts], [*cuts, total])]


def corrupt(ids: list[int], denoiser: Denoiser, sentinels: list[int], eos: int, rng: random.Random) -> tuple[list[int], list[int]]:
    """(what the encoder sees, what the decoder writes) of a text of at least two tokens.

    Each span is one sentinel in the encoder's text; the decoder writes that sentinel and then the span, for all of them, and `eos`.
    The text begins with something that was kept. A prefix needs no sentinel.
    """
    taken = min(max(1, round(len(ids) * denoiser.share)), len(ids) - 1)
    if denoiser.length is None:
        return ids[:-taken], [*ids[-taken:], eos]
    count = min(max(1, round(taken / denoiser.length)), len(sentinels), len(ids) - taken)
    seen, written, place = [], [], 0
    for sentinel, kept, hidden in zip(sentinels, _parts(len(ids) - taken, count, rng), _parts(taken, count, rng)):
        seen += [*ids[place : place + kept], sentinel]
        written += [sentinel, *ids[place + kept : place + kept + hidden]]
        place += kept + hidden
    return seen, [*written, eos]
