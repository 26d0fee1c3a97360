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


def found(answer: str) -> tuple[list[str], list[str], tuple[int, ...]]:
    """(the answer's tokens, those around, where it begins), the tokens as words."""
    offsets = pieces(TEXT)
    tokens, places = pointing.find(TEXT, list(range(len(offsets))), [*offsets], answer)
    word = lambda token: TEXT[slice(*offsets[token])].strip()
    return [word(token) for token in tokens], [word(token) for token in places.around[0]] if places.around else [], places.tokens[0] if places.tokens else ()


def test_an_answer_is_taken_in_the_tokens_in_which_it_stands() -> None:
    assert found("1 May.") == (["1", "May."], "Anna pays it by 1 May.".split(), (9,))
    assert found("Annabel pays")[0] == ["Annabel", "pays"]
    assert found("Anne") == found("1 May") == ([], [], ())  # the second ends within a token


def test_an_answer_may_stand_in_several_places() -> None:
    offsets, ids = pieces(TEXT), [hash(TEXT[slice(*span)].strip()) for span in pieces(TEXT)]
    _, places = pointing.find(TEXT, ids, offsets, "Anna")
    assert [TEXT[slice(*offsets[start])].strip() for start in places.tokens[0]] == ["Anna", "Anna"]
    assert " ".join(TEXT[slice(*offsets[token])].strip() for token in places.around[0]) == "Anna pays it by 1 May. Signed: Anna"


def test_a_translation_follows_the_smallest_part_that_says_the_same() -> None:
    here, there = "The parcel arrives on Monday.", "Das Paket kommt am Montag an."
    part = lambda inner, whole: (whole.index(inner), whole.index(inner) + len(inner))
    aligned = [((0, len(there)), (0, len(here))), (part("Das Paket", there), part("The parcel", here)), (part("am Montag", there), part("on Monday", here))]
    places = pointing.follow(pieces(here), pieces(there), aligned)
    said = [" ".join(here[slice(*pieces(here)[token])].strip() for token in tokens) for tokens in places.tokens[1:]]  # but <bos>
    assert said == ["The parcel", "The parcel", here, "on Monday.", "on Monday.", here]
    assert set(places.around[1:]) == {tuple(range(1, 6))}


def test_heads_learn_to_look_where_they_are_told() -> None:
    torch.manual_seed(3)
    side = stack(40, hidden=48, inner=32, kinds=[SLIDING] * (pointing.READING + 2), heads=6, kv_heads=3, head_dim=8, theta=1e4)
    model = build_model(of_two(side | {"num_hidden_layers": 1, "layer_types": [SLIDING]}, side))
    fuse(model.model.encoder.text_model, model.model.decoder)
    assert model.model.decoder.config._attn_implementation == NAME
    pointing.watch(model.model.decoder)
    places = pointing.Places(((5,), (6,)), ((4, 5, 6),) * 2)
    batch = collate([(list(range(2, 22)), [Asked([2, 30, 31], [7, 8, 1], places), Asked([2, 33], [26, 1])])], 64, 64)
    assert [row.nonzero()[0].tolist() for row in batch.token] == [[5], [6], [], [], []]
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    shares = []
    for _ in range(40):
        decode(model, batch)
        loss, shown = pointing.loss(model.model.decoder, batch)
        loss.backward()
        optimiser.step()
        optimiser.zero_grad()
        shares.append((shown["on_sentence"], shown["on_token_early"], shown["on_token"]))
    assert max(shares[0]) < 0.3 and min(shares[-1]) > 0.9, (shares[0], shares[-1])
