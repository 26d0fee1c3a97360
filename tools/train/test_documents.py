"""Self-check of the generators: answers stand in their documents, the split is clean, seeds repeat.

Run: python -m pytest -q   (needs the names and prose of a work folder; they are gathered on first use)
"""

from __future__ import annotations

import itertools
import json
import os
import random
import re
from pathlib import Path

import pytest

from documents.absent import ABSENT
from documents.drills import Example
from documents.generator import Generator
from documents.names import Coiner, build_pools, is_test_word
from documents.phrases import Phrases
from documents.values import Values
from documents.tongues import LANGUAGES
from documents.whole import CHOICE, SLOT, draw_file, drawn, fill, lay_together, templates
from documents.wordings import events, fields, fillers, inflect, layouts, part

WORK = Path(os.environ.get("TRAIN_WORK", Path(__file__).parent / "runs"))
MIX = {"pairs": 1.0, "soup": 1.0, "prose": 1.0, "facts": 2.0, "document": 3.0, "whole": 2.0, "chain": 1.0, "needle": 1.0}


def values_of(side: str, rng: random.Random) -> Values:
    pools = build_pools(WORK / "names.json")
    return Values(rng, pools, Coiner(pools["train"]["last"]), side)


def draw(side: str, seed: int, count: int) -> list[Example]:
    return list(itertools.islice(Generator(WORK, side, seed).stream(MIX, 15, 400), count))


@pytest.mark.parametrize("side", ["train", "test"])
def test_answers_stand_verbatim_in_their_documents(side: str) -> None:
    parts = lambda answer, kind: re.split(", | and | und | et | y | e ", answer) if kind == "list" else [answer]
    wrong = [(q, a, e.text) for e in draw(side, 1, 300) for q, a, kind in e.questions if kind != "yes-no" and not all(part.casefold() in e.text.casefold() for part in parts(a, kind))]
    assert not wrong, wrong[0]


def test_questions_without_an_answer_are_about_something_else() -> None:
    source = Generator(WORK, "train", 5).stream(MIX, 30, 300, absent=0.15)
    examples = list(itertools.islice(source, 300))
    asked = [(question, answer, kind) for example in examples for question, answer, kind in example.questions]
    without = [question for question, answer, kind in asked if answer == ABSENT]
    assert 0.1 < len(without) / len(asked) < 0.17
    assert all(ABSENT not in example.text for example in examples)
    for example in examples:
        words = set(example.text.casefold().split())
        for question, answer, _ in example.questions:
            if answer == ABSENT:
                assert not all(word in words for word in question.casefold().rstrip("?.").split()), (question, example.text)


def test_a_needle_stands_once_in_a_long_text() -> None:
    for example in itertools.islice(Generator(WORK, "test", 6).stream({"needle": 1.0}, 500, 3000), 20):
        ((question, answer, _),) = example.questions
        assert question and example.text.count(answer) == 1
        assert len(example.text.split()) > 450


