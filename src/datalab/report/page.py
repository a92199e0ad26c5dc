"""The blocks a page is made of: frozen values that the template prints without deciding anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datalab.report.tables import Table

TextStyle = Literal["body", "note", "inset", "warning", "quote"]
ListStyle = Literal["plain", "yes", "no"]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    style: TextStyle = "body"
    block: str = "text"


@dataclass(frozen=True)
class Bullets:
    """A list under its title and a lead sentence; `yes` and `no` lists carry a mark beside each item."""

    items: tuple[str, ...]
    style: ListStyle = "plain"
    title: str = ""
    lead: str = ""
    block: str = "bullets"


@dataclass(frozen=True)
class Pairs:
    """A list of terms, each with what it is."""

    items: tuple[tuple[str, str], ...]
    block: str = "pairs"


@dataclass(frozen=True)
class TableBlock:
    """A table; `summary` folds it away under that line until it is opened.

    quiet: its title is for screen readers alone, since the heading above it says the same. unprinted: where a folded table is to
    be found instead, for one that is left out on paper.
    """

    table: Table
    summary: str = ""
    quiet: bool = False
    unprinted: str = ""
    block: str = "table"


@dataclass(frozen=True)
class Chart:
    """A chart as inline SVG for wide and for narrow windows, with its heading and the table of its figures; unprinted: as of a
    TableBlock."""

    name: str
    title: str
    wide: str
    narrow: str
    table: Table
    unprinted: str = ""
    block: str = "chart"


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str
    block: str = "heading"


Block = Text | Bullets | Pairs | TableBlock | Chart | Heading


@dataclass(frozen=True)
class Section:
    """A part of the page with its heading; name: the id that the contents list links to."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Banner:
    """A line across the top of the page that nobody may miss."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class Fact:
    """One big figure of the verdict panel."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Panel:
    """The verdict panel. tone: `clear`, `unclear`, `none` or `failed`. reason: why there is no result; steps: what can be done
    next, under their title."""

    tone: str
    tag: str
    sentence: str
    meaning: str
    facts: tuple[Fact, ...]
    basis: str
    reason: str = ""
    steps: Bullets | None = None


@dataclass(frozen=True)
class Page:
    """The whole page."""

    title: str
    strapline: str
    heading: str
    banners: tuple[Banner, ...]
    panel: Panel
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
    watermark: str
