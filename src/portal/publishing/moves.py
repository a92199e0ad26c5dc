"""One move of a release, inside an action: checked and written. Only actions use it."""

from __future__ import annotations

from portal.publishing.models import Release
from portal.publishing.permissions import check_move
from portal.publishing.states import MOVES


def hold_release(release: Release) -> Release:
    """The release as the database has it now, held until the transaction ends: of two moves, the second sees the first."""
    return Release.objects.select_for_update().get(id=release.id)


def go(release: Release, name: str, **changes: object) -> dict[str, str]:
    """Makes a move of a held release and writes `changes` with it. Gives the facts for the audit."""
    check_move(release, name)
    before, release.state = release.state, MOVES[name][1]
    for field, value in changes.items():
        setattr(release, field, value)
    release.save()
    return {"from": before, "to": release.state}
