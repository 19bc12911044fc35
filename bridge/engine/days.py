"""Whether a day of the programme's time zone has begun that was not looked at yet."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bridge.db import upsert
from bridge.earning.models import FollowedClock
from bridge.engine.bench import Bench
from bridge.programme.service import current

DAYS = "days"


def unseen(bench: Bench) -> datetime | None:
    """The time now, when its day is a new one."""
    app = bench.app
    now = app.now()
    with app.database.reading() as session:
        found = current(session, app.workspace_id)
        followed = session.get(FollowedClock, (app.workspace_id, DAYS))
    if found is None:
        return None
    zone = ZoneInfo(found[1].timezone)
    if followed and followed.through.astimezone(zone).date() >= now.astimezone(zone).date():
        return None
    return now


def seen(bench: Bench, moment: datetime) -> None:
    app = bench.app
    row = {"workspace_id": app.workspace_id, "name": DAYS, "through": moment, "last_id": 0}
    with app.database.writing() as session:
        upsert(session, FollowedClock, [row])
