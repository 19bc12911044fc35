"""What the sample programme says, as far as the demo shows and checks it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import resources
from pathlib import Path

from connectors.base import Basis

STORES = {"magento-de": "magento", "shopware-de": "shopware"}
"""The platform of each sandbox, by the name that ``programme.yaml`` gives it."""

FILES = ("programme.yaml", "prices.csv")

QUANTITIES = (1, 10, 100)

BUYER = "anna.albers@example.com"
"""A member of Gold in both shops."""

CURRENCY = "EUR"
BASIS = Basis.NET


@dataclass(frozen=True, slots=True)
class Watched:
    """A product whose price is asked for as a shopper, and what members of Gold pay for it."""

    sku: str
    why: str
    prices: Mapping[int, Decimal | None]
    """By quantity; ``None``: what the group paid before, in each shop."""


WATCHED = (
    Watched("B2B-1001", "fixed prices", {1: Decimal(104), 10: Decimal("98.50"), 100: Decimal(91)}),
    Watched(
        "B2B-1031",
        "begins at 10 pieces",
        {1: None, 10: Decimal("7.20"), 100: Decimal("6.65")},
    ),
    Watched(
        "B2B-1200-L-NAVY",
        "a variant",
        {1: Decimal("47.90"), 10: Decimal("44.50"), 100: Decimal("44.50")},
    ),
    # 8 % and 15 % off 3.93.
    Watched("B2B-1259-20", "a category", {1: None, 10: Decimal("3.62"), 100: Decimal("3.34")}),
)

SLIP = "prices.csv:14"
"""Where ``prices.csv`` is wrong on purpose: 9,65 instead of 6,65."""
SLIP_SKU = "B2B-1032"

LEFT_ALONE = "clara.claasen@example.com"
"""A member who is, in one shop, in a group that members are not moved from."""


@dataclass(frozen=True, slots=True)
class HandMade:
    """What a person changes in a shop, past the bridge."""

    store: str
    sku: str
    group: str
    quantity: int
    ours: Decimal
    theirs: Decimal
    buyer: str
    """Someone who sees the price."""


HAND_MADE = HandMade(
    store="magento-de",
    sku="B2B-1044",
    group="Wholesale",
    quantity=10,
    ours=Decimal("10.90"),
    theirs=Decimal("10.49"),
    buyer="ben.becker@example.com",
)


# -- points ---------------------------------------------------------------------------------

CUSTOMERS = 20
"""Of each shop, the same people in both: few enough to follow."""
ORDERS = 100
SEEDS = {"magento-de": 3, "shopware-de": 8}
"""With them the shoppers always buy the same."""

SHOWS_POINTS = "shopware-de"
"""The store that can show customers their points."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A buyer who reaches the tier in one shop, and what he pays for it in the other."""

    buyer: str
    bought_in: str
    wanted: Mapping[str, int]
    """Pieces by SKU."""
    other_shop: str
    tier: str
    tier_name: str
    sku: str
    quantity: int
    price: Decimal
    """What one piece costs him from then on, in both shops."""


PROMOTION = Promotion(
    buyer="hannes.hofmann@example.com",
    bought_in="magento-de",
    wanted={"B2B-1045": 400, "B2B-1047": 400, "B2B-1031": 200},
    other_shop="shopware-de",
    tier="silver",
    tier_name="Silver",
    sku="B2B-1048",
    quantity=10,
    price=Decimal("9.31"),  # 5 % off 9.80
)


@dataclass(frozen=True, slots=True)
class Return:
    """A buyer who gives back part of one order, and cancels another."""

    buyer: str
    store: str
    wanted: Mapping[str, int]
    """Pieces by SKU."""
    given_back: Mapping[str, int]
    cancelled: Mapping[str, int]


RETURN = Return(
    buyer="eva.ebert@example.com",
    store="shopware-de",
    wanted={"B2B-1041": 10, "B2B-1001": 2},
    given_back={"B2B-1041": 4},
    cancelled={"B2B-1010": 3},
)


# -- rewards --------------------------------------------------------------------------------

REWARDS = "rewards.yaml"
SENDER = "shop@example.com"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """Points that were mostly earned in one shop, spent in the other."""

    buyer: str
    shop: str
    store: str
    """The store inside it, where the voucher holds."""
    face: Decimal
    """Euros."""
    wanted: Mapping[str, int]
    """What he buys with it, by SKU."""


