"""`points adjust`: a person gives or takes points."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge.application import Application
from bridge.cli.days import Day
from bridge.cli.frame import Command, json_option, with_application, yes_option
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.cli.points_whose import (
    balance_record,
    balance_text,
    required_zone,
    who_argument,
    whose,
)
from bridge.kit.calendar import day_end
from bridge.kit.errors import BridgeError
from bridge.members.adjusting import Adjusted, Adjustment, adjust
from bridge.points.book import NotEnoughPoints
from bridge.programme.kinds import LARGEST, clean_text

_SIGNED = re.compile(r"[+-]\d{1,12}", re.ASCII)


class SignedPoints(click.ParamType[int]):
    name = "points"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if not _SIGNED.fullmatch(value) or not 0 < abs(int(value)) <= LARGEST:
            self.fail(
                f"{value!r} does not say how many: write +100 to give or -50 to take", param, ctx
            )
        return int(value)


@click.command(
    "adjust",
    cls=Command,
    example=(
        'loyalty-bridge points adjust ada@example.com +100 --reason "Sorry for the delay"',
        'loyalty-bridge points adjust ada@example.com -50 --reason "Given by mistake" --id RMA-7',
    ),
)
@who_argument
@click.argument("points", metavar="+N|-N", type=SignedPoints())
@click.option("--reason", required=True, help="For the records, and for the member.")
@click.option(
    "--expires",
    metavar="DATE",
    type=Day(),
    help="The last day of points given. Default: they never expire.",
)
@click.option(
    "--id",
    "id_",
    help="Makes it happen once, however often it is told. Default: a new one each time.",
)
@yes_option
@json_option
@with_application
def adjust_(
    app: Application,
    output: Output,
    who: str,
    points: int,
    reason: str,
    expires: datetime | None,
    id_: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Give points to a member, or take some of those he can spend; no more than there are."""
    with app.database.reading() as session:
        found = whose(session, app, who)
        expires_at = None
        if expires is not None:
            expires_at = _end_of(expires, points, required_zone(session, app))
    adjustment = Adjustment(
        _text("--id", id_) if id_ is not None else str(uuid.uuid4()),
        points,
        _text("--reason", reason),
        by(),
        expires_at,
    )
    question = f"{points:+,} for {found.account}, who has {balance_text(found.standing)}?"
    if not yes and not output.confirm(question, otherwise="--yes"):
        output.line("Nothing was changed.")
        return
    try:
        with app.database.writing() as session:
            done = adjust(session, app.workspace_id, found.member.id, adjustment, app.now())
    except NotEnoughPoints as error:
        raise BridgeError(
            f"{error.wanted:,} points cannot be taken: only {error.available:,} are available in "
            f"the account of {found.account}. Nothing was changed."
        ) from None
    if as_json:
        output.json({**found.record, **_record(adjustment, done)})
        return
    output.line(f"Account of {found.account}")
    if not done.is_new:
        output.line(f"The adjustment {adjustment.id} had been made before: nothing was changed.")
    output.line(f"before  {balance_text(done.before)}")
    output.line(f"now     {balance_text(done.after)}")


def _end_of(day: datetime, points: int, zone: ZoneInfo) -> datetime:
    if points < 0:
        raise click.UsageError("--expires belongs to points that are given: leave it out.")
    return day_end(day.date(), zone)


def _text(option: str, text: str) -> str:
    try:
        return clean_text(text)
    except ValueError as error:
        raise click.UsageError(f"{option} {error}.") from None


def _record(adjustment: Adjustment, done: Adjusted) -> dict[str, Any]:
    return {
        "id": adjustment.id,
        "points": adjustment.points,
        "is_new": done.is_new,
        "before": balance_record(done.before),
        "after": balance_record(done.after),
    }
