"""The linkage model in force: the engine's own, or one that was trained on the lab's own data.

It decides who is taken for whom, so every change of it needs two data stewards, the way back to the engine's own too.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from django.db.models import QuerySet

from datalab.errors import InputError
from datalab.linkage import Model, check_model, level_weights, load_model, model_settings, packaged_versions
from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.audit.record import hold_head
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.ops.central import check_steward
from portal.ops.models import LinkageModel
from portal.ops.proposals import hold_open
from portal.wording import say

# Training says so too: look at every weight that moved by more.
MOVED_BITS = 2.0
_OWN = hashlib.sha256(b"").hexdigest()  # of no file: the engine's own


@dataclass(frozen=True)
class Moved:
    """A level whose match weight another model moves: comparison, level, weight before and after in bits (None: not there)."""

    comparison: str
    level: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Differing:
    """Anything else that another model says otherwise: its name in the file, before and after ("": not there)."""

    name: str
    before: str
    after: str


def current_model() -> LinkageModel | None:
    """The lab's own model, if one is in force; None where the engine's own is."""
    return LinkageModel.objects.filter(is_current=True).exclude(text="").first()


def model_of(kept: LinkageModel | None) -> Model | None:
    """The engine's reading of it; None for what was proposed to an earlier engine and this one cannot use: a run refuses it."""
    try:
        return load_model() if kept is None or not kept.text else check_model(json.loads(kept.text), kept.version)
    except InputError:
        return None


def text_in_force() -> str:
    """The file for a run, empty where the engine's own is in force."""
    kept = current_model()
    return "" if kept is None else kept.text


def moved(before: Model, after: Model) -> tuple[Moved, ...]:
    """The levels whose weight differs by more than two bits, or that only one of the two has; in the later model's order."""
    old, new = level_weights(before), level_weights(after)
    lines = [Moved(*name, old.get(name), new.get(name)) for name in [*new, *(name for name in old if name not in new)]]
    return tuple(one for one in lines if one.before is None or one.after is None or abs(one.after - one.before) > MOVED_BITS)


def differing(before: Model, after: Model) -> tuple[Differing, ...]:
    """What the later model says otherwise beside its weights: a threshold, a blocking rule, a test."""
    old, new = model_settings(before), model_settings(after)
    lines = [Differing(name, old.get(name, ""), new.get(name, "")) for name in {**old, **new}]
    return tuple(one for one in lines if one.before != one.after)


@action("linkage_model.propose")
def propose_model(*, by: User, content: bytes | None, why: str) -> Done[LinkageModel]:
    """A steward's file of `datalab index train`; None: back to the engine's own. In force once another agrees.

    Raises Refused for what is no usable model, one that is in force already, a version that another file has, or no reason.
    """
    check_steward(by)
    if not why.strip():
        raise Refused(say("requests.refusals.reason"), status=409)
    before = _lock()
    text, version = ("", load_model().version) if content is None else _read(content)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    _check_new(before, sha256)
    _check_version(version, sha256, LinkageModel.objects.all())
    made = LinkageModel.objects.create(version=version, text=text, sha256=sha256, why=why.strip(), proposed_by=by)
    return Done(made, made, {"version": version, "sha256": sha256})


@action("linkage_model.decide")
def decide_model(*, by: User, proposed: LinkageModel, accept: bool) -> Done[LinkageModel]:
    """Another steward agrees to a model, and runs link with it from now; or does not."""
    check_steward(by)
    before = _lock()
    proposed = hold_open(proposed, by)
    if accept:  # once more: others may have been agreed to since it was proposed, and the engine renewed
        proposed.version = _usable(proposed.text).version
        _check_new(before, proposed.sha256)
        _check_version(proposed.version, proposed.sha256, LinkageModel.objects.filter(accepted=True))
        LinkageModel.objects.filter(is_current=True).update(is_current=False)
    proposed.decided_by, proposed.decided_at, proposed.accepted, proposed.is_current = by, now(), accept, accept
    proposed.save()
    return Done(proposed, proposed, {"version": proposed.version, "sha256": proposed.sha256, "accepted": accept})


def _lock() -> LinkageModel | None:
    """What is in force, which nobody else changes meanwhile; where nothing is, there is no row of it to lock."""
    hold_head()
    return LinkageModel.objects.filter(is_current=True).first()


def _check_new(before: LinkageModel | None, sha256: str) -> None:
    """Raises Refused for what is in force already: the public log would tell of a change that was none."""
    if sha256 == (before.sha256 if before else _OWN):
        raise Refused(say("ops.refusals.same_model"), status=409)


def _check_version(version: str, sha256: str, among: QuerySet[LinkageModel]) -> None:
    """Raises Refused where another file has this version: manifests name it, and one name must not mean two models."""
    is_taken = version in packaged_versions() or among.filter(version=version).exclude(sha256=sha256).exists()
    if sha256 != _OWN and is_taken:
        raise Refused(say("ops.refusals.model_version", version=version), status=409)


def _read(content: bytes) -> tuple[str, str]:
    """The file as text, and its version."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(say("ops.refusals.no_model"), status=409) from error
    if not text:  # which stands for the engine's own, and is never a file
        raise Refused(say("ops.refusals.no_model"), status=409)
    return text, _usable(text).version


def _usable(text: str) -> Model:
    """The model of a text; the engine's own for none. Raises Refused, in the engine's words."""
    if not text:
        return load_model()
    try:
        model = check_model(json.loads(text), say("ops.pages.sent_model"))
    except (ValueError, RecursionError) as error:
        raise Refused(say("ops.refusals.no_model"), status=409) from error
    except InputError as error:
        raise Refused("\n".join(error.faults) or error.message, status=409) from error
    if len(model.version) > LinkageModel.VERSION_LENGTH:
        raise Refused(say("ops.refusals.no_model"), status=409)
    return model
