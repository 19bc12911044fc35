"""`points …`: what members have, how it came about, and what a person does about it."""

from __future__ import annotations

import click

from bridge.cli.frame import Group


@click.group(
    cls=Group,
    lazy={
        "show": (
            "bridge.cli.points_show:show",
            "Show a member's points: the balance, what expires next, and every open lot.",
        ),
        "history": (
            "bridge.cli.points_show:history_",
            "List the entries of a member's account, newest first, with the balance after each.",
        ),
        "explain": (
            "bridge.cli.points_explain:explain_",
            "Explain one ENTRY, as `points history` numbers them: the event, the rule as "
            "it was then, the calculation, what it takes back and what took it back.",
        ),
        "adjust": (
            "bridge.cli.points_adjust:adjust_",
            "Give points to a member, or take some of those he can spend; no more than there are.",
        ),
        "frozen": (
            "bridge.cli.points_refunded:frozen_",
            "List orders with refunds of which the shop does not tell the amount.",
        ),
        "refunded": (
            "bridge.cli.points_refunded:refunded",
            "Tell that REFUND of ORDER came to AMOUNT, tax included, in the order's currency.",
        ),
        "import": (
            "bridge.cli.points_files:import_",
            "Put opening balances into the book: the whole FILE, or nothing of it.",
        ),
        "export": (
            "bridge.cli.points_files:export_",
            "Write every open lot to FILE (`-`: standard output), as `points import` reads it.",
        ),
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
