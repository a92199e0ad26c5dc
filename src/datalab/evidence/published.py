"""Evidence records of the real service's published results, from the package's table or one of the same shape."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from datalab.errors import InputError
from datalab.evidence.effect_sizes import odds_ratio_at
from datalab.evidence.recover import from_printed_interval, from_printed_rates
from datalab.evidence.results import EffectSize, EvidenceRecord, RecordVerdict, Scale
from datalab.wording import say

Row = Mapping[str, str]
COLUMNS = (
    "report_id", "programme", "organisation", "published", "outcome", "n_treated", "n_comparison", "treated_value",
    "comparison_value", "difference", "ci_low", "ci_high", "conclusion", "units", "source_url", "note",
)  # fmt: skip
_NUMBERS = COLUMNS[5:12]
VERBATIM = "verbatim_numbers_seen"  # may be missing; "no": only the direction was read at the source
_VERDICTS: dict[str, RecordVerdict] = {
    "decrease": "lower",
    "increase": "higher",
    "inconclusive": "more_people",
    "": "not_stated",
}
_OUTCOMES = {"one_year_rate": "rate", "time_to_first": "days_to_first"}
_UNITS = {"rate": "share", "violent_rate": "share", "employed_any": "share", "frequency": "per person"}
_HIGHER_IS_BETTER = {"days_to_first", "employed_any", "days_employed"}
_ROUNDED_TO = {"share": 0.01, "per person": 0.01, "days": 1.0}  # as the service prints


@dataclass(frozen=True)
class _Figures:
    """The numbers of a row in the outcome's unit; None where nothing was printed."""

    n_treated: int | None
    n_comparison: float | None
    treated: float | None
    comparison: float | None
    difference: float | None
    low: float | None
    high: float | None


def _package(name: str) -> str:
    return resources.files("datalab.data").joinpath(name).read_text(encoding="utf-8")


def _programmes() -> dict[str, Row]:
    """Our classification of the published programmes, by report."""
    return {row["report_id"]: row for row in csv.DictReader(_package("published_programmes.csv").splitlines())}


def _number(text: str) -> float | None:
    return float(text) if text.strip() else None


def _factor(row: Row) -> float:
    """What a printed number is multiplied by to be in the outcome's unit: per cent and "per 100 people" are hundredths."""
    return 0.01 if row["units"].startswith("percent") or "per 100 people" in row["units"] else 1.0


def _row_faults(place: int, row: Row) -> list[str]:
    faults, values = [], {}
    for column in _NUMBERS:
        try:
            values[column] = _number(row[column])
        except ValueError:
            faults.append(say("evidence.published.number", row=place, column=column))
    low, high = values.get("ci_low"), values.get("ci_high")
    if low is not None and high is not None and high <= low:
        faults.append(say("evidence.published.interval", row=place))
    if row["conclusion"] not in _VERDICTS:
        faults.append(say("evidence.published.conclusion", row=place))
    rates = ("treated_value", "comparison_value") if row["units"].startswith("percent") else ()
    outside = [column for column in rates if (value := values.get(column)) is not None and not 0 <= value <= 100]
    return faults + [say("evidence.published.share", row=place, column=column) for column in outside]


def _read(text: str) -> list[Row]:
    """The rows, every fault at once; the first row of data is row 2, as in a spreadsheet."""
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(say("evidence.published.columns", missing=", ".join(missing)))
    rows: list[Row] = [
        {**{column: row[column] or "" for column in COLUMNS}, VERBATIM: row.get(VERBATIM) or "yes"} for row in reader
    ]
    faults = [fault for place, row in enumerate(rows, start=2) for fault in _row_faults(place, row)]
    if faults:
        raise InputError(say("errors.errors.faults_found", count=len(faults)), faults)
    return rows


def _figures(row: Row) -> _Figures:
    """The row's figures; none where they were not read at the source, whatever the row holds."""
    seen = row[VERBATIM] != "no"
    values = {column: _number(row[column]) if seen else None for column in _NUMBERS}
    factor = _factor(row)

    def scaled(column: str) -> float | None:
        value = values[column]
        return None if value is None else value * factor

    people = values["n_treated"]
    return _Figures(
        n_treated=None if people is None else int(people),
        n_comparison=values["n_comparison"],
        treated=scaled("treated_value"),
        comparison=scaled("comparison_value"),
        difference=scaled("difference"),
        low=scaled("ci_low"),
        high=scaled("ci_high"),
    )


