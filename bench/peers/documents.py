"""What the peers read: random documents, and the project's golden cases.

Knows: that a document is <bos> and ordinary text ids, the same for every peer; where the golden files keep what.
Does not know: who reads it, or how.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from contract import Cannot
from random_tokenizer import FIRST_TEXT_ID, IMAGE_MARKS
from safetensors.numpy import load_file

BOS_ID = 2
END_IDS = [0, 1]
"""Never written in a decode row: the text must have its full length whatever the random weights say."""


def document_ids(tokens: int) -> list[int]:
    """<bos> and random text ids; the first of a longer document are those of a shorter one."""
    ids = np.random.default_rng(1).integers(FIRST_TEXT_ID, min(IMAGE_MARKS), tokens)
    return [BOS_ID, *ids[1:].tolist()]


def bench_checkpoint(work: Path) -> Path:
    """The random checkpoint that the timed rows read."""
    if not (work / "checkpoint" / "config.json").exists():
        raise Cannot("there is no checkpoint/ in the work folder; random_checkpoint.py writes it")
    return work / "checkpoint"


def golden_case(folder: Path) -> tuple[Path, list[int], list[int]]:
    """The case's checkpoint folder, its document's ids, and the greedy ids that follow <bos>."""
    case = load_file(folder / "case.safetensors")
    return folder / "checkpoint", case["input_ids"].tolist(), case["greedy_ids"].tolist()
