"""`simulate`: what goods cost and earn in each store, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge.application import Application
from bridge.cli.failing import FAILED
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.points_whose import local, stamp, zone_of
from bridge.simulating.records import (
    CodeTold,
    Item,
    LineTold,
    OfferTold,
    PointsTold,
    Request,
    Simulation,
    Told,
)
from bridge.simulating.service import simulate
from bridge.vouchers.stores import store_named
from connectors.base import Basis
from connectors.quotes import Outcome, Quote
from connectors.sales import NO_MONEY, Money


@click.command(
    "simulate",
    cls=Command,
    example=(
        "loyalty-bridge simulate --email ada@example.com --sku B2B-1200 --quantity 10",
        "loyalty-bridge simulate --store shop-de --sku A --quantity 2 --sku B --quantity 1 "
        "--code LB-7Q2MX-0RW4T-KZ91C --json",
    ),
)
@click.option(
    "--store",
    "store_name",
    metavar="NAME",
    help="Only this store, as INSTALLATION/STORE, or INSTALLATION where it has one. Without it: "
    "each store that sells all of it.",
)
@click.option(
    "--email",
    default="",
    metavar="EMAIL",
    help="Who buys: a member's address, or #NUMBER. Without it: a guest.",
)
@click.option("--sku", "skus", multiple=True, required=True, metavar="SKU", help="What; repeat it.")
@click.option(
    "--quantity",
    "quantities",
    multiple=True,
    metavar="PIECES",
    type=click.IntRange(1, 1_000_000),
    help="How many, one for each --sku in the same order. Without it: one piece of each.",
)
@click.option("--code", default="", metavar="CODE", help="A voucher that is entered.")
@json_option
@with_application
def simulate_(
    app: Application,
    output: Output,
    store_name: str | None,
    email: str,
    skus: tuple[str, ...],
    quantities: tuple[int, ...],
    code: str,
    as_json: bool,
) -> None:
    """Tell what a basket costs and earns in each store, and why.

    Line by line: the unit price and the tier price it comes from; what gifts, discounts and the
    voucher take off, or why they do not; what is to be paid; the points with their calculation,
    and the tier they lead to. It is told from what was pulled last: no shop is asked, nothing is
    changed, and what the bridge does not read (stock, shipping, offers of the shop's own) is named
    or left out.

    The exit code is 1 where no store could tell it.
    """
    items = _items(skus, quantities)
    with app.database.reading() as session:
        place = store_named(session, app.workspace_id, store_name) if store_name else None
        zone = zone_of(session, app)
    found = simulate(app, Request(items, place, email, code))
    if as_json:
        output.json(_record(found))
    else:
        _show(output, found, email, zone)
    if not any(told.quote for told in found.stores):
        click.get_current_context().exit(FAILED)


def _show(output: Output, found: Simulation, email: str, zone: ZoneInfo) -> None:
    if email and found.member_id is None:
        output.note(f"Nobody known goes by `{email}`: reckoned as a stranger.")
    for told in found.stores:
        for line in _lines(told, lambda at: local(at, zone)):
            output.line(line)
        output.line()
    if found.without:
        output.note(f"Not all of it is sold in: {', '.join(found.without)}")


def _items(skus: Sequence[str], quantities: Sequence[int]) -> tuple[Item, ...]:
    if quantities and len(quantities) != len(skus):
        raise click.UsageError(
            f"There are {len(skus)} times --sku and {len(quantities)} times --quantity: give one "
            "quantity for each SKU, or none at all."
        )
    pieces: dict[str, int] = {}
    for sku, quantity in zip(skus, quantities or [1] * len(skus), strict=True):
        pieces[sku.strip()] = pieces.get(sku.strip(), 0) + quantity
    return tuple(Item(sku, quantity) for sku, quantity in pieces.items())


# -- for people -------------------------------------------------------------------------------


def _lines(told: Told, when: Any) -> Iterator[str]:
    if told.quote is None or told.buyer is None:
        yield f"{told.place.name}: {told.problem}"
        return
    who = f"customer {told.buyer.customer_id}" if told.buyer.customer_id else "a guest"
    yield f"{told.place.name}, as {who} of the group {told.buyer.group}"
    show = _Shown(told.quote, told.place.currency)
    for line in told.lines:
        yield from _line(line, show)
    for offer in told.offers:
        yield f"  {_offer(offer, show)}"
    if told.code is not None:
        yield f"  {_code(told.code, show)}"
    yield from _totals(told.quote, show)
    yield from _points(told.points, when)
    if told.tier is not None:
        yield f"  Tier: {_tier(told.tier.now)} now, then {_tier(told.tier.then)}" + (
            f" ({told.tier.reason})"
        )
    for note in told.notes:
        yield f"  Note: {note}"


class _Shown:
    def __init__(self, quote: Quote, currency: str) -> None:
        self._quote = quote
        self.currency = currency
        self.side = "with tax" if quote.shown is Basis.GROSS else "without tax"

    def unit(self, price: Decimal) -> str:
        return f"{price:f} {self.currency}"

    def money(self, money: Money) -> str:
        shown = money.gross if self._quote.shown is Basis.GROSS else money.net
        return f"{shown:.2f} {self.currency}"

    def both(self, money: Money) -> str:
        if not self._quote.is_tax_known:
            return f"{self.money(money)} {self.side}"
        return f"{money.net:.2f} {self.currency} without tax, {money.gross:.2f} with tax"


def _line(line: LineTold, show: _Shown) -> Iterator[str]:
    quoted = line.quoted
    yield (
        f"  {quoted.quantity} x {line.sku} {line.name}: {show.unit(quoted.unit_price)} each "
        f"{show.side}, {show.money(quoted.price)}"
    )
    own = "" if quoted.row is None else f" (own price {show.unit(quoted.own_price)})"
    yield f"    {line.why}{own}"
    if quoted.taken:
        gift = ", a gift" if quoted.is_gift else ""
        yield f"    discounts {show.money(quoted.discount)}{gift}"


def _offer(offer: OfferTold, show: _Shown) -> str:
    if offer.outcome is Outcome.APPLIES:
        return f"{offer.rule}: {show.money(offer.off)} off ({offer.text})"
    if offer.outcome in (Outcome.NOT_IN_BASKET, Outcome.PUT_IN):
        return f"{offer.rule}: {offer.why} ({offer.text})"
    said = offer.outcome.value if offer.outcome else ""
    why = ": ".join(filter(None, (said, offer.why)))
    return f"{offer.rule}: takes nothing off ({offer.text}): {why}"


def _code(code: CodeTold, show: _Shown) -> str:
    worth = f" ({code.worth})" if code.worth else ""
    if code.works:
        return f"Code {code.code}{worth}: {show.money(code.off)} off"
    return f"Code {code.code}{worth} takes nothing off. {code.why}"


def _totals(quote: Quote, show: _Shown) -> Iterator[str]:
    yield f"  Goods: {show.both(quote.goods)}"
    if quote.discount != NO_MONEY:
        yield f"  Discounts: {show.both(quote.discount)}"
    yield f"  To pay, without shipping: {show.both(quote.total)}"


def _points(points: PointsTold, when: Any) -> Iterator[str]:
    if not points.entries:
        yield f"  Points: none. {points.why_none}".rstrip()
        return
    ripe = "" if points.ripens_at is None else f"; paid and sent now, ripe on {_at(points, when)}"
    yield f"  Points: {points.total:,}{ripe}"
    for one in points.entries:
        yield f"    {one.points:+,} {one.sku}, rule {one.rule}: {_why(one.why)}"


def _at(points: PointsTold, when: Any) -> str:
    return str(when(points.ripens_at))


def _why(why: Any) -> str:
    shown = dict(why)
    if "kind" in shown:
        shown["kind"] = str(shown["kind"]).replace("_", " ")
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in shown.items())


def _tier(key: str) -> str:
    return key or "none"


# -- for scripts ------------------------------------------------------------------------------


def _record(found: Simulation) -> dict[str, Any]:
    return {
        "member": found.member_id,
        "stores": [_store(told) for told in found.stores],
        "without": list(found.without),
    }


def _store(told: Told) -> dict[str, Any]:
    head = {
        "store": told.place.name,
        "currency": told.place.currency,
        "problem": told.problem or None,
    }
    quote, buyer = told.quote, told.buyer
    if quote is None or buyer is None:
        return head
    return head | {
        "customer": buyer.customer_id or None,
        "group": {"id": buyer.group_id, "name": buyer.group},
        "shown": quote.shown.value,
        "is_tax_known": quote.is_tax_known,
        "lines": [_line_record(line) for line in told.lines],
        "offers": [
            {
                "rule": one.rule,
                "text": one.text,
                "outcome": one.outcome.value if one.outcome else "not in the shop",
                "off": _money(one.off),
                "why": one.why or None,
            }
            for one in told.offers
        ],
        "code": None if told.code is None else _code_record(told.code),
        "goods": _money(quote.goods),
        "discount": _money(quote.discount),
        "total": _money(quote.total),
        "points": _points_record(told.points),
        "tier": None
        if told.tier is None
        else {
            "now": told.tier.now or None,
            "then": told.tier.then or None,
            "reason": told.tier.reason,
        },
        "notes": list(told.notes),
    }


def _line_record(line: LineTold) -> dict[str, Any]:
    quoted, row = line.quoted, line.quoted.row
    return {
        "sku": line.sku,
        "name": line.name,
        "quantity": quoted.quantity,
        "own_price": f"{quoted.own_price:f}",
        "unit_price": f"{quoted.unit_price:f}",
        "why": line.why,
        "price_list": line.source or None,
        "from_quantity": None if row is None else f"{row.key.quantity:f}",
        "price": _money(quoted.price),
        "discount": _money(quoted.discount),
        "is_gift": quoted.is_gift,
    }


def _code_record(code: CodeTold) -> dict[str, Any]:
    return {
        "code": code.code,
        "works": code.works,
        "worth": code.worth or None,
        "off": _money(code.off),
        "points": code.points,
        "why": code.why or None,
    }


def _points_record(points: PointsTold) -> dict[str, Any]:
    return {
        "total": points.total,
        "ripens_at": stamp(points.ripens_at),
        "paid_with_points": _money(points.paid_with_points),
        "why_none": points.why_none or None,
        "entries": [
            {
                "line": one.line_id,
                "sku": one.sku,
                "rule": one.rule,
                "points": one.points,
                "calculation": dict(one.why),
            }
            for one in points.entries
        ],
    }


def _money(money: Money) -> dict[str, str]:
    return {"net": f"{money.net:f}", "gross": f"{money.gross:f}"}
