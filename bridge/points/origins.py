"""What points come from: the order, the activity, the person's word behind a source's id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.inbox.codec import decoded
from bridge.installations.models import Installation
from bridge.orders.models import HandledOrder
from bridge.points.models import Lot
from connectors.sales import Order

Source: TypeAlias = tuple[int, str, str]
"""Installation id (0: none), source kind, source id."""

ORDER_KINDS = ("order", "freeze")
LOT = "lot"
"""The source of an expiry: the lot itself, by its id."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Origin:
    kind: str
    id: str
    store: str = ""
    """The installation's name; empty: no shop's."""
    number: str = ""
    """Of an order, as people call it; empty: the bridge has not handled it."""
    lines: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Of an order: pieces and SKU (or name) by line id."""


@dataclass(frozen=True, slots=True)
class Origins:
    _known: Mapping[Source, Origin]
    _lots: Mapping[str, Source]

    def of(self, installation_id: int, kind: str, source_id: str) -> Origin:
        source = (installation_id, kind, source_id)
        if kind == LOT:
            source = self._lots.get(source_id, source)
        return self._known.get(source, Origin(kind, source_id))


def origins(session: Session, workspace_id: int, sources: Iterable[Source]) -> Origins:
    """What is known of these sources, with a few statements for all of them."""
    wanted = set(sources)
    lots = _lots(session, workspace_id, {source[2] for source in wanted if source[1] == LOT})
    wanted |= set(lots.values())
    stores = _stores(session, workspace_id)
    known = {
        (installation_id, kind, id_): Origin(kind, id_, stores.get(installation_id, ""))
        for installation_id, kind, id_ in wanted
        if kind != LOT
    }
    orders = {source for source in known if source[1] in ORDER_KINDS}
    numbers = _orders(session, workspace_id, orders)
    for source in orders:
        found = numbers.get((source[0], source[2]))
        if found is not None:
            number, order = found
            known[source] = Origin(source[1], source[2], known[source].store, number, order)
    return Origins(known, lots)


def _lots(session: Session, workspace_id: int, ids: set[str]) -> dict[str, Source]:
    found: dict[str, Source] = {}
    wanted = sorted(int(id_) for id_ in ids if id_.isdecimal())
    for start in range(0, len(wanted), _CHUNK):
        rows = session.execute(
            select(
                col(Lot.id), col(Lot.installation_id), col(Lot.source_kind), col(Lot.source_id)
            ).where(
                col(Lot.workspace_id) == workspace_id,
                col(Lot.id).in_(wanted[start : start + _CHUNK]),
            )
        )
        found |= {str(row[0]): (row[1], row[2], row[3]) for row in rows}
    return found


def _stores(session: Session, workspace_id: int) -> dict[int, str]:
    rows = session.execute(
        select(col(Installation.id), col(Installation.name)).where(
            col(Installation.workspace_id) == workspace_id
        )
    )
    return {row[0]: row[1] for row in rows}


def _orders(
    session: Session, workspace_id: int, sources: Iterable[Source]
) -> dict[tuple[int, str], tuple[str, dict[str, tuple[str, str]]]]:
    wanted: dict[int, set[str]] = {}
    for installation_id, _, order_id in sources:
        wanted.setdefault(installation_id, set()).add(order_id)
    found = {}
    for installation_id, ids in wanted.items():
        listed = sorted(ids)
        for start in range(0, len(listed), _CHUNK):
            rows = session.execute(
                select(
                    col(HandledOrder.order_id), col(HandledOrder.number), col(HandledOrder.content)
                ).where(
                    col(HandledOrder.workspace_id) == workspace_id,
                    col(HandledOrder.installation_id) == installation_id,
                    col(HandledOrder.order_id).in_(listed[start : start + _CHUNK]),
                )
            )
            for order_id, number, content in rows:
                found[installation_id, order_id] = (number, _lines(decoded(Order, content)))
    return found


def _lines(order: Order) -> dict[str, tuple[str, str]]:
    return {line.id: (_pieces(line.quantity), line.sku or line.name) for line in order.lines}


def _pieces(quantity: object) -> str:
    text = format(quantity, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
