"""The starter model's shape, its start values, and its folder in transformers' form."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GenerationConfig, T5Gemma2Config, T5Gemma2ForConditionalGeneration

from documents.absent import ABSENT

# unsureBelow: measured on the test part and the two examinations written by hand (model-card.md).
PROMPTS = {"ask": {"encoder": "{document}", "decoder": "Question: {question}\nAnswer:", "unsureBelow": 0.6, "absent": ABSENT}}
HIDDEN, HEADS, KV_HEADS, HEAD_DIM, INNER, LAYERS, WINDOW = 256, 4, 2, 64, 768, 4, 128


def build_config(vocabulary: int) -> T5Gemma2Config:
    """A T5Gemma 2 of 7 M parameters: sliding and full layers, and the least vision part that the format allows."""
    text = {
        "vocab_size": vocabulary, "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "head_dim": HEAD_DIM,
        "query_pre_attn_scalar": HEAD_DIM, "max_position_embeddings": 8192, "sliding_window": WINDOW,
        "layer_types": ["sliding_attention", "sliding_attention", "sliding_attention", "full_attention"],
        "final_logit_softcapping": None, "attn_logit_softcapping": None, "tie_word_embeddings": True,
        "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2,
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": 1_000_000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        },
    }
    vision = {
        "model_type": "siglip_vision_model", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 1, "image_size": 896, "patch_size": 14, "vision_use_head": False,
    }
    # The decoder's queries meet unrotated document keys: a slow rotation leaves more of them alike at every step.
    decoder = text | {"rope_parameters": {
        "full_attention": {"rope_type": "default", "rope_theta": 1_000_000.0},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1_000_000.0},
    }}
    encoder_text = text | {"layer_types": ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]}
    return T5Gemma2Config(
        encoder={
            "text_config": encoder_text, "vision_config": vision, "mm_tokens_per_image": 256,
            "boi_token_index": 4, "eoi_token_index": 5, "image_token_index": 6,
        },
        decoder=decoder, image_token_index=6, eoi_token_index=5, tie_word_embeddings=True, initializer_range=0.02,
    )


def set_usual_start(model: torch.nn.Module) -> None:
    """Random start values: rows of the table at 1/sqrt(hidden), so that scaled rows have unit size; matrices at 1/sqrt(their inputs)."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("embed_tokens.weight"):
                parameter.normal_(0.0, parameter.shape[1] ** -0.5)
            elif name.endswith("_proj.weight") and ".vision" not in name:
                parameter.normal_(0.0, parameter.shape[1] ** -0.5)


def leave_vision(model: T5Gemma2ForConditionalGeneration) -> None:
    """Train nothing that only pictures need."""
    for name, parameter in model.named_parameters():
        if "vision_tower" in name or "multi_modal_projector" in name:
            parameter.requires_grad_(False)


def build_model(
    pieces: dict[str, int], *, seed: int = 0, is_ready: bool = True, meanings: dict[int, torch.Tensor] | None = None,
) -> T5Gemma2ForConditionalGeneration:
    """A fresh model. `is_ready`: with the start values of `make_ready_to_copy`; `meanings`: see word_vectors.py."""
    torch.manual_seed(seed)
    model = T5Gemma2ForConditionalGeneration(build_config(len(pieces)))
    set_usual_start(model)
    if is_ready:
        with torch.no_grad():
            make_ready_to_copy(model, pieces, meanings or {})
    leave_vision(model)
    return model


# How the start values share out the 256 numbers of a token: what all tokens have in common, what the
# token is (and which its neighbours are), what is written round about it. Training is free to mix them.
LEVEL, CONTENT, ROUND = slice(0, 16), slice(16, 176), slice(176, 240)
STOP_WORDS = "▁the ▁is ▁of ▁a ▁an ▁to ▁and ▁in ▁on ▁for ▁by ▁be ▁will ▁it ▁at ▁was ▁has ▁are ▁with ▁that ▁this ▁or ▁as ▁does ▁do ▁did ▁What ▁Who ▁When ▁How ▁Where ▁Which The . , : ; ? ( ) ▁ - / Q uest ion A ns wer".split() + ["\n", "\n\n", "\t"]


