"""`store list`: which shops are connected."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.installations import service
from bridge.installations.models import Installation, ShopFacts


@click.command("list", cls=Command, example=("loyalty-bridge store list --json",))
@json_option
@with_application
def list_(application: Application, output: Output, as_json: bool) -> None:
    """Show the connected shops and what they last told about themselves."""
    with application.database.reading() as session:
        found = service.installations(session, application.workspace_id)
        facts = service.facts(session, application.workspace_id)
    entries = [_entry(application, shop, facts.get(shop.id or 0)) for shop in found]
    if as_json:
        output.json({"stores": entries})
    elif not entries:
        output.line("No shop is connected yet: see `loyalty-bridge store add --help`.")
    else:
        output.table(
            ("name", "platform", "version", "url", "stores", "settings", "last pull"),
            [_row(entry) for entry in entries],
        )


def _entry(
    application: Application, installation: Installation, facts: ShopFacts | None
) -> dict[str, Any]:
    pulled = installation.pulled_at
    return {
        "name": installation.name,
        "platform": installation.platform,
        "version": facts.version if facts else None,
        "url": installation.url,
        "stores": facts.stores if facts else [],
        "settings": [
            {"name": answer.question.name, "value": answer.value, "told_by_admin": answer.told}
            for answer in application.answered(installation)
        ],
        "pulled_at": pulled.isoformat(timespec="seconds") if pulled else None,
    }


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    return (
        entry["name"],
        entry["platform"],
        entry["version"] or "not asked yet",
        entry["url"],
        ", ".join(f"{store['code']} ({store['currency']})" for store in entry["stores"]),
        ", ".join(
            f"{answer['name']}={answer['value']}{'' if answer['told_by_admin'] else ' (assumed)'}"
            for answer in entry["settings"]
            if answer["value"]
        ),
        entry["pulled_at"] or "never",
    )
