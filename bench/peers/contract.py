"""The command line and the one JSON line that the peers' scripts have in common (README.md beside this file).

Knows: which rows there are, how often a row is repeated, and that every outcome is one line on stdout, also when the
measurement runs out of memory. Does not know: any library that is measured.
Linux only: the peak comes from /proc.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import signal
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

LONG = 60.0
"""Seconds beyond which one repetition is enough, and is not warmed up for."""
PR_SET_PDEATHSIG = 1


class Cannot(Exception):
    """The peer cannot do what was asked; the message says why, in plain words."""


def read_arguments() -> argparse.Namespace:
    """The command line of every peer: --work FOLDER --form FORM, then encode N, decode S --steps K, or tokens CASE_FOLDER."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--work", type=Path, required=True, help="the folder that holds checkpoint/; converted models are kept there too")
    parser.add_argument("--form", required=True, help="how the weights are held")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    rows = parser.add_subparsers(dest="row", required=True)
    rows.add_parser("encode").add_argument("tokens", type=int)
    decode = rows.add_parser("decode")
    decode.add_argument("tokens", type=int, help="tokens of document that the decoder looks at")
    decode.add_argument("--steps", type=int, default=32)
    rows.add_parser("tokens").add_argument("case", type=Path)
    return parser.parse_args()


def median_seconds(run: Callable[[], float], repeat: int) -> float:
    """The median of `repeat` runs after one warm-up; where that first run is a long one, its own figure.

    `run` returns the seconds that count, which may be less than it takes.
    """
    begin = time.perf_counter()
    first = run()
    if time.perf_counter() - begin > LONG:
        return first
    return statistics.median(run() for _ in range(repeat))


def peak_bytes() -> int:
    """The most memory this process ever held, loading included."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise Cannot("/proc/self/status has no VmHWM")


def timed_row(arguments: argparse.Namespace, run: Callable[[], float], note: str) -> dict:
    """The fields of a timed row: encode counts the document's tokens, decode the steps."""
    seconds = median_seconds(run, arguments.repeat)
    counted = arguments.tokens if arguments.row == "encode" else arguments.steps
    fields = {"tokens": arguments.tokens} | ({"steps": arguments.steps} if arguments.row == "decode" else {})
    return fields | {"seconds": seconds, "tokensPerSecond": counted / seconds, "peakBytes": peak_bytes(), "note": note}


def tokens_row(case: Path, golden: list[int], ours: list[int]) -> dict:
    """The fields of a tokens row: whether the ids are the golden ones, and if not, where they part."""
    pairs = list(zip(golden, ours))
    first = next((index for index, (a, b) in enumerate(pairs) if a != b), None)
    if first is None and len(golden) != len(ours):
        first = len(pairs)
    return {"case": case.resolve().name, "equal": first is None, "first_difference": first}


def answer(peer: str, version: str, forms: tuple[str, ...], measure: Callable[[argparse.Namespace], dict]) -> None:
    """Measure in a child process and print one line, whatever becomes of the child."""
    arguments = read_arguments()
    head = {"peer": peer, "version": version, "form": arguments.form, "row": arguments.row}
    child = os.fork()
    if child == 0:
        _measure_and_leave(head, forms, arguments, measure)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        likely = ", most likely for want of memory" if name == "SIGKILL" else ""
        _print_line(1, head | {"cannot": f"the process was ended by {name}{likely}"})


def _measure_and_leave(
    head: dict, forms: tuple[str, ...], arguments: argparse.Namespace, measure: Callable[[argparse.Namespace], dict]
) -> None:
    """The child's part: never returns."""
    # A measurement that outlives its starter would disturb the next one.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # Where memory runs out, the kernel is to end this process and no other.
    Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")
    # Libraries may print what they like, on stderr: stdout holds the one line.
    out = os.dup(1)
    os.dup2(2, 1)
    try:
        if arguments.form not in forms:
            raise Cannot(f"no form {arguments.form}; there is {', '.join(forms)}")
        line = head | measure(arguments)
    except Cannot as reason:
        line = head | {"cannot": str(reason)}
    except Exception as error:
        traceback.print_exc()
        line = head | {"cannot": f"{type(error).__name__}: {error}"}
    _print_line(out, line)
    sys.stderr.flush()
    os._exit(0)


def _print_line(descriptor: int, line: dict) -> None:
    """One JSON line."""
    os.write(descriptor, (json.dumps(line) + "\n").encode())
