"""Self-check of where answers are looked for. Run: python -m pytest -q"""

from __future__ import annotations

import torch

import pointing
from batches import Asked, collate, decode
from fused import NAME, fuse
from model import SLIDING, build_model, of_two, stack

TEXT = "The rent is £90. Anna pays it by 1 May. Annabel pays nothing.\nSigned: Anna"


def pieces(text: str) -> list[tuple[int, int]]:
    """Characters of each "token": a leading <bos> of none, then every word with the space before it."""
    spans, start = [(0, 0)], 0
    for word in text.replace("\n", " ").split(" "):
        spans.append((max(0, start - 1), start + len(word)))
        start += len(word) + 1
    return spans


def words(places: tuple[int, ...]) -> list[str]:
    return [TEXT[slice(*pieces(TEXT)[place])].strip() for place in places]


def test_an_answer_is_found_wherever_it_stands_as_whole_words() -> None:
    found = pointing.find(TEXT, pieces(TEXT), "Anna")
    assert words(found.first) == ["Anna", "Anna"]
    assert words(found.around) == "Anna pays it by 1 May. Signed: Anna".split()
    assert words(pointing.find(TEXT, pieces(TEXT), "1 May").first) == ["1"]
    assert pointing.find(TEXT, pieces(TEXT), "Anne") == pointing.NOWHERE


def test_heads_learn_to_look_where_they_are_told() -> None:
    torch.manual_seed(3)
    side = stack(40, hidden=48, inner=32, kinds=[SLIDING] * (pointing.READING + 2), heads=6, kv_heads=3, head_dim=8, theta=1e4)
    model = build_model(of_two(side | {"num_hidden_layers": 1, "layer_types": [SLIDING]}, side))
    fuse(model.model.encoder.text_model, model.model.decoder)
    assert model.model.decoder.config._attn_implementation == NAME
    pointing.watch(model.model.decoder)
    places = pointing.Places((5,), (4, 5, 6))
    batch = collate([(list(range(2, 22)), [Asked([2, 30, 31], [25, 1], places), Asked([2, 33], [26, 1])])], 64, 64)
    asked = torch.from_numpy(batch.weights > 1.0).nonzero(as_tuple=True)
    assert asked[1].tolist() == [2, 5]
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    shares = []
    for _ in range(40):
        decode(model, batch)
        loss, shown = pointing.loss(model.model.decoder, asked, 64, torch.from_numpy(batch.first), torch.from_numpy(batch.around))
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        shares.append(shown["on_token"])
    assert shares[0] < 0.3 and shares[-1] > 0.9, (shares[0], shares[-1])