def test_what_ends_a_chain_does_not_name_what_is_asked_about() -> None:
    for example in itertools.islice(Generator(WORK, "train", 7).stream({"chain": 1.0}, 30, 200), 100):
        for question, answer, _ in example.questions:
            told = re.split(r"\. |\n", example.text[: re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", example.text).start()])[-1]
            assert not any(word in told for word in question.rstrip("?").split() if word[0].isdigit()), (question, told)
            assert answer not in question


def test_no_slot_is_left_open() -> None:
    for example in draw("train", 2, 300) + draw("test", 2, 300):
        for text in [example.text] + [question for question, _, _ in example.questions]:
            assert not any(mark in text for mark in ("{v}", "{P}", "{N}", "{n}", "{w}", "{vpp}", "{wpp}", ":person}", ":date}")), text
            assert not re.search(r"\{[^{}]*\|", text), text


def test_the_same_seed_gives_the_same_documents() -> None:
    assert draw("train", 3, 30) == draw("train", 3, 30)
    assert draw("train", 3, 30) != draw("train", 4, 30)


def test_wordings_of_the_two_sides_are_disjoint() -> None:
    for one, other in zip(fields("train"), fields("test")):
        for mine, theirs in ((one.labels, other.labels), (one.sentences, other.sentences), (one.questions, other.questions)):
            assert mine and theirs
            if len(mine) + len(theirs) >= 5 and mine != theirs:
                assert not set(mine) & set(theirs), one.name
    assert not {e.sentence for e in events("train")} & {e.sentence for e in events("test")}
    assert not set(fillers("train")) & set(fillers("test"))
    every = layouts()["layouts"]
    assert not [layout for layout in part(every, "train") if layout in part(every, "test")]


def test_names_of_the_two_sides_are_disjoint() -> None:
    pools = json.loads((WORK / "names.json").read_text(encoding="utf-8"))
    for kind in ("first", "last", "city", "street"):
        assert not set(pools["train"][kind]) & set(pools["test"][kind])
        assert all(is_test_word(word) for name in pools["test"][kind] for word in name.replace("-", " ").split() if len(word) > 1)


@pytest.mark.parametrize("folder", ["handwritten", "exam"])
def test_handwritten_answers_can_be_copied(folder: str) -> None:
    for path in sorted((Path(__file__).parent / folder).glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        text = "\n\n".join(data["blocks"])
        for item in data["questions"]:
            assert any(answer in text for answer in item["answers"]), (path.name, item)


@pytest.mark.parametrize(("verb", "forms"), [
    ("repair", ("repair", "repairs", "repaired", "repaired", "repairing")),
    ("give back", ("give back", "gives back", "gave back", "given back", "giving back")),
    ("try out", ("try out", "tries out", "tried out", "tried out", "trying out")),
    ("oversee", ("oversee", "oversees", "oversaw", "overseen", "overseeing")),
])
def test_verbs_are_inflected(verb: str, forms: tuple[str, ...]) -> None:
    assert inflect(verb) == forms


@pytest.mark.parametrize("side", ["train", "test"])
def test_whole_documents_are_well_formed(side):
    values = Generator(WORK, side, 8).values
    for template in templates(side):
        kinds = {name: kind for name, kind, _ in SLOT.findall(template.text) if kind}
        assert all(drawn(kind, template.language, values, random.Random(1)) for kind in kinds.values()), template.text[:60]
        fixed_text = CHOICE.sub("", template.text)
        assert {name for name, _, _ in SLOT.findall(template.text)} <= set(kinds), template.text[:60]
        for wordings, answer in template.questions:
            if answer.startswith("="):
                stands = {name for name, _, _ in SLOT.findall(answer)} <= set(kinds)
            else:
                stands = answer.strip('"') in fixed_text if answer.startswith('"') else answer in kinds
            assert stands, f"{answer} in {template.text[:60]}"
            assert {name for wording in wordings for name, _, _ in SLOT.findall(wording)} <= set(kinds), wordings


def test_the_phrase_grammar_says_the_same_in_every_language_and_parts_its_sentences() -> None:
    said = {side: set() for side in ("train", "test")}
    for side in said:
        rng = random.Random(5)
        phrases = Phrases(values_of(side, rng), rng, side)
        for _ in range(3000):
            texts, parts = phrases.sentence()
            assert all(0 <= start <= end <= len(text) for part in parts for (start, end), text in zip(part, texts)), texts
            assert len(set(texts)) > 3 and all(text[0].isupper() or not text[0].isalpha() for text in texts), texts
            assert len({tuple(sorted(re.findall(r"\d{3,}", text))) for text in texts if "." not in text and "," not in text}) <= 1, texts
            said[side].add(texts)
    held_out = [texts for texts in said["test"] if re.search(r"\d", texts[0]) is None]
    assert len(held_out) > 300 and not said["train"] & set(held_out)


def test_translations_are_to_or_from_english_and_always_there() -> None:
    made = list(itertools.islice(Generator(WORK, "train", 3).stream({"translation": 1.0, "facts": 1.0}, 60, 400, absent=0.5), 300))
    said = [example for example in made if example.kind == "translation"]
    directions = {direction for example in said for _, _, direction in example.questions}
    assert directions == {f"en-{other}" for other in LANGUAGES[1:]} | {f"{other}-en" for other in LANGUAGES[1:]}
    pairs = [
        (answer[slice(*here)], example.text[slice(*there)])
        for example in said for (_, answer, _), aligned in zip(example.questions, example.aligned, strict=True) for here, there in aligned
    ]
    assert all(here and there for here, there in pairs)
    alike = [(here, there) for here, there in pairs if re.fullmatch(r"\d+|[A-Z]+-[\w-]+", there)]
    assert len(alike) > 20 and all(here == there for here, there in alike)
    assert not any(question.startswith("Translate") for example in made if example.kind != "translation" for question, *_ in example.questions)


def test_documents_in_other_languages_write_dates_and_sums_as_these_do() -> None:
    values, rng = Generator(WORK, "train", 9).values, random.Random(4)
    seen = set()
    for template in templates("train"):
        if template.language != "en":
            seen.add(template.language)
            example = fill(template, values, rng, 10_000)
            assert not re.search(r"\b(January|February|March|June|July|October|December|Monday|Sunday)\b", example.text), example.text
            assert not re.search(r"\d,\d{3}\b", example.text) or template.language == "it", example.text
    assert seen == set(LANGUAGES) - {"en"}


def test_yes_no_and_lists_are_asked_of_whole_documents_only() -> None:
    values, rng = Generator(WORK, "train", 9).values, random.Random(4)
    with_list = next(template for template in templates("train") if len(template.text) > 1500 and any(answer.startswith("={") for _, answer in template.questions))
    kinds = lambda example: {kind for _, _, kind in example.questions}
    whole, cut = fill(with_list, values, rng, 10_000), fill(with_list, values, rng, 20)
    assert "list" in kinds(whole) and not kinds(cut) & {"list", "yes-no"}
    answer = next(answer for _, answer, kind in whole.questions if kind == "list")
    assert all(part.casefold() in whole.text.casefold() for part in re.split(", | and ", answer)), answer


def test_a_file_is_as_long_as_wanted_and_of_several_kinds() -> None:
    values, rng = Generator(WORK, "train", 9).values, random.Random(4)
    for words in (300, 800, 1400):
        made = [draw_file(values, rng, "train", words) for _ in range(40)]
        assert all(words * 0.7 < len(file.text.split()) < words * 1.5 for file in made)
        assert all(len(set(file.kind.split(" and "))) == file.kind.count(" and ") + 1 for file in made)
    assert sum(" and " in file.kind for file in made) > 35


def test_what_stands_in_two_documents_of_a_file_is_not_asked() -> None:
    letter = Example("Anna pays 30 euros.", [("Who pays?", "Anna", "person"), ("How much?", "30 euros", "money"), ("Is it free?", "no", "yes-no")], "letter")
    note = Example("Anna and Bo know nothing.", [("Who knows nothing with Anna?", "Bo", "person")], "note")
    file = lay_together([letter, note])
    assert file == Example("Anna pays 30 euros.\n\nAnna and Bo know nothing.", letter.questions[1:] + note.questions, "letter and note")
