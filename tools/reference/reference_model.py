"""The reference: transformers' T5Gemma2ForConditionalGeneration, in float32, with eager attention.

Knows: how to load a checkpoint so that nothing is silently random, how to run it, how to decode
greedily, and how to run the same model in float64 to see how much of a number is rounding.
Does not know: where checkpoints come from, or what is stored of a run.
Source: transformers 5.23.0, models/t5gemma2/modeling_t5gemma2.py.
"""

import contextlib
import json
import os
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
# Without this MKL picks its kernels by the address of the data, and two runs differ in the last bits.
os.environ.setdefault("MKL_CBWR", "COMPATIBLE")

import torch
from safetensors import safe_open
from transformers import SiglipVisionConfig, T5Gemma2Config, T5Gemma2ForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.t5gemma2 import modeling_t5gemma2
from transformers.utils import logging as transformers_logging

transformers_logging.disable_progress_bar()

_IMAGE_PARTS = ("model.encoder.vision_tower.", "model.encoder.multi_modal_projector.")


def tensor_names(checkpoint: Path) -> list[str]:
    """Names of all tensors of a checkpoint folder, in one file or in shards."""
    index = checkpoint / "model.safetensors.index.json"
    if index.exists():
        return sorted(json.loads(index.read_text(encoding="utf-8"))["weight_map"])
    with safe_open(str(checkpoint / "model.safetensors"), framework="pt") as file:
        return sorted(file.keys())


def smallest_vision_config() -> SiglipVisionConfig:
    """A tower of a few thousand weights, for checkpoints that carry none: transformers always builds one."""
    return SiglipVisionConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=1, image_size=56, patch_size=14, vision_use_head=False
    )


def load_reference(checkpoint: Path, dtype: torch.dtype = torch.float32, attention: str = "eager") -> T5Gemma2ForConditionalGeneration:
    """Loads a checkpoint folder, in either spelling of keys and RoPE, widened or narrowed to dtype.

    Raises ValueError when a text weight is missing or of another shape, or when a weight has no place:
    transformers itself would go on with random values.
    """
    config = T5Gemma2Config.from_pretrained(checkpoint)
    has_vision = any(name.startswith(_IMAGE_PARTS) for name in tensor_names(checkpoint))
    if not has_vision:
        config.encoder.vision_config = smallest_vision_config()
    model, report = T5Gemma2ForConditionalGeneration.from_pretrained(
        checkpoint, config=config, dtype=dtype, attn_implementation=attention, output_loading_info=True
    )
    missing = [key for key in report["missing_keys"] if has_vision or not key.startswith(_IMAGE_PARTS)]
    unexpected = [key for key in report["unexpected_keys"] if ".head." not in key]
    if missing or unexpected or report["mismatched_keys"]:
        raise ValueError(f"{checkpoint}: missing {missing}, unexpected {unexpected}, misshapen {report['mismatched_keys']}")
    for part in (model.model.encoder.text_model, model.model.decoder):
        assert part.config._attn_implementation == attention, part.config._attn_implementation
    return model.eval()


@torch.no_grad()
def encode(model: T5Gemma2ForConditionalGeneration, input_ids: torch.Tensor, pixel_values: torch.Tensor | None = None) -> torch.Tensor:
    """Encoder states after the last norm: [n, hidden] for input_ids [n]. No padding, so no mask."""
    return model.model.encoder(input_ids=input_ids[None], pixel_values=pixel_values).last_hidden_state[0]


@torch.no_grad()
def decode(model: T5Gemma2ForConditionalGeneration, encoder_states: torch.Tensor, decoder_input_ids: torch.Tensor) -> torch.Tensor:
    """Logits [t, vocabulary] of one uncached pass over decoder_input_ids [t]."""
    outputs = BaseModelOutput(last_hidden_state=encoder_states[None])
    return model(encoder_outputs=outputs, decoder_input_ids=decoder_input_ids[None], use_cache=False).logits[0]


@torch.no_grad()
def decode_cached(model: T5Gemma2ForConditionalGeneration, encoder_states: torch.Tensor, decoder_input_ids: torch.Tensor) -> torch.Tensor:
    """The same logits, one token at a time through transformers' own key/value cache."""
    outputs = BaseModelOutput(last_hidden_state=encoder_states[None])
    cache, rows = None, []
    for token in decoder_input_ids:
        step = model(encoder_outputs=outputs, decoder_input_ids=token.view(1, 1), past_key_values=cache, use_cache=True)
        cache = step.past_key_values
        rows.append(step.logits[0, -1])
    return torch.stack(rows)


def greedy(model: T5Gemma2ForConditionalGeneration, encoder_states: torch.Tensor, first_id: int, steps: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Greedy continuation by full uncached passes; end tokens are not looked at.

    Returns ids [steps] and margins [steps]: the top logit less the second, at each step.
    """
    ids, margins = [first_id], []
    for _ in range(steps):
        top = decode(model, encoder_states, torch.tensor(ids))[-1].topk(2)
        margins.append(top.values[0] - top.values[1])
        ids.append(int(top.indices[0]))
    return torch.tensor(ids[1:]), torch.stack(margins)


@contextlib.contextmanager
def layer_outputs(model: T5Gemma2ForConditionalGeneration):
    """While open, collects what each layer returns: a dict {'encoder_layers.i': [n, hidden], 'decoder_layers.i': [t, hidden]}."""
    collected: dict[str, torch.Tensor] = {}

    def keep(name: str):
        def hook(_module, _inputs, output):
            collected[name] = output[0].detach().clone()

        return hook

    handles = []
    for side, layers in (("encoder_layers", model.model.encoder.text_model.layers), ("decoder_layers", model.model.decoder.layers)):
        handles += [layer.register_forward_hook(keep(f"{side}.{index}")) for index, layer in enumerate(layers)]
    try:
        yield collected
    finally:
        for handle in handles:
            handle.remove()


@contextlib.contextmanager
def float64_throughout(exact_angles: bool):
    """While open, a model loaded in float64 computes its norms and softmax in float64 too (the reference drops to float32 there).

    exact_angles False keeps the float32 RoPE angles, cosines and sines; True computes those in float64 as well.
    """
    norm, rope = modeling_t5gemma2.T5Gemma2RMSNorm, modeling_t5gemma2.T5Gemma2RotaryEmbedding
    before = norm.forward, rope.forward, modeling_t5gemma2.eager_attention_forward

    def norm_forward(self, x):
        return self._norm(x) * (1.0 + self.weight)

    def attention_forward(module, query, key, value, attention_mask, scaling, **_kwargs):
        groups = module.num_key_value_groups
        key, value = modeling_t5gemma2.repeat_kv(key, groups), modeling_t5gemma2.repeat_kv(value, groups)
        scores = torch.matmul(query, key.transpose(2, 3)) * scaling
        if attention_mask is not None:
            scores = scores + attention_mask
        weights = scores.softmax(dim=-1)
        return torch.matmul(weights, value).transpose(1, 2).contiguous(), weights

    def rope_forward(self, x, position_ids, layer_type):
        parameters = self.config.rope_parameters[layer_type]
        exponents = torch.arange(0, self.config.head_dim, 2, dtype=torch.float64) / self.config.head_dim
        inverse = parameters["rope_theta"] ** -exponents / parameters.get("factor", 1.0)
        angles = position_ids[..., None].double() * inverse
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos(), angles.sin()

    norm.forward = norm_forward
    modeling_t5gemma2.eager_attention_forward = attention_forward
    if exact_angles:
        rope.forward = rope_forward
    try:
        yield
    finally:
        norm.forward, rope.forward, modeling_t5gemma2.eager_attention_forward = before
