"""assess_study: a feasibility study from its file to its folder, with the manifest and the disclosure control of a run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from datalab.chain import manifest_body, record_release
from datalab.disclosure import control
from datalab.disclosure.readers import read_thresholds
from datalab.engines.duckdb import MEMORY
from datalab.feasibility.find import find_feasibility
from datalab.linkage_page import write_for_steward
from datalab.links import locations_of, with_inputs
from datalab.output import Output, write_output
from datalab.progress import Progress, Silent, Timed
from datalab.register import Register
from datalab.store import require_free
from datalab.study import read_study

KIND = "feasibility"


def assess_study(
    path: str | Path,
    out: str | Path | None = None,
    *,
    link_decisions: Path | None = None,
    linkage_model: Path | None = None,
    linkage_index: Path | None = None,
    memory: str = MEMORY,
    profile: str = "default",
    overwrite: bool = False,
    register: Register | None = None,
    progress: Progress | None = None,
) -> Output:
    """Whether a study can be evaluated, and what it could show; writes the folder (default `./out/<study id>-feasibility`).

    No outcome of anybody in the programme is linked or read. The same study and inputs give the same bytes. register: as
    of `run_study`, in one with the runs, as are linkage_model, linkage_index and memory. Raises InputError, UsageError or
    CentralDataError; on any error no folder is left.

    >>> from datalab import assess_study
    >>> found = assess_study("country/studies/thames-workshop.toml", "out/feasibility")
    >>> found.releasable.release.feasibility[0].answer
    'can'
    """
    study = with_inputs(
        read_study(Path(path)), link_decisions=link_decisions, linkage_model=linkage_model, linkage_index=linkage_index
    )
    folder = Path(out) if out else Path("out") / f"{study.id}-{KIND}"
    require_free(folder, overwrite=overwrite)
    limits = read_thresholds(study.inputs.thresholds)
    timed = Timed(progress or Silent())
    findings, evidence = find_feasibility(study, timed, memory=memory)
    timed.stage("disclosure control")
    releasable = control(findings, profile=profile, thresholds=limits)
    body = {**manifest_body(study, evidence, findings, releasable.release, limits), "kind": KIND}
    locations = locations_of(Path(path), link_decisions, linkage_model)
    record_release(register, f"{study.id}-{KIND}", study, findings, evidence, limits)
    private = partial(write_for_steward, evidence.links, limits)
    return write_output(folder, releasable, body, locations, timed, overwrite=overwrite, private=private)
