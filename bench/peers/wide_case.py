"""A golden case once more, with a sliding window that holds the document and the answer together.

Knows: that CTranslate2 4.8.5 applies no sliding window, so that it agrees with transformers only where a window cuts nothing off. This
case shows that it is run rightly, and that a difference in a golden case is its own.
Does not know: who is asked for the case's tokens; it is a case folder like any other, whose greedy ids come from transformers.

Run: python wide_case.py CASE_FOLDER OUT, then PEER tokens OUT
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import torch
from documents import golden_case
from safetensors.numpy import save_file
from transformers_peer import decode_once, encode_once, load

WINDOW = 512


@torch.inference_mode()
def write_case(case: Path, out: Path) -> None:
    """Copy the checkpoint, widen its window, and write what transformers makes of the same document."""
    checkpoint, input_ids, golden = golden_case(case)
    shutil.copytree(checkpoint, out / "checkpoint")
    path = out / "checkpoint" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    for part in (config["encoder"]["text_config"], config["decoder"]):
        part["sliding_window"] = WINDOW
    path.write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    model = load(out / "checkpoint", torch.float32)
    _, states = encode_once(model, torch.tensor([input_ids]))
    _, written = decode_once(model, states, len(golden) - 1, [])
    save_file({"input_ids": np.array(input_ids), "greedy_ids": np.array(written)}, out / "case.safetensors")


if __name__ == "__main__":
    write_case(Path(sys.argv[1]), Path(sys.argv[2]))
