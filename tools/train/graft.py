"""A T5Gemma 2 whose encoder begins as MiniLM: its layers put into this architecture's form, so that little is left to learn until both agree.

The two differ. MiniLM adds and then normalises, has biases, learnt places, a gate-less MLP and 384 numbers a token; T5Gemma 2 normalises before and
after each branch, has none of the biases, turns queries and keys by RoPE and normalises them, and gates its MLP. So:

- the stream of a token carries, beside what it is and what all tokens have in common (ready.py), MiniLM's states in their MEANING.stop -
  MEANING.start main directions; each layer reads from there what MiniLM's reads from its own, by a linear map fitted on sample texts;
- a bias becomes a column that reads what all tokens have in common;
- a branch's norm gives it the size that it has on average;
- gates are MiniLM's inner numbers (the most used ones), what they are multiplied with is 1;
- within a head, the directions that decide least lie where RoPE turns fastest.

What is lost (an unexplained share of the states' variance from 0.7 after the first layer to 1.6 after the last) distil.py makes good.

Knows: both forms. Does not know: training, the decoder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

import torch
from transformers import BertModel

from minilm import MiniLM
from model import HIDDEN
from ready import CONTENT_SIZE, LEVEL, LEVEL_SIZE, MEANING, MEANING_SIZE

WIDTH = MEANING.stop - MEANING.start
HUGE = 1.5  # numbers of a branch that are larger than this on average only tell MiniLM to take a token for unimportant: left out


@dataclass
class Seen:
    """What was seen in a BERT while it read sample texts: rows are tokens. Places: 0 after the embeddings, then two a layer."""

    states: list[torch.Tensor]  # by place, after its norm
    branches: list[torch.Tensor]  # by place, what was added to the state before (nothing at 0)
    kept: list[torch.Tensor]  # by place, 1 for the numbers of the branch that count, 0 for huge ones
    queries: list[torch.Tensor]  # by layer
    keys: list[torch.Tensor]
    inner: list[torch.Tensor]

    def directions(self) -> torch.Tensor:
        """The main directions of all places together: orthonormal columns [hidden, WIDTH]."""
        rows = torch.cat([states / states.norm(dim=1).mean() for states in self.states])
        return torch.linalg.eigh(rows.T @ rows).eigenvectors.flip(1)[:, :WIDTH]


@torch.no_grad()
def watch(minilm: MiniLM, texts: Sequence[str]) -> Seen:
    """Let it read, and keep what is needed."""
    bert = minilm.bert
    norms = [bert.embeddings.LayerNorm]
    for layer in bert.encoder.layer:
        norms += [layer.attention.output.LayerNorm, layer.output.LayerNorm]
    before, after = [[[] for _ in norms] for _ in range(2)]
    queries, keys, inner = [[[] for _ in bert.encoder.layer] for _ in range(3)]

    def keep(store: list, is_input: bool = False):
        return lambda _module, given, made: store.append((given[0] if is_input else made)[0, 1:-1]) and None

    hooks = []
    for number, norm in enumerate(norms):
        hooks += [norm.register_forward_hook(keep(before[number], True)), norm.register_forward_hook(keep(after[number]))]
    for number, layer in enumerate(bert.encoder.layer):
        hooks.append(layer.attention.self.query.register_forward_hook(keep(queries[number])))
        hooks.append(layer.attention.self.key.register_forward_hook(keep(keys[number])))
        hooks.append(layer.intermediate.register_forward_hook(keep(inner[number])))
    for text in texts:
        for window in minilm.windows(text):
            minilm.run([window])
    for hook in hooks:
        hook.remove()
    before, after, queries, keys, inner = ([torch.cat(rows) for rows in stores] for stores in (before, after, queries, keys, inner))
    branches = [torch.zeros(0)] + [summed - state for summed, state in zip(before[1:], after)]
    kept = [torch.zeros(0)] + [(branch.abs().mean(0) < HUGE).float() for branch in branches[1:]]
    branches = [branch * mask for branch, mask in zip(branches, kept)]
    return Seen(after, branches, kept, queries, keys, inner)


@torch.no_grad()
def word_states(minilm: MiniLM, pieces: dict[str, int]) -> torch.Tensor:
    """What each of our tokens means before anything is read: [pieces, hidden], MiniLM's state at place 0, in the middle of its places.

    A token that is several of its tokens takes their mean; one that stands for no text, that of common marks.
    """
    embeddings, known = minilm.bert.embeddings, minilm.tokenizer.get_vocab()
    words = embeddings.word_embeddings.weight
    marks = [known[mark] for mark in (".", ",", "[SEP]")]
    rows = torch.stack([words[_pieces_of(piece, minilm, known) or marks].mean(0) for piece in sorted(pieces, key=pieces.__getitem__)])
    place = embeddings.position_embeddings.weight[:128].mean(0)
    return embeddings.LayerNorm(rows + embeddings.token_type_embeddings.weight[0] + place)


def _pieces_of(piece: str, minilm: MiniLM, known: dict[str, int]) -> list[int]:
    """MiniLM's tokens for one of ours; for the end of a word those that it has for ends of words."""
    text = piece.replace("▁", " ").strip().lower()
    if re.fullmatch(r"<.*>", piece) or not text:
        return []
    if piece.startswith("▁") or not piece.isalpha() or not piece[0].islower():
        unknown = known["[UNK]"]
        return [number for number in minilm.tokenizer.encode(text, add_special_tokens=False).ids if number != unknown]
    found = []
    while text:
        length = next((length for length in range(len(text), 0, -1) if f"##{text[:length]}" in known), 0)
        found += [known[f"##{text[:length]}"]] if length else []
        text = text[max(length, 1) :]
    return found


