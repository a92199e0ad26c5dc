"""What results say together, in plain words: what works, how sure one can be, what to expect of another programme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from datalab.evidence import Settings, explain, plain_name, synthesise
from datalab.evidence.results import EvidenceRecord, Heterogeneity, Synthesis, VerdictCounts
from datalab.library.select import canonical_kind, speaking_for_a_study
from datalab.library.words import amount, outcome_words, span
from datalab.wording import say

Certainty = Literal["none", "one", "few", "partial", "differing", "steady"]
ENOUGH = 5  # as the note on few studies has it
# Share of the spread that lies between studies -> how it is told (Cochrane Handbook 6, 10.10.2, in three steps).
_SPREADS = ((0.3, "little"), (0.6, "some"), (1.01, "much"))


@dataclass(frozen=True)
class Told:
    """A synthesis and its sentences.

    headline: what the results say. counts: how many went which way, of how many organisations. tallies: which way those with a
    usable number went beside those without, "" where one of the two is empty. sure: how sure one can be. expect: what to
    expect of another programme of the kind, "" where that cannot be told or the results are of several kinds. spread: how
    much results differ, "" for fewer than two. notes: what else a reader must know. organisations: those behind the counts.
    """

    kind: str
    found: Synthesis
    unit: str
    certainty: Certainty
    headline: str
    counts: str
    tallies: str
    sure: str
    expect: str
    spread: str
    notes: tuple[str, ...]
    organisations: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them in reading order."""
        return tuple(text for text in (self.headline, self.counts, self.tallies, self.sure, self.expect, self.spread) if text)


def certainty(found: Synthesis) -> Certainty:
    """How much there is to go on: the rule that is printed with every synthesis.

    none: no result has a usable number. one, few: one, or fewer than five independent studies. partial: five or more, but
    most results have no usable number, so that the average rests on who printed one. steady: five or more, and the range for
    another programme lies wholly on one side of no difference. differing: five or more, and it does not.

    >>> from datalab.evidence import read_published, synthesise
    >>> certainty(synthesise(read_published())), certainty(synthesise(read_published(), "days_to_first"))
    ('partial', 'none')
    """
    pool = found.pool
    if pool is None:
        return "none"
    if pool.k < ENOUGH or pool.prediction is None:
        return "one" if pool.k == 1 else "few"
    if _is_partial(found):
        return "partial"
    low, high = pool.prediction
    return "steady" if high < 0 or low > 0 else "differing"


def _is_partial(found: Synthesis) -> bool:
    """Whether most results have no usable number."""
    without, counted = _without_numbers(found)
    return 2 * without > counted


def _without_numbers(found: Synthesis) -> tuple[int, int]:
    """How many results have no usable number, and how many there are; what is no effect is not among them."""
    left = Counter(one.reason for one in found.left_aside if one.reason != "evidence.reasons.descriptive")
    without = sum(count for reason, count in left.items() if reason not in _WITH_NUMBERS)
    return without, left.total() + len(found.used)


def understand(
    records: Iterable[EvidenceRecord],
    outcome: str = "rate",
    *,
    kind: str = "",
    follow_up_months: int = 12,
    settings: Settings | None = None,
) -> Told:
    """The results of one kind of programme (all kinds where "") for one outcome, put together and told in plain words.

    Differences stand in the outcome's own unit. Of a study made here its headline analysis alone speaks. Raises UsageError as
    `synthesise`.

    >>> from datalab.evidence import read_published
    >>> understand(read_published(), kind="education").certainty
    'few'
    """
    asked = [record for record in speaking_for_a_study(records) if kind in ("", canonical_kind(record.kind))]
    return told(synthesise(asked, outcome, follow_up_months=follow_up_months, settings=settings), asked, kind)


def told(found: Synthesis, records: Sequence[EvidenceRecord], kind: str = "") -> Told:
    """A synthesis in words. records: those it was made of, for their unit.

    >>> from datalab.evidence import read_published, synthesise
    >>> told(synthesise(read_published()), read_published()).headline[:43]
    'Only 8 of 45 results can be put together, s'
    """
    counted = [one for one in records if _is_about(one, found)]
    unit = min({one.unit for one in counted if one.unit}, default="")
    organisations = len({plain_name(one.organisation) or one.study_key for one in counted if one.verdict in _DIRECTIONS})
    return Told(
        kind=kind,
        found=found,
        unit=unit,
        certainty=certainty(found),
        headline=_headline(found, unit),
        counts=_counts(found.verdicts, organisations),
        tallies=_tallies(found, counted),
        sure=_sure(found),
        expect=_expect(found, counted, unit),
        spread=_spread(found, unit),
        notes=explain(found),
        organisations=organisations,
    )


