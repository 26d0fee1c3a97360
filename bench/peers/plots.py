"""Charts of a run's results: tokens a second over the document's length, encoding and decoding, one line a runner; and how
reading grows with the length, exact and in windows.

Knows: what bench/compare.ts and bench/growth.ts write down. Does not know: how anything was timed.

Run: python plots.py RESULTS.json OUT_FOLDER
     python plots.py --growth GROWTH.json [GROWTH.json ...] OUT_FOLDER
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullLocator

TITLES = {"encode": "Reading a document", "decode": "Answering beside a document"}
RECTO = {"Recto int8": "#9a3412", "Recto int4": "#ea580c", "Recto fp32": "#b7791f"}
PEERS = {"CTranslate2": "#1d4ed8", "transformers": "#6b7280", "llama.cpp": "#0f766e"}
LIGHTER_FORMS = ("fp32", "bf16", "Q4_0")
"""A peer's second form: the same colour, dashed. transformers fp32 is that peer's first."""
INK = "#374151"
LEAST_GAP = 0.045
"""Between two labels, as a share of the axis."""


def speeds(results: dict, row: str) -> dict[str, dict[int, float]]:
    """Tokens a second by runner and length; runners without a figure are left out."""
    found: dict[str, dict[int, float]] = {}
    for cell in results["cells"]:
        if cell["column"]["row"] == row and cell.get("figures"):
            found.setdefault(cell["runner"], {})[cell["column"]["tokens"]] = cell["figures"][0]["tokensPerSecond"]
    return found


def style(runner: str) -> dict:
    """How a runner's line looks: Recto's are thick and warm, the peers' thin."""
    if runner in RECTO:
        return {"color": RECTO[runner], "linewidth": 3.0, "marker": "o", "markersize": 6, "zorder": 3}
    peer, _, form = runner.partition(" ")
    is_second = form in LIGHTER_FORMS and runner != "transformers fp32"
    return {"color": PEERS[peer], "linewidth": 1.3, "linestyle": "--" if is_second else "-", "marker": "o", "markersize": 3}


def label_lines(axes: Axes, ends: dict[str, tuple[float, float]]) -> None:
    """Names at the right edge, beside where each line ends, moved apart where they would touch."""
    bottom, top = axes.get_ylim()
    to_axis = axes.transData + axes.transAxes.inverted()
    heights = {runner: to_axis.transform(end)[1] for runner, end in ends.items()}
    last = None
    placed: list[tuple[str, float]] = []
    for runner, height in sorted(heights.items(), key=lambda item: item[1]):
        last = height if last is None else max(height, last + LEAST_GAP)
        placed.append((runner, last))
    # Where they were pushed beyond the top, all of them come down, least gaps kept.
    ceiling = 1.0
    for index in range(len(placed) - 1, -1, -1):
        runner, height = placed[index]
        placed[index] = (runner, min(height, ceiling))
        ceiling = placed[index][1] - LEAST_GAP
    for runner, height in placed:
        weight = "bold" if runner in RECTO else "normal"
        axes.text(1.02, height, runner, transform=axes.transAxes, color=style(runner)["color"], va="center", weight=weight, fontsize=9)
    axes.set_ylim(bottom, top)


def number_axis(axes: Axes) -> None:
    """1, 2, 5, 10, 20 … on a logarithmic axis, plainly written."""
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_locator(NullLocator())


def length_name(tokens: int) -> str:
    """512, 2K, 32K."""
    return f"{tokens // 1024}K" if tokens >= 1024 else str(tokens)


def chart(results: dict, row: str, out: Path) -> None:
    """Write one chart. Lengths stand at even distances, which is a logarithmic axis that has room for 0."""
    by_runner = speeds(results, row)
    lengths = sorted({length for runner in by_runner.values() for length in runner})
    figure, axes = plt.subplots(figsize=(8, 4.6), dpi=150, facecolor="white")
    for runner, found in by_runner.items():
        points = sorted(found.items())
        axes.plot([lengths.index(length) for length, _ in points], [speed for _, speed in points], **style(runner))
    axes.set_yscale("log")
    axes.set_xticks(range(len(lengths)), [length_name(length) for length in lengths])
    axes.set_xlim(-0.15, max(len(lengths) - 1, 0) + 0.15)
    number_axis(axes)
    axes.set_xlabel("tokens of the document", color=INK)
    axes.set_title(f"{TITLES[row]}: tokens a second", color=INK, loc="left", weight="bold", fontsize=12)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, length=0, which="both")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color("#9ca3af")
    figure.subplots_adjust(left=0.08, right=0.8, top=0.9, bottom=0.13)
    label_lines(axes, {runner: (0, found[max(found)]) for runner, found in by_runner.items()})
    figure.savefig(out, facecolor="white")
    plt.close(figure)


MODES = {"exact": ("#9a3412", "exact"), "book": ("#1d4ed8", "book mode")}
MODEL_LINES = ("-", "--", ":")


def growth_panel(axes: Axes, growths: list[dict], value, title: str) -> None:
    """One quantity over the length, both axes logarithmic; a line for each model and mode."""
    for growth, line in zip(growths, MODEL_LINES):
        name = growth["model"]["name"]
        for mode, (color, words) in MODES.items():
            points = sorted((point["tokens"], value(point)) for point in growth["points"] if point["mode"] == mode and "seconds" in point)
            if not points:
                continue
            axes.plot(*zip(*points), color=color, linestyle=line, marker="o", markersize=4, linewidth=2, label=f"{name}, {words}")
    lengths = sorted({point["tokens"] for growth in growths for point in growth["points"]})
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(lengths, [length_name(length) if length < 2**20 else "1M" for length in lengths])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(lengths[0] * 0.85, lengths[-1] * 1.15)
    number_axis(axes)
    axes.set_title(title, color=INK, loc="left", weight="bold", fontsize=11)
    axes.set_xlabel("tokens of the document", color=INK)
    axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
    axes.tick_params(colors=INK, length=0, which="both")
    axes.spines[["top", "right", "left"]].set_visible(False)


def growth_chart(growths: list[dict], out: Path) -> None:
    """Time a token and peak memory, side by side."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.4), dpi=150, facecolor="white")
    growth_panel(left, growths, lambda point: 1000 * point["seconds"] / point["tokens"], "Reading: milliseconds a token")
    growth_panel(right, growths, lambda point: point["peakBytes"] / 1e9, "Peak memory of the process, GB")
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower center", ncols=len(labels), frameon=False, labelcolor=INK, fontsize=9, handlelength=3.5)
    figure.tight_layout(w_pad=3, rect=(0, 0.06, 1, 1))
    figure.savefig(out, facecolor="white")
    plt.close(figure)


def main() -> None:
    """Write both charts, or that of growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="+")
    parser.add_argument("out", type=Path, help="a folder")
    parser.add_argument("--growth", action="store_true", help="the results are of bench/growth.ts, one file a model")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    read = [json.loads(file.read_text(encoding="utf-8")) for file in arguments.results]
    if arguments.growth:
        growth_chart(read, arguments.out / "reading-growth.png")
        return
    for row, name in {"encode": "reading-speed.png", "decode": "answering-speed.png"}.items():
        chart(read[0], row, arguments.out / name)


if __name__ == "__main__":
    main()
