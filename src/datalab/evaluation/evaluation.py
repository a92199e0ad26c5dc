"""`evaluate`: any table with a treatment column through matching, the balance gate, effects and the report."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from datalab.analysis import AnalysisSettings, analyse
from datalab.disclosure import own_data
from datalab.disclosure.results import Releasable
from datalab.effects.results import AnalysisFindings, Effect, Findings, OutcomeResult, Programme
from datalab.evaluation.prepare import build_analysis_table, parse_outcome
from datalab.evaluation.readers import arrow_table, read_table
from datalab.evaluation.request import EvaluationRequest
from datalab.manifest import InputRecord, collect, hash_body
from datalab.matching import MatchSettings
from datalab.output import Output, write_output
from datalab.progress import Progress, Silent, Timed
from datalab.report import explained, render_html, warning_sentence
from datalab.store import canonical_json, sha256_file

ANALYSIS = "everyone"
ESTIMATORS = (("default", "effect"), ("classic", "classic"), ("unadjusted", "unadjusted"))


@dataclass(frozen=True)
class Evaluation:
    """The answer of `evaluate`: the estimates as objects, a frame, a summary, and the report as a page or a folder."""

    request: EvaluationRequest
    findings: Findings
    releasable: Releasable
    body: dict[str, Any]
    timed: Timed

    @property
    def analysis(self) -> AnalysisFindings:
        """The one analysis: people, balance, outcomes, curves."""
        return self.findings.analyses[0]

    @property
    def balanced(self) -> bool:
        """Whether the match passed the balance gate."""
        return self.analysis.status == "estimated" and not self.findings.research

    def outcome(self, name: str) -> OutcomeResult:
        """The result of one outcome by its column; KeyError where it was not asked for."""
        for result in self.analysis.outcomes:
            if result.measure.name == name:
                return result
        raise KeyError(name)

    def to_frame(self) -> pd.DataFrame:
        """One row an outcome and estimator (default, classic, unadjusted): estimate, interval, se, p, verdict."""
        rows = [
            {
                "outcome": result.measure.name,
                "kind": result.measure.kind,
                "estimator": label,
                "n_treated": result.n_treated,
                "n_comparison": result.n_comparison,
                **_effect_columns(getattr(result, name)),
                "verdict": result.verdict if label == "default" else "",
                "status": result.status,
            }
            for result in self.analysis.outcomes
            for label, name in ESTIMATORS
        ]
        return pd.DataFrame(rows)

    def balance_frame(self) -> pd.DataFrame:
        """One row a covariate level: means and standardised differences before and after (empty where none was made)."""
        return pd.DataFrame([] if self.analysis.balance is None else [vars(line) for line in self.analysis.balance.covariates])

    def summary(self) -> str:
        """The estimates as plain text, with who was analysed and whether the match is balanced."""
        people, balance = self.analysis.people, self.analysis.balance
        lines = [f"treated {people.treated:,}, matched {people.matched:,}"]
        lines.append(f"pool {people.pool:,}, comparison {people.comparison:,} (effective {people.effective:,.0f})")
        if balance is not None:
            gate = "passed" if balance.passed else "FAILED: not evidence"
            lines.append(f"balance {gate}: largest difference {balance.max_smd:.3f}, {balance.share_within_5pc:.0%} within 0.05")
        if self.analysis.outcomes:
            columns = ["outcome", "estimator", "estimate", "low", "high", "p", "verdict"]
            lines.append(self.to_frame()[columns].to_string(index=False, float_format=lambda value: f"{value:.4g}"))
        release = self.releasable.release
        held = [item for item in self.analysis.outcomes if item.status == "withheld"]
        lines += [f"{item.measure.name}: {explained(release, item.reason, 'withheld')}" for item in held]
        lines += [f"note: {warning_sentence(release, text)}" for text in self.analysis.warnings]
        return "\n".join(lines)

    def to_html(self) -> str:
        """The report as one self-contained page."""
        return render_html(self.releasable, manifest_sha256=hash_body(self.body), version=self.body["versions"]["datalab"])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format=lambda value: f"{value:.4g}")

    def write(self, folder: str | Path, *, overwrite: bool = False, locations: Mapping[str, Path] | None = None) -> Output:
        """Writes report, annex, results and manifest to a folder. Raises UsageError where it is in the way."""
        return write_output(Path(folder), self.releasable, self.body, locations or {}, self.timed, overwrite=overwrite)


def _effect_columns(effect: Effect | None) -> dict[str, float]:
    names = ("estimate", "low", "high", "se", "p")
    return {name: getattr(effect, name) if effect else float("nan") for name in names}


def evaluate(
    table: Any,
    *,
    treatment: str,
    outcomes: Sequence[str] | str,
    covariates: Sequence[str] = (),
    exact: Sequence[str] = (),
    person: str = "",
    cluster: str = "",
    horizon: float | None = None,
    caliper_sd_logit: float = 0.2,
    research: bool = False,
    title: str = "",
    sensitivity: bool = True,
    progress: Progress | None = None,
) -> Evaluation:
    """The effect of a treatment on the treated, from any table with one row a person (or a person and event).

    Estimand: average effect on the treated who could be matched (ATT), by augmented radius matching on the logit of the
    propensity score (design of the estimator: docs/methods.md). n rows; treated and comparison together.

    Parameters: table: pandas, Polars or PyArrow frame, or the path of a CSV or Parquet file. treatment: a column of 0 and
    1. outcomes: `COLUMN:KIND` with KIND binary, count, days (0 to 365) or number, or `DURATION:time:EVENT` (event 1 = it
    happened) with `horizon`. covariates: numbers, true/false or text; default every other column; missing numbers are
    imputed from the other covariates, missing text is a level. exact: matched only within equal values. person, cluster:
    columns that join rows of one person, and sites. research: give estimates although the balance gate failed, marked
    as no evidence. sensitivity: examine the first outcomes by other designs and for hidden bias, which may take twice as long
    as the estimates; False leaves it out. Nothing is random: the same table gives the same numbers.

    Raises InputError naming every fault of the table, UsageError for a wrong call.

    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1); age = rng.normal(40, 9, 3000); work = (rng.random(3000) < 0.1).astype(int)
    >>> frame = pd.DataFrame({"work": work, "age": age, "back": (rng.random(3000) < 0.4 - 0.1 * work).astype(int)})
    >>> evaluate(frame, treatment="work", outcomes="back:binary").outcome("back").verdict
    'lower'
    """
    timed = Timed(progress or Silent())
    asked = (outcomes,) if isinstance(outcomes, str) else tuple(outcomes)
    request = EvaluationRequest(
        treatment=treatment,
        outcomes=tuple(parse_outcome(text) for text in asked),
        covariates=tuple(covariates),
        exact=tuple(exact),
        person=person,
        cluster=cluster,
        horizon=horizon,
        caliper_sd_logit=caliper_sd_logit,
        research=research,
        title=title,
        sensitivity=sensitivity,
    )
    timed.stage("table")
    arrow, digest = _load(table)
    findings = _find(arrow, request, timed)
    timed.stage("disclosure control")
    releasable = own_data(findings)
    timed.close()
    return Evaluation(request, findings, releasable, _body(request, findings, digest, arrow.num_rows), timed)


def _load(table: Any) -> tuple[pa.Table, str]:
    """The table and a SHA-256 of it: of the file's bytes, or of the frame's column names and sizes."""
    if isinstance(table, (str, Path)):
        return read_table(Path(table)), sha256_file(Path(table))
    arrow = arrow_table(table)
    return arrow, _frame_sha256(arrow)


def _frame_sha256(table: pa.Table) -> str:
    """SHA-256 of a frame's schema and values, as an Arrow stream."""
    sink = pa.BufferOutputStream()
    plain = table.replace_schema_metadata(None).combine_chunks()
    with pa.ipc.new_stream(sink, plain.schema) as stream:
        stream.write_table(plain)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def _find(table: pa.Table, request: EvaluationRequest, timed: Timed) -> Findings:
    prepared = build_analysis_table(table, request)
    settings = AnalysisSettings(
        name=ANALYSIS,
        headline=request.outcomes[0].column,
        match=MatchSettings(caliper_sd_logit=request.caliper_sd_logit),
        research=request.research,
        sensitivity=request.sensitivity,
    )
    found = analyse(prepared, settings, progress=timed)
    return Findings(
        kind="evaluate",
        study_id="evaluate",
        title=request.title or request.treatment,
        programme=Programme(),
        follow_up_months=0,
        plan_sha256=hashlib.sha256(canonical_json(request.settings())).hexdigest(),
        synthetic=False,
        research=request.research and found.balance is not None and not found.balance.passed,
        attrition=(),
        linkage=None,
        headline_analysis=ANALYSIS,
        headline_outcome=request.outcomes[0].column,
        analyses=(found,),
    )


def _body(request: EvaluationRequest, findings: Findings, digest: str, rows: int) -> dict[str, Any]:
    warnings = findings.analyses[0].warnings
    inputs = (InputRecord("table", digest, rows),)
    return collect("evaluate", request.settings(), inputs, versions={}, counts={"rows": rows}, warnings=warnings)
