"""How often the sentence whose meaning is likeliest to a question's holds the answer: measured on documents written by hand (exam/)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Callable

import torch

EXAM = Path(__file__).parent / "exam"
DOCUMENTS = 12


def sentences_found(of_questions: Callable[[list[str]], torch.Tensor], of_texts: Callable[[list[str]], torch.Tensor]) -> tuple[float, float]:
    """Share of questions whose likeliest sentence, one of whose three likeliest, has the answer in it.

    of_questions, of_texts: unit vectors [texts, size]. A sentence's neighbours count half.
    """
    first, third, total = 0, 0, 0
    for path in sorted(EXAM.glob("*.json"))[:DOCUMENTS]:
        data = json.loads(path.read_text(encoding="utf-8"))
        lines = [line for block in data["blocks"] for line in block.split("\n")]
        sentences = [sentence for line in lines for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", line) if sentence.strip()]
        around = [" ".join(sentences[max(0, i - 1) : i + 2]) for i in range(len(sentences))]
        likeness = of_questions([item["question"] for item in data["questions"]]) @ (of_texts(sentences) + 0.5 * of_texts(around)).T
        for item, row in zip(data["questions"], likeness):
            holds = [any(answer.casefold() in sentence.casefold() for answer in item["answers"]) for sentence in sentences]
            if any(holds):
                best = row.argsort(descending=True)[:3]
                first, third, total = first + holds[best[0]], third + any(holds[i] for i in best), total + 1
    return round(first / total, 3), round(third / total, 3)
