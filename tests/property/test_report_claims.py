"""Whatever the numbers, no text of the report or its summary claims more than the interval allows, for any measure."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.findings_factory import make_findings
from tests.release_factory import make_release

from datalab.disclosure.results import Release, ReleasedEffect, ReleasedOutcome, Suppressed
from datalab.effects.results import Effect
from datalab.effects.verdict import give_verdict
from datalab.fields.justice.measures import BY_NAME, MEASURES
from datalab.report import sentences
from datalab.report.numbers import shown
from datalab.report.result_tables import per_100_table, results_table
from datalab.report.summary import build_summary, summary_passages

CLAUSES = {"lower": ("lower", "smaller"), "higher": ("higher", "larger")}
ROUNDING = "Differences are worked out before rounding"


@cache
def base(kind: str, measure: str) -> Release:
    """A release of this measure alone, as the headline."""
    found = make_findings(kind=kind, measures=(BY_NAME[measure],), survival=False, overlap=False, sensitivity=False)
    return make_release(found, headline_outcome=measure).release


def with_numbers(release: Release, treated: float, estimate: float, low: float, high: float) -> tuple[Release, ReleasedOutcome]:
    analysis = release.analyses[0]
    verdict = give_verdict(Effect(estimate, low, high, 0.1, 0.5, 99.0, "m"))
    outcome = analysis.outcomes[0]
    size = abs(estimate) or 0.1
    effect = replace(effect_of(release), estimate=estimate, low=low, high=high, p=0.5)
    changed = replace(
        outcome,
        status="estimated",
        role="headline",
        treated=treated,
        comparison=treated - estimate,
        effect=effect,
        verdict=verdict,
        smallest_effect=size,
        people_needed=100,
        stated_effect=size,
    )
    return replace(release, analyses=(replace(analysis, outcomes=(changed,)),), verdict=verdict), changed


def effect_of(release: Release) -> ReleasedEffect:
    found = release.analyses[0].outcomes[0].effect
    return found or ReleasedEffect("difference", 0, 0, 0, 0, 1, 1, "headline", "m", *[Suppressed("z")] * 3)


def every_text(release: Release) -> tuple[str, ...]:
    """The running text of the summary and the first parts of the report, and every cell and note of their tables."""
    tables = (per_100_table(release), results_table(release))
    cells = (cell.text for table in tables for row in table.rows for cell in row[1:])
    notes = (note for table in tables for note in table.notes)
    passages = summary_passages(build_summary(release, "0" * 64, "0"))
    return (*passages, sentences.headline_tag(release), sentences.safe_quote(release), *cells, *notes)


def claims(release: Release, outcome: ReleasedOutcome) -> set[str]:
    """Which directions any text claims, by the measure's own clauses."""
    words = sentences.measure_words(release, outcome)
    texts = every_text(release)
    return {way for way, names in CLAUSES.items() if any(words[name] in text for name in names for text in texts)}


@pytest.mark.parametrize("kind", ["run", "evaluate"])
@pytest.mark.parametrize("measure", [measure.name for measure in MEASURES])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_claim_has_the_direction_of_an_interval_without_zero(kind: str, measure: str, data: st.DataObject) -> None:
    release = base(kind, measure)
    scale = 1.0 if BY_NAME[measure].kind == "binary" else 30.0
    ends = st.floats(-0.4, 0.4, allow_nan=False).map(lambda value: value * scale)
    low, estimate, high = sorted(data.draw(st.tuples(ends, ends, ends)))
    changed, outcome = with_numbers(release, 0.45 * scale, estimate, low, high)
    expected = {"lower"} if high < 0 else {"higher"} if low > 0 else set()
    assert claims(changed, outcome) == expected
    texts = " ".join(every_text(changed))
    assert ("should not be taken to mean that it fails to affect it" in texts) == (not expected)
    assert "−0%" not in texts
    assert "-0" not in texts


@pytest.mark.parametrize("ends", [(-0.2, -0.1), (0.1, 0.2), (-0.1, 0.2)], ids=["lower", "higher", "more-people"])
@pytest.mark.parametrize("kind", ["run", "evaluate"])
@pytest.mark.parametrize("measure", [measure.name for measure in MEASURES])
def test_every_measure_is_rendered_with_every_verdict(kind: str, measure: str, ends: tuple[float, float]) -> None:
    low, high = ends
    changed, outcome = with_numbers(base(kind, measure), 0.45, (low + high) / 2, low, high)
    assert claims(changed, outcome) == ({"lower"} if high < 0 else {"higher"} if low > 0 else set())
    assert not any("{" in text or "[z]" in text for text in summary_passages(build_summary(changed, "0" * 64, "0")))


@settings(max_examples=200, deadline=None)
@given(treated=st.integers(0, 1000), comparison=st.integers(0, 1000))
def test_the_rounding_note_stands_exactly_where_parts_do_not_add_up(treated: int, comparison: int) -> None:
    estimate = (treated - comparison) / 1000
    changed, outcome = with_numbers(base("run", "rate"), treated / 1000, estimate, estimate - 0.1, estimate + 0.1)
    row = per_100_table(changed).rows[0]
    printed = int(row[1].values[0]) - int(row[2].values[0])
    exact = round(abs(shown(outcome.effect.estimate)) * 1000)
    size = (exact + 5) // 10  # half up, as every figure is rounded
    has_note = any(note.startswith(ROUNDING) for note in per_100_table(changed).notes)
    assert has_note == (abs(printed) != size)
