"""Questions about documents, by a curriculum (curriculum.json): the last step of both recipes.

Run: python train.py [--minutes 100] [--encoder-rate 0.2] [--decay-after TOKENS --decay-tokens TOKENS]
     python train.py --run adapted --pointing 0 --start-from RUNS/adapt/last       (what adapt.py left, a released checkpoint, or a model folder of Recto)

Begins with what questions.py left. Stopped and started again, it goes on.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import torch
from tokenizers import Tokenizer

import pointing
from batches import Batch, batches, collate, encode_example, forward
from documents.drills import Example
from documents.generator import Generator
from fused import fuse
from loop import autocast, learn, options
from meaning import Keeping, Meaning, Teacher
from minilm import MiniLM
from model import save_checkpoint
from start_from import start_from

HERE = Path(__file__).parent
KEEPING_WEIGHT = 1.0


@dataclass
class Lessons:
    """Source: documents and what is asked about them; with what MiniLM makes of both, where that is to be kept."""

    work: Path
    tokenizer: Path
    meaning: Meaning | None

    def batches(self, stage: dict, seed: int) -> Iterator[Batch]:
        tokenizer = Tokenizer.from_file(str(self.tokenizer / "tokenizer.json"))
        examples = Generator(self.work, "train", seed).stream(stage["mix"], *stage["words"], stage.get("absent", 0.0))
        yield from batches(tokenizer, examples, stage["batch_tokens"], self.meaning and Teacher(self.meaning, MiniLM.load(self.work / "minilm")))


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
    """The course: the answers' words, and where they stand (loop.Course)."""

    def __init__(self, work: Path, tokenizer: Path, model, stages: list[dict], documents: int, encoder_rate: float, pointing_weight: float, meaning: Meaning | None):
        self.tokenizer_folder, self.model, self.stages = tokenizer, model, stages
        self.modules = {"model": model}
        self.rates = {"model.model.encoder": encoder_rate}
        self.pointing_weight = pointing_weight
        if pointing_weight:
            pointing.watch(model.model.decoder)
        self.keeping = Keeping(model.model.decoder) if meaning else None
        self.source = Lessons(work, tokenizer, meaning)
        self.tokenizer = Tokenizer.from_file(str(tokenizer / "tokenizer.json"))
        self.exams = {side: exam(work, side, documents) for side in ("train", "test")}

    def loss(self, batch: Batch, stage: dict) -> tuple[torch.Tensor, dict[str, float]]:
        with autocast():
            made = forward(self.model, batch)
        each = made.each()
        loss = made.loss(each)
        first, answers = made.weights > 1.0, made.weights > 0.0
        right = (made.logits.argmax(-1) == made.targets)[first]
        figures = {"answer_loss": float(each.detach()[answers].mean()), "first_right": float(right.float().mean())}
        if self.pointing_weight:
            looking, looked = pointing.loss(self.model.model.decoder, batch)
            loss, figures = loss + self.pointing_weight * looking, figures | looked
        if self.keeping and batch.told is not None:
            apart, shown = self.keeping.apart(batch)
            loss, figures = loss + KEEPING_WEIGHT * Teacher.every * apart, figures | shown
        return loss, figures

    def examine(self) -> dict[str, float]:
        seen, held_out = (round(score(self.model, self.tokenizer, self.exams[side]), 3) for side in ("train", "test"))
        by_hand = {folder: round(score_by_hand(self.model, self.tokenizer, folder), 3) for folder in ("handwritten", "exam")}
        return {"seen": seen, "held_out": held_out} | by_hand

    def finish(self, folder: Path) -> None:
        save_checkpoint(self.model, self.tokenizer_folder, folder)


def meaning_of(model, tokenizer: Path, work: Path) -> Meaning | None:
    """What its finding heads are to keep: as distil.py left it, or as the model has it; nothing where MiniLM is not at hand."""
    if (work / "distil" / "state.pt").exists():
        return Meaning.kept_in(torch.load(work / "distil" / "state.pt", weights_only=False)["sentence"])
    if (work / "minilm").exists():
        return Meaning.learnt_by(model, Tokenizer.from_file(str(tokenizer / "tokenizer.json")), work, MiniLM.load(work / "minilm"))
    return None


def main() -> None:
    parser = options(__doc__, run="train", rate=1.2e-3)
    parser.add_argument("--exam", type=int, default=20, help="documents in each examination on the way")
    parser.add_argument("--start-from", type=Path, help="a checkpoint or a model folder of Recto to go on from (default: RUNS/questions/last)")
    parser.add_argument("--curriculum", type=Path, default=HERE / "curriculum.json")
    parser.add_argument("--encoder-rate", type=float, default=1.0, help="what the rate is multiplied with for the encoder and the table; 0 leaves them as they are")
    parser.add_argument("--pointing", type=float, default=1.0, help="how much it counts that heads look where answers stand; 0 for a model whose decoder ready.py has not prepared")
    chosen = parser.parse_args()
    tokenizer = chosen.start_from or chosen.work / "questions" / "last"  # a model goes with the tokenizer it was trained with
    model = start_from(tokenizer)
    if not chosen.encoder_rate:
        model.model.encoder.requires_grad_(False)
    meaning = meaning_of(model, tokenizer, chosen.work) if chosen.pointing else None
    fuse(model.model.encoder.text_model, model.model.decoder)
    stages = json.loads(chosen.curriculum.read_text(encoding="utf-8"))
    learn(Answering(chosen.work, tokenizer, model, stages, chosen.exam, chosen.encoder_rate, chosen.pointing, meaning), chosen)


if __name__ == "__main__":
    main()
