"""A 384-entry tokenizer in Gemma's form, and the strings that a port of it must agree on.

Knows: the layout of Gemma's tokenizer.json (BPE with byte fallback, spaces as U+2581, <bos> put in
front, added tokens that are matched before BPE), filled with a tiny hand-made vocabulary.
Does not know: any model. The tiny checkpoints only agree with it on the special ids below.
Source: the published tokenizer.json of Gemma 3, for its normalizer, pre-tokenizer, decoder and flags.
"""

import json
from pathlib import Path

from tokenizers import Tokenizer

SPACE = "\u2581"

PAD_ID, EOS_ID, BOS_ID, UNK_ID = 0, 1, 2, 3
END_OF_TURN_ID = 9
START_OF_IMAGE_ID, END_OF_IMAGE_ID, IMAGE_TOKEN_ID = 268, 269, 270
FIRST_TEXT_ID = 271
_FIRST_BYTE_ID = 12
VOCABULARY_SIZE = 384

# (content, special), in the order of their ids. Those that are not special are matched literally all the same, as in Gemma.
_LEADING_ADDED = [
    ("<pad>", True), ("<eos>", True), ("<bos>", True), ("<unk>", True), ("<mask>", True), ("[multimodal]", False),
    ("<unused0>", False), ("<unused1>", False), ("<start_of_turn>", True), ("<end_of_turn>", True),
    ("\n\n", False), (SPACE * 2, False),
]  # fmt: skip
_IMAGE_ADDED = [("<start_of_image>", True), ("<end_of_image>", True), ("<image_soft_token>", True)]

_CHARACTERS = SPACE + "\n" + "etaoinshrdlucmfwypvbgkqjxz" + ".,:-?()" + "0123456789" + "TIABE" + "éüß的あا"

# In the order of their rank; each result must be new. Ranks are what makes "the" win over "th" + "ed".
_MERGES = [
    (SPACE, SPACE), ("\n", "\n"), (SPACE, "t"), (SPACE, "a"), ("h", "e"), ("i", "n"), ("r", "e"), (SPACE + "t", "he"), ("o", "n"), ("e", "r"),
    (SPACE, "s"), ("a", "t"), (SPACE, "o"), ("n", "d"), (SPACE, "c"), ("o", "r"), (SPACE + "a", "nd"), ("i", "s"),
    ("e", "n"), (SPACE + "o", "f"), ("in", "g"), (SPACE, "in"), (SPACE, "p"), ("e", "d"), ("o", "u"), (SPACE, "b"),
    ("a", "l"), (SPACE + "t", "o"), ("a", "n"), (SPACE, "m"), ("i", "t"), ("u", "m"), ("at", "i"), ("ati", "on"),
    ("l", "e"), ("a", "r"), (SPACE, "d"), ("t", "he"), ("1", "2"), ("e", "t"), (SPACE, "de"), ("d", "e"),
]  # fmt: skip

_STRINGS = [
    "", " ", "  ", "   ", "a", " a", "a ", "  a  b", "The cat sat on the mat.", "the theme, then: thee",
    "Invoice 2024-12: total (12.50)", "\t", "a\tb", "\n", "a\nb", "\n\n", "a\n\nb", "\n\n\n", "\r\n", "a\r\nb",
    "naïve café, Straße, Übung", "é", "e\u0301", "ﬁne ﬂow", "的", "中文的字", "あいうえお", "日本語のテキスト", "한국어",
    "مرحبا بالعالم", "ا", "אבג שלום", "हिन्दी", "ไทย", "Ελληνικά", "Русский текст", "😀", "a😀b", "👩‍👩‍👧‍👦", "🇩🇪", "👍🏽",
    "\u0000", "a\u0001b\u007f", "\u200b", "\u200f\u202e", "\ufeffbom", "\u00a0", "a\u00a0b", "\u3000", "\u2581", "a\u2581b",
    "\u2581\u2581", "<bos>", "<eos>", "a<eos>b", " <pad> ", "<start_of_turn>in<end_of_turn>\n", "<start_of_image>",
    "a <image_soft_token> b", "<unused0><unused1>", "[multimodal]", "<0x41>", "<0x0A>", "<unk>", "<mask>", "< bos>",
    "\ud7ff\ue000\uffff", "\U0001d49c\U00020000", "ABC xyz QRS", "1212 12 1 2 0.5", "-- ((?)) ..", "a" * 40,
    "the " * 12, "Ａｂｃ １２", "½ ² ™ €", "{document}\n\n{question}",
]  # fmt: skip


