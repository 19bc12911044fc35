"""The forms of referrals, partners and the catalogue of rewards."""

from __future__ import annotations

from bridge.web.admin.programme.sheets import (
    DAYS,
    FROM,
    STORES,
    UNTIL,
    WHO,
    Group,
    Item,
    Kind,
    Sheet,
    given,
)
from bridge.web.speaking import lazy

REFERRALS = Sheet(
    "referrals",
    ("referrals",),
    lazy("Referrals"),
    lazy("Members recommend the shop: the friend gets a voucher, the member a thank-you."),
    "share",
    (
        Group(
            lazy("The friend gets"),
            (
                *given("friend.give", "amount", "percent"),
                Item(
                    "friend.basket",
                    lazy("Usable from this order value on"),
                    Kind.NUMBER,
                    lazy("In the programme's currency. Empty: any."),
                ),
                Item(
                    "friend.valid.days",
                    lazy("Valid for days"),
                    Kind.WHOLE,
                    lazy("Empty: 90 days, or so many months."),
                ),
                Item("friend.valid.months", lazy("or for months"), Kind.WHOLE),
            ),
            lazy("Fill in one of the first two."),
        ),
        Group(
            lazy("The member gets"),
            (
                *given("referrer", "points", "amount", "percent"),
                Item(
                    "valid.days",
                    lazy("A voucher is valid for days"),
                    Kind.WHOLE,
                    lazy("Empty: 180 days, or so many months."),
                ),
                Item("valid.months", lazy("or for months"), Kind.WHOLE),
            ),
            lazy("Fill in one of the first three."),
        ),
        Group(
            lazy("On which conditions"),
            (
                Item("order", lazy("The friend's first order is worth at least"), Kind.NUMBER),
                Item(
                    "after_days",
                    lazy("So many days after it was complete"),
                    Kind.WHOLE,
                    lazy("The return period. Empty: 14; 0: at once."),
                ),
                Item(
                    "most_a_month",
                    lazy("Rewards of a member in thirty days"),
                    Kind.WHOLE,
                    lazy("More wait for a person. Empty: 10."),
                ),
                STORES,
            ),
        ),
    ),
    is_keyed=False,
)


PARTNERS = Sheet(
    "partners",
    ("partners",),
    lazy("Partners"),
    lazy("Their code credits them for every order of the customers they bring."),
    "link",
    (
        Group(
            lazy("The partner"),
            (
                Item(
                    "owner",
                    lazy("E-mail address"),
                    help=lazy("Of a member: he gets the points."),
                    is_needed=True,
                ),
                Item("points", lazy("Points"), Kind.NUMBER, is_needed=True),
                Item(
                    "each",
                    lazy("for each"),
                    Kind.NUMBER,
                    lazy("Of the goods, in the programme's currency."),
                    is_needed=True,
                ),
                Item(
                    "months",
                    lazy("for so many months"),
                    Kind.WHOLE,
                    lazy("After a customer's first order with the code. Empty: without end."),
                ),
                Item(
                    "after_days",
                    lazy("So many days after an order was complete"),
                    Kind.WHOLE,
                    lazy("The return period. Empty: 14; 0: at once."),
                ),
            ),
        ),
        Group(lazy("When and where"), (FROM, UNTIL, STORES), is_folded=True),
    ),
    new=lazy("Add a partner"),
)


REWARDS = Sheet(
    "rewards",
    ("rewards",),
    lazy("Reward catalogue"),
    lazy("What points buy that no shop sells: a ticket, a training, support hours."),
    "star",
    (
        Group(
            lazy("The reward"),
            (
                Item("name", lazy("Name"), is_needed=True),
                Item("points", lazy("Points it costs"), Kind.WHOLE, is_needed=True),
                Item("stock", lazy("Pieces there are"), Kind.WHOLE, lazy("Empty: without end.")),
                Item("kind", lazy("Kind"), help=lazy("Your own word, to sort by.")),
                Item("about", lazy("What the member gets and how")),
            ),
        ),
        WHO,
        DAYS,
    ),
    new=lazy("Add a reward"),
)
