"""The members' points as the demo shows them: from the book, and as a shop holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import closing

from sqlmodel import Session, col, func, select

from bridge.application import Application
from bridge.demo.by_hand import Points
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.members.finding import Listed, listed, member_named
from bridge.orders.models import HandledOrder
from bridge.points.models import Entry, Holder
from bridge.points.statement import Line, history, standing
from connectors.sales import Balance

EVERYBODY = 1_000
SHOWN = 12
"""Members of the table: those with the most points."""


def members(app: Application) -> list[Listed]:
    with app.database.reading() as session:
        return listed(session, app.workspace_id, limit=EVERYBODY)


def points(app: Application) -> dict[str, Points]:
    """By e-mail, of those who have any; compare with :func:`bridge.demo.by_hand.balances`."""
    found = {one.name: Points(one.available, one.pending) for one in members(app)}
    return {email: both for email, both in found.items() if any(both)}


def wrong(
    owed: Mapping[str, Points], found: Mapping[str, Points]
) -> tuple[dict[str, Points | None], dict[str, Points | None]]:
    """What is owed and what was found, of those alone for whom they differ."""
    who = sorted(one for one in owed.keys() | found if owed.get(one) != found.get(one))
    return {one: owed.get(one) for one in who}, {one: found.get(one) for one in who}


def table(app: Application, stores: Mapping[str, object]) -> list[tuple[str, ...]]:
    """Member, orders in each store, available and pending points, tier."""
    with app.database.reading() as session:
        everybody = listed(session, app.workspace_id, limit=EVERYBODY)
        orders = _orders(session, app.workspace_id)
    everybody.sort(key=lambda one: (-one.available - one.pending, one.name))
    return [
        (
            one.name,
            *(f"{orders[one.id, store]:,}" for store in stores),
            f"{one.available:,}",
            f"{one.pending:,}",
            one.tier or "-",
        )
        for one in everybody[:SHOWN]
    ]


def _orders(session: Session, workspace_id: int) -> Counter[tuple[int, str]]:
    rows = session.exec(
        select(HandledOrder.member_id, Installation.name, func.count())
        .join(Installation, col(Installation.id) == col(HandledOrder.installation_id))
        .where(col(HandledOrder.workspace_id) == workspace_id)
        .group_by(col(HandledOrder.member_id), col(Installation.name))
    )
    return Counter({(member, store): count for member, store, count in rows if member})


def entries(app: Application) -> int:
    """How many entries the book has."""
    with app.database.reading() as session:
        return session.exec(
            select(func.count()).select_from(Entry).where(Entry.workspace_id == app.workspace_id)
        ).one()


def with_account_in(app: Application, store: str) -> dict[str, str]:
    """E-mails of members by their customer id in this store."""
    return {
        customer.customer_id: one.name
        for one in members(app)
        for customer in one.customers
        if customer.store == store
    }


def shown_in(app: Application, store: str) -> dict[str, Balance]:
    """By e-mail, the balance that the shop itself shows its customers, asked over its API."""
    with app.database.reading() as session:
        shop = next(one for one in installations(session, app.workspace_id) if one.name == store)
    emails = with_account_in(app, store)
    with closing(app.connect(shop)) as connector:
        shown = connector.balances
        assert shown is not None
        found = shown.read(list(emails))
    return {emails[customer]: balance for customer, balance in found.items() if balance}


def taken_back(app: Application, email: str, order_id: str) -> list[Line]:
    """Entries of the member's account that took back points of this order; oldest first."""
    with app.database.reading() as session:
        member = member_named(session, app.workspace_id, email)
        account = standing(session, app.workspace_id, Holder.MEMBER, member)
        lines = history(session, app.workspace_id, account.account_id, most=EVERYBODY)
    of_order = [line for line in lines if line.source_id == order_id]
    return [line for line in reversed(of_order) if line.effect.startswith("take_back")]
