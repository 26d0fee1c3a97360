"""Values that facts take: people, firms, dates, sums, codes, measures; seeded, per side of the split."""

from __future__ import annotations

import json
import random
import re
import string
from pathlib import Path

from .names import Coiner

WORDS = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))


def listed(key: str) -> list[str]:
    """A "; "-parted list of words.json."""
    return WORDS[key].split("; ")


LISTS = {key: listed(key) for key in ("roles", "rooms", "materials", "colours", "illnesses", "medicines", "countries")}
NOUNS = sorted(set(WORDS["nouns"].split()))
ADJECTIVES = WORDS["adjectives"].split()
LABEL_WORDS = sorted(set(WORDS["label_words"].split()))


class Values:
    """Draws values of every kind with one random source."""

    def __init__(self, rng: random.Random, pools: dict, coiner: Coiner, side: str):
        self.rng, self.pool, self.coiner, self.side = rng, pools[side], coiner, side
        self.date_style = self.currency = None
        self.restyle()

    def restyle(self) -> None:
        """Choose how this document writes dates, times and sums; mostly one way throughout."""
        rng = self.rng
        self.date_style = rng.choices(range(10), (10, 4, 4, 3, 3, 4, 5, 5, 2, 2))[0]
        self.currency = rng.choice(WORDS["currencies"])
        self.decimals = rng.choice(("point", "point", "comma", "none", "none"))
        self.time_style = rng.choice((0, 0, 0, 1, 2, 3, 4))

    def last(self) -> str:
        return self.coiner.coin(self.rng, self.side) if self.rng.random() < 0.35 else self.rng.choice(self.pool["last"])

    def first(self) -> str:
        if self.rng.random() < 0.2:
            return self.coiner.coin(self.rng, self.side)
        return self.rng.choice(self.pool["first"])

    def person(self) -> str:
        roll = self.rng.random()
        if roll < 0.78:
            return f"{self.first()} {self.last()}"
        if roll < 0.84:
            return f"{self.first()} {self.first()} {self.last()}" if roll < 0.81 else f"{self.first()} {self.last()}-{self.last()}"
        if roll < 0.88:
            return f"{self.rng.choice(string.ascii_uppercase)}. {self.last()}"
        return f"{self.rng.choice(('Mr', 'Ms', 'Mrs', 'Dr', 'Mr', 'Ms', 'Prof.'))} {self.last()}"

    def firm(self) -> str:
        rng, tail = self.rng, self.rng.choice(WORDS["firm_tails"])
        head = rng.choice((self.last, self.last, lambda: self.coiner.coin(rng, self.side), self.city))()
        roll = rng.random()
        if roll < 0.2:
            return f"{head} & {self.last()} {tail}" if not tail.startswith("&") else f"{head} {tail}"
        if roll < 0.35:
            return f"{head} {rng.choice(WORDS['firm_tails'][16:])} {rng.choice(WORDS['firm_tails'][:14])}"
        return f"{head} {tail}"

    def city(self) -> str:
        return self.coiner.coin(self.rng, self.side) if self.rng.random() < 0.15 else self.rng.choice(self.pool["city"])

    def street(self) -> str:
        return self.rng.choice(self.pool["street"])

    def address(self) -> str:
        rng = self.rng
        street = f"{self.street()} {rng.randint(1, 180)}" if rng.random() < 0.6 else f"{rng.randint(1, 300)} {self.street()}"
        code = str(rng.randint(1000, 99999))
        return rng.choice((f"{street}, {code} {self.city()}", f"{street}, {self.city()}", street, f"{street}, {self.city()} {code}"))

    def date(self) -> str:
        rng = self.rng
        style = self.date_style if rng.random() < 0.85 else rng.randrange(10)
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2018, 2031)
        name, week = WORDS["months"][month - 1], rng.choice(WORDS["weekdays"])
        ordinal = f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"
        return (
            f"{day} {name} {year}", f"{name} {day}, {year}", f"{day:02d}.{month:02d}.{year}", f"{year}-{month:02d}-{day:02d}",
            f"{day:02d}/{month:02d}/{year}", f"{week}, {day} {name} {year}", f"{week} {day} {name}", f"{day} {name}",
            f"{ordinal} {name} {year}" if rng.random() < 0.7 else f"the {ordinal} of {name}", f"{week}, {name} {day}",
        )[style]

    def time(self) -> str:
        rng, style = self.rng, self.time_style
        hour, minute = rng.randint(6, 22), rng.choice((0, 0, 15, 30, 45, rng.randint(1, 59)))
        half = "am" if hour < 12 else "pm"
        twelve = (hour - 1) % 12 + 1
        if style == 0:
            return f"{hour}:{minute:02d}" if hour > 9 or rng.random() < 0.5 else f"0{hour}:{minute:02d}"
        if style == 1:
            return f"{twelve} {half}" if minute == 0 else f"{twelve}:{minute:02d} {half}"
        if style == 2:
            return f"{twelve}.{minute:02d} {half}"
        if style == 3:
            return f"{hour}.{minute:02d}"
        return rng.choice(("half past ", "quarter to ", "quarter past ")) + WORDS["number_words"][twelve - 1] if minute else f"{twelve} o'clock"

    def amount(self) -> str:
        rng = self.rng
        size = rng.choices((10, 100, 1000, 10_000, 100_000, 5_000_000), (1, 3, 4, 4, 2, 1))[0]
        whole = rng.randint(size // 10 + 1, size)
        if rng.random() < 0.25 and whole > 100:
            whole = round(whole, -1 if whole < 1000 else -2)
        cents = "" if self.decimals == "none" or size > 200_000 else f"{rng.choice((0, 0, 50, 90, rng.randint(0, 99))):02d}"
        if self.decimals == "comma":
            return f"{whole:,}".replace(",", ".") + (f",{cents}" if cents else "")
        grouped = f"{whole:,}" if rng.random() < 0.85 else str(whole)
        return grouped + (f".{cents}" if cents else "")

    def money(self) -> str:
        sign, where = self.currency
        return sign + self.amount() if where == "pre" else self.amount() + sign

    def percent(self) -> str:
        rng = self.rng
        number = rng.choice((str(rng.randint(1, 95)), f"{rng.randint(0, 30)}.{rng.randint(1, 9)}"))
        return number + rng.choice(("%", "%", " %", " per cent", " percent"))

    def code(self) -> str:
        rng, pattern = self.rng, self.rng.choice((
            "AA-####", "####-####", "A#######", "#####", "AAA-##-###", "######", "##/####", "AAAAAA", "A#A#A#", "AA####-A",
            "####/##", "A-##-####", "AA #### ##", "20##-####", "AA-#####-A", "###-###-###", "#A#A##", "AAA####", "##-###",
        ))
        return re.sub("[A#]", lambda m: rng.choice(string.ascii_uppercase if m[0] == "A" else string.digits), pattern)

    def iban(self) -> str:
        rng = self.rng
        country = rng.choice(("DE", "FR", "GB", "NL", "DK", "ES", "IT", "AT", "PL", "SE", "NO", "CH", "BE"))
        return country + f"{rng.randint(10, 99)} " + " ".join(f"{rng.randint(0, 9999):04d}" for _ in range(rng.choice((3, 4, 4, 5))))

    def phone(self) -> str:
        rng = self.rng
        prefix = rng.choice((f"0{rng.randint(100, 999)}", f"+{rng.randint(30, 99)} {rng.randint(10, 99)}", f"0{rng.randint(1000, 9999)}", f"({rng.randint(200, 999)})"))
        return prefix + " " + rng.choice((f"{rng.randint(100, 999)} {rng.randint(1000, 9999)}", f"{rng.randint(1000, 9999)} {rng.randint(1000, 9999)}", f"{rng.randint(100000, 9999999)}", f"{rng.randint(100, 999)}-{rng.randint(1000, 9999)}"))

    def email(self) -> str:
        plain = lambda word: re.sub("[^a-z]", "", word.lower()) or "post"
        box = self.rng.choice(("info", "office", "mail", plain(self.last()), f"{plain(self.first())}.{plain(self.last())}"))
        return f"{box}@{plain(self.coiner.coin(self.rng, self.side))}.{self.rng.choice(('com', 'org', 'example', 'de', 'net', 'co.uk', 'eu'))}"

    def duration(self) -> str:
        rng = self.rng
        number = rng.choice((str(rng.randint(2, 48)), rng.choice(WORDS["number_words"][1:])))
        return f"{number} {rng.choice(('days', 'weeks', 'months', 'years', 'months', 'years'))}"

    def noun(self) -> str:
        noun = self.rng.choice(NOUNS)
        return f"{self.rng.choice(ADJECTIVES)} {noun}" if self.rng.random() < 0.5 else noun

    def project(self) -> str:
        word = self.coiner.coin(self.rng, self.side)
        return self.rng.choice((word, f"{word} {self.rng.randint(2, 2030)}", f"{word} {self.rng.choice(NOUNS).capitalize()}"))

    def draw(self, kind: str) -> str:
        """A value of the kind that fields.txt names."""
        rng = self.rng
        kind, _, detail = kind.partition(":")
        if kind == "count":
            number = rng.choice((str(rng.randint(2, 60)), f"{rng.randint(60, 9999):,}", rng.choice(WORDS["number_words"][1:])))
            return f"{number} {detail}".strip()
        if kind == "measure":
            number = rng.choice((str(rng.randint(1, 900)), f"{rng.randint(0, 90)}.{rng.randint(1, 9)}", f"{rng.randint(1000, 30000):,}"))
            return f"{number} {rng.choice(detail.split(','))}"
        if kind == "dims":
            return rng.choice((" x ", " × ")).join(str(rng.randint(5, 900)) for _ in range(3)) + rng.choice((" mm", " cm"))
        if kind == "ip":
            return f"IP{rng.randint(2, 6)}{rng.randint(0, 9)}"
        if kind == "bankname":
            return f"{self.city()} {rng.choice(WORDS['bank_words'])}"
        if kind == "hotel":
            return f"{rng.choice(WORDS['hotel_words'])} {rng.choice((self.last, self.city, self.street))()}"
        if kind == "place":
            return rng.choice(LISTS["rooms"]) if rng.random() < 0.6 else rng.choice((self.address, self.hotel, self.street, self.city))()
        if kind == "flight":
            return f"{''.join(rng.choices(string.ascii_uppercase, k=2))} {rng.randint(10, 9999)}"
        if kind == "seat":
            return f"{rng.randint(1, 60)}{rng.choice('ABCDEFHJK')}"
        if kind == "gate":
            return rng.choice((f"{rng.choice('ABCDEF')}{rng.randint(1, 70)}", str(rng.randint(1, 24))))
        lists = {"material": "materials", "role": "roles", "colour": "colours", "illness": "illnesses", "medicine": "medicines", "country": "countries"}
        if kind in lists:
            return rng.choice(LISTS[lists[kind]])
        return getattr(self, kind)()

    def hotel(self) -> str:
        return self.draw("hotel")
