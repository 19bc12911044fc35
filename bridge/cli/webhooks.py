"""`webhooks`: what the shops sent by themselves, and what became of it."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.installations import endpoints, service, webhook_counts
from bridge.installations.models import AppRegistration, Installation
from bridge.installations.webhook_counts import Total


@click.command(cls=Command, example=("loyalty-bridge webhooks", "loyalty-bridge webhooks --json"))
@json_option
@with_application
def webhooks(application: Application, output: Output, as_json: bool) -> None:
    """Show where each shop sends to, and how many of its messages were taken or refused.

    Refused are messages that are `forged` (not signed with the shop's secret), `stale` (signed
    minutes ago), `unreadable` or `oversized`; a `takeover` is somebody who tried to register in
    the shop's place. `replayed` ones came before and changed nothing.
    """
    with application.database.reading() as session:
        shops = service.installations(session, application.workspace_id)
        registered = endpoints.registrations(session, application.workspace_id)
        totals = webhook_counts.totals(session, application.workspace_id)
    entries = [
        _entry(shop, registered.get(shop.id or 0), totals.get(shop.id or 0, [])) for shop in shops
    ]
    if as_json:
        output.json({"webhooks": entries})
    elif not entries:
        output.line("No shop is connected yet: see `loyalty-bridge store add --help`.")
    else:
        output.table(
            ("store", "state", "address", "last received", "messages"),
            [_row(entry) for entry in entries],
        )


def _entry(
    shop: Installation, found: AppRegistration | None, totals: list[Total]
) -> dict[str, Any]:
    last = max((total.last_at for total in totals), default=None)
    return {
        "store": shop.name,
        "state": found.state if found else None,
        "address": endpoints.webhook_address(found) if found else None,
        "registered_at": _time(found.registered_at if found else None),
        "last_received_at": _time(last),
        "messages": {total.outcome: total.messages for total in totals},
    }


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    return (
        entry["store"],
        entry["state"] or "polls only",
        entry["address"] or "",
        entry["last_received_at"] or "never",
        ", ".join(f"{count:,} {outcome}" for outcome, count in entry["messages"].items()),
    )


def _time(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
