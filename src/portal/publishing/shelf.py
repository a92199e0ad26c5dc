"""Puts what is published into the library, in the transaction that publishes it: before that it holds nothing of it."""

from __future__ import annotations

from pathlib import Path

from django.urls import reverse
from django.utils import timezone

from datalab.errors import InputError
from datalab.library import read_released
from portal.config.refusals import Refused
from portal.library.entries import keep_analyses, withdraw_analyses
from portal.library.models import Source
from portal.publishing.models import Version
from portal.requests.states import Product
from portal.wording import say


def check_can_be_kept(folder: Path, product: str) -> None:
    """Raises Refused where the library cannot read an output, or it is not what the request is said to make: found out when it
    is put into a release, not when it is due."""
    try:
        kind = read_released(folder).release.kind
    except InputError as error:
        raise Refused(say("publishing.refusals.unreadable"), status=409) from error
    if (kind == "feasibility") != (product == Product.FEASIBILITY):
        raise Refused(say("publishing.refusals.unreadable"), status=409)


def keep_version(version: Version) -> int:
    """Every analysis of a version that is public from now on, in place of those of the version before; how many.

    A correction by a note alone changes no figure, so the library keeps what it has; one that withdraws takes it out of counts.
    """
    report, facts = version.report, version.facts
    if version.correction is not None and version.correction.withdraws:
        return withdraw_analyses(permanent=report.public_id, why=version.note)
    if version.correction is not None and version.correction.clearance_id is None:
        return 0
    return keep_analyses(
        folder=version.folder,
        source=Source.MADE_HERE,
        permanent=report.public_id,
        version=version.number,
        programme=facts["title"],
        organisation=facts["organisation"],
        kind=facts["kind"],
        setting=facts["setting"],
        people="",
        published_on=timezone.localtime(version.published_at).date(),
        address=reverse("report", args=[report.public_id]),
    )
