"""Planning before any data: how many are likely to be analysed, what could be found, how many people that takes."""

from datalab.planning.attrition import Kept, read_cases, typical_kept
from datalab.planning.power import Plan, make_plan
from datalab.planning.settings import PowerSettings

__all__ = ["Kept", "Plan", "PowerSettings", "make_plan", "read_cases", "typical_kept"]
