"""What kind of thing an answer is, told by its form alone: a sum, a date, a name, words."""

from __future__ import annotations

import re

MONTHS = "jan|feb|mar|apr|may|june|july|aug|sept?|oct|nov|dec|january|february|march|april|august|september|october|november|december"
DAYS = "mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays"
NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|twenty|thirty|forty|fifty|hundred|thousand|million|half|once|twice"
MONEY = r"[£€$¥]|\b(?:eur|gbp|usd|chf|euros?|pounds?|dollars?|francs?|pence|cents?)\b"
PERCENT = r"\d\s*%|per ?cent"
TIME = r"\b\d{1,2}[:.]\d\d\b(?!\d)(?! ?(?:kg|km|m|cm|mm|l|litres|kwh|g)\b)(?=\s*(?:a\.?m|p\.?m|h\b|hours|o'clock|$|,| ))|\b\d{1,2} ?[ap]\.?m\b|o'clock|\bnoon\b|\bmidnight\b"
DATE = rf"\b\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2,4}}\b|\b\d{{4}}-\d\d-\d\d\b|\b(?:{MONTHS})\b|\b(?:{DAYS})\b"
COUNTED = rf"^(?:\W|about|over|under|up to|at least|at most|some|every|for|the|-|−)*(?:\d|(?:{NUMBERS})\b)"
BY_FORM = (("share", PERCENT), ("sum", MONEY), ("date", DATE), ("time", TIME), ("number", COUNTED))
SMALL = frozenset("of the and at in on for her his my our van von der de da du la le".split())  # may stand in a name


def kind_of(answer: str) -> str:
    """One of sum, share, date, time, number (with or without a unit), code, yes or no, name, words; "nothing" for an empty answer."""
    text = answer.strip(" .,;:!?\"'")
    if not text:
        return "nothing"
    if text.casefold() in ("yes", "no"):
        return "yes or no"
    if re.fullmatch(r"(?=.*\d)(?=.*[A-Z])[A-Z0-9][A-Z0-9/.-]{3,}", text):
        return "code"
    for kind, form in BY_FORM:
        if re.search(form, text, re.IGNORECASE):
            return kind
    words = re.findall(r"[^\W\d_]+", text)
    return "name" if words and all(word[0].isupper() or word in SMALL for word in words) and any(word[0].isupper() for word in words) else "words"
