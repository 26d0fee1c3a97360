"""Composes whole documents: a layout's blocks filled with facts, events, tables and idle talk.

Text comes out as the reader of PDF files hands it on: blocks parted by an empty line, table cells
by tabs, a label and its value by a tab or a colon.
"""

from __future__ import annotations

import random
import re

from .drills import Example, continuation, random_label
from .values import ADJECTIVES, LISTS, NOUNS, WORDS, Values
from .wordings import Field, events, fields, fillers, inflect, layouts, part

# Fields that would make each other's questions ambiguous: at most one of a group stands in a document.
GROUPS = (
    ("invoice_date", "event_date", "meeting_date", "published", "travel_date", "appointment"),
    ("price", "fee", "total"), ("tenant", "traveller", "employee", "patient"), ("origin", "city_of", "origin_city"),
    ("meeting_place", "event_place", "meeting_point", "address"), ("event_time", "meeting_start", "departure"),
    ("author", "sender"), ("area", "size"), ("order_number", "part_number"), ("seller", "employer", "maker"),
    ("reply_by", "due_date"), ("growth", "share"), ("length", "term"), ("room", "seat"), ("project", "cause"),
    ("members", "staff"), ("contractor", "insurer"), ("guide", "teacher"), ("start_date", "event_date"),
    ("customer", "recipient"), ("budget", "quote"), ("refund", "grant", "discount"), ("landlord", "contact"),
    ("tax_rate", "tax", "tourist_tax"), ("late_fee", "penalty", "default_interest"),
    ("default_interest", "interest_rate"), ("interest_rate", "share"), ("tax_rate", "share"), ("share", "satisfaction"),
    ("growth", "rent_increase"), ("hourly_rate", "overtime_pay"), ("hours_billed", "hours"),
    ("delivery_date", "arrival"), ("rent", "instalment", "service_charge"), ("instalment", "loan_amount"),
    ("fee", "membership_fee", "call_out_charge"), ("fee", "fine", "total"), ("debt", "total"), ("debt", "loan_amount"),
    ("collection", "grant"), ("collection", "balance"), ("expenses", "budget"), ("workplace", "city_of", "head_office"),
    ("supervisor", "contact"), ("secrecy_period", "term"), ("term_of_office", "term"),
    ("work_starts", "event_time", "opening_time"), ("work_starts", "meeting_start"),
    ("present_number", "members", "sample_size"), ("present_number", "visitors"), ("guest_speaker", "present"),
    ("next_place", "meeting_place", "event_place", "meeting_point"),
    ("pickup_place", "meeting_point", "event_place", "address"), ("storage_temperature", "temperature"),
    ("memory", "capacity"), ("range", "length"), ("range", "distance"), ("mileage_limit", "distance"),
    ("max_load", "weight"), ("emergency_phone", "phone"), ("allergy", "medicine"), ("bus_line", "gate"),
    ("claim_number", "reference"), ("licence_plate", "serial"), ("application_deadline", "reply_by"),
    ("carrier", "seller"), ("sponsor", "contractor"), ("sponsor", "insurer"), ("account_holder", "bank"),
    ("lunch_break", "break_time"), ("admission_date", "appointment"), ("discharge_date", "return_date"),
    ("change_at", "origin_city"), ("account_holder", "customer"), ("found_item", "diagnosis"),
    ("head_office", "address"), ("advance_payment", "deposit"),
)
RIVALS: dict[str, set[str]] = {}
for group in GROUPS:
    for member in group:
        RIVALS.setdefault(member, set()).update(set(group) - {member})

SLOTS = {
    "P": "person", "F": "firm", "R": "role", "D": "date", "T": "time", "M": "money", "L": "place", "A": "city",
    "B": "city", "U": "duration", "C": "code", "K": "count:", "X": "percent", "H": "phone", "G": "project", "I": "material",
    "S": "address", "O": "colour", "E": "measure:kg,m,cm,litres,tonnes,m²",
}
DISHES = ("Qty", "Quantity", "Number", "Pieces"), ("Price", "Unit price", "Amount", "Cost", "Total"), ("Order no.", "Code", "Article no.", "Ref.")


