"""Write a checkpoint folder in transformers' form from the state of a training run.

Run: python export.py FOLDER --work runs
     python export.py FOLDER --work runs --untrained     (start values only, to try an importer with)
     python export.py FOLDER --work runs --check check.json    (also what transformers answers to six questions)
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import T5Gemma2Config, T5Gemma2ForConditionalGeneration

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
    tokenizer_folder = options.work / "tokenizer"
    if options.untrained:
        model = build_model(build_config(Tokenizer.from_file(str(tokenizer_folder / "tokenizer.json")).get_vocab_size()))
    else:
        state = torch.load(options.work / options.run / "state.pt", weights_only=False, map_location="cpu")
        model = T5Gemma2ForConditionalGeneration(T5Gemma2Config(**state["config"]))
        model.load_state_dict(state["model"])
    save_checkpoint(model, tokenizer_folder, options.folder)
    if options.check:
        write_check(options.folder, options.check)


if __name__ == "__main__":
    main()
