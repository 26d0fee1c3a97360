"""Compares two safetensors files tensor by tensor: largest and mean absolute difference, worst place, smallest row cosine.

    python tools/reference/compare.py EXPECTED.safetensors GOT.safetensors [--bound 3e-5]

Knows: nothing of the model, but that `encoder_rows` in either file says which rows of the encoder's states
and embeddings it holds. Exit code 1 when a shape differs, a value is not finite, nothing could be compared,
or, with --bound, a difference is larger than the bound; integers must be equal.
"""

import argparse
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

_ROWS = "encoder_rows"
_BY_ROW = ("encoder_last_hidden_state", "embeddings")


def compare(expected: dict[str, torch.Tensor], got: dict[str, torch.Tensor], bound: float | None) -> tuple[list[str], bool]:
    """Lines to print, and whether all is well."""
    if _ROWS in expected and _ROWS not in got:
        got = _pick_rows(got, expected[_ROWS])
    elif _ROWS in got and _ROWS not in expected:
        expected = _pick_rows(expected, got[_ROWS])
    names = sorted(set(expected) & set(got))
    if not names:
        return ["no tensor of the same name in both"], False
    lines, well = [], True
    for name in names:
        line, fine = _compare_one(expected[name], got[name], bound)
        lines.append(f"{name:32} {line}")
        well &= fine
    return lines, well


def _compare_one(expected: torch.Tensor, got: torch.Tensor, bound: float | None) -> tuple[str, bool]:
    if expected.shape != got.shape:
        return f"shape: expected {list(expected.shape)}, got {list(got.shape)}", False
    if not expected.is_floating_point():
        different = int((expected != got).sum())
        return f"{list(expected.shape)} integers, {different} different", different == 0
    expected, got = expected.double(), got.double()
    difference = (expected - got).abs()
    if not torch.isfinite(difference).all():
        return f"{list(expected.shape)} holds values that are not finite", False
    worst = int(difference.argmax())
    place = [int(part) for part in torch.unravel_index(torch.tensor(worst), expected.shape)]
    line = f"{list(expected.shape)} max abs {difference.max():.3g} at {place}, mean abs {difference.mean():.3g}, largest expected {expected.abs().max():.3g}"
    if expected.ndim == 2:
        line += f", least row cosine {torch.cosine_similarity(expected, got, dim=-1).min():.7f}"
    return line, bound is None or float(difference.max()) <= bound


def _pick_rows(tensors: dict[str, torch.Tensor], rows: torch.Tensor) -> dict[str, torch.Tensor]:
    return {name: tensor[rows] if name in _BY_ROW else tensor for name, tensor in tensors.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("expected", type=Path)
    parser.add_argument("got", type=Path)
    parser.add_argument("--bound", type=float)
    arguments = parser.parse_args()
    lines, well = compare(load_file(arguments.expected), load_file(arguments.got), arguments.bound)
    print("\n".join(lines))
    sys.exit(0 if well else 1)


if __name__ == "__main__":
    main()