class Document:
    """One document in the making: its blocks, its questions, and what it has used up."""

    def __init__(self, values: Values, rng: random.Random, side: str, prose: list[str]):
        self.values, self.rng, self.side, self.prose = values, rng, side, prose
        self.blocks: list[str] = []
        self.questions: list[tuple[str, str, str]] = []
        self.nouns = rng.sample(NOUNS, len(NOUNS))
        self.labels: set[str] = set()
        self.used: set[str] = set()
        self.roles = rng.sample(LISTS["roles"], len(LISTS["roles"]))
        self.taken: set[str] = set()
        values.restyle()

    def fresh(self, kind: str) -> str:
        """A value of a kind that does not stand in this document yet."""
        for _ in range(20):
            value = self.values.draw(kind)
            if value not in self.taken:
                break
        self.taken.add(value)
        return value

    def thing(self) -> tuple[str, str]:
        """(full name, short name) of a thing not yet mentioned."""
        noun = self.nouns.pop() if self.nouns else "thing"
        if self.rng.random() < 0.15:
            noun = f"{noun} {self.nouns.pop() if self.nouns else 'set'}"
        return (f"{self.rng.choice(ADJECTIVES)} {noun}" if self.rng.random() < 0.4 else noun), noun

    def ask(self, question: str, answer: str, kind: str) -> None:
        """Add a question, at times in the careless form that people type."""
        roll = self.rng.random()
        if roll < 0.06:
            question = question.rstrip("?.")
        elif roll < 0.12:
            question = question[0].lower() + question[1:]
        self.questions.append((question, answer, kind.partition(":")[0]))

    # Facts

    def pick_fields(self, topics: tuple[str, ...], count: int) -> list[Field]:
        """Fields of these topics that may stand beside the ones already here."""
        chosen = []
        pool = [field for field in fields(self.side) if field.topic in topics and field.name not in self.used]
        for field in self.rng.sample(pool, len(pool)):
            if len(chosen) == count:
                break
            if not RIVALS.get(field.name, set()) & self.used:
                chosen.append(field)
                self.used.add(field.name)
        return chosen

    def fact_sentence(self, field: Field) -> str:
        value = self.fresh(field.kind)
        self.ask(self.rng.choice(field.questions), value, field.kind)
        if self.rng.random() < 0.35:
            self.ask(self.rng.choice(field.questions), value, field.kind)
        return self.rng.choice(field.sentences).replace("{v}", value)

    def fact_line(self, field: Field, gap: str) -> str | None:
        label = self.rng.choice(field.labels)
        if label in self.labels:
            return None
        self.labels.add(label)
        value = self.fresh(field.kind)
        roll = self.rng.random()
        if roll < 0.3 and len(label) > 4:
            self.ask(self.rng.choice(("What is the {l}?", "{l}?", "Which {l} is given?")).replace("{l}", label.lower().rstrip(".") if not label.isupper() else label), value, field.kind)
        else:
            self.ask(self.rng.choice(field.questions), value, field.kind)
        return label + gap + value

    # Events

    def event(self) -> str:
        """One sentence of something that happens, with up to two questions."""
        rng, event = self.rng, self.rng.choice(events(self.side))
        slots: dict[str, str] = {}
        short: dict[str, str] = {}
        for name in re.findall(r"\{([A-Z]2?)\}", event.sentence):
            if name in slots:
                continue
            if name[0] == "N":
                slots[name], short[name] = self.thing()
            elif name == "R":
                slots[name] = self.roles.pop() if self.roles else "member"
            else:
                slots[name] = self.fresh(SLOTS[name[0]])
            short.setdefault(name, slots[name])
        group = rng.choice(WORDS["verbs"])
        told = inflect(rng.choice(group))
        asked = inflect(rng.choice(group)) if rng.random() < 0.4 else told
        forms = dict(zip(("v", "vs", "ved", "vpp", "ving"), told)) | dict(zip(("w", "ws", "wed", "wpp", "wing"), asked))
        sentence = re.sub(r"\{(\w+)\}", lambda m: slots.get(m[1]) or forms[m[1]], event.sentence)
        for question, slot in rng.sample(event.questions, min(len(event.questions), rng.choice((1, 1, 2, 2, 3)))):
            named = {key: short[key] if rng.random() < 0.5 else value for key, value in slots.items()}
            for key in ("P", "P2"):
                if key in named and rng.random() < 0.3:
                    named[key] = named[key].split()[-1]
            text = re.sub(r"\{(\w+)\}", lambda m: named.get(m[1]) or forms[m[1]], question)
            answer = f"the {slots[slot]}" if slot[0] == "N" and f"the {slots[slot]}" in sentence else slots[slot]
            if slot[0] == "N" and answer not in sentence:
                answer = next((a for a in (f"The {slots[slot]}",) if a in sentence), slots[slot])
            self.ask(text, answer, "noun" if slot[0] == "N" else SLOTS.get(slot[0], "noun"))
        return sentence[0].upper() + sentence[1:]

    def idle(self) -> str:
        """A sentence that nobody asks about; at times a plain event."""
        if self.rng.random() < 0.75:
            return self.rng.choice(fillers(self.side))
        kept = len(self.questions)
        sentence = self.event()
        del self.questions[kept:]
        return sentence

    # Blocks

    def paragraph(self, sentences: list[str]) -> None:
        """Put sentences together, with idle ones between, into one to three blocks."""
        rng, line = self.rng, []
        for sentence in sentences:
            if rng.random() < 0.3:
                line.append(self.idle())
            line.append(sentence)
            if rng.random() < 0.3:
                self.blocks.append(" ".join(line))
                line = []
        if line:
            self.blocks.append(" ".join(line))

    def lines(self, topics: tuple[str, ...], count: int) -> None:
        rng = self.rng
        gap = rng.choice(("\t", "\t", ": ", ": ", " : ", ":\t"))
        rows = [line for field in self.pick_fields(topics, count) if (line := self.fact_line(field, gap))]
        for _ in range(rng.choice((0, 0, 1, 2))):
            label = random_label(self.values, rng).capitalize()
            if label not in self.labels:
                self.labels.add(label)
                value = self.fresh(rng.choice(("code", "money", "person", "date", "city", "measure:kg,m,V,W,l", "count:")))
                rows.append(label + gap + value)
                self.ask(rng.choice(("What is the {l}?", "{l}?", "Which {l} is given?")).replace("{l}", label.lower()), value, "random")
        rng.shuffle(rows)
        if rows:
            self.blocks.append(rng.choice(("\n", "\n", "\n\n", "   ")).join(rows) if len(rows) < 9 else "\n".join(rows))

    def items(self) -> None:
        """A table of things with numbers and prices."""
        rng = self.rng
        columns = [(rng.choice(heads), kind) for heads, kind in zip(DISHES, ("count:", "money", "code")) if rng.random() < 0.7]
        columns = columns or [("Price", "money")]
        rng.shuffle(columns)
        rows = ["\t".join([rng.choice(("Item", "Description", "Product", "Article", "Kind"))] + [head for head, _ in columns])]
        for _ in range(rng.randint(2, 6)):
            thing, short = self.thing()
            cells = [self.fresh(kind) for _, kind in columns]
            rows.append("\t".join([thing.capitalize()] + cells))
            if rng.random() < 0.7:
                where = rng.randrange(len(columns))
                head, kind = columns[where]
                forms = ["What is the {h} of the {n}?", "What is the {h} for the {n}?", "{h} of the {n}?"]
                forms += {"money": ["How much does the {n} cost?", "How much is the {n}?", "What does a {n} cost?"], "count:": ["How many of the {n} are there?", "How many of the {n} were ordered?"], "code": ["Which number does the {n} have?", "What number do I need for the {n}?"]}[kind]
                self.ask(rng.choice(part(forms, self.side) if len(forms) > 4 else forms).replace("{h}", head.lower()).replace("{n}", rng.choice((thing, short))), cells[where], kind)
        self.blocks.append("\n".join(rows))

    def schedule(self) -> None:
        """Days or hours with what happens then."""
        rng = self.rng
        kind = rng.choice(("time", "date"))
        gap, rows = rng.choice(("\t", ": ", " - ", "\t")), []
        for _ in range(rng.randint(3, 6)):
            when, thing = self.fresh(kind), self.thing()[0]
            act = rng.choice(("Visit to the {n}", "{N}", "Talk on the {n}", "Meeting about the {n}", "Tour of the {n}", "Opening of the {n}", "Walk to the {n}"))
            what = act.replace("{n}", thing).replace("{N}", thing.capitalize())
            place = self.fresh("place") if rng.random() < 0.5 else ""
            person = self.fresh("person") if rng.random() < 0.4 else ""
            rows.append(when + gap + what + (rng.choice((", ", "\t", " at ")) + place if place else "") + (rng.choice((" (", " with ")) + person if person else ""))
            if "(" in rows[-1] and person and rows[-1].endswith(" (" + person):
                rows[-1] += ")"
            name = what[0].lower() + what[1:]
            self.ask(rng.choice(("When is the {n}?", "At what time is the {n}?" if kind == "time" else "On which day is the {n}?", "When does the {n} take place?")).replace("{n}", name), when, kind)
            if place and rng.random() < 0.5:
                self.ask(rng.choice(("Where is the {n}?", "Where does the {n} take place?")).replace("{n}", name), place, "place")
            if person and rng.random() < 0.6:
                self.ask(rng.choice(("Who is in charge of the {n}?", "Who leads the {n}?", "Who does the {n}?")).replace("{n}", name), person, "person")
        self.blocks.append(rng.choice(("\n", "\n", "\n\n")).join(rows))

    def people(self) -> None:
        """A table or list of persons, what they are and how they are reached."""
        rng = self.rng
        second, kind = rng.choice((("Phone", "phone"), ("E-mail", "email"), ("Office", "gate"), ("Town", "city"), ("Since", "date")))
        rows = ["\t".join(("Name", rng.choice(("Role", "Function", "Position", "Task")), second))] if rng.random() < 0.7 else []
        for _ in range(rng.randint(2, 5)):
            person, role, value = self.fresh("person"), self.roles.pop(), self.fresh(kind)
            rows.append("\t".join((person, role, value)))
            roll = rng.random()
            if roll < 0.4:
                self.ask(rng.choice(("Who is the {r}?", "What is the name of the {r}?", "Who works as {r}?")).replace("{r}", role), person, "person")
            elif roll < 0.6:
                self.ask(rng.choice(("What does {p} do?", "What is the role of {p}?", "What is {p}'s position?")).replace("{p}", person), role, "role")
            else:
                self.ask(rng.choice(("What is the {s} of {p}?", "{s} of {p}?", "What {s} is given for {p}?")).replace("{s}", second.lower()).replace("{p}", rng.choice((person, person.split()[-1], f"the {role}"))), value, kind)
        self.blocks.append("\n".join(rows))

    def role_list(self) -> None:
        """"Present: A (chair), B (treasurer)" in one line."""
        rng = self.rng
        form = rng.choice(("{p} ({r})", "{p}, {r}", "{r}: {p}", "{p} as {r}", "{r} {p}"))
        found = []
        for _ in range(rng.randint(2, 6)):
            person, role = self.fresh("person"), self.roles.pop()
            found.append(form.replace("{p}", person).replace("{r}", role.capitalize() if form.startswith("{r}:") else role))
            if rng.random() < 0.7:
                if rng.random() < 0.75:
                    self.ask(rng.choice(("Who is the {r}?", "What is the name of the {r}?", "Who is {r}?", "Who was there as {r}?")).replace("{r}", role), person, "person")
                else:
                    self.ask(rng.choice(("What is {p}?", "What is the role of {p}?", "What does {p} do?")).replace("{p}", person), found[-1][:len(role)] if form.startswith("{r}:") else role, "role")
        lead = rng.choice(("Present: ", "Present were ", "Attending: ", "Board: ", "Our team: ", "Committee: ", ""))
        self.blocks.append(lead + rng.choice(("; ", ", ", "; ")).join(found) + rng.choice((".", "")))

    def block(self, name: str, topics: tuple[str, ...], amount: float) -> None:
        """Add one block of a layout; `amount` scales how much it says."""
        rng = self.rng
        few = max(1, round(amount * rng.uniform(0.6, 1.4)))
        if name == "title":
            self.blocks.append(rng.choice(layouts()["titles"][topics[0]]))
        elif name == "heading":
            number = f"{rng.randint(1, 9)}. " if rng.random() < 0.4 else ""
            self.blocks.append(number + rng.choice(layouts()["headings"]))
        elif name == "letterhead":
            firm = self.fresh("firm")
            self.blocks.append(firm)
            self.blocks.append(self.fresh("address"))
            if rng.random() < 0.4 and not self.used & {"seller", "employer", "maker"}:
                self.ask(rng.choice(("Which company is the letter from?", "Which firm sent this?", "What company wrote it?")), firm, "firm")
        elif name == "addressee":
            person = self.fresh("person")
            self.blocks.append(f"{person}\n" + self.fresh("address").replace(", ", "\n"))
            if not self.used & {"recipient", "customer", "patient"} and rng.random() < 0.5:
                self.used |= {"recipient", "customer"}
                self.ask(rng.choice(("Who is the letter for?", "To whom is it addressed?", "Who is the recipient?", "Who gets the letter?")), person, "person")
        elif name == "dateline":
            date = self.fresh("date")
            city = rng.random() < 0.4
            self.blocks.append((f"{self.fresh('city')}, " if city else "") + date)
            if not self.used & RIVALS["invoice_date"] and rng.random() < 0.6:
                self.used |= RIVALS["invoice_date"] | {"invoice_date"}
                self.ask(rng.choice(("When was the letter written?", "What is the date of the letter?", "What date is the letter?")), date, "date")
        elif name == "salutation":
            self.blocks.append(rng.choice(("Dear Sir or Madam,", "Dear members,", "Dear parents,", "Hello everybody,", f"Dear {self.fresh('person')},", f"Dear {rng.choice(('Mr', 'Ms', 'Mrs'))} {self.values.last()},")))
        elif name == "closing":
            person, role = self.fresh("person"), self.roles.pop()
            self.blocks.append(rng.choice(("Yours sincerely,", "With kind regards", "Best wishes,", "Yours faithfully,", "Kind regards,", "Signed", "For the board", "Sincerely,")))
            named = rng.random() < 0.6
            self.blocks.append(person + (rng.choice(("\n", ", ", "\n")) + (role.capitalize() if rng.random() < 0.5 else role) if named else ""))
            if not self.used & {"sender", "author"}:
                self.used |= {"sender", "author"}
                self.ask(rng.choice(("Who wrote the letter?", "Who signed it?", "Who is the letter from?", "Who signed the letter?", "Who wrote this?", "Who sent it?")), person, "person")
        elif name == "lines":
            self.lines(topics, rng.randint(2, 4) + round(amount))
        elif name == "sentences":
            self.paragraph([self.fact_sentence(field) for field in self.pick_fields(topics, few + 1)])
        elif name == "events":
            self.paragraph([self.event() for _ in range(few + 1)])
        elif name == "numbered":
            for i, field in enumerate(self.pick_fields(topics, few + 3), 1):
                self.blocks.append(f"{i}. " + self.fact_sentence(field) + (" " + self.idle() if rng.random() < 0.4 else ""))
        elif name == "numbered-events":
            for i in range(1, few + 3):
                head = f"{i}. {rng.choice(layouts()['headings'])}"
                body = " ".join(self.event() for _ in range(rng.choice((1, 1, 2))))
                self.blocks += [head, body] if rng.random() < 0.6 else [f"{i}. {body}"]
        elif name == "prose":
            for _ in range(few):
                self.blocks.append(rng.choice(self.prose))
        elif name == "filler":
            self.blocks.append(" ".join(self.idle() for _ in range(few)))
        elif name == "page":
            self.blocks.append(rng.choice((f"Page {rng.randint(1, 9)} of {rng.randint(2, 12)}", f"- {rng.randint(1, 30)} -", str(rng.randint(1, 40)))))
        else:
            {"items": self.items, "schedule": self.schedule, "people": self.people, "roles": self.role_list}[name]()


