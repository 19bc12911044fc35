"""`shopware-app …`: the app that lets a Shopware shop tell the bridge what happens."""

from __future__ import annotations

import os
from pathlib import Path

import click
from sqlmodel import Session

from bridge.application import Application
from bridge.cli.frame import Group, with_application, yes_option
from bridge.cli.output import Output
from bridge.installations import app_registration, service
from bridge.installations.address import is_in_the_open, normalised_address
from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from connectors.webhooks import Addresses, Registration


class _Commands(Group):
    """`manifest` is what `build` was called while the app only listened."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, "build" if cmd_name == "manifest" else cmd_name)


@click.group("shopware-app", cls=_Commands, example=("loyalty-bridge shopware-app build --help",))
def shopware_app() -> None:
    """Put the bridge's app into a Shopware shop.

    It tells at once what happens in the shop, puts gifts into baskets and shows customers their
    points. Without it everything else works as well, only later: with the next poll.
    """


@shopware_app.command(
    example=(
        "loyalty-bridge shopware-app build shop-de --url https://bridge.example",
        "loyalty-bridge shopware-app build --url https://bridge.example --out app.zip",
    )
)
@click.argument("name", required=False)
@click.option("--url", required=True, help="Where the shop reaches the bridge.")
@click.option(
    "--out",
    default="LoyaltyBridge.zip",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write: .zip to upload in the shop, anything else gets the bare manifest.",
)
@click.option(
    "--shop-url",
    help="What the shop calls itself (APP_URL), when that is not the URL it was connected by.",
)
@click.option("--renew", is_flag=True, help="A new secret, when the file came into wrong hands.")
@with_application
def build(
    application: Application,
    output: Output,
    name: str | None,
    url: str,
    out: Path,
    shop_url: str | None,
    renew: bool,
) -> None:
    """Write the app for the shop NAME; it may be left out where there is one Shopware shop.

    The file holds a secret that belongs to this one shop: whoever has it can register in the
    shop's place as long as the shop has not. Made again, it has the same
    address and, without --renew, the same secret.
    """
    base_url = normalised_address(url)
    if is_in_the_open(base_url):
        output.note("warning: without https others can read what the shop tells.", "warning")
    with application.database.writing() as session:
        shop = _shop(application, session, name)
        registration = _registration(application, shop)
        found = app_registration.offer(
            session,
            shop,
            application.keyring,
            application.now(),
            base_url=base_url,
            shop_address=normalised_address(shop_url) if shop_url else None,
            renew=renew,
        )
    addresses = Addresses(found.address("register"), found.address("events"))
    try:
        text = registration.manifest(addresses, found.app_secret)
    except ValueError as error:
        raise BridgeError(str(error)) from error
    packed = registration.package(text) if out.suffix == ".zip" else text.encode()
    _write_secret(out, packed)
    output.line(f"{out} is written. It holds a secret: delete it once the app is installed.")
    output.line(
        "Next: in the shop, Extensions > My extensions > Upload extension, then install and "
        "activate it, while `loyalty-bridge run` is reachable at the URL above."
    )


@shopware_app.command(example=("loyalty-bridge shopware-app release shop-de",))
@click.argument("name")
@yes_option
@with_application
def release(application: Application, output: Output, name: str, yes: bool) -> None:
    """Let the app in the shop NAME register anew without its present secret.

    Needed when the shop lost it: it was restored from a backup, or the bridge did not hear that
    the app was deleted. Until the shop has registered again, its messages are refused and
    everything comes by polls.
    """
    with application.database.reading() as session:
        shop = service.installation(session, application.workspace_id, name)
    if not yes:
        click.confirm(f"Refuse what {name} sends until it has registered again?", abort=True)
    with application.database.writing() as session:
        app_registration.release(
            session,
            application.workspace_id,
            shop.id or 0,
            application.keyring,
            application.now(),
        )
    output.line(f"{name} can register again: install the app in the shop.")


def _shop(application: Application, session: Session, name: str | None) -> Installation:
    """The one of this name, else the only one that the app is for. Raises BridgeError."""
    if name is not None:
        return service.installation(session, application.workspace_id, name)
    shops = [
        shop
        for shop in service.installations(session, application.workspace_id)
        if application.platforms[shop.platform].registration is not None
    ]
    if not shops:
        raise BridgeError("There is no Shopware shop. Add it with `loyalty-bridge store add`.")
    if len(shops) > 1:
        raise BridgeError(f"Which shop is it for: {', '.join(shop.name for shop in shops)}?")
    return shops[0]


def _registration(application: Application, shop: Installation) -> Registration:
    registration = application.platforms[shop.platform].registration
    if registration is None:
        label = application.platforms[shop.platform].label
        raise BridgeError(f"`{shop.name}` is a {label} shop; this app is for Shopware.")
    return registration


def _write_secret(path: Path, content: bytes) -> None:
    """Readable by its owner alone. Raises BridgeError."""
    try:
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        raise BridgeError(f"{path} cannot be written: {error.strerror}.") from error
