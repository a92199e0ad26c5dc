"""Interim, second and later requests of one organisation are tied together; a withdrawn result is drawn no more."""

from __future__ import annotations

import json
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from tests.portal.lab import ANSWERS, OUT_ON, Lab, fresh

from portal.config.clock import at
from portal.publishing import outing
from portal.publishing.bulletin import read_findings
from portal.publishing.clock import keep_time
from portal.publishing.forest import draw_forests
from portal.publishing.models import Release, Report
from portal.publishing.times import publish_at
from portal.requests import actions
from portal.requests.models import Request

LATER = OUT_ON.replace(month=4)


def _named(lab: Lab, monkeypatch: pytest.MonkeyPatch, title: str, **answers: Any) -> Request:
    monkeypatch.setattr("tests.portal.lab.ANSWERS", {**ANSWERS, "title": title, **answers})
    return lab.cleared_final()


def _ties(release: Release) -> dict[str, list[str]]:
    return {one["title"]: one["ties"] for one in read_findings(release)}


def test_interim_and_later_requests_of_one_organisation_are_tied_in_every_format(
    lab: Lab, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = lab.scheduled(_named(lab, monkeypatch, "Thames Workshop", interim="yes"))
    assert _ties(first)["Thames Workshop"] == [
        "This is an interim result: the programme goes on, and more of its people are to be looked at later."
    ]
    with at(publish_at(OUT_ON)):
        keep_time()
    whole = _named(lab, monkeypatch, "Thames Workshop", interim="no")
    second = lab.scheduled(whole, _named(lab, monkeypatch, "Northern Mentoring"), day=LATER)
    told = _ties(second)
    again = 'An interim result about the same programme, "Thames Workshop", was published on 14 January 2027.'
    assert told["Thames Workshop"] == [
        "It is request number 2 of this organisation that is published.",
        again,
        'Another report of this organisation, "Northern Mentoring", is in this release.',
    ]
    assert told["Northern Mentoring"][:2] == [
        "It is request number 3 of this organisation that is published.",
        'An interim result about another programme of this organisation, "Thames Workshop", was published on 14 January 2027.',
    ]
    page = (second.folder / "bulletin.html").read_text(encoding="utf-8")
    cells = str(CalamineWorkbook.from_path(str(second.folder / "bulletin.ods")).get_sheet_by_name("findings").to_python())
    assert again.replace('"', "&#34;") in page
    assert again in cells
    with at(publish_at(LATER)):
        keep_time()
    interim, newest = Report.objects.get(entry__release=first), Report.objects.get(request=whole)
    assert "This is an interim result" in client.get(f"/reports/{interim.public_id}").content.decode()
    other = client.get(f"/reports/{newest.public_id}").content.decode()
    assert "This is an interim result" not in other
    assert ", the same programme, an interim result</li>" in other


def test_a_repeat_is_not_interim_by_itself_and_is_the_same_programme_whatever_it_is_called(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.publishing.ties import is_same_programme

    first = _named(lab, monkeypatch, "Thames Workshop", interim="yes")
    again = actions.start_request(by=lab.person("provider"), repeat_of=fresh(first))
    assert "interim" not in again.answers
    again = actions.save_answers(by=lab.person("provider"), request=again, answers={"title": "Thames Works"})
    assert is_same_programme(again, first)
    assert is_same_programme(first, again)
    assert not is_same_programme(again, _named(lab, monkeypatch, "Northern Mentoring"))


def test_a_withdrawn_result_is_drawn_among_the_published_no_more(lab: Lab) -> None:
    release = lab.scheduled(lab.cleared_final())
    with at(publish_at(OUT_ON)):
        keep_time()
    new = [{**json.loads(json.dumps(read_findings(release)[0])), "report": "x", "title": "New"}]
    assert len(draw_forests(new)[0].lines) == 2
    made = outing.propose_correction(
        by=lab.person("publisher"), report=Report.objects.get(), note="Wrong people.", with_output=False, withdraws=True
    )
    outing.decide_correction(by=lab.person("publisher2"), correction=made, accept=True)
    assert [line.name for line in draw_forests(new)[0].lines] == ["New"]


def test_the_log_announces_changes_of_the_rules_and_how_often_a_published_analysis_was_run(
    lab: Lab, client: Any, sign_in: Any
) -> None:
    from datalab.disclosure import load_thresholds
    from portal.ops.roles import decide_role, propose_role
    from portal.ops.thresholds import NAMES, propose_thresholds
    from portal.publishing.rules import rule_changes

    assert "Nothing has been changed." in client.get("/releases/log").content.decode()
    own = {name: getattr(load_thresholds(), name) for name in NAMES}
    propose_thresholds(by=lab.person("steward"), values={**own, "cell_minimum": 15}, why="A secret reason.")
    propose_thresholds(by=lab.person("steward"), values=own, why="Not agreed to.")
    asked = propose_role(
        by=lab.person("steward"), user=lab.person("analyst2"), role="publisher", give=True, why="A secret reason."
    )
    assert len(rule_changes()) == 1
    decide_role(by=lab.person("steward2"), change=asked, accept=True)
    request = lab.analysed()
    lab.run(request)
    waiting = client.get("/releases/log").content.decode()
    assert "Somebody was given the role publisher." in waiting
    assert "were tightened" in waiting
    assert "loosened (" not in waiting
    assert "A secret reason." not in waiting
    assert "run twice" not in waiting
    assert "run 2 times" not in waiting
    Request.objects.filter(id=request.id).update(state="published")
    from portal.publishing.rules import how_often_run

    assert how_often_run([fresh(request)]) == {request.id: "run 2 times"}
