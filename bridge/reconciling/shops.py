"""What a shop tells now, beside what the bridge has of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.inbox import erased
from bridge.inbox.codec import fingerprint
from bridge.inbox.fetching import PER_CALL
from bridge.inbox.intake import Intake
from bridge.inbox.models import Cursor, InboxRow, InboxState
from bridge.inbox.polling import CUSTOMERS, OVERLAP
from bridge.inbox.seen import Seen
from bridge.members.mirror import store_customers
from bridge.members.models import ShopCustomer
from bridge.orders.buyers import with_buyer
from bridge.orders.models import HandledOrder
from bridge.outbox.models import Binding
from bridge.reconciling.books import Books, at, chunked
from bridge.reconciling.findings import Finding, Fix, Severity
from bridge.reconciling.judging import readable
from bridge.reconciling.news import applying
from connectors.base import Connector, Customer
from connectors.sales import Entity, Feed, Mark, Order

UNSEEN = "shop-order-unseen"
CHANGED = "shop-order-changed"
GONE = "shop-order-gone"
UNTOLD = "shop-order-untold"
GROUP = "shop-customer-group"
_WAITING = (InboxState.QUEUED.value, InboxState.FAILED.value, InboxState.UNREAD.value)


@dataclass(frozen=True)
class Shop:
    """One installation that is asked. Its clock counts."""

    books: Books
    id: int
    name: str
    connector: Connector
    intake: Intake
    since: datetime
    """Orders that changed, or were placed, from here on."""


def open_shop(
    books: Books, installation_id: int, name: str, connector: Connector, window: timedelta
) -> Shop:
    """May ask the shop for its time. Raises ConnectorError."""
    intake = Intake(books.database, books.workspace_id, installation_id, connector, books.clock)
    since = max(intake.time.of(books.clock()) - window, intake.connected_at)
    return Shop(books, installation_id, name, connector, intake, since)


# -- orders ---------------------------------------------------------------------------------


def find_orders(shop: Shop) -> Iterator[Finding]:
    """Orders of the window, each asked for once, a hundred at a time. What the next poll will
    fetch by itself is none. Raises ConnectorError."""
    feed = shop.connector.feed
    if feed is None:
        return
    began = shop.intake.time.of(shop.books.clock())
    ids, due = told(shop, feed)
    with shop.books.looking() as session:
        ids |= dict.fromkeys(
            session.execute(
                select(col(HandledOrder.order_id)).where(
                    col(HandledOrder.workspace_id) == shop.books.workspace_id,
                    col(HandledOrder.installation_id) == shop.id,
                    col(HandledOrder.placed_at) >= shop.since,
                )
            ).scalars()
        )
    for some in chunked((id_ for id_ in ids if id_ not in due), PER_CALL):
        answer = shop.intake.fetch(feed.orders, some)
        with shop.books.looking() as session:
            orders = _let_in(session, shop, answer.orders)
            mirrored, waiting, came_in = _known(session, shop, some)
        for id_, reason in answer.refused.items():
            yield _untold(shop, id_, reason)
        for id_ in some:
            order = orders.get(id_)
            if id_ in waiting or id_ in answer.refused:
                continue
            if order is not None and order.changed_at > began:
                continue  # since the walk
            yield from _of_order(shop, id_, order, mirrored.get(id_), is_new=id_ not in came_in)


def _let_in(session: Session, shop: Shop, told: Sequence[Order]) -> dict[str, Order]:
    """As they would be stored, by id: of people who were erased without them."""
    found = erased.let_in(session, shop.books.workspace_id, shop.id, told, notes=False)
    return {one.id: one for one in found if isinstance(one, Order)}


def told(shop: Shop, feed: Feed) -> tuple[dict[str, None], set[str]]:
    """Ids of orders that walks tell of; those of them that the next poll will fetch."""
    seen = Seen(OVERLAP, is_known=shop.intake.time.is_known)
    with shop.books.looking() as session:
        seen.load(session, shop.books.workspace_id, shop.id)
    found: dict[str, None] = {}
    due: set[str] = set()
    for resource in feed.order_resources:
        start = next_walk(shop, resource)
        for change in feed.changes(resource, Mark(min(shop.since, start))):
            if change.entity is not Entity.ORDER:
                continue
            found[change.id] = None
            if change.mark.at > start and not seen.covers(resource, change):
                due.add(change.id)
    return found, due


def next_walk(shop: Shop, resource: str) -> datetime:
    """Where the next poll's walk begins: what changed later is told again."""
    with shop.books.looking() as session:
        mark_at: datetime | None = session.execute(
            select(col(Cursor.mark_at)).where(
                col(Cursor.workspace_id) == shop.books.workspace_id,
                col(Cursor.installation_id) == shop.id,
                col(Cursor.resource) == resource,
            )
        ).scalar_one_or_none()
    if mark_at is None:
        return shop.intake.connected_at
    return min(mark_at, shop.intake.time.of(shop.books.clock())) - OVERLAP


