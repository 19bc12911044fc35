"""`vouchers pools`: the promotions in shops that vouchers hang on."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.points_whose import stamp
from bridge.installations.service import installations
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.vouchers import review
from bridge.vouchers.adopting import Unknown
from bridge.vouchers.at_once import look
from bridge.vouchers.pooling import promotion_of
from connectors.errors import ConnectorError

_NAMED = 3


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge vouchers pools",
        "loyalty-bridge vouchers pools --check --json",
        "loyalty-bridge vouchers pools --restore shop-de/codes:0f3c9a:1",
    ),
)
@click.option(
    "--check", is_flag=True, help="Look into the shops now, and for what only they know of."
)
@click.option("--restore", metavar="ID", help="Make this one again what it was.")
@click.option("--leave", metavar="ID", help="Leave this one as a person changed it.")
@click.option("--all", "all_of_them", is_flag=True, help="Those too that are finished and gone.")
@json_option
@with_application
def pools(
    app: Application,
    output: Output,
    check: bool,
    restore: str | None,
    leave: str | None,
    all_of_them: bool,
    as_json: bool,
) -> None:
    """List the promotions (cart price rules) that vouchers hang on in the shops.

    One that a person changed or removed in a shop is left alone, and new codes for it wait, until
    it is decided here: --restore or --leave. Exit code 1 while something is to be decided.
    """
    if restore and leave:
        raise click.UsageError("Give --restore or --leave, not both.")
    if restore or leave:
        _decide(app, output, restore, leave)
        return
    unknown, problems = _look(app) if check else ([], [])
    with app.database.reading() as session:
        found = review.pools(session, app.workspace_id, all_of_them=all_of_them)
    if as_json:
        output.json({"pools": [_record(one) for one in found], "unknown": _unknown(unknown)})
    else:
        _show(output, found, unknown)
    for problem in problems:
        output.note(problem, "red")
    if problems or unknown or any(one.drift or one.pool.is_dead for one in found):
        click.get_current_context().exit(1)


def _decide(app: Application, output: Output, restore: str | None, leave: str | None) -> None:
    with app.database.writing() as session:
        if restore:
            pool = review.restore(session, app.workspace_id, restore)
        else:
            pool = review.leave(session, app.workspace_id, leave or "")
    name = promotion_of(pool).name
    if restore:
        output.line(f"{name} becomes what it was with the next `loyalty-bridge work --once`.")
    else:
        output.line(f"{name} stays as it is in the shop.")


def _look(app: Application) -> tuple[list[tuple[str, Unknown]], list[str]]:
    with app.database.reading() as session:
        shops = installations(session, app.workspace_id)
    unknown: list[tuple[str, Unknown]] = []
    problems = []
    for shop in shops:
        try:
            unknown += [(shop.name, one) for one in look(app, shop)]
        except (BridgeError, ConnectorError, UnreadableSecret) as error:
            problems.append(f"{shop.name}: {error}")
    return unknown, problems


def _record(one: review.ListedPool) -> dict[str, Any]:
    pool = one.pool
    return {
        "id": one.id,
        "store": one.installation,
        "store_id": pool.store_id,
        "name": one.name,
        "native_id": pool.native_id or None,
        "placed": pool.placed,
        "wanted": one.open_codes,
        "in_shop": one.there,
        "ends_at": stamp(pool.ends_at),
        "is_wanted": pool.is_wanted,
        "is_there": pool.is_there,
        "drift": one.drift or None,
        "found": pool.found or None,
        "agreed": pool.native or None,
        "checked_at": stamp(pool.checked_at),
        "is_dead": pool.is_dead,
        "problem": pool.error or None,
    }


def _unknown(unknown: list[tuple[str, Unknown]]) -> list[dict[str, Any]]:
    return [
        {
            "store": store,
            "key": one.key,
            "name": one.name,
            "native_id": one.native_id,
            "is_known": one.is_known,
            "codes": list(one.codes),
        }
        for store, one in unknown
    ]


def _show(
    output: Output, found: list[review.ListedPool], unknown: list[tuple[str, Unknown]]
) -> None:
    if not found and not unknown:
        output.line("There is none: no voucher was issued yet.")
    if found:
        output.table(
            ("id", "promotion", "in the shop as", "codes", "in the shop", "state"),
            [
                (
                    one.id,
                    one.name,
                    one.pool.native_id,
                    f"{one.open_codes:,}",
                    f"{one.there:,}",
                    _state(one),
                )
                for one in found
            ],
            right=("codes", "in the shop"),
        )
    for one in found:
        if one.drift:
            is_gone = one.drift == "gone"
            what = "is gone from the shop" if is_gone else f"was {one.drift} by hand"
            ways = "--restore" if is_gone else "--restore or --leave"
            output.note(f"{one.name} {what}: {ways} {one.id}", "yellow")
    for store, lost in unknown:
        named = ", ".join(lost.codes[:_NAMED]) + (", …" if len(lost.codes) > _NAMED else "")
        codes = f"{len(lost.codes):,} codes that are not: {named}" if lost.codes else "no codes"
        known = "is known" if lost.is_known else "is not in the database"
        output.note(
            f"{store}: promotion {lost.native_id} ({lost.name}) {known}, with {codes}. What is "
            "issued again for the same cause takes its code over; remove the others in the shop.",
            "yellow",
        )


def _state(one: review.ListedPool) -> str:
    if one.drift:
        return "gone from the shop" if one.drift == "gone" else f"{one.drift} by hand"
    if one.pool.error:
        return one.pool.error
    if one.pool.is_there:
        return "as it shall be" if one.pool.is_wanted else "finished"
    return "waits" if one.pool.is_wanted else "gone"
