"""What is put into the library: released output at the moment it is published, and the packaged results of the real service."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from datalab.disclosure.results import Releasable, Release
from datalab.evidence import grade_together, read_published
from datalab.evidence.results import EvidenceRecord
from datalab.library import (
    LibraryRow,
    canonical_kind,
    curve_points,
    read_released,
    record_document,
    records_of_release,
)
from datalab.report.feasibility_words import short_answer
from datalab.store import canonical_json
from portal.audit.action import Done, action
from portal.audit.record import Actor, Named
from portal.config.clock import now
from portal.library.models import Analysis, Edition, Evidence, Kept, Result, Source, Standing, new_stamp, record_of

LIBRARY = Named("library")


@dataclass(frozen=True)
class _Kept:
    """An analysis that is to be kept: its own fields and its records."""

    fields: Mapping[str, Any]
    records: tuple[EvidenceRecord, ...]


def keep_analyses(
    *,
    folder: Path,
    source: str,
    permanent: str,
    version: int,
    programme: str,
    organisation: str,
    kind: str,
    setting: str,
    people: str,
    published_on: dt.date,
    address: str,
) -> int:
    """Puts every analysis of a cleared output, or its feasibility study, into the library, in the caller's transaction; gives
    how many.

    folder: of the output (release.json and manifest.json are read and their hashes checked). source: of `Source`; results of
    a release of made-up people are `demo` whatever is said. permanent: the report's own name, shared by its versions; an
    earlier version is replaced, and its date of publication stays the result's. people: whom the programme is for ("" where
    not told apart). Kept once: asked again for the same version, nothing changes. Raises InputError where the release was
    changed.
    """
    releasable = read_released(folder)
    release = releasable.release
    if Analysis.objects.filter(permanent=permanent, version=version).exists():
        return 0
    demo = release.synthetic or source == Source.DEMO
    published = _first_published(permanent) or published_on.isoformat()
    shared = {
        "permanent": permanent, "version": version, "source": Source.DEMO if demo else Source(source), "programme": programme,
        "organisation": organisation, "kind": canonical_kind(kind), "setting": setting, "people": people, "address": address,
        "published": published,
    }  # fmt: skip
    kept = [_study(release, shared)] if release.kind == "feasibility" else _analyses(releasable, shared)
    _end(permanent, Standing.REPLACED, "")
    _add(kept)
    return len(kept)


def _study(release: Release, shared: Mapping[str, Any]) -> _Kept:
    """The entry of a feasibility study: its answer, and no record of evidence."""
    answer = asdict(short_answer(release))
    return _Kept({**shared, "name": slugify(shared["permanent"])[:160], "product": Kept.STUDY, "answer": answer}, ())


def _analyses(releasable: Releasable, shared: Mapping[str, Any]) -> list[_Kept]:
    """The entry of every analysis of a release, the headline's first name being the report's own."""
    release, permanent, organisation = releasable.release, shared["permanent"], shared["organisation"]
    # The same people may be in several reports of one organisation, so only one of them is put together with others.
    about: dict[str, Any] = {
        **{name: shared[name] for name in ("programme", "kind", "setting")},
        "study": organisation or permanent,
        "origin": "demo" if shared["source"] == Source.DEMO else "here",
    }
    records = records_of_release(releasable, organisation=organisation, published=shared["published"], source=shared["address"])
    curves = {one.name: curve_points(one) for one in release.analyses}
    kept = []
    for analysis, own in groupby(records, key=lambda one: one.people):
        part = "" if analysis == release.headline_analysis else analysis
        start = f"{slugify(permanent)}/{slugify(analysis)}"
        found = tuple(replace(one, **about, id=f"{start}/{one.outcome}") for one in own)
        fields = {"name": slugify(f"{permanent} {part}")[:160], "part": part, "curves": curves[analysis]}
        kept.append(_Kept({**shared, **fields}, found))
    return kept


def _first_published(permanent: str) -> str:
    """When the first version of a report came out, "" where none has: a correction makes no result newer."""
    return Analysis.objects.filter(permanent=permanent).order_by("version").values_list("published", flat=True).first() or ""


def withdraw_analyses(*, permanent: str, why: str) -> int:
    """Takes a report's analyses out of counts and synthesis, in the caller's transaction; they stay readable with the reason."""
    count = _end(permanent, Standing.WITHDRAWN, why)
    _new_edition()
    return count


def install_published(*, by: Actor = LIBRARY) -> int:
    """Loads the packaged published results where they are not there as they are now; gives how many analyses were added."""
    records = read_published()
    digest = hashlib.sha256(canonical_json([record_document(one) for one in records])).hexdigest()
    if _edition().published_sha256 == digest:
        return 0
    return load_published(by=by, records=records, digest=digest)


@action("library.load")
def load_published(*, by: Actor, records: tuple[EvidenceRecord, ...], digest: str) -> Done[int]:
    """Keeps the real service's published results, one analysis a report; what changed since is a new version."""
    reports: dict[str, list[EvidenceRecord]] = {}
    for record in records:
        reports.setdefault(record.id.rpartition("/")[0], []).append(record)
    there = {one.permanent: one for one in Analysis.objects.filter(permanent__in=reports).order_by("version")}
    kept = []
    for report, own in reports.items():
        made = _published(report, tuple(own), there.get(report))
        if made is not None:
            _end(report, Standing.REPLACED, "")
            kept.append(made)
    _add(kept)
    Edition.objects.filter(id=1).update(published_sha256=digest)
    return Done(LIBRARY, len(kept), {"analyses": len(kept), "sha256": digest})


