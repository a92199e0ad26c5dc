"""Tables about people: attrition, linkage, the analyses' head-counts, who was left out, disclosure checks."""

from __future__ import annotations

from datalab.disclosure.results import Decision, Release, ReleasedAnalysis, ReleasedGroup, ReleasedLinkage
from datalab.report.numbers import is_shown, percent_of_people, smd_decimals
from datalab.report.sentences import explained, vocabulary
from datalab.report.tables import Cell, Table, columns, number_cell, text_cell
from datalab.wording import say, words

LINKAGE_SHARES = ("linked_share", "false_links", "missed_links", "lost_to_blocking")
LINKED_ONLY = "ethnicity_of_linked"  # known only for people who were linked, so its share is always 100%


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
    """Share found in the records for each level of sex, age and area; groups of which no figure is shown are left out."""
    groups = [group for group in linkage.groups if group.characteristic != LINKED_ONLY]
    told = [group for group in groups if is_shown(group.submitted) or is_shown(group.linked_share)]
    rows = tuple(
        (
            text_cell(_characteristic_label(group)),
            text_cell(_level_label(group)),
            number_cell(group.submitted),
            number_cell(group.linked_share, 0, 2),
        )
        for group in told
    )
    heads = columns("group:text level:text submitted linked_share")
    notes = (say("report.notes.small_groups"),) if len(told) < len(groups) else ()
    return Table("linkage_groups", say("report.tables.linkage_groups"), heads, rows, notes)


def _characteristic_label(group: ReleasedGroup) -> str:
    return _capitalised(words("linkage")["quality"].get(group.characteristic, group.characteristic))


def _level_label(group: ReleasedGroup) -> str:
    """The level in words; an area is its own label, since its letters may be those of another level ("M")."""
    if group.characteristic == "postcode_area" and group.level != "not_given":
        return _capitalised(group.level)
    return _capitalised(words("linkage")["levels"].get(group.level, group.level))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def analyses_table(release: Release) -> Table:
    """Every analysis with its status, head-counts and balance."""
    rows = tuple(_analysis_row(release, analysis) for analysis in release.analyses)
    heads = columns(
        "analysis:text who:text status:text why:text treated_people matched_people pool_people comparison_people effective "
        "balanced:text largest_smd share_5",
        **vocabulary(release),
    )
    return Table("analyses", say("report.tables.analyses"), heads, rows)


def status_word(release: Release, analysis: ReleasedAnalysis) -> str:
    """Whether an analysis has a result, in a few words."""
    return str(words("several")["status"].get(analysis.status) or explained(release, f"status_{analysis.status}", "page"))


def _analysis_row(release: Release, analysis: ReleasedAnalysis) -> tuple[Cell, ...]:
    people, balance = analysis.people, analysis.balance
    status = status_word(release, analysis)
    counts = (people.treated, people.matched, people.pool, people.comparison, people.effective_pool)
    head = (text_cell(analysis.name), text_cell(""), text_cell(status), text_cell(""), *(number_cell(count) for count in counts))
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


def checks_table(release: Release, decisions: tuple[Decision, ...]) -> Table:
    """Every disclosure check with its outcome."""
    rows = tuple(
        (
            text_cell(explained(release, check.rule, "check_rules")),
            text_cell(check.subject),
            text_cell(explained(release, check.outcome, "check_outcomes")),
            text_cell(explained(release, check.action, "check_actions") if check.action else ""),
        )
        for check in decisions
    )
    heads = columns("rule:text subject:text outcome:text action:text")
    return Table("checks", say("report.tables.checks"), heads, rows)
