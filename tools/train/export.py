"""The checkpoint folder, in transformers' form, that a training run has left.

Run: python export.py FOLDER --work runs
     python export.py FOLDER --work runs --untrained     (start values only, to try an importer with)
     python export.py FOLDER --work runs --check check.json    (also what transformers answers to six questions)
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from tokenizers import Tokenizer

from model import build_config, build_model, save_checkpoint


def write_check(folder: Path, path: Path) -> None:
    """Six questions on hand-written documents with the exact greedy text, for other runtimes to be held against."""
    from evaluate import Reader

    reader, rows = Reader(folder), []
    for source in sorted((Path(__file__).parent / "handwritten").glob("*.json"))[:6]:
        data = json.loads(source.read_text(encoding="utf-8"))
        text = "\n\n".join(data["blocks"])
        question = data["questions"][1]["question"]
        rows.append({"document": text, "question": question, "greedy": reader.answer(reader.read(text), question)})
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / "runs")
    parser.add_argument("--run", default="train", help="the run's folder in there")
    parser.add_argument("--untrained", action="store_true")
    parser.add_argument("--check", type=Path)
    options = parser.parse_args()
    if options.untrained:
        tokenizer = options.work / "tokenizer"
        save_checkpoint(build_model(build_config(Tokenizer.from_file(str(tokenizer / "tokenizer.json")).get_vocab_size())), tokenizer, options.folder)
    else:
        shutil.copytree(options.work / options.run / "last", options.folder, dirs_exist_ok=True)
    if options.check:
        write_check(options.folder, options.check)


if __name__ == "__main__":
    main()
