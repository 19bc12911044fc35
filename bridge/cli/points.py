"""`points …`: what members have, how it came about, and what a person does about it."""

from __future__ import annotations

import click

from bridge.cli.frame import Group


@click.group(
    cls=Group,
    lazy={
        "show": "bridge.cli.points_show:show",
        "history": "bridge.cli.points_show:history_",
        "explain": "bridge.cli.points_explain:explain_",
        "adjust": "bridge.cli.points_adjust:adjust_",
        "frozen": "bridge.cli.points_refunded:frozen_",
        "refunded": "bridge.cli.points_refunded:refunded",
        "import": "bridge.cli.points_files:import_",
        "export": "bridge.cli.points_files:export_",
    },
    example=(
        "loyalty-bridge points show ada@example.com",
        "loyalty-bridge points history ada@example.com --limit 20",
        "loyalty-bridge points explain 4711",
    ),
)
def points() -> None:
    """Look at points, and at why they are there; give, take, import and export them.

    Wherever an EMAIL is asked for, `#12` names the member of that number.
    """
