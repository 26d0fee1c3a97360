"""Long documents: one sentence that answers among thousands that do not (a needle), and answers that need two sentences (a chain)."""

from __future__ import annotations

import random

from .compose import Document
from .drills import Example
from .values import Values
from .wordings import fields, fillers, part

# Who or what is meant, told in one place {1}, and what is said of it in another {2}; the question names neither's words for the other.
CHAINS = (
    ("role", "person", ("Our {1} is {x}.", "{x} has been elected {1}.", "{x} works as {1}.", "The post of {1} is held by {x}.", "{1}: {x}", "As {1} we have appointed {x}.", "{x} took over as {1} last year.")),
    ("project", "city", ("{1} is carried out in {x}.", "The site of {1} is {x}.", "We are building {1} in {x}.", "{1} ({x}) goes on as planned.", "{x} is where {1} takes place.", "For {1} the council chose {x}.")),
    ("firm", "person", ("{1} is led by {x}.", "{x} owns {1}.", "At {1} our contact is {x}.", "{x} speaks for {1}.", "The managing director of {1} is {x}.", "{1} sent {x}.")),
)
SECOND = {
    "person": (
        ("city", ("{x} lives in {y}.", "{x}'s home is in {y}.", "{x} comes from {y}.", "The flat of {x} is in {y}.", "{y} is where {x} has settled."), ("Where does the {1} live?", "In which town does the {1} live?", "Where is the {1} from?", "Which town does the {1} come from?", "The {1} lives where?")),
        ("phone", ("{x} can be reached on {y}.", "Telephone {x}: {y}.", "Ring {x} on {y}.", "{x}'s number is {y}.", "For {x} dial {y}."), ("What is the phone number of the {1}?", "On what number can the {1} be reached?", "How do I ring the {1}?", "Phone number of the {1}?", "Which number do I dial for the {1}?")),
        ("date", ("{x} is away until {y}.", "{x} comes back on {y}.", "{x} returns on {y}.", "We expect {x} again on {y}.", "{x} will be back on {y}."), ("When does the {1} come back?", "When is the {1} back?", "Until when is the {1} away?", "On what day does the {1} return?", "The {1} is back when?")),
        ("money", ("{x} has paid {y}.", "{x} gave {y}.", "We received {y} from {x}.", "{x} contributed {y}.", "A sum of {y} came from {x}."), ("How much did the {1} pay?", "What sum did the {1} give?", "How much came from the {1}?", "What did the {1} pay?", "How much has the {1} contributed?")),
    ),
    "city": (
        ("person", ("The mayor of {x} is {y}.", "In {x} we were received by {y}.", "{y} looks after everything in {x}.", "{y} is our man in {x}.", "Our office in {x} is run by {y}."), ("Who looks after things where {1} takes place?", "Who is in charge in the town of {1}?", "Who is the contact in the town where {1} is?", "Who receives visitors in the town of {1}?", "Whom do we meet in the town of {1}?")),
        ("date", ("We travel to {x} on {y}.", "The journey to {x} is on {y}.", "On {y} everybody meets in {x}.", "{x} expects us on {y}.", "The visit to {x} is set for {y}."), ("When do we travel to the town of {1}?", "When is the visit to the town where {1} is?", "On what day do we go to the town of {1}?", "When are we expected in the town of {1}?", "When is the journey to where {1} takes place?")),
    ),
}


def chain(values: Values, rng: random.Random, side: str, prose: list[str], words: int) -> Example:
    """A document with a few chains of two sentences, each asked about from its beginning to its end; rivals for both steps stand beside."""
    document = Document(values, rng, side, prose)
    kind, link, first = rng.choice(CHAINS)
    value_kind, second, asked = rng.choice(SECOND[link])
    sentences, questions = [], []
    for _ in range(rng.choice((2, 2, 3, 4))):
        begin = document.roles.pop() if kind == "role" else document.fresh(kind)
        middle, end = document.fresh(link), document.fresh(value_kind)
        sentences.append(_capital(rng.choice(part(list(first), side)).replace("{1}", begin).replace("{x}", middle)))
        sentences.append(_capital(rng.choice(part(list(second), side)).replace("{x}", middle).replace("{y}", end)))
        question = rng.choice(part(list(asked), side))
        if kind != "role":
            question = question.replace("the {1}", "{1}") if link == "city" else question.replace("the {1}", f"the person at {begin}")
        questions.append((question.replace("{1}", begin), end, "chain"))
    rng.shuffle(sentences)
    while sum(len(sentence.split()) for sentence in sentences) < words * 0.8:
        sentences.insert(rng.randrange(len(sentences) + 1), rng.choice(prose) if rng.random() < 0.2 else document.idle())
    document.paragraph(sentences)
    rng.shuffle(questions)
    return Example("\n\n".join(document.blocks), questions, "chain")


def needle(values: Values, rng: random.Random, side: str, prose: list[str], words: int) -> Example:
    """Prose and idle sentences, and one fact somewhere among them, which is asked for."""
    document = Document(values, rng, side, prose)
    topic = rng.choice(sorted({field.topic for field in fields(side)}))
    (field,) = document.pick_fields((topic,), 1)
    fact = document.fact_sentence(field)
    blocks, count = [], 0
    while count < words:
        blocks.append(rng.choice(prose) if rng.random() < 0.6 else " ".join(rng.choice(fillers(side)) for _ in range(4)))
        count += blocks[-1].count(" ") + 1
    place = rng.randrange(len(blocks))
    blocks[place] = f"{blocks[place]} {fact}" if rng.random() < 0.5 else f"{fact} {blocks[place]}"
    return Example("\n\n".join(blocks), document.questions[:1], "needle")


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
