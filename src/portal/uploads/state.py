"""Whether a request has an upload that can be used, asked by the requests' own actions; and the end of one that could not be
checked, inside the action that ends its check."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from portal.config.clock import now
from portal.requests.models import Request
from portal.uploads import vault
from portal.uploads.models import Upload

if TYPE_CHECKING:
    from portal.runs.models import Job


def current_upload(request: Request) -> Upload | None:
    """The upload that counts: checked, or being checked."""
    return request.uploads.filter(state__in=(Upload.State.WAITING, Upload.State.USABLE)).first()


def has_clean_upload(request: Request) -> bool:
    """Whether people are there to work with."""
    return request.uploads.filter(state=Upload.State.USABLE).exists()


def give_up(job: Job) -> None:
    """The file of a check that ended without an answer is destroyed: nobody keeps what nobody could check. Other jobs' stays."""
    if job.kind == job.Kind.CHECK and job.upload is not None and job.upload.state == Upload.State.WAITING:
        Upload.objects.filter(id=job.upload.id).update(state=Upload.State.UNUSABLE, destroyed_at=now())
        transaction.on_commit(partial(vault.destroy, job.upload.public_id))
