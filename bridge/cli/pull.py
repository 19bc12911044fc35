"""`pull`: read the shops."""

from __future__ import annotations

from dataclasses import asdict

import click

from bridge.application import Application
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.plans.service import pull_all


@click.command(
    cls=Command,
    example=("loyalty-bridge pull", "loyalty-bridge pull magento-de --json"),
)
@click.argument("stores", metavar="[STORE]...", nargs=-1)
@json_option
@with_application
def pull(app: Application, output: Output, stores: tuple[str, ...], as_json: bool) -> None:
    """Read groups, products, tier prices, the bridge's promotions and customers of the STOREs,
    or of all.

    Plans are made from what was last pulled. A store that fails keeps what it had, and the
    others go on; the exit code is then 1.
    """
    result = pull_all(app, stores, output.progress())
    if as_json:
        output.json(
            {
                "stores": [asdict(report) for report in result.reports],
                "failures": [asdict(failure) for failure in result.failures],
            }
        )
    else:
        output.table(
            ("store", "groups", "products", "tier prices", "customers changed", "seconds"),
            [
                (
                    report.installation,
                    f"{report.groups:,}",
                    f"{report.products:,}",
                    f"{report.prices:,}",
                    f"{report.customers:,}",
                    f"{report.seconds:.1f}",
                )
                for report in result.reports
            ],
            right=("groups", "products", "tier prices", "customers changed", "seconds"),
        )
    for failure in result.failures:
        output.note(f"{failure.installation}: {failure.message}", "red")
    if result.failures:
        click.get_current_context().exit(1)
