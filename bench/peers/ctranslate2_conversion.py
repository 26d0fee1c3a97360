"""CTranslate2's own form of a T5Gemma 2 checkpoint, made once by CTranslate2's converter and kept.

Knows: which quantisation each form stands for, and where converted models lie.
Does not know: how they are run.

Run by ctranslate2_peer.py, as a process of its own: the peak of a measured one must not be the converter's.
    python ctranslate2_conversion.py CHECKPOINT OUT FORM
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

QUANTISATIONS = {"int8": "int8", "fp32": "float32"}
"""int8: matrices in 8 bits and the rest in float32, one scale a row."""


def converted(checkpoint: Path, folder: Path, form: str) -> Path:
    """The folder of the converted checkpoint; made now where it is not there yet, and never half."""
    if not folder.exists():
        unfinished = folder.with_name(folder.name + ".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, __file__, str(checkpoint), str(unfinished), form], check=True)
        unfinished.rename(folder)
    return folder


def main() -> None:
    """Convert one checkpoint."""
    from ctranslate2.converters import TransformersConverter  # brings torch and transformers, which the measured process must not hold

    checkpoint, out, form = sys.argv[1:]
    TransformersConverter(checkpoint).convert(out, quantization=QUANTISATIONS[form])


if __name__ == "__main__":
    main()
