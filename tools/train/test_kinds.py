"""Self-check of the kinds of answers. Run: python -m pytest -q"""

from __future__ import annotations

import pytest

from kinds import kind_of


@pytest.mark.parametrize(("answer", "kind"), [
    ("£1,240.50", "sum"), ("an allowance of £60", "sum"), ("6%", "share"), ("at least 60 per cent", "share"), ("by 6 March", "date"), ("12.03.2026", "date"), ("Mon 30 March", "date"),
    ("Tuesdays", "date"), ("9.31", "time"), ("by 8 a.m.", "time"), ("18:30", "time"), ("2.7 kg", "number"), ("287", "number"), ("three years", "number"), ("once a week", "number"),
    ("1.9", "number"), ("PD-141", "code"), ("no", "yes or no"), ("Mr Loxley", "name"), ("Kevin Tapp of Dart Heating", "name"), ("Hald Træ A/S", "name"),
    ("a slipped slate", "words"), ("Machine too hot", "words"), ("", "nothing"),
])
def test_forms(answer: str, kind: str) -> None:
    assert kind_of(answer) == kind
