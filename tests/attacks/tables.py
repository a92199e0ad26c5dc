"""Made-up studies for the attacks: tables with rare levels, small steps, nested analyses, rare events and a few deaths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from tests.attacks.outsider import Public
from tests.findings_factory import STEPS, Made, make_findings, make_part, with_members

from datalab.effects.results import Deaths, Findings
from datalab.fields.justice.codes import EVENT_KIND, REGION, SEX
from datalab.fields.justice.measures import BY_NAME
from datalab.table import Measure

# Covariate -> label, levels as they are printed, and the conditions (variable, level printed -> value) that make a part of it.
CLASSIFIED = {
    "sex": ("Sex", SEX, "sex"),
    "region": ("Region", REGION, "region"),
    "index_kind": ("Kind of event", EVENT_KIND, "index_kind"),
    "index_quarter": (
        "Quarter of the index date",
        tuple((q, q) for y in (2011, 2012) for q in (f"{y}Q{i}" for i in (1, 2, 3, 4))),
        "cohort_year",
    ),
    "ethnicity_group": ("Ethnicity", tuple((f"e{i}", f"Group {i}") for i in range(6)), ""),
}
MEASURES: tuple[Measure, ...] = (BY_NAME["rate"], BY_NAME["violent_rate"], BY_NAME["frequency"])
LANDMARKS = (30, 91, 183, 274, 365)  # the last is the horizon, whose share with the event is the rate


@dataclass(frozen=True)
class Study:
    """Findings and what anybody may know of them."""

    findings: Findings
    public: Public


@st.composite
def studies(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `make_study` (small to print where an example fails)."""
    names = draw(st.lists(st.sampled_from(sorted(CLASSIFIED)), min_size=1, max_size=2, unique=True))
    weights = {}
    for name in names:
        codes = CLASSIFIED[name][1]
        weights[name] = draw(st.lists(st.integers(1, 60), min_size=2, max_size=min(6, len(codes))))
    parts = []
    for name in names:
        if CLASSIFIED[name][2]:
            chosen = st.lists(st.integers(0, len(weights[name]) - 1), min_size=1, max_size=len(weights[name]) - 1, unique=True)
            parts += [(name, tuple(sorted(levels))) for levels in draw(st.lists(chosen, max_size=3))]
    few = st.one_of(st.integers(0, 12), st.integers(0, 120))
    survival = draw(st.booleans())
    gone = draw(st.lists(st.integers(1, 365), max_size=draw(few))) if survival else []
    return {
        "seed": draw(st.integers(0, 10_000)),
        "matched": draw(st.integers(30, 300)),
        "left_out": draw(few),
        "pool": draw(st.integers(100, 1500)),
        "rate": draw(st.floats(0.08, 0.9) if survival else st.one_of(st.floats(0, 0.12), st.floats(0, 1))),
        "effect": draw(st.floats(-0.2, 0.2)),
        "weights": weights,
        "flags": tuple(draw(st.lists(st.floats(0.005, 0.995), max_size=1))),
        "losses": tuple(draw(st.lists(few, min_size=len(STEPS) - 1, max_size=len(STEPS) - 1))),
        "parts": tuple(parts),
        "deaths": draw(st.one_of(st.none(), st.tuples(st.integers(0, 14), st.integers(0, 60)))),
        "survival": survival,
        "gone": tuple(gone),
    }


def make_study(
    *, weights: dict, flags: tuple, losses: tuple, parts: tuple, deaths: tuple | None, survival: bool, **drawn: Any
) -> Study:
    """The study that these arguments make: the whole, and its parts by levels of one covariate.

    With curves come the histogram of scores and the sensitivity lines, so that they pass the last gate beside everything else.
    """
    categorical = []
    for name, numbers in weights.items():
        label, codes, _ = CLASSIFIED[name]
        shares = np.array(numbers, dtype=float) / sum(numbers)
        categorical.append((name, label, "f", tuple(text for _, text in codes[: shares.size]), tuple(shares)))
    yes_no = tuple((f"flag{place}", f"Flag {place}", "f", share) for place, share in enumerate(flags))
    steps = tuple((step, reason, lost) for (step, reason, _), lost in zip(STEPS, (0, *losses), strict=True))
    made = Made(
        categorical=tuple(categorical), numeric=(), yes_no=yes_no, steps=steps, measures=MEASURES, survival=survival,
        overlap=survival, sensitivity=survival, **drawn,
    )  # fmt: skip
    names = list(made.__dataclass_fields__)
    findings = make_findings(**{name: getattr(made, name) for name in names})
    (head,) = findings.analyses
    everybody = with_members(head, np.arange(head.people.treated), np.arange(head.people.pool))
    made_of, others = {}, []
    for covariate, places in parts:
        label = tuple(next(entry for entry in categorical if entry[0] == covariate)[3][place] for place in places)
        conditions = _conditions(covariate, label, next(entry for entry in categorical if entry[0] == covariate)[3])
        name = f"{covariate}-{'-'.join(map(str, places))}"
        if conditions and name not in made_of:
            found = make_part(name, replace(made, survival=False), covariate, label, conditions)
            if found.people.treated:
                made_of[name] = covariate, label
                others.append(found)
    findings = replace(findings, analyses=(everybody, *others), deaths=None if deaths is None else Deaths(*deaths))
    levels = {entry[0]: entry[3] for entry in categorical}
    order = tuple(step.step for step in findings.attrition)
    flagged = tuple(entry[0] for entry in yes_no)
    return Study(findings, Public(levels, flagged, order, made_of, LANDMARKS if survival else ()))


def _conditions(covariate: str, levels: tuple[str, ...], all_levels: tuple[str, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The conditions of a plan that choose these levels; none where no plan can."""
    _, codes, variable = CLASSIFIED[covariate]
    if variable == "cohort_year":
        years = tuple(sorted({level[:4] for level in levels}))
        return ((variable, years),) if {text for text in all_levels if text[:4] in years} == set(levels) else ()
    values = tuple(code for code, text in codes if text in levels)
    if variable == "index_kind" and set(levels) == set(all_levels) - {dict(codes)["release"]}:
        return (("setting", ("community",)),)
    return ((variable, values),)
