"""`store …`: the shops of a workspace."""

from __future__ import annotations

import click

from bridge.cli.frame import Group


@click.group(
    cls=Group,
    lazy={
        "add": "bridge.cli.store_add:add",
        "list": "bridge.cli.store_list:list_",
        "check": "bridge.cli.store_check:check",
        "set": "bridge.cli.store_set:set_",
        "link-secret": "bridge.cli.store_link_secret:link_secret",
        "remove": "bridge.cli.store_remove:remove",
    },
    example=("loyalty-bridge store list",),
)
def store() -> None:
    """Connect shops, look after them, let go of them."""
