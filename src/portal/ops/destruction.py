"""Destroys what is personal of a request, and makes the certificate that says so. Done twice, it is done once."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import Any

from django.db import transaction

from portal.audit.action import Done, action
from portal.audit.record import SYSTEM, Actor
from portal.config.clock import now, today
from portal.config.refusals import Refused
from portal.ops.central import check_steward
from portal.ops.models import Certificate
from portal.requests.models import Note, Request
from portal.requests.moves import lock, tell
from portal.requests.states import RETENTION_DAYS, Owner
from portal.runs.models import Pair
from portal.uploads import vault
from portal.wording import say


@action("data.destroy")
def destroy_data(*, by: Actor, request: Request) -> Done[Certificate]:
    """Destroys uploads with their keys, private files of runs, doubtful pairs and notes, and certifies it.

    The clock does it when it is due; a data steward may do it earlier, as soon as nobody needs the data. What the audit, the
    register and the statistics keep holds no person: the certificate says so. Raises Refused while the data are needed.
    """
    request = lock(request)
    if by is not SYSTEM:
        check_steward(by)
    if request.data_destroyed_at is not None:
        raise Refused(say("ops.refusals.destroyed"), status=409)
    if request.state not in RETENTION_DAYS or (by is SYSTEM and (request.destroy_due is None or today() < request.destroy_due)):
        raise Refused(say("ops.refusals.needed"), status=409)
    content = _content(request, by)
    _remove_rows(request)
    request.data_destroyed_at = now()
    request.save(update_fields=["data_destroyed_at"])
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    made = Certificate.objects.create(request=request, made_by=by.actor_id, content=content, sha256=digest)
    for name in [*_uploads(request), *_private(request)]:
        transaction.on_commit(partial(vault.destroy, name))
    tell(request, "destroyed", (Owner.PROVIDER,), by)
    return Done(request, made, {"certificate": made.public_id, "sha256": digest})


def _uploads(request: Request) -> list[str]:
    return [upload.public_id for upload in request.uploads.all()]


def _private(request: Request) -> list[str]:
    """The private files of runs, whatever they are called."""
    return [name for job in request.jobs.all() for name in vault.beside(job.public_id)]


def _content(request: Request, by: Actor) -> dict[str, Any]:
    """What the certificate says: hashes of what was sent, counts of what was kept beside it, what is left and why."""
    uploads = [
        {"sha256": upload.sha256, "bytes": upload.size, "received_at": upload.received_at.isoformat(), "state": upload.state}
        for upload in request.uploads.order_by("received_at")
    ]
    return {
        "reference": request.reference,
        "organisation": request.organisation.name,
        "destroyed_at": now().isoformat(),
        "destroyed_by": by.actor_id,
        "uploads": uploads,
        "doubtful_links": Pair.objects.filter(job__request=request).count(),
        "private_files": len(_private(request)),
        "notes": request.notes.count(),
        "kept": [say("ops.certificate.kept_audit"), say("ops.certificate.kept_register"), say("ops.certificate.kept_results")],
    }


def _remove_rows(request: Request) -> None:
    Pair.objects.filter(job__request=request).delete()
    Note.objects.filter(request=request).update(text="")
    request.uploads.filter(destroyed_at=None).update(destroyed_at=now(), state="destroyed")
