"""Two blind reviewers, in code and in the database."""

from __future__ import annotations

import json

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from tests.portal.lab import Lab, fresh

from portal.config.refusals import Refused
from portal.requests.states import State
from portal.review.actions import send_to_review, void_round, vote
from portal.review.checklist import ITEMS, facts
from portal.review.models import Clearance, Round, Vote
from portal.review.permissions import visible_votes
from portal.runs.output import output_folder

ALL = dict.fromkeys(ITEMS, True)


def _insert(round_: Round, reviewer_id: int) -> None:
    """A vote by raw SQL, past all of our code."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO review_vote (round_id, reviewer_id, approve, checklist, comment, voted_at) VALUES (%s, %s, %s, %s, %s, %s)",
            [round_.id, reviewer_id, True, json.dumps(ALL), "", "2026-01-01 00:00:00+00:00"],
        )


@pytest.mark.parametrize("who", ["analyst", "provider", "colleague"])
def test_the_database_refuses_the_analyst_and_the_organisation(lab: Lab, who: str) -> None:
    round_ = lab.in_review().rounds.get()
    with pytest.raises(IntegrityError):
        _insert(round_, lab.person(who).id)


def test_the_database_refuses_both_votes_of_one_person(lab: Lab) -> None:
    round_ = lab.in_review().rounds.get()
    _insert(round_, lab.person("reviewer1").id)
    with pytest.raises(IntegrityError):
        _insert(round_, lab.person("reviewer1").id)


def test_the_database_refuses_a_third_vote_and_one_in_a_closed_round(lab: Lab) -> None:
    round_ = lab.in_review().rounds.get()
    _insert(round_, lab.person("reviewer1").id)
    _insert(round_, lab.person("reviewer2").id)
    with pytest.raises(IntegrityError):
        _insert(round_, lab.person("reviewer3").id)
    Round.objects.filter(id=round_.id).update(closed_at="2026-01-01 00:00:00+00:00")
    with pytest.raises(IntegrityError):
        _insert(round_, lab.person("reviewer3").id)


def test_the_database_remembers_who_once_acted_for_the_organisation(lab: Lab) -> None:
    from portal.accounts.models import Membership

    round_ = lab.in_review().rounds.get()
    Membership.objects.create(
        user=lab.person("reviewer1"), organisation=round_.request.organisation, ended_at="2020-01-01 00:00:00+00:00"
    )
    with pytest.raises(IntegrityError):
        _insert(round_, lab.person("reviewer1").id)


@pytest.mark.parametrize("who", ["analyst", "analyst2", "publisher", "steward", "provider", "stranger"])
def test_only_reviewers_vote(lab: Lab, who: str) -> None:
    round_ = lab.in_review().rounds.get()
    with pytest.raises(Refused):
        vote(by=lab.person(who), round_=round_, approve=True, checklist=ALL)


def test_votes_are_blind_until_both_are_in(lab: Lab) -> None:
    request = lab.voted(lab.in_review(), reviewer1=True)
    round_ = request.rounds.get()
    assert [one.reviewer for one in visible_votes(lab.person("reviewer1"), round_)] == [lab.person("reviewer1")]
    for other in ("reviewer2", "reviewer3", "analyst", "publisher", "steward", "provider"):
        assert visible_votes(lab.person(other), round_) == []
    request = lab.voted(request, reviewer2=False)
    assert len(visible_votes(lab.person("analyst"), request.rounds.get())) == 2
    assert visible_votes(lab.person("provider"), request.rounds.get()) == []


def test_the_page_of_a_blind_round_does_not_tell_that_somebody_voted(lab: Lab) -> None:
    request = lab.in_review()
    address = f"/requests/{request.public_id}/reviews/{request.rounds.get().public_id}"
    client = Client()
    client.force_login(lab.person("reviewer2"))
    before = client.get(address).content
    lab.voted(request, reviewer1=True)
    after = client.get(address).content
    strip = b"csrfmiddlewaretoken"
    assert [line for line in before.splitlines() if strip not in line] == [
        line for line in after.splitlines() if strip not in line
    ]


def test_two_approvals_clear_and_fix_the_output_by_its_hash(lab: Lab) -> None:
    request = lab.cleared()
    round_ = request.rounds.get()
    cleared = Clearance.objects.get()
    assert request.state == State.CLEARED
    assert (cleared.content_sha256, round_.outcome) == (round_.job.output_sha256, Round.Outcome.CLEARED)


@pytest.mark.parametrize(
    "votes",
    [{"reviewer1": False, "reviewer2": True}, {"reviewer1": True, "reviewer2": False}, {"reviewer1": False, "reviewer2": False}],
)
def test_anything_else_returns(lab: Lab, votes: dict[str, bool]) -> None:
    request = lab.voted(lab.in_review(), **votes)
    assert request.state == State.RETURNED
    assert not Clearance.objects.exists()


def test_a_changed_output_takes_no_vote_and_its_votes_are_void(lab: Lab) -> None:
    request = lab.voted(lab.in_review(), reviewer1=True)
    round_ = request.rounds.get()
    (output_folder(round_.job) / "report.html").write_text("changed", encoding="utf-8")
    with pytest.raises(Refused):
        vote(by=lab.person("reviewer2"), round_=round_, approve=True, checklist=ALL)
    void_round(by=lab.person("analyst"), round_=round_)
    assert fresh(request).state == State.RETURNED
    assert not Clearance.objects.exists()


def test_an_unchanged_output_is_not_voided(lab: Lab) -> None:
    round_ = lab.in_review().rounds.get()
    with pytest.raises(Refused):
        void_round(by=lab.person("analyst"), round_=round_)


def test_an_output_changed_before_review_is_not_reviewed(lab: Lab) -> None:
    request = lab.analysed()
    (output_folder(request.jobs.get(kind="run")) / "more.txt").write_text("x", encoding="utf-8")
    with pytest.raises(Refused):
        send_to_review(by=lab.person("analyst"), request=request)


def test_nobody_clears_what_does_not_hold_or_leaves_an_item_out(lab: Lab) -> None:
    round_ = lab.in_review().rounds.get()
    for checklist in ({**ALL, "plan": False}, {"plan": True}, {}):
        with pytest.raises(Refused):
            vote(by=lab.person("reviewer1"), round_=round_, approve=True, checklist=checklist)
    with pytest.raises(Refused):
        vote(by=lab.person("reviewer1"), round_=round_, approve=False, checklist=ALL, comment=" ")
    assert not Vote.objects.exists()


def test_the_checklist_states_facts_of_the_output(lab: Lab) -> None:
    found = {fact.name: fact.answer for fact in facts(lab.in_review().rounds.get())}
    assert tuple(found) == ITEMS
    assert "191" in found["small_numbers"]
    assert "Passed in 1 of 1" in found["balance"]


def test_the_database_takes_no_clearance_without_two_approvals(lab: Lab) -> None:
    round_ = lab.in_review().rounds.get()
    with pytest.raises(DatabaseError, match="two approvals"), transaction.atomic():
        Clearance.objects.create(round=round_, content_sha256="0" * 64, release_sha256="0" * 64)
