"""`redeem`: a member's points become a voucher."""

from __future__ import annotations

import uuid
from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.points_whose import last_day, stamp, who_argument, zone_of
from bridge.cli.vouchers_shown import worth
from bridge.members.finding import member_named
from bridge.programme.kinds import LARGEST, clean_text
from bridge.vouchers.at_once import AtOnce, bring
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.models import VoucherState
from bridge.vouchers.redeeming import Redeemed, Request
from bridge.vouchers.redeeming import redeem as redeem_points
from bridge.vouchers.stores import StorePlace
from bridge.vouchers.where import voucher_store

STANDS = "It works as soon as the shop has it; `loyalty-bridge run` or `work --once` sees to that."


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge redeem ada@example.com 500 --store shop-de",
        "loyalty-bridge redeem ada@example.com 500 --store shop-de/outlet --request till-17 --json",
    ),
)
@who_argument
@click.argument("points", type=click.IntRange(1, LARGEST))
@click.option(
    "--store",
    required=True,
    help="Where the voucher can be used: INSTALLATION or INSTALLATION/STORE.",
)
@click.option(
    "--request",
    metavar="ID",
    help="Makes it happen once, however often it is asked for. Default: a new one each time.",
)
@click.option(
    "--wait/--no-wait",
    default=True,
    help="Whether to bring the code into the shop now, or leave that to `run`.",
)
@json_option
@with_application
def redeem(
    app: Application,
    output: Output,
    who: str,
    points: int,
    store: str,
    request: str | None,
    wait: bool,
    as_json: bool,
) -> None:
    """Turn POINTS of the member EMAIL into a voucher for one store, and print its code.

    The points are reserved at once. When the shop cannot be reached, the voucher stands all the
    same, and its code follows: the command says so, and does not fail.
    """
    id_ = _request_id(request)
    place = voucher_store(app, store)
    with app.database.writing() as session:
        secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
        asked = Request(member_named(session, app.workspace_id, who), points, place, id_)
        done = redeem_points(session, app.workspace_id, secret, asked, app.now())
        zone = zone_of(session, app)
    assert done.voucher.id is not None
    now = bring(app, done.voucher.id) if wait else AtOnce(done.voucher)
    if as_json:
        output.json(_record(done, now, place, id_))
        return
    voucher = now.voucher
    what = f"{worth(voucher)} in {place.name}"
    until = (
        f" until the end of {last_day(voucher.valid_until, zone)}" if voucher.valid_until else ""
    )
    if not done.is_new:
        output.line(f"Request {id_} had been made before: it is this voucher.")
    if voucher.state != VoucherState.OPEN.value:
        output.line(f"{voucher.code}  {what}, for {voucher.points:,} points: {voucher.state}")
        return
    output.line(f"{voucher.code}  {what}{until}, for {voucher.points:,} points")
    if not voucher.is_there:
        reason = f" {now.problem}" if now.problem else ""
        output.warn(f"The points are reserved; the code cannot be used yet.{reason} {STANDS}")


def _request_id(text: str | None) -> str:
    if text is None:
        return str(uuid.uuid4())
    try:
        return clean_text(text)
    except ValueError as error:
        raise click.UsageError(f"--request {error}.") from None


def _record(done: Redeemed, now: AtOnce, place: StorePlace, id_: str) -> dict[str, Any]:
    voucher = now.voucher
    return {
        "request": id_,
        "is_new": done.is_new,
        "id": voucher.id,
        "code": voucher.code,
        "store": place.name,
        "worth": worth(voucher),
        "points": voucher.points,
        "state": voucher.state,
        "valid_until": stamp(voucher.valid_until),
        "in_shop": voucher.is_there,
        "problem": now.problem or None,
    }
