"""A training run that may be stopped at any moment and goes on where it was: optimiser, rates, log and state on disk.

Everything a run keeps lies in its folder: state.pt (weights, optimiser, tokens seen), log.jsonl (losses, examinations), and at its
end last/ (a checkpoint). Batches are made in a process of their own.

Knows: nothing of models and of what is learnt; a `Course` brings both.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import signal
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Iterator, Protocol

import torch

HERE = Path(__file__).parent
ONE_STAGE = [{"until": 10**12}]
"""The curriculum of a course that does the same all the time."""


class Source(Protocol):
    """Makes batches; is sent to another process, so it holds paths and numbers rather than what they lead to."""

    def batches(self, stage: dict, seed: int) -> Iterator:
        """Batches without end for one stage of the curriculum; each has a number of `tokens`."""


class Course(Protocol):
    """What is learnt, and by whom."""

    modules: dict[str, torch.nn.Module]
    """What is trained and kept in the state, by name."""
    rates: dict[str, float]
    """What the learning rate is multiplied with, by how a parameter's name (module.name) begins; 1 where nothing fits."""
    source: Source
    stages: list[dict]
    """The curriculum: each stage holds `until` so many tokens, and what its source wants to know."""

    def loss(self, batch, stage: dict) -> tuple[torch.Tensor, dict[str, float]]:
        """What is made less, and the figures that the log shows of it."""

    def examine(self) -> dict[str, float]:
        """How good it is by now."""

    def finish(self, folder: Path) -> None:
        """Write the checkpoint that the run ends with."""


def options(description: str | None, *, run: str, rate: float) -> argparse.ArgumentParser:
    """What every run can be told. `run`, `rate`: this command's own folder under --work, and learning rate."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=HERE / "runs", help="where names, prose, tokenizer and the runs are kept")
    parser.add_argument("--run", default=run, help="this run's folder in there")
    parser.add_argument("--minutes", type=float, default=110)
    parser.add_argument("--until", type=int, default=0, help="end at so many tokens")
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--decay-after", type=int, default=0, help="let the rate fall after so many tokens")
    parser.add_argument("--decay-tokens", type=int, default=5_000_000, help="and reach zero so many tokens later, where the run ends")
    parser.add_argument("--average", type=int, default=600, help="examine and keep the mean over so many steps, as long as the rate does not fall")
    parser.add_argument("--eval-every", type=int, default=300_000)
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--tokens-before", type=int, default=0, help="tokens seen before this run: where its curriculum begins")
    parser.add_argument("--threads", type=int, default=2)
    return parser


def stage_at(tokens: int, stages: list[dict]) -> tuple[int, dict]:
    """The curriculum's stage for this many tokens seen."""
    for number, stage in enumerate(stages):
        if tokens < stage["until"]:
            return number, stage
    return len(stages) - 1, stages[-1]


def has_half() -> bool:
    """Whether this processor multiplies bfloat16 by itself: where it does not, autocast is many times slower than float32."""
    return torch.cpu.get_capabilities().get("avx512_bf16", False) or torch.cpu.get_capabilities().get("amx_bf16", False)


def autocast() -> torch.autocast:
    """bfloat16 where that is faster."""
    return torch.autocast("cpu", torch.bfloat16, enabled=has_half())


def learning_rate(step: int, tokens: int, chosen: argparse.Namespace) -> float:
    """Warm-up, a long flat stretch, then a straight line down."""
    rate = chosen.rate * min(1.0, (step + 1) / 60)
    if chosen.decay_after and tokens > chosen.decay_after:
        rate *= max(0.02, 1 - (tokens - chosen.decay_after) / chosen.decay_tokens)
    return rate


def ends_at(chosen: argparse.Namespace) -> float:
    """The number of tokens at which a run is over."""
    ends = [chosen.until] if chosen.until else []
    if chosen.decay_after:
        ends.append(chosen.decay_after + chosen.decay_tokens)
    return min(ends, default=float("inf"))


def free_threads(most: int) -> int:
    """How many threads are worth using now: on a busy machine two that wait for each other are slower than one."""
    busy = int(Path("/proc/loadavg").read_text().split()[3].split("/")[0]) if Path("/proc/loadavg").exists() else 0
    return 1 if busy > most + 2 else most


def by_rate(course: Course) -> list[dict]:
    """What is trained, in groups for the optimiser: `params`, and the `factor` of their rate."""
    groups: dict[float, list[torch.nn.Parameter]] = defaultdict(list)
    for module, part in course.modules.items():
        for name, parameter in part.named_parameters():
            if parameter.requires_grad:
                groups[next((factor for start, factor in course.rates.items() if f"{module}.{name}".startswith(start)), 1.0)].append(parameter)
    return [{"params": parameters, "factor": factor} for factor, parameters in groups.items()]


