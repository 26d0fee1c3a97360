"""Write the examinations as documents and files of questions for `recto eval`, so that the product itself is examined.

handwritten/ and exam/ as they are, the latter as PDF files too (printed.py), and generated documents of the test part (layouts, wordings and names never trained on), the
same as evaluate.py asks about; questions that their document does not answer, chains of two sentences, needles in 4,000 and 32,000 tokens; sentences to translate.
The others are text files, with blocks parted by blank lines.

Run: python as_documents.py OUT --work runs [--documents 80]; then: recto eval OUT/exam/questions.json
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections import defaultdict
from pathlib import Path

from tokenizers import Tokenizer

from documents.absent import ABSENT
from documents.generator import Generator
from evaluate import generated_examples
from printed import print_pdf


def write(folder: Path, documents: dict[str, tuple[str, list[dict]]], as_pdf: bool = False) -> None:
    """Each document by its name, as text or as a PDF file, and what `recto eval` asks about it."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = {}
    for name, (text, questions) in documents.items():
        path = folder / f"{name}.{'pdf' if as_pdf else 'txt'}"
        if as_pdf:
            print_pdf(text, name.replace("-", " ").capitalize(), path)
        else:
            path.write_text(text + "\n", encoding="utf-8")
        asked[path.name] = questions
    (folder / "questions.json").write_text(json.dumps(asked, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def written(folder: Path) -> dict[str, tuple[str, list[dict]]]:
    """The documents of a folder that were written by hand."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        found[path.stem] = ("\n\n".join(data["blocks"]), data["questions"])
    return found


def of_kind(work: Path, mix: dict[str, float], shortest: int, longest: int, documents: int, absent: float = 0.0) -> dict[str, tuple[str, list[dict]]]:
    """Documents of the test part of some kinds; a question that they do not answer has no answers."""
    source = Generator(work, "test", 2025).stream(mix, shortest, longest, absent)
    made = {}
    for number, example in enumerate(itertools.islice(source, 5, documents + 5)):
        asked = [{"question": question, "answers": [] if answer == ABSENT else [answer]} for question, answer, _ in example.questions[:6]]
        made[f"{number:03}"] = (example.text, asked)
    return made


def translations(work: Path, texts: int) -> dict[str, dict[str, tuple[str, list[dict]]]]:
    """Sentences of the test part by direction ("en-de"): so many texts in all, one question about each and direction."""
    found: dict[str, dict[str, tuple[str, list[dict]]]] = defaultdict(dict)
    for number, example in enumerate(itertools.islice(Generator(work, "test", 2025).stream({"translation": 1.0}, 1, 1), texts)):
        for question, answer, direction in example.questions:
            found[direction][f"{number:03}"] = (example.text, [{"question": question, "answers": [answer]}])
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
    write(options.out / "exam-pdf", written(Path(__file__).parent / "exam"), as_pdf=True)
    tokenizer = Tokenizer.from_file(str(options.work / "tokenizer" / "tokenizer.json"))
    length = lambda text: len(tokenizer.encode(text).ids)
    made = {}
    for number, (_, example) in enumerate(generated_examples(options.work, length, options.documents, options.seed)):
        made[f"{number:03}"] = (example.text, [{"question": question, "answers": [answer]} for question, answer, _ in example.questions])
    write(options.out / "generated", made)
    write(options.out / "absent", of_kind(options.work, {"document": 1.0}, 40, 300, 40, absent=0.5))
    write(options.out / "chain", of_kind(options.work, {"chain": 1.0}, 60, 400, 40))
    for name, words, documents in (("needle-4k", 2600, 40), ("needle-32k", 21000, 10)):
        write(options.out / name, of_kind(options.work, {"needle": 1.0}, words, words, documents))
    for direction, texts in translations(options.work, 160).items():
        write(options.out / f"translation-{direction}", texts)


if __name__ == "__main__":
    main()