def _directions(count: int) -> torch.Tensor:
    """Orthonormal rows [count, hidden] within what a token is."""
    rows = torch.zeros(count, HIDDEN)
    rows[:, CONTENT] = torch.linalg.qr(torch.randn(CONTENT.stop - CONTENT.start, count))[0].T
    return rows


def _look_beside(attention, head: int, kv: int, offset: int, theta: float, wide: bool) -> None:
    """Let a head look at the token `offset` away, or with `wide` at some ten tokens around that one.

    Its key is one fixed vector (made from the level all tokens share), its query the same one turned by RoPE:
    fast turning pairs see one token sharply, slow ones a neighbourhood.
    """
    half = HEAD_DIM // 2
    rates = theta ** (-torch.arange(half) / half)
    pairs = torch.nonzero((rates < 0.09) & (rates > 0.03))[:, 0] if wide else torch.arange(4)
    key, query = torch.zeros(HEAD_DIM), torch.zeros(HEAD_DIM)
    key[pairs] = 1.0
    query[pairs], query[pairs + half] = (offset * rates[pairs]).cos(), (offset * rates[pairs]).sin()
    noise = 0.3 * HIDDEN**-0.5
    for projection, number, vector in ((attention.q_proj, head, query), (attention.k_proj, kv, key)):
        weight = noise * torch.randn(HEAD_DIM, HIDDEN)
        weight[:, LEVEL] += vector[:, None] * 0.25
        projection.weight[number * HEAD_DIM : (number + 1) * HEAD_DIM] = weight


# Of what a token is, the first hundred numbers tell what its word means (where that is known), the rest tells it from all others.
MEANING, OWN = slice(0, 100), slice(100, 160)


def contents(count: int, meanings: dict[int, torch.Tensor]) -> torch.Tensor:
    """What each token is: unit rows [count, 160]; of words alike in use they are alike, 0.56 times as much as their meanings are."""
    rows = torch.nn.functional.normalize(torch.randn(count, CONTENT.stop - CONTENT.start), dim=1)
    for number, meaning in meanings.items():
        own = torch.nn.functional.normalize(rows[number, OWN], dim=0)
        rows[number, MEANING], rows[number, OWN] = 0.75 * meaning, (1 - 0.75**2) ** 0.5 * own
    return rows


