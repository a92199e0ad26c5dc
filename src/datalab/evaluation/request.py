"""What was asked of `evaluate`, as one frozen value: columns by part, the match, and whether research is allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datalab.bootstrap import BootstrapSettings
from datalab.constraints import refuse
from datalab.effects.outcome_model import OutcomeModel
from datalab.effects.planning import stated_faults
from datalab.errors import UsageError
from datalab.evaluation.columns import OutcomeRequest
from datalab.matching import MatchSettings
from datalab.wording import say


@dataclass(frozen=True)
class EvaluationRequest:
    """Columns of the table by their part.

    covariates: empty means every column without another part. exact: matched only within equal values. person: rows of
    one person share influence. cluster: sites, for cluster-robust errors. horizon: for time outcomes, in their unit.
    match: method and its settings. research: show estimates of a match that failed the balance gate, marked as no evidence.
    outcome_model, bootstrap, stated_effects: as `AnalysisSettings` has them. sensitivity: with the family.
    """

    treatment: str
    outcomes: tuple[OutcomeRequest, ...]
    covariates: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    person: str = ""
    cluster: str = ""
    horizon: float | None = None
    match: MatchSettings = field(default_factory=MatchSettings)
    research: bool = False
    title: str = ""
    outcome_model: OutcomeModel | None = None
    bootstrap: BootstrapSettings | None = None
    sensitivity: bool = True
    stated_effects: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.outcomes:
            raise UsageError(say("evaluate.evaluate.no_outcome"))
        timed = any(outcome.kind == "time" for outcome in self.outcomes)
        if timed and not (self.horizon and self.horizon > 0):
            raise UsageError(say("evaluate.evaluate.horizon"))
        if self.horizon is not None and not timed:
            raise UsageError(say("evaluate.evaluate.horizon_unused", given=self.horizon))
        refuse(stated_faults({outcome.column: outcome.kind for outcome in self.outcomes}, self.stated_effects))

    @property
    def settles_ties(self) -> bool:
        """Whether something in it must choose among rows of one score, or draws rows: nearest neighbours, folds, samples."""
        drawn = self.bootstrap is not None or self.outcome_model == "boosted"
        return self.match.method == "nearest" or self.sensitivity or drawn

    @property
    def labels(self) -> tuple[str, ...]:
        """Columns that are neither treatment, outcome nor covariate."""
        return tuple(name for name in (self.person, self.cluster) if name)

    def settings(self) -> dict[str, Any]:
        """The request after defaults, ready for JSON."""
        return {
            "format": 1,
            "title": self.title,
            "treatment": self.treatment,
            "outcomes": [":".join(filter(None, (outcome.column, outcome.kind, outcome.event))) for outcome in self.outcomes],
            "covariates": list(self.covariates),
            "exact": list(self.exact),
            "person": self.person,
            "cluster": self.cluster,
            "horizon": self.horizon,
            "matching": self.match.settings(),
            "research": self.research,
            "outcome_model": self.outcome_model,
            "bootstrap": self.bootstrap.replicates if self.bootstrap else 0,
            "seed": self.bootstrap.seed if self.bootstrap else None,
            "sensitivity": self.sensitivity,
            **({"stated_effects": dict(self.stated_effects)} if self.stated_effects else {}),
        }
