"""Looking at balances that shops refused to show, and giving them another try."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session, col

from bridge.balances.models import ShownBalance
from bridge.installations.models import Installation
from bridge.members.models import MemberCustomer


@dataclass(frozen=True, slots=True)
class Refused:
    """A balance as a person reads it."""

    store: str
    customer_id: str
    email: str
    """Empty: none is known."""
    shown: str | None
    """What the shop was seen to hold last, as JSON; ``None``: nothing yet."""
    attempts: int
    error: str


def refused(
    session: Session,
    workspace_id: int,
    store: str | None,
    limit: int,
    *,
    after: tuple[str, str] | None = None,
) -> list[Refused]:
    """Those that were tried too often, by store and customer; of ``store`` alone, if named.
    ``after``: store and customer of the last one on the page before."""
    query = (
        select(
            col(Installation.name),
            col(ShownBalance.customer_id),
            col(MemberCustomer.email),
            col(ShownBalance.shown),
            col(ShownBalance.attempts),
            col(ShownBalance.error),
        )
        .join(Installation, col(Installation.id) == col(ShownBalance.installation_id))
        .outerjoin(
            MemberCustomer,
            and_(
                col(MemberCustomer.workspace_id) == workspace_id,
                col(MemberCustomer.installation_id) == col(ShownBalance.installation_id),
                col(MemberCustomer.customer_id) == col(ShownBalance.customer_id),
            ),
        )
        .where(col(ShownBalance.workspace_id) == workspace_id, col(ShownBalance.is_dead).is_(True))
        .order_by(col(Installation.name), col(ShownBalance.customer_id))
        .limit(limit)
    )
    if store is not None:
        query = query.where(col(Installation.name) == store)
    if after is not None:
        name, customer = after
        query = query.where(
            or_(
                col(Installation.name) > name,
                and_(col(Installation.name) == name, col(ShownBalance.customer_id) > customer),
            )
        )
    return [
        Refused(name, customer_id, email or "", shown, attempts, error)
        for name, customer_id, email, shown, attempts, error in session.execute(query)
    ]


def retry(session: Session, workspace_id: int, customers: Iterable[tuple[str, str]]) -> int:
    """Tells refused ones among these once more, with a fresh count of tries; returns how many.

    ``customers``: store names and customer ids. What is told is the balance of that moment.
    """
    by_store: dict[str, list[str]] = {}
    for store, customer_id in customers:
        by_store.setdefault(store, []).append(customer_id)
    return sum(_retry(session, workspace_id, *one) for one in by_store.items())


def _retry(session: Session, workspace_id: int, store: str, customer_ids: list[str]) -> int:
    here = select(col(Installation.id)).where(
        col(Installation.workspace_id) == workspace_id, col(Installation.name) == store
    )
    queued = session.execute(
        update(ShownBalance)
        .where(
            col(ShownBalance.workspace_id) == workspace_id,
            col(ShownBalance.installation_id).in_(here),
            col(ShownBalance.customer_id).in_(customer_ids),
            col(ShownBalance.is_dead).is_(True),
        )
        .values(is_dead=False, attempts=0, not_before=None)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(queued, "rowcount", 0))
