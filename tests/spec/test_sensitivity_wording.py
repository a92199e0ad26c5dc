"""What the sensitivity section says, line by line: names, assumptions, sentences, warnings."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.findings_factory import make_findings
from tests.release_factory import make_release

from datalab.disclosure.results import Release, ReleasedOutcome, ReleasedSensitivity, Suppressed
from datalab.report.page import Block, Bullets, TableBlock, Text
from datalab.report.sensitivity import (
    benchmark_sentence,
    control_sentence,
    design_sentences,
    hidden_sentences,
    linkage_sentences,
    sensitivity_blocks,
    warnings,
)
from datalab.report.sensitivity_tables import sensitivity_tables, tell_line
from datalab.sensitivity import FAMILY
from datalab.wording.render import words


def release(**changes: object) -> Release:
    return make_release(make_findings(**changes)).release


def parts(found: Release) -> tuple[ReleasedOutcome, tuple[ReleasedSensitivity, ...]]:
    (analysis,) = found.analyses
    outcome = analysis.outcomes[0]
    return outcome, tuple(line for line in analysis.sensitivity if line.measure == outcome.measure or line.part == "control")


def named(lines: tuple[ReleasedSensitivity, ...], name: str) -> ReleasedSensitivity:
    return next(line for line in lines if line.name == name)


def texts(blocks: tuple[Block, ...], style: str) -> list[str]:
    return [block.text for block in blocks if isinstance(block, Text) and block.style == style]


def test_every_line_has_a_name_and_says_what_it_assumes() -> None:
    catalogue = words("sensitivity")
    made = {line.name for line in make_findings().analyses[0].sensitivity}
    for name in {
        *(variation.name for variation in FAMILY),
        *made,
        "headline",
        "unadjusted",
        "weights_150",
        "missed_links_interval",
    }:
        assert catalogue["lines"][name]
        assert catalogue["assumes"][name].endswith(".")


def test_the_designs_in_a_sentence() -> None:
    found = release()
    outcome, lines = parts(found)
    assert outcome.verdict == "lower"
    agree, failed = design_sentences(found, outcome, lines)
    assert agree == "All 2 other designs with an estimate give the same verdict as the headline."
    assert failed == "One design could not make the two groups alike: radius of 0.05."
    line = named(lines, "caliper_010")
    assert line.effect is not None
    unclear = replace(line, effect=replace(line.effect, high=0.01))
    (said, _) = design_sentences(found, outcome, tuple(unclear if one is line else one for one in lines))
    assert (
        said == "Of 2 other designs with an estimate, 1 gives the same verdict as the headline. Those that do not: radius of 0.1."
    )


def test_hidden_bias_in_sentences() -> None:
    found = release()
    outcome, lines = parts(found)
    robustness, weights, risk = hidden_sentences(found, outcome, lines)
    assert robustness.startswith(
        "To explain the whole difference, a trait would have to explain 7.1% of what is left unexplained"
    )
    assert "2.1% of each would do" in robustness
    assert "wrong by a factor of 1.18" in weights and "1.05 would bring" in weights
    assert risk == "E-value: 1.67 for the estimate, 1.21 for the likely range."
    unclear = replace(outcome, verdict="more_people")
    (only,) = hidden_sentences(found, unclear, lines)
    assert "no difference to explain away" in only and "hide a difference" in only


def test_a_benchmark_in_a_sentence() -> None:
    found = release()
    outcome, lines = parts(found)
    line = named(lines, "benchmark")
    said = benchmark_sentence(found, outcome, line)
    assert said == (
        "“Age in years”: an unrecorded trait like it could move the difference by about 4 percentage points. "
        "To explain the whole difference a trait would have to be about 1.8 times as strong."
    )
    hundred = replace(line, figures=(("times", 100.0), ("bias", 0.01)))
    assert "by about 1 percentage point." in benchmark_sentence(found, outcome, hundred)
    assert "a hundred times as strong, or more" in benchmark_sentence(found, outcome, hundred)
    hidden = replace(line, figures=(("times", Suppressed("c")), ("bias", Suppressed("c"))))
    assert benchmark_sentence(found, outcome, hidden).endswith("because they could reveal something about a person.")


def test_links_in_sentences() -> None:
    found = release()
    outcome, lines = parts(found)
    false, strict, lax, missed = linkage_sentences(found, outcome, lines)
    assert false.startswith("About 0.4% of the links are expected to be false.")
    assert "5.1% of those with the outcome and 2.1% of those without it, there would be no difference" in missed
    assert strict.startswith("With only the surest links, the difference would be about ")
    assert lax == "Taking the doubtful links too would not change who is analysed, so the result is the same."
    line = named(lines, "missed_links")
    never = replace(
        line, figures=(("missed", 0.01), ("with_event", Suppressed("z")), ("without_event", Suppressed("z")), ("least", 0.0142))
    )
    said = list(linkage_sentences(found, outcome, (never,)))
    assert said[0].endswith("at least 1.4% would have to have been missed.")


@pytest.mark.parametrize(("name", "start"), [("links_strict", "With only the surest links,"), ("links_lax", "With the doubtful")])
def test_another_threshold_without_an_estimate_says_why(name: str, start: str) -> None:
    found = release()
    outcome, lines = parts(found)
    line = replace(named(lines, "links_strict"), name=name, effect=None, status="not_balanced")
    (unbalanced,) = linkage_sentences(found, outcome, (line,))
    assert unbalanced.startswith(start)
    assert unbalanced.endswith("the two groups could not be made alike, so there is no estimate.")
    few = replace(line, status="withheld", reason="sensitivity.reasons.too_few")
    (withheld,) = linkage_sentences(found, outcome, (few,))
    assert withheld.startswith(start)
    assert withheld.endswith("Too few people can be matched in this design for a result to be sound.")


def test_estimates_with_other_links_say_what_they_assume() -> None:
    found = release()
    rows = {row[2].text: row for table in sensitivity_tables(found) for row in table.rows if table.name == "sensitivity"}
    assert rows["Doubtful links taken too"][4].text == "the same people"
    assert "right more often than not" in rows["Doubtful links taken too"][-1].text
    assert rows["Only the surest links"][4].text
    assert rows["Only the surest links"][-1].text.startswith("That people whose links are less sure are like the rest")


def test_the_check_on_the_past_holds_fails_or_cannot_be_made() -> None:
    found = release()
    (analysis,) = found.analyses
    _, lines = parts(found)
    line = named(lines, "negative_control")
    assert line.effect is not None
    assert control_sentence(found, analysis, line).endswith("the likely range includes no difference, as it should.")
    fails = replace(line, warns=True, effect=replace(line.effect, estimate=0.05, low=0.02, high=0.08))
    assert "5 percentage points higher (between 2 and 8 percentage points higher)" in control_sentence(found, analysis, fails)
    assert control_sentence(found, analysis, fails).endswith("the likely range leaves out no difference.")
    none = replace(line, status="not_balanced", effect=None)
    assert control_sentence(found, analysis, none).endswith("the two groups could not be made alike.")
    few = replace(line, status="withheld", effect=None, reason="sensitivity.reasons.too_few")
    assert control_sentence(found, analysis, few).endswith(
        "Too few people can be matched in this design for a result to be sound."
    )
    (said,) = warnings(found, (fails,))
    assert said.startswith("Read this result with care: people who took part already differed from the comparison group before")
    assert "5 of 100 studies" in said


def test_a_weak_result_is_warned_of_by_the_strongest_trait_and_by_name_only_where_it_may_be() -> None:
    found = release()
    _, lines = parts(found)
    assert warnings(found, lines) == (
        "Read this result with care: an unrecorded trait no stronger than “Age in years” could explain the whole difference.",
    )
    line = replace(named(lines, "benchmark"), figures=(("times", Suppressed("c")), ("bias", Suppressed("c"))))
    (said,) = warnings(found, (line,))
    assert "Age" not in said and "no stronger than a recorded one" in said
    assert warnings(found, (replace(line, warns=False),)) == ()


@pytest.mark.parametrize("kind", ["run", "evaluate"])
def test_the_section_warns_first_and_prints_its_rule(kind: str) -> None:
    blocks = sensitivity_blocks(release(kind=kind))
    assert isinstance(blocks[0], Text) and blocks[0].style == "warning"
    assert texts(blocks, "note")[-1].startswith("This section warns where a trait no stronger than a recorded one")
    tables = [block.table for block in blocks if isinstance(block, TableBlock)]
    assert [table.name for table in tables][:3] == ["sensitivity", "hidden_bias", "weights"]
    lists = [block for block in blocks if isinstance(block, Bullets)]
    assert len(lists) == 1 and len(lists[0].items) == 2
    said = " ".join(texts(blocks, "body"))
    assert "{" not in said and "caused" not in said


def test_without_the_family_the_section_is_the_methods_in_sight() -> None:
    (block,) = sensitivity_blocks(release(sensitivity=False))
    assert isinstance(block, TableBlock) and block.table.name == "compare"


def test_lines_that_have_no_estimate_say_why_in_the_table() -> None:
    found = release()
    table = sensitivity_tables(found)[0]
    cells = {row[2].text: row for row in table.rows if row[1].text == "Proven reoffending rate"}
    assert cells["Radius of 0.05"][4].text == "not balanced"
    assert cells["Entropy balancing"][4].text == "not shown"
    assert cells["Entropy balancing"][7].text.startswith("This design cannot be made with these people")
    assert next(iter(cells)) == "Headline method" and list(cells)[-1] == "No adjustment at all"
    assert any("“Not balanced” means" in note for note in table.notes)
    _, lines = parts(found)
    assert tell_line(found, "lines", named(lines, "benchmark")) == "As strong as “Age in years”"
