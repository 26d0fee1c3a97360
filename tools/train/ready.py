"""Start values from which finding and copying are near: what training would find only after a million tokens or more.

The first encoder layer tells each token its neighbours; the rest of the encoder is graft.py's. Decoder heads of two kinds look into the document: one for
what resembles the token just written, and writes out that place's right neighbour; the others for places whose meaning resembles the question's, and write
out what stands there. All of it is only a start: every weight is trained. (After Trockman and Kolter, arXiv 2305.09828.)

Knows: how the numbers of a token are shared out, what a head looks for. Does not know: where meanings come from.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from model import HIDDEN

# What all tokens have in common; what the token is (and which its neighbours are); what it means. Training is free to mix them.
LEVEL, CONTENT, MEANING = slice(0, 8), slice(8, 128), slice(128, 384)
LEVEL_SIZE, CONTENT_SIZE, MEANING_SIZE = 6.8, 11.0, 1.4
"""Lengths of the first two in a token's stream; what MiniLM's states (of length 10 to 20) are multiplied with."""
SIDE = 64
"""Numbers in which a token is told apart where heads look for it."""
SLOW = tuple(number for number in range(SIDE) if number % (SIDE // 2) >= 10 and number != SIDE // 2 - 1)
"""Of these, the ones that RoPE hardly turns over a question's length: there a decoder's query meets the document's keys as it is. (One more is kept for LEVEL.)"""
READING = 3
"""The decoder's first layers, in which the question is read; what it asks for is looked for in the others."""


