"""The library: what is put in, what counts, what is withdrawn; nothing that is not published is in it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.core.management import call_command
from tests.findings_factory import make_findings
from tests.run_folder import releasable_of, several_findings, write_release

from datalab.errors import InputError
from portal.audit.models import AuditEvent
from portal.library.entries import current_stamp, install_published, keep_analyses, withdraw_analyses
from portal.library.models import Analysis, Edition, Evidence, Result

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    findings = make_findings(sensitivity=False)
    return write_release(tmp_path_factory.mktemp("library") / "output", releasable_of(findings))


def keep(folder: Path, **changes: object) -> int:
    given: dict[str, object] = {
        "folder": folder, "source": "made_here", "permanent": "KD4-93RT", "version": 1, "programme": "Thames Workshop",
        "organisation": "Thames Workshop Trust", "kind": "employment", "setting": "custody", "people": "men",
        "published_on": dt.date(2026, 4, 30), "address": "/releases/KD4-93RT",
    }  # fmt: skip
    return keep_analyses(**{**given, **changes})  # type: ignore[arg-type]


def test_the_published_results_are_loaded_once_with_one_event() -> None:
    assert install_published() == 57
    assert (Analysis.objects.count(), Result.objects.count()) == (57, 94)
    events, stamp = AuditEvent.objects.filter(verb="library.load").count(), current_stamp()
    assert events == 1
    assert install_published() == 0
    call_command("library")
    assert (AuditEvent.objects.filter(verb="library.load").count(), current_stamp()) == (1, stamp)


def test_what_changed_in_the_package_is_a_new_version_and_the_old_one_stays_readable() -> None:
    install_published()
    old = Analysis.objects.get(name="clink-2022")
    changed = Evidence.objects.filter(result__analysis=old).first()
    changed.document = {**changed.document, "note": "an older note"}
    changed.save()
    Edition.objects.update(published_sha256="")
    assert install_published() == 1
    versions = list(Analysis.objects.filter(name="clink-2022").order_by("version").values_list("version", "standing"))
    assert versions == [(1, "replaced"), (2, "current")]


def test_a_direction_without_a_figure_is_kept_as_a_direction() -> None:
    install_published()
    silent = Result.objects.filter(analysis__name="lifecycle-2018").get()
    assert (silent.direction_only, silent.verdict, silent.difference, silent.n_treated) == (True, "more_people", None, None)
    assert Result.objects.filter(reason="evidence.reasons.direction_only").count() == 38
    numbers = Result.objects.filter(reason="evidence.reasons.direction_only").exclude(n_treated=None)
    assert not numbers.exists()


def test_only_what_the_source_gave_no_figure_for_is_called_a_direction_alone() -> None:
    install_published()
    assert Result.objects.filter(direction_only=True).count() == 39
    assert not Result.objects.filter(direction_only=True, n_treated__isnull=False).exists()
    assert not Result.objects.filter(direction_only=True, treated__isnull=False).exists()
    assert not Result.objects.get(analysis__name="cg-2026-male", outcome="rate").direction_only


def test_what_is_no_effect_is_told_apart() -> None:
    install_published()
    names = set(Analysis.objects.filter(is_effect=False).values_list("name", flat=True))
    assert names == {"pet-2015-refused", "pet-2021-employed", "pet-2021-notemployed"}


def test_released_output_is_kept_with_what_was_released_and_nothing_else(output: Path) -> None:
    assert keep(output) == 1
    analysis = Analysis.objects.get()
    assert (analysis.name, analysis.source, analysis.year, analysis.standing) == ("kd4-93rt", "demo", 2026, "current")
    assert analysis.curves[0]["day"] > 0
    rate = analysis.results.get(outcome="rate")
    assert rate.evidence.document["study"] == "Thames Workshop Trust"
    assert rate.evidence.document["origin"] == "demo"
    assert rate.strength is not None


def test_a_made_up_release_is_never_called_anything_else(output: Path) -> None:
    for source in ("made_here", "published", "demo"):
        keep(output, source=source, permanent=f"X-{source}")
    assert set(Analysis.objects.values_list("source", flat=True)) == {"demo"}


def test_a_new_version_replaces_the_old_one_which_stays_readable(output: Path) -> None:
    keep(output)
    first = current_stamp()
    assert keep(output, version=2) == 1
    assert keep(output, version=2) == 0, "once is enough"
    standings = dict(Analysis.objects.values_list("version", "standing"))
    assert standings == {1: "replaced", 2: "current"}
    assert current_stamp() != first


def test_a_correction_keeps_the_date_of_first_publication(output: Path) -> None:
    keep(output, published_on=dt.date(2027, 6, 30))
    for version, year in ((2, 2028), (3, 2029)):
        keep(output, version=version, published_on=dt.date(year, 2, 1))
    newest = Analysis.objects.get(standing="current")
    assert (newest.version, newest.year, newest.published) == (3, 2027, "2027-06-30")
    assert set(newest.results.values_list("published_on", flat=True)) == {dt.date(2027, 6, 30)}
    assert {one.evidence.document["published"] for one in newest.results.select_related("evidence")} == {"2027-06-30"}


def test_an_organisation_cannot_repeat_itself_by_another_spelling(output: Path) -> None:
    keep(output)
    alone = Result.objects.get(outcome="rate").strength
    keep(output, permanent="AB3-44CD", organisation="the Thames workshop trust ltd.")
    assert set(Result.objects.filter(outcome="rate").values_list("strength", flat=True)) == {alone}


def test_a_withdrawn_report_counts_no_more_and_says_why(output: Path) -> None:
    keep(output)
    assert withdraw_analyses(permanent="KD4-93RT", why="The list held the wrong people.") == 1
    analysis = Analysis.objects.get()
    assert (analysis.standing, analysis.why) == ("withdrawn", "The list held the wrong people.")
    assert withdraw_analyses(permanent="none", why="x") == 0


def test_every_analysis_of_a_report_has_an_address_of_its_own(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "output", releasable_of(several_findings(3, sensitivity=False)))
    assert keep(folder) == 3
    assert set(Analysis.objects.values_list("name", flat=True)) == {"kd4-93rt", "kd4-93rt-part0", "kd4-93rt-part1"}
    assert set(Analysis.objects.values_list("part", flat=True)) == {"", "part0", "part1"}


def test_output_that_was_changed_is_refused_and_nothing_is_kept(output: Path, tmp_path: Path) -> None:
    folder = tmp_path / "changed"
    folder.mkdir()
    for path in output.iterdir():
        (folder / path.name).write_bytes(path.read_bytes().replace(b"custody", b"custard"))
    with pytest.raises(InputError):
        keep(folder)
    assert not Analysis.objects.exists()


def test_a_repetition_by_another_organisation_makes_both_stronger(output: Path) -> None:
    keep(output)
    alone = Result.objects.get(outcome="rate").strength
    keep(output, permanent="AB3-44CD", organisation="Another Trust")
    together = Result.objects.filter(outcome="rate").values_list("strength", flat=True)
    assert set(together) == {alone + 1}
    withdraw_analyses(permanent="AB3-44CD", why="x")
    assert Result.objects.get(outcome="rate", analysis__permanent="KD4-93RT").strength == alone
