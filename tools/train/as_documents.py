"""Write the examinations as documents and files of questions for `recto eval`, so that the product itself is examined.

handwritten/ and exam/ as they are, and generated documents of the test part (layouts, wordings and names never trained on), the
same as evaluate.py asks about. Text files; blocks are parted by blank lines.

Run: python as_documents.py OUT --work runs [--documents 80]; then: recto eval OUT/exam/questions.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tokenizers import Tokenizer

from evaluate import generated_examples


def write(folder: Path, documents: dict[str, tuple[str, list[dict]]]) -> None:
    """Each document by its name: its text, and what is asked about it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (text, _) in documents.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    asked = {name: questions for name, (_, questions) in documents.items()}
    (folder / "questions.json").write_text(json.dumps(asked, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def written(folder: Path) -> dict[str, tuple[str, list[dict]]]:
    """The documents of a folder that were written by hand."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        found[f"{path.stem}.txt"] = ("\n\n".join(data["blocks"]), data["questions"])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / "runs")
    parser.add_argument("--documents", type=int, default=80)
    parser.add_argument("--seed", type=int, default=2024)
    options = parser.parse_args()
    for name in ("handwritten", "exam"):
        write(options.out / name, written(Path(__file__).parent / name))
    tokenizer = Tokenizer.from_file(str(options.work / "tokenizer" / "tokenizer.json"))
    length = lambda text: len(tokenizer.encode(text).ids)
    made = {}
    for number, (_, example) in enumerate(generated_examples(options.work, length, options.documents, options.seed)):
        made[f"{number:03}.txt"] = (example.text, [{"question": question, "answers": [answer]} for question, answer, _ in example.questions])
    write(options.out / "generated", made)


if __name__ == "__main__":
    main()
