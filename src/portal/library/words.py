"""A result in words, for cards, tables and the names of marks: what was found, how sure, what is not known."""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from datalab.library import amount, outcome_words, span, verdict_key
from datalab.report.numbers import fixed, interval, interval_decimals
from datalab.wording import say as say_engine
from portal.library.models import Result
from portal.wording import say

# Of a unit: the power of ten and the decimals of its figures.
_PRINTED = {"share": (2, 0), "per person": (0, 2), "days": (0, 0)}
_REACH = 1.959964  # of the normal, at 95%
_WAYS = {"lower": "smaller", "higher": "larger"}


def found_text(result: Result) -> str:
    """What was found, with the figures where there are any."""
    way = verdict_text(result)
    if result.verdict in ("withheld", "not_stated"):
        return way
    if result.difference is None:
        if result.low is not None and result.high is not None:
            return say("library.found.range_only", way=way, range=span(result.low, result.high, result.unit))
        return say("library.found.no_figure", way=way, known=_what_is_known(result))
    return say("library.found.figure", way=way, amount=amount(result.difference, result.unit))


def figures_text(result: Result) -> str:
    """The figures alone, for beside the verdict: how much, or what is not known."""
    if result.difference is not None:
        return amount(result.difference, result.unit)
    if result.low is not None and result.high is not None:
        return span(result.low, result.high, result.unit)
    return _what_is_known(result)


def _what_is_known(result: Result) -> str:
    """Of a result without a difference: whether any other figure is known."""
    if any(value is not None for value in (result.treated, result.comparison, result.n_treated)):
        return say("library.found.no_range")
    return say(f"library.found.{'only_direction' if result.verdict in _WAYS else 'only_verdict'}")


def likely_text(result: Result) -> str:
    """The 95% range in words, "" where neither it nor a standard error is known."""
    low, high = ends(result)
    if result.difference is None or low is None or high is None:
        return ""
    return span(low, high, result.unit)


def published_text(published: str) -> str:
    """When it was published, as people write it: 30 April 2026, April 2026, 2026.

    >>> published_text("2026-04-30"), published_text("2026-04"), published_text("")
    ('30 April 2026', 'April 2026', '')
    """
    parts = [int(part) for part in published.split("-") if part.isdigit()]
    if len(parts) < 2:
        return published
    first = dt.date(*(*parts, 1)[:3])
    return f"{first.day} {first:%B %Y}" if len(parts) > 2 else f"{first:%B %Y}"


def verdict_text(result: Result) -> str:
    """Which way it went, in the outcome's own words."""
    if result.verdict not in _WAYS:
        return say(f"library.verdicts.{verdict_key(result.verdict, result.n_treated)}")
    text = outcome_words(result.outcome, result.months)[_WAYS[result.verdict]]
    return text[:1].upper() + text[1:]


def good_news(result: Result) -> str:
    """good, bad or open: for the colour of a tag, which its words say too."""
    if result.verdict not in _WAYS or result.favourable not in _WAYS:
        return "open"
    return "good" if result.verdict == result.favourable else "bad"


def difference_text(result: Result) -> str:
    """The difference as a figure, or that there is none."""
    if result.difference is None:
        return say("library.unknown.figure")
    shift, decimals = _PRINTED.get(result.unit, (0, 2))
    return fixed(result.difference, decimals, shift)


def range_text(result: Result) -> str:
    """The 95% range as figures, or that there is none."""
    low, high = ends(result)
    if low is None or high is None:
        return say("library.unknown.figure")
    shift, decimals = _PRINTED.get(result.unit, (0, 2))
    text = interval(low, high, interval_decimals(low, high, decimals, shift), shift)
    return text if result.low is not None else say("library.found.about", range=text)


def ends(result: Result) -> tuple[float | None, float | None]:
    """The ends of the 95% range: as printed, else worked out from the standard error; None where neither is known."""
    if result.low is not None and result.high is not None:
        return result.low, result.high
    if result.difference is None or result.se is None:
        return None, None
    return result.difference - _REACH * result.se, result.difference + _REACH * result.se


def strength_text(result: Result) -> str:
    """Strength of evidence, or that there is nothing to grade."""
    return say("library.strength.none") if result.strength is None else say("library.strength.level", level=result.strength)


def value_text(value: float | None, unit: str) -> str:
    """A group's own value."""
    if value is None:
        return say("library.unknown.figure")
    shift, decimals = _PRINTED.get(unit, (0, 2))
    return fixed(value, decimals, shift, "%" if unit == "share" else "")


def why_no_figure(result: Result) -> str:
    """Why there is no usable number, in a sentence; "" where there is one."""
    return say_engine(result.reason) if result.reason else ""


def licence_line() -> str:
    """Under what licence the figures are given out: what the installation says, else our own line."""
    return settings.LIBRARY_LICENCE or say("library.page.default_licence")
