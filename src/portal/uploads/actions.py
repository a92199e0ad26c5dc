"""What can be done with an upload: received, checked by the engine, replaced."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.db import transaction

from portal.accounts.models import User
from portal.audit.action import Done, action
from portal.audit.record import Actor
from portal.config.clock import now
from portal.config.refusals import Refused
from portal.requests.models import Request
from portal.requests.moves import lock
from portal.requests.permissions import check_edit
from portal.runs.models import Job
from portal.uploads import vault
from portal.uploads.models import Upload
from portal.uploads.receiving import MOST_BYTES
from portal.uploads.scanning import check_harmless
from portal.uploads.state import current_upload
from portal.wording import say

KINDS = ("xlsx", "ods", "csv")


@action("upload.receive")
def receive(*, by: User, request: Request, name: str, content: bytes) -> Done[Upload]:
    """Encrypts a file and queues its check. Of its name only the ending is kept. One that is there already is replaced.

    Raises Refused for a kind of file that is none of ours, one that is empty or too large, or where the lab's scanner finds harm;
    nothing is kept of it.
    """
    check_edit(by, request)
    kind = _kind_of(name, content)
    # Before the request is held: it may take a while.
    check_harmless(content)
    request = lock(request)
    check_edit(by, request)
    before = current_upload(request)
    if before is not None:
        _end(before, Upload.State.REPLACED)
    digest = hashlib.sha256(content).hexdigest()
    upload = Upload.objects.create(request=request, received_by=by, kind=kind, size=len(content), sha256=digest)
    Job.objects.create(kind=Job.Kind.CHECK, request=request, upload=upload, asked_by=by)
    vault.seal(upload.public_id, content)
    request.state_since = now()  # a draft is kept for so long after somebody last worked on it
    request.save(update_fields=["state_since"])
    facts: dict[str, Any] = {"sha256": digest, "size": len(content), "kind": kind}
    return Done(upload, upload, facts | ({"replaces": before.public_id} if before else {}))


def _kind_of(name: str, content: bytes) -> str:
    """The ending of a file that is one of ours and neither empty nor too large."""
    kind = PurePosixPath(name.replace("\\", "/")).suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise Refused(say("uploads.refusals.kind", allowed=", ".join(KINDS)), status=409)
    if not content:
        raise Refused(say("uploads.refusals.empty"), status=409)
    if len(content) > MOST_BYTES:
        raise Refused(say("uploads.refusals.size", most=MOST_BYTES // 1_000_000), status=409)
    return kind


@action("upload.check")
def finish_check(*, by: Actor, upload: Upload, found: dict[str, Any]) -> Done[Upload]:
    """Keeps what the engine found: usable or not, and every fault with row and rule. A file that cannot be used is destroyed."""
    upload = Upload.objects.select_for_update(of=("self",)).select_related("request").get(id=upload.id)
    if upload.state == Upload.State.WAITING:
        upload.submitted, upload.readable, upload.faults = found["submitted"], found["readable"], found["faults"]
        upload.checked_at = now()
        upload.state = Upload.State.USABLE if found["usable"] else Upload.State.UNUSABLE
        if upload.state == Upload.State.UNUSABLE:
            upload.destroyed_at = now()
            transaction.on_commit(partial(vault.destroy, upload.public_id))
        upload.save()
    return Done(upload, upload, {"state": upload.state, "faults": len(upload.faults)})


def _end(upload: Upload, state: Upload.State) -> None:
    """An upload that no longer counts: its row says so, its file and key go once that is kept; its check is off."""
    upload.state, upload.destroyed_at = state, now()
    upload.save(update_fields=["state", "destroyed_at"])
    Job.objects.filter(upload=upload, state=Job.State.QUEUED).update(state=Job.State.CANCELLED, ended_at=now())
    transaction.on_commit(partial(vault.destroy, upload.public_id))