def tokenizer_json() -> dict:
    """The whole tokenizer.json, in Gemma's form, with VOCABULARY_SIZE entries and no gaps."""
    entries = [content for content, _ in _LEADING_ADDED]
    entries += [f"<0x{byte:02X}>" for byte in range(256)]
    entries += [content for content, _ in _IMAGE_ADDED]
    assert len(entries) == FIRST_TEXT_ID
    entries += list(_CHARACTERS)
    known = set(entries)
    merges = []
    for left, right in _MERGES:
        if left not in known or right not in known:
            continue
        merges.append([left, right])
        if left + right not in known:
            known.add(left + right)
            entries.append(left + right)
    entries += [f"<unused{2 + index}>" for index in range(VOCABULARY_SIZE - len(entries))]
    assert len(entries) == len(set(entries)) == VOCABULARY_SIZE, len(entries)

    vocabulary = {entry: index for index, entry in enumerate(entries)}
    added = [
        {
            "id": vocabulary[content], "content": content, "single_word": False, "lstrip": False, "rstrip": False,
            "normalized": False, "special": special,
        }
        for content, special in _LEADING_ADDED + _IMAGE_ADDED
    ]  # fmt: skip
    bos = {"SpecialToken": {"id": "<bos>", "type_id": 0}}
    sequence = {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"String": " "},
            "behavior": "MergedWithPrevious",
            "invert": False,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [bos, sequence],
            "pair": [bos, sequence, {"SpecialToken": {"id": "<bos>", "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<bos>": {"id": "<bos>", "ids": [BOS_ID], "tokens": ["<bos>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": "<unk>",
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": True,
            "byte_fallback": True,
            "ignore_merges": False,
            "vocab": vocabulary,
            "merges": merges,
        },
    }


def write_tokenizer(folder: Path) -> None:
    """Writes tokenizer.json and tokenizer_config.json into folder."""
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer_json(), ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    config = {
        "add_bos_token": True,
        "add_eos_token": False,
        "bos_token": "<bos>",
        "clean_up_tokenization_spaces": False,
        "eos_token": "<eos>",
        "mask_token": "<mask>",
        "model_max_length": 1000000000000000019884624838656,
        "pad_token": "<pad>",
        "sp_model_kwargs": None,
        "spaces_between_special_tokens": False,
        "tokenizer_class": "GemmaTokenizer",
        "unk_token": "<unk>",
        "use_default_system_prompt": False,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def tokenizer_cases(folder: Path) -> list[dict]:
    """What the Rust tokenizer of the `tokenizers` package makes of every test string, by folder/tokenizer.json.

    Each: text; ids with <bos> in front; decoded (special tokens left out); decodedWithSpecial.
    """
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    cases = []
    for text in _STRINGS:
        ids = tokenizer.encode(text).ids
        assert ids == [BOS_ID, *tokenizer.encode(text, add_special_tokens=False).ids]
        cases.append({
            "text": text,
            "ids": ids,
            "decoded": tokenizer.decode(ids),
            "decodedWithSpecial": tokenizer.decode(ids, skip_special_tokens=False),
        })  # fmt: skip
    return cases


def invalid_byte_cases(folder: Path) -> list[dict]:
    """Byte tokens that are no whole character, as a stream meets them: one U+FFFD for every byte of a run that is not UTF-8.

    Other ports join them (one U+FFFD for a cut character) or keep the good bytes of the run: decide, do not copy blindly.
    """
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    runs = [[0xF0], [0xF0, 0x9F, 0x98], [0xC3, 0xA9], [0x41, 0xFF, 0x42]]
    cases = [[_FIRST_BYTE_ID + byte for byte in run] for run in runs]
    return [{"ids": ids, "decoded": tokenizer.decode(ids)} for ids in cases]
