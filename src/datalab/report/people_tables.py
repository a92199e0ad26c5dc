"""Tables about people: attrition, linkage, the analyses' head-counts, who was left out, disclosure checks."""

from __future__ import annotations

from datalab.disclosure.results import Decision, Release, ReleasedAnalysis, ReleasedLinkage
from datalab.report.numbers import percent_of_people, smd_decimals
from datalab.report.sentences import explained
from datalab.report.tables import Cell, Table, columns, number_cell, text_cell
from datalab.wording import say

LINKAGE_SHARES = ("linked_share", "false_links", "missed_links", "lost_to_blocking")


def attrition_table(release: Release) -> Table:
    """How many were left and lost at each step, with the reason; percentages of everyone submitted."""
    rows = tuple(
        (
            text_cell(explained(release, step.step, "attrition.steps")),
            number_cell(step.n),
            number_cell(step.percent, 0, 2, text=percent_of_people(step.percent)),
            number_cell(step.lost),
            text_cell(explained(release, step.reason, "attrition.reasons") if step.reason else ""),
        )
        for step in release.attrition
    )
    heads = columns("step:text n percent lost reason:text")
    return Table("attrition", say("report.tables.attrition"), heads, rows, (say("report.notes.percent_of_submitted"),))


def linkage_table(linkage: ReleasedLinkage) -> Table:
    """The quality of the linkage, one line a figure."""
    rows = [(text_cell(say(f"report.linkage.{name}")), number_cell(getattr(linkage, name), 1, 2)) for name in LINKAGE_SHARES]
    rows.append((text_cell(say("report.linkage.awaiting_review")), number_cell(linkage.awaiting_review)))
    heads = columns("item:text value")
    return Table("linkage", say("report.tables.linkage"), heads, tuple(rows))


def linkage_groups_table(linkage: ReleasedLinkage) -> Table:
    """Share found in the records for each level of sex, ethnicity, age and area."""
    rows = tuple(
        (
            text_cell(group.characteristic),
            text_cell(group.level),
            number_cell(group.submitted),
            number_cell(group.linked_share, 0, 2),
        )
        for group in linkage.groups
    )
    heads = columns("group:text level:text submitted linked_share")
    return Table("linkage_groups", say("report.tables.linkage_groups"), heads, rows)


def analyses_table(release: Release) -> Table:
    """Every analysis with its status, head-counts and balance."""
    rows = tuple(_analysis_row(release, analysis) for analysis in release.analyses)
    heads = columns(
        "analysis:text status:text treated_people matched_people pool_people comparison_people effective "
        "balanced:text largest_smd share_5",
    )
    return Table("analyses", say("report.tables.analyses"), heads, rows)


def _analysis_row(release: Release, analysis: ReleasedAnalysis) -> tuple[Cell, ...]:
    people, balance = analysis.people, analysis.balance
    status = explained(release, f"status_{analysis.status}", "page")
    counts = (people.treated, people.matched, people.pool, people.comparison, people.effective_pool)
    head = (text_cell(analysis.name), text_cell(status), *(number_cell(count) for count in counts))
    if balance is None:
        return (*head, text_cell("[z]"), text_cell("[z]"), text_cell("[z]"))
    passed = say("report.words_of.significant" if balance.passed else "report.words_of.not_significant")
    largest = number_cell(balance.max_smd, smd_decimals(balance.max_smd), 2)
    return (*head, text_cell(passed), largest, number_cell(balance.share_within_5pc, 0, 2))


def profile_table(release: Release) -> Table:
    """Treated people analysed beside those left out: averages, or percentages for levels."""
    rows = tuple(
        (
            text_cell(analysis.name),
            text_cell(line.label),
            text_cell(line.level),
            number_cell(line.analysed, 0 if line.level else 2, 2 if line.level else 0, "%" if line.level else ""),
            number_cell(line.left_out, 0 if line.level else 2, 2 if line.level else 0, "%" if line.level else ""),
        )
        for analysis in release.analyses
        for line in analysis.profile
    )
    heads = columns("analysis:text covariate:text level:text analysed left_out")
    return Table("profile", say("report.tables.profile"), heads, rows, (say("report.notes.profile"),))


def checks_table(decisions: tuple[Decision, ...]) -> Table:
    """Every disclosure check with its outcome."""
    rows = tuple(
        tuple(text_cell(text) for text in (check.rule, check.subject, check.outcome, check.action)) for check in decisions
    )
    heads = columns("rule:text subject:text outcome:text action:text")
    return Table("checks", say("report.tables.checks"), heads, rows)
