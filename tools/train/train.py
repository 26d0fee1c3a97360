"""Train the starter model, resumably, by a curriculum (curriculum.json).

Run: python train.py --work runs [--minutes 100] [--curriculum curriculum-next.json] [--decay-after TOKENS --decay-tokens TOKENS]

Everything it keeps lies in the work folder: names, prose, tokenizer, state.pt (model, optimiser,
tokens seen, seed of the data), log.jsonl (loss, exact match). Started again, it goes on from
state.pt. Examples are made in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import signal
import time
from pathlib import Path

import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer

from batches import Batch, batches, collate, encode_example, forward
from documents.drills import Example
from documents.generator import Generator
from fused import fuse
from model import build_model, save_checkpoint
from start_from import start_from
from word_vectors import meanings

HERE = Path(__file__).parent


def produce(work: Path, tokenizer_path: Path, stage: dict, seed: int, queue) -> None:
    """Make batches for one stage of the curriculum, without end (runs in its own process)."""
    os.nice(0)
    torch.set_num_threads(1)
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    examples = Generator(work, "train", seed).stream(stage["mix"], *stage["words"])
    for batch in batches(tokenizer, examples, stage["batch_tokens"]):
        queue.put(batch)


def stage_at(tokens: int, stages: list[dict]) -> tuple[int, dict]:
    """The curriculum's stage for this many tokens seen."""
    for number, stage in enumerate(stages):
        if tokens < stage["until"]:
            return number, stage
    return len(stages) - 1, stages[-1]


def has_half() -> bool:
    """Whether this processor multiplies bfloat16 by itself: where it does not, autocast is many times slower than float32."""
    return torch.cpu.get_capabilities().get("avx512_bf16", False) or torch.cpu.get_capabilities().get("amx_bf16", False)


def matches(model, batch: Batch, half: bool | None = None) -> list[list[bool]]:
    """Per document and question, whether greedy decoding would give the answer word for word.

    Greedy text equals the answer exactly when, with the answer fed in, each next token is the likeliest.
    """
    answers = Batch(batch.documents, batch.inputs, batch.targets, (batch.weights >= 1.0).astype("float32"), batch.segments, batch.positions)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=has_half() if half is None else half):
        logits, targets, _ = forward(model, answers)
    right = torch.zeros(batch.targets.shape, dtype=torch.bool)
    chosen = torch.from_numpy(answers.weights) > 0
    right[chosen] = (logits.argmax(-1) == targets)[: int(chosen.sum())]
    segments = torch.from_numpy(batch.segments)
    return [
        [bool(right[row][chosen[row] & (segments[row] == number)].all()) for number in range(1, int(segments[row].max()) + 1)]
        for row in range(len(segments))
    ]


def handwritten() -> list[Example]:
    """The documents written by hand, one question per accepted answer; never trained on."""
    found = []
    for path in sorted((HERE / "handwritten").glob("*.json")):
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


def score_handwritten(model, tokenizer: Tokenizer) -> float:
    """Share of hand-written questions for which one of the accepted answers comes out."""
    good = total = 0
    for example in handwritten():
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


def learning_rate(step: int, tokens: int, options: argparse.Namespace) -> float:
    """Warm-up, a long flat stretch, then a straight line down."""
    rate = options.rate * min(1.0, (step + 1) / 60)
    if options.decay_after and tokens > options.decay_after:
        rate *= max(0.02, 1 - (tokens - options.decay_after) / options.decay_tokens)
    return rate


def free_threads(most: int) -> int:
    """How many threads are worth using now: on a busy machine two that wait for each other are slower than one."""
    busy = int(Path("/proc/loadavg").read_text().split()[3].split("/")[0]) if Path("/proc/loadavg").exists() else 0
    return 1 if busy > most + 2 else most


