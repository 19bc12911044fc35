"""When the last backup was made, and how to make one. There is no download: the database holds
every workspace's data (docs/decisions/0028-backups.md)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.backups import noting
from bridge.users.roles import Permission
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import speech

pages = Pages()


@pages.get("/settings/backup", Permission.CHANGE_SETTINGS)
def backup(visit: Visit) -> Any:
    app = visit.app
    with app.database.reading() as session:
        made = noting.last(session, app.workspace_id)
        size = noting.size(session)
    name = f"loyalty-{app.now():%Y-%m-%d}"
    file = f"{name}.db" if app.database.is_sqlite else f"{name}.dump"
    return page(
        "backup.html",
        made=made,
        made_size=_megabytes((made.after or {}).get("bytes", 0)) if made else "",
        size=_megabytes(size),
        commands={
            "plain": f"loyalty-bridge backup {file}",
            "with_keys": f"loyalty-bridge backup {name}.zip --with-keys",
            "check": f"loyalty-bridge backup check {file}",
        },
    )


def _megabytes(size: int) -> str:
    return speech().number((Decimal(size) / 1_000_000).quantize(Decimal("0.1")))
