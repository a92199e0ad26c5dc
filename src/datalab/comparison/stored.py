"""A stored run as values again: from results.json and manifest.json, whose shapes are published; nothing else is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from datalab.disclosure.results import (
    Number,
    Release,
    ReleasedAnalysis,
    ReleasedEffect,
    ReleasedOutcome,
    ReleasedPeople,
    ReleasedStep,
    Suppressed,
)
from datalab.effects.results import Programme


@dataclass(frozen=True)
class Stored:
    """One stored run. release: its headline analysis alone, without what no comparison needs (balance, curves, links).
    settings: of its manifest, after defaults. manifest_sha256: of the manifest's body. results_sha256: of results.json."""

    release: Release
    settings: Mapping[str, Any]
    version: str
    manifest_sha256: str
    results_sha256: str

    @property
    def analysis(self) -> ReleasedAnalysis | None:
        """The headline analysis."""
        return self.release.analyses[0] if self.release.analyses else None

    @property
    def today(self) -> str:
        """The day the run counts from; "" for an evaluation, which has none."""
        return str(self.settings.get("study", {}).get("today", ""))


def as_stored(document: Mapping[str, Any], manifest: Mapping[str, Any], results_sha256: str) -> Stored:
    """The run whose results and manifest these are."""
    body = manifest["body"]
    return Stored(_release(document), body["settings"], body["versions"]["datalab"], manifest["body_sha256"], results_sha256)


def _release(document: Mapping[str, Any]) -> Release:
    head = document["headline"]
    analyses = tuple(_analysis(item) for item in document["analyses"] if item["name"] == head["analysis"])
    same = ("kind", "study_id", "title", "follow_up_months", "plan_sha256", "synthetic", "disclosure_profile", "status")
    return Release(
        **{name: document[name] for name in same},
        programme=Programme(**document["programme"]),
        attrition=tuple(_step(item) for item in document["attrition"]),
        linkage=None,
        headline_analysis=head["analysis"],
        headline_outcome=head["outcome"],
        verdict=head["verdict"],
        analyses=analyses,
        deviations=tuple(document["deviations"]),
        warnings=(),
        secondary_tests=document["secondary_tests"],
    )


def _analysis(item: Mapping[str, Any]) -> ReleasedAnalysis:
    people = {field.name: _number(item["people"][field.name]) for field in fields(ReleasedPeople)}
    return ReleasedAnalysis(
        name=item["name"],
        status=item["status"],
        reason=item["reason"],
        small_group=item["small_group"],
        people=ReleasedPeople(**people),
        balance=None,
        outcomes=tuple(_outcome(one) for one in item["outcomes"]),
        survival=None,
        overlap=(),
        profile=(),
        match_settings=dict(item["match_settings"]),
        warnings=(),
        conditions=tuple((one["variable"], tuple(one["values"])) for one in item["conditions"]),
    )


def _step(item: Mapping[str, Any]) -> ReleasedStep:
    return ReleasedStep(item["step"], _number(item["n"]), _number(item["lost"]), _number(item["share"]), item["reason"])


def _outcome(item: Mapping[str, Any]) -> ReleasedOutcome:
    own = {field.name: item[field.name] for field in fields(ReleasedOutcome) if field.name in item}
    values = {name: _number(value) for name, value in own.items()}
    values["notes"] = tuple(item["notes"])
    values["effect"] = _effect(item["effect"])
    return ReleasedOutcome(**(values | {"unadjusted": None, "classic": None, "bootstrap": None, "percentile": None}))


def _effect(item: Mapping[str, Any] | None) -> ReleasedEffect | None:
    if item is None:
        return None
    return ReleasedEffect(**{field.name: _number(item[field.name]) for field in fields(ReleasedEffect)})


def _number(value: Any) -> Any:
    """A value as it is, or the symbol that stands for a number that is not shown."""
    return Suppressed(value["suppressed"].strip("[]")) if isinstance(value, Mapping) and "suppressed" in value else value


def first_number(release: Release) -> Number:
    """How many were sent in; not applicable where no attrition is told."""
    return release.attrition[0].n if release.attrition else Suppressed("z")
