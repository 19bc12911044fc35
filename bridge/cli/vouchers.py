"""`vouchers`: who has which, and what is done about one."""

from __future__ import annotations

import getpass
from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application, yes_option
from bridge.cli.output import Output, plural
from bridge.cli.points_whose import stamp, zone_of
from bridge.cli.vouchers_shown import (
    COLUMNS,
    RIGHT,
    ended_already,
    place_names,
    records,
    row,
    worth,
)
from bridge.installations.service import installations
from bridge.kit.errors import BridgeError
from bridge.members.finding import UnknownMember, member_named
from bridge.members.searching import nearest_address
from bridge.programme.emails import normal_email
from bridge.programme.kinds import clean_text
from bridge.vouchers import review
from bridge.vouchers.at_once import AtOnce, bring
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import let_go as let_go_of
from bridge.vouchers.ending import voucher_with
from bridge.vouchers.ending import withdraw as withdraw_voucher
from bridge.vouchers.exchanging import exchange as exchange_voucher
from bridge.vouchers.models import Ending, Voucher, VoucherState
from bridge.vouchers.review import Wanted
from bridge.vouchers.stores import store_named

PROOF = (
    "once every order that the shop took until now was read (`loyalty-bridge run` does so within "
    "some minutes)"
)
code_argument = click.argument("code", metavar="CODE")


@click.group(
    cls=Group,
    lazy={
        "pools": (
            "bridge.cli.vouchers_pools:pools",
            "List the promotions (cart price rules) that vouchers hang on in the shops.",
        ),
    },
    example=(
        "loyalty-bridge vouchers list --email ada@example.com",
        "loyalty-bridge vouchers withdraw LB-7Q2MX-0RW4T-KZ91C --why 'Sent to the wrong person'",
    ),
)
def vouchers() -> None:
    """Look at vouchers, take them back, exchange them, and see to those a shop refused.

    Points become a voucher with `loyalty-bridge redeem`.
    """


# -- looking --------------------------------------------------------------------------------


