"""Whether a request is in a state that allows something, whoever asks. permissions.py says who may."""

from __future__ import annotations

from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.requests.questions import unanswered
from portal.requests.states import MOVES, State
from portal.wording import say


def check_move(request: Request, move: str) -> None:
    """Raises Refused where the life cycle has no such move from where the request is, or not for what it makes."""
    one = MOVES[move]
    if State(request.state) not in one.start or one.of not in (None, request.product):
        raise Refused(
            say("requests.refusals.state", move=say(f"requests.moves.{move}"), state=State(request.state).label), status=409
        )


def check_is_draft(request: Request) -> None:
    """Answers and uploads change only in a draft; not once its data were destroyed: what came later would stay for ever."""
    if request.state != State.DRAFT:
        raise Refused(say("requests.refusals.not_draft"), status=409)
    if request.data_destroyed_at is not None:
        raise Refused(say("requests.refusals.over"), status=409)


def check_is_complete(request: Request, has_upload: bool) -> None:
    """All that is needed is answered, and a clean upload is there."""
    missing = unanswered(request.answers)
    if missing:
        raise Refused(say("requests.refusals.unanswered", count=len(missing)), status=409)
    if not has_upload:
        raise Refused(say("requests.refusals.no_upload"), status=409)


def check_state(request: Request, states: tuple[State, ...], sentence: str) -> None:
    """Raises Refused with the sentence where the request is in none of the states."""
    if request.state not in states:
        raise Refused(sentence, status=409)
