"""The one-page summary for boards: the verdict, 100 people as dots with their table, what can be said, who was looked at.

Every figure comes from the tables and sentences of the report itself, so the two can never differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from datalab.disclosure.results import Releasable, Release, ReleasedOutcome
from datalab.report.html import SHORT_HASH, render_page
from datalab.report.hundred import COMPARISON, TREATED, hundred_dots
from datalab.report.numbers import fixed, is_shown, rounded, shown
from datalab.report.page import Banner, Bullets, Panel, TableBlock
from datalab.report.panels import banners, verdict_panel, watermark
from datalab.report.result_tables import main_outcomes, per_100_table
from datalab.report.sections import readable_day
from datalab.report.sentences import (
    can_say,
    cannot_say,
    headline,
    is_answered,
    measure_words,
    safe_quote,
    tell,
    vocabulary,
    voice,
)
from datalab.wording import Language, say, speaking, spoken

MOST_ROWS = 4


@dataclass(frozen=True)
class Dots:
    """The dots of one group with the words above them."""

    label: str
    drawing: str


@dataclass(frozen=True)
class Summary:
    """The page. picture: the two groups, empty where no share may be shown; picture_lead: what a dot is."""

    title: str
    strapline: str
    heading: str
    banners: tuple[Banner, ...]
    panel: Panel
    picture_lead: str
    picture: tuple[Dots, ...]
    numbers: TableBlock | None
    can: Bullets
    cannot: Bullets
    who: tuple[str, ...]
    quote: str
    links: tuple[tuple[str, str], ...]
    about: str
    watermark: str


def render_summary(releasable: Releasable, *, manifest_sha256: str, version: str, language: str | Language | None = None) -> str:
    """The page as text, one printed A4 side, without a script. Same release, same text; arguments as for the report."""
    with speaking(language or spoken()):
        return render_page(build_summary(releasable.release, manifest_sha256, version), "summary.html.j2")


def build_summary(release: Release, manifest_sha256: str, version: str) -> Summary:
    """The page as frozen parts, before it becomes text."""
    _, outcome = headline(release)
    answered = is_answered(outcome)
    title = vocabulary(release)["title"]
    lead, picture = _picture(release) if answered else ("", ())
    footer = say("summary.page.about", study_id=release.study_id, manifest=manifest_sha256[:SHORT_HASH])
    return Summary(
        title=say("summary.page.title", title=title),
        strapline=_told(release, "strapline"),
        heading=title,
        banners=banners(release),
        panel=verdict_panel(release),
        picture_lead=lead,
        picture=picture,
        numbers=_numbers(release) if answered else None,
        can=Bullets(can_say(release), "yes", say("report.sections.can")),
        cannot=Bullets(cannot_say(release), "no", say("report.sections.cannot")),
        who=_who(release),
        quote=safe_quote(release) if answered else "",
        links=tuple((name, say(f"summary.page.{key}")) for name, key in (("report.html", "report"), ("annex.xlsx", "annex"))),
        about=f"{footer} justice-data-lab {version}.",
        watermark=watermark(release),
    )


def summary_passages(page: Summary) -> tuple[str, ...]:
    """The running text of the page, a paragraph or list item each: what its reading age is measured on."""
    panel = page.panel
    steps = panel.steps.items if panel.steps is not None else ()
    texts = (panel.sentence, panel.reason, panel.meaning, panel.basis, *steps, page.picture_lead)
    return tuple(text for text in (*texts, *page.can.items, *page.cannot.items, page.quote, *page.who) if text)


def _told(release: Release, name: str, **values: object) -> str:
    """A sentence of the summary in the words for this kind of release."""
    key = f"{name}_evaluate" if voice(release) == "evaluate" and name in ("strapline", "table", "submitted") else name
    return say(f"summary.page.{key}", **{**vocabulary(release), **values})


def _picture(release: Release) -> tuple[str, tuple[Dots, ...]]:
    """The first share among the main measures as dots; nothing where there is none that may be shown for both groups."""
    found = next((one for one in main_outcomes(release) if one.kind == "binary"), None)
    if found is None or not (is_shown(found.treated) and is_shown(found.comparison)):
        return "", ()
    words = vocabulary(release)
    groups = (("treated", words["treated_short"], TREATED), ("comparison", words["comparison_short"], COMPARISON))
    dots = tuple(_dots(found, name, label, color) for name, label, color in groups)
    return _told(release, "picture", outcome=measure_words(release, found)["per"]), dots


def _dots(outcome: ReleasedOutcome, name: str, label: str, color: str) -> Dots:
    count = min(100, max(0, int(rounded(shown(getattr(outcome, name)), 0, 2))))
    text = say("summary.page.group", name=label, count=count)
    return Dots(text, hundred_dots(count, name=f"dots-{name}", title=text, color=color))


def _numbers(release: Release) -> TableBlock | None:
    """The table of the report for 100 people, with the note on rounding where it needs one and no other; the first
    measures only, so that the page stays one page."""
    table = per_100_table(release)
    table = replace(table, rows=table.rows[:MOST_ROWS])
    notes = tuple(note for note in table.notes if note == say("report.notes.rounding"))
    return TableBlock(replace(table, title=_told(release, "table"), notes=notes), quiet=True) if table.rows else None


def _who(release: Release) -> tuple[str, ...]:
    """Who was looked at, in short sentences; only what may be shown."""
    analysis, _ = headline(release)
    texts = []
    if analysis is not None and is_shown(analysis.people.matched):
        first = release.attrition[0].n if release.attrition else analysis.people.treated
        if is_shown(first):
            is_studied = analysis.status == "estimated"  # a study without a result has matched people and studied nobody
            done = say("summary.page.studied" if is_studied else "summary.page.matched")
            numbers = {"submitted": fixed(first), "matched": fixed(analysis.people.matched)}
            texts.append(_told(release, "submitted", done=done, **numbers))
            texts += [_told(release, "narrowed")] if is_studied and first != analysis.people.matched else []
        if analysis.small_group:
            texts.append(tell(release, "page.small_group"))
    if release.programme.start and release.programme.end:
        days = {name: readable_day(getattr(release.programme, name)) for name in ("start", "end")}
        texts.append(say("summary.page.period", **days))
    if voice(release) == "run":
        texts.append(_told(release, "followed"))
    return tuple(texts)
