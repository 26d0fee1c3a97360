"""A tokenizer of 262,144 entries in Gemma's form, for checkpoints with random weights.

Knows: the layout of Gemma's tokenizer.json (BPE with byte fallback, spaces as U+2581, <bos> put in front), filled without a
single merge: every character becomes a token of its own, and the many made-up words are there only to be ids.
Does not know: any model, but for the image marks' ids, which are T5Gemma 2's defaults.
"""

from __future__ import annotations

import json
from pathlib import Path

VOCABULARY = 262_144
SPACE = "\u2581"
LEADING = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
IMAGE_MARKS = {255_999: "<start_of_image>", 256_000: "<end_of_image>", 256_001: "<image_soft_token>"}
CHARACTERS = [SPACE, "\n", "\t"] + [chr(code) for code in range(33, 127)] + [chr(code) for code in range(161, 384)]
FIRST_TEXT_ID = len(LEADING) + 256


def made_up_word(number: int) -> str:
    """A word of one space and four letters or more, another one for every number."""
    letters = ""
    while number or len(letters) < 4:
        number, digit = divmod(number, 26)
        letters = chr(ord("a") + digit) + letters
    return SPACE + letters


def entries() -> list[str]:
    """All entries in the order of their ids: special, 256 bytes, characters, made-up words; the image marks in their places."""
    listed = LEADING + [f"<0x{byte:02X}>" for byte in range(256)] + CHARACTERS
    first_word = len(listed)
    listed += [made_up_word(number - first_word) for number in range(first_word, VOCABULARY)]
    for number, mark in IMAGE_MARKS.items():
        listed[number] = mark
    assert len(listed) == len(set(listed)) == VOCABULARY
    return listed


def special_tokens() -> dict[int, str]:
    """Id and content of the tokens that are matched before BPE and left out of decoded text."""
    return dict(enumerate(LEADING)) | IMAGE_MARKS


def tokenizer_json() -> dict:
    """The whole tokenizer.json."""
    added = [
        {"id": number, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for number, content in special_tokens().items()
    ]
    bos = {"SpecialToken": {"id": "<bos>", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [bos, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                bos, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "<bos>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {"<bos>": {"id": "<bos>", "ids": [LEADING.index("<bos>")], "tokens": ["<bos>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [{"type": "Replace", "pattern": {"String": SPACE}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}],
        },
        "model": {
            "type": "BPE", "dropout": None, "unk_token": "<unk>", "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
            "vocab": {entry: number for number, entry in enumerate(entries())}, "merges": [],
        },
    }  # fmt: skip


def write_tokenizer(folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json into the folder."""
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer_json(), ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    config = {
        "tokenizer_class": "GemmaTokenizer", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>", "unk_token": "<unk>",
        "mask_token": "<mask>", "add_bos_token": True, "add_eos_token": False, "clean_up_tokenization_spaces": False,
        "spaces_between_special_tokens": False, "model_max_length": 32_768,
    }  # fmt: skip
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