def _untold(shop: Shop, id_: str, reason: str) -> Finding:
    return Finding(
        UNTOLD,
        f"order id {id_}",
        "The shop could not tell it.",
        reason,
        "Mend it in the shop, then reconcile again.",
        None,
        Severity.WAITS,
        shop.name,
    )


def _known(
    session: Session, shop: Shop, ids: Sequence[str]
) -> tuple[dict[str, Any], set[str], set[str]]:
    """Rows of the mirror; ids that wait in the inbox; ids that ever came in."""
    rows = session.execute(
        select(
            col(HandledOrder.order_id), col(HandledOrder.number), col(HandledOrder.content)
        ).where(
            col(HandledOrder.workspace_id) == shop.books.workspace_id,
            col(HandledOrder.installation_id) == shop.id,
            col(HandledOrder.order_id).in_(ids),
        )
    )
    mirrored = {row.order_id: row for row in rows}
    states = session.execute(
        select(col(InboxRow.entity_id), col(InboxRow.state)).where(
            col(InboxRow.workspace_id) == shop.books.workspace_id,
            col(InboxRow.installation_id) == shop.id,
            col(InboxRow.resource) == "order",
            col(InboxRow.entity_id).in_(ids),
        )
    ).all()
    waiting = {entity_id for entity_id, state in states if state in _WAITING}
    return mirrored, waiting, {entity_id for entity_id, _ in states}


def _of_order(
    shop: Shop, id_: str, told: Order | None, row: Any, *, is_new: bool
) -> Iterator[Finding]:
    if told is None:
        if row is not None:
            yield _gone(shop, row)
        return
    if row is None:
        if is_new:
            yield Finding(
                UNSEEN,
                f"order {told.number}",
                f"The shop has it since {at(told.placed_at)}, and it never came in.",
                "A walk passed it by: the shop wrote it late with an older time, the cursor was "
                "moved, or what came in was deleted past the bridge.",
                "Fetch and handle it.",
                fetching(shop, id_),
                store=shop.name,
            )
        return
    mirrored = readable(row.content)
    if mirrored is None or fingerprint(mirrored) != fingerprint(_as_bought(told, mirrored)):
        yield Finding(
            CHANGED,
            f"order {told.number}",
            f"The shop tells {_difference(told, mirrored)}.",
            "A change was missed: the shop tells of it under no new time, the cursor was moved, "
            "or the mirror was changed past the bridge.",
            "Fetch and handle it.",
            fetching(shop, id_),
            store=shop.name,
        )


def _as_bought(told: Order, mirrored: Order) -> Order:
    """Shopware tells with an order the group that its buyer is in now. Which one he bought in is
    kept with the order, so another one is no news of it. Nor is it that he was deleted since."""
    known = with_buyer(told, mirrored.customer_id, mirrored.is_guest)
    return replace(known, group_id=mirrored.group_id)


def _gone(shop: Shop, row: Any) -> Finding:
    return Finding(
        GONE,
        f"order {row.number}",
        "The bridge has it, and the shop has it no more.",
        "It was deleted in the shop. Whether its points stay is for the merchant to say.",
        "Leave it, or take the points with `loyalty-bridge points adjust`.",
        None,
        Severity.WAITS,
        shop.name,
    )


