"""`magento-module …`: the module that brings the bridge into a Magento shop."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.frame import Group, Invocation, with_invocation
from bridge.kit.errors import BridgeError
from bridge.plugins import platforms

PLATFORM = "magento"


@click.group("magento-module", cls=Group, example=("loyalty-bridge magento-module build",))
def magento_module() -> None:
    """Put the bridge's module into Magento shops.

    It tells at once what happens in the shop, puts gifts into baskets, takes vouchers from their
    owners alone and shows customers their points. Without it everything else works as well.
    """


@magento_module.command(
    example=(
        "loyalty-bridge magento-module build",
        "loyalty-bridge magento-module build --out /srv/loyalty-bridge-magento.zip",
    )
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; default: loyalty-bridge-magento.zip.",
)
@with_invocation
def build(found: Invocation, out: Path | None) -> None:
    """Write the module: the same file for every shop, without a secret or an address in it.

    The bridge tells the module everything by the shop's API once it sees it there. Needs no
    workspace.
    """
    output, offered = found.output, platforms()[PLATFORM].plugin
    packed = offered.package() if offered is not None else None
    if offered is None or packed is None:
        raise BridgeError("This installation of the bridge has no module for Magento.")
    path = out or Path(offered.file_name)
    try:
        path.write_bytes(packed)
    except OSError as error:
        raise BridgeError(f"{path} cannot be written: {error.strerror}.") from error
    output.line(f"{path} is written: the module, version {offered.version}.")
    for step in offered.steps:
        output.line(f"- {step}")
    output.line("")
    for command in offered.commands:
        output.line(command.replace(offered.file_name, path.name))
