"""From examples to padded tensors: documents for the encoder, their questions packed for the decoder.

All questions about a document lie one after another in one decoder row; masks keep them apart and
positions start anew, so that the document is encoded once and its keys are computed once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterable, Iterator, NamedTuple

import numpy as np
import torch
from tokenizers import Encoding, Tokenizer
from torch.nn.functional import cross_entropy

from documents.drills import Example
from fused import NAME, blocked
from pointing import NOWHERE, Places, find, follow

if TYPE_CHECKING:
    from meaning import Teacher

FIRST_WEIGHT = 5.0  # the first token of an answer decides where it is copied from; the rest follows easily


class Asked(NamedTuple):
    """A question as token ids, what is to be written, and where it stands in the document."""

    prompt: list[int]
    target: list[int]
    places: Places = NOWHERE
    text: str = ""


@dataclass
class Batch:
    """B documents of S tokens, T decoder tokens; `segments` numbers the questions of a row from 1 (0: padding)."""

    documents: np.ndarray  # int64 [B, S], 0 is padding
    inputs: np.ndarray  # int64 [B, T]
    targets: np.ndarray  # int64 [B, T]
    weights: np.ndarray  # float32 [B, T]; 0 on prompts and padding
    segments: np.ndarray  # int64 [B, T]
    positions: np.ndarray  # int64 [B, T]
    token: np.ndarray  # bool [weighted, S], where weights are, row by row: where the token to be written stands in the document, or what it is the translation of
    around: np.ndarray  # bool [weighted, S]: the sentences around
    told: np.ndarray | None = None  # float16 [B, S, M]: what MiniLM makes of each document token's sentence; zero where there is none
    asks: np.ndarray | None = None  # float16 [questions, M]: and of each question, row by row

    @property
    def tokens(self) -> int:
        return int((self.documents > 0).sum() + (self.segments > 0).sum())


def prompt_ids(tokenizer: Tokenizer, question: str) -> list[int]:
    """<bos> and the decoder's prompt."""
    return tokenizer.encode(f"Question: {question}\nAnswer:").ids


def encode_example(tokenizer: Tokenizer, example: Example, longest: int, decoder_longest: int) -> tuple[list[int], list[Asked]]:
    """Document ids and what is asked, as far as there is room; nothing of a document that is too long."""
    encoding = tokenizer.encode(example.text)
    if len(encoding.ids) > longest:
        return [], []
    return encoding.ids, encode_questions(tokenizer, example, encoding, decoder_longest)


def encode_questions(tokenizer: Tokenizer, example: Example, encoding: Encoding, room: int) -> list[Asked]:
    """What is asked about a document that is encoded already, as far as there is room."""
    asked = []
    for number, (question, answer, *kind) in enumerate(example.questions):
        prompt = prompt_ids(tokenizer, question)
        target, places = ([], NOWHERE) if kind == ["yes-no"] else find(example.text, encoding.ids, encoding.offsets, answer)  # a "no" that stands somewhere says nothing
        if not target:
            written = tokenizer.encode(" " + answer, add_special_tokens=False)
            target = written.ids
            if example.aligned:
                places = follow(encoding.offsets, [(first - 1, past - 1) for first, past in written.offsets], example.aligned[number])
        target = target + [1]
        if len(prompt) + len(target) - 1 <= room:
            room -= len(prompt) + len(target) - 1
            asked.append(Asked(prompt, target, places, question))
    return asked


def collate(encoded: list[tuple[list[int], list[Asked]]], long: int = 0, wide: int = 0, first_weight: float = FIRST_WEIGHT) -> Batch:
    """Pad encoded examples to one batch, at least `long` document tokens and `wide` decoder tokens."""
    rows = []
    for _, asked in encoded:
        inputs, targets, weights, segments, positions = [], [], [], [], []
        for number, (prompt, target, *_) in enumerate(asked, 1):
            whole = prompt + target
            count = len(whole) - 1
            inputs += whole[:-1]
            targets += whole[1:]
            weights += [0.0] * (len(prompt) - 1) + [first_weight] + [1.0] * (len(target) - 1)
            segments += [number] * count
            positions += range(count)
        rows.append((inputs, targets, weights, segments, positions))
    size, wide = len(rows), max([wide] + [len(row[0]) for row in rows])
    long = max([long] + [len(document) for document, _ in encoded])
    documents = np.zeros((size, long), np.int64)
    arrays = [np.zeros((size, wide), np.float32 if i == 2 else np.int64) for i in range(5)]
    for i, ((document, _), row) in enumerate(zip(encoded, rows)):
        documents[i, : len(document)] = document
        for array, values in zip(arrays, row):
            array[i, : len(values)] = values
    token, around = (np.zeros((sum(len(question.target) for _, asked in encoded for question in asked), long), bool) for _ in range(2))
    written = 0
    for question in (question for _, asked in encoded for question in asked):
        for number, (there, line) in enumerate(zip(*question.places), written):
            token[number, list(there)] = True
            around[number, list(line)] = True
        written += len(question.target)
    return Batch(documents, *arrays, token, around)


