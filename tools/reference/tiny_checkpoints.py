"""The tiny random checkpoints: their sizes, their weights, and the spelling each is written in.

Knows: six checkpoints, each of which holds one or more of the ways in which real ones differ, and how
to write each as a folder. Every weight is a function of (seed, name), so no order of calls matters.
Does not know: what the model computes.
Source of the spellings: transformers 5.23.0 conversion_mapping.py ('t5gemma2_encoder') and the
checkpoints published as google/t5gemma-2-*.
"""

import json
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file

from tiny_tokenizer import (
    BOS_ID, END_OF_IMAGE_ID, END_OF_TURN_ID, EOS_ID, FIRST_TEXT_ID, IMAGE_TOKEN_ID, PAD_ID, START_OF_IMAGE_ID, VOCABULARY_SIZE,
    write_tokenizer,
)  # fmt: skip

SPECIAL_IDS = [*range(0, 12), START_OF_IMAGE_ID, END_OF_IMAGE_ID, IMAGE_TOKEN_ID]


@dataclass(frozen=True)
class TinyCheckpoint:
    """One checkpoint and the shape of its case. Spellings: see _key and _rope_entries."""

    name: str
    what: str
    seed: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    window: int
    encoder_layers: int
    decoder_layers: int
    pattern: int
    """Every pattern-th layer is full."""
    input_tokens: int
    decoder_tokens: int = 24
    query_scalar: int = 16
    softcap: float | None = None
    rope_factor: float | None = None
    dtype: torch.dtype = torch.float32
    keys: str = "re-saved"
    """'released', 're-saved', or 'today' (what save_pretrained of transformers 5.23.0 writes)."""
    rope: str = "new"
    layer_types: str = "listed"
    """'listed', 'pattern' (sliding_window_pattern) or 'missing' (the default pattern, 6)."""
    vision: bool = False
    vision_config: bool = True
    table_key: str | None = None
    """Where the tied table is stored, when not at the spelling's usual place."""
    repeated_table: bool = False
    """Also stores the table, widened to float32, as lm_head.out_proj.weight."""
    shards: int = 1
    layer_internals: bool = False
    stored_rows: bool = False
    """Stores only some rows of the encoder's states, and their indices."""
    logit_gain: float = 1.8
    encoder_layer_gain: float = 1.0
    """How much each half layer adds to the encoder's states; less makes rounding of weights to 8 bits count less."""


CHECKPOINTS = [
    TinyCheckpoint(
        name="plain", seed=16, what="float32, re-saved key spelling, new RoPE spelling, no image weights; the end-of-image id stands in both inputs",
        hidden=64, intermediate=96, heads=4, kv_heads=1, head_dim=16, window=16, encoder_layers=4, decoder_layers=4, pattern=2,
        input_tokens=40, layer_internals=True, encoder_layer_gain=0.35,
    ),
    TinyCheckpoint(
        name="window", seed=15,
        what="window 7 (odd) against 150 tokens, two kv heads, final soft-cap 5, linear RoPE factor 8, 5 encoder and 3 decoder layers, "
        "layer types by sliding_window_pattern, query scalar other than head_dim, keys as transformers 5.23.0 saves them",
        hidden=48, intermediate=80, heads=4, kv_heads=2, head_dim=16, window=7, encoder_layers=5, decoder_layers=3, pattern=3,
        input_tokens=150, query_scalar=24, softcap=5.0, rope_factor=8.0, keys="today", layer_types="pattern", layer_internals=True, logit_gain=1.5,
    ),
    TinyCheckpoint(
        name="released", seed=20,
        what="bfloat16 in two shards, released key spelling, old RoPE spelling with linear factor 8, no layer types (default pattern 6), "
        "with vision tower and projector, and the tied table repeated in float32",
        hidden=32, intermediate=64, heads=2, kv_heads=1, head_dim=16, window=12, encoder_layers=6, decoder_layers=6, pattern=6,
        input_tokens=64, rope_factor=8.0, dtype=torch.bfloat16, keys="released", rope="old", layer_types="missing", vision=True,
        repeated_table=True, shards=2, logit_gain=1.5,
    ),
    TinyCheckpoint(
        name="long", seed=7,
        what="3500 tokens, more than three tiles of 1024; window 64; with vision weights, keys as transformers 5.23.0 saves them; "
        "encoder states and embeddings are stored for the rows in encoder_rows",
        hidden=32, intermediate=48, heads=2, kv_heads=1, head_dim=16, window=64, encoder_layers=3, decoder_layers=2, pattern=2,
        input_tokens=3500, keys="today", vision=True, stored_rows=True,
    ),
    TinyCheckpoint(
        name="short", seed=16,
        what="float16, an input of 5 tokens under a window of 8, as many kv heads as heads, the tied table stored only as lm_head.out_proj.weight, "
        "no vision_config",
        hidden=32, intermediate=48, heads=2, kv_heads=2, head_dim=16, window=8, encoder_layers=2, decoder_layers=2, pattern=2,
        input_tokens=5, dtype=torch.float16, vision_config=False, table_key="lm_head.out_proj.weight",
    ),
    TinyCheckpoint(
        name="edge", seed=8,
        what="window 2 (a row sees itself and its right neighbour), old RoPE spelling without scaling, head_dim other than hidden / heads, "
        "only sliding layers in the decoder, the tied table stored only as model.decoder.embed_tokens.weight",
        hidden=32, intermediate=48, heads=4, kv_heads=2, head_dim=16, window=2, encoder_layers=3, decoder_layers=2, pattern=3,
        input_tokens=33, rope="old", table_key="model.decoder.embed_tokens.weight",
    ),
]  # fmt: skip