def _is_about(record: EvidenceRecord, found: Synthesis) -> bool:
    """Whether the record is counted in the synthesis."""
    asked = (found.outcome, found.follow_up_months)
    return (record.outcome, record.follow_up_months) == asked and record.design != "descriptive"


def _headline(found: Synthesis, unit: str) -> str:
    """What the results say; where most have no number, of how few that is said comes first."""
    if certainty(found) != "partial":
        return _average(found, unit)
    _, counted = _without_numbers(found)
    first = say("library.synthesis.partial", count=len(found.used), all=counted)
    return f"{first} {_average(found, unit)}"


def _average(found: Synthesis, unit: str) -> str:
    names = outcome_words(found.outcome, found.follow_up_months)
    if found.pool is None:
        return say("library.synthesis.no_number", outcome=names["short"].lower())
    mean = found.pool.random
    values = {"amount": amount(mean.estimate, unit), "range": span(mean.low, mean.high, unit)}
    if found.verdict == "more_people":
        return say("library.synthesis.unclear", smaller=names["smaller"], larger=names["larger"], **values)
    return say("library.synthesis.clear", what=names["smaller" if found.verdict == "lower" else "larger"], **values)


def _sure(found: Synthesis) -> str:
    without, counted = _without_numbers(found)
    return say(f"library.sure.{certainty(found)}", count=found.pool.k if found.pool else 0, without=without, all=counted)


def _expect(found: Synthesis, counted: Sequence[EvidenceRecord], unit: str) -> str:
    """Only of one known kind: programmes of all kinds are not like one another."""
    kinds = {canonical_kind(one.kind) for one in counted}
    if found.pool is None or found.pool.prediction is None or len(kinds) != 1 or "" in kinds:
        return ""
    return say("library.synthesis.expect", range=span(*found.pool.prediction, unit))


def _spread(found: Synthesis, unit: str) -> str:
    heterogeneity = found.pool.heterogeneity if found.pool else None
    if heterogeneity is None:
        return ""
    how = next(name for limit, name in _SPREADS if heterogeneity.i2 < limit)
    return say(f"library.spread.{how}", share=round(100 * heterogeneity.i2), tau=_tau(heterogeneity, unit))


def _tau(heterogeneity: Heterogeneity, unit: str) -> str:
    value = 100 * heterogeneity.tau if unit == "share" else heterogeneity.tau
    return say(f"library.tau.{unit.replace(' ', '_') or 'other'}", size=f"{value:.1f}")


def _counts(verdicts: VerdictCounts, organisations: int) -> str:
    """How many results went which way, and of how many organisations; those that tell no direction only where there are any."""
    silent = verdicts.withheld + verdicts.not_stated
    values = {name: getattr(verdicts, name) for name in _DIRECTIONS}
    told_of = sum(values.values())
    of = say("library.synthesis.organisations", count=organisations)
    first = say("library.synthesis.counts", count=told_of, of=of, **values) if told_of else ""
    return " ".join(text for text in (first, say("library.synthesis.silent", count=silent) if silent else "") if text)


def _tallies(found: Synthesis, counted: Sequence[EvidenceRecord]) -> str:
    """Which way the results with a usable number went beside those without: who printed numbers may have chosen to."""
    scale = found.pool.scale if found.pool else None
    parts: dict[str, Counter[str]] = {"with_number": Counter(), "without_number": Counter()}
    for one in counted:
        usable = scale is not None and one.on(scale) is not None
        parts["with_number" if usable else "without_number"][one.verdict] += 1
    if not all(parts.values()):
        return ""
    return " ".join(_tally(name, verdicts) for name, verdicts in parts.items())


def _tally(name: str, verdicts: Counter[str]) -> str:
    values = {way: verdicts[way] for way in _DIRECTIONS}
    silent = verdicts.total() - sum(values.values())
    rest = say("library.synthesis.tally_silent", count=silent) if silent else ""
    return say(f"library.synthesis.{name}", count=verdicts.total(), rest=rest, **values)


_DIRECTIONS = ("lower", "higher", "more_people")
_WITH_NUMBERS = ("evidence.reasons.overlaps", "evidence.reasons.other_scale")
