"""The starter model's tokenizer: a small BPE in Gemma's form.

Spaces become U+2581, unknown characters fall back to bytes, digits stay single, and there is no
prefix space: "Answer:" is followed by a token that begins with U+2581. Ids: pad 0, eos 1, bos 2,
unk 3, then the image marks that the model format knows, then Gemma's <unused0> and on (the holes of ul2.py), then 256 bytes,
then what was learnt.

Run: python tokenizer.py --work runs
"""

from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

VOCABULARY = 16_384
WORDS, CAPITALS = 14_000, 1_500
SENTINELS = [f"<unused{number}>" for number in range(64)]
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>", "<start_of_image>", "<end_of_image>", "<image_soft_token>", *SENTINELS]


def train(texts: list[str]) -> Tokenizer:
    """Learn the merges, then put the result into Gemma's form (no splitting but at spaces)."""
    bytes_ = [f"<0x{value:02X}>" for value in range(256)]
    learner = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    learner.normalizer = normalizers.Replace(" ", "▁")
    # Words with their space in front, single digits, runs of newlines, single marks: merges stay inside.
    learner.pre_tokenizer = pre_tokenizers.Split(Regex(r"▁?\p{L}+|\d|\n+|▁|[^\p{L}\d▁\n]"), "isolated")
    learner.train_from_iterator(
        texts,
        trainers.BpeTrainer(vocab_size=VOCABULARY, special_tokens=SPECIAL + bytes_, limit_alphabet=220, max_token_length=12, show_progress=False),
    )
    learnt = json.loads(learner.to_str())
    model = learnt["model"]
    model["fuse_unk"], model["byte_fallback"], model["ignore_merges"] = True, True, False
    learnt["added_tokens"] = [token for token in learnt["added_tokens"] if token["id"] < len(SPECIAL)]
    tokenizer = Tokenizer.from_str(json.dumps(learnt))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos>:1 $B:1", special_tokens=[("<bos>", 2)]
    )
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Write tokenizer.json and tokenizer_config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>",
        "unk_token": "<unk>", "add_bos_token": True, "add_eos_token": False, "clean_up_tokenization_spaces": False,
        "model_max_length": 4096,
        "added_tokens_decoder": {
            str(number): {"content": word, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False, "special": True}
            for number, word in enumerate(SPECIAL)
        },
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def sample_texts(work: Path) -> list[str]:
    """What the merges are learnt from: all that is written for the documents, many times over, values, words, real prose."""
    from documents.drills import key_values, soup
    from documents.names import Coiner, build_pools
    from documents.prose import books, collect
    from documents.values import WORDS, Values

    pools = build_pools(work / "names.json")
    rng = random.Random(11)
    values = Values(rng, pools, Coiner(pools["train"]["last"]), "train")
    documents = Path(__file__).parent / "documents"
    wordings = (documents / "fields.txt").read_text(encoding="utf-8")
    texts = [line.replace("; ", "\n").replace("{v}", values.person()) for line in wordings.splitlines() if line[:2] in ("L:", "S:", "Q:")] * 12
    texts += [text.replace(";", " ") for text in WORDS.values() if isinstance(text, str)] * 6
    texts += [key_values(values, rng, 8).text for _ in range(6000)] + [soup(values, rng, 40).text for _ in range(1500)]
    texts += [" ".join(values.draw(kind) for kind in ("person", "firm", "address", "city", "hotel", "date")) for _ in range(6000)]
    texts += re.sub(r"\{\w+\}", "", (documents / "events.txt").read_text(encoding="utf-8")).splitlines() * 4
    for path in sorted((documents / "whole").glob("*.txt")):
        texts += re.sub(r"\{[^{}]*\}|[<>|]", " ", path.read_text(encoding="utf-8")).splitlines() * 2
    texts += common_words(work)
    return texts + collect(work / "prose.json")[:2500] + [text[:8000] for _, text in books(work)]


def common_words(work: Path) -> list[str]:
    """MiniLM's commonest words, the commoner the more often, so that most become one token as they are there (its vocabulary goes by frequency)."""
    vocabulary = Tokenizer.from_file(str(work / "minilm" / "all-minilm-l6-v2-tokenizer.json")).get_vocab()
    words = [word for word in sorted(vocabulary, key=vocabulary.__getitem__) if re.fullmatch("[a-z]{3,}", word)]
    often = [f" {word}" * (30 + 60_000 // (rank + 20)) for rank, word in enumerate(words[:WORDS])]
    return often + [f" {word.capitalize()}" * 20 for word in words[:CAPITALS]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / "runs")
    work = parser.parse_args().work
    work.mkdir(parents=True, exist_ok=True)
    save(train(sample_texts(work)), work / "tokenizer")


if __name__ == "__main__":
    main()
