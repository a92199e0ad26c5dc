"""What was asked of `evaluate`, as one frozen value: columns by part, the match, and whether research is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any

from datalab.bootstrap import BootstrapSettings
from datalab.constraints import Flag, Range, Rule, refusal, refuse, require
from datalab.effects.outcome_model import OutcomeModel
from datalab.effects.planning import stated_faults
from datalab.errors import UsageError
from datalab.evaluation.columns import OutcomeRequest
from datalab.matching import MatchSettings
from datalab.wording import say

RULES: dict[str, Rule] = {
    "research": Flag(),
    "sensitivity": Flag(),
    # A horizon of less is better told in a smaller unit; one of more is beyond every number that a column may hold.
    "horizon": Range(1e-3, 1e12, hint="It is in the unit of the duration."),
    "memory": Range(1, whole=True, hint="It is in bytes; leave it out for a quarter of the machine's."),
}


def column_name(what: str, given: object) -> str:
    """The name of a column: a text, or a whole number where a frame numbers its columns.

    >>> column_name("treatment", "took"), column_name("treatment", 0)
    ('took', '0')
    """
    if isinstance(given, str):
        return given
    if isinstance(given, Integral) and not isinstance(given, bool):
        return str(given)
    raise UsageError(refusal(what, say("evaluate.evaluate.a_column"), given))


def column_names(what: str, given: object) -> tuple[str, ...]:
    """The names of columns: one or several of them, none for None. Raises UsageError for what cannot be a name."""
    if given is None:
        return ()
    several = (given,) if isinstance(given, (str, Integral)) or not isinstance(given, Iterable) else tuple(given)
    if any(isinstance(name, bool) or not isinstance(name, (str, Integral)) for name in several):
        wrong = next(name for name in several if isinstance(name, bool) or not isinstance(name, (str, Integral)))
        raise UsageError(refusal(what, say("evaluate.evaluate.some_columns"), wrong))
    return tuple(str(name) for name in several)


def title_text(given: object) -> str:
    """The title, "" for None. Raises UsageError for what is no text."""
    if given is None or isinstance(given, str):
        return given or ""
    raise UsageError(refusal("title", say("evaluate.evaluate.a_text"), given))


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
        if timed and self.horizon is None:
            raise UsageError(say("evaluate.evaluate.horizon"))
        given = {"research": self.research, "sensitivity": self.sensitivity}
        require(RULES, given | ({} if self.horizon is None else {"horizon": self.horizon}))
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
