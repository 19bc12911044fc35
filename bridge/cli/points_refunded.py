"""`points frozen` and `points refunded`: refunds of which a shop does not tell the amount."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.cli.points_whose import balance_record, balance_text, holder_name, stamp
from bridge.earning.handling import rehandle_orders
from bridge.installations import service as installations
from bridge.kit.errors import BridgeError
from bridge.orders.models import HandledOrder
from bridge.orders.told import OpenOrder, Told, open_orders, tell_refund
from bridge.points.models import Account, Holder
from bridge.points.statement import NO_POINTS, Standing


class Amount(click.ParamType[Decimal]):
    """A decimal with a point."""

    name = "amount"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Decimal:
        try:
            amount = Decimal(value)
        except (InvalidOperation, TypeError):
            self.fail(f"{value!r} is no amount: write it like 12.50", param, ctx)
        if not amount.is_finite() or abs(amount) >= Decimal(10) ** 12:
            self.fail(f"{value!r} is no amount: write it like 12.50", param, ctx)
        return amount


AMOUNT = Amount()


@click.command(
    "frozen",
    cls=Command,
    example=("loyalty-bridge points frozen", "loyalty-bridge points frozen --json"),
)
@json_option
@with_application
def frozen_(app: Application, output: Output, as_json: bool) -> None:
    """List orders with refunds of which the shop does not tell the amount.

    Unless the programme says `unknown_refund: wait`, their points are held until
    `loyalty-bridge points refunded` tells it.
    """
    with app.database.reading() as session:
        records = [_record(session, app, order) for order in open_orders(session, app.workspace_id)]
    if as_json:
        output.json(records)
        return
    if not records:
        output.line("There is no refund to tell the amount of.")
        return
    output.table(
        ("store", "order", "worth", "refund", "on", "points", "whose"),
        [
            (
                record["store"],
                record["order"],
                f"{record['gross']} {record['currency']}",
                refund["id"],
                refund["at"][:10],
                "held" if record["is_held"] else "can be spent",
                record["account"] or "nobody's",
            )
            for record in records
            for refund in record["refunds"]
        ],
        right=("worth",),
    )
    output.note("Tell each: loyalty-bridge points refunded STORE ORDER REFUND AMOUNT")


def _record(session: Session, app: Application, order: OpenOrder) -> dict[str, Any]:
    account = session.get(Account, order.account_id) if order.account_id else None
    name = holder_name(session, app, _holder(account)) if account else None
    return {
        "store": _store_names(session, app)[order.installation_id],
        "order": order.number,
        "order_id": order.order_id,
        "currency": order.currency,
        "net": format(order.worth.net, "f"),
        "gross": format(order.worth.gross, "f"),
        "is_held": order.is_frozen,
        "account": name,
        "refunds": [{"id": id_, "at": stamp(at)} for id_, at in order.refunds],
    }


def _store_names(session: Session, app: Application) -> dict[int, str]:
    found = installations.installations(session, app.workspace_id)
    return {shop.id: shop.name for shop in found if shop.id is not None}


def _holder(account: Account) -> tuple[Holder, int]:
    return Holder(account.holder), account.holder_id


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge points refunded shop-at 10023 6f0c 12.50",
        "loyalty-bridge points refunded shop-at 10023 6f0c 12.50 --net 10.50",
    ),
)
@click.argument("store")
@click.argument("number", metavar="ORDER")
@click.argument("refund")
@click.argument("amount", type=AMOUNT)
@click.option(
    "--net",
    type=AMOUNT,
    help="Without tax. Default: as much of it as of the whole order.",
)
@json_option
@with_application
def refunded(
    app: Application,
    output: Output,
    store: str,
    number: str,
    refund: str,
    amount: Decimal,
    net: Decimal | None,
    as_json: bool,
) -> None:
    """Tell that REFUND of ORDER came to AMOUNT, tax included, in the order's currency.

    Its part of the points is taken back and the rest released, at once. Told again, nothing
    changes; told otherwise, the points follow.
    """
    with app.database.writing() as session:
        shop = installations.installation(session, app.workspace_id, store).id
        assert shop is not None
        now = app.now()
        told = tell_refund(session, app.workspace_id, shop, number, refund, amount, net, now, by())
        before = _standing(session, told)
        rehandle_orders(session, app.workspace_id, [(shop, told.order_id)], now)
        session.expire_all()
        after = _standing(session, told)
        left = _left(session, told)
    if as_json:
        output.json(_told_record(told, before, after, left))
        return
    again = "" if told.before is None else f" (told before: {told.before.gross:f})"
    output.line(
        f"Refund {refund} of order {number} came to {told.amount.gross:f} {told.currency}, "
        f"{told.amount.net:f} without tax{again}."
    )
    output.line(f"Before: {balance_text(before)}. Now: {balance_text(after)}.")
    if left:
        output.line("Its points stay held: another refund of it is still to be told.")


def _standing(session: Session, told: Told) -> Standing:
    account = session.get(Account, told.account_id) if told.account_id else None
    if account is None or account.id is None:
        return NO_POINTS
    return Standing(account.id, account.available, account.pending, account.reserved, account.debt)


def _left(session: Session, told: Told) -> bool:
    order = session.get(HandledOrder, (told.installation_id, told.order_id))
    if order is None:
        raise BridgeError("The order is gone. Nothing was changed.")
    return order.is_frozen


def _told_record(told: Told, before: Standing, after: Standing, left: bool) -> dict[str, Any]:
    return {
        "order_id": told.order_id,
        "currency": told.currency,
        "net": format(told.amount.net, "f"),
        "gross": format(told.amount.gross, "f"),
        "told_before": format(told.before.gross, "f") if told.before else None,
        "is_held": left,
        "before": balance_record(before),
        "after": balance_record(after),
    }
