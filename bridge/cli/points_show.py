"""`points show` and `points history`: what a member has, and how it came about."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.points_whose import (
    Whose,
    balance_record,
    last_day,
    local,
    stamp,
    who_argument,
    whose,
    zone_of,
)
from bridge.earning.waiting import waits_for
from bridge.points.expiring import expired, next_expiry
from bridge.points.origins import origins
from bridge.points.running import running
from bridge.points.statement import history, open_lots
from bridge.points.wording import sentence, source


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge points show ada@example.com",
        "loyalty-bridge points show '#12' --json",
    ),
)
@who_argument
@json_option
@with_application
def show(app: Application, output: Output, who: str, as_json: bool) -> None:
    """Show a member's points: the balance, what expires next, and every open lot."""
    with app.database.reading() as session:
        found = whose(session, app, who)
        zone = zone_of(session, app)
        record = _record(session, app, found)
    if as_json:
        output.json(record)
        return
    _say(output, found, record, zone)


def _record(session: Session, app: Application, found: Whose) -> dict[str, Any]:
    lots = open_lots(session, app.workspace_id, found.standing.account_id)
    now = app.now()
    waiting = waits_for(session, app.workspace_id, lots, now)
    sources = origins(
        session,
        app.workspace_id,
        [(lot.installation_id, lot.source_kind, lot.source_id) for lot in lots],
    )
    over = expired(lots, now)
    coming = next_expiry(lots, now)
    balance = balance_record(found.standing)
    return {
        **found.record,
        "tier": found.member.tier or None,
        **balance,
        "available": balance["available"] - over,
        "expired": over,
        "next_expiry": {"at": coming.at.isoformat(), "points": coming.points} if coming else None,
        "lots": [
            {
                "id": lot.id,
                "from": source(
                    origin := sources.of(lot.installation_id, lot.source_kind, lot.source_id)
                ),
                "kind": lot.source_kind,
                "store": origin.store or None,
                "order": origin.number or None,
                "earned_at": stamp(lot.earned_at),
                "available": lot.available,
                "pending": lot.pending,
                "reserved": lot.reserved,
                "ripens_at": stamp(lot.ripens_at),
                "expires_at": stamp(lot.expires_at),
                "waits_for": waiting.get(lot.id),
            }
            for lot in lots
        ],
    }


def _say(output: Output, found: Whose, record: dict[str, Any], zone: ZoneInfo) -> None:
    output.line(f"Account of {found.account}")
    for name in ("available", "pending", "reserved", "owed"):
        if record[name] or name == "available":
            output.line(f"{name:<10}{record[name]:>12,}")
    if record["expired"]:
        output.line(
            f"{record['expired']:,} more have expired and leave the book with the next "
            "`loyalty-bridge work`."
        )
    if record["tier"]:
        output.line(f"{'tier':<10}{record['tier']:>12}")
    coming = record["next_expiry"]
    if coming:
        day = last_day(datetime.fromisoformat(coming["at"]), zone)
        output.line(f"{coming['points']:,} of these expire at the end of {day}.")
    if record["lots"]:
        output.table(
            ("lot", "from", "earned", "available", "pending", "reserved", "expires", "waits for"),
            [_row(lot, zone) for lot in record["lots"]],
            right=("lot", "available", "pending", "reserved"),
        )


def _row(lot: dict[str, Any], zone: ZoneInfo) -> tuple[str, ...]:
    expires = lot["expires_at"]
    return (
        str(lot["id"]),
        lot["from"],
        local(datetime.fromisoformat(lot["earned_at"]), zone)[:10],
        f"{lot['available']:,}",
        f"{lot['pending']:,}",
        f"{lot['reserved']:,}",
        last_day(datetime.fromisoformat(expires), zone) if expires else "never",
        lot["waits_for"] or "",
    )


@click.command(
    "history",
    cls=Command,
    example=(
        "loyalty-bridge points history ada@example.com",
        "loyalty-bridge points history ada@example.com --limit 200 --json",
    ),
)
@who_argument
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
@click.option("--before", type=int, default=0, help="Only entries older than this one, to page on.")
@json_option
@with_application
def history_(
    app: Application, output: Output, who: str, limit: int, before: int, as_json: bool
) -> None:
    """List the entries of a member's account, newest first, with the balance after each.

    Why an entry is there: `loyalty-bridge points explain ENTRY`.
    """
    with app.database.reading() as session:
        found = whose(session, app, who)
        zone = zone_of(session, app)
        account = found.standing.account_id
        lines = history(session, app.workspace_id, account, most=limit, before=before)
        balances = running(session, app.workspace_id, account, lines)
        sources = origins(
            session,
            app.workspace_id,
            [(line.installation_id, line.source_kind, line.source_id) for line in lines],
        )
    records: list[dict[str, Any]] = [
        {
            "entry": line.id,
            "posted_at": stamp(line.posted_at),
            "occurred_at": stamp(line.at),
            "text": sentence(
                line, sources.of(line.installation_id, line.source_kind, line.source_id)
            ),
            "effect": line.effect,
            "from": line.debit.value,
            "to": line.credit.value,
            "points": line.points,
            "change": line.change,
            "rule": line.rule or None,
            "available_after": after.available,
            "pending_after": after.pending,
        }
        for line, after in zip(lines, balances, strict=True)
    ]
    if as_json:
        output.json({**found.record, "entries": records})
        return
    output.line(f"Account of {found.account}")
    if not records:
        output.line("Nothing was posted to it.")
        return
    output.table(
        ("entry", "when", "what", "available", "pending"),
        [
            (
                str(record["entry"]),
                local(datetime.fromisoformat(record["occurred_at"]), zone),
                record["text"],
                f"{record['available_after']:,}",
                f"{record['pending_after']:,}",
            )
            for record in records
        ],
        right=("entry", "available", "pending"),
    )
    if len(records) == limit:
        output.note(f"Older ones: --before {records[-1]['entry']}")
