"""`store add`: connect a shop."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TextIO

import click

from bridge.application import Application
from bridge.cli.frame import Command, with_application
from bridge.cli.output import Output, plural
from bridge.installations import service
from bridge.installations.address import is_in_the_open, normalised_address
from bridge.installations.answering import answers, checked_answer, read_answers
from bridge.installations.connecting import connect
from bridge.installations.credentials import match_credentials, read_credentials
from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from bridge.logging import hide
from connectors.base import Platform, ShopInfo
from connectors.errors import ConnectorError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge store add shop-de --platform magento --url https://shop.example "
        "--credentials shop-de.json",
        "loyalty-bridge store add shop-at --platform shopware --url https://shop.example "
        "--credentials - < shop-at.env",
    ),
)
@click.argument("name")
@click.option(
    "--platform",
    "platform_name",
    required=True,
    metavar="magento|shopware",
    help="What the shop runs on.",
)
@click.option("--url", required=True, help="The shop's base address.")
@click.option(
    "--credentials",
    required=True,
    metavar="FILE|-",
    type=click.File("r", encoding="utf-8", lazy=False),
    help="JSON, YAML or NAME=VALUE lines; - reads standard input.",
)
@click.option(
    "--set",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    help="What the shop does not tell, such as price_scope=website. Repeatable.",
)
@click.option("--no-check", is_flag=True, help="Do not ask the shop whether all this is right.")
@with_application
def add(
    application: Application,
    output: Output,
    name: str,
    platform_name: str,
    url: str,
    credentials: TextIO,
    assignments: tuple[str, ...],
    no_check: bool,
) -> None:
    """Connect a shop under a NAME of your choice.

    The shop is asked at once whether address and credentials are right; nothing is stored
    when they are not. What its API does not tell is asked on a terminal, unless given with
    --set.
    """
    platform = application.platforms[platform_name]
    address = normalised_address(url)
    secrets = read_secrets(platform, credentials)
    told = read_answers(platform, assignments)
    with application.database.reading() as session:
        service.check_new(session, application.workspace_id, checked_name(name), address)
    new = service.NewInstallation(name, platform.name, address, secrets, told)
    shop = _record(application, new)
    info = probe(application, platform, shop, secrets, unasked=no_check)
    if output.is_interactive:
        new = replace(new, settings=told | ask(platform, told))
    _store(application, new, info)
    _report(output, platform, new, info)


def checked_name(name: str) -> str:
    """Raises BridgeError: the name becomes part of the marks that the bridge leaves in shops."""
    if not _NAME.fullmatch(name):
        raise BridgeError(
            f"`{name}` cannot be a store's name: use at most 63 letters, digits, dots, dashes "
            "and underscores, beginning with a letter or digit."
        )
    return name


def read_secrets(platform: Platform, file: TextIO) -> dict[str, str]:
    """Raises BridgeError when they cannot be read or are not what the platform needs."""
    try:
        secrets = read_credentials(file.read())
    except UnicodeDecodeError:
        raise BridgeError("The credentials file is not UTF-8 text.") from None
    hide(secrets)
    match_credentials(platform, secrets)
    return secrets


def probe(
    application: Application,
    platform: Platform,
    shop: Installation,
    secrets: dict[str, str],
    *,
    unasked: bool = False,
) -> ShopInfo | None:
    """What the shop tells about itself. Raises BridgeError when it does not, or when a
    connector cannot even be built; ``unasked``: only the latter is looked at."""
    connector = connect(platform, shop, secrets, application.workspace)
    try:
        return None if unasked else connector.shop()
    except ConnectorError as error:
        raise BridgeError(f"{shop.name} ({shop.url}): {error}") from error
    finally:
        connector.close()


def ask(platform: Platform, told: dict[str, str]) -> dict[str, str]:
    """The admin's answers to what was not told yet."""
    given = {}
    for answer in answers(platform, told):
        if answer.told:
            continue
        question = answer.question
        value = click.prompt(
            question.text,
            default=question.default,
            show_default=bool(question.default),
            type=click.Choice(question.choices) if question.choices else str,
            err=True,
        )
        given[question.name] = checked_answer(question, str(value))
    return given


def _record(application: Application, new: service.NewInstallation) -> Installation:
    """As it will be stored, for a connector to be built from."""
    return Installation(
        workspace_id=application.workspace_id,
        name=new.name,
        platform=new.platform,
        url=new.url,
        credentials="",
        settings=dict(new.settings),
        created_at=application.now(),
    )


def _store(application: Application, new: service.NewInstallation, info: ShopInfo | None) -> None:
    now = application.now()
    with application.database.writing() as session:
        added = service.add(
            session,
            application.workspace_id,
            new,
            lambda secrets: application.keyring().encrypt(secrets),
            now,
        )
        if info is not None:
            service.set_facts(session, application.workspace_id, added, info, now)


def _report(
    output: Output, platform: Platform, new: service.NewInstallation, info: ShopInfo | None
) -> None:
    if info is None:
        output.line(f"{new.name}: stored, not asked yet ({platform.label}, {new.url}).")
    else:
        version = f" (version {info.version})" if info.version else ""
        output.line(
            f"{new.name}: connected to {platform.label}{version} at {new.url}, "
            f"{plural(len(info.stores), 'store')}."
        )
        for store in info.stores:
            output.line(f"  {store.code}: {store.name} ({store.currency})")
    for answer in answers(platform, new.settings):
        output.line(f"  {answer}")
    if is_in_the_open(new.url):
        output.warn("the address is not encrypted: others on the way can read the credentials.")
    output.line(f"Next: loyalty-bridge store check {new.name}")
