"""`store set`: change what is stored of a connected shop."""

from __future__ import annotations

from typing import TextIO

import click

from bridge.application import Application
from bridge.cli.frame import Command, with_application
from bridge.cli.output import Output
from bridge.cli.store_add import read_secrets
from bridge.installations import service
from bridge.installations.address import normalised_address
from bridge.installations.answering import answers, read_answers
from bridge.installations.models import Installation
from bridge.installations.setting_up import probe, require_same_shop, store_changed
from connectors.base import ShopInfo


@click.command(
    "set",
    cls=Command,
    example=(
        "loyalty-bridge store set shop-de price_scope=website",
        "loyalty-bridge store set shop-de --url https://www.shop.example",
        "loyalty-bridge store set shop-de --credentials new.json",
    ),
)
@click.argument("name")
@click.argument("assignments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--url", help="The shop's new base address.")
@click.option(
    "--credentials",
    metavar="FILE|-",
    type=click.File("r", encoding="utf-8", lazy=False),
    help="New credentials: JSON, YAML or NAME=VALUE lines; - reads standard input.",
)
@click.option("--no-check", is_flag=True, help="Do not ask the shop whether all this is right.")
@with_application
def set_(
    application: Application,
    output: Output,
    name: str,
    assignments: tuple[str, ...],
    url: str | None,
    credentials: TextIO | None,
    no_check: bool,
) -> None:
    """Change settings, address or credentials of the shop NAME.

    A new address or new credentials are tried first, and must lead to the same shop as before.
    """
    if not (assignments or url or credentials):
        raise click.UsageError("Nothing to change: give NAME=VALUE, --url or --credentials.")
    with application.database.reading() as session:
        shop = service.installation(session, application.workspace_id, name)
        facts = service.facts(session, application.workspace_id).get(shop.id or 0)
    platform = application.platforms[shop.platform]
    told = shop.settings | read_answers(platform, assignments)
    secrets = read_secrets(platform, credentials) if credentials else None
    changed = shop.model_copy(update={"settings": told})
    if url:
        # Who may use this machine may have it call what it can reach.
        changed = changed.model_copy(
            update={"url": normalised_address(url), "is_public_only": False}
        )
    unasked = no_check or not (url or secrets)
    known = secrets or _stored(application, shop)
    info = probe(platform, changed, known, application.workspace, unasked=unasked)
    require_same_shop(shop, facts, info)
    _store(application, changed, secrets, info)
    output.line(f"{shop.name}: changed ({platform.label}, {changed.url}).")
    for answer in answers(platform, told):
        output.line(f"  {answer}")


def _stored(application: Application, shop: Installation) -> dict[str, str]:
    return application.keyring().decrypt(shop.credentials)


def _store(
    application: Application,
    changed: Installation,
    secrets: dict[str, str] | None,
    info: ShopInfo | None,
) -> None:
    with application.database.writing() as session:
        store_changed(
            session,
            changed,
            secrets,
            info,
            lambda plain: application.keyring().encrypt(plain),
            application.now(),
        )
