"""What `simulate` tells is what the shop's cart says, to the cent: fifty baskets a platform."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from toyshop import World

from bridge.db import Database
from bridge.plugins import platforms, sandboxes
from bridge.simulating.records import Item, Request, Told
from bridge.simulating.service import simulate
from bridge.vouchers.at_once import bring
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import VoucherKind
from bridge.vouchers.stores import StorePlace, stores_of
from connectors.base import ALL_STORES, Basis, TierKey, TierPrice, TierValue
from connectors.magento.sandbox.shopper_basket import MagentoBasket
from connectors.quotes import Outcome
from connectors.sales import NO_MONEY, Money
from connectors.sandbox.sandbox import Sandbox
from connectors.sandbox.server import RunningSandbox
from connectors.sandbox.shopper import OutOfStock, SoldLine
from connectors.shopware.sandbox.seed import SALES_CHANNEL
from connectors.shopware.sandbox.shopping import Shopper

BASKETS = 50
GROUPS = {"magento": ("General", "Wholesale"), "shopware": ("Dealer", "Standard customer group")}
MORE = {
    # Magento cannot cap a percentage; Shopware keeps no percentages of its own.
    "magento": {},
    "shopware": {"cap": {"percent": Decimal(30), "maximum": Decimal(15)}},
}


@dataclass
class Shop:
    world: World
    running: RunningSandbox
    sandbox: Sandbox
    chance: random.Random
    skus: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    @property
    def place(self) -> StorePlace:
        with self.world.app.database.reading() as session:
            found = stores_of(session, self.world.app.workspace_id)
        return next(one for one in found if one.store_id in ("1", SALES_CHANNEL))

    # -- what the merchant has ----------------------------------------------------------------

    def open(self) -> None:
        world, sandbox = self.world, self.sandbox
        world.clock.now = datetime.now(UTC)
        world.connect("shop", sandbox.name, self.running.url, sandbox.credentials, sandbox.settings)
        self.skus = self.chance.sample(list(self.running.state.till().skus()), 14)
        world.set_up(self._programme())
        if sandbox.name == "magento":
            self._rows_of_others()
            self._switch_off_offers_of_others()
        for number, worth in enumerate(self._worths()):
            self.codes.append(self._voucher(number, worth))
        world.pull()

    def _programme(self) -> dict[str, Any]:
        first, second = GROUPS[self.sandbox.name]
        today = self.world.clock.now.date()
        days = {"from": str(today - timedelta(days=3)), "until": str(today + timedelta(days=3))}
        gift, cup, *others = self.skus
        steps: list[dict[str, Any]] = [
            {"from": 2, "percent": "3.33"},
            {"from": 5, "percent": "12.5"},
            {"from": 9, "price": "1.99"},
        ]
        return {
            "programme": "Acme",
            "currency": "EUR",
            "timezone": "Europe/Berlin",
            "groups": {
                "first": {"name": first, "existing": True},
                "second": {"name": second, "existing": True},
            },
            "price_lists": {
                "one": {"groups": ["first"], "prices": dict.fromkeys(others[:6], steps)},
                "two": {"groups": ["second"], "prices": dict.fromkeys(others[4:9], steps[1:])},
            },
            "gifts": {
                "mug": {"basket": "90", "sku": gift},
                "cup": {"basket": "150", "sku": cup, "quantity": 2, "when": {"group": "first"}},
            },
            "campaigns": {
                "sale": {"instant": True, **days, "basket": "120", "give": {"percent": "7.5"}},
                "euros": {
                    "instant": True,
                    **days,
                    "basket": "200",
                    "give": {"amount": "3.33"},
                    "when": {"group": "second"},
                },
                "set": {"together": others[:2], "give": {"percent": "12.5"}},
            },
            "points": {"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}},
        }

    def _rows_of_others(self) -> None:
        """For all groups, and some that are above what is asked otherwise."""
        (installation,) = self.world.installations().values()
        with closing(self.world.app.connect(installation)) as connector:
            rows = [
                TierPrice(
                    TierKey(sku, ALL_STORES, "32000", Decimal(quantity)),
                    TierValue(percent=Decimal(percent)),
                )
                for sku in self.skus[5:13]
                for quantity, percent in ((3, 6), (5, 12), (10, 20))
            ]
            assert connector.write_tier_prices(rows) == []

    def _switch_off_offers_of_others(self) -> None:
        """The sample data's, which the bridge does not read."""
        for row in self.running.state.sales_rules.rows.values():
            if not (row.get("description") or "").startswith(self.world.app.workspace):
                row["is_active"] = False

    def _worths(self) -> list[dict[str, Any]]:
        (group,) = self._group_ids()
        return [
            {"amount": Decimal("7.77")},
            {"amount": Decimal(250)},
            {"amount": Decimal(10), "basket": Decimal(100)},
            {"percent": Decimal("12.5")},
            {"amount": Decimal(5), **group},
            *MORE[self.sandbox.name].values(),
        ]

    def _group_ids(self) -> list[dict[str, Any]]:
        (installation,) = self.world.installations().values()
        with closing(self.world.app.connect(installation)) as connector:
            wanted = GROUPS[self.sandbox.name][1]
            (group,) = [one for one in connector.groups() if one.name == wanted]
            audience = connector.audience_id(group.id)
            connector.create_audience(group.id, group.name)
        return [{"group_ids": (group.id,), "audience_ids": (audience,)}]

    def _voucher(self, number: int, worth: Mapping[str, Any]) -> str:
        app = self.world.app
        new = NewVoucher(
            VoucherKind.CAMPAIGN, "occasion", str(number), self.place, rule="r", **worth
        )
        with app.database.writing() as session:
            secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
            voucher = issue(session, app.workspace_id, secret, new, app.now())
        brought = bring(app, voucher.id or 0)
        assert brought.voucher.is_there, brought.problem
        return voucher.code

    # -- one basket ---------------------------------------------------------------------------

    def basket(self) -> tuple[str, bool, dict[str, int], str]:
        chance = self.chance
        chosen = chance.sample(self.skus, chance.randint(1, 5))
        wanted = {sku: chance.randint(1, 11) for sku in chosen}
        code = chance.choice(self.codes) if chance.random() < 0.6 else ""
        guest = chance.random() < 0.15
        email = "eva@example.org" if guest else chance.choice(self.sandbox.shoppers)
        return email, guest, wanted, code

    def told(self, email: str, wanted: Mapping[str, int], code: str) -> Told:
        items = tuple(Item(sku, pieces) for sku, pieces in wanted.items())
        (told,) = simulate(self.world.app, Request(items, self.place, email, code)).stores
        assert not told.problem
        return told

    def over_http(
        self, email: str, wanted: Mapping[str, int], code: str
    ) -> tuple[Decimal, Decimal]:
        """Goods and discounts as the shopper is shown them."""
        ask = magento_cart if self.sandbox.name == "magento" else shopware_cart
        return ask(self.running.url, email, wanted, code)


