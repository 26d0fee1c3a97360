"""CTranslate2 as a peer: T5Gemma 2 by its own C++ kernels, in int8 or fp32.

Knows: CTranslate2's Translator, which is the only door to an encoder-decoder model (its Encoder takes encoder-only ones).
Does not know: how a checkpoint is converted (ctranslate2_conversion.py), nor the shape of the rows it prints (contract.py).

What the figures hold. encode: translate_batch for one token, which is the encoder, the document's keys and values for every decoder
layer, and one decoder step. decode: translate_batch for K + 1 tokens, from the moment the first is written to the last; so neither the
encoder nor the first step counts, although both must run every time. Version 4.8.5 applies no sliding window, on neither side: its figures
are those of full attention in every layer, and its text is another one where a window would have cut something off (README.md).

Run: python ctranslate2_peer.py --work FOLDER --form int8|fp32 encode N | decode S --steps K | tokens CASE_FOLDER
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import ctranslate2
from contract import Cannot, answer, timed_row, tokens_row
from ctranslate2_conversion import QUANTISATIONS, converted
from documents import bench_checkpoint, document_ids, golden_case


def open_translator(folder: Path, form: str, threads: int) -> tuple[ctranslate2.Translator, list[str]]:
    """The model on the CPU, and its vocabulary: the tokens as the strings that CTranslate2 takes and gives."""
    compute = {"int8": "int8_float32", "fp32": "float32"}[form]
    translator = ctranslate2.Translator(str(folder), device="cpu", compute_type=compute, inter_threads=1, intra_threads=threads)
    if translator.compute_type != compute:
        raise Cannot(f"CTranslate2 would compute in {translator.compute_type} where {compute} was asked for")
    return translator, json.loads((folder / "shared_vocabulary.json").read_text(encoding="utf-8"))


def translate(translator: ctranslate2.Translator, source: list[str], tokens: int) -> tuple[list[float], list[str]]:
    """Greedy text of exactly so many tokens, and when each was written, in seconds from the call on."""
    moments, begin = [], time.perf_counter()

    def written(_step: ctranslate2.GenerationStepResult) -> bool:
        """Note the moment; go on."""
        moments.append(time.perf_counter() - begin)
        return False

    # min_decoding_length suppresses the end token; without max_input_length 0 the document would be cut at 1,024 tokens.
    [result] = translator.translate_batch(
        [source], beam_size=1, max_input_length=0, min_decoding_length=tokens, max_decoding_length=tokens, callback=written
    )
    [text] = result.hypotheses
    if not len(text) == len(moments) == tokens:
        raise Cannot(f"CTranslate2 wrote {len(text)} tokens in {len(moments)} steps where {tokens} were asked for")
    return moments, text


def measure(arguments: argparse.Namespace) -> dict:
    """The fields of the row that was asked for."""
    if arguments.row == "tokens":
        return measure_tokens(arguments)
    folder = converted(bench_checkpoint(arguments.work), arguments.work / f"ctranslate2-{arguments.form}", arguments.form)
    translator, vocabulary = open_translator(folder, arguments.form, arguments.threads)
    source = [vocabulary[number] for number in document_ids(arguments.tokens)]
    if arguments.row == "encode":
        note = (
            "translate_batch for one token: the encoder, the document's keys and values for every decoder layer, one decoder step; "
            "it applies no sliding window, so every layer looks at the whole document"
        )
        return timed_row(arguments, lambda: translate(translator, source, 1)[0][-1], note)

    def steps() -> float:
        """Seconds from the first token to the last."""
        moments, _ = translate(translator, source, arguments.steps + 1)
        return moments[-1] - moments[0]

    note = "steps after the first, by the moments at which its callback is called; the peak holds the encoder's pass too"
    return timed_row(arguments, steps, note)


def measure_tokens(arguments: argparse.Namespace) -> dict:
    """Whether the golden case's greedy text comes out."""
    checkpoint, input_ids, golden = golden_case(arguments.case)
    folder = arguments.work / "ctranslate2-golden" / f"{arguments.case.resolve().name}-{arguments.form}"
    translator, vocabulary = open_translator(converted(checkpoint, folder, arguments.form), arguments.form, arguments.threads)
    _, text = translate(translator, [vocabulary[number] for number in input_ids], len(golden))
    ids = {token: number for number, token in enumerate(vocabulary)}
    return tokens_row(arguments.case, golden, [ids[token] for token in text])


if __name__ == "__main__":
    answer("ctranslate2", ctranslate2.__version__, tuple(QUANTISATIONS), measure)