def compose(values: Values, rng: random.Random, side: str, prose: list[str], words: int) -> Example:
    """A document of about so many words, by a layout of this side of the split."""
    document = Document(values, rng, side, prose)
    layout = rng.choice(part(layouts()["layouts"], side))
    kind = rng.choice(layout["kinds"])
    also = ("letter",) if kind in ("minutes", "report", "contract", "invoice") and rng.random() < 0.7 else ()
    topics = (kind, *also) if rng.random() < 0.85 else (kind, "letter", "report", "contract")
    amount = max(0.5, min(3.0, words / 90))
    for name in layout["blocks"]:
        document.block(name, topics, amount)
    while sum(block.count(" ") + block.count("\t") + 1 for block in document.blocks) < words * 0.85:
        document.block(rng.choice(("filler", "prose", "events", "sentences", "heading", "roles", "items", "schedule", "page", "events", "filler")), topics, 1.5)
    text = "\n\n".join(block for block in document.blocks if block)
    rng.shuffle(document.questions)
    # A value that stands in two places, or not at all (a cell cut apart), makes no fair question.
    fair = [q for q in document.questions if q[1] in text]
    if side == "train" and rng.random() < 0.25:
        fair = fair[:6] + continuation(text, rng, 2)
    return Example(text, fair, kind)


def facts(values: Values, rng: random.Random, side: str, prose: list[str], words: int) -> Example:
    """A few sentences or lines only: the first step from drills towards documents."""
    document = Document(values, rng, side, prose)
    topics = tuple({field.topic for field in fields(side)})
    count = max(1, words // 14)
    roll = rng.random()
    if roll < 0.45:
        document.paragraph([document.event() for _ in range(count)])
    elif roll < 0.65:
        document.paragraph([document.fact_sentence(field) for field in document.pick_fields(topics, count)])
    elif roll < 0.8:
        document.lines(topics, count * 2)
    else:
        document.block(rng.choice(("roles", "people", "schedule", "items")), ("letter",), 1)
    text = "\n\n".join(document.blocks)
    return Example(text, [question for question in document.questions if question[1] in text], "facts")
