"""transformers (PyTorch) as a peer: T5Gemma2ForConditionalGeneration on the CPU with sdpa attention, in fp32 or bf16.

Knows: how to load a checkpoint without image weights so that no text weight is silently random, and how to decode one token at
a time with transformers' own cache.
Does not know: the shape of the rows it prints (contract.py).

Run: python transformers_peer.py --work FOLDER --form fp32|bf16 encode N | decode S --steps K | tokens CASE_FOLDER
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch
import transformers
from contract import Cannot, answer, timed_row, tokens_row
from documents import BOS_ID, END_IDS, bench_checkpoint, document_ids, golden_case
from safetensors import safe_open
from transformers import SiglipVisionConfig, T5Gemma2Config, T5Gemma2ForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}
IMAGE_PARTS = ("model.encoder.vision_tower.", "model.encoder.multi_modal_projector.")


def holds_image_weights(checkpoint: Path) -> bool:
    """Whether any shard of the checkpoint holds a weight of the image tower."""
    for shard in checkpoint.glob("*.safetensors"):
        with safe_open(str(shard), framework="pt") as file:
            if any(name.startswith(IMAGE_PARTS) for name in file.keys()):
                return True
    return False


def load(checkpoint: Path, dtype: torch.dtype) -> T5Gemma2ForConditionalGeneration:
    """The model, ready to run; refused where a text weight is missing, since transformers would go on with a random one."""
    config = T5Gemma2Config.from_pretrained(checkpoint)
    if not holds_image_weights(checkpoint):
        # transformers always builds an image tower: the least one, as it is never run.
        least = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 1}
        config.encoder.vision_config = SiglipVisionConfig(**least, image_size=56, patch_size=14, vision_use_head=False)
    model, report = T5Gemma2ForConditionalGeneration.from_pretrained(
        checkpoint, config=config, dtype=dtype, attn_implementation="sdpa", output_loading_info=True
    )
    missing = [key for key in report["missing_keys"] if not key.startswith(IMAGE_PARTS)]
    if missing:
        raise Cannot(f"{checkpoint.name} lacks {missing[0]} and {len(missing) - 1} more weights")
    return model.eval()


def encode_once(model: T5Gemma2ForConditionalGeneration, ids: torch.Tensor) -> tuple[float, torch.Tensor]:
    """Seconds of one encoder pass from ids to states, and the states [1, n, hidden]."""
    begin = time.perf_counter()
    states = model.model.encoder(input_ids=ids).last_hidden_state
    return time.perf_counter() - begin, states


def decode_once(
    model: T5Gemma2ForConditionalGeneration, states: torch.Tensor, steps: int, suppressed: list[int]
) -> tuple[float, list[int]]:
    """Greedy text of steps + 1 tokens, and the seconds of all its steps but the first, which projects the states to keys and values."""
    document = BaseModelOutput(last_hidden_state=states)
    token, cache, written, begin = BOS_ID, None, [], 0.0
    for step in range(steps + 1):
        if step == 1:
            begin = time.perf_counter()
        output = model(encoder_outputs=document, decoder_input_ids=torch.tensor([[token]]), past_key_values=cache, use_cache=True)
        cache, logits = output.past_key_values, output.logits[0, -1]
        logits[suppressed] = -torch.inf
        token = int(logits.argmax())
        written.append(token)
    return time.perf_counter() - begin, written


@torch.inference_mode()
def measure(arguments: argparse.Namespace) -> dict:
    """The fields of the row that was asked for."""
    torch.set_num_threads(arguments.threads)
    if arguments.row == "tokens":
        return measure_tokens(arguments.case, DTYPES[arguments.form])
    model = load(bench_checkpoint(arguments.work), DTYPES[arguments.form])
    if arguments.row == "encode":
        ids = torch.tensor([document_ids(arguments.tokens)])
        return timed_row(arguments, lambda: encode_once(model, ids)[0], "encoder alone: ids to states; sdpa attention")
    # Only the steps are timed, and they take as long over random states as over a document's.
    generator = torch.Generator().manual_seed(1)
    states = torch.randn(1, arguments.tokens, model.config.decoder.hidden_size, generator=generator).to(model.dtype)
    note = "steps after the first, through transformers' own cache, over random encoder states: the peak is without encoding"
    return timed_row(arguments, lambda: decode_once(model, states, arguments.steps, END_IDS)[0], note)


def measure_tokens(case: Path, dtype: torch.dtype) -> dict:
    """Whether the golden case's greedy text comes out."""
    checkpoint, input_ids, golden = golden_case(case)
    model = load(checkpoint, dtype)
    _, states = encode_once(model, torch.tensor([input_ids]))
    _, written = decode_once(model, states, len(golden) - 1, [])
    return tokens_row(case, golden, written)


if __name__ == "__main__":
    answer("transformers", transformers.__version__, tuple(DTYPES), measure)
