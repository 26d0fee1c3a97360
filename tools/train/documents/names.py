"""Names, places and other values, in a training part and a test part that share no name.

Names come from Faker's locales in Latin script; further ones are made up letter by letter from
the statistics of those names, so that a reader cannot know them by heart. A word belongs to the
test part when its hash says so, and a name is used for testing only when each of its words does.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import defaultdict
from pathlib import Path

LOCALES = (
    "en_US en_GB en_IE en_NZ de_DE de_AT de_CH fr_FR fr_CH es_ES es_MX it_IT pt_PT pt_BR nl_NL nl_BE sv_SE no_NO "
    "da_DK fi_FI pl_PL cs_CZ sk_SK sl_SI hr_HR hu_HU ro_RO et_EE lt_LT lv_LV tr_TR en_IN id_ID"
).split()
TEST_SHARE = 8  # one word in eight belongs to the test part


def is_test_word(word: str) -> bool:
    """Whether a word of a name is kept for testing; the same on every machine."""
    return hashlib.sha256(word.casefold().encode()).digest()[0] % TEST_SHARE == 0


def _side(words: list[str]) -> str | None:
    marks = {is_test_word(word) for word in words if len(word) > 1}
    return None if len(marks) != 1 else ("test" if marks.pop() else "train")


def build_pools(path: Path, seed: int = 7) -> dict:
    """Draw the name pools from Faker once and keep them in `path` (JSON)."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    from faker import Faker

    pools: dict[str, dict[str, set[str]]] = {side: defaultdict(set) for side in ("train", "test")}
    for number, locale in enumerate(LOCALES):
        fake = Faker(locale)
        fake.seed_instance(seed + number)
        draw = {
            "first": fake.first_name, "last": fake.last_name, "city": fake.city, "street": fake.street_name,
        }
        for kind, call in draw.items():
            for _ in range(1500 if kind != "street" else 400):
                try:
                    value = " ".join(str(call()).split())
                except Exception:  # a locale without this kind of name
                    break
                if 2 < len(value) < 26 and not any(character.isdigit() for character in value):
                    side = _side(value.replace("-", " ").split())
                    if side:
                        pools[side][kind].add(value)
    result = {side: {kind: sorted(values) for kind, values in kinds.items()} for side, kinds in pools.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    return result


class Coiner:
    """Coins new words with the letter statistics (order 3) of the words it was given."""

    def __init__(self, words: list[str]):
        self.table: dict[str, list[str]] = defaultdict(list)
        for word in words:
            padded = "^^" + word.lower() + "$"
            for i in range(2, len(padded)):
                self.table[padded[i - 2 : i]].append(padded[i])

    def coin(self, rng: random.Random, side: str | None = None) -> str:
        """A capitalised word of 4 to 11 letters, on the wanted side of the split where one is named."""
        while True:
            word = "^^"
            while len(word) < 14:
                following = rng.choice(self.table[word[-2:]])
                if following == "$":
                    break
                word += following
            word = word[2:].capitalize()
            if 4 <= len(word) <= 11 and word.isalpha() and (side is None or is_test_word(word) == (side == "test")):
                return word
