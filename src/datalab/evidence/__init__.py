"""Evidence synthesis: effects of several studies on a common scale, put together, with the strength of each."""

from datalab.evidence.effect_sizes import (
    g_to_odds_ratio,
    hedges_g,
    log_odds_ratio,
    log_rate_ratio,
    odds_ratio_at,
    odds_ratio_to_g,
    risk_difference,
    risk_difference_at,
)
from datalab.evidence.funnel import draw_funnel
from datalab.evidence.moderators import compare_kinds
from datalab.evidence.names import plain_name
from datalab.evidence.pooling import Settings, leave_one_out, pool_effects
from datalab.evidence.published import read_published
from datalab.evidence.recover import from_printed_interval, from_printed_rates, se_from_interval
from datalab.evidence.released import record_release
from datalab.evidence.results import EffectSize, EvidenceRecord, Funnel, Moderation, Pool, Strength, Synthesis
from datalab.evidence.strength import LEAST_PEOPLE, RULES, grade_strength, grade_together
from datalab.evidence.synthesis import explain, synthesise

__all__ = [
    "LEAST_PEOPLE",
    "RULES",
    "EffectSize",
    "EvidenceRecord",
    "Funnel",
    "Moderation",
    "Pool",
    "Settings",
    "Strength",
    "Synthesis",
    "compare_kinds",
    "draw_funnel",
    "explain",
    "from_printed_interval",
    "from_printed_rates",
    "g_to_odds_ratio",
    "grade_strength",
    "grade_together",
    "hedges_g",
    "leave_one_out",
    "log_odds_ratio",
    "log_rate_ratio",
    "odds_ratio_at",
    "odds_ratio_to_g",
    "plain_name",
    "pool_effects",
    "read_published",
    "record_release",
    "risk_difference",
    "risk_difference_at",
    "se_from_interval",
    "synthesise",
]
