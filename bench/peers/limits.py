"""The machine's own limits as one JSON line: what limits.c measures, on one thread and on two.

Knows: how limits.c is compiled, for the CPU it then runs on, and what that CPU is called.
Does not know: how anything is measured.

Run: python limits.py --work FOLDER
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("limits.c")


def cpu_name() -> str:
    """The CPU as the kernel names it."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def measure(work: Path, threads: int) -> dict:
    """Compile, run, and read what was printed."""
    work.mkdir(parents=True, exist_ok=True)
    program = work / "limits"
    subprocess.run(["gcc", "-O3", "-march=native", "-Wall", "-pthread", "-o", program, SOURCE], check=True)
    return json.loads(subprocess.run([program, str(threads)], check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Print the line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="where the compiled program is kept")
    arguments = parser.parse_args()
    found = {str(threads): measure(arguments.work, threads) for threads in (1, 2)}
    instructions = {limits.pop("int8Instructions") for limits in found.values()}
    print(json.dumps({"row": "limits", "cpu": cpu_name(), "int8Instructions": instructions.pop(), "threads": found}))


if __name__ == "__main__":
    main()