def _published(report: str, records: tuple[EvidenceRecord, ...], before: Analysis | None) -> _Kept | None:
    """The analysis of one published report; None where it is there already (`before`), just so."""
    documents = [record_document(one) for one in records]
    if before is not None and list(before.results.order_by("id").values_list("evidence__document", flat=True)) == documents:
        return None
    first = records[0]
    fields = {
        "name": slugify(report)[:160],
        "version": before.version + 1 if before else 1,
        "permanent": report,
        "source": Source.PUBLISHED,
        "is_effect": first.design != "descriptive",
        "programme": first.programme,
        "organisation": first.organisation,
        "kind": canonical_kind(first.kind),
        "setting": first.setting,
        "people": first.people,
        "published": max(one.published for one in records),
        "told_by": "\n".join(dict.fromkeys(one.source for one in records)),
        "note": "\n".join(dict.fromkeys(one.note for one in records if one.note)),
    }
    return _Kept(fields, records)


def _add(kept: list[_Kept]) -> None:
    """Keeps the analyses and grades what they touch."""
    made = Analysis.objects.bulk_create([Analysis(**_derived(one.fields)) for one in kept])
    results = [one for analysis, kept_one in zip(made, kept, strict=True) for one in _results(analysis, kept_one.records)]
    stored = Result.objects.bulk_create([one for one, _ in results], batch_size=500)
    evidence = [Evidence(result=one, document=record_document(record)) for one, (_, record) in zip(stored, results, strict=True)]
    Evidence.objects.bulk_create(evidence, batch_size=500)
    _grade({one.kind for one in made})
    _new_edition()


def _derived(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with those that follow from them."""
    programme, organisation, published = fields["programme"], fields["organisation"], fields["published"]
    parts = [int(part) for part in published.split("-") if part.isdigit()]
    return {
        **fields,
        "programme_name": slugify(f"{organisation} {programme}")[:160] or "not-named",
        "organisation_name": slugify(organisation)[:160] or "not-named",
        "year": parts[0] if parts else None,
        "published_on": dt.date(*(*parts, 1, 1)[:3]) if parts else None,
        "words": f"{programme} {organisation} {fields.get('part', '')}".lower(),
    }


def _results(analysis: Analysis, records: tuple[EvidenceRecord, ...]) -> list[tuple[Result, EvidenceRecord]]:
    """A row a record, and the record; the main one is the headline's, else the first. A feasibility study has none."""
    main = next((one for one in records if one.role == "headline"), next(iter(records), None))
    return [(_result(analysis, one, is_main=one is main), one) for one in records]


def _is_direction_only(record: EvidenceRecord) -> bool:
    """Whether no figure could be read at the source; of what is no effect the record keeps that as its reason instead."""
    figures = (record.n_treated, record.treated, record.comparison, record.low, record.high)
    unread = record.design == "descriptive" and all(one is None for one in figures)
    return unread or record.reason == "evidence.reasons.direction_only"


def _result(analysis: Analysis, record: EvidenceRecord, *, is_main: bool) -> Result:
    effect = LibraryRow(record).effect
    return Result(
        analysis=analysis,
        outcome=record.outcome,
        months=record.follow_up_months,
        role=record.role,
        verdict=record.verdict,
        direction_only=_is_direction_only(record),
        unit=record.unit,
        favourable=record.favourable,
        n_treated=record.n_treated,
        treated=record.treated,
        comparison=record.comparison,
        difference=effect.estimate if effect else None,
        se=effect.se if effect else None,
        low=record.low,
        high=record.high,
        reason=record.reason,
        is_main=is_main,
        published_on=analysis.published_on,
    )


def _grade(kinds: Iterable[str]) -> None:
    """Strength of evidence of every result that counts, of these kinds: another study may repeat or contradict them."""
    counted = list(Result.objects.filter(counts=True, analysis__kind__in=set(kinds)).select_related("evidence"))
    changed = []
    for result, found in zip(counted, grade_together([record_of(one) for one in counted]), strict=True):
        level, met = (found.level, list(found.met)) if found else (None, [])
        if (result.strength, result.rules_met) != (level, met):
            result.strength, result.rules_met = level, met
            changed.append(result)
    Result.objects.bulk_update(changed, ["strength", "rules_met"], batch_size=200)


def _end(permanent: str, standing: Standing, why: str) -> int:
    """The analyses of a report that counted until now do not any more."""
    ended = Analysis.objects.filter(permanent=permanent, standing=Standing.CURRENT)
    kinds = set(ended.values_list("kind", flat=True))
    if not kinds:
        return 0
    Result.objects.filter(analysis__in=ended).update(counts=False)
    count = ended.update(standing=standing, standing_since=now(), why=why)
    _grade(kinds)
    return count


def _edition() -> Edition:
    return Edition.objects.get_or_create(id=1)[0]


def _new_edition() -> None:
    edition = _edition()
    edition.stamp, edition.changed_at = new_stamp(), now()
    edition.save(update_fields=["stamp", "changed_at"])


def current_stamp() -> str:
    """The stamp of the library as it is now."""
    return Edition.objects.filter(id=1).values_list("stamp", flat=True).first() or ""
