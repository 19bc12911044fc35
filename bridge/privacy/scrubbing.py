"""Taking a person's data away, table by table. Each function may be repeated, and is a unit of
work or a part of one; what is gone is not found again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, or_, select, tuple_, update
from sqlmodel import Session, col

from bridge.earning.models import HandledActivity
from bridge.earning.past import ACTIVITY
from bridge.inbox import erased
from bridge.inbox.codec import RESOURCES, decoded, encoded, fingerprint
from bridge.inbox.entities import EntityKey, lock
from bridge.inbox.models import Cursor, InboxRow, InboxState, SeenChange, StoredSignal
from bridge.kit.emails import folded_email
from bridge.orders.models import HandledOrder
from bridge.outbox.models import Binding, Delivery
from bridge.points.models import Entry
from bridge.privacy.person import Person
from bridge.privacy.register import HELD, Then
from connectors.sales import Order

ORDERS = 200
"""Of one unit of work."""
_WAITING = (InboxState.QUEUED.value, InboxState.FAILED.value, InboxState.UNREAD.value)

_DEEDS = ("activity", "award")
"""What came in of what he did, or was given, besides his orders."""
_NEWEST_FIRST = (col(InboxRow.changed_at).desc(), col(InboxRow.fetched_at).desc())

OrderKey = tuple[int, str]


# -- orders ---------------------------------------------------------------------------------


def scrub_orders(session: Session, him: Person, after: OrderKey | None) -> OrderKey | None:
    """The next orders of his, in the order of their keys: without him, and without what came in
    of them and was handled. The last one's key; ``None``: there are no more."""
    his = or_(
        him.has_member(HandledOrder),
        and_(him.has_email(HandledOrder), col(HandledOrder.member_id).is_(None)),
    )
    key = tuple_(col(HandledOrder.installation_id), col(HandledOrder.order_id))
    rows = session.scalars(
        select(HandledOrder)
        .where(his, *(() if after is None else (key > after,)))
        .order_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
        .limit(ORDERS)
        .with_for_update()
    ).all()
    for row in rows:
        order = erased.nameless(session, him.workspace_id, decoded(Order, row.content))
        content = encoded(order)
        if (row.customer_id, row.email, row.content) != ("", "", content):
            row.customer_id, row.email, row.content = "", "", content
        row.circumstances = _without(row.circumstances, _company_words(session, him))
    session.flush()
    _scrub_inbox(session, him, "order", [(row.installation_id, row.order_id) for row in rows])
    return (rows[-1].installation_id, rows[-1].order_id) if len(rows) == ORDERS else None


def scrub_circumstances(session: Session, him: Person) -> None:
    """What rules knew of his company when he bought: that there is one stays."""
    words = _company_words(session, him)
    if not words:
        return
    rows = session.scalars(
        select(HandledOrder)
        .where(
            him.has_member(HandledOrder),
            or_(
                *(
                    col(HandledOrder.circumstances).contains(
                        json.dumps(one, ensure_ascii=False), autoescape=True
                    )
                    for one in words
                )
            ),
        )
        .order_by(col(HandledOrder.installation_id), col(HandledOrder.order_id))
        .with_for_update()
    )
    for row in rows.all():
        row.circumstances = _without(row.circumstances, words)
    session.flush()


def _company_words(session: Session, him: Person) -> tuple[str, ...]:
    """Names that no rule asks for: whether there is a company stays."""
    return tuple(
        one for one in him.companies if not erased.is_named(session, him.workspace_id, one)
    )


def _scrub_inbox(session: Session, him: Person, resource: str, keys: Sequence[OrderKey]) -> None:
    """What was handled goes; what waits is handled without him."""
    which = (
        col(InboxRow.workspace_id) == him.workspace_id,
        col(InboxRow.resource) == resource,
        tuple_(col(InboxRow.installation_id), col(InboxRow.entity_id)).in_(list(keys)),
    )
    session.execute(
        delete(InboxRow)
        .where(*which, col(InboxRow.state).not_in(_WAITING))
        .execution_options(synchronize_session=False)
    )
    rows = select(InboxRow).where(*which).order_by(*_NEWEST_FIRST).with_for_update()
    _make_nameless(session, him, session.scalars(rows).all())


def scrub_told(session: Session, him: Person) -> None:
    """Orders that came in and were not handled yet are handled without him; what he did besides,
    handled or not, is forgotten."""
    marks = [f'"customer_id":"{key.customer_id}"' for key in him.customers]
    marks += [_email_mark(email) for email in him.emails]
    if not marks:
        return
    which = (
        col(InboxRow.workspace_id) == him.workspace_id,
        or_(
            and_(col(InboxRow.state).in_(_WAITING), col(InboxRow.resource) == "order"),
            col(InboxRow.resource).in_(_DEEDS),
        ),
        or_(*(col(InboxRow.content).icontains(mark, autoescape=True) for mark in marks)),
    )
    # Whoever handles one of them is waited for; what he handled is found among the orders.
    keys = session.execute(
        select(col(InboxRow.installation_id), col(InboxRow.resource), col(InboxRow.entity_id))
        .where(*which)
        .distinct()
    )
    lock(session, [EntityKey(*key) for key in keys])
    rows = session.scalars(
        select(InboxRow).where(*which).order_by(*_NEWEST_FIRST).with_for_update()
    ).all()
    _make_nameless(session, him, [row for row in rows if _is_his(him, row)])


