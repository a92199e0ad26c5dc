"""What is not the same in two studies: people, period, measures, methods and plan, a line each, from what both released."""

from __future__ import annotations

from collections.abc import Iterator

from datalab.comparison.stored import Stored, first_number
from datalab.report.numbers import fixed
from datalab.report.sections import readable_dates
from datalab.report.sentences import explained, tell
from datalab.report.several import who
from datalab.report.tables import Column, Table, text_cell
from datalab.wording import say

SHORT_HASH = 12


def differences_table(earlier: Stored, later: Stored) -> Table:
    """Both studies side by side, and whether each line is the same. No count is taken from another: differences of released
    counts are for the register to judge, not for a page to print."""
    before, after = dict(_facts(earlier, later)), dict(_facts(later, earlier))
    names = [*before, *(name for name in after if name not in before)]
    nothing = say("compare.items.nothing")
    rows = []
    for name in names:
        one, two = before.get(name) or nothing, after.get(name) or nothing
        if one == two == nothing:
            continue
        rows.append(tuple(text_cell(text) for text in (name, one, two, say(f"compare.same.{'yes' if one == two else 'no'}"))))
    heads = tuple(Column(say(f"compare.columns.{name}"), "text", name) for name in ("item", "earlier_is", "later_is", "same"))
    return Table("studies", say("compare.tables.changed"), heads, tuple(rows))


def _facts(stored: Stored, other: Stored) -> Iterator[tuple[str, str]]:
    """Label and value of every line, in order."""
    release, analysis = stored.release, stored.analysis
    programme = release.programme
    yield _item("study"), release.study_id
    yield _item("title"), release.title
    yield _item("programme"), explained(release, programme.kind, "programme_kinds") if programme.kind else ""
    yield _item("setting"), tell(release, f"page.setting_{programme.setting}") if programme.setting else ""
    yield _item("dates"), readable_dates(programme.start, programme.end)
    if release.kind == "run":
        yield _item("follow_up"), say("report.page.months", count=release.follow_up_months)
    yield _item("submitted"), fixed(first_number(release))
    if analysis is not None:
        yield _item("who"), who(release, analysis)
        yield _item("analysed"), fixed(analysis.people.matched)
        yield _item("comparison"), fixed(analysis.people.comparison)
        yield _item("effective"), fixed(analysis.people.effective_pool)
    yield from _measures(stored, other)
    yield from _methods(stored)
    yield _item("plan"), release.plan_sha256[:SHORT_HASH]
    yield _item("profile"), release.disclosure_profile
    yield _item("version"), stored.version


def _measures(stored: Stored, other: Stored) -> Iterator[tuple[str, str]]:
    ours, theirs = _labels(stored), _labels(other)
    headline = stored.release.headline_outcome  # of a study without a result the other one knows what it is called
    yield _item("headline"), ours.get(headline) or _labels(other).get(headline) or headline
    yield _item("measures"), str(len(ours))
    yield _item("only"), "; ".join(label for name, label in ours.items() if name not in theirs)


def _labels(stored: Stored) -> dict[str, str]:
    outcomes = stored.analysis.outcomes if stored.analysis is not None else ()
    return {one.measure: one.label or one.measure for one in outcomes if one.effect is not None}


def _methods(stored: Stored) -> Iterator[tuple[str, str]]:
    """Settings of the headline's match as it was made, then what the plan matched on."""
    settings = stored.analysis.match_settings if stored.analysis is not None else {}
    for name, value in sorted(settings.items()):
        label = explained(stored.release, name, "match_settings")
        yield say("compare.items.settings", name=label), value.replace("_", " ")
    plan = stored.settings.get("study", {})
    matching = plan.get("matching", {})
    for name in ("families", "exact"):
        yield _item(name), ", ".join(str(one).replace("_", " ") for one in matching.get(name) or ())
    yield _item("outcome_model"), str(plan.get("effects", stored.settings).get("outcome_model") or "")


def _item(name: str) -> str:
    return say(f"compare.items.{name}")
