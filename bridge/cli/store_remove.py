"""`store remove`: let go of a shop."""

from __future__ import annotations

import click

from bridge.application import Application
from bridge.cli.frame import Command, with_application, yes_option
from bridge.cli.output import Output
from bridge.installations import service
from bridge.installations.removing import remove as forget
from bridge.installations.removing import require_removable
from bridge.shop_plugins.leaving import make_forget


@click.command(cls=Command, example=("loyalty-bridge store remove shop-de --yes",))
@click.argument("name")
@click.option(
    "--keep-in-shop",
    is_flag=True,
    help="Leave the prices and groups that the bridge made in the shop, and its plugin, for good.",
)
@yes_option
@with_application
def remove(
    application: Application, output: Output, name: str, keep_in_shop: bool, yes: bool
) -> None:
    """Forget the shop NAME: its credentials, its catalogue, its customers.

    The bridge's plugin in the shop forgets the bridge first; nothing else is changed there. When
    the shop cannot be asked, nothing is removed, unless with --keep-in-shop. The history of runs
    stays.
    """
    with application.database.reading() as session:
        shop = service.installation(session, application.workspace_id, name)
    question = f"Forget {shop.name} ({shop.url}), its credentials and all that was pulled from it?"
    if not yes and not output.confirm(question, otherwise="--yes"):
        output.line("Nothing was removed.")
        return
    if not keep_in_shop:
        with application.database.reading() as session:
            now = application.now()
            require_removable(session, application.workspace_id, shop, keep_in_shop=False, now=now)
        make_forget(application, shop)
    with application.database.writing() as session:
        shop = service.installation(session, application.workspace_id, name)
        forget(
            session,
            application.workspace_id,
            shop,
            keep_in_shop=keep_in_shop,
            now=application.now(),
        )
    output.line(f"{name}: removed.")
