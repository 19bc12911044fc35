"""``store check``: whether what is read of real orders comes to what the shop says they cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from connectors.base import Finding, Severity
from connectors.errors import ConnectorError
from connectors.magento.amounts import CENT, Row, number
from connectors.magento.feed import MagentoFeed
from connectors.sales import Order
from connectors.sentences import sentence

NEWEST = 20
_NAMED = 3
_MEND = sentence(
    "Look whether an extension adds a fee, gift cards or store credit to these "
    "orders, or the shop a fixed product tax: that money earns no points. If there "
    "is none, report it: points would be counted on the wrong amount."
)


def proof(feed: MagentoFeed) -> Iterator[Finding]:
    """Reads the newest orders just as polling does. A failing probe is a finding."""
    try:
        read = feed.newest(NEWEST)
    except ConnectorError as error:
        text = sentence(
            "The newest orders cannot be read: %(message)s. No points are earned for them.",
            message=error.message,
        )
        yield Finding(Severity.WARNING, "orders", text, error.advice)
        return
    if not read:
        text = sentence(
            "The shop has no orders yet: check again once it has, to see whether they add up."
        )
        yield Finding(Severity.NOTE, "orders", text)
        return
    yield from _sums(read)
    yield from _websites(read)


def _sums(read: Sequence[tuple[Row, Order]]) -> Iterator[Finding]:
    odd = [(order, told) for row, order in read if (told := _other_total(row, order)) is not None]
    if not odd:
        text = sentence(
            "The newest orders (%(count)s) add up to what the shop says.", count=len(read)
        )
        yield Finding(Severity.OK, "orders", text)
        return
    examples = "; ".join(
        f"{order.number}: {order.charged.gross:f} instead of {told:f} {order.currency}"
        for order, told in odd[:_NAMED]
    )
    text = sentence(
        "%(odd)s of the newest %(read)s orders do not add up (%(examples)s).",
        odd=len(odd),
        read=len(read),
        examples=examples,
    )
    yield Finding(Severity.WARNING, "orders", text, _MEND)


def _other_total(row: Row, order: Order) -> Decimal | None:
    """What the shop says it costs, where that is something else; ``None`` also where pieces were
    cancelled, which the order's total still has in it."""
    if order.cancelled_at or number(row, "base_total_canceled"):
        return None
    told = number(row, "base_grand_total")
    return told if abs(told - order.charged.gross) > CENT * (len(order.lines) + 1) else None


def _websites(read: Sequence[tuple[Row, Order]]) -> Iterator[Finding]:
    lost = [order.number for _, order in read if not order.store_id]
    if lost:
        yield Finding(
            Severity.WARNING,
            "orders",
            sentence(
                "Orders like %(lost)s are of a store view that was deleted: nobody can tell "
                "their website.",
                lost=lost[0],
            ),
            sentence("They count for no store of the programme."),
        )
