"""The starter model's encoder learns to make of texts what MiniLM makes of them, layer by layer (after Romero et al., arXiv 1412.6550).

Run: python distil.py [--decay-after 800000 --decay-tokens 800000]; stopped and started again, it goes on. Begins with graft.py's values and leaves a
checkpoint in RUNS/distil/last: what questions.py takes.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cosine_similarity
from transformers import T5Gemma2ForConditionalGeneration

from batches import SHAPES, encoder_masks
from finding import sentences_found
from fused import fuse
from graft import WIDTH, Seen, graft, watch, word_states
from loop import ONE_STAGE, learn, options
from meaning import Meaning
from minilm import MiniLM
from model import HIDDEN, build_config, build_model, save_checkpoint
from ready import MEANING, SLOW, Directions, fill_table, gather_question, tell_neighbours
from texts import passages

BATCH_TOKENS, LONGEST = 3600, 512
SAMPLES = 100
SENTENCE_WEIGHT = 3.0


@dataclass
class Taught:
    """Documents (int64 [B, S], 0 is padding) and the teacher's states at their tokens after each layer: float16 [layers, B, S, WIDTH], where `has`."""

    documents: np.ndarray
    states: np.ndarray
    has: np.ndarray
    meant: np.ndarray  # float16 [B, S, len(SLOW)]: unit vectors, MiniLM's of the sentence a token stands in

    @property
    def tokens(self) -> int:
        return int((self.documents > 0).sum())


@dataclass
class Passages:
    """Source: the generator's documents and real prose, and what MiniLM makes of them."""

    work: Path
    tokenizer: Path
    directions: np.ndarray
    meaning: Meaning
    side: str = "train"

    def batches(self, stage: dict, seed: int) -> Iterator[Taught]:
        tokenizer, minilm = Tokenizer.from_file(str(self.tokenizer / "tokenizer.json")), MiniLM.load(self.work / "minilm")
        directions, waiting = torch.tensor(self.directions), defaultdict(list)
        for text in passages(self.work, self.side, seed, LONGEST * 3):
            encoding = tokenizer.encode(text)
            length = next((length for length, _ in SHAPES if len(encoding.ids) <= length), LONGEST + 1)
            if length > LONGEST:
                continue
            waiting[length].append((text, encoding))
            if len(waiting[length]) * length >= BATCH_TOKENS:
                yield _taught(minilm, directions, self.meaning, waiting.pop(length), length)


def _taught(minilm: MiniLM, directions: torch.Tensor, meaning: Meaning, rows: list, length: int) -> Taught:
    batch = Taught(
        np.zeros((len(rows), length), np.int64), np.zeros((len(minilm.bert.encoder.layer), len(rows), length, WIDTH), np.float16), np.zeros((len(rows), length), bool),
        np.zeros((len(rows), length, len(SLOW)), np.float16),
    )
    for number, (text, encoding) in enumerate(rows):
        count = len(encoding.ids)
        states, has = minilm.at(text, encoding.offsets)
        has[0] = False  # <bos>
        batch.documents[number, :count] = encoding.ids
        batch.states[:, number, :count] = (states[1:] @ directions).numpy()
        batch.has[number, :count] = has.numpy()
        batch.meant[number, :count] = meaning.of_tokens(minilm, text, encoding.offsets)
    return batch


