"""Dates, times, sums and shares as five languages write them (CLDR, by Babel)."""

from __future__ import annotations

import datetime
import random

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_percent

LANGUAGES = ("en", "de", "fr", "es", "it")
NAMES = ("English", "German", "French", "Spanish", "Italian")
KINDS = ("date", "weekday", "time", "money", "percent")


def draw(kind: str, rng: random.Random) -> object:
    """A value of one of KINDS, for `write`."""
    if kind in ("date", "weekday"):
        return datetime.date(rng.randint(2019, 2031), 1, 1) + datetime.timedelta(rng.randrange(365))
    if kind == "time":
        return datetime.time(rng.randrange(24), rng.randrange(0, 60, 5))
    if kind == "money":
        return rng.choice((rng.randint(2, 900), rng.randint(200, 99_999) / 100)), rng.choice(("EUR", "EUR", "USD", "GBP", "CHF"))
    return rng.randint(1, 99) / 100


def write(kind: str, value, language: str) -> str:
    """The value in a language, with plain spaces."""
    if kind == "date":
        text = format_date(value, "d MMMM y" if language == "en" else "long", locale=language)
    elif kind == "weekday":
        text = format_date(value, "EEEE", locale=language)
    elif kind == "time":
        text = format_time(value, "HH:mm", locale=language)
    elif kind == "money":
        text = format_currency(*value, locale=language)
    else:
        text = format_percent(value, locale=language)
    return text.replace("\u00a0", " ").replace("\u202f", " ")
