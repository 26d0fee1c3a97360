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
                parameter.normal_(0.0, parameter.shape[1] ** -0.5 * (0.5 if "o_proj" in name or "down" in name else 1.0))
    for name, parameter in model.named_parameters():
        if "vision_tower" in name or "multi_modal_projector" in name:
            parameter.requires_grad_(False)
    return model


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
