"""Makes realistic, self-consistent Findings from made-up people, for tests of disclosure and report.

Every count, mean and share is computed from one drawn table of people, so levels add up to groups, analysed and left out
add up to the treated, and the ladder of attrition ends at the matched. Same arguments, same Findings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.stats import norm

from datalab.balance.results import Balance, CovariateBalance
from datalab.cohort.results import AttritionStep
from datalab.effects.results import (
    AnalysisFindings,
    Effect,
    Findings,
    Members,
    OutcomeResult,
    Overlap,
    People,
    ProfileLine,
    Programme,
    SensitivityLine,
    SubgroupShare,
    Survival,
    SurvivalCurve,
)
from datalab.fields.justice.measures import BY_NAME, TAX_RECORDS
from datalab.linkage.results import GroupShare, LinkageQuality
from datalab.planning.results import Criterion, Expectation, Feasibility
from datalab.table import Bools, Floats, Ints, Measure
from datalab.wording.advice import advice

# (name, label, family, levels, probabilities): shapes that real tables have, with rare levels among them.
CATEGORICAL = (
    ("sex", "Sex", "demographics", ("M", "F"), (0.85, 0.15)),
    ("ethnicity", "Ethnic group", "demographics", ("White", "Black", "Asian", "Mixed", "Other"), (0.72, 0.12, 0.08, 0.05, 0.03)),
    ("region", "Region", "region", ("London", "North", "Midlands", "South", "Wales"), (0.3, 0.25, 0.2, 0.17, 0.08)),
    (
        "offence_group",
        "Index offence group",
        "index",
        ("theft", "violence", "drugs", "burglary", "fraud", "robbery", "arson"),
        (0.34, 0.24, 0.17, 0.12, 0.07, 0.05, 0.01),
    ),
)
NUMERIC = (
    ("age", "Age in years", "demographics", 33.0, 9.0),
    ("previous_convictions", "Previous convictions", "history", 8.0, 6.0),
    ("copas_rate", "Copas rate", "history", -0.9, 0.7),
)
STEPS = (
    ("submitted", "submitted", 0),
    ("readable", "unreadable", 12),
    ("one_person", "duplicate", 4),
    ("linked", "not_linked", 31),
    ("index_event", "no_index_event", 24),
    ("at_risk", "not_at_risk", 3),
    ("follow_up", "follow_up_incomplete", 2),
    ("eligible", "not_eligible", 15),
)
REOFFENDERS = "reoffenders"


@dataclass(frozen=True)
class Made:
    """What `make_findings` draws from; change one field and the rest follows."""

    seed: int = 1
    kind: str = "run"
    matched: int = 240
    left_out: int = 14
    pool: int = 4000
    comparison_share: float = 0.7
    rate: float = 0.36
    effect: float = -0.07
    frequency: float = 3.1
    categorical: tuple = CATEGORICAL
    numeric: tuple = NUMERIC
    yes_no: tuple = ()
    steps: tuple = STEPS
    measures: tuple[Measure, ...] = field(default_factory=lambda: tuple(BY_NAME.values()))
    passed: bool = True
    research: bool = False
    status: str = "estimated"
    linkage: bool = True
    survival: bool = True
    overlap: bool = True
    sensitivity: bool = True
    gone: tuple[int, ...] = ()  # days on which people analysed who never have the event leave (die), one a person


CONTROL = Measure("rate_before", "binary", "Any event in the year before")


def make_findings(**changes: object) -> Findings:
    """Findings of one study with one analysis, "everyone"; the parameters are the fields of `Made`.

    `matched`, `left_out`, `pool`: people; `rate`, `effect`: reoffending rate of the treated and its difference;
    `passed=False` or `status="balance_failed"` gives an analysis without outcomes, `research=True` one that has them all
    the same. `kind="evaluate"` leaves programme and linkage out.
    """
    made = replace(Made(), **changes)
    analysis = make_analysis("everyone", made)
    run = made.kind == "run"
    return Findings(
        kind=made.kind,
        study_id="example-workshop-2012",
        title="Example Workshop",
        programme=Programme("employment", "custody", "2012-01-01", "2012-12-31") if run else Programme(),
        follow_up_months=12,
        plan_sha256="0" * 64,
        synthetic=run,
        research=made.research,
        attrition=make_attrition(made),
        linkage=make_linkage(made) if made.linkage and run else None,
        headline_analysis="everyone",
        headline_outcome=made.measures[0].name if made.measures else "",
        analyses=(analysis,),
    )


@dataclass(frozen=True)
class Drawn:
    """The made-up people: covariates, weights and outcomes by group (treated: matched first, then left out)."""

    matched: int
    levels_treated: dict[str, Ints]
    levels_pool: dict[str, Ints]
    numbers_treated: dict[str, Floats]
    numbers_pool: dict[str, Floats]
    weights: Floats
    days_treated: Floats
    days_pool: Floats
    offences_treated: Ints
    offences_pool: Ints
    score_treated: Floats
    score_pool: Floats


def make_part(name: str, made: Made, covariate: str, levels: tuple[str, ...], conditions: tuple) -> AnalysisFindings:
    """An analysis of those of the drawn people who have these levels of a covariate, matched as they were in the whole."""
    drawn = draw(made)
    names = next(entry[3] for entry in made.categorical if entry[0] == covariate)
    codes = [names.index(level) for level in levels]
    of_treated, of_pool = (np.isin(side[covariate], codes) for side in (drawn.levels_treated, drawn.levels_pool))
    part = _taken(drawn, of_treated, of_pool)
    matched, left_out = part.matched, int(of_treated.sum()) - part.matched
    few = matched < 30 or int((part.weights > 0).sum()) < 30
    own = replace(made, matched=matched, left_out=left_out, pool=int(of_pool.sum()), status="too_few" if few else made.status)
    found = make_analysis(name, own, part)
    return with_members(replace(found, conditions=conditions), np.flatnonzero(of_treated), np.flatnonzero(of_pool))


def with_members(found: AnalysisFindings, treated: Ints, pool: Ints) -> AnalysisFindings:
    """The analysis with its people: row ids of all treated (the matched first) and places in the pool."""
    ids = tuple(treated[: found.people.matched].tolist())
    return replace(found, matched_row_ids=ids, members=Members(treated.astype(np.int64), 100_000 + pool.astype(np.int64)))


def _taken(drawn: Drawn, of_treated: Bools, of_pool: Bools) -> Drawn:
    """The drawn people who are marked."""
    weights = drawn.weights[of_pool]
    total = float(weights.sum())

    def some(values: dict, rows: Bools) -> dict:
        return {name: column[rows] for name, column in values.items()}

    return Drawn(
        matched=int(of_treated[: drawn.matched].sum()),
        levels_treated=some(drawn.levels_treated, of_treated),
        levels_pool=some(drawn.levels_pool, of_pool),
        numbers_treated=some(drawn.numbers_treated, of_treated),
        numbers_pool=some(drawn.numbers_pool, of_pool),
        weights=weights / total if total > 0 else weights,
        days_treated=drawn.days_treated[of_treated],
        days_pool=drawn.days_pool[of_pool],
        offences_treated=drawn.offences_treated[of_treated],
        offences_pool=drawn.offences_pool[of_pool],
        score_treated=drawn.score_treated[of_treated],
        score_pool=drawn.score_pool[of_pool],
    )


def make_analysis(name: str, made: Made, drawn: Drawn | None = None) -> AnalysisFindings:
    """One analysis of the drawn people (of `drawn` where they are given)."""
    drawn = drawn or draw(made)
    failed = made.status != "estimated" or not made.passed
    shown = not failed or made.research
    people = People(
        made.matched + made.left_out, made.matched, made.pool, int((drawn.weights > 0).sum()), _effective(drawn.weights)
    )
    outcomes = tuple(make_outcome(m, drawn, made, i == 0) for i, m in enumerate(made.measures)) if shown else ()
    status = ("balance_failed" if made.status == "estimated" else made.status) if failed else "estimated"
    return AnalysisFindings(
        name=name,
        status=status,
        reason={"estimated": "", "too_few": "effects.withheld.too_few_treated"}.get(status, "effects.withheld.balance_failed"),
        people=people,
        balance=None if status == "too_few" else make_balance(drawn, made),
        outcomes=outcomes,
        survival=make_survival(drawn, made.gone) if made.survival and shown else None,
        overlap=make_overlap(drawn) if made.overlap and status != "too_few" else None,
        profile=() if status == "too_few" else make_profile(drawn, made),
        match_settings={"method": "radius", "caliper_sd_logit": "0.2", "estimator": "augmented"},
        subgroups=make_subgroups(drawn, made) if any(measure.known_before for measure in made.measures) else (),
        sensitivity=make_sensitivity(outcomes, made) if made.sensitivity and not failed else (),
    )


def _effective(weights: Floats) -> float:
    return 1 / float((weights**2).sum()) if weights.any() else 0.0


def make_sensitivity(outcomes: tuple[OutcomeResult, ...], made: Made) -> tuple[SensitivityLine, ...]:
    """Lines of every part for the first two measures about everyone, with an other design of three people fewer."""
    whole = [result for result in outcomes if result.effect is not None and not result.measure.among][:2]
    return tuple(line for result in whole for line in _lines_of(result, made))


def _lines_of(result: OutcomeResult, made: Made) -> tuple[SensitivityLine, ...]:
    measure, effect = result.measure, result.effect
    assert effect is not None
    moved = replace(effect, estimate=effect.estimate + 0.00317, low=effect.low + 0.00317, high=effect.high + 0.00317)
    fewer = replace(result, n_treated=max(1, result.n_treated - 3), effect=moved)
    control = replace(result, measure=CONTROL, effect=replace(moved, estimate=0.0021, low=-0.0212, high=0.0254, p=0.86))
    strength = (("times", 1.83217), ("bias", 0.0412345), ("share_of_treatment", 0.03137), ("share_of_outcome", 0.04271))
    lines = [
        SensitivityLine("design", "caliper_010", measure, effect=moved, counted=fewer),
        SensitivityLine("design", "caliper_005", measure, "not_balanced"),
        SensitivityLine("design", "entropy", measure, "withheld", "sensitivity.reasons.unmatched"),
        SensitivityLine("design", "classic", measure, effect=result.classic),
        SensitivityLine("hidden", "robustness", measure, figures=(("robustness", 0.0712345), ("robustness_interval", 0.0212345))),
        SensitivityLine("hidden", "benchmark", measure, figures=strength, subject="age", warns=True),
        SensitivityLine("hidden", "benchmark", measure, figures=strength, subject="offence_group"),
    ]
    if measure.kind == "binary":
        bounds = (("low", -0.1512345), ("high", 0.0312345), ("interval_low", -0.2012345), ("interval_high", 0.0812345))
        missed = (("missed", 0.031), ("with_event", 0.0512345), ("without_event", 0.0212345), ("least", 0.0142345))
        lines += [
            SensitivityLine(
                "hidden", "tipping_weights", measure, figures=(("factor", 1.1812345), ("factor_interval", 1.0512345))
            ),
            SensitivityLine("hidden", "weights_125", measure, figures=(("factor", 1.25), *bounds)),
            SensitivityLine("hidden", "e_value", measure, figures=(("e_value", 1.6712345), ("e_value_interval", 1.2112345))),
            SensitivityLine("linkage", "missed_links", measure, figures=missed),
            SensitivityLine("control", "negative_control", CONTROL, effect=control.effect, counted=control),
        ]
    if made.kind == "run":
        lines.append(SensitivityLine("linkage", "false_links", measure, effect=moved, figures=(("false_links", 0.0041234),)))
        lines.append(SensitivityLine("linkage", "links_strict", measure, effect=moved, counted=fewer))
        lines.append(SensitivityLine("linkage", "links_lax", measure, "same_people"))
    return tuple(lines)


def draw(made: Made) -> Drawn:
    """Draws the people: the last `left_out` treated rows are those without a match."""
    rng = np.random.default_rng(made.seed)
    treated = made.matched + made.left_out
    used = min(made.pool, max(30, round(made.pool * made.comparison_share)))
    raw = np.where(np.arange(made.pool) < used, rng.gamma(2.0, 1.0, made.pool), 0.0)

    def levels(n: int, tilt: float) -> dict[str, Ints]:
        # Spread evenly by the shares, then shuffled: levels that are not matched on would fail the balance gate.
        place = (np.arange(n) + 0.5) / max(1, n)
        return {
            name: rng.permutation(np.searchsorted(np.cumsum(_tilted(p, tilt)), place)).clip(max=len(p) - 1)
            for name, _, _, _, p in made.categorical
        }

    def numbers(n: int, shift: float = 0.0) -> dict[str, Floats]:
        place = (np.arange(n) + 0.5) / max(1, n)
        drawn = {name: mean + sd * (shift + rng.permutation(norm.ppf(place))) for name, _, _, mean, sd in made.numeric}
        return drawn | {name: rng.permutation(place < share).astype(float) for name, _, _, share in made.yes_no}

    def both(one: dict, other: dict) -> dict:
        return {name: np.concatenate([one[name], other[name]]) for name in one}

    def days(n: int, rate: float) -> Floats:
        events = np.arange(n) < round(n * rate)
        return np.where(rng.permutation(events), 1 + np.floor(364 * rng.random(n) ** 1.3), np.inf)

    def offences(when: Floats) -> Ints:
        return np.where(np.isfinite(when), 1 + rng.poisson(max(0.0, made.frequency - 1), when.size), 0).astype(np.int64)

    days_t = np.concatenate([days(made.matched, made.rate), days(made.left_out, made.rate)])
    days_p = days(made.pool, float(np.clip(made.rate - made.effect, 0, 1)))
    return Drawn(
        matched=made.matched,
        levels_treated=both(levels(made.matched, 0.0), levels(made.left_out, 0.3)),
        # People of the pool without weight are unlike the treated: so the match is what balances.
        levels_pool=both(levels(used, 0.0), levels(made.pool - used, 0.3)),
        numbers_treated=both(numbers(made.matched), numbers(made.left_out)),
        numbers_pool=both(numbers(used), numbers(made.pool - used, 0.4)),
        weights=raw / raw.sum(),
        days_treated=days_t,
        days_pool=days_p,
        offences_treated=offences(days_t),
        offences_pool=offences(days_p),
        score_treated=rng.normal(-3.0, 0.9, treated),
        score_pool=rng.normal(-4.0, 1.0, made.pool),
    )


def _tilted(p: tuple[float, ...], tilt: float) -> Floats:
    uneven = np.asarray(p) * (1 + tilt * np.arange(len(p)))
    return uneven / uneven.sum()


def make_balance(drawn: Drawn, made: Made) -> Balance:
    """The balance table; `passed` is as asked for, whatever the drawn numbers say."""
    lines = []
    for name, label, family, levels, _ in made.categorical:
        for code, level in enumerate(levels):
            pair = (
                (drawn.levels_treated[name] == code).astype(float),
                (drawn.levels_pool[name] == code).astype(float),
            )
            lines.append(_line(name, level, label, family, pair, drawn))
    for name, label, family, *_ in (*made.numeric, *made.yes_no):
        lines.append(_line(name, "", label, family, (drawn.numbers_treated[name], drawn.numbers_pool[name]), drawn))
    counted = sorted((line for line in lines if not math.isnan(line.smd)), key=lambda line: -abs(line.smd))
    return Balance(
        covariates=tuple(lines),
        passed=made.passed and made.status != "balance_failed",
        reasons=() if made.passed else (advice("radius"),),
        max_smd=abs(counted[0].smd) if counted else float("nan"),
        share_within_5pc=sum(abs(line.smd) <= 0.05 for line in counted) / max(1, len(counted)),
        worst=tuple(f"{line.label}: {line.level}" if line.level else line.label for line in counted[:5]),
        overlap_share=made.matched / (made.matched + made.left_out),
        matched_share=made.matched / (made.matched + made.left_out),
        effective_pool=_effective(drawn.weights),
        largest_weight_share=float(drawn.weights.max()),
    )


def _line(name: str, level: str, label: str, family: str, pair: tuple[Floats, Floats], drawn: Drawn) -> CovariateBalance:
    treated, pool = pair
    matched, w = treated[: drawn.matched], drawn.weights
    used = pool[w > 0]
    mean_comparison = float(w @ pool)
    sd = float(treated.std())
    sd, source = (sd, "treated") if sd > 0 else (float(pool.std()), "pool")
    variance = float(w @ (pool - mean_comparison) ** 2)
    counts = [int(part.sum()) if level else part.size for part in (treated, pool, matched, used)]
    return CovariateBalance(
        covariate=name,
        level=level,
        label=label,
        family=family,
        mean_treated_before=float(treated.mean()),
        mean_pool_before=float(pool.mean()),
        mean_treated=float(matched.mean()),
        mean_pool=mean_comparison,
        sd=sd,
        sd_source=source if sd > 0 else "none",
        smd_before=float(treated.mean() - pool.mean()) / sd if sd > 0 else float("nan"),
        smd=(float(matched.mean()) - mean_comparison) / sd if sd > 0 else float("nan"),
        variance_ratio_before=_ratio(float(treated.var()), float(pool.var())),
        variance_ratio=_ratio(float(matched.var()), variance),
        ks_before=0.1,
        ks=0.04,
        ecdf_before=0.05,
        ecdf=0.02,
        treated_count_before=counts[0],
        pool_count_before=counts[1],
        treated_count=counts[2],
        pool_count=counts[3],
    )


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0 else float("nan")


def make_profile(drawn: Drawn, made: Made) -> tuple[ProfileLine, ...]:
    """Analysed beside left out; nothing where nobody was left out."""
    if made.left_out == 0:
        return ()
    k, lines = drawn.matched, []
    for name, label, _, levels, _ in made.categorical:
        for code, level in enumerate(levels):
            share = (drawn.levels_treated[name] == code).astype(float)
            counts = int(share[:k].sum()), int(share[k:].sum())
            lines.append(ProfileLine(label, level, *counts, float(share[:k].mean()), float(share[k:].mean())))
    for name, label, *_ in (*made.numeric, *made.yes_no):
        x = drawn.numbers_treated[name]
        lines.append(ProfileLine(label, "", k, made.left_out, float(x[:k].mean()), float(x[k:].mean())))
    return tuple(lines)


def make_outcome(measure: Measure, drawn: Drawn, made: Made, headline: bool) -> OutcomeResult:
    """One measure with plausible intervals; values follow from the drawn people."""
    k = drawn.matched
    inside_t, inside_p = np.ones(k, bool), np.ones(made.pool, bool)
    if measure.known_before:
        inside_t, inside_p = is_known(k), is_known(made.pool)
    elif measure.among == REOFFENDERS:
        inside_t, inside_p = np.isfinite(drawn.days_treated[:k]), np.isfinite(drawn.days_pool)
    y, x = _values(measure, drawn, True)[:k][inside_t], _values(measure, drawn, False)[inside_p]
    w = drawn.weights[inside_p]
    if (
        y.size < max(2, measure.minimum_treated)
        or w.sum() == 0
        or (measure.minimum_expected and y.sum() < measure.minimum_expected)
    ):
        reason = "too_few_treated" if measure.minimum_treated else "too_few_expected"
        return _withheld(measure, y.size, int((w > 0).sum()), headline, reason)
    if measure.kind == "count" and (y > 0).sum() < 2:
        return _withheld(measure, y.size, int((w > 0).sum()), headline, "too_few_with_event")
    w = w / w.sum()
    plain = float(w @ x)
    effect = make_effect(measure, y, x, w, shift=0.01 * float(y.mean()))
    total = float(np.abs(y).sum())
    events = (int((y > 0).sum()), int((x[w > 0] > 0).sum())) if measure.kind in ("binary", "count") else (0, 0)
    return OutcomeResult(
        measure=measure,
        status="estimated",
        reason="",
        role="headline" if headline else "secondary",
        n_treated=int(y.size),
        n_comparison=int((w > 0).sum()),
        effective_comparison=1 / float((w**2).sum()),
        treated=float(y.mean()),
        comparison=float(y.mean()) - effect.estimate,
        comparison_plain=plain,
        effect=effect,
        classic=replace(make_effect(measure, y, x, w, shift=0.0), method="welch"),
        unadjusted=make_effect(measure, y, x, np.full(x.size, 1 / x.size), shift=0.0),
        verdict="withheld" if made.research else "lower" if effect.high < 0 else "higher" if effect.low > 0 else "more_people",
        p_holm=min(1.0, effect.p * (1 if headline else len(made.measures) - 1)),
        stated_effect=0.05 if measure.kind == "binary" else 0.2,
        people_needed=round(350.0 - min(k, 300)) if headline else None,
        smallest_effect=2.8 * effect.se,
        treated_events=events[0],
        comparison_events=events[1],
        top_two_share=float(np.sort(np.abs(y))[-2:].sum()) / total if total > 0 else float("nan"),
        residual_df=float(k - 2),
    )


def is_known(size: int) -> Bools:
    """Seven people in eight are known to the tax and benefit records."""
    return np.arange(size) % 8 != 0


def make_subgroups(drawn: Drawn, made: Made) -> tuple[SubgroupShare, ...]:
    """Who of those matched is known to the tax and benefit records."""
    treated, used = is_known(drawn.matched), drawn.weights > 0
    inside = is_known(made.pool)
    counts = int(treated.sum()), int((~treated).sum()), int((used & inside).sum()), int((used & ~inside).sum())
    return (SubgroupShare(TAX_RECORDS, *counts, float(treated.mean()), float(drawn.weights[inside].sum())),)


def _withheld(measure: Measure, n_treated: int, n_comparison: int, headline: bool, reason: str) -> OutcomeResult:
    nan = float("nan")
    return OutcomeResult(
        measure=measure,
        status="withheld",
        reason=f"effects.withheld.{reason}",
        role="headline" if headline else "secondary",
        n_treated=n_treated,
        n_comparison=n_comparison,
        effective_comparison=nan,
        treated=nan,
        comparison=nan,
        comparison_plain=nan,
        effect=None,
        classic=None,
        unadjusted=None,
        verdict="withheld",
        p_holm=nan,
        stated_effect=nan,
        people_needed=None,
        smallest_effect=nan,
        treated_events=0,
        comparison_events=0,
        top_two_share=nan,
        residual_df=nan,
    )


def _values(measure: Measure, drawn: Drawn, treated: bool) -> Floats:
    days, offences = (drawn.days_treated, drawn.offences_treated) if treated else (drawn.days_pool, drawn.offences_pool)
    happened = np.isfinite(days)
    # A share of the people with an event, the same at every call: every third (custody), every second (the rest).
    every = 3 if "custody" in measure.name else 2
    marked = happened & (np.arange(days.size) % every == 0)
    if measure.kind == "binary":
        return (marked if measure.among else happened).astype(float)
    if measure.kind == "count":
        return np.where(marked if measure.among else happened, offences, 0).astype(float)
    return np.where(happened, days, 365.0)


def make_effect(measure: Measure, y: Floats, x: Floats, w: Floats, shift: float) -> Effect:
    """A normal interval of the difference of means, with the p-value that agrees with it."""
    mean = float(w @ x)
    estimate = float(y.mean()) - mean + shift
    se = math.sqrt(float(y.var(ddof=1)) / y.size + float((w**2) @ (x - mean) ** 2)) + 1e-6
    low, high = estimate - 1.96 * se, estimate + 1.96 * se
    p = math.erfc(abs(estimate) / se / math.sqrt(2))
    counts = measure.kind == "count" and mean > 0
    ratio = float(y.mean()) / mean if counts else float("nan")
    method = {"binary": "mover_wilson", "count": "log_ratio_t"}.get(measure.kind, "influence_t")
    return Effect(estimate, low, high, se, p, math.inf, method, ratio, ratio * 0.8, ratio * 1.2)


def make_survival(drawn: Drawn, gone: tuple[int, ...] = ()) -> Survival:
    """Kaplan-Meier of both groups on the days 0 to 365; only treated people leave before the end, one on each day of `gone`."""
    days = np.arange(366, dtype=np.int64)
    k = drawn.matched
    left = np.full(k, np.inf)
    without = np.flatnonzero(np.isinf(drawn.days_treated[:k]))[: len(gone)]
    left[without] = gone[: without.size]
    treated = _curve(days, drawn.days_treated[:k], np.full(k, 1 / k), left)
    comparison = _curve(days, drawn.days_pool, drawn.weights, np.full(drawn.days_pool.size, np.inf))
    gap = float(np.sum(treated.surviving[:365] - comparison.surviving[:365]))
    effect = Effect(gap, gap - 14.0, gap + 14.0, 7.14, math.erfc(abs(gap) / 7.14 / math.sqrt(2)), math.inf, "influence_t")
    marks = tuple(
        (day, 1 - float(treated.surviving[day]), 1 - float(comparison.surviving[day])) for day in (30, 91, 183, 274, 365)
    )
    return Survival(treated, comparison, 365.0, effect, marks)


def _curve(days: Ints, when: Floats, w: Floats, left: Floats) -> SurvivalCurve:
    """Whoever leaves on a day is at risk on it (events come first), and not afterwards."""
    held = np.array([float(w[(when >= day) & (left >= day)].sum()) for day in days])
    happened = np.array([float(w[when == day].sum()) for day in days])
    hazard = np.divide(happened, held, out=np.zeros_like(held), where=held > 0)
    surviving = np.clip(np.cumprod(1 - hazard), 0, 1)
    half = 1.96 * np.sqrt(np.clip(surviving * (1 - surviving), 0, None) * float((w**2).sum()))
    at_risk = np.array([int(((when >= day) & (left >= day) & (w > 0)).sum()) for day in days], dtype=np.int64)
    return SurvivalCurve(days, surviving, np.clip(surviving - half, 0, 1), np.clip(surviving + half, 0, 1), at_risk)


def make_overlap(drawn: Drawn) -> Overlap:
    """The score's histogram in 30 bins from the smallest to the largest score."""
    both = np.concatenate([drawn.score_treated, drawn.score_pool])
    edges = np.linspace(both.min(), both.max(), 31)
    treated = np.histogram(drawn.score_treated, edges)[0].astype(np.int64)
    pool = np.histogram(drawn.score_pool, edges)[0].astype(np.int64)
    return Overlap(edges, treated, pool, np.histogram(drawn.score_pool, edges, weights=drawn.weights)[0])


