"""One forward pass by transformers: what `recto forward` does, so that the two can be compared.

    python tools/reference/forward.py --checkpoint DIR --inputs CASE.safetensors --outputs OUT.safetensors

Inputs: input_ids int64 [n], decoder_input_ids int64 [t], optional pixel_values float32 [images, 3, S, S].
Outputs: encoder_last_hidden_state float32 [n, hidden], logits float32 [t, vocabulary].
Knows: only the file formats. The reference itself is reference_model.py: float32, eager attention.
Eager attention holds n x n scores per head: 32,768 tokens need 4 GiB a head.
"""

import argparse
from pathlib import Path

import torch
from reference_model import decode, encode, load_reference
from safetensors.torch import load_file, save_file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True, help="a folder in Hugging Face form")
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--outputs", type=Path, required=True)
    parser.add_argument("--attention", choices=["eager", "sdpa"], default="eager")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    inputs = load_file(arguments.inputs)
    for name in ("input_ids", "decoder_input_ids"):
        if name not in inputs or inputs[name].dtype != torch.int64 or inputs[name].ndim != 1:
            parser.error(f"{arguments.inputs}: {name}: expected int64 of one dimension, got {inputs.get(name, 'nothing')}")
    model = load_reference(arguments.checkpoint, attention=arguments.attention)
    states = encode(model, inputs["input_ids"], inputs.get("pixel_values"))
    logits = decode(model, states, inputs["decoder_input_ids"])
    save_file({"encoder_last_hidden_state": states.contiguous(), "logits": logits.contiguous()}, arguments.outputs)
    print(f"encoder_last_hidden_state {list(states.shape)}, logits {list(logits.shape)} -> {arguments.outputs}")


if __name__ == "__main__":
    main()
