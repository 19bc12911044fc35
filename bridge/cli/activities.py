"""`activities`: what members did beside buying."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.points_whose import local, required_zone, stamp, who_argument, zone_of
from bridge.earning.reporting import ListedActivity, Report, activities, record
from bridge.installations import service as installations
from bridge.kit.errors import BridgeError
from bridge.members.addressees import names_of
from bridge.members.finding import UnknownMember, member_named
from bridge.points.models import Holder
from bridge.programme.emails import normal_email
from bridge.programme.kinds import clean_text


@click.group(
    "activities",
    cls=Group,
    example=("loyalty-bridge activities record ada@example.com course",),
)
def activities_() -> None:
    """Report what members did beside buying, and look at it."""


@activities_.command(
    "record",
    example=(
        "loyalty-bridge activities record ada@example.com course",
        "loyalty-bridge activities record ada@example.com course --at 2026-03-01 --id course-17",
    ),
)
@who_argument
@click.argument("name")
@click.option(
    "--at",
    metavar="TIME",
    help="When it was done: a day, or a time like 2026-03-01T18:30, in the programme's time "
    "zone. Default: now.",
)
@click.option(
    "--id",
    "id_",
    help="Makes it count once, however often it is told. Default: a new one each time.",
)
@json_option
@with_application
def record_(
    app: Application,
    output: Output,
    who: str,
    name: str,
    at: str | None,
    id_: str | None,
    as_json: bool,
) -> None:
    """Report that the member EMAIL did what the programme calls NAME (`activity` in a rule).

    Of an address nobody has yet, it is kept until somebody confirms the address.
    """
    with app.database.writing() as session:
        moment = None if at is None else _moment(at, required_zone(session, app))
        member_id, email = _who(session, app, who)
        report = Report(_id(id_), name, moment, member_id, email)
        done = record(session, app.workspace_id, report, app.now())
    if as_json:
        output.json(
            {
                "id": report.id,
                "name": name,
                "at": stamp(done.at),
                "member": member_id,
                "email": email or None,
                "points": done.points,
                "is_new": done.is_new,
            }
        )
        return
    if not done.is_new:
        output.line(f"{name} {report.id} had been recorded before: nothing was changed.")
    elif member_id is None:
        output.line(
            f"Recorded {name} {report.id}. Nobody is known under {email}: it counts once somebody "
            "confirms the address."
        )
    else:
        output.line(f"Recorded {name} {report.id} of member #{member_id}: {done.points:+,} points.")


@activities_.command(
    "list",
    example=(
        "loyalty-bridge activities list",
        "loyalty-bridge activities list --name course --json",
    ),
)
@click.option("--name", default="", help="Only those of this name, such as review or newsletter.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def list_(app: Application, output: Output, name: str, limit: int, as_json: bool) -> None:
    """List what members did, in the shops or as reported, newest first."""
    with app.database.reading() as session:
        zone = zone_of(session, app)
        found = activities(session, app.workspace_id, name=name, limit=limit)
        records = _records(session, app, found)
    if as_json:
        output.json(records)
        return
    output.table(
        ("when", "what", "id", "store", "who", "points"),
        [
            (
                local(one.at, zone),
                one.name + ("" if one.is_valid else " (withdrawn)"),
                one.id,
                shown["store"] or "reported",
                shown["who"] or "nobody known yet",
                f"{one.points:,}",
            )
            for one, shown in zip(found, records, strict=True)
        ],
        right=("points",),
    )


def _records(
    session: Session, app: Application, found: list[ListedActivity]
) -> list[dict[str, Any]]:
    stores = {shop.id: shop.name for shop in installations.installations(session, app.workspace_id)}
    holders = [(Holder.MEMBER, one.member_id) for one in found if one.member_id is not None]
    names = names_of(session, app.workspace_id, holders)
    return [
        {
            "id": one.id,
            "name": one.name,
            "at": stamp(one.at),
            "store": stores.get(one.installation_id),
            "member": one.member_id,
            "who": names[Holder.MEMBER, one.member_id] if one.member_id else one.email or None,
            "is_valid": one.is_valid,
            "points": one.points,
        }
        for one in found
    ]


def _who(session: Session, app: Application, who: str) -> tuple[int | None, str]:
    """The member, or the address of nobody yet."""
    try:
        return member_named(session, app.workspace_id, who), ""
    except UnknownMember:
        if who.strip().removeprefix("#").isdecimal():
            raise
    return None, normal_email(who)


def _id(text: str | None) -> str:
    if text is None:
        return str(uuid.uuid4())
    try:
        return clean_text(text)
    except ValueError as error:
        raise click.UsageError(f"--id {error}.") from None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Without an offset it is meant in the programme's time zone."""
    try:
        moment = datetime.fromisoformat(text)
        told = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
        return told.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BridgeError(
            f"--at {text} is no time: write it like 2026-03-01 or 2026-03-01T18:30."
        ) from None
