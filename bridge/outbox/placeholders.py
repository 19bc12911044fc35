"""Names for things that are still to be made, until the shop gives them an id of its own."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update
from sqlmodel import Session, col

from bridge.outbox.leases import Stage
from bridge.outbox.models import OPEN_STATES, Delivery, DeliveryState

_PREFIX = "new:"
WAITING = "waiting:"
"""Begins an ``after`` that is put into the shop's own words only when it is sent: a promotion, as
JSON, that names groups by ``group_ids``."""


def placeholder(key: str) -> str:
    """Stands for the shop's id of the group with this key, until the shop has made it."""
    return _PREFIX + key


def is_placeholder(text: str) -> bool:
    return text.startswith(_PREFIX)


def fill_in(session: Session, stage: Stage, name: str, shop_id: str) -> None:
    """Puts the shop's id wherever later deliveries of the run name the group ``name``.

    Dead letters too: the group may have been made at a second try, long after they were refused.
    """
    rows = session.execute(
        select(
            col(Delivery.id),
            col(Delivery.kind),
            col(Delivery.key),
            col(Delivery.before),
            col(Delivery.after),
            col(Delivery.hints),
        ).where(
            col(Delivery.workspace_id) == stage.workspace_id,
            col(Delivery.installation_id) == stage.installation_id,
            col(Delivery.run_id) == stage.run_id,
            col(Delivery.stage) > stage.number,
            col(Delivery.state).in_([*OPEN_STATES, DeliveryState.DEAD.value]),
            or_(
                and_(
                    col(Delivery.kind).in_(("price", "audience")),
                    col(Delivery.key).contains(name, autoescape=True),
                ),
                and_(
                    col(Delivery.kind) == "customer",
                    or_(col(Delivery.after) == name, col(Delivery.before) == name),
                ),
                and_(
                    col(Delivery.kind) == "promotion",
                    or_(
                        col(Delivery.after).contains(name, autoescape=True),
                        col(Delivery.hints).contains(name, autoescape=True),
                    ),
                ),
            ),
        )
    ).all()
    changed: list[dict[str, Any]] = [
        {
            "row_id": row.id,
            "new_key": _with_group(row.kind, row.key, name, shop_id),
            "new_before": shop_id if row.before == name else row.before,
            "new_after": _after(row, name, shop_id),
        }
        for row in rows
    ]
    if changed:
        session.connection().execute(
            update(Delivery)
            .where(
                col(Delivery.workspace_id) == stage.workspace_id,
                col(Delivery.id) == bindparam("row_id"),
            )
            .values(
                key=bindparam("new_key"),
                before=bindparam("new_before"),
                after=bindparam("new_after"),
            ),
            changed,
        )


_AUDIENCE = 2
"""Place of the audience among the parts of a price's key."""


def _with_group(kind: str, key: str, name: str, shop_id: str) -> str:
    """A group's id can look like a quantity, a SKU or a website's id: only its own place counts."""
    if kind == "audience":
        return shop_id if key == name else key
    if kind != "price":
        return key
    parts = key.split("\t")
    if parts[_AUDIENCE] == name:
        parts[_AUDIENCE] = shop_id
    return "\t".join(parts)


def _after(row: Any, name: str, shop_id: str) -> str | None:
    after: str | None = row.after
    if row.kind != "promotion":
        return shop_id if after == name else after
    if after is None:
        return None
    if not after.startswith(WAITING) and not row.hints:
        return after
    meant = after.removeprefix(WAITING) if after.startswith(WAITING) else row.hints
    given = json.loads(meant)
    if name not in given["group_ids"]:
        return after
    given["group_ids"] = sorted(shop_id if id_ == name else id_ for id_ in given["group_ids"])
    return WAITING + json.dumps(given)