@vouchers.command(
    "list",
    example=(
        "loyalty-bridge vouchers list",
        "loyalty-bridge vouchers list --email ada@example.com --state open",
        "loyalty-bridge vouchers list --store shop-de --dead --json",
    ),
)
@click.option("--email", help="Only those of this member, or of who confirmed this address.")
@click.option("--store", help="Only those for INSTALLATION or INSTALLATION/STORE.")
@click.option("--code", help="Only the one with this code.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in VoucherState]),
    help="Only those in this state; several are possible.",
)
@click.option("--waiting", is_flag=True, help="Only those whose code is not where it shall be yet.")
@click.option("--dead", is_flag=True, help="Only those that their shop refused again and again.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@click.option("--before", type=int, default=0, help="Only older ones than this id, to page on.")
@json_option
@with_application
def list_(
    app: Application,
    output: Output,
    email: str | None,
    store: str | None,
    code: str | None,
    states: tuple[str, ...],
    waiting: bool,
    dead: bool,
    limit: int,
    before: int,
    as_json: bool,
) -> None:
    """List vouchers, newest first: whose, worth what, used on which order, and what is wrong."""
    with app.database.reading() as session:
        wanted = Wanted(
            **_who(session, app, email),
            **_where(session, app, store),
            states=states,
            code=voucher_with(session, app.workspace_id, code).code if code else "",
            dead=dead,
            waiting=waiting,
            before=before,
        )
        found = review.vouchers(session, app.workspace_id, wanted, limit)
        is_nobody = email is not None and wanted.member_id is None and not found
        unknown = _nobody(session, app, email or "") if is_nobody else ""
        shown = records(session, app, found)
        zone = zone_of(session, app)
    if as_json:
        output.json(shown)
        return
    if not found:
        output.line("There is none.")
        if unknown:
            output.note(unknown)
        return
    rows = [row(one, record, zone) for one, record in zip(found, shown, strict=True)]
    output.table(COLUMNS, rows, right=RIGHT)
    if len(found) == limit:
        output.note(f"Older ones: --before {found[-1].voucher.id}")


def _who(session: Session, app: Application, email: str | None) -> dict[str, Any]:
    if email is None:
        return {}
    try:
        member_id = member_named(session, app.workspace_id, email)
    except UnknownMember:
        if "@" not in email:
            raise
        return {"email": normal_email(email)}
    return {"member_id": member_id, "email": normal_email(email) if "@" in email else ""}


def _nobody(session: Session, app: Application, email: str) -> str:
    near = nearest_address(session, app.workspace_id, email)
    return f"Nobody known goes by `{email}`." + (f" Did you mean `{near}`?" if near else "")


def _where(session: Session, app: Application, store: str | None) -> dict[str, Any]:
    if store is None:
        return {}
    for shop in installations(session, app.workspace_id):
        if shop.name == store:
            return {"installation_id": shop.id}
    place = store_named(session, app.workspace_id, store)
    return {"installation_id": place.installation_id, "store_id": place.store_id}


# -- ending ---------------------------------------------------------------------------------


@vouchers.command(
    "withdraw",
    example=(
        "loyalty-bridge vouchers withdraw LB-7Q2MX-0RW4T-KZ91C --why 'Sent to the wrong person'",
    ),
)
@code_argument
@click.option("--why", required=True, help="For the records.")
@json_option
@with_application
def withdraw(app: Application, output: Output, code: str, why: str, as_json: bool) -> None:
    """Take back an unused voucher: out of its shop now, its points once nobody can have used it.

    CODE is the voucher's code, or `#17` for its id.
    """
    reason = _reason(why)
    with app.database.writing() as session:
        named = voucher_with(session, app.workspace_id, code)
        assert named.id is not None
        ended = withdraw_voucher(session, app.workspace_id, named.id, reason, app.now())
        zone = zone_of(session, app)
    assert ended.voucher.id is not None
    now = bring(app, ended.voucher.id)
    if as_json:
        output.json(_ended_record(app, now) | {"is_new": ended.is_new})
        return
    said = "is withdrawn" if ended.is_new else ended_already(now.voucher, zone)
    _say_ending(output, now, said, is_new=ended.is_new)


@vouchers.command(
    "exchange",
    example=("loyalty-bridge vouchers exchange LB-7Q2MX-0RW4T-KZ91C --store shop-at",),
)
@code_argument
@click.option("--store", required=True, help="For which store: INSTALLATION or INSTALLATION/STORE.")
@click.option("--why", default="", help="For the records.")
@json_option
@with_application
def exchange(
    app: Application, output: Output, code: str, store: str, why: str, as_json: bool
) -> None:
    """Exchange an unused voucher for points for one in another store.

    The old one is taken out of its shop now. The new one comes once nobody can have used the old
    one; until then its points stay reserved.
    """
    reason = _reason(why) if why else ""
    with app.database.writing() as session:
        place = store_named(session, app.workspace_id, store)
        secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
        old = voucher_with(session, app.workspace_id, code)
        assert old.id is not None
        now_ = app.now()
        found = exchange_voucher(session, app.workspace_id, secret, old.id, place, reason, now_)
    assert found.id is not None
    now = bring(app, found.id)
    if as_json:
        output.json(_ended_record(app, now))
    elif found.id == old.id:
        _say_ending(output, now, f"is being exchanged for one in {place.name}")
    else:
        output.line(f"{now.voucher.code}  {worth(now.voucher)} in {place.name}")
        _warn_of(output, now, "It cannot be used yet.")


@vouchers.command(
    "let-go",
    example=("loyalty-bridge vouchers let-go LB-7Q2MX-0RW4T-KZ91C --yes",),
)
@code_argument
@yes_option
@with_application
def let_go(app: Application, output: Output, code: str, yes: bool) -> None:
    """End a withdrawn or expired voucher without the shop's proof that nobody used it.

    Only for a shop that will not come back: should an order with the code turn up after all, its
    points are taken again, or owed.
    """
    with app.database.reading() as session:
        voucher = voucher_with(session, app.workspace_id, code)
        assert voucher.id is not None
    question = f"Let go of {voucher.code} ({worth(voucher)}, {voucher.points:,} points)?"
    if not yes and not output.confirm(question, otherwise="--yes"):
        output.line("Nothing was changed.")
        return
    with app.database.writing() as session:
        let_go_of(session, app.workspace_id, voucher.id, getpass.getuser(), app.now())
    output.line(f"{voucher.code} has ended.")


def _say_ending(output: Output, now: AtOnce, what: str, *, is_new: bool = True) -> None:
    voucher = now.voucher
    output.line(f"{voucher.code} {what}.")
    if voucher.state == VoucherState.ENDED.value:
        if voucher.points and is_new:
            output.line(f"Its {voucher.points:,} points are available again.")
        return
    if voucher.points:
        if voucher.ending == Ending.EXCHANGED.value:
            output.line(f"The new one, for the same {voucher.points:,} points, comes {PROOF}.")
        else:
            output.line(f"Its {voucher.points:,} points come free {PROOF}.")
    if voucher.removed_at is None:
        _warn_of(output, now, "Its code is still in the shop, and can be used until it is gone.")


def _warn_of(output: Output, now: AtOnce, what: str) -> None:
    if now.problem:
        output.warn(f"{what} {now.problem}")


def _ended_record(app: Application, now: AtOnce) -> dict[str, Any]:
    with app.database.reading() as session:
        voucher = now.voucher
        places = place_names(session, app)
        new = session.get(Voucher, voucher.replaced_by) if voucher.replaced_by else None
    return {
        "id": voucher.id,
        "code": voucher.code,
        "store": places.get((voucher.installation_id, voucher.store_id)),
        "state": voucher.state,
        "ending": voucher.ending or None,
        "points": voucher.points,
        "in_shop": voucher.is_there,
        "removed_at": stamp(voucher.removed_at),
        "replaced_by": new.code if new else None,
        "problem": now.problem or None,
    }


def _reason(text: str) -> str:
    try:
        return clean_text(text)
    except ValueError as error:
        raise click.UsageError(f"--why {error}.") from None


# -- refused --------------------------------------------------------------------------------


@vouchers.command(
    "retry",
    example=(
        "loyalty-bridge vouchers retry",
        "loyalty-bridge vouchers retry LB-7Q2MX-0RW4T-KZ91C",
    ),
)
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@with_application
def retry(app: Application, output: Output, codes: tuple[str, ...]) -> None:
    """Try again what shops refused, after the cause was mended; all of it unless some are named."""
    with app.database.writing() as session:
        named = {one.id: one.code for one in _named(session, app, codes) if one.id is not None}
        wanted = Wanted(ids=tuple(named), dead=True)
        dead = review.vouchers(session, app.workspace_id, wanted, len(named)) if codes else []
        fine = named.keys() - {one.voucher.id for one in dead}
        if fine:
            raise BridgeError(
                "There is nothing to try again with what its shop has not refused: "
                f"{', '.join(sorted(named[id_] for id_ in fine))}. Nothing was changed; "
                "`loyalty-bridge vouchers list --dead` lists what was refused."
            )
        count = review.retry(session, app.workspace_id, list(named) if codes else None)
    said = plural(count, "voucher")
    output.line(f"{said} queued again; `loyalty-bridge work --once` sends them.")


def _named(session: Session, app: Application, codes: tuple[str, ...]) -> list[Voucher]:
    return [voucher_with(session, app.workspace_id, code) for code in codes]