def _email_mark(email: str) -> str:
    """As it may be told; of a domain in other letters, which shops tell as they are, any."""
    local, at, domain = email.rpartition("@")
    return f'"email":"{local}{at}' if "xn--" in domain else f'"email":"{email}"'


def _is_his(him: Person, row: InboxRow) -> bool:
    if not row.content:
        return False
    record = decoded(RESOURCES[row.resource], row.content)
    if record.customer_id:
        return erased.CustomerKey(row.installation_id, record.customer_id) in him.customers
    return bool(getattr(record, "email", "")) and folded_email(record.email) in him.emails


def _make_nameless(session: Session, him: Person, rows: Sequence[InboxRow]) -> None:
    """``rows``: the newest first. Versions that differed in who he is are one now."""
    seen: set[tuple[int, str, str]] = set()
    for row in rows:
        if not row.content:
            continue  # the shop could not tell it: there is only its id
        if row.resource != "order":
            session.delete(row)
            continue
        order = erased.nameless(session, him.workspace_id, decoded(Order, row.content))
        row.content, row.content_hash, row.error = encoded(order), fingerprint(order), ""
        key = (row.installation_id, row.entity_id, row.content_hash)
        if key in seen:
            session.delete(row)
        seen.add(key)
    session.flush()


def _without(text: str, words: Sequence[str]) -> str:
    for word in words:
        told = json.dumps(word, ensure_ascii=False)
        text = text.replace(f'"company": {told}', f'"company": "{erased.COMPANY}"')
    return text


# -- everything that is simply deleted or emptied -------------------------------------------


def scrub_registered(session: Session, him: Person) -> None:
    """What the register says is deleted or cleared."""
    for held in HELD:
        table: Any = held.table
        if held.then is Then.CLEAR:
            session.execute(
                update(table)
                .where(held.which(him))
                .values(**held.clears)
                .execution_options(synchronize_session=False)
            )
    for held in HELD:
        if held.then is Then.DELETE:
            session.execute(
                delete(held.table)
                .where(held.which(him))
                .execution_options(synchronize_session=False)
            )


# -- the work of the bridge -----------------------------------------------------------------


def scrub_work(session: Session, him: Person, now: datetime) -> None:
    """What was to be done, or was done, with his customers in the shops."""
    moves = and_(col(Delivery.kind) == "customer", him.has_customer(Delivery, Delivery.key))
    bound = and_(col(Binding.kind) == "customer", him.has_customer(Binding, Binding.key))
    told = and_(
        col(InboxRow.resource) == "customer", him.has_customer(InboxRow, InboxRow.entity_id)
    )
    deeds = and_(
        col(InboxRow.resource) == "activity", him.has_customer(InboxRow, InboxRow.entity_id)
    )
    seen = or_(
        him.has_customer(SeenChange, SeenChange.entity_id),
        him.has_customer(SeenChange, SeenChange.mark_id),
    )
    for table, which in (
        (Delivery, moves),
        (Binding, bound),
        (InboxRow, told),
        (InboxRow, deeds),
        (SeenChange, seen),
    ):
        session.execute(delete(table).where(which).execution_options(synchronize_session=False))
    session.execute(
        update(Cursor)
        .where(him.has_customer(Cursor, Cursor.mark_id))
        .values(mark_id="")  # what was told at this very moment is told again
        .execution_options(synchronize_session=False)
    )
    _scrub_deeds(session, him)
    _scrub_signals(session, him)


def _scrub_deeds(session: Session, him: Person) -> None:
    """What he did and what earned nothing: a subscription is named by its subscriber's id. What
    earned stays, as entries name it."""
    earned = exists().where(
        col(Entry.workspace_id) == col(HandledActivity.workspace_id),
        col(Entry.installation_id) == col(HandledActivity.installation_id),
        col(Entry.source_kind) == ACTIVITY,
        col(Entry.source_id) == col(HandledActivity.activity_id),
    )
    session.execute(
        delete(HandledActivity)
        .where(him.has_member(HandledActivity), ~earned)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(HandledActivity)
        .where(
            or_(him.has_customer(HandledActivity), him.has_email(HandledActivity)),
            col(HandledActivity.member_id).is_(None),
        )
        .execution_options(synchronize_session=False)
    )


def _scrub_signals(session: Session, him: Person) -> None:
    """Hints to fetch him: polls do without."""
    for key in him.customers:
        session.execute(
            delete(StoredSignal)
            .where(
                col(StoredSignal.workspace_id) == him.workspace_id,
                col(StoredSignal.installation_id) == key.installation_id,
                col(StoredSignal.ids).contains(f'"{key.customer_id}"', autoescape=True),
            )
            .execution_options(synchronize_session=False)
        )
