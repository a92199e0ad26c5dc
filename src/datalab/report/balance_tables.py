"""Tables of the match: every covariate before and after, the spread of the score, the covariates' families."""

from __future__ import annotations

from datalab.disclosure.results import Band, Number, Release, ReleasedAnalysis, ReleasedCovariate
from datalab.fields.justice.covariates import BY_NAME as COVARIATES
from datalab.report.numbers import shown, smd_decimals
from datalab.report.sentences import tell, vocabulary
from datalab.report.tables import Cell, Table, columns, number_cell, text_cell
from datalab.wording import say

BAND_NAMES: dict[Band, str] = {"<=5": "well", "<=10": "reasonably", ">10": "poorly", "[z]": "unknown", "[c]": "confidential"}
SELDOM: tuple[Band, ...] = ("[z]", "[c]")  # told of only where there are any
WORST_SHOWN = 20
BALANCE_COLUMNS = (
    "covariate analysis level treated_before pool_before treated_after comparison_after smd_before smd band variance_ratio"
)


def band_word(band: Band) -> str:
    """The band of a standardised difference in words.

    >>> band_word("<=10")
    'Reasonably matched'
    """
    return say(f"report.bands.{BAND_NAMES[band]}")


def balance_table(release: Release, analyses: tuple[ReleasedAnalysis, ...]) -> Table:
    """Every covariate level of these analyses before and after matching."""
    rows = tuple(
        (text_cell(analysis.name), *_covariate_cells(line))
        for analysis in analyses
        if analysis.balance is not None
        for line in analysis.balance.covariates
    )
    heads = columns(
        "analysis:text covariate:text level:text treated_before pool_before treated_after comparison_after "
        "smd_before smd band_before:text band:text variance_ratio family:text",
        **vocabulary(release),
    )
    notes = (tell(release, "notes.smd"), say("report.notes.bands_only"), say("report.notes.profile"))
    return Table("balance", say("report.tables.balance"), heads, rows, notes)


def bands_table(release: Release, analyses: tuple[ReleasedAnalysis, ...]) -> Table:
    """How many covariate lines are well, reasonably and poorly matched, before and after."""
    rows = tuple(
        (
            text_cell(analysis.name),
            text_cell(say(f"report.band_ranges.{name}")),
            *(number_cell(sum(getattr(line, when) == band for line in lines)) for when in ("band_before", "band")),
        )
        for analysis in analyses
        if analysis.balance is not None
        for lines in (analysis.balance.covariates,)
        for band, name in BAND_NAMES.items()
        if band not in SELDOM or any(band in (line.band_before, line.band) for line in lines)
    )
    heads = columns("analysis:text level_of_match:text bands_before bands_after")
    return Table("bands", say("report.tables.bands"), heads, rows)


def worst_covariates(analysis: ReleasedAnalysis, count: int = WORST_SHOWN) -> tuple[ReleasedCovariate, ...]:
    """The covariates least alike after matching whose standardised difference is shown, worst first."""
    lines = analysis.balance.covariates if analysis.balance is not None else ()
    counted = [line for line in lines if abs(shown(line.smd)) >= 0]  # NaN compares false
    return tuple(sorted(counted, key=lambda line: (-abs(shown(line.smd)), line.name, line.level))[:count])


def covariate_title(line: ReleasedCovariate) -> str:
    """Label and level of a covariate line: "Sex: female"."""
    return f"{line.label}: {line.level}" if line.level else line.label


def _covariate_cells(line: ReleasedCovariate) -> tuple[Cell, ...]:
    means = (line.treated_before, line.pool_before, line.treated, line.comparison)
    return (
        text_cell(line.label),
        text_cell(line.level),
        *(_mean_cell(line, value) for value in means),
        *(number_cell(value, smd_decimals(value), 2) for value in (line.smd_before, line.smd)),
        text_cell(band_word(line.band_before)),
        text_cell(band_word(line.band)),
        number_cell(line.variance_ratio, 2),
        text_cell(line.family),
    )


def _mean_cell(line: ReleasedCovariate, value: Number) -> Cell:
    return number_cell(value, 1, 2, "%") if line.level else number_cell(value, 2)


def overlap_table(release: Release) -> Table:
    """The spread of the matching score: share of each group in each bin."""
    rows = tuple(
        (
            text_cell(analysis.name),
            number_cell(bin_.low, 2),
            number_cell(bin_.high, 2),
            *(number_cell(value, 1, 2) for value in (bin_.treated, bin_.pool, bin_.comparison)),
        )
        for analysis in release.analyses
        for bin_ in analysis.overlap
    )
    heads = columns("analysis:text low high treated_share pool comparison_share", **vocabulary(release))
    return Table("overlap", say("report.tables.overlap"), heads, rows, (say("report.notes.overlap"),))


def definitions_table(release: Release) -> Table:
    """Every covariate used, once, with its definition (of a field's own covariates), family and levels."""
    found: dict[str, tuple[str, str, list[str]]] = {}
    for analysis in release.analyses:
        for line in analysis.balance.covariates if analysis.balance is not None else ():
            _, _, levels = found.setdefault(line.name, (line.label, line.family, []))
            if line.level and line.level not in levels:
                levels.append(line.level)
    defined = COVARIATES if release.kind == "run" else {}
    rows = tuple(
        tuple(
            text_cell(text)
            for text in (name, label, defined[name].definition if name in defined else label, family, "; ".join(levels))
        )
        for name, (label, family, levels) in found.items()
    )
    heads = columns("covariate:text meaning:text definition:text family:text levels:text")
    return Table("definitions", say("report.tables.definitions"), heads, rows)
