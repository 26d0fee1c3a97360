"""Step (b) of the paper's recipe: an encoder-decoder out of a decoder-only model, and UL2's denoising (Zhang et al., arXiv 2504.06225; 2512.14856).

Encoder and decoder both begin as the decoder-only model; merged attention is its self-attention, which now sees the document as well.

Run: python adapt.py [--start-from RUNS/pretrain/last] [--until 1500000]; stopped and started again, it goes on. --start-from takes any Gemma 3
text checkpoint. Leaves a T5Gemma 2 checkpoint in RUNS/adapt/last, which train.py --start-from takes.
--fresh denoises with a fresh model of the same shape instead, to compare with.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

import torch
from tokenizers import Tokenizer
from transformers import Gemma3ForCausalLM, T5Gemma2Config, T5Gemma2ForConditionalGeneration

from batches import Asked, Batch, collate, forward
from fused import fuse
from loop import ONE_STAGE, autocast, learn, options
from model import build_model, even_stack, leave_vision, of_two, save_checkpoint
from texts import stretches
from tokenizer import SENTINELS
from ul2 import DENOISERS, Denoiser, corrupt, draw

LENGTH, STEP, BATCH_TOKENS = 256, 64, 3200

# What a layer's parts are called in Gemma 3 and in T5Gemma 2.
RENAMED = {"input_layernorm": "pre_self_attn_layernorm", "post_attention_layernorm": "post_self_attn_layernorm"}


@dataclass
class Denoising:
    """Source: texts with holes, each batch of one shape (a few shapes, for the sake of CPU kernels)."""

    work: Path
    tokenizer: Path
    side: str = "train"
    denoisers: tuple[Denoiser, ...] = DENOISERS

    def batches(self, stage: dict, seed: int) -> Iterator[Batch]:
        tokenizer = Tokenizer.from_file(str(self.tokenizer / "tokenizer.json"))
        sentinels = [number for name in SENTINELS if (number := tokenizer.token_to_id(name)) is not None]
        bos, eos = tokenizer.token_to_id("<bos>"), tokenizer.token_to_id("<eos>")
        rng, waiting = random.Random(seed), defaultdict(list)
        for ids in stretches(self.work, tokenizer, self.side, seed, LENGTH):
            denoiser = draw(rng, self.denoisers)
            seen, written = corrupt(ids, denoiser, sentinels, eos, rng)
            shape = (-(-(len(seen) + 1) // STEP) * STEP, -(-len(written) // STEP) * STEP)
            waiting[shape].append(([bos, *seen], [Asked([bos], written)]))
            if len(waiting[shape]) >= BATCH_TOKENS // sum(shape):
                yield collate(waiting.pop(shape), *shape, first_weight=1.0)


def adapted_config(gemma) -> T5Gemma2Config:
    """T5Gemma 2 in a Gemma 3's shape, both sides alike."""
    kept = (
        "vocab_size hidden_size intermediate_size num_hidden_layers num_attention_heads num_key_value_heads head_dim query_pre_attn_scalar "
        "max_position_embeddings sliding_window layer_types rope_parameters final_logit_softcapping attn_logit_softcapping rms_norm_eps "
        "pad_token_id eos_token_id bos_token_id hidden_activation tie_word_embeddings"
    ).split()
    shape = {name: getattr(gemma, name) for name in kept}
    return of_two(shape, dict(shape))


def adapt(gemma: Gemma3ForCausalLM) -> T5Gemma2ForConditionalGeneration:
    """An encoder-decoder both of whose sides are this model: layer by layer, with the table and the last norm."""
    model = T5Gemma2ForConditionalGeneration(adapted_config(gemma.config))
    weights = {}
    for name, tensor in gemma.model.state_dict().items():
        weights[".".join(RENAMED.get(part, part) for part in name.split("."))] = tensor
    for side in (model.model.encoder.text_model, model.model.decoder):
        missing, unexpected = side.load_state_dict(weights, strict=False)
        left = [name for name in missing if not name.startswith(("embed_tokens.", "rotary_emb."))]
        if left or unexpected:
            raise ValueError(f"adapting a Gemma 3: without a counterpart are {left + unexpected}")
    leave_vision(model)
    return model


def denoising_loss(model: T5Gemma2ForConditionalGeneration, batch: Batch) -> torch.Tensor:
    """Mean cross entropy of what the decoder is to write."""
    with autocast():
        made = forward(model, batch)
    return made.loss(made.each())


class Adaptation:
    """The course: what was in the holes (loop.Course)."""

    stages = ONE_STAGE
    rates: dict[str, float] = {}

    def __init__(self, work: Path, tokenizer: Path, model: T5Gemma2ForConditionalGeneration):
        self.tokenizer, self.model = tokenizer, model
        self.modules = {"model": model}
        self.source = Denoising(work, tokenizer)
        self.test = {
            denoiser.name: list(itertools.islice(Denoising(work, tokenizer, "test", (denoiser,)).batches({}, 99), 3)) for denoiser in DENOISERS
        }

    def loss(self, batch: Batch, stage: dict) -> tuple[torch.Tensor, dict[str, float]]:
        loss = denoising_loss(self.model, batch)
        return loss, {"loss": float(loss.detach())}

    def examine(self) -> dict[str, float]:
        with torch.no_grad():
            losses = {name: sum(self.loss(batch, {})[1]["loss"] for batch in batches) / len(batches) for name, batches in self.test.items()}
        return {f"held_out {name}": round(loss, 4) for name, loss in losses.items()}

    def finish(self, folder: Path) -> None:
        save_checkpoint(self.model, self.tokenizer, folder)


def main() -> None:
    parser = options(__doc__, run="adapt", rate=1e-3)
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--start-from", type=Path, help="a Gemma 3 text checkpoint (default: what pretrain.py left)")
    start.add_argument("--fresh", action="store_true")
    chosen = parser.parse_args()
    if chosen.fresh:
        tokenizer = chosen.work / "tokenizer"
        side = even_stack(Tokenizer.from_file(str(tokenizer / "tokenizer.json")).get_vocab_size())
        model = build_model(of_two(side, dict(side)))
    else:
        tokenizer = chosen.start_from or chosen.work / "pretrain" / "last"
        model = adapt(Gemma3ForCausalLM.from_pretrained(tokenizer, dtype=torch.float32))
    fuse(model.model.encoder.text_model, model.model.decoder)
    learn(Adaptation(chosen.work, tokenizer, model), chosen)


if __name__ == "__main__":
    main()
