"""A worker in a process of its own: says that it is there, and on a word takes all it can get.

Arguments: the database's URL, the home folder, the stage as JSON. After that it lives, and keeps
its leases, until its input ends.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.db import Database
from bridge.outbox.leases import Stage, claim
from bridge.outbox.workers import Worker

url, home, stage = sys.argv[1:4]
database = Database(url)
worker = Worker(Path(home))
print(json.dumps([]), flush=True)  # noqa: T201
sys.stdin.readline()
taken: list[str] = []
while True:
    with database.writing() as session:
        items = claim(
            session,
            Stage(*json.loads(stage), "price"),
            worker.id,
            datetime(2026, 1, 1, tzinfo=UTC),
            timedelta(seconds=60),
            (2, 2),
        )
    if not items:
        break
    taken += [item.key for item in items]
print(json.dumps(taken), flush=True)  # noqa: T201
sys.stdin.readline()
