"""Refunds of which the shop does not tell the amount: which they are, and what a person says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.inbox.codec import decoded
from bridge.kit.errors import BridgeError
from bridge.kit.money import exponent, from_minor, to_minor
from bridge.orders.models import HandledOrder, ToldRefund
from connectors.sales import Money, Order, Refund

_OPEN = '%"unnamed":null%'
"""How an order's content shows a refund of unknown amount."""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order with refunds that somebody has to tell the amount of."""

    installation_id: int
    order_id: str
    number: str
    account_id: int | None
    currency: str
    worth: Money
    """Lines and shipping, after discounts."""
    is_frozen: bool
    """Its points are held meanwhile; else they can be spent."""
    refunds: tuple[tuple[str, datetime], ...]
    """Id and time of each that is not told yet."""


@dataclass(frozen=True, slots=True)
class Told:
    installation_id: int
    order_id: str
    account_id: int | None
    currency: str
    amount: Money
    before: Money | None
    """What had been told of it before; ``None``: nothing."""


def open_orders(session: Session, workspace_id: int) -> Iterator[OpenOrder]:
    """Oldest first."""
    rows = session.scalars(
        select(HandledOrder)
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            or_(col(HandledOrder.is_frozen).is_(True), col(HandledOrder.content).like(_OPEN)),
        )
        .order_by(
            col(HandledOrder.placed_at),
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
        )
        .execution_options(yield_per=200)
    )
    for row in rows:
        order = decoded(Order, row.content)
        told = _told(session, row)
        missing = tuple((one.id, one.at) for one in _untold(order) if one.id not in told)
        if missing and order.cancelled_at is None:
            yield OpenOrder(
                row.installation_id,
                row.order_id,
                row.number,
                row.account_id,
                row.currency,
                worth(order),
                row.is_frozen,
                missing,
            )


def tell_refund(
    session: Session,
    workspace_id: int,
    installation_id: int,
    number: str,
    refund_id: str,
    gross: Decimal,
    net: Decimal | None,
    now: datetime,
    by: str,
) -> Told:
    """Writes down what a refund came to, in the order's currency. The caller judges the order
    anew in the same unit of work (:func:`bridge.earning.handling.rehandle_orders`).

    ``number``: as people call the order, or the shop's id of it. ``net``: ``None`` means as
    much of ``gross`` as the order itself has. Raises BridgeError when there is no such order
    or refund, when the shop tells the amount itself, and for an amount that cannot be.
    """
    row = _order(session, workspace_id, installation_id, number)
    order = decoded(Order, row.content)
    _check_refund(order, refund_id)
    amount = _amount(order, gross, net)
    before = _told(session, row).get(refund_id)
    upsert(
        session,
        ToldRefund,
        [
            {
                "installation_id": installation_id,
                "order_id": row.order_id,
                "refund_id": refund_id,
                "workspace_id": workspace_id,
                "net": to_minor(amount.net, row.currency),
                "gross": to_minor(amount.gross, row.currency),
                "told_at": now,
                "told_by": by,
            }
        ],
    )
    return Told(installation_id, row.order_id, row.account_id, row.currency, amount, before)


def worth(order: Order) -> Money:
    """What was asked for it: lines and shipping, after discounts."""
    total = order.shipping - order.shipping_discount
    for line in order.lines:
        total = total + line.price - line.discount
    return total


def _order(session: Session, workspace_id: int, installation_id: int, number: str) -> HandledOrder:
    rows = session.scalars(
        select(HandledOrder)
        .where(
            col(HandledOrder.workspace_id) == workspace_id,
            col(HandledOrder.installation_id) == installation_id,
            or_(col(HandledOrder.number) == number, col(HandledOrder.order_id) == number),
        )
        .with_for_update()
    ).all()
    exact = [row for row in rows if row.number == number] or rows
    if not exact:
        raise BridgeError(
            f"The bridge has handled no order {number} of this store. "
            "`loyalty-bridge points frozen` lists those with something to tell."
        )
    if len(exact) > 1:
        ids = ", ".join(sorted(row.order_id for row in exact))
        raise BridgeError(f"{len(exact)} orders have the number {number}: name one by id ({ids}).")
    return exact[0]


def _check_refund(order: Order, refund_id: str) -> None:
    untold = [refund.id for refund in _untold(order)]
    if refund_id in untold:
        return
    if any(refund.id == refund_id for refund in order.refunds):
        raise BridgeError(
            f"The shop itself tells what refund {refund_id} of order {order.number} came to: "
            "change it there."
        )
    listed = f"Those to tell are: {', '.join(untold)}." if untold else "It has none to tell."
    raise BridgeError(f"Order {order.number} has no refund {refund_id}. {listed}")


def _amount(order: Order, gross: Decimal, net: Decimal | None) -> Money:
    total = worth(order)
    if not 0 <= gross <= total.gross:
        raise BridgeError(
            f"A refund of order {order.number} comes to something between 0 and "
            f"{total.gross:f} {order.currency}, tax included; not to {gross:f}."
        )
    if net is None:
        share = gross * total.net / total.gross if total.gross else gross
        net = from_minor(to_minor(share, order.currency), order.currency)
    if not 0 <= net <= gross:
        raise BridgeError(f"Without tax it comes to something between 0 and {gross:f}.")
    for amount in (gross, net):
        if from_minor(to_minor(amount, order.currency), order.currency) != amount:
            raise BridgeError(
                f"{amount:f} has too many decimals: {order.currency} has "
                f"{exponent(order.currency)}."
            )
    return Money(net, gross)


def _untold(order: Order) -> Iterable[Refund]:
    return [one for one in order.refunds if one.unnamed is None and not one.is_whole]


def _told(session: Session, row: HandledOrder) -> dict[str, Money]:
    found = session.execute(
        select(col(ToldRefund.refund_id), col(ToldRefund.net), col(ToldRefund.gross)).where(
            col(ToldRefund.workspace_id) == row.workspace_id,
            col(ToldRefund.installation_id) == row.installation_id,
            col(ToldRefund.order_id) == row.order_id,
        )
    )
    return {
        refund_id: Money(from_minor(net, row.currency), from_minor(gross, row.currency))
        for refund_id, net, gross in found
    }