@dataclass
class Directions:
    """Where in CONTENT is written what a token is, what comes after it, what stood before: rows [SIDE or fewer, HIDDEN]."""

    named: torch.Tensor
    after: torch.Tensor
    before: torch.Tensor

    @classmethod
    def draw(cls) -> Directions:
        both = directions(SIDE + SIDE // 2)
        return cls(directions(SIDE), both[:SIDE], both[SIDE:])

    @classmethod
    def of(cls, encoder: torch.nn.Module) -> Directions:
        """Those that `tell_neighbours` has put into an encoder's first layer."""
        attention = encoder.layers[0].self_attn
        written = attention.o_proj.weight.detach().T
        return cls(attention.v_proj.weight.detach()[:SIDE].clone(), written[:SIDE].clone(), written[SIDE : SIDE + SIDE // 2].clone())


def directions(count: int) -> torch.Tensor:
    """Orthonormal rows [count, HIDDEN] within CONTENT."""
    rows = torch.zeros(count, HIDDEN)
    rows[:, CONTENT] = torch.linalg.qr(torch.randn(CONTENT.stop - CONTENT.start, count))[0].T
    return rows


def fill_table(table: torch.Tensor) -> None:
    """Tokens as unlike each other as can be, with what all have in common; their meaning is left at zero."""
    table.zero_()
    table[:, LEVEL] = LEVEL_SIZE * ((LEVEL.stop - LEVEL.start) * HIDDEN) ** -0.5
    own = torch.nn.functional.normalize(torch.randn(len(table), CONTENT.stop - CONTENT.start), dim=1)
    table[:, CONTENT] = CONTENT_SIZE * HIDDEN**-0.5 * own


def _noise(*shape: int, size: float = 0.1) -> torch.Tensor:
    return size * HIDDEN**-0.5 * torch.randn(*shape)


def _rows(head: int, size: int) -> slice:
    return slice(head * size, (head + 1) * size)


def _look_beside(attention, head: int, kv: int, offset: int, theta: float, *, wide: bool = False, noise: float = 0.0) -> None:
    """Let a head look at the token `offset` away, or with `wide` at some ten tokens around that one.

    Its key is one fixed vector (made from what all tokens have in common), its query the same one turned by RoPE:
    fast turning pairs see one token sharply, slow ones a neighbourhood.
    """
    size = attention.head_dim
    half = size // 2
    rates = theta ** (-torch.arange(half) / half)
    pairs = torch.nonzero((rates < 0.09) & (rates > 0.03))[:, 0] if wide else torch.arange(4)
    key, query = torch.zeros(size), torch.zeros(size)
    key[pairs] = 1.0
    query[pairs], query[pairs + half] = (offset * rates[pairs]).cos(), (offset * rates[pairs]).sin()
    for projection, number, vector in ((attention.q_proj, head, query), (attention.k_proj, kv, key)):
        weight = _noise(size, HIDDEN, size=noise)
        weight[:, LEVEL] += vector[:, None] * 0.3
        projection.weight[_rows(number, size)] = weight


@torch.no_grad()
def tell_neighbours(encoder: torch.nn.Module) -> None:
    """The encoder's first layer, with directions drawn anew: heads 0 and 1 write what comes after, head 2 what stood before; the MLP writes nothing yet."""
    known = Directions.draw()
    layer, theta = encoder.layers[0], encoder.config.rope_parameters["sliding_attention"]["rope_theta"]
    attention = layer.self_attn
    size = attention.head_dim
    for projection in (attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj):
        projection.weight.copy_(_noise(*projection.weight.shape, size=0.02))
    for norm in (attention.q_norm, attention.k_norm):
        norm.weight.fill_(1.2)
    first, second = known.named[:size], known.named[size : 2 * size]
    for head, offset, reads, writes in (
        (0, 1, first, known.after[:size]), (1, 1, second, known.after[size : 2 * size]), (2, -1, first, known.before[:size]),
    ):
        _look_beside(attention, head, head, offset, theta)
        attention.v_proj.weight[_rows(head, size)] = reads
        attention.o_proj.weight[:, _rows(head, size)] = writes.T
    layer.post_self_attn_layernorm.weight.fill_(-1.0)
    layer.post_self_attn_layernorm.weight[CONTENT] = -0.6
    layer.post_feedforward_layernorm.weight.fill_(-1.0)
    encoder.norm.weight[LEVEL] = -1.0  # the decoder's looks at its own neighbours must not meet the document


@torch.no_grad()
def gather_question(decoder: torch.nn.Module, known: Directions) -> None:
    """The decoder's first layer: each token learns what stood before it, and the mean meaning of the last twenty."""
    size, theta = SIDE, decoder.config.rope_parameters["sliding_attention"]["rope_theta"]
    for layer in decoder.layers:
        layer.post_self_attn_layernorm.weight.fill_(-0.3)
        layer.post_feedforward_layernorm.weight.fill_(-0.8)
        for projection in (layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj, layer.self_attn.o_proj):
            projection.weight.copy_(_noise(*projection.weight.shape, size=0.15))
    for layer in decoder.layers[:READING]:  # which token stands here is left as it is, for those that copy
        for norm in (layer.post_self_attn_layernorm, layer.post_feedforward_layernorm):
            norm.weight[CONTENT] = -1.0
    first = decoder.layers[0]
    attention = first.self_attn
    first.post_self_attn_layernorm.weight.fill_(-0.5)  # what stood before is written into CONTENT, in directions of its own
    attention.q_norm.weight.fill_(0.5)
    for head, offset, wide in ((0, -1, False), (1, -2, False), (2, -5, True), (3, -11, True), (4, -5, True), (5, -11, True)):
        _look_beside(attention, head, head // 2, offset, theta, wide=wide, noise=0.1)
    attention.v_proj.weight[_rows(0, size)] = known.named
    attention.o_proj.weight[:, _rows(0, size)] = torch.nn.functional.pad(known.before, (0, 0, 0, size - len(known.before))).T
    for kv in (1, 2):
        words = torch.eye(HIDDEN)[MEANING][_rows(kv - 1, size)]
        attention.v_proj.weight[_rows(kv, size)] = words
        for head in (2 * kv, 2 * kv + 1):
            attention.o_proj.weight[:, _rows(head, size)] = words.T


@torch.no_grad()
def find_and_copy(decoder: torch.nn.Module, known: Directions, asked: torch.Tensor, understood: torch.Tensor) -> None:
    """The decoder's layers after READING, of three key-value heads each, shared by two heads: one copies, two find.

    asked: [len(SLOW), HIDDEN], a question's meaning out of the normed stream after READING layers at its end;
    understood: [len(SLOW), 256], the meaning of a token's sentence, in the same numbers, out of the encoder's MEANING.
    What a layer has found, the next ones ask for as well.
    """
    size, half = SIDE, SIDE // 2
    decoder.norm.weight[LEVEL], decoder.norm.weight[CONTENT], decoder.norm.weight[MEANING] = -1.0, 1.5, -0.7  # which token to write is told by CONTENT, loudly
    query, key, found = (torch.zeros(size, HIDDEN) for _ in range(3))
    query[list(SLOW)] = asked / asked.norm()
    key[list(SLOW), MEANING] = understood / understood.norm()
    found[list(SLOW), MEANING] = torch.linalg.qr(torch.randn(MEANING.stop - MEANING.start, len(SLOW)))[0].T / len(SLOW) ** 0.5

    def look_for(attention, kv: int, query: torch.Tensor, key: torch.Tensor, loud: float, reads: torch.Tensor, writes: torch.Tensor, noise: float) -> None:
        query, key = query.clone(), key.clone()
        for rows, sign in ((query, 1.0), (key, -1.0)):
            rows[half - 1] = 0.0
            rows[half - 1, LEVEL] = loud * sign  # away from the decoder's own tokens; the document's have no LEVEL
        attention.k_proj.weight[_rows(kv, size)] = key + _noise(size, HIDDEN, size=noise)
        attention.v_proj.weight[_rows(kv, size)] = reads
        for head in (2 * kv, 2 * kv + 1):
            attention.q_proj.weight[_rows(head, size)] = query + _noise(size, HIDDEN, size=noise)
            attention.o_proj.weight[:, _rows(head, size)] = writes.T + _noise(HIDDEN, size, size=noise)

    *between, last = decoder.layers[READING:]
    turning = torch.tensor([number for number in range(size) if number not in SLOW])
    for layer in (*between, last):
        attention = layer.self_attn
        attention.q_norm.weight.fill_(2.5)
        alike, shown = directions(size), directions(CONTENT.stop - CONTENT.start)
        alike[turning] *= 0.2
        look_for(attention, 0, alike, alike, 0.34, known.after, known.named, 0.0)
        wanted = 8 * (query if layer is decoder.layers[READING] else query + 0.5 * found)
        for kv, part in ((1, shown[:size]), (2, shown[-size:])):
            tells_sentence = kv == 1 and layer is not last
            look_for(attention, kv, wanted, key * 8, 0.15, key * 8 if tells_sentence else part, found * 8 if tells_sentence else part, 0.02)