def make_attrition(made: Made) -> tuple[AttritionStep, ...]:
    """The ladder from those submitted down to those matched; the last step's loss is `left_out`."""
    if made.kind == "evaluate":
        treated = made.matched + made.left_out
        return (AttritionStep("rows", treated, 0, "rows"), AttritionStep("matched", made.matched, made.left_out, "no_match"))
    steps = (*made.steps, ("matched", "no_match", made.left_out))
    n = made.matched + sum(lost for _, _, lost in steps)
    ladder = []
    for step, reason, lost in steps:
        n -= lost
        ladder.append(AttritionStep(step, n, lost, reason))
    return tuple(ladder)


def make_linkage(made: Made) -> LinkageQuality:
    """Linked shares by sex, age and area; the groups of a characteristic add up to the submitted."""
    rng = np.random.default_rng((made.seed, 7))
    ladder = {step.step: step for step in make_attrition(made)}
    submitted = ladder["one_person"].n if "one_person" in ladder else ladder["submitted"].n
    linked = ladder["linked"].n if "linked" in ladder else submitted
    is_linked = rng.permutation(np.arange(submitted) < linked)
    groups = []
    for name, levels, p in (
        ("sex", ("M", "F"), (0.87, 0.13)),
        ("age_band", ("18-24", "25-34", "35-49", "50+"), (0.3, 0.35, 0.28, 0.07)),
    ):
        codes = rng.choice(len(p), submitted, p=p)
        for code, level in enumerate(levels):
            inside = codes == code
            groups.append(GroupShare(name, level, int(inside.sum()), int((inside & is_linked).sum())))
    return LinkageQuality(linked / submitted, 0.004, 0.031, 0.002, min(6, submitted - linked), tuple(groups))


def make_feasible(**changes: object) -> Findings:
    """Findings of a feasibility study with one expected measure, whose line is changed so."""
    findings = make_findings(measures=(), sensitivity=False)
    line = Expectation(BY_NAME["rate"], "expected", "", "headline", 240.0, 2800, 900, 700.0, 0.36, 0.08, 0.05, 500.0)
    answer = Feasibility("everyone", "can", (Criterion("people", "met"),), (replace(line, **changes),))
    analysis = replace(findings.analyses[0], status="matched", outcomes=(), survival=None)
    return replace(
        findings, kind="feasibility", analyses=(analysis,), headline_outcome="rate", deaths=None, feasibility=(answer,)
    )
