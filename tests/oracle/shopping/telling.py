"""The lives of orders as shops tell them: after each deed, the whole order as it is then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from oracle.words import (
    NO_AMOUNT,
    Amount,
    Back,
    Bought,
    Cancelled,
    Completed,
    Edited,
    GaveBack,
    Paid,
    Placed,
    Purchase,
    Told,
)

from connectors.sales import LineKind, Money, Order, OrderLine, Refund, RefundLine


def versions(purchase: Purchase) -> Iterator[tuple[datetime, Order]]:
    """When the shop would tell what. What a person tells the bridge changes nothing there."""
    for number, deed in enumerate(purchase.deeds, 1):
        if not isinstance(deed, Told):
            yield deed.at, _order(purchase, number)


def told(purchase: Purchase) -> list[Told]:
    return [deed for deed in purchase.deeds if isinstance(deed, Told)]


def _order(purchase: Purchase, deeds: int) -> Order:
    happened = [deed for deed in purchase.deeds[:deeds] if not isinstance(deed, Told)]
    placed = happened[0]
    assert isinstance(placed, Placed)
    lines = placed.lines
    for deed in happened:
        if isinstance(deed, Edited):
            lines = deed.lines
    refunds = [deed for deed in happened if isinstance(deed, GaveBack)]
    return Order(
        id=purchase.id,
        number=purchase.id,
        store_id="1",
        currency=purchase.currency,
        placed_at=placed.at,
        changed_at=happened[-1].at,
        customer_id=purchase.person,
        email=f"{purchase.person or 'guest'}@example.com",
        is_guest=not purchase.person,
        group_id=purchase.group,
        lines=tuple(map(_line, lines)),
        shipping=_money(placed.shipping),
        shipping_discount=_money(placed.shipping_off),
        paid_at=_time(happened, Paid),
        completed_at=_time(happened, Completed),
        cancelled_at=_time(happened, Cancelled),
        refunds=tuple(_refund(deed.back, deed.at) for deed in refunds),
    )


def _time(happened: Sequence[object], kind: type[Paid | Completed | Cancelled]) -> datetime | None:
    return next((deed.at for deed in happened if isinstance(deed, kind)), None)


def _line(line: Bought) -> OrderLine:
    return OrderLine(
        line.id,
        LineKind.PRODUCT if line.is_product else LineKind.OTHER,
        line.sku,
        line.sku,
        line.sku or "Surcharge",
        line.pieces,
        _money(line.price),
        _money(line.off),
        is_gift=line.is_gift,
    )


def _refund(back: Back, at: datetime) -> Refund:
    named = [*back.pieces, *(line for line in back.money if line not in back.pieces)]
    return Refund(
        back.id,
        at,
        tuple(
            RefundLine(
                line,
                back.pieces.get(line, NO_AMOUNT.net),
                _money(back.money.get(line, NO_AMOUNT)),
            )
            for line in named
        ),
        _money(back.shipping),
        None if back.rest is None else _money(back.rest),
        back.everything,
    )


def _money(amount: Amount) -> Money:
    return Money(amount.net, amount.gross)
