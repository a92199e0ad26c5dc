"""Every move of every state by every kind of person: what the tables say, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.lab import Lab, fresh

from portal.accounts.roles import Role
from portal.audit.models import AuditEvent
from portal.audit.record import SYSTEM
from portal.config.refusals import Refused
from portal.notices.models import Notice
from portal.requests import actions, permissions
from portal.requests.permissions import ROLE_OF, check_may
from portal.requests.states import MOVES, OUTCOMES_KNOWN, STANDINGS, Owner, Product, State
from portal.wording import say, words


def test_every_state_has_an_owner_a_sentence_and_words() -> None:
    assert set(STANDINGS) == set(State)
    for state in State:
        assert say(f"requests.next.{state.value}")
        assert say(f"requests.states.{state.value}")
        assert say(f"requests.owners.{STANDINGS[state].owner.value}")


def test_every_move_has_its_letters() -> None:
    for name, one in MOVES.items():
        assert one.notice, name
        for owner in one.notice:
            assert say(f"notices.{name}.{owner.value}.subject", reference="X")
            assert say(f"notices.{name}.{owner.value}.body", reference="X")


# Letters that are about a release or a correction (publishing/notices.py), or results that were opened (publishing/quality.py).
OF_RELEASES = ("release_proposed", "release_held", "release_failed", "release_open", "correction_proposed", "quality_open")


def test_letters_that_nobody_gets_are_not_kept() -> None:
    sent = {(name, owner.value) for name, one in MOVES.items() for owner in one.notice}
    sent |= {("amended", "provider"), ("note", "provider"), ("note", "analyst"), ("destroyed", "provider")}
    sent |= {(name, part) for name in OF_RELEASES for part in ("subject", "body")}
    kept = {(name, owner) for name, table in words("notices").items() if name != "letter" for owner in table}
    assert kept == sent


def test_every_state_can_be_reached_and_left_or_is_an_end() -> None:
    reached = {State.DRAFT} | {one.end for one in MOVES.values()}
    assert reached == set(State)
    ends = {state for state in State if not any(state in one.start for one in MOVES.values())}
    assert ends == {State.REFUSED, State.STOPPED, State.WITHDRAWN}


def test_nobody_withdraws_once_outcomes_may_be_known() -> None:
    assert not MOVES["withdraw"].start & OUTCOMES_KNOWN


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(MOVES))
def test_a_move_is_made_only_by_those_of_the_table_and_only_from_its_states(
    name: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "ALSO", {})  # what a move needs besides its state has tests of its own
    request = lab.draft()
    request.product = MOVES[name].of or Product.EVALUATION
    people = {one: lab.person(one) for one in ("provider", "stranger", "analyst", "reviewer1", "publisher", "steward")}
    allowed = {
        Owner.PROVIDER: {"provider"},
        Owner.ANALYST: {"analyst"},
        Owner.REVIEWERS: {"reviewer1"},
        Owner.PUBLISHER: {"publisher"},
    }
    may = set().union(*(allowed.get(owner, set()) for owner in MOVES[name].who))
    for state in State:
        request.state = state
        for who, person in people.items():
            good = who in may and state in MOVES[name].start
            if good:
                check_may(person, request, name)
            else:
                with pytest.raises(Refused):
                    check_may(person, request, name)
        if Owner.SYSTEM in MOVES[name].who and state in MOVES[name].start:
            check_may(SYSTEM, request, name)
        else:
            with pytest.raises(Refused):
                check_may(SYSTEM, request, name)


@pytest.mark.django_db
def test_a_move_of_one_product_is_not_made_by_the_other(lab: Lab) -> None:
    of_one = {name: one for name, one in MOVES.items() if one.of is not None}
    assert len(of_one) == 5
    request = lab.draft()
    for name, one in of_one.items():
        request.product = next(product for product in Product if product != one.of)
        for state in one.start:
            request.state = state
            with pytest.raises(Refused):
                check_may(lab.person("provider" if Owner.PROVIDER in one.who else "analyst"), request, name)


def test_the_roles_that_act_for_owners_are_those_of_the_lab() -> None:
    assert set(ROLE_OF.values()) == {Role.ANALYST, Role.REVIEWER, Role.PUBLISHER}


def test_the_whole_way_to_cleared(lab: Lab) -> None:
    request = lab.cleared_final()
    assert request.state == State.CLEARED_FINAL
    moves = [event.facts["to"] for event in AuditEvent.objects.filter(request=request.public_id) if "to" in event.facts]
    assert moves == [
        "submitted",
        "accepted",
        "planned",
        "linked",
        "analysed",
        "in_review",
        "cleared",
        "fact_check",
        "cleared_final",
    ]


def test_a_run_without_a_result_is_reviewed_as_well(lab: Lab) -> None:
    request = lab.planned()
    lab.run(request, status="balance_failed")
    assert fresh(request).state == State.NOT_REPORTABLE


def test_a_returned_output_is_taken_up_again_and_run_again(lab: Lab) -> None:
    request = lab.voted(lab.in_review(), reviewer1=True, reviewer2=False)
    assert request.state == State.RETURNED
    request = actions.rework(by=lab.person("analyst"), request=request)
    lab.run(request)
    assert fresh(request).state == State.ANALYSED


def test_an_error_of_fact_undoes_the_clearance(lab: Lab) -> None:
    request = actions.report_error(by=lab.person("provider"), request=lab.fact_check(), reason="The dates are wrong.")
    assert request.state == State.ANALYSED
    assert not request.rounds.filter(closed_at=None).exists()


def test_somebody_of_the_lab_decides_nothing_for_their_own_organisation(lab: Lab) -> None:
    from portal.accounts.models import Grant, User

    request = lab.submitted()
    Grant.objects.create(user=lab.person("colleague"), role=Role.ANALYST)
    both = User.objects.get(email="colleague@example.invalid")
    with pytest.raises(Refused):
        actions.accept(by=both, request=request)


def test_who_is_to_be_told_is_told_after_it_is_kept(
    lab: Lab, mailoutbox: list[object], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        request = lab.submitted()
    told = {(notice.key, notice.recipient.email.partition("@")[0]) for notice in Notice.objects.filter(key__startswith="submit.")}
    assert told == {
        ("submit.provider", "provider"),
        ("submit.provider", "colleague"),
        ("submit.analyst", "analyst"),
        ("submit.analyst", "analyst2"),
    }
    assert {letter.to[0] for letter in mailoutbox if request.reference in letter.subject} == {
        f"{name}@example.invalid" for name in ("provider", "colleague", "analyst", "analyst2")
    }


@given(st.lists(st.sampled_from(sorted(MOVES)), max_size=12))
def test_no_row_of_moves_leaves_the_tables(names: list[str]) -> None:
    state = State.DRAFT
    for name in names:
        if state in MOVES[name].start:
            state = MOVES[name].end
    assert state in State


def test_a_move_that_is_refused_changes_nothing(lab: Lab) -> None:
    request, events = lab.submitted(), AuditEvent.objects.count()
    with pytest.raises(Refused):
        actions.accept(by=lab.person("stranger"), request=request)
    assert fresh(request).state == State.SUBMITTED
    assert AuditEvent.objects.count() == events
