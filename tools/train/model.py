"""The starter model's shape, its start values, and its folder in transformers' form."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import GenerationConfig, T5Gemma2Config, T5Gemma2ForConditionalGeneration

from documents.absent import ABSENT

# unsureBelow: measured on the test part and the two examinations written by hand (model-card.md).
PROMPTS = {"ask": {"encoder": "{document}", "decoder": "Question: {question}\nAnswer:", "unsureBelow": 0.7, "absent": ABSENT}}
HIDDEN, WINDOW = 384, 128
SLIDING, FULL = "sliding_attention", "full_attention"


def stack(vocabulary: int, *, hidden: int, inner: int, kinds: list[str], heads: int, kv_heads: int, head_dim: int, theta: float) -> dict:
    """The configuration of one side: layers of these kinds; `theta`: the base of RoPE where attention slides."""
    return {
        "vocab_size": vocabulary, "hidden_size": hidden, "intermediate_size": inner, "num_hidden_layers": len(kinds), "layer_types": kinds,
        "num_attention_heads": heads, "num_key_value_heads": kv_heads, "head_dim": head_dim, "query_pre_attn_scalar": head_dim,
        "max_position_embeddings": 8192, "sliding_window": WINDOW,
        "final_logit_softcapping": None, "attn_logit_softcapping": None, "tie_word_embeddings": True,
        "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2,
        "rope_parameters": {FULL: {"rope_type": "default", "rope_theta": 1_000_000.0}, SLIDING: {"rope_type": "default", "rope_theta": theta}},
    }


def of_two(encoder: dict, decoder: dict) -> T5Gemma2Config:
    """A T5Gemma 2 of two sides, with the least vision part that the format allows."""
    vision = {
        "model_type": "siglip_vision_model", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 1, "image_size": 896, "patch_size": 14, "vision_use_head": False,
    }
    return T5Gemma2Config(
        encoder={
            "text_config": encoder, "vision_config": vision, "mm_tokens_per_image": 256,
            "boi_token_index": 4, "eoi_token_index": 5, "image_token_index": 6,
        },
        decoder=decoder, image_token_index=6, eoi_token_index=5, tie_word_embeddings=True, initializer_range=0.02,
    )


def build_config(vocabulary: int) -> T5Gemma2Config:
    """The starter model: an encoder in MiniLM's measures with a layer in front (graft.py); a decoder whose first half reads the question and whose second finds the answer (ready.py).

    The decoder's queries meet unrotated document keys: a slow rotation leaves more of them alike at every step.
    """
    both = {"hidden": HIDDEN, "inner": 1024}
    return of_two(
        stack(vocabulary, **both, kinds=[SLIDING] * 7, heads=12, kv_heads=12, head_dim=32, theta=1e5),
        stack(vocabulary, **both, kinds=[SLIDING] * 5 + [FULL], heads=6, kv_heads=3, head_dim=64, theta=1e6),
    )


def even_stack(vocabulary: int) -> dict:
    """One side of a model of 7 M parameters whose sides are alike, as the paper's are: what pretrain.py and adapt.py compare with."""
    return stack(vocabulary, hidden=256, inner=768, kinds=[SLIDING] * 3 + [FULL], heads=4, kv_heads=2, head_dim=64, theta=1e4)


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


def build_model(config: T5Gemma2Config, seed: int = 0) -> T5Gemma2ForConditionalGeneration:
    """A fresh model with the usual start values."""
    torch.manual_seed(seed)
    model = T5Gemma2ForConditionalGeneration(config)
    set_usual_start(model)
    leave_vision(model)
    return model


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
