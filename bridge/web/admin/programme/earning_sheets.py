"""The forms of ways to earn, one for each."""

from __future__ import annotations

from typing import Any

from bridge.web.admin.programme.points_sheet import DISCOUNTS, SIDES
from bridge.web.admin.programme.sheets import (
    FROM,
    UNTIL,
    WHO,
    Group,
    Item,
    Kind,
    Sheet,
    Variant,
    yes_no,
)
from bridge.web.speaking import lazy

_LINES = Group(
    lazy("For what"),
    (
        Item(
            "when.category",
            lazy("Categories"),
            Kind.LIST,
            lazy("One a line: names or ends of paths, with what is below them."),
        ),
        Item(
            "when.sku",
            lazy("SKUs"),
            Kind.LIST,
            lazy("One a line; * and ? stand for other signs."),
        ),
        Item("when.exclude", lazy("But not these SKUs"), Kind.LIST, lazy("One a line.")),
    ),
    lazy("Empty: everything."),
    is_folded=True,
)
_WORTH = Item(
    "when.worth",
    lazy("Only from this value on"),
    Kind.NUMBER,
    lazy("Of the lines that are meant, in the programme's currency."),
)
_STORE = Item("when.store", lazy("Only in these stores"), Kind.LIST, lazy("One a line."))
_ORDERS = Group(lazy("In which orders"), (_WORTH, _STORE), is_folded=True)
_THERE = Group(lazy("Where"), (_STORE,), is_folded=True)
_MORE = Group(
    lazy("When, and for how many"),
    (
        FROM,
        UNTIL,
        Item(
            "share",
            lazy("Percent of the members"),
            Kind.WHOLE,
            lazy("Always the same ones. Empty: all."),
        ),
    ),
    is_folded=True,
)
_CHANGES = Item("rules", lazy("Only the points of these rules"), Kind.KEYS, of="points.rules")


def _points(path: str, label: Any = None) -> Item:
    return Item(path, label or lazy("Points"), Kind.WHOLE, is_needed=True)


def _way(key: str, title: Any, about: Any, items: tuple[Item, ...], *groups: Group) -> Variant:
    return Variant(key, title, about, (Group(title, items, about), *groups))


def _steps(key: str, title: Any, about: Any) -> Variant:
    item = Item(
        key,
        lazy("Steps"),
        Kind.STEPS,
        lazy("One a line: what is reached = points, like 1000 = 50."),
        is_needed=True,
    )
    return _way(key, title, about, (item,), _ORDERS)


WAYS = (
    _way(
        "per_amount",
        lazy("Points for money spent"),
        lazy("So many points for each full amount of a line."),
        (
            Item("per_amount.points", lazy("Points"), Kind.NUMBER, is_needed=True),
            Item(
                "per_amount.each",
                lazy("for each"),
                Kind.NUMBER,
                lazy("In the programme's currency."),
                is_needed=True,
            ),
        ),
        _LINES,
        _ORDERS,
        Group(
            lazy("What this rule counts differently"),
            (
                Item("basis.price", lazy("Tax"), Kind.CHOICE, choices=SIDES),
                Item("basis.discounts", lazy("Discounts"), Kind.CHOICE, choices=DISCOUNTS),
            ),
            is_folded=True,
        ),
    ),
    _way(
        "per_item",
        lazy("Points for each piece"),
        lazy("For each piece bought of what the rule means."),
        (_points("per_item"),),
        _LINES,
        _ORDERS,
    ),
    _way(
        "per_order",
        lazy("Points for an order"),
        lazy("Once for each order that has something of what the rule means."),
        (_points("per_order"),),
        _LINES,
        _ORDERS,
    ),
    _way(
        "bought_together",
        lazy("Points for products bought together"),
        lazy("Once for an order that has each of these; at least two."),
        (
            Item("bought_together.sku", lazy("SKUs"), Kind.LIST, lazy("One a line.")),
            Item("bought_together.category", lazy("Categories"), Kind.LIST, lazy("One a line.")),
            _points("bought_together.points"),
        ),
        _ORDERS,
    ),
    _way(
        "multiply",
        lazy("More points for some products"),
        lazy("What other rules give for these lines, so many times; the extra is this rule's."),
        (
            Item("multiply", lazy("How many times"), Kind.NUMBER, is_needed=True),
            yes_no("stack", lazy("Also on top of other rules that multiply")),
            _CHANGES,
        ),
        _LINES,
        _ORDERS,
    ),
    _way(
        "nothing",
        lazy("No points for some products"),
        lazy("These lines earn nothing."),
        (_CHANGES,),
        _LINES,
        _ORDERS,
    ),
    _way(
        "first_order",
        lazy("Points for the first order"),
        lazy("Over all stores together."),
        (_points("first_order"),),
        _ORDERS,
    ),
    _way(
        "nth_order",
        lazy("Points for the fifth, tenth… order"),
        lazy("Only one order, or each time so many are full: fill in one."),
        (
            Item("nth_order.n", lazy("Only the order with this number"), Kind.WHOLE),
            Item("nth_order.every", lazy("or each time so many are full"), Kind.WHOLE),
            _points("nth_order.points"),
        ),
        _ORDERS,
    ),
    _steps(
        "order_steps",
        lazy("Points when so many orders are reached"),
        lazy("Once each, over all stores together."),
    ),
    _steps(
        "item_steps",
        lazy("Points when so many pieces are reached"),
        lazy("Once each, over all stores together."),
    ),
    _steps(
        "spend_steps",
        lazy("Points when so much was spent"),
        lazy("Once each, over all stores together, in the programme's currency."),
    ),
    _way(
        "review",
        lazy("Points for a review"),
        lazy("For each product that a member reviewed."),
        (_points("review"),),
        _THERE,
    ),
    _way(
        "newsletter",
        lazy("Points for the newsletter"),
        lazy("Once, for who subscribes."),
        (_points("newsletter"),),
        _THERE,
    ),
    _way(
        "activity",
        lazy("Points for something else"),
        lazy("What you report yourself, with the command line or the programming interface."),
        (
            Item(
                "activity.name",
                lazy("What you call it"),
                help=lazy("Lower-case letters, digits and hyphens, like workshop."),
                is_needed=True,
            ),
            _points("activity.points"),
        ),
        _THERE,
    ),
    _way(
        "sign_up",
        lazy("Points for joining"),
        lazy("Once, as a welcome."),
        (_points("sign_up"),),
    ),
    _way(
        "membership_years",
        lazy("Points for the anniversary"),
        lazy("On the day a member joined."),
        (
            _points("membership_years.points"),
            Item(
                "membership_years.every",
                lazy("every so many years"),
                Kind.WHOLE,
                lazy("Empty: every year."),
            ),
        ),
    ),
    _way(
        "birthday",
        lazy("Points for the birthday"),
        lazy("Where the shop tells it."),
        (_points("birthday"),),
    ),
    _way(
        "calendar",
        lazy("Points on a day of the year"),
        lazy("To every member the rule is for."),
        (
            Item(
                "calendar.day",
                lazy("Day"),
                Kind.MONTH_DAY,
                lazy("Month and day, like 12-06."),
                is_needed=True,
            ),
            _points("calendar.points"),
        ),
    ),
)

RULES = Sheet(
    "rules",
    ("points", "rules"),
    lazy("Ways to earn"),
    lazy("Each rule is one way to earn points. All that fit count together."),
    "plus",
    (WHO, _MORE),
    WAYS,
    new=lazy("Add a way to earn"),
    can_preview=True,
)
