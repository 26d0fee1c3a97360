"""A random Gemma 3 of the 270M shape as a GGUF file: what llama.cpp is timed on, as it runs no T5Gemma 2.

Knows: the shape (one half of T5Gemma 2's 270M-270M, with the same table, heads and sliding layers) and llama.cpp's names for its parts.
Every matrix is quantised to the type, the table too, which llama.cpp's own quantiser would keep at 6 bits or more: so the
figures of q4_0 are rather too good than too bad.
Does not know: how it is run.

Run: python random_gguf.py OUT --type q8_0|q4_0 [--seed 1]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType
from gguf.quants import quantize
from random_tokenizer import LEADING, VOCABULARY, entries, special_tokens

LAYERS, HIDDEN, INNER, HEADS, KV_HEADS, HEAD_DIM, WINDOW, CONTEXT = 18, 640, 2048, 4, 1, 256, 512, 33_024
TYPES = {
    "q8_0": (GGMLQuantizationType.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    "q4_0": (GGMLQuantizationType.Q4_0, LlamaFileType.MOSTLY_Q4_0),
}


def add_shape(writer: GGUFWriter, file_type: LlamaFileType) -> None:
    """The keys that llama.cpp reads the shape from; that every 6th layer is full is built into its gemma3."""
    writer.add_file_type(file_type)
    writer.add_quantization_version(2)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_key_length(HEAD_DIM)
    writer.add_value_length(HEAD_DIM)
    writer.add_sliding_window(WINDOW)
    writer.add_rope_freq_base(1_000_000.0)
    writer.add_layer_norm_rms_eps(1e-6)


def add_vocabulary(writer: GGUFWriter) -> None:
    """The same entries as the checkpoint's tokenizer, as a SentencePiece vocabulary; scores and merges play no part, as ids are passed."""
    special = special_tokens()
    types = [TokenType.CONTROL if number in special else TokenType.NORMAL for number in range(VOCABULARY)]
    types[LEADING.index("<unk>")] = TokenType.UNKNOWN
    types[len(LEADING) : len(LEADING) + 256] = [TokenType.BYTE] * 256
    writer.add_tokenizer_model("llama")
    writer.add_token_list(entries())
    writer.add_token_scores([-float(number) for number in range(VOCABULARY)])
    writer.add_token_types(types)
    writer.add_pad_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_bos_token_id(2)
    writer.add_unk_token_id(3)


def shapes() -> dict[str, tuple[int, ...]]:
    """Every tensor's name and shape, rows first."""
    attention, kv = HEADS * HEAD_DIM, KV_HEADS * HEAD_DIM
    found: dict[str, tuple[int, ...]] = {"token_embd": (VOCABULARY, HIDDEN), "output_norm": (HIDDEN,)}
    for index in range(LAYERS):
        layer = {
            "attn_q": (attention, HIDDEN), "attn_k": (kv, HIDDEN), "attn_v": (kv, HIDDEN), "attn_output": (HIDDEN, attention),
            "attn_q_norm": (HEAD_DIM,), "attn_k_norm": (HEAD_DIM,), "attn_norm": (HIDDEN,), "post_attention_norm": (HIDDEN,),
            "ffn_gate": (INNER, HIDDEN), "ffn_up": (INNER, HIDDEN), "ffn_down": (HIDDEN, INNER), "ffn_norm": (HIDDEN,),
            "post_ffw_norm": (HIDDEN,),
        }  # fmt: skip
        found |= {f"blk.{index}.{name}": shape for name, shape in layer.items()}
    return found


def random_tensor(name: str, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Matrices that keep the size of what goes through them; norm gains near 1, which in a GGUF file stand whole."""
    numbers = random.standard_normal(shape, dtype=np.float32)
    if len(shape) == 1:
        return 1 + np.float32(0.02) * numbers
    return numbers * np.float32((HIDDEN if name == "token_embd" else shape[1]) ** -0.5)


def write_gguf(path: Path, form: str, seed: int) -> None:
    """Write the file beside its place, then rename it: nobody meets half a model."""
    quantisation, file_type = TYPES[form]
    unfinished = path.with_name(path.name + ".unfinished")
    writer = GGUFWriter(unfinished, "gemma3")
    add_shape(writer, file_type)
    add_vocabulary(writer)
    random = np.random.default_rng(seed)
    for name, shape in shapes().items():
        kind = GGMLQuantizationType.F32 if len(shape) == 1 else quantisation
        writer.add_tensor(f"{name}.weight", quantize(random_tensor(name, shape, random), kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.rename(path)


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--type", choices=TYPES, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    write_gguf(arguments.out, arguments.type, arguments.seed)


if __name__ == "__main__":
    main()
