"""The decoder's first layers learn to read questions: at a question's end they say what MiniLM makes of it, in the numbers in which the
encoder says what each token's sentence means (distil.py).

Run: python questions.py [--decay-after 2000000 --decay-tokens 2000000]; stopped and started again, it goes on. Begins with what distil.py left; leaves a checkpoint in
RUNS/questions/last whose other layers look for what was asked, and copy (ready.py): what train.py begins with.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cosine_similarity, normalize

from batches import Asked, Batch, collate, decode, prompt_ids
from documents.generator import Generator
from finding import sentences_found
from fused import fuse
from meaning import Meaning
from loop import ONE_STAGE, learn, options
from minilm import MiniLM
from model import HIDDEN, save_checkpoint
from ready import READING, SLOW, Directions, find_and_copy
from start_from import start_from
from texts import prose

ROWS, TOGETHER, DOCUMENT = 8, 16, 64
TEST_QUESTIONS = 256


@dataclass
class Meant:
    """Questions (each alone in its segment, beside a piece of a document that has nothing to do with it), and what MiniLM makes of them: float16 [questions, len(SLOW)]."""

    batch: Batch
    meaning: np.ndarray

    @property
    def tokens(self) -> int:
        return self.batch.tokens


@dataclass
class Questions:
    """Source: the generator's questions, and sentences of real prose."""

    work: Path
    tokenizer: Path
    meaning: Meaning
    side: str = "train"

    def texts(self, seed: int) -> Iterator[tuple[str, str]]:
        """(a question or sentence, a document)."""
        rng = random.Random(seed)
        made = Generator(self.work, self.side, seed).stream({"whole": 12, "document": 2, "facts": 1}, 60, 400)
        sentences = [sentence for text in prose(self.work, self.side) for sentence in re.split(r"(?<=[.!?])\s+", text) if 4 <= len(sentence.split()) <= 24]
        waiting: list[str] = []
        while True:
            example = next(made)
            waiting += [question for question, *_ in example.questions]
            waiting += rng.sample(sentences, min(len(sentences), len(example.questions) // 3))
            rng.shuffle(waiting)
            while len(waiting) > 200:
                yield waiting.pop(), example.text

    def batches(self, stage: dict, seed: int) -> Iterator[Meant]:
        tokenizer, minilm = Tokenizer.from_file(str(self.tokenizer / "tokenizer.json")), MiniLM.load(self.work / "minilm")
        drawn = self.texts(seed)
        while True:
            pairs = sorted((next(drawn) for _ in range(ROWS * TOGETHER)), key=lambda pair: len(pair[0]))
            rows = [pairs[number::ROWS] for number in range(ROWS)]  # alike in length
            documents = [tokenizer.encode(row[0][1]).ids[:DOCUMENT] for row in rows]
            asked = [[Asked(prompt_ids(tokenizer, question), [1]) for question, _ in row] for row in rows]
            wide = max(sum(len(question.prompt) for question in row) for row in asked)
            batch = collate(list(zip(documents, asked)), DOCUMENT, -(-wide // 64) * 64)
            yield Meant(batch, self.meaning.of_questions(minilm, [question for row in rows for question, _ in row]))


class Understanding:
    """The course: the angle between what the decoder's first layers say and what MiniLM does (loop.Course)."""

    stages = ONE_STAGE
    rates: dict[str, float] = {}

    def __init__(self, work: Path, tokenizer: Path, model, distilled: dict):
        """distilled: the state that distil.py left."""
        self.tokenizer, self.model, self.pieces = tokenizer, model, Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
        self.sentence = distilled["sentence"]["weight"]
        meaning = Meaning.kept_in(distilled["sentence"])
        self.decoder = model.model.decoder
        self.others = self.decoder.layers[READING:]
        self.decoder.layers = self.decoder.layers[:READING]
        self.says = torch.nn.Linear(HIDDEN, len(SLOW), bias=False)
        for part in (model.model.encoder, self.decoder.norm):
            part.requires_grad_(False)
        self.stream = torch.zeros(0)
        self.decoder.norm.register_forward_pre_hook(lambda _module, given: setattr(self, "stream", given[0]))
        self.modules = {"decoder": self.decoder.layers, "says": self.says}
        self.source = Questions(work, tokenizer, meaning)
        self.test, total = [], 0
        for batch in Questions(work, tokenizer, meaning, "test").batches({}, 99):
            self.test.append(batch)
            total += len(batch.meaning)
            if total >= TEST_QUESTIONS:
                break

    def said(self, batch: Batch) -> torch.Tensor:
        """What the first layers say at each question's end: [questions, len(SLOW)], of any length."""
        decode(self.model, batch)
        ends = self.stream[torch.from_numpy(batch.weights) > 0]
        return self.says(ends * torch.rsqrt(ends.square().mean(-1, keepdim=True) + 1e-6))

    def likeness(self, asked: Meant) -> torch.Tensor:
        """Cosine of the angle, by question."""
        return cosine_similarity(self.said(asked.batch), torch.from_numpy(asked.meaning).float(), dim=-1)

    def vectors(self, questions: list[str]) -> torch.Tensor:
        """Unit vectors [questions, len(SLOW)]."""
        asked = [Asked(prompt_ids(self.pieces, question), [1]) for question in questions]
        return normalize(self.said(collate([([2], asked)])), dim=1)

    def loss(self, batch: Meant, stage: dict) -> tuple[torch.Tensor, dict[str, float]]:
        apart = 1 - self.likeness(batch).mean()
        return apart, {"apart": float(apart.detach())}

    @torch.no_grad()
    def examine(self) -> dict[str, float]:
        likeness = float(torch.cat([self.likeness(batch) for batch in self.test]).mean())
        return {"held_out_likeness": round(likeness, 3)} | sentences_found(self.model, self.sentence, self.pieces, self.vectors)

    def finish(self, folder: Path) -> None:
        self.decoder.layers.extend(self.others)
        find_and_copy(self.decoder, Directions.of(self.model.model.encoder.text_model), self.says.weight.detach(), self.sentence)
        save_checkpoint(self.model, self.tokenizer, folder)


def main() -> None:
    chosen = options(__doc__, run="questions", rate=1e-3).parse_args()
    start = chosen.work / "distil" / "last"
    model = start_from(start)
    fuse(model.model.encoder.text_model, model.model.decoder)
    distilled = torch.load(chosen.work / "distil" / "state.pt", weights_only=False)
    learn(Understanding(chosen.work, start, model, distilled), chosen)


if __name__ == "__main__":
    main()