class Stream:
    """What the grafted encoder's stream holds at each place, followed on the sample texts' states."""

    def __init__(self, seen: Seen, directions: torch.Tensor):
        self.directions, self.rows = directions, seen.states[0] @ directions
        self.grown = 1.0
        """How much longer the stream is than MiniLM's state, which shrinks with each norm."""

    def add(self, branch: torch.Tensor, state: torch.Tensor) -> None:
        """A branch comes on top; `state` is MiniLM's after it."""
        self.rows = self.rows + self.grown * branch @ self.directions
        self.grown = float((self.rows * (state @ self.directions)).sum() / state.square().sum())

    def reader(self, state: torch.Tensor) -> tuple[torch.Tensor, float]:
        """(map [WIDTH + 1, hidden] from the normed stream (MEANING, then one of LEVEL's numbers) to MiniLM's state, that number's mean)."""
        size = (((MEANING_SIZE * self.rows).square().sum(1) + CONTENT_SIZE**2 + LEVEL_SIZE**2) / HIDDEN).sqrt()
        level = LEVEL_SIZE / (LEVEL.stop - LEVEL.start) ** 0.5 / size
        read = torch.cat([MEANING_SIZE * self.rows / size[:, None], level[:, None]], 1)
        small = 1e-4 * len(read) * read.square().mean() * torch.eye(read.shape[1])
        return torch.linalg.solve(read.T @ read + small, read.T @ state), float(level.mean())


class Reader:
    """Writes matrices that read MiniLM's state out of the stream."""

    def __init__(self, reader: torch.Tensor, level: float):
        self.reader, self.level = reader, level

    def into(self, weight: torch.Tensor, matrix: torch.Tensor, bias: torch.Tensor) -> None:
        """Rows of a projection become matrix [rows, hidden] and bias [rows] of MiniLM's state."""
        through = matrix @ self.reader.T
        weight.zero_()
        weight[:, MEANING] = through[:, :-1]
        weight[:, LEVEL] = (through[:, -1:] + bias[:, None] / self.level) / (LEVEL.stop - LEVEL.start)


def _branch_size(norm: torch.nn.Module, branch: torch.Tensor) -> None:
    """Let what a branch writes have the size that `branch` [tokens, WIDTH] has on average, and nothing but MEANING."""
    norm.weight.fill_(-1.0)
    norm.weight[MEANING] = MEANING_SIZE * (branch.square().sum(1) / HIDDEN).sqrt().mean() - 1.0


