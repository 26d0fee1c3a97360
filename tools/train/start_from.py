"""The model that a run goes on from: a T5Gemma 2 checkpoint in transformers' form, or a finished model folder of Recto.

A model folder's eight-bit weights come back within half a step of what was trained (blocks as (byte - 128) * scale, rows as
value * scale); training makes that good within a few thousand tokens.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx.external_data_helper import load_external_data_for_tensor
from transformers import T5Gemma2Config, T5Gemma2ForConditionalGeneration

from model import build_model, leave_vision, of_two, stack


def weights_of(folder: Path) -> dict[str, np.ndarray]:
    """Every trained tensor of a model folder in float32, under the names that its graphs use."""
    stored: dict[str, np.ndarray] = {}
    for path in sorted(folder.glob("*.onnx")):
        for tensor in onnx.load(str(path), load_external_data=False).graph.initializer:
            name = tensor.name.removesuffix("/rows")
            if tensor.name.startswith("/constants/") or "/tiles" in name or name in stored:
                continue
            load_external_data_for_tensor(tensor, str(folder))
            stored[name] = onnx.numpy_helper.to_array(tensor)
    weights = {}
    for name, values in stored.items():
        if name.endswith("/scales"):
            continue
        if values.dtype == np.uint8:
            scales = stored[f"{name}/scales"]
            blocks = values.reshape(*scales.shape, -1).astype(np.float32)
            values = ((blocks - 128) * scales[..., None]).reshape(scales.shape[0], -1)
        elif values.dtype == np.int8:
            values = (values.astype(np.float32) * stored[f"{name}/scales"]).T
        weights[name] = values
    return weights


def config_of(manifest: dict) -> T5Gemma2Config:
    """The configuration of a model folder."""
    sizes = manifest["sizes"]

    def turning(kind: dict) -> dict:
        return {"rope_type": "default", "rope_theta": kind["theta"]} if kind["factor"] == 1 else {"rope_type": "linear", "factor": kind["factor"], "rope_theta": kind["theta"]}

    def side(name: str) -> dict:
        part = sizes[name]
        shape = stack(
            sizes["vocabSize"], hidden=sizes["hiddenSize"], inner=part["intermediateSize"], kinds=part["layerTypes"],
            heads=part["heads"], kv_heads=part["kvHeads"], head_dim=part["headDim"], theta=part["rope"]["sliding_attention"]["theta"],
        )
        return shape | {
            "sliding_window": part["slidingWindow"], "rms_norm_eps": part["rmsNormEps"], "query_pre_attn_scalar": round(part["attentionScale"] ** -2),
            "final_logit_softcapping": sizes["finalLogitSoftcap"], "max_position_embeddings": sizes["contextTokens"],
            "rope_parameters": {kind: turning(values) for kind, values in part["rope"].items()},
        }

    return of_two(side("encoder"), side("decoder"))


def start_from(folder: Path) -> T5Gemma2ForConditionalGeneration:
    """The model in a folder, ready for training."""
    if not (folder / "manifest.json").exists():
        model = T5Gemma2ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
        leave_vision(model)
        return model
    model = build_model(config_of(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))))
    weights = weights_of(folder)
    with torch.no_grad():
        for part, prefix in ((model.model.encoder.text_model, "encoder."), (model.model.decoder, "decoder.")):
            for name, parameter in part.named_parameters():
                if prefix == "decoder." and name.startswith("embed_tokens."):
                    continue  # the encoder's own table
                parameter.copy_(torch.tensor(weights[prefix + name]))
    return model
