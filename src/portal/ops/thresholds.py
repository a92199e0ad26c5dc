"""The disclosure thresholds in force: the engine's own file, or a set of the lab's that is tighter.

One data steward may tighten; whatever loosens an earlier tightening waits until another agrees; nothing goes below the engine's
file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from datalab.disclosure import Thresholds, is_tighter, load_thresholds, thresholds_text
from datalab.errors import UsageError
from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.audit.record import hold_head
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.ops.central import check_steward
from portal.ops.models import ThresholdSet
from portal.ops.proposals import hold_open
from portal.wording import say

NAMES = tuple(field.name for field in dataclasses.fields(Thresholds) if field.name != "version")


@dataclass(frozen=True)
class Line:
    """A threshold as people read it: its name, the engine's number, the one in force."""

    name: str
    floor: str
    value: str


def current_set() -> ThresholdSet | None:
    """The lab's own set, if one is in force."""
    return ThresholdSet.objects.filter(is_current=True).first()


def thresholds_of(kept: ThresholdSet | None) -> Thresholds:
    """The thresholds of a set; the engine's own where there is none."""
    return load_thresholds() if kept is None else Thresholds(kept.version, **kept.values)


def text_in_force() -> str:
    """The file for a run, empty where the engine's own is in force. The engine reads it again and refuses what is looser."""
    kept = current_set()
    return "" if kept is None else thresholds_text(thresholds_of(kept))


def lines(kept: ThresholdSet | None) -> tuple[Line, ...]:
    """Every threshold of a set beside the engine's, in the file's order."""
    floor, found = load_thresholds(), thresholds_of(kept)
    return tuple(Line(say(f"ops.thresholds.{name}"), f"{getattr(floor, name):g}", f"{getattr(found, name):g}") for name in NAMES)


@action("thresholds.propose")
def propose_thresholds(*, by: User, values: Mapping[str, float], why: str) -> Done[ThresholdSet]:
    """A steward's new set: in force at once where it only tightens, else once another agrees.

    Raises Refused for one that changes nothing, is looser anywhere than the engine's own file, or has no reason.
    """
    check_steward(by)
    if not why.strip():
        raise Refused(say("requests.refusals.reason"), status=409)
    before = _lock()
    number = ThresholdSet.objects.count() + 1
    wanted = Thresholds(f"{load_thresholds().version}+lab.{number}", **{name: values[name] for name in NAMES})  # type: ignore[arg-type]
    _check_floor(wanted)
    if dataclasses.replace(wanted, version=before.version) == before:
        raise Refused(say("ops.refusals.same_thresholds"), status=409)
    loosens = not is_tighter(wanted, before)
    made = ThresholdSet.objects.create(
        version=wanted.version, values={name: values[name] for name in NAMES}, loosens=loosens, why=why.strip(), proposed_by=by
    )
    if not loosens:
        _put_in_force(made, by)
    return Done(made, made, {"version": made.version, "loosens": loosens, "in_force": made.is_current})


@action("thresholds.decide")
def decide_thresholds(*, by: User, proposed: ThresholdSet, accept: bool) -> Done[ThresholdSet]:
    """Another steward agrees to a set, and it is in force from now; or does not."""
    check_steward(by)
    _lock()
    proposed = hold_open(proposed, by)
    if accept:
        _check_floor(thresholds_of(proposed))
        _put_in_force(proposed, by)
    else:
        proposed.decided_by, proposed.decided_at, proposed.accepted = by, now(), False
        proposed.save()
    return Done(proposed, proposed, {"version": proposed.version, "accepted": accept})


def _lock() -> Thresholds:
    """What is in force, which nobody else changes meanwhile; where nothing is, there is no row of it to lock."""
    hold_head()
    return thresholds_of(ThresholdSet.objects.filter(is_current=True).first())


def _check_floor(wanted: Thresholds) -> None:
    try:
        load_thresholds(thresholds_text(wanted))
    except UsageError as error:
        raise Refused("\n".join(error.faults) or error.message, status=409) from error


def _put_in_force(chosen: ThresholdSet, by: User) -> None:
    ThresholdSet.objects.filter(is_current=True).update(is_current=False)
    chosen.decided_by, chosen.decided_at, chosen.accepted, chosen.is_current = by, now(), True, True
    chosen.save()