def make_ready_to_copy(model: T5Gemma2ForConditionalGeneration, pieces: dict[str, int], meanings: dict[int, torch.Tensor]) -> None:
    """Start values from which finding and copying are near: what training would find only after a million tokens or more.

    The first encoder layer tells each token its neighbours and what is written round about. Decoder heads of two
    kinds look into the document: one for what resembles the token just written, and writes out that place's right
    neighbour; one for places whose surroundings resemble the question's words, and writes out what stands there.
    All of it is only a start: every weight is trained. (After Trockman and Kolter, arXiv 2305.09828.)
    """
    encoder, decoder = model.model.encoder.text_model, model.model.decoder
    table = encoder.embed_tokens.weight
    content = torch.zeros_like(table)
    content[:, CONTENT] = contents(len(table), meanings) * 0.84
    content[[pieces[word] for word in STOP_WORDS if word in pieces]] *= 0.35
    content[:, LEVEL] = 0.55 / 4
    table.copy_(content + 0.004 * torch.randn_like(table))
    encoder.norm.weight[LEVEL] = -1.0  # the decoder's looks at its own neighbours must not meet the document
    for layer in [*encoder.layers, *decoder.layers]:
        layer.post_self_attn_layernorm.weight.fill_(-0.7)
        layer.post_feedforward_layernorm.weight.fill_(-0.8)
    first = encoder.layers[0]
    first.post_self_attn_layernorm.weight.fill_(0.0)
    both = _directions(128)
    beside, after = both[:HEAD_DIM], both[HEAD_DIM:]  # where "what stood before", "what comes after" are written
    named, around, shown = _directions(HEAD_DIM), _directions(HEAD_DIM), _directions(HEAD_DIM)
    rounded = torch.eye(HIDDEN)[ROUND]
    kv0, kv1 = slice(0, HEAD_DIM), slice(HEAD_DIM, 2 * HEAD_DIM)

    def out(attention, head: int, directions: torch.Tensor) -> None:
        attention.o_proj.weight[:, head * HEAD_DIM : (head + 1) * HEAD_DIM] = directions.T

    for attention, theta, near, far in (
        (first.self_attn, 10_000.0, (-1, 1), (-6, 2)), (decoder.layers[0].self_attn, 1_000_000.0, (-1, -2), (-5, -11)),
    ):
        attention.q_norm.weight.fill_(0.5)
        for head, offset, wide in ((0, near[0], False), (1, near[1], False), (2, far[0], True), (3, far[1], True)):
            _look_beside(attention, head, head // 2, offset, theta, wide)
        attention.v_proj.weight[kv0], attention.v_proj.weight[kv1] = named, around
        out(attention, 0, beside)
        out(attention, 1, after if attention is first.self_attn else 0.1 * beside)
        out(attention, 2, rounded)
        out(attention, 3, rounded)
    decoder.layers[0].post_self_attn_layernorm.weight.fill_(0.0)
    for layer in decoder.layers[1:]:
        attention = layer.self_attn
        layer.post_self_attn_layernorm.weight.fill_(-0.3)
        attention.q_norm.weight.fill_(1.0)
        alike = _directions(HEAD_DIM)
        similar = rounded[torch.randperm(HEAD_DIM)]
        for look in (alike, similar):  # resemblance is measured where RoPE hardly turns the query
            look[:10] *= 0.2
            look[HEAD_DIM // 2 : HEAD_DIM // 2 + 10] *= 0.2
        for kv, look, reads, writes in ((kv0, alike, after, named), (kv1, similar, shown, shown)):
            attention.k_proj.weight[kv], attention.v_proj.weight[kv] = look, reads
            for head in (0, 1) if kv is kv0 else (2, 3):
                attention.q_proj.weight[head * HEAD_DIM : (head + 1) * HEAD_DIM] = look
                out(attention, head, writes)
    for layer in [*encoder.layers, *decoder.layers]:
        for projection in (layer.self_attn.q_proj, layer.self_attn.k_proj, layer.self_attn.v_proj, layer.self_attn.o_proj):
            projection.weight.add_(0.15 * HIDDEN**-0.5 * torch.randn_like(projection.weight))


def copy_tokenizer(source: Path, folder: Path) -> None:
    """The two files of a tokenizer, beside the model that was trained with it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text((source / name).read_text(encoding="utf-8"), encoding="utf-8")


def save_checkpoint(model: T5Gemma2ForConditionalGeneration, tokenizer_folder: Path, folder: Path) -> None:
    """Write a checkpoint folder without image weights: save_pretrained's names, each shared tensor once."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.architectures = ["T5Gemma2ForConditionalGeneration"]
    model.config.save_pretrained(folder)
    GenerationConfig(bos_token_id=2, eos_token_id=1, pad_token_id=0, decoder_start_token_id=2, max_new_tokens=64).save_pretrained(folder)
    tensors, seen = {}, set()
    for name, tensor in model.state_dict().items():
        if "vision_tower" in name or "multi_modal_projector" in name or tensor.data_ptr() in seen:
            continue
        seen.add(tensor.data_ptr())
        tensors[name] = tensor.detach().float().contiguous().clone()
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})
    (folder / "model.safetensors").chmod(0o644)
    copy_tokenizer(tokenizer_folder, folder)
    (folder / "prompts.json").write_text(json.dumps(PROMPTS, indent=2) + "\n", encoding="utf-8")