class Distilling:
    """The course: the share of each layer's states that is not explained yet (loop.Course)."""

    stages = ONE_STAGE
    rates: dict[str, float] = {}

    def __init__(self, work: Path, tokenizer: Path, model: T5Gemma2ForConditionalGeneration, minilm: MiniLM, seen: Seen, directions: torch.Tensor, meaning: Meaning):
        self.tokenizer, self.model, self.minilm, self.meaning = tokenizer, model, minilm, meaning
        self.pieces = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
        self.encoder = model.model.encoder.text_model
        targets = [states @ directions for states in seen.states[2::2]]
        self.spread = [(rows - rows.mean(0)).square().mean() for rows in targets]
        self.probes = torch.nn.ModuleList(torch.nn.Linear(WIDTH, WIDTH) for _ in targets)
        with torch.no_grad():
            for probe, spread in zip(self.probes, self.spread):
                probe.weight.copy_(torch.eye(WIDTH) * spread.sqrt())
                probe.bias.zero_()
        self.sentence = torch.nn.Linear(WIDTH, len(SLOW), bias=False)
        for name, kept in (("directions", directions), ("mean", meaning.mean), ("main", meaning.main)):
            self.sentence.register_buffer(name, torch.as_tensor(kept))  # kept with the state: other samples would give others
        self.modules = {"model": model, "probes": self.probes, "sentence": self.sentence}
        self.source = Passages(work, tokenizer, directions.numpy(), meaning)
        self._train_meaning_only()
        self.found: list[torch.Tensor] = [torch.zeros(0)] * len(targets)
        for number, layer in enumerate(self.encoder.layers[1:]):
            layer.register_forward_hook(lambda _module, _given, made, number=number: self.found.__setitem__(number, made[0] if isinstance(made, tuple) else made))
        self.test = list(itertools.islice(Passages(work, tokenizer, directions.numpy(), meaning, "test").batches({}, 99), 4))

    def _train_meaning_only(self) -> None:
        self.model.requires_grad_(False)
        self.encoder.layers[1:].requires_grad_(True)
        table, mask = self.encoder.embed_tokens.weight, torch.zeros(HIDDEN)
        mask[MEANING] = 1.0
        table.requires_grad_(True)
        table.register_hook(lambda gradient: gradient * mask)

    def normed(self, number: int) -> torch.Tensor:
        """MEANING's part of the stream after a layer, as the next layer reads it: [B, S, WIDTH]."""
        stream = self.found[number]
        return stream[..., MEANING] * torch.rsqrt(stream.square().mean(-1, keepdim=True) + 1e-6)

    def unexplained(self, batch: Taught) -> list[torch.Tensor]:
        """By layer: mean squared error over the states' own spread; and last, how far apart in meaning each token's sentence is from what is read there (1 - cosine)."""
        documents = torch.from_numpy(batch.documents)
        self.encoder(input_ids=documents, attention_mask=encoder_masks(self.model, documents > 0))
        has = torch.from_numpy(batch.has)
        states = torch.from_numpy(batch.states)[:, has].float()
        by_layer = [(probe(self.normed(i)[has]) - states[i]).square().mean() / self.spread[i] for i, probe in enumerate(self.probes)]
        return [*by_layer, 1 - cosine_similarity(self.sentence(self.normed(-1)[has]), torch.from_numpy(batch.meant)[has].float(), dim=-1).mean()]

    def loss(self, batch: Taught, stage: dict) -> tuple[torch.Tensor, dict[str, float]]:
        *by_layer, sentence = self.unexplained(batch)
        shown = {f"unexplained {number}": float(share.detach()) for number, share in enumerate(by_layer, 1)}
        return sum(by_layer) + by_layer[-1] + SENTENCE_WEIGHT * sentence, shown | {"sentences apart": float(sentence.detach())}

    @torch.no_grad()
    def examine(self) -> dict[str, float]:
        *shares, sentence = torch.tensor([self.unexplained(batch) for batch in self.test]).mean(0).tolist()
        found = sentences_found(self.model, self.sentence.weight, self.pieces, lambda asked: torch.from_numpy(self.meaning.of_questions(self.minilm, asked)).float())
        return {f"held_out {number}": round(share, 3) for number, share in enumerate(shares, 1)} | {"held_out sentences": round(sentence, 3)} | found

    def finish(self, folder: Path) -> None:
        gather_question(self.model.model.decoder, Directions.of(self.encoder))
        save_checkpoint(self.model, self.tokenizer, folder)


def main() -> None:
    chosen = options(__doc__, run="distil", rate=6e-4).parse_args()
    tokenizer = chosen.work / "tokenizer"
    pieces = Tokenizer.from_file(str(tokenizer / "tokenizer.json")).get_vocab()
    minilm = MiniLM.load(chosen.work / "minilm")
    seen = watch(minilm, list(itertools.islice(passages(chosen.work, "train", 5, LONGEST * 3), SAMPLES)))
    state = chosen.work / chosen.run / "state.pt"
    kept = torch.load(state, weights_only=False)["sentence"] if state.exists() else None
    directions = kept["directions"] if kept else seen.directions()
    meaning = Meaning.kept_in(kept) if kept else Meaning.draw(chosen.work, minilm)
    model = build_model(build_config(len(pieces)))
    encoder = model.model.encoder.text_model
    with torch.no_grad():
        fill_table(encoder.embed_tokens.weight)
    graft(encoder, minilm.bert, seen, directions, word_states(minilm, pieces))
    tell_neighbours(encoder)
    fuse(encoder, model.model.decoder)
    course = Distilling(chosen.work, tokenizer, model, minilm, seen, directions, meaning)
    del seen  # gigabytes, and not needed any more
    learn(course, chosen)


if __name__ == "__main__":
    main()
