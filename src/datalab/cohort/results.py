"""What the cohort stage hands on: treated and pool events with their clocks, and who was lost on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class AttritionStep:
    """After this step `n` submitted people (or rows) are left; `lost` went at it for `reason` (a wording key).

    n of the step before = n + lost, always.
    """

    step: str
    n: int
    lost: int
    reason: str


@dataclass(frozen=True)
class Cohort:
    """events: one Arrow row an index event, treated and pool together:

    `event_id` (int64, unique, stable under row order), `person_id`, `treated` (bool), `row` (int64 upload row or null),
    `kind` (EVENT_KIND), `index_date`, `baseline_date` (last day whose history counts, design 2.7), `conviction_date` (of
    the index occasion), `programme_start` (treated only), `delay_days` (int64), `clock_start`, `follow_up_end`,
    `waiting_end` (date32), `occasion_id`, `spell_id` (releases only), `offence_code`, `offence_group` (21), `disposal`,
    `sentence_days` (int64 or null), `sentence_band`, `region`, `quarter` (text, 2013Q2).
    Beside these: `history_date` (last day whose sanctions count: the baseline, for a release the index conviction if later),
    `needs_date` (last day whose assessments count), `age_years` (at the index date), `sex` (recorded), `establishment` (of the
    upload, treated only), `died_after` (a death in follow-up). The pool holds at most the first event per person and calendar
    quarter.
    counts: what happened to the pool (name -> number of events), for the report. lost: upload row of a linked person who was
    lost -> the reason, as the attrition has it.
    """

    events: pa.Table
    attrition: tuple[AttritionStep, ...]
    counts: dict[str, int]
    lost: Mapping[int, str] = field(default_factory=dict)
