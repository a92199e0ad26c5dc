"""`demo`: makes a country, runs its main study from upload to report, and sets the known truth beside the answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datalab.chain import Conducted, conduct
from datalab.disclosure.results import ReleasedOutcome
from datalab.output import Output
from datalab.progress import Progress, Silent
from datalab.report.numbers import fixed
from datalab.store import whole_folder, write_json
from datalab.synthetic import MAIN_PROGRAMME, Truth, truth_for, write_country
from datalab.wording import say


@dataclass(frozen=True)
class Demo:
    """The demo's output, with the true effects that only a made-up country can tell (shares and counts per person)."""

    output: Output
    everyone: Truth
    analysed: Truth
    by_analysis: Mapping[str, Truth]

    def truth_lines(self) -> tuple[str, ...]:
        """The truth in words, clearly marked as known only because the country is made up."""
        lines = [say("cli.demo.truth_known")]
        if (covered := self.covered) is not None:
            lines.append(say("cli.demo.covered", where=say(f"cli.demo.{'inside' if covered else 'outside'}")))
        lines.append(say("cli.demo.everyone", rate=fixed(self.everyone.rate, 1, 2), frequency=fixed(self.everyone.frequency, 3)))
        return tuple(lines)

    @property
    def truths(self) -> dict[str, float]:
        """The true effect on those analysed, by measure (a share; a number per person; days). The others have none."""
        work = {name: found["effect"] for name, found in self.analysed.work.items()}
        return {"rate": self.analysed.rate, "frequency": self.analysed.frequency, **work}

    @property
    def analysis_truths(self) -> dict[str, float]:
        """The true effect on the rate, by analysis, on those analysed in it."""
        return {name: truth.rate for name, truth in self.by_analysis.items()}

    @property
    def covered(self) -> bool | None:
        """Whether the interval of the rate holds the truth for those analysed; None where no interval was released."""
        effect = next((item.effect for item in self._outcomes if item.measure == "rate"), None)
        if effect is None or not isinstance(effect.low, (int, float)) or not isinstance(effect.high, (int, float)):
            return None
        return effect.low <= self.analysed.rate <= effect.high

    @property
    def _outcomes(self) -> tuple[ReleasedOutcome, ...]:
        return self.output.releasable.release.analyses[0].outcomes

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        release = self.output.releasable.release
        by_analysis = {name: vars(truth) for name, truth in self.by_analysis.items()}
        truth = {"everyone": vars(self.everyone), "analysed": vars(self.analysed), "analyses": by_analysis}
        return {"folder": str(self.output.folder), "status": release.status, "verdict": release.verdict, "truth": truth}


def make_country(people: int, seed: int, folder: Path, *, overwrite: bool = False, progress: Progress | None = None) -> None:
    """Writes a made-up country (central records, uploads, studies, truth) to `folder`, whole or not at all."""
    shown = progress or Silent()
    with whole_folder(folder, overwrite=overwrite) as work:
        write_country(people, seed, work, progress=shown)


def run_demo(people: int, seed: int, folder: Path, *, overwrite: bool = False, progress: Progress | None = None) -> Demo:
    """Makes a country in `folder/country`, runs its main study into `folder/run`, and reads the truth about those analysed.

    people: one in a hundred takes part, and fewer than 60 of them are refused; seed: of the country and the run. Same
    arguments, same bytes. Raises UsageError where the folder is in the way.
    """
    shown = progress or Silent()
    with whole_folder(folder, overwrite=overwrite) as work:
        make_country(people, seed, work / "country", progress=shown)
        study = work / "country" / "studies" / f"{MAIN_PROGRAMME}.toml"
        made = conduct(study, work / "run", progress=shown)
        everyone = truth_for(work / "country", MAIN_PROGRAMME)
        analysed = truth_for(work / "country", MAIN_PROGRAMME, made.analysed_person_ids)
        by_analysis = {
            name: truth_for(work / "country", MAIN_PROGRAMME, persons) for name, persons in _estimated(made).items() if persons
        }
        known = {name: truth.as_dict() for name, truth in by_analysis.items()}
        write_json(work / "truth.json", {"everyone": everyone.as_dict(), "analysed": analysed.as_dict(), "analyses": known})
    output = dataclasses.replace(made.output, folder=folder / "run")
    return Demo(output, everyone, analysed, by_analysis)


def _estimated(made: Conducted) -> dict[str, tuple[str, ...]]:
    """The persons of each analysis that has a result."""
    release = made.output.releasable.release
    return {found.name: made.by_analysis[found.name] for found in release.analyses if found.status == "estimated"}
