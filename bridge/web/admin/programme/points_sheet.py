"""The form of the section of points: what holds for all ways to earn."""

from __future__ import annotations

from bridge.web.admin.programme.sheets import Group, Item, Kind, Sheet, yes_no
from bridge.web.speaking import lazy

SIDES = (("", lazy("As the programme's prices")), ("net", lazy("Net")), ("gross", lazy("Gross")))
DISCOUNTS = (
    ("", lazy("As the section says")),
    ("after", lazy("After discounts")),
    ("before", lazy("Before discounts")),
)

POINTS = Sheet(
    "points",
    ("points",),
    lazy("Points"),
    lazy("What they are called, what amounts count with, when they can be spent and when lost."),
    "coins",
    (
        Group(
            lazy("Name"),
            (Item("name", lazy("Name of the points"), help=lazy("Empty: points.")),),
        ),
        Group(
            lazy("What amounts count with"),
            (
                Item("basis.price", lazy("Tax"), Kind.CHOICE, choices=SIDES),
                Item("basis.discounts", lazy("Discounts"), Kind.CHOICE, choices=DISCOUNTS[1:]),
                yes_no("basis.shipping", lazy("Shipping earns, too")),
                Item(
                    "rounding.to",
                    lazy("Round"),
                    Kind.CHOICE,
                    choices=(
                        ("down", lazy("Down")),
                        ("nearest", lazy("To the nearest")),
                        ("up", lazy("Up")),
                    ),
                ),
                Item(
                    "rounding.per",
                    lazy("Round once a"),
                    Kind.CHOICE,
                    choices=(("line", lazy("Line")), ("order", lazy("Order"))),
                ),
            ),
        ),
        Group(
            lazy("When points can be spent"),
            (
                Item(
                    "ripen.after",
                    lazy("After the order is"),
                    Kind.CHOICE,
                    choices=(
                        ("completed", lazy("Complete")),
                        ("paid", lazy("Paid")),
                        ("placed", lazy("Placed")),
                    ),
                ),
                Item(
                    "ripen.days",
                    lazy("and so many days"),
                    Kind.WHOLE,
                    lazy("The return period. Empty: 14; 0: at once."),
                ),
            ),
        ),
        Group(
            lazy("When points are lost"),
            (
                Item("expire.months", lazy("After months"), Kind.WHOLE),
                Item("expire.days", lazy("or after days"), Kind.WHOLE),
                Item(
                    "expire.yearly",
                    lazy("or each year on"),
                    Kind.MONTH_DAY,
                    lazy("Month and day, like 12-31. All empty: never."),
                ),
                Item(
                    "expire.after_years",
                    lazy("that day of so many years later"),
                    Kind.WHOLE,
                    lazy("Only with a day of the year. Empty: 1."),
                ),
                Item(
                    "expire.from",
                    lazy("Counted from"),
                    Kind.CHOICE,
                    choices=(
                        ("", lazy("When they can be spent")),
                        ("earned", lazy("When they were earned")),
                    ),
                ),
            ),
        ),
        Group(
            lazy("Limits"),
            (
                Item("caps.order", lazy("Most points of an order"), Kind.WHOLE),
                Item("caps.day", lazy("Most points of a member a day"), Kind.WHOLE),
                Item("caps.member", lazy("Most points of a member ever"), Kind.WHOLE),
            ),
            is_folded=True,
        ),
        Group(
            lazy("Who and what never earns"),
            (
                Item("exclude.group", lazy("Customer groups"), Kind.LIST, lazy("One a line.")),
                Item("exclude.category", lazy("Categories"), Kind.LIST, lazy("One a line.")),
                Item(
                    "exclude.sku",
                    lazy("SKUs"),
                    Kind.LIST,
                    lazy("One a line; * and ? stand for other signs."),
                ),
            ),
            is_folded=True,
        ),
        Group(
            lazy("Special cases"),
            (
                Item(
                    "guests",
                    lazy("Orders of guests"),
                    Kind.CHOICE,
                    choices=(
                        ("ignore", lazy("Earn nothing")),
                        ("collect", lazy("Earn for who confirms the address later")),
                    ),
                ),
                Item(
                    "debt",
                    lazy("A refund takes back more than is there"),
                    Kind.CHOICE,
                    choices=(
                        ("carry", lazy("The rest is taken from later points")),
                        ("forgive", lazy("The rest is forgiven")),
                    ),
                ),
                Item(
                    "unknown_refund",
                    lazy("A shop does not say how much was refunded"),
                    Kind.CHOICE,
                    choices=(
                        ("freeze", lazy("The order's points cannot be spent until somebody says")),
                        ("wait", lazy("They can be spent until somebody says")),
                    ),
                ),
            ),
            is_folded=True,
        ),
    ),
    is_keyed=False,
    can_preview=True,
)
