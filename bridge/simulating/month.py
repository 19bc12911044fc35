"""The orders of a month with everything that earning rules ask for, some at a time. Writes nothing
and locks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, func, not_, select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.earning.batch import Buyer, CustomerKey, Shop, Version, segments_of, shops
from bridge.earning.circumstances import Circumstances, circumstances, read
from bridge.earning.facts import Buyer as BuyerFacts
from bridge.earning.facts import ProductFacts
from bridge.earning.judging import buyer_facts
from bridge.earning.paid import paid_on, points_vouchers
from bridge.earning.products import Products
from bridge.earning.taking_part import part_then, took_part
from bridge.inbox.codec import decoded
from bridge.kit.money import from_millionths, from_minor
from bridge.members.models import Company, Member
from bridge.members.participation import Participation
from bridge.orders.history import chronological, from_on
from bridge.orders.models import HandledOrder, ToldRefund
from bridge.points.models import Holder
from bridge.programme.document import Programme
from connectors.sales import NO_MONEY, Money, Order

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Sold:
    """An order of a member, as it stands now."""

    row: Any
    """Of the table of orders."""
    order: Order
    rate: Decimal
    then: Circumstances
    buyer: Buyer
    shop: Shop
    participation: Participation
    told: Mapping[str, Money]
    paid: Money
    products: Mapping[str, ProductFacts]

    def facts(self, programme: Programme) -> BuyerFacts:
        """Its buyer, were this the programme."""
        who, at = self.buyer.member_id, self.order.placed_at
        version = Version(0, at, programme)
        part = part_then(self.participation, version, who, at, self.then)
        return buyer_facts(
            self.then.order(self.order),
            self.then.buyer(self.buyer),
            self.then.shop(self.shop),
            programme,
            self.then.segments,
            takes_part=took_part(self.participation, programme, who, at, part),
        )


def placed(session: Session, workspace_id: int, starts: datetime, ends: datetime) -> int:
    """How many orders were placed from ``starts`` to before ``ends``."""
    count = select(func.count()).where(*_placed(workspace_id, starts, ends))
    return int(session.execute(count).scalar_one())


def _placed(workspace_id: int, starts: datetime, ends: datetime) -> tuple[Any, ...]:
    return (
        col(HandledOrder.workspace_id) == workspace_id,
        # So that an index serves.
        col(HandledOrder.is_decided).in_((True, False)),
        col(HandledOrder.placed_at) >= starts,
        col(HandledOrder.placed_at) < ends,
    )


def chunks(
    database: Database, workspace_id: int, starts: datetime, ends: datetime, most: int
) -> Iterator[tuple[Session, int, list[Sold]]]:
    """Orders in their order: how many were read, and those of members among them; ``most``
    orders in all. The session is open until the next chunk is asked for, and no longer: what
    was handled meanwhile is seen."""
    last: tuple[datetime, int, str] | None = None
    left = most
    while left > 0:
        with database.reading() as session:
            rows = _rows(session, workspace_id, starts, ends, last, min(CHUNK, left))
            if not rows:
                return
            yield session, len(rows), _Chunk(session, workspace_id, rows).sold()
        left -= len(rows)
        last = (rows[-1].placed_at, rows[-1].installation_id, rows[-1].order_id)


def _rows(
    session: Session,
    workspace_id: int,
    starts: datetime,
    ends: datetime,
    last: tuple[datetime, int, str] | None,
    limit: int,
) -> Sequence[Any]:
    query = select(HandledOrder.__table__).where(  # type: ignore[attr-defined]
        *_placed(workspace_id, starts, ends)
    )
    if last is not None:
        _at, shop, order = last
        is_last = and_(
            col(HandledOrder.installation_id) == shop, col(HandledOrder.order_id) == order
        )
        query = query.where(from_on(session, *last), not_(is_last))
    return session.execute(query.order_by(*chronological(session)).limit(limit)).all()


class _Chunk:
    """Some orders, with what was kept of them and what has to be looked up."""

    def __init__(self, session: Session, workspace_id: int, rows: Sequence[Any]) -> None:
        self._session, self._workspace_id = session, workspace_id
        self._rows = [row for row in rows if row.member_id is not None]
        self._orders = {_key(row): decoded(Order, row.content) for row in self._rows}
        ids = {row.member_id for row in self._rows}
        self._buyers = _buyers(session, workspace_id, ids)
        self._segments = segments_of(session, workspace_id, ids)
        self._shops = shops(session, workspace_id, {row.installation_id for row in self._rows})
        self._participation = Participation(session, workspace_id, ids, has_words=True)
        self._products = Products(session, workspace_id)

    def sold(self) -> list[Sold]:
        vouchers = points_vouchers(
            self._session,
            self._workspace_id,
            [(shop, order) for (shop, _), order in self._orders.items()],
        )
        paid = paid_on(self._orders.items(), vouchers)
        told = self._told()
        found = []
        for row in self._rows:
            key, order = _key(row), self._orders[_key(row)]
            buyer, shop = self._buyers.get(row.member_id), self._shops.get(row.installation_id)
            if buyer is None or shop is None:
                continue
            then = self._then(row, order, buyer, shop)
            found.append(
                Sold(
                    row,
                    order,
                    from_millionths(row.rate),
                    then,
                    replace(buyer, member_id=row.member_id),
                    shop,
                    self._participation,
                    told.get(key, {}),
                    paid.get(key, NO_MONEY),
                    then.products,
                )
            )
        return found

    def _then(self, row: Any, order: Order, buyer: Buyer, shop: Shop) -> Circumstances:
        """As it was where that was kept, else as it is now; categories that nobody asked for
        then are those of now."""
        kept = read(row.circumstances)
        known = kept.products if kept is not None else {}
        bought = {
            line.product_id: line.category_ids
            for line in order.lines
            if line.product_id and line.product_id not in known
        }
        products = {**self._products.facts(row.installation_id, bought), **known}
        if kept is not None:
            return replace(kept, products=products)
        segments = self._segments.get(buyer.member_id, frozenset())
        return circumstances(order, buyer, shop, segments, products)

    def _told(self) -> dict[CustomerKey, dict[str, Money]]:
        ids: dict[int, list[str]] = {}
        for row in self._rows:
            ids.setdefault(row.installation_id, []).append(row.order_id)
        found: dict[CustomerKey, dict[str, Money]] = {}
        for shop, orders in ids.items():
            for one in self._session.scalars(
                select(ToldRefund).where(
                    col(ToldRefund.workspace_id) == self._workspace_id,
                    col(ToldRefund.installation_id) == shop,
                    col(ToldRefund.order_id).in_(orders),
                )
            ):
                currency = self._orders[shop, one.order_id].currency
                amount = Money(from_minor(one.net, currency), from_minor(one.gross, currency))
                found.setdefault((shop, one.order_id), {})[one.refund_id] = amount
        return found


def _key(row: Any) -> CustomerKey:
    return row.installation_id, row.order_id


def _buyers(session: Session, workspace_id: int, ids: set[int]) -> dict[int, Buyer]:
    rows = session.execute(
        select(
            col(Member.id),
            col(Member.company_id),
            col(Member.tier),
            col(Member.joined_at),
            col(Company.name),
        )
        .outerjoin(Company, col(Company.id) == col(Member.company_id))
        .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(sorted(ids)))
    )
    return {
        id_: Buyer(id_, company_id, company or "", Holder.MEMBER, id_, tier, joined_at)
        for id_, company_id, tier, joined_at, company in rows
    }
