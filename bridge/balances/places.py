"""Shops whose customers' points a plugin in the shop holds, as long as it is there.

The plugin comes and goes in the shop, and takes what it was told with it. While it is not there
nobody waits to be told; once it is seen, everybody does. Other shops can always be told, and have
no row here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, literal, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from bridge.balances.models import BalancePlace, ShownBalance
from bridge.installations.models import Installation
from bridge.members.models import MemberCustomer


def places(session: Session, workspace_id: int) -> list[int]:
    """Installations that can be told now, as far as is known."""
    rows = session.scalars(
        select(col(BalancePlace.installation_id))
        .join(Installation, col(Installation.id) == col(BalancePlace.installation_id))
        .where(
            col(BalancePlace.workspace_id) == workspace_id,
            col(Installation.removed_at).is_(None),
        )
    )
    return list(rows)


def is_place(session: Session, workspace_id: int, installation_id: int) -> bool:
    found = session.scalars(
        select(col(BalancePlace.installation_id)).where(_here(workspace_id, installation_id))
    )
    return found.first() is not None


def came(session: Session, workspace_id: int, installation_id: int, now: datetime) -> None:
    """The plugin is there: every customer is due, unless that was known."""
    insert = _insert(session)
    row = {"installation_id": installation_id, "workspace_id": workspace_id, "since": now}
    noted: Any = session.connection().execute(
        insert(BalancePlace)
        .values(row)
        .on_conflict_do_nothing(index_elements=["installation_id"])
        .returning(col(BalancePlace.installation_id))
    )
    if noted.first() is not None:
        everybody_due(session, workspace_id, installation_id)


def went(session: Session, workspace_id: int, installation_id: int) -> None:
    """It is gone, or was told to forget: what it showed is not known any more, and nobody is
    due."""
    for table in (BalancePlace, ShownBalance):
        session.execute(
            delete(table)
            .where(
                and_(
                    col(table.workspace_id) == workspace_id,
                    col(table.installation_id) == installation_id,
                )
            )
            .execution_options(synchronize_session=False)
        )


def everybody_due(session: Session, workspace_id: int, installation_id: int) -> None:
    """Whatever the shop was believed to show. One statement, for any number of customers."""
    # In order, as those are who change: two never wait for each other in a circle.
    customers: Any = select(
        col(MemberCustomer.installation_id),
        col(MemberCustomer.customer_id),
        col(MemberCustomer.workspace_id),
        col(MemberCustomer.member_id),
        literal(1),
        literal(True),
        literal(0),
        literal(""),
        literal(""),
        literal(False),
    ).where(
        col(MemberCustomer.workspace_id) == workspace_id,
        col(MemberCustomer.installation_id) == installation_id,
    )
    customers = customers.order_by(col(MemberCustomer.customer_id))
    fields = (
        "installation_id",
        "customer_id",
        "workspace_id",
        "member_id",
        "version",
        "is_due",
        "attempts",
        "lease_owner",
        "error",
        "is_dead",
    )
    statement: Any = _insert(session)(ShownBalance).from_select(fields, customers)
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["installation_id", "customer_id"],
            set_={
                "member_id": statement.excluded["member_id"],
                "version": col(ShownBalance.version) + 1,
                "is_due": True,
                "is_dead": False,
                "shown": None,
                "attempts": 0,
                "not_before": None,
            },
        )
    )


def _insert(session: Session) -> Any:
    return sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert


def _here(workspace_id: int, installation_id: int) -> Any:
    return and_(
        col(BalancePlace.workspace_id) == workspace_id,
        col(BalancePlace.installation_id) == installation_id,
    )
