"""Self-check of the start values: tokens of one meaning resemble each other, every token resembles itself most.

Run: python -m pytest -q
"""

from __future__ import annotations

import torch

from model import contents
from word_vectors import meanings, word_of


def test_words_are_known_with_a_space_in_front_or_a_capital() -> None:
    assert [word_of(piece) for piece in ("▁deposit", "▁Deposit", "Deposit")] == ["deposit"] * 3
    assert [word_of(piece) for piece in ("▁a", "ing", "Re", "▁", "<eos>", "▁1", "▁don't")] == [None] * 7


def test_without_the_package_no_token_means_anything(tmp_path) -> None:
    assert meanings(tmp_path, {"▁deposit": 3}) == {}


def test_tokens_of_like_meaning_are_alike_and_each_is_most_like_itself() -> None:
    torch.manual_seed(0)
    one, other = torch.nn.functional.normalize(torch.randn(2, 100), dim=1)
    rows = contents(50, {3: one, 4: one, 5: other})
    assert torch.allclose(rows.norm(dim=1), torch.ones(50), atol=1e-5)
    assert 0.4 < rows[3] @ rows[4] < 0.8
    assert abs(rows[3] @ rows[5]) < 0.5 and abs(rows[3] @ rows[7]) < 0.5
