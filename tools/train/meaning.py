"""What sentences and questions mean, in few numbers out of MiniLM's; and that training to answer keeps it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.nn.functional import cosine_similarity

from documents.generator import Generator
from minilm import MiniLM
from ready import READING, SIDE, SLOW
from texts import GENERATED

if TYPE_CHECKING:
    from batches import Batch

SAMPLES = 100
KEPT = torch.tensor(SLOW) + SIDE  # of the first finding head's keys, those that keep a sentence's meaning; the two query heads beside them are 2 and 3
RANK = 0.02  # directions in which MiniLM's vectors differ less than this share of the most say nothing
START = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|\n+")


def sentence_starts(text: str) -> np.ndarray:
    """Characters at which the sentences and lines of a text begin, from 0 on."""
    return np.array([0, *(match.end() for match in START.finditer(text) if match.end() < len(text))])


def sentences(text: str) -> list[str]:
    """The sentences and lines of a text: as many as `sentence_starts` has."""
    starts = [*sentence_starts(text).tolist(), len(text)]
    return [text[start:stop] for start, stop in zip(starts, starts[1:])]


def sentence_of(text: str, offsets: list[tuple[int, int]]) -> np.ndarray:
    """The number of each token's sentence; a token's characters may begin with the space before it."""
    return np.searchsorted(sentence_starts(text), np.array([end - 1 for _, end in offsets]).clip(0), side="right") - 1


@dataclass
class Meaning:
    """MiniLM's vectors of whole sentences in len(SLOW) numbers: unit vectors, whose angles still say what is alike.

    With 43 of its 384 numbers the likeliest sentence is right nearly as often as with all of them (docs/decisions/0014).
    """

    mean: np.ndarray  # [384]
    main: np.ndarray  # [384, len(SLOW)]

    @classmethod
    def draw(cls, work: Path, minilm: MiniLM) -> Meaning:
        """The main directions of sentences and of questions about them."""
        source = Generator(work, "train", 6).stream(GENERATED, 60, 400)
        made = [next(source) for _ in range(SAMPLES)]
        told = minilm.sentences([sentence for example in made for sentence in sentences(example.text)]).astype(np.float32)
        asked = minilm.sentences([question for example in made for question, *_ in example.questions]).astype(np.float32)
        rows = np.concatenate([told - told.mean(0), asked - asked.mean(0)])
        return cls(told.mean(0), np.linalg.svd(rows, full_matrices=False)[2][: len(SLOW)].T.copy())

    @classmethod
    def kept_in(cls, state: dict) -> Meaning:
        """What distil.py kept with its state, under "sentence"."""
        return cls(state["mean"].numpy(), state["main"].numpy())

    @classmethod
    def learnt_by(cls, model, tokenizer: Tokenizer, work: Path, minilm: MiniLM) -> Meaning:
        """What a model's finding head keeps already, where distil.py's state is not at hand: of sentences, the mean of their words' keys."""
        source, attention = Generator(work, "train", 6).stream(GENERATED, 60, 400), model.model.decoder.layers[READING].self_attn
        told, kept = [], []
        for text in (next(source).text for _ in range(3 * SAMPLES)):
            encoding = tokenizer.encode(text)
            with torch.no_grad():
                states = model.model.encoder(input_ids=torch.tensor([encoding.ids])).last_hidden_state
                keys = torch.nn.functional.normalize(attention.k_proj(states)[0][1:, KEPT], dim=-1).numpy()  # all but <bos>
            owner, lines = sentence_of(text, encoding.offsets)[1:], sentences(text)
            present = np.unique(owner)  # a line of spaces alone may own no token
            told.append(minilm.sentences([lines[number] for number in present]).astype(np.float32))
            kept += [keys[owner == number].mean(0) for number in present]
        return cls.nearest(np.concatenate(told), np.stack(kept))

    @classmethod
    def nearest(cls, told: np.ndarray, kept: np.ndarray) -> Meaning:
        """The one whose vectors come nearest to what is kept of sentences. told: MiniLM's of these, float32 [sentences, 384]; kept: [sentences, len(SLOW)]."""
        return cls(told.mean(0), np.linalg.lstsq(told - told.mean(0), kept, rcond=RANK)[0])

    def of_tokens(self, minilm: MiniLM, text: str, offsets: list[tuple[int, int]]) -> np.ndarray:
        """float16 [tokens, len(SLOW)]: of the sentence in which each token stands. What all sentences share says nothing and is left out."""
        return self._unit(minilm.sentences(sentences(text)).astype(np.float32) - self.mean)[sentence_of(text, offsets)]

    def of_questions(self, minilm: MiniLM, questions: list[str]) -> np.ndarray:
        """float16 [questions, len(SLOW)]."""
        return self._unit(minilm.sentences(questions).astype(np.float32))

    def _unit(self, vectors: np.ndarray) -> np.ndarray:
        rows = np.nan_to_num(vectors) @ self.main  # a line of nothing that MiniLM knows has no mean
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-6)).astype(np.float16)


@dataclass
class Teacher:
    """Tells every fourth batch what MiniLM makes of its sentences and questions: telling all of them costs a quarter of the time."""

    meaning: Meaning
    minilm: MiniLM
    every: int = 4

    def tell(self, batch: Batch, documents: list[tuple[str, list[tuple[int, int]]]], questions: list[str]) -> None:
        """documents: a batch's texts ("": nothing is told of it), and the characters of their tokens; questions: all that is asked about them, in order."""
        batch.asks = self.meaning.of_questions(self.minilm, questions)
        batch.told = np.zeros((*batch.documents.shape, len(SLOW)), np.float16)
        for row, (text, offsets) in zip(batch.told, documents):
            if text:
                row[1 : len(offsets)] = self.meaning.of_tokens(self.minilm, text, offsets)[1:]  # all but <bos>


class Keeping:
    """Holds the decoder's first finding head to MiniLM's sense of what is alike while it learns to answer: what documents of the lessons ask for teaches few of the
    words that people use."""

    def __init__(self, decoder: torch.nn.Module):
        attention = decoder.layers[READING].self_attn
        self.queries, self.keys = torch.zeros(0), torch.zeros(0)
        attention.q_proj.register_forward_hook(lambda _module, _given, made: setattr(self, "queries", made))
        attention.k_proj.register_forward_hook(lambda _module, _given, made: setattr(self, "keys", made))  # of the document, which comes last

    def apart(self, batch: Batch) -> tuple[torch.Tensor, dict[str, float]]:
        """1 - cosine of what was asked and told in the last pass, both added up; and each of them."""
        at = torch.from_numpy(batch.weights).gt(1.0).nonzero(as_tuple=True)
        told, asks = (torch.from_numpy(vectors).float() for vectors in (batch.told, batch.asks))
        real = told.any(-1)
        asked = self.queries[at]
        of_questions = torch.stack([1 - cosine_similarity(asked[:, KEPT + SIDE * head], asks, dim=-1).mean() for head in (1, 2)]).mean()
        of_sentences = 1 - cosine_similarity(self.keys[real][:, KEPT], told[real], dim=-1).mean()
        return of_questions + of_sentences, {"questions_apart": float(of_questions.detach()), "sentences_apart": float(of_sentences.detach())}
