"""Self-check of the recipe's steps: an adapted model is the model it came from, a run goes on where it was, places in texts are found.

Run: python -m pytest -q
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

import loop
from adapt import adapt, denoising_loss
from batches import Asked, collate
from pretrain import build_decoder
from minilm import LONGEST, split, which
from ul2 import DENOISERS, corrupt


def test_an_adapted_decoder_that_sees_no_document_is_the_decoder_only_model() -> None:
    gemma = build_decoder(300).eval()
    model = adapt(gemma).eval()
    ids = torch.randint(7, 300, (2, 200))  # longer than the window
    with torch.no_grad():
        expected = gemma(input_ids=ids).logits
        states = model.model.encoder.text_model(input_ids=ids[:, :5]).last_hidden_state
        hidden = model.model.decoder(
            input_ids=ids, encoder_hidden_states=states, encoder_attention_mask={"full_attention": torch.zeros(2, 1, 200, 5, dtype=torch.bool)}, use_cache=False,
        ).last_hidden_state
        assert (model.lm_head(hidden) - expected).abs().max() < 1e-4


def test_an_adapted_encoder_shares_the_table_and_every_layer() -> None:
    gemma = build_decoder(300)
    model = adapt(gemma)
    encoder, decoder = model.model.encoder.text_model, model.model.decoder
    assert torch.equal(encoder.embed_tokens.weight, gemma.model.embed_tokens.weight)
    assert encoder.embed_tokens.weight.data_ptr() == decoder.embed_tokens.weight.data_ptr() == model.lm_head.out_proj.weight.data_ptr()
    for ours, theirs in zip(encoder.layers, gemma.model.layers, strict=True):
        assert torch.equal(ours.pre_self_attn_layernorm.weight, theirs.input_layernorm.weight)
        assert torch.equal(ours.self_attn.q_proj.weight, theirs.self_attn.q_proj.weight)


def test_an_untrained_model_knows_nothing_of_what_was_in_the_holes() -> None:
    model = adapt(build_decoder(300))
    seen, written = corrupt(list(range(100, 160)), DENOISERS[0], [7, 8, 9, 10, 11], 1, random.Random(0))
    loss = denoising_loss(model, collate([([2, *seen], [Asked([2], written)])], first_weight=1.0))
    loss.backward()
    assert 5 < float(loss.detach()) < 9  # log(300) = 5.7
    assert all(side.layers[0].self_attn.q_proj.weight.grad.abs().sum() > 0 for side in (model.model.encoder.text_model, model.model.decoder))


@dataclass
class Numbers:
    """A source of one batch over and over."""

    tokens: int = 10

    def batches(self, stage: dict, seed: int):
        while True:
            yield Numbers()


class Shrinking:
    """A course in which one number is to become small."""

    stages = [{"until": 10**9}]
    rates: dict[str, float] = {}

    def __init__(self) -> None:
        module = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.ones_(module.weight)
        self.modules, self.source, self.finished = {"model": module}, Numbers(), []

    def loss(self, batch, stage):
        loss = self.modules["model"].weight.square().sum()
        return loss, {"loss": float(loss.detach())}

    def examine(self):
        return {"weight": round(float(self.modules["model"].weight.detach()), 6)}

    def finish(self, folder: Path) -> None:
        self.finished.append(folder)


def run(work: Path, *arguments: str) -> Shrinking:
    course = Shrinking()
    loop.learn(course, loop.options("", run="shrink", rate=0.01).parse_args(["--work", str(work), *arguments]))
    return course


def test_a_run_stopped_half_way_ends_where_one_without_a_stop_does(tmp_path: Path) -> None:
    whole = run(tmp_path / "one", "--until", "800")
    run(tmp_path / "two", "--until", "400")
    rest = run(tmp_path / "two", "--until", "800")
    assert torch.equal(whole.modules["model"].weight, rest.modules["model"].weight)
    assert rest.finished == [tmp_path / "two" / "shrink" / "last"]
    rows = [json.loads(line) for line in (tmp_path / "two" / "shrink" / "log.jsonl").read_text().splitlines()]
    assert [row["tokens"] for row in rows if "loss" in row] == [200, 400, 600, 800]


def test_the_mean_over_the_last_steps_is_shown_and_training_goes_on_from_where_it_was() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    average = loop.Average([weight], 40)
    seen = []
    for step in range(1, 201):
        weight.data.fill_(step)
        average.look(step, is_falling=False)
        if step in (20, 200):
            with average.shown():
                seen.append(float(weight.detach()))
            assert float(weight.detach()) == step
    assert seen == [15.0, pytest.approx(170, abs=2)]  # of 10 and 20; then one that reaches four looks back
    average.look(210, is_falling=True)
    assert float(average.mean[0]) == 200
    weight.data.fill_(400)
    average.look(220, is_falling=False)
    assert float(average.mean[0]) == 300


def test_the_rate_falls_to_nothing_and_the_run_is_over_then() -> None:
    chosen = loop.options("", run="x", rate=1.0).parse_args(["--decay-after", "100", "--decay-tokens", "50"])
    assert [loop.learning_rate(1000, tokens, chosen) for tokens in (100, 125, 150)] == pytest.approx([1.0, 0.5, 0.02])
    assert loop.ends_at(chosen) == 150


def test_windows_of_the_teacher_end_with_sentences_where_they_can() -> None:
    ends = [i % 50 == 49 for i in range(400)]
    windows = split(list(range(400)), ends)
    assert sum(windows, []) == list(range(400))
    assert [len(window) for window in windows] == [100, 100, 100, 100]
    assert [len(window) for window in split(list(range(300)), [False] * 300)] == [LONGEST, LONGEST, 300 - 2 * LONGEST]


def test_our_tokens_find_the_teacher_tokens_that_share_their_characters() -> None:
    theirs = [(0, 4), (4, 6), (7, 10), (11, 12)]  # "invo" "ices" ...
    first, past = which(theirs, [(0, 0), (0, 6), (6, 10), (6, 7), (10, 12), (3, 5)])
    assert list(zip(first, past)) == [(0, 0), (0, 2), (2, 3), (2, 2), (3, 4), (0, 2)]
    assert isinstance(first, np.ndarray)
