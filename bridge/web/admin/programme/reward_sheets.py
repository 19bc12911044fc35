"""The forms of what a programme gives beside points, and of who its members are."""

from __future__ import annotations

from typing import Any

from bridge.web.admin.programme.sheets import (
    FROM,
    STORES,
    UNTIL,
    VALID,
    WHO,
    Group,
    Item,
    Kind,
    Sheet,
    Variant,
    given,
    yes_no,
)
from bridge.web.speaking import lazy

_BASKET = Item(
    "basket",
    lazy("Usable from this order value on"),
    Kind.NUMBER,
    lazy("In the programme's currency. Empty: any."),
)
_LABEL = Item(
    "label", lazy("What the basket calls it"), help=lazy("Empty: a word of the bridge's own.")
)


REDEMPTION = Sheet(
    "redemption",
    ("redemption",),
    lazy("Redemption"),
    lazy("How points become vouchers."),
    "ticket",
    (
        Group(
            lazy("What points are worth"),
            (
                Item("rate.points", lazy("So many points"), Kind.WHOLE, is_needed=True),
                Item(
                    "rate.amount",
                    lazy("are worth"),
                    Kind.NUMBER,
                    lazy("In the programme's currency."),
                    is_needed=True,
                ),
            ),
        ),
        Group(
            lazy("Values of vouchers"),
            (
                Item("step", lazy("Any multiple of"), Kind.NUMBER),
                Item(
                    "values",
                    lazy("or exactly these values"),
                    Kind.LIST,
                    lazy("One a line, the smallest first."),
                ),
                Item("minimum", lazy("At least"), Kind.NUMBER),
                Item("maximum", lazy("At most"), Kind.NUMBER),
                Item("of_order", lazy("At most so much of an order, percent"), Kind.NUMBER),
                *VALID,
            ),
        ),
        Group(
            lazy("By themselves"),
            (
                Item(
                    "automatic.points",
                    lazy("So many points become a voucher by themselves"),
                    Kind.WHOLE,
                ),
                Item(
                    "automatic.store",
                    lazy("in the store"),
                    help=lazy("Like shop-de/base. Empty: where the member bought last."),
                ),
            ),
            is_folded=True,
        ),
        Group(
            lazy("When something is given back"),
            (
                Item(
                    "cancelled_gives_back",
                    lazy("Points spent on an order that is cancelled"),
                    Kind.CHOICE,
                    choices=(("yes", lazy("Come back")), ("no", lazy("Are lost"))),
                ),
                Item(
                    "returned",
                    lazy("Points spent on an order of which something is returned"),
                    Kind.CHOICE,
                    choices=(
                        ("share", lazy("The returned share comes back")),
                        ("whole", lazy("Come back when all of it is returned")),
                        ("never", lazy("Are lost")),
                    ),
                ),
            ),
            is_folded=True,
        ),
        WHO,
        Group(lazy("When and where"), (FROM, UNTIL, STORES), is_folded=True),
    ),
    is_keyed=False,
)

NEXT_PURCHASE = Sheet(
    "next-purchase",
    ("next_purchase",),
    lazy("Next purchase"),
    lazy("A voucher after an order, for the next one."),
    "refresh",
    (
        Group(
            lazy("After which order"),
            (
                Item(
                    "order",
                    lazy("Worth at least"),
                    Kind.NUMBER,
                    lazy("In the programme's currency. Empty: any order."),
                ),
                Item(
                    "after_days",
                    lazy("So many days after it was complete"),
                    Kind.WHOLE,
                    lazy("The return period. Empty: at once."),
                ),
            ),
        ),
        Group(
            lazy("What is given"),
            (*given("give", "amount", "percent", "share"), _LABEL, _BASKET, *VALID),
            lazy("Fill in one of the first three."),
        ),
        WHO,
        Group(lazy("When and where"), (FROM, UNTIL, STORES), is_folded=True),
    ),
    new=lazy("Add a voucher"),
)


def _occasion(key: str, title: Any, about: Any, *items: Item, points: bool = True) -> Variant:
    names = ("amount", "percent", "points") if points else ("amount", "percent")
    what = lazy("Fill in one of the first three.") if points else lazy("Fill in one of them.")
    more = (_LABEL, _BASKET, *VALID) if points else (_LABEL, _BASKET)
    first = (Group(title, items, about),) if items else ()
    only = (yes_no("first_order_only", lazy("Only for who has not bought yet")),) if points else ()
    gives = Group(lazy("What is given"), (*given("give", *names), *more, *only), what)
    return Variant(key, title, about, (*first, gives))


CAMPAIGNS = Sheet(
    "campaigns",
    ("campaigns",),
    lazy("Campaigns"),
    lazy("Something given on an occasion: a voucher, points, or lower prices for a time."),
    "send",
    (WHO, Group(lazy("When and where"), (FROM, UNTIL, STORES), is_folded=True)),
    (
        _occasion("sign_up", lazy("For joining"), lazy("Once, to who joins.")),
        _occasion("birthday", lazy("For the birthday"), lazy("Where the shop tells it.")),
        _occasion(
            "calendar",
            lazy("Each year on a day"),
            lazy("To every member it is for."),
            Item(
                "calendar",
                lazy("Day"),
                Kind.MONTH_DAY,
                lazy("Month and day, like 12-06."),
                is_needed=True,
            ),
        ),
        _occasion(
            "quiet_days",
            lazy("To who has not bought for long"),
            lazy("Once, until he buys again."),
            Item("quiet_days", lazy("Days without an order"), Kind.WHOLE, is_needed=True),
        ),
        _occasion(
            "on",
            lazy("Once, on a day"),
            lazy("To every member it is for."),
            Item("on", lazy("Day"), Kind.DAY, is_needed=True),
        ),
        _occasion(
            "instant",
            lazy("Lower prices for a time"),
            lazy("No code: everybody it is for pays less from the first to the last day."),
            points=False,
        ),
        _occasion(
            "together",
            lazy("Lower prices for products bought together"),
            lazy("No code: at least two SKUs in one basket cost less."),
            Item("together", lazy("SKUs"), Kind.LIST, lazy("One a line."), is_needed=True),
            points=False,
        ),
    ),
    new=lazy("Add a campaign"),
)

GIFTS = Sheet(
    "gifts",
    ("gifts",),
    lazy("Gifts"),
    lazy("From an order value on, a product comes free."),
    "gift",
    (
        Group(
            lazy("The gift"),
            (
                Item("sku", lazy("SKU of the gift"), is_needed=True),
                Item("quantity", lazy("Pieces"), Kind.WHOLE, lazy("Empty: one.")),
                Item(
                    "basket",
                    lazy("From this order value on"),
                    Kind.NUMBER,
                    lazy("In the programme's currency."),
                    is_needed=True,
                ),
                Item(
                    "gross",
                    lazy("The order value is meant"),
                    Kind.CHOICE,
                    choices=(
                        ("", lazy("As the programme's prices")),
                        ("no", lazy("Without tax")),
                        ("yes", lazy("With tax")),
                    ),
                ),
                yes_no("after_discounts", lazy("After discounts")),
            ),
        ),
        WHO,
        Group(lazy("When and where"), (FROM, UNTIL, STORES), is_folded=True),
    ),
    new=lazy("Add a gift"),
)
