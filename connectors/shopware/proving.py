"""``store check``: whether what is read of real orders comes to what the shop says they cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from connectors.base import Finding, Severity
from connectors.errors import ConnectorError, Forbidden
from connectors.sales import Money, Order
from connectors.sentences import sentence
from connectors.shopware.client import ShopwareClient
from connectors.shopware.mapping import moment
from connectors.shopware.order_money import amount
from connectors.shopware.orders import Orders
from connectors.shopware.paging import Row
from connectors.shopware.walks import exactly_at

NEWEST = 20
_NAMED = 3
_AT_ONCE = 100
"""Orders of one millisecond: more than any till makes."""
_CENT = Decimal("0.01")
_MEND = sentence(
    "Look whether an app adds a fee or a discount to these orders that is no line "
    "of theirs: that money counts in no points. If there is none, report it: "
    "points would be counted on the wrong amount."
)


def proof(client: ShopwareClient) -> Iterator[Finding]:
    """Reads the newest orders just as polling does. A missing privilege is told elsewhere."""
    try:
        read = Orders(client).newest(NEWEST)
    except Forbidden:
        return
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
    yield from _time(client, read[0][0])


def _time(client: ShopwareClient, newest: Row) -> Iterator[Finding]:
    """Every walk asks by time. A database that takes it for another time zone's finds nothing,
    or finds it too late, without a word."""
    made = moment(newest.get("createdAt"))
    if made is None:
        return
    criteria = exactly_at({"includes": {"order": ["id"]}, "limit": _AT_ONCE}, "createdAt", made)
    if not any(row.get("id") == newest.get("id") for row in client.search("order", criteria).rows):
        yield Finding(
            Severity.ERROR,
            "orders",
            sentence(
                "Asked for the orders of %(made)s UTC, the shop does not give its newest one, "
                "%(newest)s, which it says was made then: changes would be missed.",
                made=f"{made:%Y-%m-%d %H:%M:%S}",
                newest=newest.get("orderNumber"),
            ),
            sentence(
                "Set the database's time zone to +00:00 (SQL_SET_DEFAULT_SESSION_VARIABLES=1 "
                "lets Shopware do so itself)."
            ),
        )


def _sums(read: Sequence[tuple[Row, Order]]) -> Iterator[Finding]:
    odd = [(order, told) for row, order in read if (told := _other_total(row, order)) is not None]
    if not odd:
        text = sentence(
            "The newest orders (%(count)s) add up to what the shop says.", count=len(read)
        )
        yield Finding(Severity.OK, "orders", text)
        return
    examples = "; ".join(
        f"{order.number}: {_words(order.charged)} instead of {_words(told)} {order.currency}"
        for order, told in odd[:_NAMED]
    )
    text = sentence(
        "%(odd)s of the newest %(read)s orders do not add up (%(examples)s).",
        odd=len(odd),
        read=len(read),
        examples=examples,
    )
    yield Finding(Severity.WARNING, "orders", text, _MEND)


def _other_total(row: Row, order: Order) -> Money | None:
    """What the shop says it costs, where that is something else."""
    told = Money(amount(row.get("amountNet")), amount(row.get("amountTotal")))
    missed = told - order.charged
    is_near = max(abs(missed.net), abs(missed.gross)) <= _rounding(row, len(order.lines))
    return None if is_near else told


def _rounding(row: Row, lines: int) -> Decimal:
    """Each line is rounded on its own, the total once more, in some countries to 5 cents."""
    config = row.get("totalRounding")
    step = amount(config.get("interval")) if isinstance(config, dict) else _CENT
    return max(step, _CENT) + _CENT * (lines + 1)


def _words(told: Money) -> str:
    return f"{told.net:f} net, {told.gross:f} gross"
