"""Runs what README.md says of the reference, on the golden checkpoints: each line printed is a claim with its figure.

    python tools/reference/check_claims.py

Exit code 1 when a claim fails. Knows: the claims. Does not write anything that is kept.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import torch
from reference_model import decode, encode, greedy, load_reference, tensor_names
from safetensors.torch import load_file, save_file
from tiny_checkpoints import CHECKPOINTS, TinyCheckpoint, case_inputs, checkpoint_tensors, write_checkpoint
from tiny_tokenizer import BOS_ID, END_OF_IMAGE_ID
from write_golden import GOLDEN

_BY_NAME = {tiny.name: tiny for tiny in CHECKPOINTS}
_failed = []


def claim(text: str, holds: bool, figure: object = "") -> None:
    """Prints one claim and remembers whether it failed."""
    print(f"{'holds ' if holds else 'FAILS '} {text} {figure}", flush=True)
    if not holds:
        _failed.append(text)


def loaded(tiny: TinyCheckpoint, **other):
    """The reference of a freshly written variant of a checkpoint: (states, logits, model, names)."""
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(replace(tiny, **other), Path(folder))
        model = load_reference(Path(folder))
        names = tensor_names(Path(folder))
    input_ids, decoder_ids = case_inputs(tiny)
    states = encode(model, input_ids)
    return states, decode(model, states, decoder_ids), model, names


def check_weights_arrive() -> None:
    """Nothing is silently random: every stored tensor is found again in the loaded model, widened."""
    for tiny in CHECKPOINTS:
        model = load_reference(GOLDEN / tiny.name / "checkpoint")
        got = {value.data_ptr(): value for value in model.state_dict().values()}
        places = [value for value in got.values()]
        stray = [
            name for name, stored in checkpoint_tensors(tiny).items()
            if not any(place.shape == stored.shape and torch.equal(place, stored.float()) for place in places)
        ]  # fmt: skip
        claim(f"{tiny.name}: all {len(tensor_names(GOLDEN / tiny.name / 'checkpoint'))} stored tensors are in the loaded model", not stray, stray or "")


def check_refusal() -> None:
    """Where transformers would fill a missing text weight with random values, the reference here refuses."""
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(_BY_NAME["short"], Path(folder))
        file = Path(folder) / "model.safetensors"
        tensors = load_file(file)
        del tensors["model.decoder.layers.1.mlp.up_proj.weight"]
        save_file(tensors, file, metadata={"format": "pt"})
        try:
            load_reference(Path(folder))
            said = ""
        except ValueError as error:
            said = str(error)
    claim("a missing text weight is refused by name", "model.decoder.layers.1.mlp.up_proj.weight" in said)


def check_spellings() -> None:
    """Key and RoPE spelling change nothing."""
    tiny = replace(_BY_NAME["released"], repeated_table=False, shards=1)
    first = loaded(tiny)
    variants = {
        "re-saved keys": {"keys": "re-saved"},
        "keys as 5.23.0 saves them": {"keys": "today"},
        "new RoPE spelling": {"rope": "new"},
        "layer types listed": {"layer_types": "listed"},
        "two shards and a repeated float32 table": {"shards": 2, "repeated_table": True},
        "table only as lm_head.out_proj.weight": {"table_key": "lm_head.out_proj.weight"},
        "table only as model.decoder.embed_tokens.weight": {"table_key": "model.decoder.embed_tokens.weight"},
        "no vision weights": {"vision": False},
    }
    for name, other in variants.items():
        second = loaded(tiny, **other)
        claim(f"released keys and {name}: the same bits", torch.equal(first[0], second[0]) and torch.equal(first[1], second[1]))
    fresh = type(first[2])(first[2].config)
    for model, what in ((first[2], "loaded from released keys"), (fresh, "made anew")):
        for original in (True, False):
            with tempfile.TemporaryDirectory() as folder:
                model.save_pretrained(folder, save_original_format=original)
                names = tensor_names(Path(folder))
            spellings = [keys for keys in ("released", "re-saved", "today") if names == loaded(tiny, keys=keys)[3]]
            claim(f"a model {what}, save_pretrained(save_original_format={original}) writes a spelling that is tested here:", len(spellings) == 1, spellings)



def check_embedding() -> None:
    """The end-of-image vector is unscaled, in both stacks, and the head uses the table's own row for that id."""
    model = load_reference(GOLDEN / "plain" / "checkpoint")
    stored = load_file(GOLDEN / "plain" / "checkpoint" / "model.safetensors")
    table = stored["model.encoder.text_model.embed_tokens.weight"]
    vector = stored["model.encoder.text_model.embed_tokens.eoi_embedding"]
    scale = torch.tensor(table.shape[1] ** 0.5)
    ids = torch.arange(table.shape[0])
    for side, embed in (("encoder", model.model.encoder.text_model.embed_tokens), ("decoder", model.model.decoder.embed_tokens)):
        with torch.no_grad():
            rows = embed(ids)
        claim(f"{side}: the end-of-image id takes eoi_embedding unscaled", torch.equal(rows[END_OF_IMAGE_ID], vector))
        others = ids != END_OF_IMAGE_ID
        claim(f"{side}: every other id takes its row x float32(sqrt(hidden)), to the bit", torch.equal(rows[others], (table * scale)[others]))
    claim("the head is the table, end-of-image row included", torch.equal(model.lm_head.out_proj.weight, table))