def _attention(ours, theirs, seen: Seen, number: int, reading: Reader, directions: torch.Tensor) -> None:
    """One layer's attention. Keys lose what all of them share, which softmax does not see."""
    query, key, value, out = theirs.self.query, theirs.self.key, theirs.self.value, theirs.output.dense
    shared = key(seen.states[2 * number].mean(0))
    turns, sizes, size = [], [], ours.head_dim
    for head in range(query.out_features // size):
        part = slice(head * size, (head + 1) * size)
        asked, offered = seen.queries[number][:, part], seen.keys[number][:, part] - shared[part]
        spread, other = asked.T @ asked / len(asked), offered.T @ offered / len(offered)
        deciding, turn = torch.linalg.eigh(spread @ other + other @ spread)
        order = torch.empty(size, dtype=torch.long)
        order[torch.arange(size).reshape(2, -1).T.flatten()] = deciding.abs().argsort()  # pairs (i, i + size / 2), the fastest first
        turns.append(turn[:, order].T)
        sizes.append(asked.square().mean(1).sqrt().mean() * offered.square().mean(1).sqrt().mean())
    turn = torch.block_diag(*turns)
    reading.into(ours.q_proj.weight, turn @ query.weight, turn @ query.bias)
    reading.into(ours.k_proj.weight, turn @ key.weight, turn @ (key.bias - shared))
    reading.into(ours.v_proj.weight, value.weight, value.bias)
    for norm in (ours.q_norm, ours.k_norm):
        norm.weight.fill_(torch.stack(sizes).mean().sqrt() - 1.0)
    ours.o_proj.weight.zero_()
    ours.o_proj.weight[MEANING] = directions.T @ out.weight


def _mlp(ours, theirs, seen: Seen, number: int, reading: Reader, directions: torch.Tensor) -> None:
    """One layer's MLP: its most used inner numbers; the first of ours is always 3 and stands for the bias and for the mean of those left out."""
    inner, out, kept = theirs.intermediate.dense, theirs.output.dense, seen.kept[2 * number + 2]
    matrix = directions.T @ (out.weight * kept[:, None])
    order = (seen.inner[number].std(0) * matrix.norm(dim=0)).argsort(descending=True)
    used, left = order[: ours.gate_proj.out_features - 1], order[ours.gate_proj.out_features - 1 :]
    rest = directions.T @ (out.bias * kept) + matrix[:, left] @ seen.inner[number][:, left].mean(0)
    one, three = torch.zeros(1, inner.in_features), torch.full((1,), 3.0)
    reading.into(ours.gate_proj.weight, torch.cat([one, inner.weight[used]]), torch.cat([three, inner.bias[used]]))
    reading.into(ours.up_proj.weight, torch.zeros_like(inner.weight[: len(used) + 1]), torch.ones(len(used) + 1))
    ours.up_proj.weight.add_(0.02 * HIDDEN**-0.5 * torch.randn_like(ours.up_proj.weight))
    ours.down_proj.weight.zero_()
    ours.down_proj.weight[MEANING] = torch.cat([rest[:, None] / 3.0, matrix[:, used]], 1)


@torch.no_grad()
def graft(encoder: torch.nn.Module, bert: BertModel, seen: Seen, directions: torch.Tensor, words: torch.Tensor) -> None:
    """Write a BERT's layers into an encoder text model's layers after the first, and what words mean into its table.

    words: `word_states`, [pieces, hidden]; directions: orthonormal columns [hidden, WIDTH], `Seen.directions`.
    """
    table = encoder.embed_tokens.weight
    table[:, MEANING] = MEANING_SIZE * words @ directions * HIDDEN**-0.5
    stream = Stream(seen, directions)
    for number, (ours, theirs) in enumerate(zip(encoder.layers[1:], bert.encoder.layer, strict=True)):
        for place, write, part, norm in (
            (2 * number, _attention, (ours.self_attn, theirs.attention), ours.post_self_attn_layernorm),
            (2 * number + 1, _mlp, (ours.mlp, theirs), ours.post_feedforward_layernorm),
        ):
            reading = Reader(*stream.reader(seen.states[place]))
            write(*part, seen, number, reading, directions)
            _branch_size(norm, stream.grown * seen.branches[place + 1] @ directions)
            stream.add(seen.branches[place + 1], seen.states[place + 1])
