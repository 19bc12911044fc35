"""What is sold in a Corner Shop to try things on, and the till it is sold at.

A refund is a thing of its own: it leaves its order as it was, its time of change included. An
edit that is begun and not finished is a row among the orders that names the one it is a draft of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.sandbox.shopper import OutOfStock, Sale, SoldLine
from cornershop.refused import Refused
from cornershop.sandbox_offers import Buyer, Offers

Row = dict[str, Any]
AT_ONCE = 100
TAX = Decimal("1.19")
SHIPPING = Decimal("4.90")
_CENT = Decimal("0.01")


class Sales:
    """Orders and refunds, by id. Amounts are text, times ISO 8601."""

    def __init__(
        self, customers: Mapping[str, Row], price: Callable[[str], Decimal], offers: Offers
    ) -> None:
        self._customers = customers
        self._offers = offers
        self._price = price
        self.orders: dict[str, Row] = {}
        self.refunds: dict[str, Row] = {}
        self.percent_off = 0
        self.clock: datetime | None = None
        self.largest_page = 50

    def now(self) -> datetime:
        return self.clock or datetime.now(UTC).replace(microsecond=0)

    # -- what a client asks -----------------------------------------------------------------

    def changed(self, resource: str, since: str, after: str) -> list[Row]:
        """Rows after (since, after) by change time and id: at most a page of them."""
        rows = self._changed_orders() if resource == "orders" else self._changed_refunds()
        begin = (datetime.fromisoformat(since), after)
        rows = [row for row in rows if (datetime.fromisoformat(row["at"]), row["id"]) > begin]
        rows.sort(key=lambda row: (datetime.fromisoformat(row["at"]), row["id"]))
        return rows[: self.largest_page]

    def _changed_orders(self) -> list[Row]:
        return [
            {"id": id_, "order": id_, "at": row["updated"], "draft": bool(row["draft_of"])}
            for id_, row in self.orders.items()
        ]

    def _changed_refunds(self) -> list[Row]:
        return [
            {"id": id_, "order": row["order"], "at": row["made"], "draft": False}
            for id_, row in self.refunds.items()
        ]

    def read(self, field: str, values: Sequence[str]) -> list[Row]:
        """Orders with these values of ``id`` or ``number``."""
        if len(values) > AT_ONCE:
            raise Refused(400, "", f"At most {AT_ONCE} orders at once")
        return [row for row in self.orders.values() if row[field] in values]

    def refunds_of(self, orders: Sequence[str]) -> list[Row]:
        return [row for row in self.refunds.values() if row["order"] in orders]

    # -- what happens in the shop -----------------------------------------------------------

    def customer_of(self, email: str, *, guest: bool) -> str:
        found = (one["id"] for one in self._customers.values() if one["email"] == email)
        return "" if guest else next(found, "")

    def priced(
        self, customer: str, wanted: Mapping[str, int], codes: Sequence[str], order: str = ""
    ) -> tuple[list[Row], list[Row]]:
        """Lines, with what is taken off them, and the codes that did."""
        lines = [
            self._line(f"{order}-{place}", *one, self.percent_off)
            for place, one in enumerate(wanted.items(), 1)
        ]
        earlier = [one for one in self.orders.values() if customer and one["customer"] == customer]
        group = self._customers[customer]["group"] if customer else ""
        buyer = Buyer(group, self.now(), not earlier)
        return lines, self._offers.take_off(lines, buyer, codes)

    def add(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Row:
        number = 1 + sum(not row["draft_of"] for row in self.orders.values())
        customer = self.customer_of(email, guest=guest)
        lines, used = self.priced(customer, wanted, codes, f"o{number}")
        self._offers.use(used, f"o{number}")
        order = {
            "id": f"o{number}",
            "number": str(10_000 + number),
            "draft_of": "",
            "customer": customer,
            "email": email,
            "store": "north",
            "placed": self.now().isoformat(),
            "paid": None,
            "sent": None,
            "cancelled": None,
            "percent_off": self.percent_off,
            "shipping": {"net": str(SHIPPING), "gross": str(_cents(SHIPPING * TAX))},
            "lines": lines,
            "codes": used,
        }
        return self._put(order)

    def mark(self, order_id: str, what: str) -> None:
        """``what`` happened to it: ``paid``, ``sent``, ``cancelled``."""
        self._put({**self.orders[order_id], what: self.now().isoformat()})

    def edit(self, order_id: str, quantities: Mapping[str, int]) -> Row:
        return self._put(self._edited(order_id, quantities))

    def draft(self, order_id: str, quantities: Mapping[str, int]) -> None:
        draft = {"id": f"{order_id}-draft", "draft_of": order_id}
        self._put({**self._edited(order_id, quantities), **draft})

    def give_back(self, order_id: str, wanted: Mapping[str, int], *, shipping: bool) -> Row:
        """Of a line that comes back bit by bit, all bits together are the line, to the cent."""
        order = self.orders[order_id]
        known = [one for row in self.refunds_of([order_id]) for one in row["lines"]]
        lines = [
            _bit(line, known, wanted[line["id"]]) for line in order["lines"] if line["id"] in wanted
        ]
        refund = {
            "id": f"r{len(self.refunds) + 1}",
            "order": order_id,
            "made": self.now().isoformat(),
            "shipping": order["shipping"] if shipping else {"net": "0", "gross": "0"},
            "lines": lines,
        }
        self.refunds[refund["id"]] = refund
        return refund

    def _edited(self, order_id: str, quantities: Mapping[str, int]) -> Row:
        order = self.orders[order_id]
        lines = [
            self._line(
                line["id"],
                line["sku"],
                quantities.get(line["id"], line["pieces"]),
                order["percent_off"],
            )
            for line in order["lines"]
        ]
        return {**order, "lines": lines}

    def _put(self, order: Row) -> Row:
        row = {**order, "updated": self.now().isoformat()}
        self.orders[row["id"]] = row
        return row

    def _line(self, id_: str, sku: str, pieces: int, percent_off: int) -> Row:
        net = self._price(sku) * pieces
        gross = _cents(net * TAX)
        return {
            "id": id_,
            "sku": sku,
            "pieces": pieces,
            "net": str(net),
            "gross": str(gross),
            "off_net": str(_cents(net * percent_off / 100)),
            "off_gross": str(_cents(gross * percent_off / 100)),
            "gift": False,
        }


SIDES = ("net", "gross", "off_net", "off_gross")


def _bit(line: Row, known: Sequence[Row], pieces: int) -> Row:
    """What is owed by then, less what was given back before."""
    before = sum(one["pieces"] for one in known if one["id"] == line["id"])
    if before + pieces > line["pieces"]:
        raise ValueError(f"line {line['id']}: only {line['pieces'] - before} left")

    def by_then(side: str, count: int) -> Decimal:
        return _cents(Decimal(line[side]) * count / line["pieces"])

    amounts = {side: str(by_then(side, before + pieces) - by_then(side, before)) for side in SIDES}
    return {"id": line["id"], "sku": line["sku"], "pieces": pieces, **amounts}


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


# -- the till -----------------------------------------------------------------------------------


class CornerTill:
    """The suite's :class:`connectors.sandbox.shopper.Till`, and how orders are edited."""

    def __init__(self, state: Any) -> None:
        self._state = state

    @property
    def _sales(self) -> Sales:
        sales: Sales = self._state.sales
        return sales

    def buyers(self) -> Sequence[str]:
        return [customer["email"] for customer in self._state.customers.values()]

    def skus(self) -> Sequence[str]:
        return list(self._state.products)

    def order(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sale:
        if wanted.keys() - self._state.products.keys():
            raise OutOfStock("There is no such article.")
        return self._sale(self._sales.add(email, wanted, guest=guest, codes=codes))

    def price(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sequence[SoldLine]:
        customer = self._sales.customer_of(email, guest=guest)
        lines, _ = self._sales.priced(customer, wanted, codes)
        return [_sold(line) for line in lines]

    def pay(self, order_id: str) -> None:
        self._sales.mark(order_id, "paid")

    def send(self, order_id: str) -> None:
        self._sales.mark(order_id, "sent")

    def cancel(self, order_id: str) -> None:
        self._sales.mark(order_id, "cancelled")

    def give_back(self, order_id: str, wanted: Mapping[str, int], *, shipping: bool) -> Sale:
        refund = self._sales.give_back(order_id, wanted, shipping=shipping)
        order = self._sales.orders[order_id]
        back = {name: refund[name] for name in ("lines", "shipping")}
        return self._sale({**order, **back, "placed": refund["made"]}, refund["id"])

    def edit(self, order_id: str, quantities: Mapping[str, int]) -> Sale:
        return self._sale(self._sales.edit(order_id, quantities))

    def draft(self, order_id: str, quantities: Mapping[str, int]) -> None:
        self._sales.draft(order_id, quantities)

    def take_off(self, percent: int) -> None:
        self._sales.percent_off = percent

    def now(self) -> datetime:
        return self._sales.now()

    def set_clock(self, at: datetime | None) -> None:
        self._sales.clock = at

    def _sale(self, row: Row, refund_id: str = "") -> Sale:
        lines = tuple(map(_sold, row["lines"]))
        shipping = Decimal(row["shipping"]["gross"])
        return Sale(
            order_id=row["id"],
            number=row["number"],
            customer_id=row["customer"],
            email=row["email"],
            lines=lines,
            shipping_net=Decimal(row["shipping"]["net"]),
            shipping_gross=shipping,
            total=sum((line.gross - line.discount_gross for line in lines), shipping),
            at=datetime.fromisoformat(row["placed"]),
            refund_id=refund_id,
        )


def _sold(line: Row) -> SoldLine:
    amounts = (Decimal(line[side]) for side in SIDES)
    return SoldLine(line["id"], line["sku"], Decimal(line["pieces"]), *amounts)
