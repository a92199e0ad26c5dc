"""Which central records are used, and taking in others."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.audit.action import Done, action
from portal.audit.record import Actor
from portal.config.refusals import Refused
from portal.ops.models import CentralLoad
from portal.wording import say


def current_load() -> CentralLoad | None:
    """The records that runs use now."""
    return CentralLoad.objects.filter(is_current=True).first()


def check_steward(user: Actor) -> None:
    """A data steward."""
    if not isinstance(user, User) or Role.STEWARD not in user.roles:
        raise Refused(say("ops.refusals.stewards_only"))


def _facts(folder: CentralLoad) -> dict[str, Any]:
    """What the engine finds in a folder of records. Raises CentralDataError where they do not obey their schema."""
    from datalab.engines import duckdb as engine
    from datalab.schema.store import open_central

    with engine.session() as connection:
        central = open_central(connection, folder.path)
        windows = sorted(
            {(one.first.isoformat(), one.last.isoformat()) for one in central.coverage.windows if one.kind == "cohort"}
        )
        return {"synthetic": central.synthetic, "rows": dict(central.rows), "sha256": dict(central.sha256), "coverage": windows}


@action("central.load")
def load_central(*, by: User, folder: str, extracted_on: dt.date) -> Done[CentralLoad]:
    """Takes a folder below the home folder's `central` as the records that runs use, once it obeys its schema."""
    check_steward(by)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", folder):
        raise Refused(say("ops.refusals.folder"), status=409)
    load = CentralLoad(folder=folder, extracted_on=extracted_on, loaded_by=by, is_current=True)
    if not load.path.is_dir():
        raise Refused(say("ops.refusals.folder"), status=409)
    for name, value in _facts(load).items():
        setattr(load, name, value)
    CentralLoad.objects.filter(is_current=True).update(is_current=False)
    load.save()
    return Done(load, load, {"folder": folder, "extracted_on": extracted_on.isoformat(), "rows": load.rows})
