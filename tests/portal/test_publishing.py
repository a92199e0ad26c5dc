"""Releases: two people, fixed by a hash, out on the minute and once, whatever the clocks and the machines do; corrected openly."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, connection, transaction
from tests.portal.lab import OUT_ON, RESULTS, WORKER, Lab, a_release, fresh
from tests.run_folder import poppler

from portal.audit.models import AuditEvent
from portal.audit.record import NOBODY, SYSTEM
from portal.config.clock import at, now
from portal.config.refusals import Refused
from portal.library.models import Analysis
from portal.notices.models import Notice
from portal.ops import daily
from portal.ops.daily import tick
from portal.publishing import actions, outing, subscriptions
from portal.publishing.bulletin import read_findings
from portal.publishing.clock import keep_time, seconds_to_next
from portal.publishing.counts import count_requests
from portal.publishing.forest import draw_forests
from portal.publishing.models import Release, Report, Subscription, Version
from portal.publishing.states import MOVES, ReleaseState, diagram
from portal.publishing.times import opens_at, publish_at
from portal.requests.models import Request
from portal.requests.states import State
from portal.review.actions import send_to_review
from portal.runs.actions import finish, queue_run, take
from portal.runs.output import content_sha256, output_folder
from portal.wording import say

LONDON = ZoneInfo("Europe/London")
ROOT = Path(__file__).parents[2]
ON_TIME = publish_at(OUT_ON)
MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)


def _published(lab: Lab) -> tuple[Release, Report]:
    release = lab.scheduled(lab.cleared_final())
    with at(ON_TIME):
        keep_time()
    release.refresh_from_db()
    return release, Report.objects.get()


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (dt.date(2027, 1, 14), "2027-01-14T09:30:00+00:00"),
        (dt.date(2027, 3, 26), "2027-03-26T09:30:00+00:00"),  # the last working day of winter time
        (dt.date(2027, 3, 29), "2027-03-29T08:30:00+00:00"),  # the first of summer time
        (dt.date(2027, 10, 29), "2027-10-29T08:30:00+00:00"),
        (dt.date(2027, 11, 1), "2027-11-01T09:30:00+00:00"),
    ],
)
def test_half_past_nine_in_london_whatever_the_clocks_do(day: dt.date, utc: str) -> None:
    assert publish_at(day).isoformat() == utc
    local = publish_at(day).astimezone(LONDON)
    assert (local.date(), local.hour, local.minute) == (day, 9, 30)
    assert publish_at(day) - opens_at(day) == dt.timedelta(hours=24)


def test_every_state_of_a_release_is_reached_and_the_picture_is_the_table() -> None:
    assert {ReleaseState.DRAFT} | {end for _, end in MOVES.values()} == set(ReleaseState)
    assert diagram() in (ROOT / "docs" / "generated" / "release-states.md").read_text(encoding="utf-8")


def test_out_on_the_minute_and_not_a_second_before(lab: Lab) -> None:
    request = lab.cleared_final()
    release = lab.scheduled(request)
    with at(ON_TIME - SECOND):
        keep_time()
        assert fresh(request).state == State.PRE_RELEASE
        assert not Report.objects.exists()
        with pytest.raises(Refused):
            outing.publish(by=SYSTEM, release=release)
    with at(ON_TIME):
        keep_time()
    release.refresh_from_db()
    assert (release.state, release.published_at) == (ReleaseState.PUBLISHED, ON_TIME)
    assert fresh(request).state == State.PUBLISHED
    assert [(one.number, one.note) for one in Version.objects.all()] == [(1, "")]


def test_published_once_however_often_the_clock_looks(lab: Lab) -> None:
    _published(lab)
    with at(ON_TIME + MINUTE):
        for _ in range(3):
            keep_time()
    assert AuditEvent.objects.filter(verb="release.publish").count() == 1
    assert Version.objects.count() == 1


def test_what_was_missed_while_nothing_ran_is_out_at_once_and_says_so(lab: Lab, client: Any) -> None:
    lab.scheduled(lab.cleared_final())
    with at(ON_TIME + dt.timedelta(hours=3)):
        tick()
        release = Release.objects.get()
        assert release.state == ReleaseState.PUBLISHED
        assert AuditEvent.objects.get(verb="release.publish").facts["seconds_late"] == 3 * 3600
        assert "The service was not running then" in client.get(f"/releases/{release.public_id}").content.decode()


def test_a_worker_sleeps_no_longer_than_to_the_next_thing_that_is_due(lab: Lab) -> None:
    with at(ON_TIME - dt.timedelta(days=2)):
        assert seconds_to_next(60) == 60
        lab.scheduled(lab.cleared_final())
    with at(ON_TIME - 7 * SECOND):
        assert seconds_to_next(60) == 7
    with at(opens_at(OUT_ON) - 5 * SECOND):
        assert seconds_to_next(60) == 5


def test_a_worker_that_dies_in_the_middle_leaves_nothing_public_and_the_next_one_publishes_all(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = lab.cleared_final(), lab.cleared_final()
    release = lab.scheduled(first, second)
    whole, done = outing._first_version, []

    def dies(*given: Any) -> Any:
        if done:
            raise KeyboardInterrupt  # as when the machine goes down
        done.append(given)
        return whole(*given)

    monkeypatch.setattr(outing, "_first_version", dies)
    with at(ON_TIME), pytest.raises(KeyboardInterrupt):
        keep_time()
    release.refresh_from_db()
    assert (release.state, Report.objects.count(), fresh(first).state) == (ReleaseState.SCHEDULED, 0, State.SCHEDULED)
    monkeypatch.setattr(outing, "_first_version", whole)
    with at(ON_TIME + MINUTE):
        keep_time()
    assert Report.objects.count() == 2
    assert AuditEvent.objects.filter(verb="release.publish").count() == 1


def test_a_long_run_does_not_put_off_what_is_due(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Event, Thread

    from portal.runs import worker

    ticked, release_run, stop = Event(), Event(), Event()
    monkeypatch.setattr(worker, "tick", ticked.set)
    monkeypatch.setattr(worker, "seconds_to_next", lambda longest: longest)
    monkeypatch.setattr(worker, "work_once", lambda _: release_run.wait(20))
    working = Thread(target=worker.work, args=(WORKER, stop))
    working.start()
    assert ticked.wait(10)  # while the run goes on
    stop.set()
    release_run.set()
    working.join(10)
    assert not working.is_alive()


def test_two_different_publishers(lab: Lab) -> None:
    release = lab.release(lab.cleared_final())
    for name in ("analyst", "reviewer1", "provider", "steward"):
        with pytest.raises(Refused):
            actions.propose(by=lab.person(name), release=release)
    actions.propose(by=lab.person("publisher"), release=release)
    with pytest.raises(Refused, match="Two different people"):
        actions.schedule(by=lab.person("publisher"), release=release)
    assert actions.schedule(by=lab.person("publisher2"), release=release).state == ReleaseState.SCHEDULED


def test_the_database_refuses_one_person_alone_and_what_is_not_fixed(lab: Lab) -> None:
    release = lab.scheduled(lab.cleared_final())
    for change in ("scheduled_by_id = proposed_by_id", "content_sha256 = ''", "state = 'published'", "state = 'cancelled'"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE publishing_release SET {change} WHERE id = {release.id}")


def test_only_what_two_reviewers_cleared_and_the_provider_checked_can_be_scheduled(lab: Lab) -> None:
    for request in (lab.analysed(), lab.in_review(), lab.cleared(), lab.fact_check()):
        with pytest.raises(Refused):
            lab.release(request)
    request = lab.cleared_final()
    (output_folder(request.jobs.get(kind="run")) / "results.json").write_text("{}", encoding="utf-8")
    with pytest.raises(Refused, match="no longer the one"):
        lab.release(request)


def test_a_report_is_in_one_release(lab: Lab) -> None:
    request = lab.cleared_final()
    lab.release(request)
    with pytest.raises(Refused):
        lab.release(request)


def test_a_day_to_come_and_a_working_day(lab: Lab) -> None:
    for day in (dt.date(2020, 1, 2), dt.date(2027, 1, 16)):
        with pytest.raises(Refused):
            lab.release(day=day)


def test_a_file_that_was_changed_is_not_published_and_the_publishers_are_told_once(lab: Lab) -> None:
    request = lab.cleared_final()
    release = lab.scheduled(request)
    (release.folder / "bulletin.html").write_text("something else", encoding="utf-8")
    with at(ON_TIME):
        for _ in range(3):
            keep_time()
    release.refresh_from_db()
    assert release.state == ReleaseState.HELD
    assert not Report.objects.exists()
    assert Notice.objects.filter(key="release_held").count() == 2
    actions.cancel(by=lab.person("publisher"), release=release, reason="A file was changed.")
    assert fresh(request).state == State.CLEARED_FINAL
    lab.release(request)


def test_a_report_folder_that_was_changed_with_its_hash_is_not_published_either(lab: Lab) -> None:
    release = lab.scheduled(lab.cleared_final())
    entry = release.entries.get()
    (release.folder / "reports" / entry.public_id / "report.html").write_text("other", encoding="utf-8")
    Release.objects.filter(id=release.id).update(content_sha256=content_sha256(release.folder))
    with at(ON_TIME):
        keep_time()
    release.refresh_from_db()
    assert release.state == ReleaseState.HELD


def test_cancelled_for_a_public_reason_before_it_is_out_and_not_after(lab: Lab, client: Any) -> None:
    request = lab.cleared_final()
    release = lab.scheduled(request)
    with pytest.raises(Refused):
        actions.cancel(by=lab.person("publisher"), release=release, reason="  ")
    actions.cancel(by=lab.person("publisher"), release=release, reason="An error was found in time.")
    assert fresh(request).state == State.CLEARED_FINAL
    assert "An error was found in time." in client.get("/releases/").content.decode()
    with at(ON_TIME):
        keep_time()
    assert not Report.objects.exists()
    out = lab.scheduled(request, day=OUT_ON + dt.timedelta(days=1))
    with at(out.publish_at):
        keep_time()
    with pytest.raises(Refused):
        actions.cancel(by=lab.person("publisher"), release=out, reason="Too late.")


def test_what_is_scheduled_cannot_be_stopped_beside_its_release(lab: Lab) -> None:
    from portal.requests.actions import stop

    request = lab.cleared_final()
    lab.scheduled(request)
    with pytest.raises(Refused):
        stop(by=lab.person("publisher"), request=fresh(request), reason="x")


def test_the_counts_add_up_and_a_scheduled_report_is_one_in_progress(lab: Lab) -> None:
    lab.refused()
    lab.withdrawn()
    lab.draft()
    request = lab.cleared_final()
    before = dict(count_requests().lines())
    release = lab.scheduled(request)
    assert dict(count_requests().lines()) == before
    assert before == {"received": 3, "answered": 0, "studied": 0, "refused": 1, "withdrawn": 1, "stopped": 0, "in_progress": 1}
    told = json.loads((release.folder / "bulletin.json").read_text(encoding="utf-8"))["counts"]
    assert {one["name"]: one["count"] for one in told} == {**before, "answered": 1, "in_progress": 0}


@pytest.mark.pdf
def test_the_bulletin_has_the_same_figures_in_every_format(lab: Lab) -> None:
    from python_calamine import CalamineWorkbook

    release = lab.scheduled(lab.cleared_final())
    data = json.loads((release.folder / "bulletin.json").read_text(encoding="utf-8"))
    page = (release.folder / "bulletin.html").read_text(encoding="utf-8")
    book = CalamineWorkbook.from_path(str(release.folder / "bulletin.ods"))
    counts = {row[0]: row[1] for row in book.get_sheet_by_name("requests").to_python() if len(row) > 1 and row[1] != ""}
    for line in data["counts"]:
        assert any(value == line["count"] for name, value in counts.items()), line
        assert f'<td class="govuk-table__cell">{line["count"]}</td>' in page
    assert RESULTS["headline"]["sentence"] in page
    printed = " ".join(poppler("pdftotext", release.folder / "bulletin.pdf", "-").split())
    assert RESULTS["headline"]["sentence"] in printed
    assert all(f"{say('publishing.counts.' + line['name'])} {line['count']}" in printed for line in data["counts"])
    assert RESULTS["headline"]["sentence"] in str(book.get_sheet_by_name("findings").to_python())
    effect = RESULTS["analyses"][0]["outcomes"][0]["effect"]
    for value in effect.values():
        assert f"{100 * value:+.1f}" in page
        assert round(100 * value, 1) in [cell for row in book.get_sheet_by_name("effects").to_python() for cell in row]


def _new_output(lab: Lab, request: Request) -> None:
    job = take(by=WORKER, job=queue_run(by=lab.person("analyst"), request=request))
    folder = output_folder(job)
    shutil.copytree(a_release(), folder)
    sentence = {**RESULTS["headline"], "sentence": "Another sentence."}
    (folder / "results.json").write_text(json.dumps({**RESULTS, "headline": sentence}), encoding="utf-8")
    (folder / "report.html").write_text("<!doctype html><html lang=en><title>New</title><h1>New</h1></html>", encoding="utf-8")
    found = {"study": "x", "status": "released", "manifest_sha256": "3" * 64, "release_sha256": "4" * 64, "compared": 1}
    finish(by=WORKER, job=job, found=found, output_sha256=content_sha256(folder))


def test_a_correction_is_a_new_version_with_its_note_and_the_old_one_stays(lab: Lab, client: Any) -> None:
    release, report = _published(lab)
    request = fresh(report.request)
    with pytest.raises(Refused, match="no newer cleared output"):
        outing.propose_correction(by=lab.person("publisher"), report=report, note="x", with_output=True)
    _new_output(lab, request)
    send_to_review(by=lab.person("analyst"), request=fresh(request))
    lab.voted(fresh(request), reviewer1=True, reviewer2=True)
    with pytest.raises(Refused, match="compared"):
        outing.propose_correction(by=lab.person("publisher"), report=report, note="x", with_output=True)
    lab.adopted(request)
    assert fresh(request).state == State.PUBLISHED
    made = outing.propose_correction(by=lab.person("publisher"), report=report, note="A date was wrong.", with_output=True)
    with pytest.raises(Refused, match="Two different people"):
        outing.decide_correction(by=lab.person("publisher"), correction=made, accept=True)
    assert report.versions.count() == 1
    outing.decide_correction(by=lab.person("publisher2"), correction=made, accept=True)
    assert fresh(request).state == State.CORRECTED
    newest = client.get(f"/reports/{report.public_id}").content.decode()
    assert "Another sentence." in newest
    assert "A date was wrong." in newest
    oldest = client.get(f"/reports/{report.public_id}/1").content.decode()
    assert RESULTS["headline"]["sentence"] in oldest
    assert "which was corrected" in oldest
    assert (
        client.get(f"/reports/{report.public_id}/1/report.html").content
        != client.get(f"/reports/{report.public_id}/2/report.html").content
    )
    assert "A date was wrong." in client.get(f"/releases/{release.public_id}").content.decode()
    assert "A date was wrong." in client.get("/releases/feed.atom").content.decode()


def test_the_library_holds_a_report_from_the_moment_it_is_out_and_its_corrected_version_after(lab: Lab) -> None:
    release = lab.scheduled(lab.cleared_final())
    with at(ON_TIME - SECOND):
        keep_time()
        assert not Analysis.objects.exists()
    with at(ON_TIME):
        keep_time()
    (kept,) = Analysis.objects.all()
    report = Report.objects.get(entry__release=release)
    assert (kept.permanent, kept.version, kept.standing, kept.address) == (
        report.public_id,
        1,
        "current",
        f"/reports/{report.public_id}",
    )
    assert (kept.programme, kept.organisation, kept.published_on) == ("Thames Workshop", "Thames Workshop Trust", OUT_ON)
    note = outing.propose_correction(by=lab.person("publisher"), report=report, note="A word.", with_output=False)
    outing.decide_correction(by=lab.person("publisher2"), correction=note, accept=True)
    assert Analysis.objects.count() == 1


def test_an_output_that_the_library_could_not_read_is_not_put_into_a_release(lab: Lab) -> None:
    request = lab.analysed()
    job = request.jobs.get(kind="run")
    (output_folder(job) / "release.json").write_text("{}", encoding="utf-8")
    type(job).objects.filter(id=job.id).update(output_sha256=content_sha256(output_folder(job)))
    send_to_review(by=lab.person("analyst"), request=fresh(request))
    cleared = lab.adopted(lab.voted(fresh(request), reviewer1=True, reviewer2=True))
    from portal.requests.actions import agree_facts, ask_for_facts

    ready = agree_facts(by=lab.person("provider"), request=ask_for_facts(by=lab.person("analyst"), request=cleared))
    with pytest.raises(Refused, match="cannot read"):
        lab.release(ready)


def test_a_correction_by_a_note_alone_and_one_that_is_not_made(lab: Lab) -> None:
    _, report = _published(lab)
    made = outing.propose_correction(by=lab.person("publisher"), report=report, note="x", with_output=False)
    with pytest.raises(Refused):
        outing.propose_correction(by=lab.person("publisher2"), report=report, note="y", with_output=False)
    outing.decide_correction(by=lab.person("publisher2"), correction=made, accept=False)
    assert report.versions.count() == 1
    again = outing.propose_correction(by=lab.person("publisher2"), report=report, note="y", with_output=False)
    outing.decide_correction(by=lab.person("publisher"), correction=again, accept=True)
    first, second = report.versions.all()
    assert (second.note, second.content_sha256, second.place) == ("y", first.content_sha256, first.place)
    with pytest.raises(Refused):
        outing.decide_correction(by=lab.person("publisher"), correction=again, accept=True)


def test_versions_are_never_changed(lab: Lab) -> None:
    _published(lab)
    for statement in (
        "UPDATE publishing_version SET note = 'x'",
        "DELETE FROM publishing_version",
        "DELETE FROM publishing_report",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_subscribers_hear_of_releases_and_corrections_once(lab: Lab, client: Any, mailoutbox: list[Any]) -> None:
    for _ in range(3):
        client.post("/releases/subscribe", {"email": "reader@example.invalid"})
    tick()
    tick()
    made = Subscription.objects.get()
    link = f"/releases/subscriptions/{made.public_id}"
    assert [link in letter.body for letter in mailoutbox] == [True]
    client.get(link)
    assert Subscription.objects.get().confirmed_at is None
    client.post(link, {"answer": "confirm"})
    _, report = _published(lab)
    with at(ON_TIME + MINUTE):
        tick()
        assert _to_reader(mailoutbox) == 1
    with at(ON_TIME + 3 * MINUTE):
        tick()
        tick()
    assert _to_reader(mailoutbox) == 2
    assert "Results, January 2027" in next(one for one in reversed(mailoutbox) if one.to == ["reader@example.invalid"]).body
    client.post(link, {"answer": "end"})
    assert Subscription.objects.get().email == ""
    assert client.get(link).status_code == 404
    with at(ON_TIME + 4 * MINUTE):
        correction = outing.propose_correction(by=lab.person("publisher"), report=report, note="x", with_output=False)
        outing.decide_correction(by=lab.person("publisher2"), correction=correction, accept=True)
    with at(ON_TIME + 9 * MINUTE):
        tick()
    assert _to_reader(mailoutbox) == 2


def _to_reader(mailoutbox: list[Any]) -> int:
    return len([one for one in mailoutbox if one.to == ["reader@example.invalid"]])


def test_an_address_that_nobody_confirms_is_forgotten_and_a_dead_one_keeps_no_other_waiting(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    subscriptions.ask(by=NOBODY, email="forgotten@example.invalid")
    tick()
    with at(now() + dt.timedelta(days=8)):
        tick()
    assert Subscription.objects.get().email == ""
    for name in ("dead", "reader"):
        made = subscriptions.ask(by=NOBODY, email=f"{name}@example.invalid")
        subscriptions.confirm(by=NOBODY, subscription=made)
    whole = subscriptions._send
    monkeypatch.setattr(subscriptions, "_send", lambda email, *a, **k: not email.startswith("dead") and whole(email, *a, **k))
    _published(lab)
    with at(ON_TIME + 3 * MINUTE):
        subscriptions.tell_subscribers(limit=1)
        subscriptions.tell_subscribers(limit=1)
        assert _to_reader(mailoutbox) == 1


def test_a_duty_that_fails_keeps_no_other_from_being_done(lab: Lab, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / "audit").mkdir()
    (home / "audit" / "heads.jsonl").write_text("", encoding="utf-8")  # as a full disk leaves it

    def fails() -> None:
        raise RuntimeError

    monkeypatch.setattr(daily, "send_waiting", fails)
    lab.scheduled(lab.cleared_final())
    with at(ON_TIME):
        tick()
    assert Report.objects.exists()
    assert json.loads((home / "audit" / "heads.jsonl").read_text(encoding="utf-8"))["at"]


def test_a_release_that_cannot_come_out_keeps_no_other_back(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    sick, well = lab.scheduled(lab.cleared_final()), lab.release(lab.cleared_final())
    Release.objects.filter(id=sick.id).update(state="proposed")
    actions.schedule(by=lab.person("publisher2"), release=actions.propose(by=lab.person("publisher"), release=well))
    Release.objects.filter(id=sick.id).update(state="scheduled")
    whole = outing.keep_version

    def fails(version: Version) -> int:
        if version.report.entry.release_id == sick.id:
            raise OSError
        return whole(version)

    monkeypatch.setattr(outing, "keep_version", fails)
    with at(ON_TIME):
        keep_time()
        keep_time()
    assert {one.id: one.state for one in Release.objects.all()} == {sick.id: "scheduled", well.id: "published"}
    assert Notice.objects.filter(key="release_failed").count() == 2


def test_one_release_is_scheduled_at_a_time_and_planned_ones_can_be_announced(lab: Lab, client: Any) -> None:
    lab.scheduled(lab.cleared_final())
    week = dt.timedelta(days=7)
    later = actions.propose(by=lab.person("publisher"), release=lab.release(lab.cleared_final(), day=OUT_ON + week))
    with pytest.raises(Refused, match="Another release"):
        actions.schedule(by=lab.person("publisher2"), release=later)
    assert "21 January 2027" not in client.get("/releases/").content.decode()
    actions.announce(by=lab.person("publisher"), release=later, announced=True)
    assert "21 January 2027, 9:30am: Results, January 2027 (provisional)" in client.get("/releases/").content.decode()


def test_what_reviewers_returned_or_a_later_review_overtook_is_no_correction(lab: Lab) -> None:
    _, report = _published(lab)
    request = fresh(report.request)
    _new_output(lab, request)
    send_to_review(by=lab.person("analyst"), request=fresh(request))
    lab.adopted(lab.voted(fresh(request), reviewer1=True, reviewer2=True))
    made = outing.propose_correction(by=lab.person("publisher"), report=report, note="x", with_output=True)
    send_to_review(by=lab.person("analyst"), request=fresh(request))
    with pytest.raises(Refused, match="another output was reviewed"):
        outing.decide_correction(by=lab.person("publisher2"), correction=made, accept=True)
    lab.voted(fresh(request), reviewer1=False, reviewer2=False)
    with pytest.raises(Refused, match="another output was reviewed"):
        outing.decide_correction(by=lab.person("publisher2"), correction=made, accept=True)
    outing.decide_correction(by=lab.person("publisher2"), correction=made, accept=False)
    with pytest.raises(Refused, match="no newer cleared output"):
        outing.propose_correction(by=lab.person("publisher"), report=report, note="x", with_output=True)


def test_a_result_can_be_withdrawn_from_what_counts_and_stays_readable(lab: Lab, client: Any) -> None:
    _, report = _published(lab)
    due = fresh(report.request).destroy_due
    with at(ON_TIME + dt.timedelta(days=30)):
        made = outing.propose_correction(
            by=lab.person("publisher"), report=report, note="The list held the wrong people.", with_output=False, withdraws=True
        )
        outing.decide_correction(by=lab.person("publisher2"), correction=made, accept=True)
    kept = Analysis.objects.get()
    assert (kept.standing, kept.why) == ("withdrawn", "The list held the wrong people.")
    page = client.get(f"/reports/{report.public_id}").content.decode()
    assert "The list held the wrong people." in page
    assert "&lt;" not in page
    assert fresh(report.request).destroy_due == due  # a correction does not begin the time anew


def test_a_publisher_of_the_organisation_neither_proposes_nor_sees_it_before_it_is_out(lab: Lab, sign_in: Any) -> None:
    from portal.accounts.models import Membership

    release = lab.scheduled(lab.cleared_final())
    Membership.objects.create(user=lab.person("publisher"), organisation=lab.person("provider").organisation)
    assert sign_in("publisher").get(f"/publishing/{release.public_id}/preview").status_code == 403
    actions.cancel(by=lab.person("publisher2"), release=release, reason="x")
    again = actions.make_release(by=lab.person("publisher2"), title="y", day=OUT_ON)
    actions.add_report(by=lab.person("publisher2"), release=again, request=Request.objects.get())
    with pytest.raises(Refused, match="does not act for"):
        actions.propose(by=lab.person("publisher"), release=again)


def test_characters_that_no_feed_or_workbook_can_hold_are_taken_out(lab: Lab, sign_in: Any, client: Any) -> None:
    _, report = _published(lab)
    sign_in("publisher").post(f"/publishing/reports/{report.public_id}", {"note": "A line\x0band more\x01.", "with_output": "no"})
    made = report.corrections.get()
    assert made.note == "A line\nand more."
    outing.decide_correction(by=lab.person("publisher2"), correction=made, accept=True)
    assert client.get("/releases/feed.atom").status_code == 200


def test_a_file_that_was_changed_after_it_was_published_is_not_given_out(lab: Lab, client: Any) -> None:
    release, report = _published(lab)
    path = f"/reports/{report.public_id}/1/report.html"
    assert client.get(path).status_code == 200
    (report.versions.get().folder / "report.html").write_text("something else", encoding="utf-8")
    assert client.get(path).status_code == 503
    assert client.get(f"/releases/{release.public_id}").status_code == 503


def test_made_up_results_stand_with_made_up_ones_alone(lab: Lab) -> None:
    release, _ = _published(lab)
    (real,) = read_findings(release)
    made_up = {**real, "report": "x", "title": "Made up", "synthetic": not real["synthetic"]}
    assert [line.name for line in draw_forests([made_up])[0].lines] == ["Made up"]
    both = draw_forests([{**made_up, "synthetic": real["synthetic"]}])[0].lines
    assert {line.name for line in both} == {"Made up", real["title"]}
