"""What results say together, in plain words: what works, how sure one can be, what to expect of another programme."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from datalab.evidence import Settings, explain, synthesise
from datalab.evidence.results import EvidenceRecord, Heterogeneity, Synthesis, VerdictCounts
from datalab.library.select import canonical_kind, speaking_for_a_study
from datalab.library.words import amount, outcome_words, span
from datalab.wording import say

Certainty = Literal["none", "one", "few", "differing", "steady"]
ENOUGH = 5  # as the note on few studies has it
# Share of the spread that lies between studies -> how it is told (Cochrane Handbook 6, 10.10.2, in three steps).
_SPREADS = ((0.3, "little"), (0.6, "some"), (1.01, "much"))


@dataclass(frozen=True)
class Told:
    """A synthesis and its sentences.

    headline: what the results say. counts: how many went which way. sure: how sure one can be. expect: what to expect of
    another programme, "" where that cannot be told. spread: how much results differ, "" for fewer than two. unusable: of the
    results without a usable number, "" where there are none. notes: what else a reader must know.
    """

    kind: str
    found: Synthesis
    unit: str
    certainty: Certainty
    headline: str
    counts: str
    sure: str
    expect: str
    spread: str
    unusable: str
    notes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of them in reading order."""
        return tuple(text for text in (self.headline, self.counts, self.sure, self.expect, self.spread, self.unusable) if text)


def certainty(found: Synthesis) -> Certainty:
    """How much there is to go on: the rule that is printed with every synthesis.

    none: no result has a usable number. one, few: one, or fewer than five independent studies. steady: five or more, and
    the range for another programme lies wholly on one side of no difference. differing: five or more, and it does not.

    >>> from datalab.evidence import read_published, synthesise
    >>> certainty(synthesise(read_published())), certainty(synthesise(read_published(), "days_to_first"))
    ('differing', 'none')
    """
    pool = found.pool
    if pool is None:
        return "none"
    if pool.k < ENOUGH or pool.prediction is None:
        return "one" if pool.k == 1 else "few"
    low, high = pool.prediction
    return "steady" if high < 0 or low > 0 else "differing"


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
    >>> told(synthesise(read_published()), read_published()).headline[:30]
    'Programmes like these could be'
    """
    units = {record.unit for record in records if record.outcome == found.outcome and record.unit}
    unit = min(units, default="")
    return Told(
        kind=kind,
        found=found,
        unit=unit,
        certainty=certainty(found),
        headline=_headline(found, unit),
        counts=_counts(found.verdicts),
        sure=_sure(found),
        expect=_expect(found, unit),
        spread=_spread(found, unit),
        unusable=_unusable(found),
        notes=explain(found),
    )


def _headline(found: Synthesis, unit: str) -> str:
    names = outcome_words(found.outcome, found.follow_up_months)
    if found.pool is None:
        return say("library.synthesis.no_number", outcome=names["short"].lower())
    mean = found.pool.random
    values = {"amount": amount(mean.estimate, unit), "range": span(mean.low, mean.high, unit)}
    if found.verdict == "more_people":
        return say("library.synthesis.unclear", smaller=names["smaller"], larger=names["larger"], **values)
    return say("library.synthesis.clear", what=names["smaller" if found.verdict == "lower" else "larger"], **values)


def _sure(found: Synthesis) -> str:
    return say(f"library.sure.{certainty(found)}", count=found.pool.k if found.pool else 0)


def _expect(found: Synthesis, unit: str) -> str:
    if found.pool is None or found.pool.prediction is None:
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


def _counts(verdicts: VerdictCounts) -> str:
    """How many results went which way; those that tell no direction are named only where there are any."""
    silent = verdicts.withheld + verdicts.not_stated
    told_of = verdicts.lower + verdicts.higher + verdicts.more_people
    values = {"lower": verdicts.lower, "higher": verdicts.higher, "more_people": verdicts.more_people}
    first = say("library.synthesis.counts", count=told_of, **values) if told_of else ""
    return " ".join(text for text in (first, say("library.synthesis.silent", count=silent) if silent else "") if text)


def _unusable(found: Synthesis) -> str:
    """How many results have a direction and no usable number; results of the same people, and what is no effect, count apart."""
    left = Counter(one.reason for one in found.left_aside)
    without = sum(count for reason, count in left.items() if reason not in _WITH_NUMBERS)
    if not without:
        return ""
    return say("library.synthesis.unusable", count=without, all=without + len(found.used) + left["evidence.reasons.overlaps"])


_WITH_NUMBERS = ("evidence.reasons.overlaps", "evidence.reasons.other_scale", "evidence.reasons.descriptive")
