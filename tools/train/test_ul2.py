"""Self-check of the denoising tasks: nothing is lost, the shares are those of the paper.

Run: python -m pytest -q
"""

from __future__ import annotations

import pickle
import random
from collections import Counter
from pathlib import Path

import pytest

from adapt import Denoising
from ul2 import DENOISERS, Denoiser, corrupt, draw

SENTINELS, EOS = list(range(5000, 5064)), 1


def restore(seen: list[int], written: list[int]) -> list[int]:
    """The text again: every sentinel replaced by what was written after it."""
    spans: dict[int, list[int]] = {}
    for token in written[:-1]:
        if token in SENTINELS:
            spans[token] = []
        else:
            spans[next(reversed(spans))].append(token)
    return [token for one in seen for token in (spans[one] if one in SENTINELS else [one])]


@pytest.mark.parametrize("denoiser", DENOISERS, ids=lambda denoiser: denoiser.name)
@pytest.mark.parametrize("length", [2, 3, 17, 256, 1000])
def test_both_sides_together_are_the_text(denoiser: Denoiser, length: int) -> None:
    ids = list(range(10, 10 + length))
    seen, written = corrupt(ids, denoiser, SENTINELS, EOS, random.Random(length))
    assert written[-1] == EOS and seen[0] == 10
    assert (restore(seen, written) if denoiser.length else seen + written[:-1]) == ids


@pytest.mark.parametrize("denoiser", DENOISERS, ids=lambda denoiser: denoiser.name)
def test_shares_and_span_lengths_are_those_asked_for(denoiser: Denoiser) -> None:
    ids = list(range(2000, 2400))
    _, written = corrupt(ids, denoiser, SENTINELS, EOS, random.Random(0))
    marks = sum(token in SENTINELS for token in written)
    taken = len(written) - 1 - marks
    assert taken == round(400 * denoiser.share)
    assert marks == (round(taken / denoiser.length) if denoiser.length else 0)


def test_spans_are_not_all_alike() -> None:
    ids = list(range(2000, 2400))
    written = corrupt(ids, DENOISERS[1], SENTINELS, EOS, random.Random(0))[1]
    assert written != corrupt(ids, DENOISERS[1], SENTINELS, EOS, random.Random(1))[1]
    assert written == corrupt(ids, DENOISERS[1], SENTINELS, EOS, random.Random(0))[1]


def test_the_mixture_is_the_same_in_another_process() -> None:
    source = pickle.loads(pickle.dumps(Denoising(Path("work"), Path("tokenizer"))))
    rng = random.Random(4)
    assert {draw(rng, source.denoisers).name for _ in range(200)} == {denoiser.name for denoiser in DENOISERS}
    assert draw(rng, DENOISERS[1:2]) == DENOISERS[1]


def test_half_of_all_tasks_continue_a_prefix() -> None:
    rng = random.Random(3)
    drawn = Counter(draw(rng).name for _ in range(4000))
    assert 0.47 < drawn["prefix"] / 4000 < 0.53
    assert all(0.1 < drawn[denoiser.name] / 4000 < 0.15 for denoiser in DENOISERS[:4])
