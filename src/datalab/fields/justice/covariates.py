"""The covariates of the justice field: name, label, family, kind and definition. The annex prints this list.

Dates the definitions use: *index date* (release, sentence or caution); *baseline* (the day before the custodial stay starts,
for every other event the day before the index date; never the programme's start or later); *history date* (the baseline, for
a release the index conviction if that is later).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from datalab.fields.justice import codes
from datalab.fields.justice.offences import LABELS

FAMILIES = ("demographics", "index", "history", "work", "needs", "region")
CovariateKind = Literal["numeric", "binary", "categorical"]
Levels = tuple[tuple[str, str], ...]

NOT_KNOWN: Levels = (("unknown", "Not known"),)
NOT_ASSESSED = "not_assessed"
# Section scores run from 0 to 10; the highest score of each band.
NEED_BANDS: tuple[tuple[str, str, int], ...] = (
    ("low", "Low need (0 to 3)", 3),
    ("medium", "Medium need (4 to 6)", 6),
    ("high", "High need (7 to 10)", 10),
)
# Longest sentence of each band in days; a court order or lighter disposal is "none".
SENTENCE_BANDS: tuple[tuple[str, str, int], ...] = (
    ("up_to_6_months", "Up to 6 months", 182),
    ("6_to_12_months", "Over 6 months, up to 12", 365),
    ("1_to_2_years", "Over 1 year, up to 2", 730),
    ("2_to_4_years", "Over 2 years, up to 4", 1461),
    ("4_to_10_years", "Over 4 years, up to 10", 3652),
    ("over_10_years", "Over 10 years", 36500),
)
NO_SENTENCE = "none"
SPELL_WINDOWS = (("1m", "month", 1), ("3m", "3 months", 3), ("12m", "12 months", 12))


@dataclass(frozen=True)
class CovariateSpec:
    """One covariate: `levels` (code, label) where it is categorical; none there means the levels found in the data."""

    name: str
    label: str
    family: str
    kind: CovariateKind
    definition: str
    levels: Levels = ()


def _demographics() -> tuple[CovariateSpec, ...]:
    family = "demographics"
    return (
        CovariateSpec("age_years", "Age", family, "numeric", "Age in whole years at the index date."),
        CovariateSpec(
            "age_first_sanction",
            "Age at first sanction",
            family,
            "numeric",
            "Age in years at the first caution or conviction on record, at the latest the index one.",
        ),
        CovariateSpec("sex", "Sex", family, "categorical", "Recorded sex.", codes.SEX),
        CovariateSpec(
            "ethnicity_group",
            "Ethnicity",
            family,
            "categorical",
            "Self-defined ethnicity in five groups, and not stated.",
            codes.ETHNICITY_GROUP,
        ),
        CovariateSpec(
            "uk_national",
            "UK national",
            family,
            "categorical",
            "Recorded as a national of the United Kingdom.",
            (("yes", "Yes"), ("no", "No"), *NOT_KNOWN),
        ),
    )


def _index() -> tuple[CovariateSpec, ...]:
    family = "index"
    bands = tuple((band, label) for band, label, _ in SENTENCE_BANDS)
    return (
        CovariateSpec("index_kind", "Kind of event", family, "categorical", "What brought the person in.", codes.EVENT_KIND),
        CovariateSpec(
            "index_offence_group",
            "Index offence",
            family,
            "categorical",
            "Group of the principal offence (the one with the heaviest disposal) of the index occasion.",
            tuple(LABELS.items()),
        ),
        CovariateSpec(
            "index_disposal", "Index disposal", family, "categorical", "Heaviest disposal of the index occasion.", codes.DISPOSAL
        ),
        CovariateSpec(
            "sentence_band",
            "Length of the custodial sentence",
            family,
            "categorical",
            "Band of the longest sentence of the custodial stay; none where the event is not a release.",
            (*bands, (NO_SENTENCE, "Not a release from custody")),
        ),
        CovariateSpec("index_quarter", "Quarter of the index date", family, "categorical", "Calendar quarter of the index date."),
        CovariateSpec(
            "index_offences", "Offences on the index occasion", family, "numeric", "Offences dealt with on the index occasion."
        ),
        CovariateSpec(
            "delay_days",
            "Days from the index date to the clock",
            family,
            "numeric",
            "Days from the index date to the programme's start where it starts later, else 0; for the pool the delay drawn.",
        ),
    )


def _counts() -> tuple[CovariateSpec, ...]:
    rows = (
        ("previous_convictions", "Previous convictions", "Court occasions with a conviction up to the history date"),
        ("previous_convictions_2y", "Convictions in the last 2 years", "The same in the 2 years up to the history date"),
        ("previous_cautions", "Previous cautions", "Cautions up to the history date"),
        ("previous_cautions_2y", "Cautions in the last 2 years", "The same in the 2 years up to the history date"),
        ("previous_offences", "Previous offences", "Proven offences of those occasions, without breaches"),
        ("previous_offences_2y", "Offences in the last 2 years", "The same, of occasions in the 2 years up to the history date"),
        ("previous_breaches", "Previous breaches", "Proven breaches of an order, licence or bail on those occasions"),
        ("previous_custody", "Previous custodial sentences", "Those occasions whose heaviest disposal was custody"),
        ("previous_orders", "Previous court orders", "Those occasions whose heaviest disposal was a court order"),
    )
    return tuple(
        CovariateSpec(name, label, "history", "numeric", f"{definition}; the index occasion left out.")
        for name, label, definition in rows
    )


def _history() -> tuple[CovariateSpec, ...]:
    family = "history"
    groups = tuple(
        CovariateSpec(
            f"previous_offences_{group}",
            f"Previous offences: {label[0].lower()}{label[1:]}",
            family,
            "numeric",
            f"Previous offences of the group: {label}.",
        )
        for group, label in LABELS.items()
    )
    return (
        *_counts(),
        *groups,
        CovariateSpec(
            "years_since_last_sanction",
            "Years since the last sanction",
            family,
            "numeric",
            "Years from the last previous caution or conviction to the index conviction or caution; missing where there is none.",
        ),
        CovariateSpec(
            "copas_rate",
            "Copas rate",
            family,
            "numeric",
            "ln((1 + previous sanctions) / (10 + years from the first sanction to the index conviction)).",
        ),
        CovariateSpec(
            "ogrs3",
            "OGRS3, one year",
            family,
            "numeric",
            "Probability of proven reoffending within a year by the Offender Group Reconviction Scale, version 3.",
        ),
    )


def _work() -> tuple[CovariateSpec, ...]:
    family = "work"
    benefits = tuple((code.lower(), f"On {label}") for code, label in codes.BENEFIT)
    known = "missing where the person was not known to the tax and benefit records by the baseline, or the year is not loaded"
    specs = [
        CovariateSpec(
            "tax_record", "Known to tax and benefit records", family, "binary", "Known to those records by the baseline."
        )
    ]
    for name, label in (("employed", "Employed"), *benefits):
        specs += [
            CovariateSpec(
                f"{name}_{key}",
                f"{label} in the {text} before",
                family,
                "binary",
                f"{label} on any day of the {text} up to the baseline; {known}.",
            )
            for key, text, _ in SPELL_WINDOWS
        ]
        specs += [
            CovariateSpec(
                f"{name}_spells",
                f"{label}: spells in the year before",
                family,
                "numeric",
                f"Spells that touch the 12 months up to the baseline; {known}.",
            ),
            CovariateSpec(
                f"{name}_days",
                f"{label}: days in the year before",
                family,
                "numeric",
                f"Days in the 12 months up to the baseline, overlaps counted once; {known}.",
            ),
        ]
    return tuple(specs)


def _needs() -> tuple[CovariateSpec, ...]:
    bands = (*((code, label) for code, label, _ in NEED_BANDS), (NOT_ASSESSED, "Not assessed"))
    when = (
        "for a release the last assessment before the programme's start (for the pool before the same share of the sentence), "
        "for every other event the last one up to the baseline"
    )
    return tuple(
        CovariateSpec(f"need_{name}", f"Need: {label[0].lower()}{label[1:]}", "needs", "categorical", f"Band of {when}.", bands)
        for name, label in codes.NEEDS
    )


def _region() -> tuple[CovariateSpec, ...]:
    meaning = "Probation region of the index order, else the region of the court or force."
    return (CovariateSpec("region", "Region", "region", "categorical", meaning, codes.REGION),)


COVARIATES: tuple[CovariateSpec, ...] = (*_demographics(), *_index(), *_history(), *_work(), *_needs(), *_region())
BY_NAME = {spec.name: spec for spec in COVARIATES}


def of_families(families: tuple[str, ...]) -> tuple[CovariateSpec, ...]:
    """The covariates of the named families, in the list's order.

    >>> [spec.name for spec in of_families(("region",))]
    ['region']
    """
    return tuple(spec for spec in COVARIATES if spec.family in families)
