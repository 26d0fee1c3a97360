"""Measure a checkpoint folder, run by transformers in float32: greedy answers, exact match, F1 and chrF.

Six examinations: generated documents of the test part (layouts, wordings and names never trained
on; up to 2,000 tokens, by length), documents written in one piece (of both parts, to compare), the eight documents written by hand that were looked at while the
recipe was found (handwritten/), 30 whose authors had seen no template (exam/), questions half of which
the document does not answer, and sentences to be said in another language. None is trained on, but the training part of those in one piece.

Run: python evaluate.py CHECKPOINT --work runs [--documents 80] [--json out.json]
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Callable, Iterable, Iterator

import torch
from sacrebleu.metrics import CHRF
from transformers import AutoTokenizer, T5Gemma2ForConditionalGeneration
from transformers.modeling_outputs import BaseModelOutput

from batches import collate, encode_example
from documents.absent import ABSENT
from documents.drills import Example
from documents.generator import Generator
from kinds import kind_of
from model import PROMPTS
from train import matches

BUCKETS = (300, 600, 1000, 1500, 2000)


def plain(text: str) -> str:
    """An answer as it is compared: small letters, no article in front, no mark at the end."""
    return re.sub(r"^(the|a|an) ", "", " ".join(text.casefold().split()).strip(" .,;:!?\"'"))


def overlap(answer: str, truth: str) -> float:
    """F1 over words."""
    ours, theirs = plain(answer).split(), plain(truth).split()
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * common / (len(ours) + len(theirs)) if common else 0.0


class Reader:
    """A checkpoint that answers questions, run by transformers in float32."""

    def __init__(self, folder: Path):
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = T5Gemma2ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa").eval()

    def length(self, text: str) -> int:
        return len(self.tokenizer(text).input_ids)

    @torch.no_grad()
    def read(self, text: str) -> torch.Tensor:
        """Encode a document: states [1, S, C]."""
        ids = torch.tensor([self.tokenizer(PROMPTS["ask"]["encoder"].replace("{document}", text)).input_ids])
        return self.model.model.encoder(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state

    @torch.no_grad()
    def answer(self, states: torch.Tensor, question: str, most: int = 48) -> str:
        """Greedy answer to a question about an encoded document, up to `most` tokens."""
        prompt = torch.tensor([self.tokenizer(PROMPTS["ask"]["decoder"].replace("{question}", question)).input_ids])
        made = self.model.generate(
            encoder_outputs=BaseModelOutput(last_hidden_state=states), attention_mask=torch.ones(states.shape[:2], dtype=torch.long),
            decoder_input_ids=prompt, max_new_tokens=most, do_sample=False,
        )
        return self.tokenizer.decode(made[0, prompt.shape[1] :], skip_special_tokens=True).strip()


def bucket_of(tokens: int) -> int | None:
    """The bucket of BUCKETS for a document of so many tokens; none for one that is too long."""
    return next((bucket for bucket in BUCKETS if tokens <= bucket), None)


def generated_examples(work: Path, length: Callable[[str], int], documents: int, seed: int) -> Iterator[tuple[int, Example]]:
    """So many documents of the test part, evenly over BUCKETS of tokens, with at most six questions each; and their bucket."""
    source = Generator(work, "test", seed)
    wanted = {bucket: -(-documents // len(BUCKETS)) for bucket in BUCKETS}
    for example in source.stream({"document": 1.0}, 30, 1100):
        bucket = bucket_of(length(example.text))
        if not any(wanted.values()):
            return
        if bucket is None or not wanted[bucket]:
            continue
        wanted[bucket] -= 1
        asked = list({question: (question, answer, kind) for question, answer, kind in example.questions}.values())[:6]
        yield bucket, Example(example.text, asked)


def mean(results: list[bool]) -> dict:
    """How many, and the share of them that is right."""
    return {"questions": len(results), "exact": round(sum(results) / max(1, len(results)), 4)}


def lengths(by_length: dict[int | None, list[bool]]) -> dict[str, dict]:
    """The mean of each bucket in which there is something; last, of documents longer than all of them."""
    return {f"up to {bucket}" if bucket else "longer": mean(by_length[bucket]) for bucket in (*BUCKETS, None) if by_length[bucket]}


def count(reader: Reader, examples: Iterable[tuple[int, Example]]) -> dict:
    """Exact match on documents that each come with a bucket of lengths, by that and by kind of answer.

    Nothing is generated here: greedy text equals the answer exactly when, with the answer fed in, each next
    token is the likeliest. That is one pass per document, and stricter than `plain`.
    """
    tokenizer = reader.tokenizer.backend_tokenizer
    by_length, by_kind, everything = defaultdict(list), defaultdict(list), []
    for bucket, example in examples:
        encoded = encode_example(tokenizer, example, 4096, 4096)
        for hit, (_, _, kind) in zip(matches(reader.model, collate([encoded]))[0], example.questions):
            everything.append(hit)
            by_length[bucket].append(hit)
            by_kind[kind].append(hit)

    return mean(everything) | {
        "by_document_tokens": lengths(by_length),
        "by_kind": {kind: mean(results) for kind, results in sorted(by_kind.items())},
    }


def examine_whole(reader: Reader, work: Path, documents: int, seed: int) -> dict:
    """Documents written in one piece, by side: those it learnt from (with other names and sums in them), and the like that it never saw."""

    def drawn(side: str) -> Iterator[tuple[int, Example]]:
        for example in itertools.islice(Generator(work, side, seed).stream({"whole": 1.0}, 60, 1000), documents):
            if bucket := bucket_of(reader.length(example.text)):
                yield bucket, example

    return {side: count(reader, drawn(side)) for side in ("train", "test")}


def examine_absent(reader: Reader, work: Path, documents: int, seed: int) -> dict:
    """Short documents of the test part, with as many questions that they do not answer: how often each half is taken for what it is."""
    told = {True: [], False: []}
    source = Generator(work, "test", seed).stream({"document": 1.0}, 40, 300, absent=0.5)
    for example in itertools.islice(source, 5, documents + 5):  # the first ones find no question of others yet
        states = reader.read(example.text)
        for question, answer, _ in example.questions[:6]:
            told[answer == ABSENT].append(plain(reader.answer(states, question)) == plain(ABSENT))
    return {
        "not in the document": {"questions": len(told[True]), "said so": round(sum(told[True]) / max(1, len(told[True])), 4)},
        "in the document": {"questions": len(told[False]), "answered": round(1 - sum(told[False]) / max(1, len(told[False])), 4)},
    }


def examine_translation(reader: Reader, work: Path, texts: int, seed: int) -> dict:
    """chrF (Popović 2015, by sacrebleu) over one to some five sentences of the test part of the phrase grammar, by direction."""
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for example in itertools.islice(Generator(work, "test", seed).stream({"translation": 1.0}, 1, 1), texts):
        states = reader.read(example.text)
        for question, truth, direction in example.questions:
            said[direction].append((reader.answer(states, question, 96), truth))
    score = {direction: round(CHRF().corpus_score([given for given, _ in pairs], [[truth for _, truth in pairs]]).score, 1) for direction, pairs in sorted(said.items())}
    return {"texts": texts, "chrF": score, "lowest": min(score.values())}


def examine_written(reader: Reader, folder: str) -> dict:
    """Exact match (also by length), F1 and the share of answers of the right kind on the documents of a folder that were written by hand, with every answer."""
    rows, by_length = [], defaultdict(list)
    for path in sorted((Path(__file__).parent / folder).glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        states = reader.read("\n\n".join(data["blocks"]))
        for item in data["questions"]:
            given = reader.answer(states, item["question"])
            right = any(plain(given) == plain(truth) for truth in item["answers"])
            by_length[bucket_of(states.shape[1])].append(right)
            rows.append({
                "document": path.stem, "question": item["question"], "answer": given, "accepted": item["answers"],
                "exact": right,
                "f1": round(max(overlap(given, truth) for truth in item["answers"]), 3),
                "kind": kind_of(given) in {kind_of(truth) for truth in item["answers"]},
            })
    means = {figure: round(sum(row[figure] for row in rows) / len(rows), 4) for figure in ("exact", "f1", "kind")}
    return {"questions": len(rows)} | means | {"by_document_tokens": lengths(by_length), "answers": rows}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--work", type=Path, default=Path(__file__).parent / "runs")
    parser.add_argument("--documents", type=int, default=80)
    parser.add_argument("--seed", type=int, default=2024)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    reader = Reader(options.checkpoint)
    result = {}
    for folder in ("handwritten", "exam"):
        result[folder] = written = examine_written(reader, folder)
        for row in written["answers"]:
            print("  right" if row["exact"] else "* WRONG", row["document"], "|", row["question"], "|", row["answer"], "|", row["accepted"][0])
        print(folder, {key: value for key, value in written.items() if key != "answers"})
    if options.documents:
        result["generated"] = count(reader, generated_examples(options.work, reader.length, options.documents, options.seed))
        result["whole"] = examine_whole(reader, options.work, options.documents, options.seed)
        result["absent"] = examine_absent(reader, options.work, options.documents // 2, options.seed)
        result["translation"] = examine_translation(reader, options.work, options.documents * 2, options.seed)
        print(json.dumps({name: result[name] for name in ("generated", "whole", "absent", "translation")}, indent=1))
    if options.json:
        options.json.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
