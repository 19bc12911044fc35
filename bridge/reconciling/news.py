"""What came in and was marked as handled: whether the mirror and the book have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, insert, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from bridge.earning.arriving import activity_handler
from bridge.earning.handling import ORDER, News, handle_orders, rehandle_orders
from bridge.earning.models import HandledActivity
from bridge.inbox.codec import RESOURCES, decoded, fingerprint
from bridge.inbox.entities import EntityKey, lock
from bridge.inbox.handling import Arrived
from bridge.inbox.models import InboxRow, InboxState
from bridge.kit.errors import BridgeError
from bridge.orders.buyers import with_buyer
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Entry, Holder, Lot
from bridge.reconciling.books import CHUNK, Books, at
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.judging import OrderKey, readable
from bridge.referrals.orders import note_orders
from bridge.vouchers.uses import note_uses
from connectors.sales import ActivityKind, Order

MISSING = "order-missing"
CONTENT = "order-content"
INBOX = "inbox-content"
ACTIVITY = "activity-missing"
_DONE = (InboxState.HANDLED.value, InboxState.STALE.value)


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    after = 0
    while True:
        with books.looking() as session:
            rows = session.execute(_suspects(books.workspace_id, after)).all()
        for row in rows:
            yield from _of_row(books, row, stores.get(row.installation_id, ""))
        if len(rows) < CHUNK:
            break
        after = rows[-1].id
    yield from _activities(books, stores)


def _suspects(workspace_id: int, after: int) -> Any:
    """Each order's newest version, where it was handled and the mirror says another thing, or
    nothing."""
    return (
        select(
            col(InboxRow.id),
            col(InboxRow.installation_id),
            col(InboxRow.entity_id),
            col(InboxRow.content_hash),
            col(InboxRow.content),
            col(InboxRow.changed_at),
            col(InboxRow.fetched_at),
            col(HandledOrder.order_id),
            col(HandledOrder.number),
            col(HandledOrder.content).label("mirrored"),
            col(HandledOrder.changed_at).label("mirrored_changed_at"),
            col(HandledOrder.fetched_at).label("mirrored_fetched_at"),
        )
        .outerjoin(
            HandledOrder,
            and_(
                col(HandledOrder.installation_id) == col(InboxRow.installation_id),
                col(HandledOrder.order_id) == col(InboxRow.entity_id),
            ),
        )
        .where(
            col(InboxRow.workspace_id) == workspace_id,
            col(InboxRow.id) > after,
            col(InboxRow.resource) == "order",
            col(InboxRow.state).in_(_DONE),
            ~_has_newer(),
            or_(
                col(HandledOrder.order_id).is_(None),
                col(HandledOrder.content) != col(InboxRow.content),
            ),
        )
        .order_by(col(InboxRow.id))
        .limit(CHUNK)
    )


def _has_newer() -> Any:
    newer = aliased(InboxRow)
    return exists(
        select(1).where(
            col(newer.installation_id) == col(InboxRow.installation_id),
            col(newer.resource) == col(InboxRow.resource),
            col(newer.entity_id) == col(InboxRow.entity_id),
            col(newer.state) != InboxState.UNREAD.value,
            or_(
                col(newer.changed_at) > col(InboxRow.changed_at),
                and_(
                    col(newer.changed_at) == col(InboxRow.changed_at),
                    or_(
                        col(newer.fetched_at) > col(InboxRow.fetched_at),
                        and_(
                            col(newer.fetched_at) == col(InboxRow.fetched_at),
                            col(newer.id) > col(InboxRow.id),
                        ),
                    ),
                ),
            ),
        )
    )


def _of_row(books: Books, row: Any, store: str) -> Iterator[Finding]:
    order, mirrored = readable(row.content), readable(row.mirrored or "")
    is_sound = order is not None and fingerprint(order) == row.content_hash
    key = (row.installation_id, row.entity_id)
    is_same = mirrored is not None and fingerprint(mirrored) == row.content_hash
    if not is_sound:
        yield Finding(
            INBOX,
            f"inbox row {row.id} (order id {row.entity_id})",
            "Its content is not what was stored: its digest differs.",
            "The row was changed past the bridge.",
            "Take the content from the mirror, which still has it."
            if is_same
            else "Fetch the order again: name its store to `reconcile --repair`.",
            _restoring_row(books, row.id, key) if is_same else None,
            store=store,
        )
    elif row.order_id is None:
        assert order is not None
        yield Finding(
            MISSING,
            f"order {order.number}",
            "It came in and is marked as handled, and the bridge does not have it.",
            "Its row in `orders` was deleted past the bridge, or the inbox row was marked as "
            "handled without being so.",
            "Handle it again, by what came in.",
            applying(books, row.id),
            store=store,
        )
    elif not is_same and not _has_buyer_alone(order, mirrored) and _is_older(row):
        yield Finding(
            CONTENT,
            f"order {row.number}",
            f"Its newest version, of {at(row.changed_at)}, is marked as handled; the mirror has "
            f"another, of {at(row.mirrored_changed_at)}.",
            "The inbox row was marked as handled without being so, or the order's content was "
            "changed past the bridge.",
            "Handle it again, by what came in.",
            applying(books, row.id),
            store=store,
        )


def _has_buyer_alone(came_in: Order | None, mirrored: Order | None) -> bool:
    """The mirror differs in this only: it still knows the buyer, who was deleted since."""
    if came_in is None or mirrored is None:
        return False
    known = with_buyer(came_in, mirrored.customer_id, mirrored.is_guest)
    return fingerprint(known) == fingerprint(mirrored)


def _is_older(row: Any) -> bool:
    """Not newer, that is: a mirror that is newer than the newest row that is left is right."""
    mirrored = (row.mirrored_changed_at, row.mirrored_fetched_at)
    return bool(mirrored <= (row.changed_at, row.fetched_at))


# -- mending --------------------------------------------------------------------------------


def applying(books: Books, row_id: int) -> Fix:
    """Makes the mirror say what this version says, and posts what the book lacks of it."""

    def mend(session: Session, now: datetime) -> bool:
        row = session.get(InboxRow, row_id)
        if row is None or row.workspace_id != books.workspace_id:
            return False
        key = (row.installation_id, row.entity_id)
        lock(session, [EntityKey(row.installation_id, row.resource, row.entity_id)])
        order = readable(row.content)
        if order is None:
            return False
        this = (
            col(HandledOrder.workspace_id) == books.workspace_id,
            col(HandledOrder.installation_id) == key[0],
            col(HandledOrder.order_id) == key[1],
        )
        done: Any = session.execute(
            update(HandledOrder)
            .where(*this)
            .values(content=row.content, changed_at=row.changed_at, fetched_at=row.fetched_at)
        )
        if not done.rowcount and not _was_posted(session, books.workspace_id, key):
            news = News(row.installation_id, order, row.changed_at, row.fetched_at)
            (result,) = handle_orders(session, books.workspace_id, [news], now)
            if isinstance(result, BridgeError):
                raise result
        else:
            if not done.rowcount:
                restore(session, books.workspace_id, row.installation_id, order, row)
            rehandle_orders(session, books.workspace_id, [key], now)
        # As when it comes in: what was paid with, and which friend's it is.
        note_uses(session, books.workspace_id, [(row.installation_id, order)], now)
        note_orders(session, books.workspace_id, [(row.installation_id, order)], now)
        session.execute(
            update(InboxRow)
            .where(col(InboxRow.id) == row_id)
            .values(state=InboxState.HANDLED.value, handled_at=now)
        )
        return True

    return books.fix(mend)


def _was_posted(session: Session, workspace_id: int, key: OrderKey) -> bool:
    return (
        session.execute(
            select(col(Entry.id))
            .where(
                col(Entry.workspace_id) == workspace_id,
                col(Entry.installation_id) == key[0],
                col(Entry.source_kind) == ORDER,
                col(Entry.source_id) == key[1],
            )
            .limit(1)
        ).first()
        is not None
    )


def restore(
    session: Session, workspace_id: int, installation_id: int, order: Order, row: Any
) -> None:
    """The row of an order whose entries are still there: where it earned, and how many changes
    were posted. All else is computed when it is handled again."""
    mine = (
        col(Entry.workspace_id) == workspace_id,
        col(Entry.installation_id) == installation_id,
        col(Entry.source_kind) == ORDER,
        col(Entry.source_id) == order.id,
    )
    revision = session.execute(select(func.max(col(Entry.revision))).where(*mine)).scalar_one()
    lot = session.execute(
        select(
            col(Lot.account_id), col(Lot.ripened_at), col(Account.holder), col(Account.holder_id)
        )
        .join(Account, col(Account.id) == col(Lot.account_id))
        .where(
            col(Lot.workspace_id) == workspace_id,
            col(Lot.installation_id) == installation_id,
            col(Lot.source_kind) == ORDER,
            col(Lot.source_id) == order.id,
        )
        # Where it was moved, that lot is the newer one.
        .order_by(col(Lot.id).desc())
        .limit(1)
    ).first()
    is_members = lot is not None and lot.holder == Holder.MEMBER.value
    session.connection().execute(
        insert(HandledOrder),
        [
            {
                "installation_id": installation_id,
                "order_id": order.id,
                "workspace_id": workspace_id,
                "number": order.number,
                "store_id": order.store_id,
                "member_id": lot.holder_id if lot is not None and is_members else None,
                "account_id": lot.account_id if lot is not None else None,
                "customer_id": order.customer_id,
                "is_guest": order.is_guest,
                "placed_at": order.placed_at,
                "changed_at": row.changed_at,
                "fetched_at": row.fetched_at,
                "currency": order.currency,
                "rate": 1_000_000,
                "is_decided": lot is not None and lot.ripened_at is not None,
                "is_frozen": _is_held(session, workspace_id, installation_id, order.id),
                "revision": int(revision or 0),
                "content": row.content,
            }
        ],
    )


def _is_held(session: Session, workspace_id: int, installation_id: int, order_id: str) -> bool:
    rows = session.execute(
        select(col(Entry.effect), func.sum(col(Entry.points)))
        .where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == installation_id,
            col(Entry.source_kind) == "freeze",
            col(Entry.source_id) == order_id,
        )
        .group_by(col(Entry.effect))
    )
    held = {effect: int(points) for effect, points in rows}
    return held.pop("reserve", 0) > sum(held.values())


def _restoring_row(books: Books, row_id: int, key: OrderKey) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        content = session.execute(
            select(col(HandledOrder.content)).where(
                col(HandledOrder.workspace_id) == books.workspace_id,
                col(HandledOrder.installation_id) == key[0],
                col(HandledOrder.order_id) == key[1],
            )
        ).scalar_one_or_none()
        if content is None:
            return False
        done: Any = session.execute(
            update(InboxRow)
            .where(col(InboxRow.workspace_id) == books.workspace_id, col(InboxRow.id) == row_id)
            .values(content=content)
        )
        return bool(done.rowcount)

    return books.fix(mend)


# -- activities -----------------------------------------------------------------------------


def _activities(books: Books, stores: dict[int, str]) -> Iterator[Finding]:
    for row in _lost_activities(books):
        yield Finding(
            ACTIVITY,
            f"inbox row {row.id} (activity {row.entity_id})",
            "It came in and is marked as handled, and the bridge does not have it.",
            "Its row in `activities` was deleted past the bridge, or the inbox row was marked "
            "as handled without being so.",
            "Handle it again, by what came in.",
            _handling_activity(books, row.id),
            store=stores.get(row.installation_id, ""),
        )


def _lost_activities(books: Books) -> Sequence[Any]:
    """An activity's id in the mirror is its name and the shop's id."""
    known = (
        select(col(HandledActivity.activity_id))
        .where(
            col(HandledActivity.workspace_id) == books.workspace_id,
            col(HandledActivity.installation_id) == col(InboxRow.installation_id),
            or_(
                *(
                    col(HandledActivity.activity_id) == f"{kind.value}/" + col(InboxRow.entity_id)
                    for kind in ActivityKind
                )
            ),
        )
        .exists()
    )
    with books.looking() as session:
        return session.execute(
            select(col(InboxRow.id), col(InboxRow.installation_id), col(InboxRow.entity_id))
            .where(
                col(InboxRow.workspace_id) == books.workspace_id,
                col(InboxRow.resource) == "activity",
                col(InboxRow.state).in_(_DONE),
                ~_has_newer(),
                ~known,
            )
            .order_by(col(InboxRow.id))
        ).all()


def _handling_activity(books: Books, row_id: int) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        row = session.get(InboxRow, row_id)
        if row is None:
            return False
        lock(session, [EntityKey(row.installation_id, row.resource, row.entity_id)])
        record = decoded(RESOURCES[row.resource], row.content)
        arrived = Arrived(
            books.workspace_id, row.installation_id, record, row.changed_at, row.fetched_at, row_id
        )
        activity_handler(session, arrived, now)
        return True

    return books.fix(mend)
