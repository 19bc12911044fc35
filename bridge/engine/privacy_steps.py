"""Erasures that are to be finished, and what is forgotten by itself. As in
:mod:`bridge.engine.steps`, every step may run beside itself and says why."""

from __future__ import annotations

from bridge.db import upsert
from bridge.earning.models import FollowedClock
from bridge.engine.bench import Bench
from bridge.engine.protocol import Done
from bridge.privacy import erasing, retention

RETENTION = "retention"


def privacy(bench: Bench) -> Done:
    """Safe: each step of an erasure may be repeated, and what is old is forgotten once."""
    app = bench.app
    done = erasing.pass_time(app.database, app.workspace_id, app.now)
    forgotten = 0
    if _is_new_day(bench):
        forgotten = sum(retention.apply(app.database, app.workspace_id, app.now).values())
    follow = frozenset({"due"}) if done or forgotten else frozenset()
    return Done({"erasures": done, "forgotten": forgotten}, follow=follow)


def _is_new_day(bench: Bench) -> bool:
    """Noted before the work: what is interrupted waits for the next day."""
    app, now = bench.app, bench.app.now()
    with app.database.reading() as session:
        followed = session.get(FollowedClock, (app.workspace_id, RETENTION))
    if followed is not None and followed.through.date() >= now.date():
        return False
    row = {"workspace_id": app.workspace_id, "name": RETENTION, "through": now, "last_id": 0}
    with app.database.writing() as session:
        upsert(session, FollowedClock, [row])
    return True