# Few shapes, each filled to the brim: the CPU's matrix kernels are made anew for every new shape.
# (document tokens, decoder tokens)
SHAPES = ((32, 96), (64, 128), (128, 192), (256, 320), (384, 384), (512, 448), (640, 512), (768, 512), (1024, 512), (1536, 512), (2112, 512))


def batches(tokenizer: Tokenizer, examples: Iterable[Example], batch_tokens: int, teacher: Teacher | None = None) -> Iterator[Batch]:
    """Full batches of about `batch_tokens` encoder tokens, each of one of SHAPES; with what a teacher makes of them."""
    waiting: dict[tuple[int, int], list] = {shape: [] for shape in SHAPES}
    made = 0
    for example in examples:
        encoding = tokenizer.encode(example.text)
        shape = next((shape for shape in SHAPES if len(encoding.ids) <= shape[0]), None)
        if shape is None:
            continue
        asked = encode_questions(tokenizer, example, encoding, shape[1])
        if not asked:
            continue
        waiting[shape].append(("" if example.kind == "translation" else example.text, encoding, asked))  # MiniLM reads English alone
        # Count the decoder's tokens too, so that short documents do not make the batch huge.
        if len(waiting[shape]) >= max(1, round(batch_tokens / (shape[0] + shape[1] / 2))):
            batch = collate([(encoding.ids, asked) for _, encoding, asked in waiting[shape]], *shape)
            documents = [(text, encoding.offsets) for text, encoding, _ in waiting[shape]]
            if teacher and made % teacher.every == 0 and any(text for text, _ in documents):
                teacher.tell(batch, documents, [question.text for *_, asked in waiting[shape] for question in asked])
            yield batch
            waiting[shape], made = [], made + 1


@dataclass
class Pass:
    """What a model made of a batch. `logits`, `targets`, `weights`: at the weighted positions, and some of weight 0 at the end."""

    logits: torch.Tensor  # [N, V]
    targets: torch.Tensor  # int64 [N]
    weights: torch.Tensor  # float32 [N]

    def each(self) -> torch.Tensor:
        """Cross entropy at every position: float32 [N]."""
        return cross_entropy(self.logits.float(), self.targets, reduction="none")

    def loss(self, each: torch.Tensor) -> torch.Tensor:
        """The weighted mean of them."""
        return (each * self.weights).sum() / self.weights.sum()


def encoder_masks(model, present: torch.Tensor) -> dict[str, torch.Tensor]:
    """What each document token may see, by kind of layer. present: bool [B, S]."""
    count, length = present.shape
    window = model.config.encoder.text_config.sliding_window
    is_fused = model.model.encoder.text_model.config._attn_implementation == NAME
    if is_fused and length % (window // 2) == 0 and length > window * 3 // 2:
        close = blocked(present, window)[:, None]
    else:
        place = torch.arange(length)
        offset = place[:, None] - place[None, :]
        near = ((offset >= 0) & (offset < (window + 1) // 2)) | ((offset < 0) & (-offset < window // 2 + 1))
        # A padded row sees nothing in its window; let each position see itself, so that no softmax is empty.
        close = (near & present[:, None, :] | torch.eye(length, dtype=torch.bool))[:, None]
    return {"full_attention": present[:, None, None, :].expand(count, 1, length, length), "sliding_attention": close}


def decode(model, batch: Batch) -> torch.Tensor:
    """One pass through transformers' own modules: what the decoder makes of every token, [B, T, C]."""
    documents = torch.from_numpy(batch.documents)
    segments = torch.from_numpy(batch.segments)
    count, length = documents.shape
    masks = encoder_masks(model, documents > 0)
    states = model.model.encoder.text_model(input_ids=documents, attention_mask=masks).last_hidden_state
    steps = segments.shape[1]
    own = (segments[:, :, None] == segments[:, None, :]) & torch.ones(steps, steps, dtype=torch.bool).tril()
    own, cross = own[:, None], masks["full_attention"][:, :, :1].expand(count, 1, steps, length)
    return model.model.decoder(
        input_ids=torch.from_numpy(batch.inputs),
        position_ids=torch.from_numpy(batch.positions),
        attention_mask={"full_attention": own, "sliding_attention": own},
        encoder_hidden_states=states,
        encoder_attention_mask={"full_attention": cross},
        use_cache=False,
    ).last_hidden_state


def forward(model, batch: Batch) -> Pass:
    """One pass, and the logits where weights are."""
    decoded = decode(model, batch)
    weights = torch.from_numpy(batch.weights).flatten()
    chosen = weights.nonzero()[:, 0]
    # Filled up to a round number with the first position at weight 0: again for the sake of few shapes.
    fill = -len(chosen) % 128
    chosen, weight = torch.cat([chosen, chosen.new_zeros(fill)]), torch.cat([weights[chosen], weights.new_zeros(fill)])
    logits = model.lm_head(decoded.flatten(0, 1)[chosen])
    return Pass(logits, torch.from_numpy(batch.targets).flatten()[chosen], weight)
