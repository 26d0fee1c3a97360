"""The starter model's shape, its start values, and its folder in transformers' form."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GenerationConfig, T5Gemma2Config, T5Gemma2ForConditionalGeneration

PROMPTS = {"ask": {"encoder": "{document}", "decoder": "Question: {question}\nAnswer:"}}
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


def build_model(vocabulary: int, seed: int = 0) -> T5Gemma2ForConditionalGeneration:
    """A fresh model; embedding rows at 1/sqrt(hidden), so that scaled rows have unit size."""
    torch.manual_seed(seed)
    model = T5Gemma2ForConditionalGeneration(build_config(vocabulary))
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name.endswith("embed_tokens.weight"):
                parameter.normal_(0.0, HIDDEN**-0.5)
            elif name.endswith("_proj.weight") and ".vision" not in name:
                parameter.normal_(0.0, parameter.shape[1] ** -0.5)
        make_ready_to_copy(model)
    for name, parameter in model.named_parameters():
        if "vision_tower" in name or "multi_modal_projector" in name:
            parameter.requires_grad_(False)
    return model


def _look_beside(attention, head: int, kv: int, offset: int, theta: float, level: torch.Tensor) -> None:
    """Let a head look at the token `offset` away: its key is one fixed vector, its query the same one turned by RoPE.

    `level` is the unit vector that all embeddings have in common, the only thing to make a fixed vector from.
    """
    frequencies = theta ** (-torch.arange(4) / (HEAD_DIM // 2))
    key = torch.zeros(HEAD_DIM)
    key[:4] = 1.0
    query = torch.zeros(HEAD_DIM)
    query[:4], query[HEAD_DIM // 2 : HEAD_DIM // 2 + 4] = (offset * frequencies).cos(), (offset * frequencies).sin()
    rows, kv_rows = slice(head * HEAD_DIM, (head + 1) * HEAD_DIM), slice(kv * HEAD_DIM, (kv + 1) * HEAD_DIM)
    noise = 0.3 * HIDDEN**-0.5
    attention.q_proj.weight[rows] = torch.outer(query, level) + noise * torch.randn(HEAD_DIM, HIDDEN)
    attention.k_proj.weight[kv_rows] = torch.outer(key, level) + noise * torch.randn(HEAD_DIM, HIDDEN)


def make_ready_to_copy(model: T5Gemma2ForConditionalGeneration) -> None:
    """Start values from which copying is near: what training would find only after a million tokens or more.

    The first encoder layer tells each token its neighbours. Decoder heads look at the places of the document
    that resemble the token just written, read there what the token's right neighbour is, and write that out.
    All of it is only a start: every weight is trained. (After Trockman and Kolter, arXiv 2305.09828.)
    """
    encoder, decoder = model.model.encoder.text_model, model.model.decoder
    table = encoder.embed_tokens.weight
    level = torch.nn.functional.normalize(torch.randn(HIDDEN), dim=0)
    table.copy_(0.84 * (table - torch.outer(table @ level, level)) + 0.55 * level)
    for layer in [*encoder.layers, *decoder.layers]:
        layer.post_self_attn_layernorm.weight.fill_(-0.7)
        layer.post_feedforward_layernorm.weight.fill_(-0.8)
    first = encoder.layers[0]
    first.post_self_attn_layernorm.weight.fill_(0.0)
    first.self_attn.q_norm.weight.fill_(0.5)
    for head, offset in enumerate((-1, 1, -2, 2)):
        _look_beside(first.self_attn, head, head * KV_HEADS // HEADS, offset, 10_000.0, level)
    # Orthonormal ways in and out, so that what one head writes another can read back.
    for kv in range(KV_HEADS):
        rows = slice(kv * HEAD_DIM, (kv + 1) * HEAD_DIM)
        first.self_attn.v_proj.weight[rows] = torch.linalg.qr(torch.randn(HIDDEN, HEAD_DIM))[0].T
    columns = torch.linalg.qr(torch.randn(HIDDEN, HIDDEN))[0]
    first.self_attn.o_proj.weight.copy_(columns)
    next_out = columns[:, HEAD_DIM : 2 * HEAD_DIM]  # what head 1 (offset +1) writes
    next_in = first.self_attn.v_proj.weight[:HEAD_DIM].clone()
    blind = torch.eye(HIDDEN) - torch.outer(level, level)
    for number, layer in enumerate(decoder.layers):
        attention = layer.self_attn
        layer.post_self_attn_layernorm.weight.fill_(-0.4)
        attention.q_norm.weight.fill_(0.5)
        for kv in range(KV_HEADS):
            look = torch.randn(HEAD_DIM, HIDDEN) * HIDDEN**-0.5 @ blind
            # Resemblance is measured where RoPE hardly turns the query.
            look[:10] *= 0.3
            look[HEAD_DIM // 2 : HEAD_DIM // 2 + 10] *= 0.3
            attention.k_proj.weight[kv * HEAD_DIM : (kv + 1) * HEAD_DIM] = look
            attention.v_proj.weight[kv * HEAD_DIM : (kv + 1) * HEAD_DIM] = next_out.T
            for head in range(kv * HEADS // KV_HEADS, (kv + 1) * HEADS // KV_HEADS):
                attention.q_proj.weight[head * HEAD_DIM : (head + 1) * HEAD_DIM] = look
                attention.o_proj.weight[:, head * HEAD_DIM : (head + 1) * HEAD_DIM] = next_in.T + 0.3 * HIDDEN**-0.5 * torch.randn(HIDDEN, HEAD_DIM)
        if number == 0:
            # The decoder's first layer tells each token what stood before it, in the encoder's own code.
            for head, offset in ((0, -1), (1, -2)):
                _look_beside(attention, head, 0, offset, 1_000_000.0, level)
            attention.v_proj.weight[:HEAD_DIM] = first.self_attn.v_proj.weight[:HEAD_DIM]
            attention.o_proj.weight[:, :HEAD_DIM] = columns[:, :HEAD_DIM]
            attention.o_proj.weight[:, HEAD_DIM : 2 * HEAD_DIM] = columns[:, 2 * HEAD_DIM : 3 * HEAD_DIM]


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
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).write_text((tokenizer_folder / name).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "prompts.json").write_text(json.dumps(PROMPTS, indent=2) + "\n", encoding="utf-8")
