"""`fleet`: all workspaces of the database at a glance, for an agency."""

from __future__ import annotations

import click

from bridge.application import Application
from bridge.cli.figures_shown import amount, span
from bridge.cli.frame import Command, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.points_whose import stamp
from bridge.figures.fleet import fleet
from bridge.figures.fleet_rules import Standing
from bridge.figures.overview import record
from bridge.workspaces.service import workspaces


@click.command(
    "fleet",
    cls=Command,
    example=("loyalty-bridge fleet", "loyalty-bridge fleet --json"),
)
@json_option
@with_application
def fleet_(app: Application, output: Output, as_json: bool) -> None:
    """Show every workspace of this database: what needs attention comes first.

    Figures are those of each one's own overview. `failed`: what came in and could not be handled,
    and what stores refused. `approvals`: changes that wait for a second person. `planned`: changes
    of a plan that nobody approved.
    """
    with app.database.reading() as session:
        found = fleet(session, workspaces(session), app.now())
    if as_json:
        output.json([record(one) for one in found])
        return
    output.table(
        (
            "workspace",
            "state",
            "stores",
            "in trouble",
            "last asked",
            "behind",
            "failed",
            "conflicts",
            "approvals",
            "planned",
            "points",
            "value",
        ),
        [_row(one) for one in found],
        right=("stores", "failed", "conflicts", "approvals", "planned", "points", "value"),
    )


def _row(one: Standing) -> tuple[str, ...]:
    return (
        one.workspace,
        one.level.value,
        str(one.stores),
        ", ".join(one.in_trouble),
        str(stamp(one.polled_at)) if one.polled_at else "never",
        span(one.lag_seconds),
        str(one.failed),
        str(one.conflicts),
        str(one.approvals),
        str(one.planned),
        f"{one.points:,}",
        amount(one.value),
    )
