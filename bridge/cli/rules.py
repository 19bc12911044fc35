"""`rules effect`: whether a rule changes what members do."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import click

from bridge.application import Application
from bridge.cli.days import Day
from bridge.cli.frame import Group, json_option, with_application
from bridge.cli.output import Output
from bridge.cli.points_whose import local, required_zone, stamp
from bridge.earning.effect import Test
from bridge.earning.effect_reading import Effect, GroupEffect, effects
from bridge.kit.calendar import day_start
from bridge.kit.money import exponent, from_minor


@click.group(cls=Group, example=("loyalty-bridge rules effect",))
def rules() -> None:
    """Look at what earning rules do."""


@rules.command(
    example=(
        "loyalty-bridge rules effect",
        "loyalty-bridge rules effect double-july --since 2026-07-01 --json",
    )
)
@click.argument("rule", default="", metavar="[RULE]")
@click.option(
    "--since",
    metavar="DATE",
    type=Day(),
    help="Count orders from this day on. Default: since the rule has had its share.",
)
@json_option
@with_application
def effect(
    app: Application, output: Output, rule: str, since: datetime | None, as_json: bool
) -> None:
    """Compare the members a rule holds for (its `share`) with the rest.

    Who is in the share is decided by chance, so the rest shows what would have been without the
    rule. Welch's t-test tells a difference that means something from one that chance alone gives
    (in less than 1 of 20 cases, p < 0.05).
    """
    with app.database.reading() as session:
        zone = required_zone(session, app)
        began = day_start(since.date(), zone) if since else None
        found = effects(session, app.workspace_id, app.now(), rule=rule, since=began)
    if as_json:
        output.json([_record(one) for one in found])
        return
    if not found:
        output.line("No rule of the programme holds for a share of the members only.")
    for one in found:
        output.line(
            f"Rule {one.rule}, for {one.share} % of the members, "
            f"{local(one.since, zone)} to {local(one.until, zone)}"
        )
        output.table(
            ("", "members", "ordered", "orders each", "spend each", "points given"),
            [_row("in the share", one, one.inside), _row("the rest", one, one.rest)],
            right=("members", "ordered", "orders each", "spend each", "points given"),
        )
        output.line(f"Orders each: the difference is {one.orders}.")
        output.line(f"Spend each: the difference is {one.spend}.")


def _row(label: str, found: Effect, group: GroupEffect) -> tuple[str, ...]:
    return (
        label,
        f"{group.members:,}",
        f"{group.buyers:,}",
        f"{_orders_each(group):.3f}",
        f"{_spend_each(found, group)} {found.currency}",
        f"{group.points:,}",
    )


def _orders_each(group: GroupEffect) -> Decimal:
    return Decimal(group.orders) / group.members if group.members else Decimal(0)


def _spend_each(found: Effect, group: GroupEffect) -> Decimal:
    step = Decimal(1).scaleb(-exponent(found.currency))
    return found.spend_per_member(group).quantize(step, rounding=ROUND_HALF_UP)


def _record(found: Effect) -> dict[str, Any]:
    def group(some: GroupEffect) -> dict[str, Any]:
        return {
            "members": some.members,
            "ordered": some.buyers,
            "orders": some.orders,
            "orders_each": f"{_orders_each(some):.6f}",
            "spend": format(from_minor(some.spend, found.currency), "f"),
            "spend_each": format(_spend_each(found, some), "f"),
            "points": some.points,
        }

    def test(one: Test) -> dict[str, Any]:
        return {"test": "Welch's t-test", **asdict(one), "meaning": one.meaning.value}

    return {
        "rule": found.rule,
        "share": found.share,
        "since": stamp(found.since),
        "until": stamp(found.until),
        "currency": found.currency,
        "inside": group(found.inside),
        "rest": group(found.rest),
        "orders_test": test(found.orders),
        "spend_test": test(found.spend),
    }
