"""`store …`: the shops of a workspace."""

from __future__ import annotations

import click

from bridge.cli.frame import Group


@click.group(
    cls=Group,
    lazy={
        "add": ("bridge.cli.store_add:add", "Connect a shop under a NAME of your choice."),
        "list": (
            "bridge.cli.store_list:list_",
            "Show the connected shops and what they last told about themselves.",
        ),
        "check": (
            "bridge.cli.store_check:check",
            "Probe shops and say in plain words what is missing and how to mend it.",
        ),
        "set": (
            "bridge.cli.store_set:set_",
            "Change settings, address or credentials of the shop NAME.",
        ),
        "link-secret": (
            "bridge.cli.store_link_secret:link_secret",
            "Make the secret that the shop NAME signs links to its customers' own pages with.",
        ),
        "remove": (
            "bridge.cli.store_remove:remove",
            "Forget the shop NAME: its credentials, its catalogue, its customers.",
        ),
    },
    example=("loyalty-bridge store list",),
)
def store() -> None:
    """Connect shops, look after them, let go of them."""
