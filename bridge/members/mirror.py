"""Customers as their shops last told of them: one statement a batch.

``read_at`` is when the reading began. What was delivered since stays as the delivery read it back:
the answer may be older, and would look like somebody else's change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlmodel import Session, col, func, select

from bridge.db import upsert
from bridge.inbox import erased
from bridge.members.models import MemberCustomer, ShopCustomer
from bridge.outbox.touched import touched_since
from bridge.programme.emails import folded_email
from connectors.base import Customer


def store_customers(
    session: Session,
    workspace_id: int,
    installation_id: int,
    customers: Sequence[Customer],
    pull: int | None,
    read_at: datetime,
) -> None:
    """``pull``: the number of the pull that read them; ``None``: none did. People who were
    erased are left out."""
    let_in = erased.let_in(session, workspace_id, installation_id, customers)
    customers = [one for one in let_in if isinstance(one, Customer)]
    moved = touched_since(session, workspace_id, installation_id, "customer", read_at).keys
    newest = {customer.id: customer for customer in customers if customer.id not in moved}
    rows = []
    for customer in newest.values():
        fields = asdict(customer)
        fields["customer_id"] = fields.pop("id")
        fields["email"] = folded_email(customer.email)
        fields |= {
            "installation_id": installation_id,
            "workspace_id": workspace_id,
            "pull": pull or 0,
        }
        rows.append(fields)
    upsert(session, ShopCustomer, rows)


def mirrored(
    session: Session, workspace_id: int, installation_id: int, customer_id: str
) -> Customer | None:
    """The customer as last stored; ``None``: the shop has not told of him yet."""
    row = session.exec(
        select(ShopCustomer).where(
            col(ShopCustomer.workspace_id) == workspace_id,
            col(ShopCustomer.installation_id) == installation_id,
            col(ShopCustomer.customer_id) == customer_id,
        )
    ).first()
    if row is None:
        return None
    return Customer(
        id=row.customer_id,
        email=row.email,
        group_id=row.group_id,
        store_id=row.store_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        company=row.company,
        vat_id=row.vat_id,
        is_guest=row.is_guest,
        is_active=row.is_active,
        is_confirmed=row.is_confirmed,
    )


def first_registration(session: Session, workspace_id: int, member_id: int) -> datetime | None:
    """When the first of the member's customers registered; ``None``: no shop told of one."""
    return session.exec(
        select(func.min(ShopCustomer.created_at))
        .join(
            MemberCustomer,
            (col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id))
            & (col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id)),
        )
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.member_id) == member_id,
        )
    ).one()
