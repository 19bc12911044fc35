"""What the forms of the programme ask for: its sections, their entries and their fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bridge.web.speaking import lazy


class Kind(StrEnum):
    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    TICK = "tick"
    CHOICE = "choice"
    LIST = "list"
    """Texts, one a line."""
    KEYS = "keys"
    """Of another section of the programme, to be ticked."""
    DAY = "day"
    MONTH_DAY = "month-day"
    STEPS = "steps"
    """``at = points``, one a line."""


@dataclass(frozen=True, slots=True)
class Item:
    """One field of a form."""

    path: str
    """Below the entry, with dots: ``when.tier``."""
    label: Any
    kind: Kind = Kind.TEXT
    help: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    """Of a choice: what is written, what is read; ``""``: nothing."""
    of: str = ""
    """Of keys: the section they are from."""
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together."""

    title: Any
    items: tuple[Item, ...]
    help: Any = ""
    is_folded: bool = False
    """Shown when one of them holds something, or when asked for."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A kind of entry, where a section has several."""

    key: str
    title: Any
    about: Any
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A section of the programme as a form."""

    name: str
    """In addresses."""
    loc: tuple[str, ...]
    """In the programme."""
    title: Any
    about: Any
    icon: str
    groups: tuple[Group, ...] = ()
    variants: tuple[Variant, ...] = ()
    is_keyed: bool = True
    """Whether it has many entries, each with a key of its own."""
    new: Any = ""
    """What the button says that adds one."""
    can_preview: bool = False

    def variant(self, key: str) -> Variant | None:
        return next((one for one in self.variants if one.key == key), None)

    def groups_of(self, variant: Variant | None) -> tuple[Group, ...]:
        return (*variant.groups, *self.groups) if variant is not None else self.groups


def yes_no(path: str, label: Any, text: Any = "") -> Item:
    return Item(path, label, Kind.TICK, text)


STORES = Item(
    "stores",
    lazy("Stores"),
    Kind.LIST,
    lazy("One a line, like shop-de or shop-de/base. Empty: every store."),
)
FROM = Item("from", lazy("First day"), Kind.DAY)
UNTIL = Item("until", lazy("Last day"), Kind.DAY)
DAYS = Group(lazy("When"), (FROM, UNTIL), is_folded=True)
WHO = Group(
    lazy("For whom"),
    (
        Item("when.tier", lazy("Tiers"), Kind.KEYS, of="tiers"),
        Item("when.segment", lazy("Segments"), Kind.KEYS, of="segments"),
        Item(
            "when.group",
            lazy("Customer groups"),
            Kind.LIST,
            lazy("One a line: as the shops call them, or keys of the programme's groups."),
        ),
        Item(
            "when.company",
            lazy("Companies"),
            Kind.LIST,
            lazy("One a line; * stands for any text, and alone for any company."),
        ),
    ),
    lazy("Empty: everybody. Of what is filled in, everything must hold."),
    is_folded=True,
)


def lasting(path: str, label: Any, text: Any = "") -> tuple[Item, Item]:
    """For so many days or months."""
    return (
        Item(f"{path}.days", lazy("%(what)s, days", what=label), Kind.WHOLE, text),
        Item(f"{path}.months", lazy("or months"), Kind.WHOLE),
    )


VALID = (
    Item(
        "valid.days", lazy("Valid for days"), Kind.WHOLE, lazy("Empty: 90 days, or so many months.")
    ),
    Item("valid.months", lazy("or for months"), Kind.WHOLE),
)


def given(path: str, *names: str) -> tuple[Item, ...]:
    """One of them is to be filled in."""
    known = {
        "amount": Item(
            f"{path}.amount",
            lazy("Voucher of this amount"),
            Kind.NUMBER,
            lazy("In the programme's currency."),
        ),
        "percent": Item(f"{path}.percent", lazy("Voucher of this discount, percent"), Kind.NUMBER),
        "share": Item(
            f"{path}.share",
            lazy("Voucher of this part of the order, percent"),
            Kind.NUMBER,
            lazy("Cashback: 3 gives back 3 percent of what was paid."),
        ),
        "points": Item(f"{path}.points", lazy("Points, and no voucher"), Kind.WHOLE),
    }
    most = Item(f"{path}.maximum", lazy("At most worth"), Kind.NUMBER)
    return (*(known[name] for name in names), most)
