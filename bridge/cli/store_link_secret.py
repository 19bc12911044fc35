"""`store link-secret`: what a shop's plugin signs links to members' pages with."""

from __future__ import annotations

import click

from bridge.application import Application
from bridge.audit.service import Actor, Subject, record
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.members import by
from bridge.cli.output import Output
from bridge.member_sign_in.links import drop_key, link_address, make_key


@click.command(
    "link-secret",
    cls=Command,
    example=(
        "loyalty-bridge store link-secret shop-de",
        "loyalty-bridge store link-secret shop-de --drop",
    ),
)
@click.argument("name")
@click.option("--drop", is_flag=True, help="No link of this shop is taken any more.")
@json_option
@with_application
def link_secret(
    application: Application, output: Output, name: str, drop: bool, as_json: bool
) -> None:
    """Make the secret that the shop NAME signs links to its customers' own pages with.

    It is shown once. The former one ends at once; the address stays the same.
    """
    if drop:
        there_was = _drop(application, name)
        if as_json:
            output.json({"store": name, "dropped": there_was})
        elif there_was:
            output.line(f"{name}: its links are not taken any more.")
        else:
            output.line(f"{name} has no secret for links.")
        return
    app, now = application, application.now()
    with app.database.writing() as session:
        made = make_key(session, app.workspace_id, name, app.keyring, now)
        address = link_address(app.settings.public_url, app.workspace, made.token)
        record(session, app.workspace_id, Actor(by()), "store.link-secret", _shop(name), now)
    if as_json:
        output.json({"store": name, "address": address, "secret": made.secret})
        return
    output.line("The secret, which is not shown again:")
    output.line(f"  {made.secret}")
    output.line("What the shop's plugin signs goes to this address:")
    output.line(f"  {address}")
    output.line("How a link is made: docs/how-to/member-pages.md.")


def _drop(app: Application, name: str) -> bool:
    with app.database.writing() as session:
        there_was = drop_key(session, app.workspace_id, name)
        if there_was:
            action = "store.link-secret-dropped"
            record(session, app.workspace_id, Actor(by()), action, _shop(name), app.now())
    return there_was


def _shop(name: str) -> Subject:
    return Subject("store", name, name)