def save(path: Path, state: dict) -> None:
    """Write the state so that a stop in the middle leaves the old one whole."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def train(options: argparse.Namespace) -> None:
    work, state_path = options.work, options.work / "state.pt"
    tokenizer_path = work / "tokenizer" / "tokenizer.json"
    if options.start_from:  # a model goes with the tokenizer it was trained with
        for name in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copyfile(options.start_from / name, tokenizer_path.with_name(name))
    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    is_new = not (state_path.exists() or options.start_from)
    model = build_model(tokenizer.get_vocab(), meanings=meanings(work, tokenizer.get_vocab()) if is_new else None)
    if options.start_from:
        start_from(model, options.start_from)
    fuse(model)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    step, tokens, seconds = 0, options.tokens_before, 0.0
    if state_path.exists():
        state = torch.load(state_path, weights_only=False)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        step, tokens, seconds = state["step"], state["tokens"], state["seconds"]
    context = multiprocessing.get_context("spawn")
    queue, worker, number = None, None, -1
    begun = saved = time.time()
    exams = {side: exam(work, side, options.exam) for side in ("train", "test")}
    losses, firsts, log_tokens, log_time, next_eval = [], [], tokens, begun, tokens
    log = (work / "log.jsonl").open("a", encoding="utf-8")

    def report(**values) -> None:
        log.write(json.dumps(values) + "\n")
        log.flush()
        print(values, flush=True)

    def keep() -> None:
        save(state_path, {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "tokens": tokens, "seconds": seconds + time.time() - begun})

    stages = json.loads(options.curriculum.read_text(encoding="utf-8"))
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    while time.time() - begun < options.minutes * 60 and not (options.decay_after and tokens > options.decay_after + options.decay_tokens):
        if stopping:
            break
        now, stage = stage_at(tokens, stages)
        if now != number:
            if worker:
                worker.kill()
            number, queue = now, context.Queue(24)
            worker = context.Process(target=produce, args=(work, tokenizer_path, stage, options.seed + tokens, queue), daemon=True)
            worker.start()
        batch = queue.get()
        if step % 5 == 0:
            torch.set_num_threads(free_threads(options.threads))
        rate = learning_rate(step, tokens, options)
        for group in optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast("cpu", torch.bfloat16, enabled=has_half()):
            logits, targets, weights = forward(model, batch)
        each = functional.cross_entropy(logits.float(), targets, reduction="none")
        loss = (each * weights).sum() / weights.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        answers = weights >= 1.0
        losses.append(float(each.detach()[answers].mean()))
        firsts.append(float((logits.argmax(-1) == targets)[weights > 1.0].float().mean()))
        step, tokens = step + 1, tokens + batch.tokens
        if step % 20 == 0:
            passed = time.time() - log_time
            report(step=step, tokens=tokens, stage=number, answer_loss=round(sum(losses) / len(losses), 4), first_right=round(sum(firsts) / len(firsts), 3), rate=round(rate, 6), tokens_per_s=round((tokens - log_tokens) / passed), threads=torch.get_num_threads())
            losses, firsts, log_tokens, log_time = [], [], tokens, time.time()
        if tokens >= next_eval:
            next_eval = tokens + options.eval_every
            model.eval()
            report(step=step, tokens=tokens, stage=number, minutes=round((seconds + time.time() - begun) / 60, 1),
                   seen=round(score(model, tokenizer, exams["train"]), 3), held_out=round(score(model, tokenizer, exams["test"]), 3),
                   handwritten=round(score_handwritten(model, tokenizer), 3))
            model.train()
            log_time, log_tokens = time.time(), tokens
        if time.time() - saved > 120:
            keep()
            saved = time.time()
    keep()
    worker.kill()
    save_checkpoint(model, tokenizer_path.parent, work / "last")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=HERE / "runs")
    parser.add_argument("--minutes", type=float, default=110)
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--decay-after", type=int, default=0)
    parser.add_argument("--decay-tokens", type=int, default=5_000_000)
    parser.add_argument("--eval-every", type=int, default=300_000)
    parser.add_argument("--exam", type=int, default=20, help="documents in each examination")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--start-from", type=Path, help="a model folder of Recto to go on from (assets/starter-model)")
    parser.add_argument("--tokens-before", type=int, default=0, help="tokens that model has seen: where the curriculum goes on")
    parser.add_argument("--curriculum", type=Path, default=HERE / "curriculum.json")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    train(options)


if __name__ == "__main__":
    main()
