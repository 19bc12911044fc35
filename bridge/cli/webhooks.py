"""`webhooks`: what the shops sent by themselves, and what became of it."""

from __future__ import annotations

from typing import Any

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.output import Output
from bridge.installations import app_registration, endpoints, service, webhook_counts
from bridge.installations.address import is_in_the_open, normalised_address
from bridge.installations.models import AppRegistration, Installation
from bridge.installations.webhook_counts import Total
from bridge.kit.errors import BridgeError
from connectors.webhooks import SharedSecret


@click.group(
    cls=Group,
    invoke_without_command=True,
    example=(
        "loyalty-bridge webhooks",
        "loyalty-bridge webhooks --json",
        "loyalty-bridge webhooks secret shop-us --url https://bridge.example",
    ),
)
@json_option
@click.pass_context
def webhooks(context: click.Context, as_json: bool) -> None:
    """Show where each shop sends to, and how many of its messages were taken or refused.

    Refused are messages that are `forged` (not signed with the shop's secret), `stale` (signed
    minutes ago), `unreadable` or `oversized`; a `takeover` is somebody who tried to register in
    the shop's place. `replayed` ones came before and changed nothing.
    """
    if context.invoked_subcommand is None:
        _webhooks(as_json)


@webhooks.command(
    example=(
        "loyalty-bridge webhooks secret shop-us --url https://bridge.example",
        "loyalty-bridge webhooks secret shop-us --renew",
    )
)
@click.argument("name")
@click.option("--url", help="Where the shop reaches the bridge; needed the first time.")
@click.option("--renew", is_flag=True, help="A new secret; the former one is good for a minute.")
@json_option
@with_application
def secret(
    application: Application, output: Output, name: str, url: str | None, renew: bool, as_json: bool
) -> None:
    """Make the secret that the shop NAME signs its webhooks with.

    For shops that cannot register by themselves, as Magento. It is shown once, when it is made;
    afterwards this shows the address, and what a message looks like.
    """
    with application.database.writing() as session:
        shop = service.installation(session, application.workspace_id, name)
        sender = _sender(application, shop)
        base_url = normalised_address(url) if url else _known(application, session, shop)
        found, fresh = app_registration.share(
            session, shop, application.keyring, application.now(), base_url=base_url, renew=renew
        )
    address = f"{found.base_url}/webhooks/{found.token}"
    if is_in_the_open(found.base_url):
        output.warn("Without https others can read what the shop tells.")
    if as_json:
        headers = list(sender.headers)
        output.json(
            {"store": name, "address": address, "headers": headers, "secret": fresh or None}
        )
    else:
        _show_secret(output, sender, address, fresh)


def _sender(application: Application, shop: Installation) -> SharedSecret:
    """Raises BridgeError."""
    platform = application.platforms[shop.platform]
    if platform.registration is not None:
        raise BridgeError(
            f"A {platform.label} shop gets its secret by itself, when its app registers: see "
            "`loyalty-bridge shopware-app build`."
        )
    if not isinstance(platform.webhooks, SharedSecret):
        raise BridgeError(f"The bridge takes no webhooks of {platform.label} shops.")
    return platform.webhooks


def _known(application: Application, session: Session, shop: Installation) -> str:
    row = endpoints.registrations(session, application.workspace_id).get(shop.id or 0)
    if row is None:
        raise BridgeError("Add --url: where does the shop reach the bridge?")
    return row.base_url


def _show_secret(output: Output, sender: SharedSecret, address: str, fresh: str) -> None:
    if fresh:
        output.line("The secret, which is not shown again:")
        output.line(f"  {fresh}")
    else:
        output.line("There is a secret; it was shown when it was made. For a new one: --renew.")
    output.line(f"What the shop sends goes to this address, with {' and '.join(sender.headers)}:")
    output.line(f"  {address}")
    output.line("To try it, while `loyalty-bridge run` is reachable there:")
    lines = ("SECRET='the secret'", f"ADDRESS='{address}'", *sender.example.splitlines())
    for line in lines:
        output.line(f"  {line}")


@with_application
def _webhooks(application: Application, output: Output, as_json: bool) -> None:
    with application.database.reading() as session:
        shops = service.installations(session, application.workspace_id)
        registered = endpoints.registrations(session, application.workspace_id)
        totals = webhook_counts.totals(session, application.workspace_id)
    registers = {
        name for name, one in application.platforms.items() if one.registration is not None
    }
    entries = [
        _entry(
            shop,
            registered.get(shop.id or 0),
            totals.get(shop.id or 0, []),
            registers=shop.platform in registers,
        )
        for shop in shops
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
    shop: Installation, found: AppRegistration | None, totals: list[Total], *, registers: bool
) -> dict[str, Any]:
    address = None
    if found is not None:
        address = (
            endpoints.events_address(found, shop) if registers else endpoints.webhook_address(found)
        )
    last = max((total.last_at for total in totals), default=None)
    return {
        "store": shop.name,
        "state": found.state if found else None,
        "address": address,
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
