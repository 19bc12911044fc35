"""`tiers`: who has which loyalty tier, who would gain or lose one, and tiers given by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.days import Day
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.members import found_member, who_argument
from bridge.cli.output import Output
from bridge.kit.errors import BridgeError
from bridge.members.finding import described
from bridge.programme import service as programmes
from bridge.programme.document import Programme
from bridge.tiers.service import Standing, decide_by_rules, give_by_hand, review, standings

day_type = Day()


@click.group(
    cls=Group,
    example=("loyalty-bridge tiers list", "loyalty-bridge tiers preview --on 2027-01-01"),
)
def tiers() -> None:
    """Look at loyalty tiers, and give them by hand."""


@tiers.command("list", example=("loyalty-bridge tiers list --json",))
@json_option
@with_application
def list_(app: Application, output: Output, as_json: bool) -> None:
    """Show how many members have each tier, and how many are about to lose it."""
    with app.database.reading() as session:
        programme = _programme(session, app)
        found = standings(session, app.workspace_id, app.now()).standings
    having = Counter(one.current for one in found)
    ending = Counter(one.current for one in found if one.decision.until is not None)
    by_hand = Counter(one.current for one in found if one.was_given)
    records = [
        {
            "tier": key,
            "name": tier.name,
            "group": tier.group,
            "members": having[key],
            "in_grace": ending[key],
            "given_by_hand": by_hand[key],
        }
        for key, tier in programme.tiers.items()
    ]
    if as_json:
        output.json(records)
        return
    output.table(
        ("tier", "name", "group", "members", "in grace", "by hand"),
        [
            (
                str(one["tier"]),
                str(one["name"]),
                str(one["group"] or ""),
                f"{one['members']:,}",
                f"{one['in_grace']:,}",
                f"{one['given_by_hand']:,}",
            )
            for one in records
        ],
        right=("members", "in grace", "by hand"),
    )


@tiers.command(
    example=(
        "loyalty-bridge tiers preview",
        "loyalty-bridge tiers preview --on 2027-01-01 --json",
    )
)
@click.option("--on", "day", type=day_type, help="As if it were this day, with what is bought now.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
@json_option
@with_application
def preview(
    app: Application, output: Output, day: datetime | None, limit: int, as_json: bool
) -> None:
    """Show who would gain or lose a tier, and why. Changes nothing."""
    with app.database.reading() as session:
        programme = _programme(session, app)
        when = _at_noon(day, programme) if day else app.now()
        found = standings(session, app.workspace_id, when).standings
        moving = [one for one in found if one.moves or one.decision.until is not None]
        names = _names(session, app, moving[:limit])
    order = {key: place for place, key in enumerate(programme.tiers, 1)}
    records = [_record(one, names[one.member_id], order) for one in moving[:limit]]
    if as_json:
        output.json(records)
        return
    if not records:
        output.line("Nobody would change tier.")
        return
    output.table(
        ("member", "from", "to", "what", "why"),
        [
            (
                str(one["member"]),
                str(one["from"] or "-"),
                str(one["to"] or "-"),
                str(one["change"]),
                str(one["reason"]),
            )
            for one in records
        ],
    )
    if len(moving) > limit:
        output.note(f"The first {limit:,} of {len(moving):,} are listed: see --limit.")


@tiers.command(
    example=(
        "loyalty-bridge tiers give ada@example.com gold --until 2027-06-30",
        "loyalty-bridge tiers give ada@example.com none",
    )
)
@who_argument
@click.argument("tier")
@click.option("--until", "day", type=day_type, help="The last day it holds; default: no end.")
@with_application
def give(app: Application, output: Output, who: str, tier: str, day: datetime | None) -> None:
    """Give a member a tier by hand, whatever the rules say; `none`: no tier at all."""
    with app.database.writing() as session:
        programme = _programme(session, app)
        until = _day_end(day, programme) if day else None
        if until is not None and until <= app.now():
            raise BridgeError(f"{day:%Y-%m-%d} is over already.")
        member = found_member(session, app, who)
        assert member.id is not None
        chosen = "" if tier == "none" else tier
        give_by_hand(session, app.workspace_id, member.id, chosen, until)
    review(app.database, app.workspace_id, app.now)
    output.line(f"{who} has {_shown(chosen)}{f' up to {day:%Y-%m-%d}' if day else ''}.")


@tiers.command("by-rules", example=("loyalty-bridge tiers by-rules ada@example.com",))
@who_argument
@with_application
def by_rules(app: Application, output: Output, who: str) -> None:
    """End what was given by hand: the rules decide again, at once."""
    with app.database.writing() as session:
        member = found_member(session, app, who)
        assert member.id is not None
        decide_by_rules(session, app.workspace_id, member.id, app.now())
    review(app.database, app.workspace_id, app.now)
    with app.database.reading() as session:
        (found,) = described(session, app.workspace_id, [member.id])
    output.line(f"{who} has {_shown(found.tier)} by the rules.")


def _shown(tier: str) -> str:
    return f"the tier {tier}" if tier else "no tier"


def _programme(session: Session, app: Application) -> Programme:
    found = programmes.current(session, app.workspace_id)
    if found is None or not found[1].tiers:
        raise BridgeError(
            "The programme has no tiers. Write them under `tiers:` and load it with "
            "`loyalty-bridge program load FILE`."
        )
    return found[1]


def _names(session: Session, app: Application, found: Sequence[Standing]) -> dict[int, str]:
    return {
        one.id: one.name
        for one in described(session, app.workspace_id, [one.member_id for one in found])
    }


def _record(one: Standing, name: str, order: dict[str, int]) -> dict[str, Any]:
    decision = one.decision
    up = order.get(decision.tier, 0) > order.get(one.current, 0)
    change = ("up" if up else "down") if one.moves else "in grace"
    return {
        "member_id": one.member_id,
        "member": name,
        "from": one.current,
        "to": decision.tier,
        "change": change,
        "ends_at": decision.until.isoformat() if decision.until else None,
        "reason": decision.reason
        + (f", ends on {decision.until:%Y-%m-%d}" if decision.until else ""),
        "given_by_hand": one.was_given,
    }


def _at_noon(day: datetime, programme: Programme) -> datetime:
    return datetime.combine(day.date(), time(12), ZoneInfo(programme.timezone))


def _day_end(day: datetime, programme: Programme) -> datetime:
    zone = ZoneInfo(programme.timezone)
    return datetime.combine(day.date() + timedelta(days=1), time(), zone)