REDEEMED = Redeemed(
    buyer=PROMOTION.buyer,
    shop="shopware-de",
    store="shopware-de/B2B Demo",
    face=Decimal(10),
    wanted={"B2B-1001": 1, "B2B-1010": 1},
)

NEXT_PERCENT = 10
"""What the next purchase brings after one of 100 euros."""
NEXT_WANTED = "B2B-1010"

TWICE = Redeemed(
    buyer="ida.iversen@example.com",
    shop="magento-de",
    store="magento-de",
    face=Decimal(5),
    wanted={"B2B-1010": 1},
)
"""In the Magento sandbox nothing counts uses of coupons: a code works until somebody takes it
out, as in a shop whose consumers do not run."""
ALONE = Redeemed(
    buyer="olga.otto@example.com",
    shop="shopware-de",
    store="shopware-de/B2B Demo",
    face=Decimal(5),
    wanted={"B2B-1010": 2},
)
"""Whose code a colleague has, too."""
COLLEAGUE = "jonas.jansen@example.com"
"""Who orders with the same code."""


@dataclass(frozen=True, slots=True)
class Gift:
    rule: str
    sku: str
    basket: Decimal
    """Worth without tax from which on it is free."""
    goods: str
    """Costs less than that alone, more together with ``more``."""
    more: str
    buyer: str
    owner: str
    """Who puts one in himself."""
    stores: tuple[str, str]
    """Where it comes by itself, and where it is free once added."""


GIFT = Gift(
    rule="spanner",
    sku="B2B-1134",
    basket=Decimal(150),
    goods="B2B-1001",
    more="B2B-1010",
    buyer="eva.ebert@example.com",
    owner="felix.fischer@example.com",
    stores=("magento-de/base", "shopware-de/B2B Demo"),
)


@dataclass(frozen=True, slots=True)
class Brought:
    """A friend, who brought him, and what both get."""

    referrer: str
    friend: str
    shop: str
    store: str
    """Where he buys."""
    wanted: Mapping[str, int]
    off: Decimal
    points: int
    known: str
    """Somebody who is a customer already, and tries it too."""


BROUGHT = Brought(
    referrer=PROMOTION.buyer,
    friend="frieda.neu@example.com",
    shop="shopware-de",
    store="shopware-de/B2B Demo",
    wanted={"B2B-1010": 1, "B2B-1005": 1},
    off=Decimal(10),
    points=500,
    known="karla.krueger@example.com",
)


# -- plugins --------------------------------------------------------------------------------

MAGENTO, SHOPWARE = STORES


@dataclass(frozen=True, slots=True)
class Heard:
    """An order that the shop itself tells of."""

    buyer: str
    store: str
    wanted: Mapping[str, int]


HEARD = Heard(buyer="leo.lorenz@example.com", store=MAGENTO, wanted={"B2B-1010": 2})

RUSHED = replace(BROUGHT, friend="gustav.neu@example.com", shop=MAGENTO, store="magento-de/base")
"""A friend who orders with his code in several windows at once."""
WINDOWS = 4


@dataclass(frozen=True, slots=True)
class PaidWithPoints:
    """Somebody who pays with points in the basket."""

    buyer: str
    store: str
    points: int
    wanted: Mapping[str, int]
    """One thing that costs less than twice what the points are worth."""
    share: int
    """How much of it points pay at most, in percent."""


PAID = PaidWithPoints(
    buyer="greta.gruber@example.com",
    store=SHOPWARE,
    points=1_000,
    wanted={"B2B-1031": 2},
    share=50,
)


def add_rewards(programme: Path) -> str:
    """Puts the rewards below the sample programme; returns what was added."""
    added = resources.files(__package__).joinpath(REWARDS).read_text("utf-8")
    with programme.open("a", encoding="utf-8") as file:
        file.write(added)
    return added


def copy_to(folder: Path) -> Path:
    """Puts the programme and its CSV file there; returns the programme's path."""
    for name in FILES:
        with resources.as_file(resources.files(__package__) / name) as source:
            shutil.copyfile(source, folder / name)
    return folder / FILES[0]
