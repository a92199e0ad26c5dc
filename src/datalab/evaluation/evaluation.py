"""`evaluate`: any table with a treatment column through matching, the balance gate, effects and the report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from datalab import report
from datalab.analysis import AnalysisSettings, analyse
from datalab.balance.results import CovariateBalance
from datalab.bootstrap import asked_bootstrap
from datalab.constraints import plain, require
from datalab.disclosure import own_data
from datalab.disclosure.results import Releasable
from datalab.effects.outcome_model import OutcomeModel
from datalab.effects.results import AnalysisFindings, Effect, Findings, OutcomeResult, Programme
from datalab.errors import InputError
from datalab.evaluation.prepare import build_analysis_table, parse_outcome
from datalab.evaluation.readers import arrow_table, read_table
from datalab.evaluation.request import RULES, EvaluationRequest, column_name, column_names, title_text
from datalab.evaluation.text import text_table
from datalab.manifest import InputRecord, collect, hash_body
from datalab.matching import named_settings
from datalab.output import Output, with_release, write_output
from datalab.progress import Progress, Silent, Timed
from datalab.store import canonical_json, sha256_file
from datalab.table import AnalysisTable
from datalab.wording import say

if TYPE_CHECKING:
    import pandas as pd

    from datalab.report.pictures import Kind, Picture

ANALYSIS = "everyone"
ESTIMATORS = (("default", "effect"), ("classic", "classic"), ("unadjusted", "unadjusted"))
BOOTSTRAP = (("bootstrap", "bootstrap"), ("percentile", "percentile"))
COLUMNS = ["outcome", "kind", "estimator", "n_treated", "n_comparison", "estimate", "low", "high", "se", "p", "p_holm", "verdict"]
COLUMNS += ["status"]


@dataclass(frozen=True)
class Evaluation:
    """The answer of `evaluate`. Shown whole at the end of a notebook's cell.

    `summary()`: text. `to_frame()`: one row an outcome and estimator. `balance_frame()`: one row a covariate level.
    `outcome(name)`: one result as an object. `plot_effects()`, `plot_balance()`, `plot_overlap()`, `plot_survival()`:
    pictures with their figures. `to_html()`, `write(folder)`: the report. findings: every number as found, exact;
    releasable: the same as a release; body: the manifest's hashed part.

    Estimand: the average effect on the treated who could be matched, treated minus comparison (shares: 0.01 is one
    percentage point). Estimates are withheld where the balance gate failed, unless `research` was said.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"took": [1, 0] * 60, "age": [30, 30, 41, 41, 52, 52] * 20, "back": [0, 1, 1, 1] * 30})
    >>> found = evaluate(frame, treatment="took", outcomes="back:binary", covariates=["age"])
    >>> found.plot_effects().to_frame().shape[0], found.to_frame()["estimate"].round(2).tolist()
    (1, [-0.5, -0.5, -0.5])
    """

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
        """The result of one outcome by its column; KeyError where it was not asked for, InputError where no effect was
        estimated because nobody could be matched or the match failed its balance gate."""
        for result in self.analysis.outcomes:
            if result.measure.name == name:
                return result
        if name in {asked.column for asked in self.request.outcomes}:
            raise InputError(say("python.nothing.outcome", name=name))
        raise KeyError(name)

    def to_frame(self) -> pd.DataFrame:
        """One row an outcome and estimator (default, classic, unadjusted; bootstrap and percentile where asked for):
        estimate, interval, se, p, the p that allows for the number of tests (Holm), verdict. No row where none was made."""
        import pandas as pd  # noqa: PLC0415 (a second to load, and only frames need it)

        return pd.DataFrame(self._rows(), columns=COLUMNS)

    def _rows(self) -> list[dict[str, Any]]:
        return [
            {
                "outcome": result.measure.name,
                "kind": result.measure.kind,
                "estimator": label,
                "n_treated": result.n_treated,
                "n_comparison": result.n_comparison,
                **_effect_columns(getattr(result, name)),
                "p_holm": result.p_holm if label == "default" else float("nan"),
                "verdict": result.verdict if label == "default" else "",
                "status": result.status,
            }
            for result in self.analysis.outcomes
            for label, name in (*ESTIMATORS, *(BOOTSTRAP if result.bootstrap else ()))
        ]

    def balance_frame(self) -> pd.DataFrame:
        """One row a covariate level: means and standardised differences before and after (empty where none was made)."""
        import pandas as pd  # noqa: PLC0415 (as above)

        lines = () if self.analysis.balance is None else self.analysis.balance.covariates
        return pd.DataFrame([vars(line) for line in lines], columns=[field.name for field in fields(CovariateBalance)])

    def summary(self) -> str:
        """The verdict in a sentence, who was compared, whether the match is balanced, and the estimates, as plain text."""
        lines = [report.headline_sentence(self.releasable.release), *self._people_lines()]
        if self.analysis.outcomes:
            columns = ["outcome", "estimator", "estimate", "low", "high", "p", "p_holm", "verdict"]
            lines.append(text_table(columns, self._rows()))
        return "\n".join((*lines, *self._remarks()))

    def _people_lines(self) -> list[str]:
        people, balance = self.analysis.people, self.analysis.balance
        lines = [say("python.summary.people", **vars(people) | {"effective": round(people.effective)})]
        if balance is not None:
            key = "passed" if balance.passed else "failed"
            lines.append(say(f"python.summary.{key}", largest=balance.max_smd, share=balance.share_within_5pc))
            lines += balance.reasons
        return lines

    def reasons(self) -> list[str]:
        """Why there is no estimate, or none that is evidence: a sentence for each reason; none where the match is balanced."""
        if self.analysis.status == "estimated":
            return []
        balance = self.analysis.balance
        return [say(self.analysis.reason), *(() if balance is None else balance.reasons)]

    def _remarks(self) -> list[str]:
        """Outcomes that are withheld, with the reason, notes on those that are not, and warnings."""
        release = self.releasable.release
        told = dict.fromkeys(key for item in self.analysis.outcomes for key in item.notes)
        held = [item for item in self.analysis.outcomes if item.status == "withheld"]
        withheld = [f"{item.measure.name}: {report.explained(release, item.reason, 'withheld')}" for item in held]
        notes = [say("python.summary.note", text=report.warning_sentence(release, text)) for text in self.analysis.warnings]
        return withheld + [say("python.summary.note", text=say(key)) for key in told] + notes

    def to_html(self) -> str:
        """The report as one self-contained page."""
        return report.render_html(self.releasable, manifest_sha256=hash_body(self.body), version=self.body["versions"]["datalab"])

    def plot_balance(self) -> Picture:
        """Standardised differences before and after matching, of the covariates least alike (a love plot, 5 and 10 % marked).

        Raises InputError where nobody could be matched.
        """
        return self._picture("balance")

    def plot_overlap(self) -> Picture:
        """The spread of the propensity score (logit) among treated, comparison group and pool."""
        return self._picture("overlap")

    def plot_effects(self, outcome: str = "") -> Picture:
        """Both groups and the difference with its 95 % interval, a chart for each outcome (or for the one named).

        In the outcome's own unit; a share in percent and percentage points. Raises UsageError for an outcome that was not
        asked for, InputError where no effect may be shown.
        """
        return self._picture("effects", outcome)

    def plot_survival(self) -> Picture:
        """Share with the event by day in both groups (one less the weighted Kaplan-Meier), with pointwise 95 % bands.

        Raises InputError where no outcome is of kind time.
        """
        return self._picture("survival")

    def _picture(self, kind: Kind, outcome: str = "") -> Picture:
        from datalab.report.pictures import draw_picture  # noqa: PLC0415 (loads what draws)

        return draw_picture(self.releasable, kind, outcome=outcome)

    def _repr_html_(self) -> str:
        """What a notebook shows: the verdict in words, who was compared, the estimates, the first effect and the balance."""
        head = f"<p><strong>{escape(report.headline_sentence(self.releasable.release))}</strong></p>"
        lines = self._people_lines() + self._remarks()
        pictures = [self._picture(kind) for kind in self._drawn()]
        return "".join(
            (
                head,
                *(f"<p>{escape(line)}</p>" for line in lines),
                self.to_frame().to_html(index=False, border=0, float_format=lambda value: f"{value:.4g}"),
                *(picture.to_html() for picture in pictures),
            )
        )

    def _drawn(self) -> tuple[Kind, ...]:
        shown = any(result.status == "estimated" for result in self.analysis.outcomes)
        return (*(("effects",) if shown else ()), *(("balance",) if self.analysis.balance is not None else ()))

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
    outcomes: Sequence[str] | str | Mapping[str, str],
    covariates: Sequence[str] | str | None = (),
    exact: Sequence[str] | str | None = (),
    person: str | None = "",
    cluster: str | None = "",
    horizon: float | None = None,
    method: str = "radius",
    research: bool = False,
    title: str | None = "",
    outcome_model: OutcomeModel | None = None,
    bootstrap: int = 0,
    seed: int | None = None,
    sensitivity: bool = True,
    stated_effects: Mapping[str, float] | None = None,
    memory: int | None = None,
    progress: Progress | None = None,
    **parameters: Any,
) -> Evaluation:
    """The effect of a treatment on the treated, from any table with one row a person (or a person and event).

    Estimand: average effect on the treated who could be matched (ATT), by default by augmented radius matching on the logit of
    the propensity score (docs/methods.md). table: a pandas, Polars or PyArrow frame, a DuckDB relation, an Arrow stream, or the
    path of a CSV or Parquet file. treatment: a column of 0 and 1. outcomes: `COLUMN:KIND` (binary, count, days from 0 to 365,
    number), or `DURATION:time:EVENT` (1 = it happened) with `horizon`; several as a list or a mapping; the first is the headline.
    covariates: numbers or text; default every other column; missing numbers are imputed from the others, missing text is a level.
    exact: matched only within equal values. person, cluster: columns that join rows of one person (who is in one group), and
    sites (of all treated rows). method, **parameters: as `MatchSettings` has them (`method="nearest", ratio=2`); what is not used
    is refused. research: give estimates although the balance gate failed, marked as no evidence. outcome_model: "ridge" or
    "boosted". sensitivity: examine the first outcomes by other designs, which takes longer. stated_effects: outcome to the effect
    (absolute) to count people needed for. bootstrap: samples, drawn from `seed`, whose intervals stand beside; nothing else is
    random. memory: bytes for the columns (None: a quarter of the machine's). Raises InputError naming every fault of the table,
    UsageError for a wrong call. Sources: Rosenbaum, Rubin 1983; Robins, Rotnitzky, Zhao 1994.

    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1); age = rng.normal(40, 9, 3000); work = (rng.random(3000) < 0.1).astype(int)
    >>> frame = pd.DataFrame({"work": work, "age": age, "back": (rng.random(3000) < 0.4 - 0.1 * work).astype(int)})
    >>> evaluate(frame, treatment="work", outcomes="back:binary").outcome("back").verdict
    'lower'
    """
    request = EvaluationRequest(
        treatment=column_name("treatment", treatment),
        outcomes=tuple(parse_outcome(text) for text in _outcome_texts(outcomes)),
        covariates=column_names("covariates", covariates),
        exact=column_names("exact", exact),
        person=column_name("person", "" if person is None else person),
        cluster=column_name("cluster", "" if cluster is None else cluster),
        horizon=plain(horizon),
        match=named_settings(method, parameters),
        research=plain(research),
        title=title_text(title),
        outcome_model=outcome_model,
        bootstrap=asked_bootstrap(bootstrap, seed),
        sensitivity=plain(sensitivity),
        stated_effects=dict(stated_effects or {}),
    )
    return _evaluated(table, request, Timed(progress or Silent()), memory)


def _evaluated(table: Any, request: EvaluationRequest, timed: Timed, memory: int | None) -> Evaluation:
    require(RULES, {} if memory is None else {"memory": memory})
    timed.stage("table")
    arrow, digest = _load(table, memory)
    findings = _find(build_analysis_table(arrow, request, memory), request, timed)
    timed.stage("disclosure control")
    releasable = own_data(findings)
    timed.close()
    body = with_release(_body(request, findings, digest, arrow.num_rows), releasable)
    return Evaluation(request, findings, releasable, body, timed)


def _outcome_texts(outcomes: Sequence[str] | str | Mapping[str, str]) -> tuple[str, ...]:
    if isinstance(outcomes, str) or not isinstance(outcomes, Iterable):
        return (outcomes,)
    return tuple(f"{column}:{kind}" for column, kind in outcomes.items()) if isinstance(outcomes, Mapping) else tuple(outcomes)


def _load(table: Any, memory: int | None) -> tuple[pa.Table, str]:
    """The table and a SHA-256 of it: of the file's bytes, or of the frame's column names and sizes."""
    if isinstance(table, (str, Path)):
        return read_table(Path(table), memory), sha256_file(Path(table))
    arrow = arrow_table(table)
    return arrow, _frame_sha256(arrow)


def _frame_sha256(table: pa.Table) -> str:
    """SHA-256 of a frame's schema and values, as an Arrow stream."""
    sink = pa.BufferOutputStream()
    plain = table.replace_schema_metadata(None).combine_chunks()
    with pa.ipc.new_stream(sink, plain.schema) as stream:
        stream.write_table(plain)
    return hashlib.sha256(sink.getvalue()).hexdigest()


def _find(prepared: AnalysisTable, request: EvaluationRequest, timed: Timed) -> Findings:
    settings = AnalysisSettings(
        name=ANALYSIS,
        headline=request.outcomes[0].column,
        match=request.match,
        research=request.research,
        outcome_model=request.outcome_model,
        bootstrap=request.bootstrap,
        sensitivity=request.sensitivity,
        stated_effects=request.stated_effects,
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