def _difference(told: Order, mirrored: Order | None) -> str:
    if mirrored is None:
        return "it, and the mirror cannot be read"
    names = (
        "refunds",
        "lines",
        "paid_at",
        "completed_at",
        "cancelled_at",
        "customer_id",
        "shipping",
        "state",
    )
    differing = [name for name in names if getattr(told, name) != getattr(mirrored, name)]
    if "refunds" in differing:
        return f"{len(told.refunds)} refunds, the mirror has {len(mirrored.refunds)}"
    return f"another {', '.join(differing) or 'content'} than the mirror has"


def fetching(shop: Shop, order_id: str) -> Fix:
    """Outside any transaction; what came is stored as any other news, and handled at once."""

    def fix() -> bool:
        feed = shop.connector.feed
        assert feed is not None
        answer = shop.intake.fetch(feed.orders, [order_id])
        with shop.books.database.writing() as session:
            shop.intake.put(session, (), answer)
        with shop.books.looking() as session:
            newest = session.execute(
                select(col(InboxRow.id))
                .where(
                    col(InboxRow.workspace_id) == shop.books.workspace_id,
                    col(InboxRow.installation_id) == shop.id,
                    col(InboxRow.resource) == "order",
                    col(InboxRow.entity_id) == order_id,
                    col(InboxRow.state) != InboxState.UNREAD.value,
                )
                .order_by(col(InboxRow.changed_at).desc(), col(InboxRow.fetched_at).desc())
                .limit(1)
            ).scalar_one_or_none()
        return newest is not None and applying(shop.books, newest)()

    return fix


# -- groups of customers --------------------------------------------------------------------


def find_groups(shop: Shop) -> Iterator[Finding]:
    """Customers whom the bridge moved to a group: where the shop has them, and where the bridge
    believes that they are. Raises ConnectorError."""
    with shop.books.looking() as session:
        believed: dict[str, str] = {
            row[0]: row[1]
            for row in session.execute(
                select(col(ShopCustomer.customer_id), col(ShopCustomer.group_id))
                .join(Binding, col(Binding.key) == col(ShopCustomer.customer_id))
                .where(
                    col(Binding.workspace_id) == shop.books.workspace_id,
                    col(Binding.installation_id) == shop.id,
                    col(Binding.kind) == "customer",
                    col(ShopCustomer.workspace_id) == shop.books.workspace_id,
                    col(ShopCustomer.installation_id) == shop.id,
                )
            )
        }
    if not believed:
        return
    start, began = next_walk(shop, CUSTOMERS), shop.books.clock()
    for customer in shop.connector.customers(None):
        group = believed.get(customer.id)
        if group is None or group == customer.group_id:
            continue
        if customer.updated_at > start and not _came_in(shop, customer):
            continue  # the next poll reads it
        yield Finding(
            GROUP,
            f"customer {customer.email or customer.id}",
            f"He is in the shop's group {customer.group_id}, and the bridge believes he is "
            f"in {group}.",
            "What is noted of him was changed past the bridge, or somebody moved him there "
            "and the shop told of no change.",
            "Take it from the shop; what the programme makes of it the next plan says.",
            _noting(shop, customer, began),
            store=shop.name,
        )


def _came_in(shop: Shop, customer: Customer) -> bool:
    """Whether the shop told of him as he is, and that was handled."""
    with shop.books.looking() as session:
        found = session.execute(
            select(col(InboxRow.id)).where(
                col(InboxRow.workspace_id) == shop.books.workspace_id,
                col(InboxRow.installation_id) == shop.id,
                col(InboxRow.resource) == "customer",
                col(InboxRow.entity_id) == customer.id,
                col(InboxRow.content_hash) == fingerprint(customer),
                col(InboxRow.state) == InboxState.HANDLED.value,
            )
        )
        return found.first() is not None


def _noting(shop: Shop, customer: Customer, read_at: datetime) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        store_customers(session, shop.books.workspace_id, shop.id, [customer], None, read_at)
        return True

    return shop.books.fix(mend)