def check_sdpa() -> None:
    """sdpa is as good a reference as eager."""
    for tiny in CHECKPOINTS:
        input_ids, decoder_ids = case_inputs(tiny)
        runs = []
        for attention in ("eager", "sdpa"):
            model = load_reference(GOLDEN / tiny.name / "checkpoint", attention=attention)
            states = encode(model, input_ids)
            runs.append((states, decode(model, states, decoder_ids)))
        encoder, logits = ((runs[0][index] - runs[1][index]).abs().max().item() for index in (0, 1))
        claim(f"{tiny.name}: sdpa is within 3e-5 of eager:", max(encoder, logits) < 3e-5, f"encoder {encoder:.2g}, logits {logits:.2g}")


def check_generate() -> None:
    """transformers' own generate(), with its cache, gives the golden ids."""
    for tiny in CHECKPOINTS:
        model = load_reference(GOLDEN / tiny.name / "checkpoint")
        input_ids, _ = case_inputs(tiny)
        ids = load_file(GOLDEN / tiny.name / "case.safetensors")["greedy_ids"]
        out = model.generate(
            input_ids[None], max_new_tokens=len(ids), do_sample=False, decoder_start_token_id=BOS_ID,
            attention_mask=torch.ones_like(input_ids)[None], cache_implementation=None,
        )[0, 1:]  # fmt: skip
        claim(f"{tiny.name}: generate() gives the golden ids", torch.equal(out, ids))
        again, _ = greedy(model, encode(model, input_ids), BOS_ID, 5)
        claim(f"{tiny.name}: a fresh uncached run gives the first of them again", torch.equal(again, ids[:5]))


_FROUND = "fround(fround(1 / fround(theta ** (2i / head_dim))) / factor)"


def our_inverse_frequencies(theta: float, head_dim: int, factor: float) -> torch.Tensor:
    """_FROUND with the power in float64, as JavaScript would compute it."""
    powers = torch.tensor([theta ** (index / head_dim) for index in range(0, head_dim, 2)], dtype=torch.float32)
    return (1.0 / powers) / factor


def check_cases_can_tell() -> None:
    """A case that a wrong program would pass is worth nothing: each mistake moves the numbers far beyond 3e-5."""
    for tiny in CHECKPOINTS:
        right = loaded(tiny)
        mistakes = {"another query scalar": {"query_scalar": tiny.query_scalar + 17}}
        if tiny.window < tiny.input_tokens:
            mistakes |= {"window one more": {"window": tiny.window + 1}, "window one less": {"window": tiny.window - 1}}
        if tiny.rope_factor is not None:
            mistakes["RoPE factor not applied"] = {"rope_factor": None}
        if tiny.softcap is not None:
            mistakes["soft-cap not applied"] = {"softcap": None}
        for name, other in mistakes.items():
            wrong = loaded(tiny, **other)
            encoder, logits = ((wrong[index] - right[index]).abs().max().item() for index in (0, 1))
            claim(f"{tiny.name}: {name} shows:", max(encoder, logits) > 3e-3, f"encoder {encoder:.2g}, logits {logits:.2g}")


def check_inverse_frequencies() -> None:
    """How to get the reference's RoPE angles to the bit without torch."""
    for tiny in CHECKPOINTS:
        case = load_file(GOLDEN / tiny.name / "case.safetensors")
        for kind, theta, factor in (("full_attention", 1e6, tiny.rope_factor or 1.0), ("sliding_attention", 1e4, 1.0)):
            stored = case.get(f"rope_inverse_frequencies.{kind}")
            if stored is None:
                continue
            ours = our_inverse_frequencies(theta, tiny.head_dim, factor)
            claim(f"{tiny.name} {kind}: {_FROUND}, to the bit", torch.equal(ours, stored))
    for size, factor in ((256, 1.0), (256, 8.0)):
        with tempfile.TemporaryDirectory() as folder:
            write_checkpoint(replace(_BY_NAME["window"], head_dim=size, rope_factor=factor), Path(folder))
            rope = load_reference(Path(folder)).model.encoder.text_model.rotary_emb
        for kind, theta, divisor in (("full_attention", 1e6, factor), ("sliding_attention", 1e4, 1.0)):
            stored = getattr(rope, f"{kind}_inv_freq")
            ours = our_inverse_frequencies(theta, size, divisor)
            different = (ours != stored).nonzero().flatten()
            furthest = ((ours - stored) * 32768).abs().max().item()
            text = f"head_dim {size}, factor {divisor}, {kind}: the same but for torch's own vectorised power, {len(different)} of {size // 2} one unit off;"
            claim(f"{text} angle at position 32768 off by", len(different) <= 2 and furthest < 2e-6, f"{furthest:.1g}")


def main() -> None:
    torch.set_num_threads(1)
    check_weights_arrive()
    check_refusal()
    check_spellings()
    check_embedding()
    check_sdpa()
    check_generate()
    check_cases_can_tell()
    check_inverse_frequencies()
    sys.exit(1 if _failed else 0)


if __name__ == "__main__":
    main()