class Average:
    """The mean of what was trained over the last steps: as good as a model whose rate has fallen, at any moment (Hägele et al., arXiv 2405.18392)."""

    EVERY = 10  # steps between two looks

    def __init__(self, trained: list[torch.nn.Parameter], steps: int, count: int = 0, mean: list[torch.Tensor] | None = None):
        """steps: how far back it reaches; count, mean: of a run that goes on."""
        self.trained, self.share, self.count = trained, self.EVERY / steps, count
        self.mean = mean or [parameter.detach().clone() for parameter in trained]

    def look(self, step: int, is_falling: bool) -> None:
        """Take in what there is after a step. While the rate falls, the latest alone counts; should it rise again, the mean begins anew."""
        if step % self.EVERY == 0:
            self.count = 1 if is_falling else self.count + 1
            torch._foreach_lerp_(self.mean, [parameter.detach() for parameter in self.trained], max(self.share, 1 / self.count))

    def swap(self) -> None:
        """Put the mean in the modules' place, and what they hold in the mean's; a second time undoes it."""
        for number, parameter in enumerate(self.trained):
            parameter.data, self.mean[number] = self.mean[number], parameter.data

    @contextmanager
    def shown(self) -> Iterator[None]:
        """The modules hold the mean."""
        self.swap()
        try:
            yield
        finally:
            self.swap()


def save(path: Path, state: dict) -> None:
    """Write the state so that a stop in the middle leaves the old one whole."""
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


def _produce(source: Source, stage: dict, seed: int, queue) -> None:
    torch.set_num_threads(1)
    for batch in source.batches(stage, seed):
        queue.put(batch)


class Batches:
    """Batches of the stage that the tokens seen call for, from a process of their own."""

    def __init__(self, course: Course, seed: int):
        self._course, self._seed = course, seed
        self._context = multiprocessing.get_context("spawn")
        self._worker, self.number, self._queue = None, -1, None

    def next(self, tokens: int) -> tuple[object, dict]:
        """(batch, its stage)."""
        now, stage = stage_at(tokens, self._course.stages)
        if now != self.number:
            self.close()
            self.number, self._queue = now, self._context.Queue(24)
            arguments = (self._course.source, stage, self._seed + tokens, self._queue)
            self._worker = self._context.Process(target=_produce, args=arguments, daemon=True)
            self._worker.start()
        while True:
            try:
                return self._queue.get(timeout=2), stage
            except Empty:
                if not self._worker.is_alive():
                    raise RuntimeError("the process that makes batches has ended: its message stands above") from None

    def close(self) -> None:
        if self._worker:
            self._worker.kill()


def learn(course: Course, chosen: argparse.Namespace) -> None:
    """Train until the time, the tokens or the patience of whoever started it is over; started again, it goes on."""
    torch.set_num_threads(chosen.threads)
    folder = chosen.work / chosen.run
    folder.mkdir(parents=True, exist_ok=True)
    groups = by_rate(course)
    trained = [parameter for group in groups for parameter in group["params"]]
    optimiser = torch.optim.AdamW(groups, lr=chosen.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    step, tokens, seconds, averaged = 0, chosen.tokens_before, 0.0, {}
    if (folder / "state.pt").exists():
        state = torch.load(folder / "state.pt", weights_only=False)
        for name, module in course.modules.items():
            module.load_state_dict(state[name])
        optimiser.load_state_dict(state["optimiser"])
        step, tokens, seconds, averaged = state["step"], state["tokens"], state["seconds"], state["average"]
    average = Average(trained, chosen.average, **averaged)
    begun = saved = log_time = time.time()
    figures, log_tokens, end = defaultdict(list), tokens, ends_at(chosen)
    next_eval = -(-tokens // chosen.eval_every) * chosen.eval_every
    log = (folder / "log.jsonl").open("a", encoding="utf-8")

    def report(**values) -> None:
        log.write(json.dumps(values) + "\n")
        log.flush()
        print(values, flush=True)

    def keep() -> None:
        kept = {name: module.state_dict() for name, module in course.modules.items()}
        about = {"step": step, "tokens": tokens, "seconds": seconds + time.time() - begun}
        save(folder / "state.pt", kept | {"optimiser": optimiser.state_dict(), "average": {"count": average.count, "mean": average.mean}} | about)

    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: stopping.append(number))
    source = Batches(course, chosen.seed)
    while not stopping and time.time() - begun < chosen.minutes * 60 and tokens < end:
        batch, stage = source.next(tokens)
        if step % 5 == 0:
            torch.set_num_threads(free_threads(chosen.threads))
        rate = learning_rate(step, tokens, chosen)
        for group in optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        loss, shown = course.loss(batch, stage)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        for name, value in shown.items():
            figures[name].append(value)
        step, tokens = step + 1, tokens + batch.tokens
        average.look(step, bool(chosen.decay_after) and tokens > chosen.decay_after)
        if step % 20 == 0:
            means = {name: round(sum(values) / len(values), 4) for name, values in figures.items()}
            speed = round((tokens - log_tokens) / (time.time() - log_time))
            report(step=step, tokens=tokens, stage=source.number, **means, rate=round(rate, 6), tokens_per_s=speed, threads=torch.get_num_threads())
            figures, log_tokens, log_time = defaultdict(list), tokens, time.time()
        if tokens >= next_eval or tokens >= end:
            next_eval = (tokens // chosen.eval_every + 1) * chosen.eval_every
            for module in course.modules.values():
                module.eval()
            with average.shown():
                report(step=step, tokens=tokens, stage=source.number, minutes=round((seconds + time.time() - begun) / 60, 1), **course.examine())
            for module in course.modules.values():
                module.train()
            log_time, log_tokens = time.time(), tokens
        if time.time() - saved > 120:
            keep()
            saved = time.time()
    keep()
    source.close()
    with average.shown():
        course.finish(folder / "last")
