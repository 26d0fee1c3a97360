"""Charts of runs: what each examination gave over the tokens seen, one line a run; for the steps before, the losses on held-out text.

Run: python plots.py OUT_FOLDER --work runs NAME=RUN [NAME=RUN ...]     (RUN: a folder under --work, or a log; NAME: what the chart calls it)
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

INK, COLOURS = "#374151", ("#9a3412", "#1d4ed8", "#0f766e", "#6b7280", "#b7791f")
PANELS = {"exam": "blind examination: 30 documents by strangers", "handwritten": "8 documents written by hand", "held_out": "generated documents, unseen templates"}

BEFORE = {"held_out_loss": "text to be continued: loss", "held_out prefix": "a text's last quarter to be written: loss", "held_out 3 at 15 %": "short holes to be filled: loss"}
"""Of the steps before any question: losses on held-out text."""


def curve(log: Path, name: str) -> tuple[list[float], list[float]]:
    """(millions of tokens, values) of one figure of a log."""
    rows = [row for line in log.read_text(encoding="utf-8").splitlines() if name in (row := json.loads(line))]
    return [row["tokens"] / 1e6 for row in rows], [row[name] for row in rows]


def log_of(work: Path, run: str) -> Path:
    """A run's log."""
    return Path(run) if run.endswith(".jsonl") else work / run / "log.jsonl"


def draw(work: Path, runs: dict[str, str], panels: dict[str, str], path: Path) -> None:
    """One panel a figure, one line a run."""
    chart, all_axes = plt.subplots(1, len(panels), figsize=(4.6 * len(panels), 3.6), squeeze=False, layout="constrained")
    for axes, (figure, title) in zip(all_axes[0], panels.items()):
        for colour, (name, run) in zip(COLOURS, runs.items()):
            tokens, values = curve(log_of(work, run), figure)
            axes.plot(tokens, values, color=colour, label=name, linewidth=1.8, marker="o" if len(values) < 40 else None, markersize=3.5)
        axes.set_title(title, color=INK, fontsize=10, loc="left")
        axes.set_xlabel("million tokens seen", color=INK)
        axes.set_ylim(0, 1) if figure in PANELS else None
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(colors=INK)
    all_axes[0][0].legend(frameon=False, labelcolor=INK, fontsize=9)
    chart.savefig(path, dpi=110)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("runs", nargs="+")
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / "runs")
    parser.add_argument("--file", default="starter-model-learning.png")
    options = parser.parse_args()
    runs = dict(entry.split("=", 1) for entry in options.runs)
    first = log_of(options.work, next(iter(runs.values()))).read_text(encoding="utf-8")
    panels = PANELS if '"held_out"' in first else {name: title for name, title in BEFORE.items() if f'"{name}"' in first}
    draw(options.work, runs, panels, options.out / options.file)


if __name__ == "__main__":
    main()
