"""`gifts`: how far gift rules go in each store, and what lies in open baskets."""

from __future__ import annotations

from typing import Any

import click

from bridge.application import Application
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.output import Output
from bridge.gifts.models import GiftState
from bridge.plans.gift_levels import GiftLevel, Level, gift_levels

_STYLES = {Level.ADDED: "green", Level.FREE: "cyan", Level.NONE: "yellow"}


@click.group(cls=Group, example=("loyalty-bridge gifts status",))
def gifts() -> None:
    """Look at gifts: free products from an order value on."""


@gifts.command(
    "status", example=("loyalty-bridge gifts status", "loyalty-bridge gifts status --json")
)
@json_option
@with_application
def status(app: Application, output: Output, as_json: bool) -> None:
    """Show how far each gift rule goes in each store.

    "added by the bridge": it comes into open baskets by itself and leaves them when they are
    worth too little; `run` and `work --once` do it. "added by the app", "added by the module": the
    plugin in the shop does it. "free once added": the shopper puts it into his basket and pays
    nothing. "not possible": and why. What the shop holds is as last pulled.
    """
    found = gift_levels(app)
    if as_json:
        output.json([_record(one) for one in found])
        return
    if not found:
        output.line("The programme has no gifts.")
        return
    output.table(
        ("gift", "store", "level", "in the shop", "in baskets", "ordered"),
        [
            (
                one.rule,
                one.store,
                one.said,
                "yes" if one.is_in_shop else "no",
                f"{one.open_gifts:,}",
                f"{one.baskets.get(GiftState.ORDERED, 0):,}",
            )
            for one in found
        ],
        right=("in baskets", "ordered"),
    )
    for one in found:
        for text in (one.why, one.to_do):
            if text:
                output.line(f"{one.rule} in {one.store}: {text}", _STYLES[one.level])


def _record(one: GiftLevel) -> dict[str, Any]:
    return {
        "gift": one.rule,
        "store": one.store,
        "level": one.said,
        "why": one.why or None,
        "in_shop": one.is_in_shop,
        "to_do": one.to_do or None,
        "in_baskets": one.open_gifts,
        "baskets": {state.value: one.baskets.get(state, 0) for state in GiftState},
    }
