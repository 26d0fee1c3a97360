"""A random T5Gemma 2 checkpoint of the 270M-270M shape, in bfloat16 and without image weights: what every peer is timed on.

Knows: the published shape, and how large random weights must be for the activations to stay ordinary numbers.
Does not know: who reads it. Speed does not depend on what the weights say, only the greedy text does.
The same seed gives the same bytes.

Run: python random_checkpoint.py OUT [--seed 1]
"""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch
from random_tokenizer import VOCABULARY, write_tokenizer
from safetensors.torch import save_file
from transformers import GenerationConfig, T5Gemma2Config, T5Gemma2ForConditionalGeneration

LAYERS, HIDDEN, INNER, HEADS, KV_HEADS, HEAD_DIM, WINDOW, FULL_EVERY = 18, 640, 2048, 4, 1, 256, 512, 6


def build_config() -> T5Gemma2Config:
    """The 270M-270M shape, with the least vision part that the format allows, since transformers always builds one."""
    text = {
        "vocab_size": VOCABULARY, "hidden_size": HIDDEN, "intermediate_size": INNER, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "num_key_value_heads": KV_HEADS, "head_dim": HEAD_DIM, "query_pre_attn_scalar": HEAD_DIM,
        "max_position_embeddings": 32_768, "sliding_window": WINDOW, "tie_word_embeddings": True,
        "layer_types": ["sliding_attention" if (index + 1) % FULL_EVERY else "full_attention" for index in range(LAYERS)],
        "final_logit_softcapping": None, "attn_logit_softcapping": None, "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2,
        "rope_parameters": {
            "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1_000_000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        },
    }  # fmt: skip
    vision = {
        "model_type": "siglip_vision_model", "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
        "num_attention_heads": 1, "image_size": 896, "patch_size": 14, "vision_use_head": False,
    }  # fmt: skip
    return T5Gemma2Config(
        encoder={"text_config": text, "vision_config": vision, "mm_tokens_per_image": 256},
        decoder=text, tie_word_embeddings=True, initializer_range=0.02, dtype="bfloat16",
        architectures=["T5Gemma2ForConditionalGeneration"],
    )  # fmt: skip


def text_shapes(config: T5Gemma2Config) -> dict[str, torch.Size]:
    """Name and shape of every stored tensor, in the released spelling; the tied table stands there once."""
    with torch.device("meta"):
        model = T5Gemma2ForConditionalGeneration(config)
    left_out = ("model.encoder.vision_tower.", "model.encoder.multi_modal_projector.", "model.decoder.embed_tokens.", "lm_head.")
    names = {name: tensor.shape for name, tensor in model.state_dict().items() if not name.startswith(left_out)}
    return {name.replace("model.encoder.text_model.", "model.encoder."): shape for name, shape in names.items()}


def random_tensor(name: str, shape: torch.Size, generator: torch.Generator) -> torch.Tensor:
    """Matrices that keep the size of what goes through them; norm weights near 0, which is a gain near 1."""
    deviation = HIDDEN**-0.5 if "embed_tokens" in name else 0.02 if len(shape) == 1 else shape[1] ** -0.5
    return torch.randn(shape, generator=generator).mul_(deviation).to(torch.bfloat16)


def write_checkpoint(folder: Path, seed: int) -> None:
    """Write the whole folder beside its place, then rename it: nobody meets half a checkpoint."""
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    config = build_config()
    config.save_pretrained(unfinished)
    GenerationConfig(bos_token_id=2, eos_token_id=1, pad_token_id=0, decoder_start_token_id=2).save_pretrained(unfinished)
    write_tokenizer(unfinished)
    generator = torch.Generator().manual_seed(seed)
    tensors = {name: random_tensor(name, shape, generator) for name, shape in sorted(text_shapes(config).items())}
    save_file(tensors, str(unfinished / "model.safetensors"), metadata={"format": "pt"})
    (unfinished / "model.safetensors").chmod(0o644)  # save_file leaves it readable to its owner only
    unfinished.rename(folder)


def main() -> None:
    """Read the command line and write the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="the folder to make; it must not be there yet")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.out.exists():
        parser.error(f"{arguments.out} is there already")
    write_checkpoint(arguments.out, arguments.seed)


if __name__ == "__main__":
    main()