def magento_cart(
    url: str, email: str, wanted: Mapping[str, int], code: str
) -> tuple[Decimal, Decimal]:
    with MagentoBasket(url, email) as basket:
        for sku, pieces in wanted.items():
            basket.put(sku, pieces)
        if code:
            basket.enter(code)
        lines = basket.lines()
    return sum((line.price for line in lines), Decimal(0)), sum(
        (line.off for line in lines), Decimal(0)
    )


def shopware_cart(
    url: str, email: str, wanted: Mapping[str, int], code: str
) -> tuple[Decimal, Decimal]:
    shopper = Shopper(url)
    try:
        shopper.sign_in(email)
        shopper.ask("/checkout/cart", method="DELETE")
        items = [
            {"type": "product", "referencedId": shopper.find(sku), "quantity": pieces}
            for sku, pieces in wanted.items()
        ]
        if code:
            items.append({"type": "promotion", "referencedId": code})
        _, cart = shopper.ask("/checkout/cart/line-item", {"items": items})
    finally:
        shopper.leave()
    totals = {"product": Decimal(0), "promotion": Decimal(0)}
    for line in cart["lineItems"]:
        totals[line["type"]] += Decimal(str(line["price"]["totalPrice"]))
    return totals["product"], -totals["promotion"]


@pytest.fixture(params=["magento", "shopware"])
def shop(
    request: pytest.FixtureRequest, open_database: Any, sqlite_url: str, tmp_path: Path
) -> Any:
    sandbox = sandboxes()[request.param]
    with sandbox.serve(products=120, customers=9) as running:
        database: Database = open_database(sqlite_url)
        world = World(database, tmp_path / "home", more_platforms=platforms())
        found = Shop(world, running, sandbox, random.Random(f"baskets of {sandbox.name}"))
        found.open()
        yield found


def test_it_agrees_with_the_carts_of_the_shop(shop: Shop) -> None:
    till = shop.running.state.till()
    outcomes: set[Outcome | None] = set()
    codes = {True: 0, False: 0}
    rows = done = 0
    while done < BASKETS:
        email, guest, wanted, code = shop.basket()
        try:
            sold = till.price(email, wanted, guest=guest, codes=[code] if code else [])
        except OutOfStock:
            continue
        done += 1
        told = shop.told(email, wanted, code)
        quote = told.quote
        assert quote is not None
        what = f"{email} {wanted} {code}: {told}"
        assert (quote.goods, quote.discount) == whole(sold), what
        if not guest:
            shown = [m.gross if quote.shown is Basis.GROSS else m.net for m in sides(told)]
            assert tuple(shown) == shop.over_http(email, wanted, code), what
        outcomes |= {offer.outcome for offer in told.offers}
        rows += sum(line.quoted.row is not None for line in told.lines)
        if told.code:
            codes[told.code.works] += 1
    assert rows > 30 and min(codes.values()) > 3
    assert outcomes >= {Outcome.APPLIES, Outcome.BELOW_BASKET, Outcome.OTHER_GROUP}


def sides(told: Told) -> tuple[Money, Money]:
    assert told.quote is not None
    return told.quote.goods, told.quote.discount


def whole(sold: list[SoldLine]) -> tuple[Money, Money]:
    goods = sum((Money(line.net, line.gross) for line in sold), NO_MONEY)
    off = sum((Money(line.discount_net, line.discount_gross) for line in sold), NO_MONEY)
    return goods, off