def layer_types(tiny: TinyCheckpoint, layers: int) -> list[str]:
    """'full_attention' for every pattern-th layer, 'sliding_attention' for the others."""
    return ["sliding_attention" if (index + 1) % tiny.pattern else "full_attention" for index in range(layers)]


def _rope_entries(tiny: TinyCheckpoint) -> dict:
    scaling = None if tiny.rope_factor is None else {"factor": tiny.rope_factor, "rope_type": "linear"}
    if tiny.rope == "old":
        return {"rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "rope_scaling": scaling}
    full = {"rope_theta": 1000000.0, **(scaling or {"rope_type": "default"})}
    return {"rope_parameters": {"full_attention": full, "sliding_attention": {"rope_theta": 10000.0, "rope_type": "default"}}}


def _text_config(tiny: TinyCheckpoint, model_type: str, layers: int) -> dict:
    config = {
        "attention_bias": False,
        "attention_dropout": 0.0,
        "attn_logit_softcapping": None,
        "bos_token_id": BOS_ID,
        "dropout_rate": 0.0,
        "eos_token_id": EOS_ID,
        "final_logit_softcapping": tiny.softcap,
        "head_dim": tiny.head_dim,
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": tiny.hidden,
        "initializer_range": 0.02,
        "intermediate_size": tiny.intermediate,
        "max_position_embeddings": 8192,
        "model_type": model_type,
        "num_attention_heads": tiny.heads,
        "num_hidden_layers": layers,
        "num_key_value_heads": tiny.kv_heads,
        "pad_token_id": PAD_ID,
        "query_pre_attn_scalar": tiny.query_scalar,
        "rms_norm_eps": 1e-06,
        "sliding_window": tiny.window,
        "tie_word_embeddings": True,
        "use_cache": True,
        "vocab_size": VOCABULARY_SIZE,
        **_rope_entries(tiny),
    }
    if tiny.layer_types == "listed":
        config["layer_types"] = layer_types(tiny, layers)
    elif tiny.layer_types == "pattern":
        config["sliding_window_pattern"] = tiny.pattern
    return dict(sorted(config.items()))


# Image 56 = 4 x 4 patches of 14, pooled to 2 x 2 = 4 soft tokens.
_VISION = {
    "attention_dropout": 0.0,
    "hidden_act": "gelu_pytorch_tanh",
    "hidden_size": 16,
    "image_size": 56,
    "intermediate_size": 24,
    "layer_norm_eps": 1e-06,
    "model_type": "siglip_vision_model",
    "num_attention_heads": 2,
    "num_channels": 3,
    "num_hidden_layers": 2,
    "patch_size": 14,
    "vision_use_head": False,
}


def config_json(tiny: TinyCheckpoint) -> dict:
    """config.json as transformers writes it, in the checkpoint's own spelling."""
    dtype = str(tiny.dtype).removeprefix("torch.")
    encoder = {
        "boi_token_index": START_OF_IMAGE_ID,
        "dtype": dtype,
        "eoi_token_index": END_OF_IMAGE_ID,
        "image_token_index": IMAGE_TOKEN_ID,
        "initializer_range": 0.02,
        "mm_tokens_per_image": 4,
        "model_type": "t5gemma2_encoder",
        "text_config": _text_config(tiny, "t5gemma2_text", tiny.encoder_layers),
        "tie_word_embeddings": True,
    }
    if tiny.vision_config:
        encoder["vision_config"] = _VISION
    return {
        "architectures": ["T5Gemma2ForConditionalGeneration"],
        "attention_dropout": 0.0,
        "bos_token_id": BOS_ID,
        "decoder": _text_config(tiny, "t5gemma2_decoder", tiny.decoder_layers),
        "dropout_rate": 0.0,
        "dtype": dtype,
        "encoder": encoder,
        "eoi_token_index": END_OF_IMAGE_ID,
        "eos_token_id": EOS_ID,
        "image_token_index": IMAGE_TOKEN_ID,
        "initializer_range": 0.02,
        "is_encoder_decoder": True,
        "model_type": "t5gemma2",
        "pad_token_id": PAD_ID,
        "tie_word_embeddings": True,
        "transformers_version": "5.23.0",
        "vocab_size": VOCABULARY_SIZE,
    }


def _shapes(tiny: TinyCheckpoint) -> dict[str, list[int]]:
    """Shape of every tensor under its re-saved name, with `vision_model.` in the vision names."""
    hidden, inner, dim = tiny.hidden, tiny.intermediate, tiny.head_dim
    shapes = {"model.encoder.text_model.embed_tokens.weight": [VOCABULARY_SIZE, hidden], "model.encoder.text_model.embed_tokens.eoi_embedding": [hidden]}
    for stack, layers in (("model.encoder.text_model", tiny.encoder_layers), ("model.decoder", tiny.decoder_layers)):
        for index in range(layers):
            layer = f"{stack}.layers.{index}"
            for projection, heads in (("q_proj", tiny.heads), ("k_proj", tiny.kv_heads), ("v_proj", tiny.kv_heads)):
                shapes[f"{layer}.self_attn.{projection}.weight"] = [heads * dim, hidden]
            shapes[f"{layer}.self_attn.o_proj.weight"] = [hidden, tiny.heads * dim]
            shapes |= {f"{layer}.self_attn.{norm}.weight": [dim] for norm in ("q_norm", "k_norm")}
            shapes |= {f"{layer}.mlp.{name}.weight": [inner, hidden] for name in ("gate_proj", "up_proj")}
            shapes[f"{layer}.mlp.down_proj.weight"] = [hidden, inner]
            for place in ("self_attn", "feedforward"):
                shapes |= {f"{layer}.{side}_{place}_layernorm.weight": [hidden] for side in ("pre", "post")}
        shapes[f"{stack}.norm.weight"] = [hidden]
    return shapes | (_vision_shapes(hidden) if tiny.vision else {})


def _vision_shapes(text_hidden: int) -> dict[str, list[int]]:
    width, inner, patch = _VISION["hidden_size"], _VISION["intermediate_size"], _VISION["patch_size"]
    tower = "model.encoder.vision_tower.vision_model"
    shapes = {
        f"{tower}.embeddings.patch_embedding.weight": [width, 3, patch, patch],
        f"{tower}.embeddings.patch_embedding.bias": [width],
        f"{tower}.embeddings.position_embedding.weight": [(_VISION["image_size"] // patch) ** 2, width],
        "model.encoder.multi_modal_projector.mm_input_projection_weight": [width, text_hidden],
        "model.encoder.multi_modal_projector.mm_soft_emb_norm.weight": [width],
    }
    linear = {f"self_attn.{name}_proj": [width, width] for name in ("q", "k", "v", "out")} | {"mlp.fc1": [inner, width], "mlp.fc2": [width, inner]}
    for index in range(_VISION["num_hidden_layers"]):
        layer = f"{tower}.encoder.layers.{index}"
        for name, shape in linear.items():
            shapes |= {f"{layer}.{name}.weight": shape, f"{layer}.{name}.bias": shape[:1]}
        shapes |= {f"{layer}.layer_norm{number}.{kind}": [width] for number in (1, 2) for kind in ("weight", "bias")}
    return shapes | {f"{tower}.post_layernorm.{kind}": [width] for kind in ("weight", "bias")}


def _weight(tiny: TinyCheckpoint, name: str, shape: list[int]) -> torch.Tensor:
    """A float32 weight that depends on nothing but the seed and the name.

    Sizes are chosen so that the model behaves: norm gains well away from 1, attention neither flat nor sharp (sharp
    attention multiplies rounding), special ids rarely the best. The decoder's last gains take both signs: with a tied
    table and positive gains the best next token is mostly the last one again, and a greedy text shows nothing.
    """
    generator = torch.Generator().manual_seed(zlib.crc32(f"{tiny.seed}/{name}".encode()))
    normal = torch.randn(shape, generator=generator)
    uniform = torch.rand(shape, generator=generator)
    if name.endswith("eoi_embedding"):
        return normal * 0.8
    if name.endswith("embed_tokens.weight"):
        table = normal * (1.2 / tiny.hidden**0.5)
        table[[id_ for id_ in SPECIAL_IDS if id_ != BOS_ID]] *= 0.25
        return table
    if name == "model.decoder.norm.weight":
        return tiny.logit_gain * (0.6 + 0.8 * uniform) * normal.sign() - 1
    if name.endswith("q_norm.weight") or name.endswith("k_norm.weight"):
        return uniform * 0.8 - 0.3
    if name.startswith("model.encoder.text_model.layers.") and ".post_" in name:
        return tiny.encoder_layer_gain * (uniform * 1.2 + 0.5) - 1
    if name.endswith("norm.weight") and "layer_norm" not in name and "post_layernorm" not in name or "self_attn_layernorm" in name or "feedforward_layernorm" in name:
        return uniform * 1.2 - 0.5
    if "layer_norm" in name or "post_layernorm" in name:
        return 0.7 + 0.6 * uniform if name.endswith("weight") else normal * 0.1
    if name.endswith("bias") or name.endswith("position_embedding.weight"):
        return normal * 0.1
    fan_in = shape[0] if name.endswith("mm_input_projection_weight") else normal[0].numel()
    return normal / fan_in**0.5


def _key(tiny: TinyCheckpoint, name: str) -> str:
    """The re-saved name in the checkpoint's own spelling."""
    if name == "model.encoder.text_model.embed_tokens.weight" and tiny.table_key is not None:
        return tiny.table_key
    if tiny.keys in ("released", "today"):
        name = name.replace("model.encoder.text_model.", "model.encoder.")
    if tiny.keys in ("re-saved", "today"):
        name = name.replace(".vision_tower.vision_model.", ".vision_tower.")
    return name


def checkpoint_tensors(tiny: TinyCheckpoint) -> dict[str, torch.Tensor]:
    """All tensors as they are stored: own spelling, own dtype."""
    tensors = {_key(tiny, name): _weight(tiny, name, shape).to(tiny.dtype) for name, shape in _shapes(tiny).items()}
    if tiny.repeated_table:
        tensors["lm_head.out_proj.weight"] = tensors[_key(tiny, "model.encoder.text_model.embed_tokens.weight")].float()
    return dict(sorted(tensors.items()))


def write_checkpoint(tiny: TinyCheckpoint, folder: Path) -> None:
    """Writes the folder as a user would have it: config, weights in one file or shards, tokenizer, generation config."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_json(folder / "config.json", config_json(tiny))
    _write_json(
        folder / "generation_config.json",
        {"bos_token_id": BOS_ID, "cache_implementation": "hybrid" if tiny.keys == "released" else None, "do_sample": False,
         "eos_token_id": [EOS_ID, END_OF_TURN_ID], "pad_token_id": PAD_ID, "transformers_version": "5.23.0"},
    )  # fmt: skip
    write_tokenizer(folder)
    tensors = checkpoint_tensors(tiny)
    if tiny.shards == 1:
        save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
        return
    # Interleaved on purpose: a layer's weights may lie in different shards.
    parts = [dict(list(tensors.items())[index :: tiny.shards]) for index in range(tiny.shards)]
    weight_map = {}
    for index, part in enumerate(parts):
        file = f"model-{index + 1:05d}-of-{tiny.shards:05d}.safetensors"
        save_file(part, folder / file, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(part, file)
    total = sum(tensor.nbytes for tensor in tensors.values())
    _write_json(folder / "model.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": dict(sorted(weight_map.items()))})


def case_inputs(tiny: TinyCheckpoint) -> tuple[torch.Tensor, torch.Tensor]:
    """input_ids [n] and decoder_input_ids [t]: <bos>, then random text ids; in `plain` the end-of-image id here and there."""
    generator = torch.Generator().manual_seed(zlib.crc32(f"{tiny.seed}/inputs".encode()))
    input_ids = torch.randint(FIRST_TEXT_ID, VOCABULARY_SIZE, [tiny.input_tokens], generator=generator)
    decoder_ids = torch.randint(FIRST_TEXT_ID, VOCABULARY_SIZE, [tiny.decoder_tokens], generator=generator)
    input_ids[0] = decoder_ids[0] = BOS_ID
    if tiny.name == "plain":
        input_ids[[7, 23]] = END_OF_IMAGE_ID
        decoder_ids[5] = END_OF_IMAGE_ID
    return input_ids, decoder_ids


def _write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
