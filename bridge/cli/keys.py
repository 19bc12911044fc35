"""`keys …`: what the stored credentials are encrypted with."""

from __future__ import annotations

import click

from bridge.application import Application, environment_keys
from bridge.cli.frame import Group, Invocation, with_application, with_invocation
from bridge.cli.output import Output, plural
from bridge.installations import rotating
from bridge.kit.encryption import generate_key


@click.group(cls=Group, example=("loyalty-bridge keys rotate",))
def keys() -> None:
    """Look after the keys that encrypt stored credentials."""


@keys.command(example=("loyalty-bridge keys new",))
@with_invocation
def new(invocation: Invocation) -> None:
    """Print a fresh key, for LOYALTY_BRIDGE_KEYS. Nothing is stored."""
    invocation.output.line(generate_key())


@keys.command(example=("loyalty-bridge keys rotate",))
@with_application
def rotate(application: Application, output: Output) -> None:
    """Encrypt all stored credentials, of every workspace, under a new key and drop the old one.

    Other commands may run beside it. When it is killed half-way, nothing is lost: run it again.

    With keys from LOYALTY_BRIDGE_KEYS: put a new key (`keys new`) in front of the old one in
    every place that sets the variable, run this command, then take the old key out.
    """
    given = environment_keys(application.settings)
    if given:
        count = rotating.encrypt_under_newest_of(application.database, given)
        output.line(f"{plural(count, 'set')} of credentials encrypted under the newest key.")
        output.line("Now take the old keys out of LOYALTY_BRIDGE_KEYS, wherever it is set.")
        return
    count = rotating.rotate(application.database, application.settings.key_file)
    output.line(f"{plural(count, 'set')} of credentials encrypted under a new key.")
    output.line(f"Make a new copy of {application.settings.key_file}: old copies open nothing new.")
