"""The command ``loyalty-bridge``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from pydantic import SecretStr

from bridge import logging
from bridge.cli.commands import COMMANDS
from bridge.cli.frame import CommandLine, Invocation


@click.group(
    cls=CommandLine,
    lazy=COMMANDS,
    example=("loyalty-bridge init", "loyalty-bridge store add --help"),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the database and the key file (environment: LOYALTY_BRIDGE_HOME).",
)
@click.option(
    "--workspace",
    metavar="NAME",
    help="The merchant to work for (environment: LOYALTY_BRIDGE_WORKSPACE).",
)
@click.option(
    "--database-url",
    metavar="URL",
    help=(
        "The database, when it is not the SQLite file in the home folder. With a password in "
        "it, rather set LOYALTY_BRIDGE_DATABASE_URL: others can see a command's options."
    ),
)
@click.option("--verbose", "-v", is_flag=True, help="Log everything to standard error.")
@click.version_option(package_name="loyalty-bridge", prog_name="loyalty-bridge")
@click.pass_context
def main(
    context: click.Context,
    home: Path | None,
    workspace: str | None,
    database_url: str | None,
    verbose: bool,
) -> None:
    """One price list and one book of points over all your Magento 2 and Shopware 6 shops:
    prices are planned, applied and undone; orders earn points, and points become vouchers.

    Start with `init`, then `store add` for each shop, then `program load`.

    Exit codes: 0 done, 1 an error (one line says which), 2 wrong usage (and, from `plan`,
    changes to apply), 130 interrupted.
    """
    from bridge.cli.output import Output
    from bridge.config import Settings

    given: dict[str, Any] = {
        "home": home,
        "workspace": workspace,
        "database_url": SecretStr(database_url) if database_url else None,
        "log_level": "debug" if verbose else None,
    }
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    logging.configure(settings.log_level)
    context.obj = Invocation(settings, Output())


if __name__ == "__main__":
    main()
