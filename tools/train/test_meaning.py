"""Self-check of sentences and their meaning. Run: python -m pytest -q"""

from __future__ import annotations

import numpy as np
import torch

from batches import Asked, collate, decode
from meaning import Keeping, Meaning, sentence_of, sentences
from model import SLIDING, build_model, of_two, stack
from ready import READING, SIDE, SLOW

TEXT = "The rent is due. Anna pays it at 9.30 a.m. by post\n\nSigned:\tAnna\n"


def test_a_text_is_its_sentences() -> None:
    assert "".join(sentences(TEXT)) == TEXT
    assert [sentence.strip() for sentence in sentences(TEXT)] == ["The rent is due.", "Anna pays it at 9.30 a.m. by post", "Signed:\tAnna"]


def test_a_token_belongs_to_the_sentence_of_its_characters() -> None:
    offsets = [(0, 0), (0, 3), (11, 16), (16, 21), (49, 50), (52, 58), (59, 63)]  # <bos> The, "due.", " Anna", "t", Signed, Anna
    assert sentence_of(TEXT, offsets).tolist() == [0, 0, 0, 1, 1, 2, 2]


def test_keeping_draws_queries_and_keys_together_where_meanings_are_alike() -> None:
    torch.manual_seed(5)
    side = stack(40, hidden=48, inner=32, kinds=[SLIDING] * (READING + 2), heads=6, kv_heads=3, head_dim=SIDE, theta=1e6)
    model = build_model(of_two(side | {"num_hidden_layers": 1, "layer_types": [SLIDING]}, side))
    keeping = Keeping(model.model.decoder)
    batch = collate([(list(range(2, 12)), [Asked([2, 30, 31], [25, 1]), Asked([2, 33], [26, 1])])])
    rng = np.random.default_rng(3)
    batch.told, batch.asks = (rng.normal(size=shape).astype(np.float16) for shape in ((1, 10, len(SLOW)), (2, len(SLOW))))
    optimiser = torch.optim.Adam(model.parameters(), lr=0.005)
    losses = []
    for _ in range(60):
        decode(model, batch)
        apart, shown = keeping.apart(batch)
        apart.backward()
        optimiser.step()
        optimiser.zero_grad()
        losses.append((shown["questions_apart"], shown["sentences_apart"]))
    assert min(losses[0]) > 0.7 and max(losses[-1]) < 0.2, (losses[0], losses[-1])


def test_what_a_model_keeps_of_sentences_is_read_off_it() -> None:
    rng = np.random.default_rng(3)
    told, main = rng.normal(size=(900, 384)).astype(np.float32) + 1, rng.normal(size=(384, len(SLOW)))
    kept = (told - told.mean(0)) @ main
    found = Meaning.nearest(told[:600], kept[:600] / np.linalg.norm(kept[:600], axis=1, keepdims=True))
    again = found._unit(told[600:] - found.mean)
    assert ((again * kept[600:]).sum(1) / np.linalg.norm(kept[600:], axis=1)).min() > 0.9
