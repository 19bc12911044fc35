"""The forms of the programme itself and of who its members are."""

from __future__ import annotations

from typing import Any

from bridge.web.admin.programme.sheets import (
    WHO,
    Group,
    Item,
    Kind,
    Sheet,
    yes_no,
)
from bridge.web.speaking import lazy

GENERAL = Sheet(
    "general",
    (),
    lazy("The programme"),
    lazy("Its name, and what holds for all of it."),
    "settings",
    (
        Group(
            lazy("The programme"),
            (
                Item("programme", lazy("Name"), is_needed=True),
                Item(
                    "currency",
                    lazy("Currency"),
                    help=lazy("Three letters, like EUR."),
                    is_needed=True,
                ),
                Item(
                    "timezone",
                    lazy("Time zone"),
                    help=lazy("Like Europe/Berlin: when days begin and end. Empty: UTC."),
                ),
                Item(
                    "prices_are",
                    lazy("Prices are"),
                    Kind.CHOICE,
                    choices=(
                        ("net", lazy("Net: without tax")),
                        ("gross", lazy("Gross: with tax")),
                    ),
                ),
                yes_no(
                    "identity.link_unconfirmed",
                    lazy("Unconfirmed e-mail addresses link customers, too"),
                    lazy("Whoever registers with another's address then shares his points."),
                ),
            ),
        ),
    ),
    is_keyed=False,
)


def _reach(path: str, title: Any, text: Any) -> Group:
    return Group(
        title,
        (
            Item(
                f"{path}.spend",
                lazy("Spent at least"),
                Kind.NUMBER,
                lazy("In the programme's currency."),
            ),
            Item(f"{path}.orders", lazy("Orders at least"), Kind.WHOLE),
            Item(f"{path}.items", lazy("Pieces at least"), Kind.WHOLE),
            Item(f"{path}.membership_months", lazy("Member for months at least"), Kind.WHOLE),
        ),
        text,
        is_folded=path != "reach",
    )


TIERS = Sheet(
    "tiers",
    ("tiers",),
    lazy("Tiers"),
    lazy("Loyalty levels, the lowest first. A tier can lead to a customer group with its prices."),
    "trophy",
    (
        Group(
            lazy("The tier"),
            (
                Item("name", lazy("Name"), is_needed=True),
                Item("group", lazy("Leads to the customer group"), Kind.CHOICE, of="groups"),
            ),
        ),
        _reach(
            "reach",
            lazy("How it is reached"),
            lazy("All that is filled in must be done. All empty: it is given by hand alone."),
        ),
        Group(
            lazy("The time that counts"),
            (
                Item("window.months", lazy("The last months"), Kind.WHOLE),
                Item(
                    "window.calendar",
                    lazy("or"),
                    Kind.CHOICE,
                    choices=(("", lazy("Ever")), ("year", lazy("Since the first of January"))),
                ),
            ),
        ),
        _reach(
            "keep",
            lazy("How it is kept"),
            lazy("All empty: by the same as it is reached."),
        ),
        Group(
            lazy("How long it stays when it is not reached any more"),
            (
                Item("grace.months", lazy("Months"), Kind.WHOLE),
                Item(
                    "grace.days", lazy("or days"), Kind.WHOLE, lazy("Both empty: it ends at once.")
                ),
            ),
        ),
    ),
    new=lazy("Add a tier"),
)


SEGMENTS = Sheet(
    "segments",
    ("segments",),
    lazy("Segments"),
    lazy("Members picked out by what they buy, or by name. Rules and rewards can be for them."),
    "filter",
    (
        Group(
            lazy("By what they buy"),
            (
                Item("rfm.bought_within_days", lazy("Bought within the last days"), Kind.WHOLE),
                Item(
                    "rfm.not_bought_for_days", lazy("Bought, but not for so many days"), Kind.WHOLE
                ),
                Item("rfm.orders", lazy("Orders at least"), Kind.WHOLE),
                Item("rfm.spend", lazy("Spent at least"), Kind.NUMBER),
                Item(
                    "rfm.months",
                    lazy("in the last months"),
                    Kind.WHOLE,
                    lazy("For orders and spending. Empty: ever."),
                ),
            ),
            lazy("Of what is filled in, everything must hold."),
        ),
        Group(
            lazy("Or by name"),
            (
                Item("companies", lazy("Companies"), Kind.LIST, lazy("One a line.")),
                Item("emails", lazy("E-mail addresses"), Kind.LIST, lazy("One a line.")),
            ),
        ),
    ),
    new=lazy("Add a segment"),
)


JOINING = Sheet(
    "joining",
    ("joining",),
    lazy("Joining"),
    lazy("Who takes part. Without this section every customer does."),
    "user",
    (
        Group(
            lazy("Who takes part"),
            (
                yes_no("invited", lazy("Only whom a person took in")),
                Item(
                    "product.sku",
                    lazy("Who bought the SKU"),
                    help=lazy("A membership that is sold, for as long as it lasts."),
                ),
                Item(
                    "product.months",
                    lazy("which lasts months"),
                    Kind.WHOLE,
                    lazy("Empty: 12."),
                ),
            ),
        ),
        WHO,
    ),
    is_keyed=False,
)


COMPANIES = Sheet(
    "companies",
    ("companies",),
    lazy("Companies"),
    lazy("Businesses whose people are members, where the shops do not tell it well enough."),
    "building-store",
    (
        Group(
            lazy("The company"),
            (
                Item("name", lazy("Name"), is_needed=True),
                Item("vat_id", lazy("VAT id")),
                yes_no(
                    "holds_points",
                    lazy("One account for the company"),
                    lazy("What its people earn goes into it."),
                ),
            ),
        ),
    ),
    new=lazy("Add a company"),
)
