"""Balance of covariates before and after matching, and the gate."""

from datalab.balance.gate import gate
from datalab.balance.measure import measure_balance

__all__ = ["gate", "measure_balance"]