def _recover(figures: _Figures, unit: str) -> tuple[EffectSize | str, str]:
    """The effect, or the wording key of why there is none; and where its standard error comes from."""
    if figures.low is not None and figures.high is not None:
        scale: Scale = "risk_difference" if unit == "share" else "mean_difference"
        return from_printed_interval(scale, figures.low, figures.high, unit=_ROUNDED_TO[unit]), "interval"
    if figures.treated is None or figures.comparison is None or figures.n_treated is None:
        return "evidence.reasons.no_figures", ""
    if unit != "share":
        return "evidence.reasons.not_a_rate", ""
    found = from_printed_rates(
        figures.treated,
        figures.comparison,
        figures.n_treated,
        figures.n_comparison,
        unit=_ROUNDED_TO[unit],
        difference=figures.difference,
    )
    return found, "rates"


def _agrees(effect: EffectSize, verdict: RecordVerdict) -> bool:
    """False where the recovered figures would have given another verdict than was printed."""
    side = 0 if abs(effect.estimate) <= 1.96 * effect.se else -1 if effect.estimate < 0 else 1
    return verdict == "not_stated" or side == {"lower": -1, "higher": 1}.get(verdict, 0)


def _scales(effect: EffectSize, figures: _Figures) -> tuple[EffectSize, ...]:
    """The effect, and as a log odds ratio where the treated rate and size are known."""
    if effect.scale != "risk_difference" or figures.treated is None or figures.n_treated is None:
        return (effect,)
    if not 0 < figures.treated < 1 or not 0 < figures.treated - effect.estimate < 1:
        return (effect,)
    sizes = {"n_treated": float(figures.n_treated), "n_comparison": figures.n_comparison or float("inf")}
    return (effect, odds_ratio_at(effect, figures.treated, **sizes))


def _effects(figures: _Figures, unit: str, verdict: RecordVerdict) -> tuple[tuple[EffectSize, ...], str, str]:
    """Effects, where their error comes from, and the wording key of why there are none."""
    found, origin = _recover(figures, unit)
    if isinstance(found, str):
        return (), "", found
    if not _agrees(found, verdict):
        return (), "", "evidence.reasons.contradicts"
    return _scales(found, figures), origin, ""


def _record(row: Row, ours: Row) -> EvidenceRecord:
    # Only "other" needs our reading of what was measured.
    measure = ours.get("measure", "other") if row["outcome"] == "other" else _OUTCOMES.get(row["outcome"], row["outcome"])
    unit = _UNITS.get(measure, "days")
    figures, verdict = _figures(row), _VERDICTS[row["conclusion"]]
    is_effect = ours.get("is_effect", "yes") == "yes"
    effects, se_from, reason = _effects(figures, unit, verdict) if is_effect else ((), "", "evidence.reasons.descriptive")
    if row[VERBATIM] == "no" and is_effect:
        reason = "evidence.reasons.direction_only"
    return EvidenceRecord(
        id=f"{row['report_id']}/{measure}",
        study=row["organisation"] or row["report_id"],
        programme=row["programme"],
        organisation=row["organisation"],
        kind=ours.get("kind", ""),
        setting=ours.get("setting", ""),
        design="published" if is_effect else "descriptive",
        people=ours.get("people", ""),
        outcome=measure,
        unit=unit,
        favourable="higher" if measure in _HIGHER_IS_BETTER else "lower",
        follow_up_months=int(ours.get("follow_up_months") or 12),
        published=row["published"],
        role="headline" if measure == "rate" else "secondary",
        n_treated=figures.n_treated,
        n_comparison=figures.n_comparison,
        treated=figures.treated,
        comparison=figures.comparison,
        low=figures.low,
        high=figures.high,
        effects=effects,
        se_from=se_from,
        reason=reason,
        verdict=verdict,
        balance_passed=None,
        largest_smd=None,
        robust=None,
        origin="published",
        source=row["source_url"],
        note=row["note"],
    )


def read_published(text: str | None = None) -> tuple[EvidenceRecord, ...]:
    """One record a row of `published_results.csv` (the package's own where None), in its order.

    text: CSV with the columns of `COLUMNS`; rates and their intervals in per cent, days in days, frequencies per person (or
    per 100 people, where the unit says so); intervals are treated minus comparison, empty cells not printed. The standard
    error comes from the printed interval, else from the group's size and both rates (`from_printed_rates` states the
    rule); where neither is there, what comes out contradicts the printed verdict, or `verbatim_numbers_seen` (may be missing)
    is "no", the verdict is kept alone. `study` is the organisation, because the same people may be in several reports of one
    organisation. Kind, setting, people and whether a figure is an effect at all are our reading (`published_programmes.csv`).
    Raises InputError, all faults at once.

    >>> records = read_published()
    >>> len(records), sum(bool(record.effects) for record in records)
    (94, 16)
    """
    programmes = _programmes()
    return tuple(
        _record(row, programmes.get(row["report_id"], {}))
        for row in _read(_package("published_results.csv") if text is None else text)
    )
