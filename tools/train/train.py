"""Questions about documents, by a curriculum (curriculum.json): the last step of both recipes.

Run: python train.py [--minutes 100] [--freeze 5] [--decay-after TOKENS --decay-tokens TOKENS]
     python train.py --run adapted --start-from RUNS/adapt/last       (what adapt.py left, a released checkpoint, or a model folder of Recto)

Begins with what distil.py left. Stopped and started again, it goes on. In a stage of the curriculum with "meaning" the decoder learns from MiniLM what
questions mean, beside the answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import torch
from tokenizers import Tokenizer
from torch.nn.functional import cosine_similarity

from batches import Batch, batches, collate, encode_example, forward
from documents.drills import Example
from documents.generator import Generator
from fused import fuse
from loop import autocast, learn, options
from model import save_checkpoint
from minilm import MiniLM
from start_from import start_from

HERE = Path(__file__).parent
TEACHER_SIZE = 384


@dataclass
class Lessons:
    """Source: documents and what is asked about them; with what a teacher makes of them where the stage says so."""

    work: Path
    tokenizer: Path

    def batches(self, stage: dict, seed: int) -> Iterator[Batch]:
        tokenizer = Tokenizer.from_file(str(self.tokenizer / "tokenizer.json"))
        teacher = MiniLM.load(self.work / "minilm") if "meaning" in stage else None
        examples = Generator(self.work, "train", seed).stream(stage["mix"], *stage["words"], stage.get("absent", 0.0))
        yield from batches(tokenizer, examples, stage["batch_tokens"], teacher)


def matches(model, batch: Batch) -> list[list[bool]]:
    """Per document and question, whether greedy decoding would give the answer word for word.

    Greedy text equals the answer exactly when, with the answer fed in, each next token is the likeliest.
    """
    with torch.no_grad():
        made = forward(model, batch)
    right = torch.zeros(batch.targets.shape, dtype=torch.bool)
    chosen = torch.from_numpy(batch.weights) > 0
    right[chosen] = (made.logits.argmax(-1) == made.targets)[: int(chosen.sum())]
    segments = torch.from_numpy(batch.segments)
    return [
        [bool(right[row][chosen[row] & (segments[row] == number)].all()) for number in range(1, int(segments[row].max()) + 1)]
        for row in range(len(segments))
    ]


def written_by_hand(folder: str) -> list[Example]:
    """The documents of handwritten/ or exam/, one question per accepted answer; never trained on."""
    found = []
    for path in sorted((HERE / folder).glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        text = "\n\n".join(data["blocks"])
        asked = [(item["question"], answer, str(i)) for i, item in enumerate(data["questions"]) for answer in item["answers"]]
        found.append(Example(text, asked, path.stem))
    return found


def score(model, tokenizer: Tokenizer, examples: list[Example]) -> float:
    """Share of questions answered exactly."""
    good = total = 0
    for example in examples:
        encoded = encode_example(tokenizer, example, 4096, 4096)
        if not encoded[1]:
            continue
        for hit in matches(model, collate([encoded]))[0]:
            good, total = good + hit, total + 1
    return good / max(total, 1)


def score_by_hand(model, tokenizer: Tokenizer, folder: str) -> float:
    """Share of hand-written questions for which one of the accepted answers comes out."""
    good = total = 0
    for example in written_by_hand(folder):
        hits = matches(model, collate([encode_example(tokenizer, example, 4096, 4096)]))[0]
        by_question: dict[str, bool] = {}
        for (_, _, number), hit in zip(example.questions, hits):
            by_question[number] = by_question.get(number, False) or hit
        good, total = good + sum(by_question.values()), total + len(by_question)
    return good / max(total, 1)


def exam(work: Path, side: str, count: int) -> list[Example]:
    """A fixed set of documents on one side of the split."""
    source = Generator(work, side, 99).stream({"document": 1.0}, 40, 400)
    return [next(source) for _ in range(count)]


class Answering:
    """The course: the answers' words (loop.Course)."""

    def __init__(self, work: Path, tokenizer: Path, model, stages: list[dict], documents: int):
        self.tokenizer_folder, self.model, self.stages = tokenizer, model, stages
        self.likeness = torch.nn.Linear(model.config.decoder.hidden_size, TEACHER_SIZE)  # thrown away afterwards
        self.modules, self.config = {"model": model, "likeness": self.likeness}, model.config.to_dict()
        self.source = Lessons(work, tokenizer)
        self.tokenizer = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
        self.exams = {side: exam(work, side, documents) for side in ("train", "test")}

    def loss(self, batch: Batch, stage: dict) -> tuple[torch.Tensor, dict[str, float]]:
        with autocast():
            made = forward(self.model, batch, half_way=batch.meaning is not None)
        each = made.each()
        loss = made.loss(each)
        first, answers = made.weights > 1.0, made.weights > 0.0
        right = (made.logits.argmax(-1) == made.targets)[first]
        figures = {"answer_loss": float(each.detach()[answers].mean()), "first_right": float(right.float().mean())}
        if batch.meaning is not None:
            asking = self.likeness(made.half_way[torch.from_numpy(batch.weights) > 1.0])
            apart = 1 - cosine_similarity(asking.float(), torch.from_numpy(batch.meaning).float(), dim=-1).mean()
            loss = loss + stage["meaning"] * apart
            figures["questions_apart"] = float(apart.detach())
        return loss, figures

    def examine(self) -> dict[str, float]:
        seen, held_out = (round(score(self.model, self.tokenizer, self.exams[side]), 3) for side in ("train", "test"))
        by_hand = {folder: round(score_by_hand(self.model, self.tokenizer, folder), 3) for folder in ("handwritten", "exam")}
        return {"seen": seen, "held_out": held_out} | by_hand

    def finish(self, folder: Path) -> None:
        save_checkpoint(self.model, self.tokenizer_folder, folder)


def main() -> None:
    parser = options(__doc__, run="train", rate=1.2e-3)
    parser.add_argument("--exam", type=int, default=20, help="documents in each examination on the way")
    parser.add_argument("--start-from", type=Path, help="a checkpoint or a model folder of Recto to go on from (default: RUNS/distil/last)")
    parser.add_argument("--curriculum", type=Path, default=HERE / "curriculum.json")
    parser.add_argument("--freeze", type=int, default=0, help="leave the table and so many of the encoder's first layers as they are")
    chosen = parser.parse_args()
    tokenizer = chosen.start_from or chosen.work / "distil" / "last"  # a model goes with the tokenizer it was trained with
    model = start_from(tokenizer)
    encoder = model.model.encoder.text_model
    if chosen.freeze:
        for part in (encoder.embed_tokens, *encoder.layers[: chosen.freeze]):
            part.requires_grad_(False)
    fuse(encoder, model.model.decoder)
    stages = json.loads(chosen.curriculum.read_text(encoding="utf-8"))
    learn(Answering(chosen.work, tokenizer, model, stages, chosen.exam), chosen)


if __name__ == "__main__":
    main()
