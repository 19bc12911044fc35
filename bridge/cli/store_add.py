"""`store add`: connect a shop."""

from __future__ import annotations

from dataclasses import replace
from typing import TextIO

import click

from bridge.application import Application
from bridge.cli.frame import Command, with_application
from bridge.cli.output import Output, plural
from bridge.installations import service
from bridge.installations.address import is_in_the_open, normalised_address
from bridge.installations.answering import answers, checked_answer, read_answers
from bridge.installations.credentials import match_credentials, read_credentials
from bridge.installations.setting_up import checked_name, probe, record, store_new
from bridge.kit.errors import BridgeError
from bridge.logging import hide
from connectors.base import Platform, ShopInfo


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
    shop = record(application.workspace_id, new, application.now())
    info = probe(platform, shop, secrets, application.workspace, unasked=no_check)
    if output.is_interactive:
        new = replace(new, settings=told | ask(platform, told))
    _store(application, new, info)
    _report(output, platform, new, info)


def read_secrets(platform: Platform, file: TextIO) -> dict[str, str]:
    """Raises BridgeError when they cannot be read or are not what the platform needs."""
    try:
        secrets = read_credentials(file.read())
    except UnicodeDecodeError:
        raise BridgeError("The credentials file is not UTF-8 text.") from None
    hide(secrets)
    match_credentials(platform, secrets)
    return secrets


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


def _store(application: Application, new: service.NewInstallation, info: ShopInfo | None) -> None:
    with application.database.writing() as session:
        store_new(
            session,
            application.workspace_id,
            new,
            info,
            lambda secrets: application.keyring().encrypt(secrets),
            application.now(),
        )


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
