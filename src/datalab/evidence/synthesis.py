"""What the records of a library say together about one outcome: pooled effects, and verdicts where there is no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields

from datalab.errors import UsageError
from datalab.evidence.pooling import Settings, pool_effects
from datalab.evidence.results import (
    EffectSize,
    EvidenceRecord,
    LeftAside,
    Pool,
    RecordVerdict,
    Scale,
    Synthesis,
    VerdictCounts,
)
from datalab.wording import say

SCALES: tuple[Scale, ...] = ("risk_difference", "mean_difference", "log_rate_ratio", "log_odds_ratio", "hedges_g")


def _require_sound(records: Sequence[EvidenceRecord], outcome: str, months: int) -> None:
    if not records:
        raise UsageError(say("evidence.errors.no_records", outcome=outcome, months=months))
    twice = sorted(one for one, count in Counter(record.id for record in records).items() if count > 1)
    faults = [say("evidence.errors.duplicate_ids", ids=", ".join(twice))] if twice else []
    faults += [say("evidence.errors.demo")] if len({record.origin == "demo" for record in records}) > 1 else []
    if faults:
        raise UsageError(say("errors.errors.faults_found", count=len(faults)), faults)


def _choose_scale(records: Iterable[EvidenceRecord]) -> Scale:
    """The first scale of `SCALES` that any record is on."""
    found = {effect.scale for record in records for effect in record.effects}
    return next((scale for scale in SCALES if scale in found), SCALES[0])


def _independent(records: Iterable[EvidenceRecord], scale: Scale) -> dict[str, EffectSize]:
    """One record a study, by id: the headline's, else the most precise; ties by id."""
    best: dict[str, tuple[bool, float, str, EffectSize]] = {}
    for record in records:
        if (effect := record.on(scale)) is None:
            continue
        key = (record.role != "headline", effect.se, record.id)
        study = record.study_key
        if study not in best or key < best[study][:3]:
            best[study] = (*key, effect)
    return {name: effect for _, _, name, effect in best.values()}


def _reason(record: EvidenceRecord, scale: Scale) -> str:
    if record.design == "descriptive":
        return "evidence.reasons.descriptive"
    if not record.effects:
        return record.reason
    return "evidence.reasons.other_scale" if record.on(scale) is None else "evidence.reasons.overlaps"


def _verdict(pool: Pool | None) -> RecordVerdict:
    if pool is None:
        return "not_stated"
    return "lower" if pool.random.high < 0 else "higher" if pool.random.low > 0 else "more_people"


def _count_verdicts(records: Iterable[EvidenceRecord]) -> VerdictCounts:
    count: Counter[str] = Counter(record.verdict for record in records)
    return VerdictCounts(**{entry.name: count[entry.name] for entry in fields(VerdictCounts)})


def synthesise(
    records: Iterable[EvidenceRecord],
    outcome: str = "rate",
    *,
    follow_up_months: int = 12,
    scale: Scale | None = None,
    settings: Settings | None = None,
) -> Synthesis:
    """Puts the records of one outcome together; those that cannot be keep their verdict, and the reason is named.

    Estimand: the mean of the programmes' true effects (`pool_effects`). records: any, of any outcome; ids unique within the
    outcome. Of records with the same `study` one is used, the headline's, else the most precise: people in several
    results would count twice. scale: the first of `SCALES` that any record is on where None. Every verdict is counted.
    Results of a made-up country are never put together with real ones. The order of the records changes nothing.
    Raises UsageError where no record is of this outcome and follow-up, an id is used twice, or made-up and real results
    are mixed.

    >>> from datalab.evidence import read_published
    >>> found = synthesise(read_published())
    >>> found.pool.k, round(found.pool.random.estimate, 2), found.verdict, found.verdicts.more_people
    (8, -0.05, 'lower', 15)
    """
    asked = sorted(
        (one for one in records if (one.outcome, one.follow_up_months) == (outcome, follow_up_months)), key=lambda one: one.id
    )
    _require_sound(asked, outcome, follow_up_months)
    counted = [record for record in asked if record.design != "descriptive"]
    on = scale or _choose_scale(counted)
    chosen = _independent(counted, on)
    used = [record for record in counted if record.id in chosen]
    effects = tuple(chosen[record.id] for record in used)
    pool = pool_effects(effects, settings) if effects else None
    return Synthesis(
        outcome=outcome,
        follow_up_months=follow_up_months,
        pool=pool,
        verdict=_verdict(pool),
        used=tuple(record.id for record in used),
        effects=effects,
        kinds=tuple(record.kind for record in used),
        left_aside=tuple(LeftAside(one.id, _reason(one, on)) for one in asked if one.id not in chosen),
        verdicts=_count_verdicts(counted),
    )


def explain(found: Synthesis) -> tuple[str, ...]:
    """What a reader must know of the result, in sentences: what few studies can and cannot say, and what was left aside.

    >>> from datalab.evidence import read_published
    >>> explain(synthesise(read_published(), "employed_any"))[0][:19]
    'There is one study,'
    """
    notes = found.pool.notes if found.pool else ("evidence.notes.no_study",)
    reasons = Counter(one.reason for one in found.left_aside)
    aside = [say("evidence.notes.left_aside", count=count, reason=say(reason)) for reason, count in sorted(reasons.items())]
    return (*(say(note) for note in notes), *aside)
