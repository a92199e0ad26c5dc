"""The request form as data: its pages, their questions, and what an answer must be. Forms, pages and summaries come from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["line", "text", "date", "number", "choice", "choices", "agree"]


@dataclass(frozen=True)
class Question:
    """name: of the answer; the words are `questions.<name>` in the wording (label, hint, and options by name).

    most: characters of a text, or the largest number. needed: whether a request can be submitted without an answer.
    """

    name: str
    kind: Kind
    options: tuple[str, ...] = ()
    most: int = 200
    least: int = 0
    needed: bool = True


@dataclass(frozen=True)
class Page:
    """A page of the form: its name in the address, and what it asks."""

    name: str
    questions: tuple[Question, ...]


KINDS = (
    "accommodation", "arts", "cognitive", "drugs", "education", "employment", "family", "finance", "health", "mentoring",
    "restorative", "sport", "other",
)  # fmt: skip
ANALYSES = ("completers", "men_and_women", "regions", "years", "sites")

PAGES: tuple[Page, ...] = (
    Page(
        "programme",
        (
            Question("title", "line", most=120),
            Question("kind", "choice", KINDS),
            Question("description", "text", most=4000),
            Question("theory", "text", most=4000),
        ),
    ),
    Page(
        "people",
        (
            Question("setting", "choice", ("custody", "community", "both")),
            Question("who", "text", most=2000),
            Question("participants", "number", least=1, most=1_000_000),
            Question("minimum_age", "choice", ("adults", "young", "all")),
        ),
    ),
    Page(
        "dates",
        (
            Question("start", "date"),
            Question("end", "date"),
            Question("interim", "choice", ("no", "yes"), needed=False),
            Question("follow_up", "choice", ("12", "24")),
            Question("where", "text", most=1000),
        ),
    ),
    Page(
        "analyses",
        (
            Question("headline", "choice", ("rate", "frequency", "days_to_first", "employed_any")),
            Question("work", "choice", ("yes", "no")),
            Question("analyses", "choices", ANALYSES, needed=False),
            Question("why_analyses", "text", most=2000, needed=False),
        ),
    ),
    Page(
        "terms",
        (
            Question("basis", "choice", ("consent", "public_task", "legitimate_interests", "other")),
            Question("notice_given", "choice", ("yes", "no")),
            Question("publication", "agree"),
            Question("deletion", "agree"),
        ),
    ),
)
BY_NAME: dict[str, Question] = {question.name: question for page in PAGES for question in page.questions}


def find_page(name: str) -> Page | None:
    """The page of a name in an address."""
    return next((page for page in PAGES if page.name == name), None)


def unanswered(answers: dict[str, object]) -> tuple[tuple[Page, Question], ...]:
    """What still has to be answered before a request can be submitted, in the form's order."""
    return tuple(
        (page, question)
        for page in PAGES
        for question in page.questions
        if question.needed and answers.get(question.name) in (None, "", [])
    )
