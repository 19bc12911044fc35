"""What the merchant owes in points: open points by the store where they were earned, its
currency, and the month in which they expire, with their value.

Every open lot is read for it, with the order it comes from: with 1,000,000 entries that takes
seconds, so the figure is kept (:data:`LIABILITY`).

Margin and effect of the programme are not in it: neither the catalogue nor the orders that the
bridge reads tell cost prices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from bridge.figures.keeping import Figure
from bridge.figures.money import Money, shared_values
from bridge.figures.terms import Terms
from bridge.installations.models import Installation
from bridge.kit.calendar import day_of
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Lot
from bridge.vouchers.stores import stores_of

_ORDER = "order"
"""The source of a lot that an order earned."""


@dataclass(frozen=True, slots=True)
class OpenPoints:
    """Lots that are alike, together."""

    installation_id: int
    """0: of no shop (given by a person, imported)."""
    store_id: str
    """Empty: not by an order."""
    currency: str
    """The order's; empty likewise."""
    expires_at: datetime | None
    available: int
    pending: int
    reserved: int

    @property
    def points(self) -> int:
        return self.available + self.pending + self.reserved


@dataclass(frozen=True, slots=True)
class LiabilityRow:
    store: str
    """``installation/store``; the installation alone for what no order earned; empty: of no
    shop."""
    currency: str
    """What is paid with there; empty: of no store."""
    month: date | None
    """The first day of the month in which they expire; ``None``: they never do."""
    available: int
    pending: int
    reserved: int
    points: int
    value: Money | None
    """In the programme's currency. The rows' values come to exactly the whole value."""


@dataclass(frozen=True, slots=True)
class Liability:
    rows: tuple[LiabilityRow, ...]
    """By store, then by month, those that never expire last."""
    available: int
    pending: int
    reserved: int
    points: int
    value: Money | None
    """``None``: the programme has no section ``redemption``."""
    owed: int
    """What members owe; not taken off."""
    owed_value: Money | None
    cost_prices_known: bool = False
    """Whether margin and effect can be told: no shop tells the bridge its cost prices yet."""


def work_out(session: Session, workspace_id: int, terms: Terms, now: datetime) -> Liability:
    rows = liability_rows(
        _open_points(session, workspace_id), store_names(session, workspace_id), terms
    )
    points = sum(row.points for row in rows)
    owed = int(
        session.execute(
            select(func.coalesce(func.sum(col(Account.debt)), 0)).where(
                col(Account.workspace_id) == workspace_id
            )
        ).scalar_one()
    )
    return Liability(
        tuple(rows),
        sum(row.available for row in rows),
        sum(row.pending for row in rows),
        sum(row.reserved for row in rows),
        points,
        terms.value(points),
        owed,
        terms.value(owed),
    )


LIABILITY = Figure("liability", Liability, work_out)


class StoreNames:
    """Of stores that are connected, and of installations, removed ones too."""

    def __init__(self, stores: dict[tuple[int, str], str], installations: dict[int, str]) -> None:
        self._stores = stores
        self._installations = installations

    def of(self, installation_id: int, store_id: str) -> str:
        if not installation_id:
            return ""
        shop = self._installations.get(installation_id, f"#{installation_id}")
        if not store_id:
            return shop
        return self._stores.get((installation_id, store_id), f"{shop}/{store_id}")


def liability_rows(
    found: Iterable[OpenPoints], names: StoreNames, terms: Terms
) -> list[LiabilityRow]:
    """Pure."""
    groups: defaultdict[tuple[str, str, date | None], list[OpenPoints]] = defaultdict(list)
    for one in found:
        month = last_month(one.expires_at, terms.zone)
        groups[names.of(one.installation_id, one.store_id), one.currency, month].append(one)
    ordered = sorted(groups, key=lambda key: (key[0], key[1], key[2] is None, key[2] or date.min))
    sums = [sum(one.points for one in groups[key]) for key in ordered]
    values = _values(sums, terms)
    return [
        LiabilityRow(
            *key,
            sum(one.available for one in groups[key]),
            sum(one.pending for one in groups[key]),
            sum(one.reserved for one in groups[key]),
            points,
            value,
        )
        for key, points, value in zip(ordered, sums, values, strict=True)
    ]


def last_month(expires_at: datetime | None, zone: ZoneInfo) -> date | None:
    """The month of the last moment at which they can be spent, by its first day. Pure."""
    if expires_at is None:
        return None
    return day_of(expires_at - timedelta(microseconds=1), zone).replace(day=1)


def _values(points: Sequence[int], terms: Terms) -> Sequence[Money | None]:
    return [None] * len(points) if terms.rate is None else shared_values(points, terms.rate)


def _open_points(session: Session, workspace_id: int) -> list[OpenPoints]:
    rows = session.execute(
        select(
            col(Lot.installation_id),
            col(HandledOrder.store_id),
            col(HandledOrder.currency),
            col(Lot.expires_at),
            func.sum(col(Lot.available)),
            func.sum(col(Lot.pending)),
            func.sum(col(Lot.reserved)),
        )
        .outerjoin(
            HandledOrder,
            and_(
                col(Lot.source_kind) == _ORDER,
                col(HandledOrder.installation_id) == col(Lot.installation_id),
                col(HandledOrder.order_id) == col(Lot.source_id),
                col(HandledOrder.workspace_id) == workspace_id,
            ),
        )
        .where(
            col(Lot.workspace_id) == workspace_id,
            or_(col(Lot.available) > 0, col(Lot.pending) > 0, col(Lot.reserved) > 0),
        )
        .group_by(
            col(Lot.installation_id),
            col(HandledOrder.store_id),
            col(HandledOrder.currency),
            col(Lot.expires_at),
        )
    )
    return [
        OpenPoints(
            row[0], row[1] or "", row[2] or "", row[3], int(row[4]), int(row[5]), int(row[6])
        )
        for row in rows
    ]


def store_names(session: Session, workspace_id: int) -> StoreNames:
    installations = session.execute(
        select(col(Installation.id), col(Installation.name)).where(
            col(Installation.workspace_id) == workspace_id
        )
    )
    return StoreNames(
        {(one.installation_id, one.store_id): one.name for one in stores_of(session, workspace_id)},
        {row[0]: row[1] for row in installations},
    )
