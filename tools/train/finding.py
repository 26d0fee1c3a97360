"""How often the sentence likeliest a question holds its answer, by the meanings alone; on exam/, written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable

import torch
from tokenizers import Tokenizer
from torch.nn.functional import normalize

from batches import encoder_masks
from meaning import sentence_of, sentences
from ready import MEANING

EXAM = Path(__file__).parent / "exam"


def told_at_tokens(model, sentence: torch.Tensor, tokenizer: Tokenizer, text: str) -> tuple[torch.Tensor, list[tuple[int, int]]]:
    """What a model's encoder says at each token of its sentence's meaning: unit vectors [tokens, size], and the tokens' characters. sentence: [size, WIDTH], reads it."""
    encoding = tokenizer.encode(text)
    ids = torch.tensor([encoding.ids])
    states = model.model.encoder.text_model(input_ids=ids, attention_mask=encoder_masks(model, ids > 0)).last_hidden_state
    return normalize(states[0, :, MEANING] @ sentence.T, dim=1), encoding.offsets


@torch.no_grad()
def sentences_found(model, sentence: torch.Tensor, tokenizer: Tokenizer, of_questions: Callable[[list[str]], torch.Tensor]) -> dict[str, float]:
    """Share of questions for which the sentence of the likeliest token, one of those of the three likeliest sentences, has the answer in it.

    sentence: as for `told_at_tokens`; of_questions: unit vectors [questions, size].
    """
    first, third, total = 0, 0, 0
    for path in sorted(EXAM.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        text = "\n\n".join(data["blocks"])
        vectors, offsets = told_at_tokens(model, sentence, tokenizer, text)
        owner, said = sentence_of(text, offsets), sentences(text)
        likeness = of_questions([item["question"] for item in data["questions"]]) @ vectors.T
        for item, row in zip(data["questions"], likeness):
            best = list(dict.fromkeys(owner[row.argsort(descending=True).numpy()].tolist()))[:3]
            holds = [any(answer in said[number] for answer in item["answers"]) for number in best]
            first, third, total = first + holds[0], third + any(holds), total + 1
    return {"sentence first": round(first / total, 3), "sentence of three": round(third / total, 3)}
