"""Step (a) of the paper's recipe: a decoder-only model in Gemma 3's form that learns to continue text.

Run: python pretrain.py [--until 3000000]; stopped and started again, it goes on. Leaves a checkpoint in RUNS/pretrain/last,
which adapt.py makes an encoder-decoder of. A released Gemma 3 takes its place where there is one.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from transformers import Gemma3ForCausalLM, Gemma3TextConfig

from fused import fuse
from loop import ONE_STAGE, autocast, learn, options
from model import copy_tokenizer, even_stack, set_usual_start
from texts import stretches

LENGTH, ROWS = 256, 12


@dataclass
class Lines:
    """Stretches of text: int64 [B, 1 + LENGTH], <bos> first, 0 is padding."""

    ids: np.ndarray

    @property
    def tokens(self) -> int:
        return int((self.ids > 0).sum())


@dataclass
class Continuing:
    """Source: text to be continued token by token."""

    work: Path
    side: str = "train"

    def batches(self, stage: dict, seed: int) -> Iterator[Lines]:
        tokenizer = Tokenizer.from_file(str(self.work / "tokenizer" / "tokenizer.json"))
        source = stretches(self.work, tokenizer, self.side, seed, LENGTH)
        while True:
            ids = np.zeros((ROWS, 1 + LENGTH), np.int64)
            ids[:, 0] = tokenizer.token_to_id("<bos>")
            for row, stretch in zip(ids, source):
                row[1 : 1 + len(stretch)] = stretch
            yield Lines(ids)


def gemma_config(vocabulary: int) -> Gemma3TextConfig:
    """Gemma 3 in the shape of one side (model.py)."""
    return Gemma3TextConfig(**even_stack(vocabulary))


def build_decoder(vocabulary: int, seed: int = 0) -> Gemma3ForCausalLM:
    """A fresh model with the usual start values."""
    torch.manual_seed(seed)
    model = Gemma3ForCausalLM(gemma_config(vocabulary))
    set_usual_start(model)
    return model


class Pretraining:
    """The course: the next token of every text (loop.Course)."""

    stages = ONE_STAGE
    rates: dict[str, float] = {}

    def __init__(self, work: Path):
        self.work = work
        tokenizer = Tokenizer.from_file(str(work / "tokenizer" / "tokenizer.json"))
        self.model = build_decoder(tokenizer.get_vocab_size())
        self.modules = {"model": self.model}
        self.source = Continuing(work)
        self.test = list(itertools.islice(Continuing(work, "test").batches({}, 99), 4))

    def loss(self, batch: Lines, stage: dict) -> tuple[torch.Tensor, dict[str, float]]:
        ids = torch.from_numpy(batch.ids)
        with autocast():
            logits = self.model(input_ids=ids[:, :-1], use_cache=False).logits
        loss = cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), ignore_index=0)
        return loss, {"loss": float(loss.detach())}

    def examine(self) -> dict[str, float]:
        with torch.no_grad():
            return {"held_out_loss": round(sum(self.loss(batch, {})[1]["loss"] for batch in self.test) / len(self.test), 4)}

    def finish(self, folder: Path) -> None:
        self.model.save_pretrained(folder)
        copy_tokenizer(self.work / "tokenizer", folder)


def main() -> None:
    chosen = options(__doc__, run="pretrain", rate=1.5e-3).parse_args()
    course = Pretraining(chosen.work)
    fuse()
    learn(course, chosen)


if __name__ == "__main__":
    main()
