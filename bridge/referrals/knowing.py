"""Whether an address is new over all stores of a merchant, guests included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlmodel import Session, col

from bridge.inbox.erased import is_erased
from bridge.installations.models import Installation
from bridge.members.models import MemberCustomer, MemberEmail, ShopCustomer
from bridge.orders.models import HandledOrder
from bridge.referrals.addresses import spellings

_MOST_NAMED = 3
"""Of each kind: they are reasons for people."""


def is_known(session: Session, workspace_id: int, address: str) -> bool:
    """Whether any store has, or had, a customer or a guest with this address; also one who was
    erased: nobody is new by that."""
    names = spellings(address)
    if is_erased(session, workspace_id, names):
        return True
    traces = (
        exists().where(
            col(ShopCustomer.workspace_id) == workspace_id, col(ShopCustomer.email).in_(names)
        ),
        exists().where(
            col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.email).in_(names)
        ),
        exists().where(
            col(MemberCustomer.workspace_id) == workspace_id, col(MemberCustomer.email).in_(names)
        ),
        exists().where(
            col(HandledOrder.workspace_id) == workspace_id, col(HandledOrder.email).in_(names)
        ),
    )
    return bool(session.execute(select(or_(*traces))).scalar_one())


def known_before(
    session: Session,
    workspace_id: int,
    addresses: Sequence[str],
    member_ids: Sequence[int],
    moment: datetime,
) -> tuple[str, ...]:
    """What was there before ``moment`` under these addresses or of these members, in words, by
    the shops' own times: news may have come late."""
    names = sorted({name for address in addresses for name in spellings(address)})
    found = [
        *_customers(session, workspace_id, names, member_ids, moment),
        *_orders(session, workspace_id, names, member_ids, moment),
    ]
    return tuple(dict.fromkeys(found))


def _customers(
    session: Session,
    workspace_id: int,
    names: Sequence[str],
    member_ids: Sequence[int],
    moment: datetime,
) -> Iterator[str]:
    found = (
        select(col(Installation.name), col(ShopCustomer.customer_id), col(ShopCustomer.created_at))
        .select_from(ShopCustomer)
        .join(Installation, col(Installation.id) == col(ShopCustomer.installation_id))
        .where(
            col(ShopCustomer.workspace_id) == workspace_id, col(ShopCustomer.created_at) < moment
        )
        .order_by(col(ShopCustomer.created_at))
        .limit(_MOST_NAMED)
    )
    by_member = found.join(
        MemberCustomer,
        (col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id))
        & (col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id)),
    ).where(col(MemberCustomer.member_id).in_(member_ids))
    # Two statements, so that each has an index: there may be many customers.
    rows = [
        *session.execute(found.where(col(ShopCustomer.email).in_(names))),
        *session.execute(by_member),
    ]
    for shop, customer_id, created_at in rows:
        yield f"He was known before: customer {customer_id} of {shop} since {created_at:%Y-%m-%d}."


def _orders(
    session: Session,
    workspace_id: int,
    names: Sequence[str],
    member_ids: Sequence[int],
    moment: datetime,
) -> Iterator[str]:
    rows = session.execute(
        select(col(Installation.name), col(HandledOrder.number), col(HandledOrder.placed_at))
        .join(Installation, col(Installation.id) == col(HandledOrder.installation_id))
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            or_(col(HandledOrder.email).in_(names), col(HandledOrder.member_id).in_(member_ids)),
            col(HandledOrder.cancelled_at).is_(None),
            col(HandledOrder.placed_at) < moment,
        )
        .order_by(col(HandledOrder.placed_at))
        .limit(_MOST_NAMED)
    )
    for shop, number, placed_at in rows:
        yield f"He bought before: order {number} of {shop} on {placed_at:%Y-%m-%d}."
