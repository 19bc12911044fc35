"""`simulate`, from the command line down to the mirror of a Magento and a Shopware."""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update
from sqlmodel import col
from toyshop import World
from toyshop.world import KEY

import bridge.application
from bridge.application import Application
from bridge.cli import main
from bridge.config import Settings
from bridge.installations.models import Installation
from bridge.plugins import platforms, sandboxes
from bridge.vouchers.models import Voucher

ANNA = "anna.albers@example.com"
SKU, GIFT = "B2B-1001", "B2B-1002"
KIT = ("B2B-1003", "B2B-1004")
PROGRAMME: dict[str, Any] = {
    "programme": "Acme",
    "currency": "EUR",
    "groups": {"all": {"name": "General", "existing": True}},
    "price_lists": {
        "list": {"groups": ["all"], "prices": {SKU: [{"from": 5, "price": "100.00"}]}},
    },
    "gifts": {"mug": {"basket": "300", "sku": GIFT}},
    "campaigns": {"kit": {"together": [*KIT], "give": {"percent": 15}}},
    "redemption": {"rate": {"points": 10, "amount": 1}, "step": 1},
    "points": {
        "rules": {
            "base": {"per_amount": {"points": 1, "each": 1}},
            "first": {"first_order": 50},
        }
    },
    "tiers": {
        "silver": {"name": "Silver", "reach": [{"spend": 450}]},
        "gold": {"name": "Gold", "reach": [{"spend": 5000}]},
    },
}


class Desk:
    """A Magento and a Shopware, pulled; Anna is a customer of both and has 1,000 points."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, *args: str) -> Result:
        return CliRunner().invoke(main, args)

    def ok(self, *args: str) -> str:
        result = self(*args)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *args: str) -> Any:
        return json.loads(self.ok("simulate", *args, "--json"))

    def store(self, *args: str, name: str = "north") -> Any:
        (told,) = self.json("--store", name, *args)["stores"]
        return told


@pytest.fixture
def desk(
    open_database: Any, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Any:
    world = World(open_database(sqlite_url), tmp_path / "home", more_platforms=platforms())
    world.clock.now = datetime.now(UTC)
    for field in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{field.upper()}", raising=False)
    told = {"DATABASE_URL": sqlite_url, "HOME": str(tmp_path / "home"), "KEYS": KEY}
    for field, value in {**told, "WORKSPACE": "acme"}.items():
        monkeypatch.setenv(f"LOYALTY_BRIDGE_{field}", value)
    monkeypatch.setattr(bridge.application, "platforms", lambda: world.app.platforms)
    opened = Application.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        Application,
        "open",
        classmethod(lambda cls, settings: opened(cls, settings, now=world.clock)),
    )
    shops = {"north": sandboxes()["magento"], "south": sandboxes()["shopware"]}
    with ExitStack() as running:
        for name, sandbox in shops.items():
            url = running.enter_context(sandbox.serve(products=12, customers=4)).url
            world.connect(name, sandbox.name, url, sandbox.credentials, sandbox.settings)
        world.set_up(PROGRAMME)
        made = Desk(world)
        made.ok("work", "--once")
        made.ok("points", "adjust", ANNA, "+1000", "--reason", "Hello", "--yes")
        yield made


def test_what_a_member_pays_and_earns_without_and_with_a_voucher(desk: Desk) -> None:
    five = ("--sku", SKU, "--quantity", "5")
    told = desk.store("--email", ANNA, *five, "--sku", GIFT, "--quantity", "1")
    assert told["customer"] and told["group"]["name"] == "General"
    first, second = told["lines"]
    assert (first["unit_price"], first["price_list"]) == ("100.00", "list")
    assert first["why"] == "price list list, for General, from 5 on"
    assert second["why"] == "the product's own price" and second["is_gift"]
    lacks = ("campaigns.kit", "lacks products it needs")
    mug = ("gifts.mug", "applies")
    assert [(one["rule"], one["outcome"]) for one in told["offers"]] == [lacks, mug]
    assert Decimal(told["total"]["net"]) == 500
    by_rule = {(one["sku"], one["rule"]): one["points"] for one in told["points"]["entries"]}
    assert by_rule == {(SKU, "base"): 500, (SKU, "first"): 50}
    assert told["points"]["entries"][0]["calculation"]["amount"] == "500"
    assert (told["tier"]["now"], told["tier"]["then"]) == (None, "silver")

    desk_said = desk.ok("simulate", "--email", ANNA, *five)
    assert "north/base, as customer" in desk_said and "south/" in desk_said
    assert "comes free once in the basket" in desk_said
    stores = desk_said.count("To pay")
    assert desk_said.count(f"lacks products it needs: {', '.join(KIT)}") == stores > 1
    assert "+500 B2B-1001, rule base: kind: per amount; amount: 500; basis: net" in desk_said
    assert "Tier: none now, then silver" in desk_said

    # A voucher bought with points pays, and that part earns nothing.
    made = json.loads(desk.ok("redeem", ANNA, "1000", "--store", "north", "--json"))
    basket = ("--email", ANNA, "--sku", SKU, "--quantity", "5", "--code", made["code"].lower())
    told = desk.store(*basket)
    assert (told["code"]["works"], told["code"]["worth"]) == (True, "100.00 EUR")
    assert Decimal(told["code"]["off"]["net"]) == Decimal(told["discount"]["net"]) == 100
    assert {one["rule"]: one["points"] for one in told["points"]["entries"]}["base"] == 400
    assert Decimal(told["points"]["paid_with_points"]["net"]) == 100
    (south,) = [one for one in desk.json(*basket)["stores"] if one["store"] == "south/B2B Demo"]
    assert not south["code"]["works"] and "north/base: exchange it" in south["code"]["why"]
    stranger = desk.store("--sku", SKU, "--quantity", "5", "--code", made["code"])
    assert stranger["code"]["works"]
    assert any("another member's" in note for note in stranger["notes"])
    with desk.world.app.database.writing() as session:
        session.execute(update(Voucher).values(state="used"))
    assert desk.store(*basket)["code"]["why"] == "It was used."


def test_strangers_buy_as_guests_and_what_cannot_be_told_is_said(desk: Desk) -> None:
    told = desk.json("--email", "nobody@example.org", "--sku", SKU, "--quantity", "5")
    assert told["member"] is None and len(told["stores"]) > 1
    north = told["stores"][0]
    assert north["customer"] is None and north["group"]["name"] == "NOT LOGGED IN"
    assert north["lines"][0]["price_list"] is None
    assert {one["rule"] for one in north["points"]["entries"]} == {"base", "first"}
    assert any("joins at this moment" in note for note in north["notes"])
    odd = desk.store("--sku", SKU, "--code", "SUMMER")
    assert not odd["code"]["works"] and "no code of the bridge" in odd["code"]["why"]

    wrong = desk("simulate", "--store", "north", "--sku", "NOPE")
    assert wrong.exit_code == 1 and "sells nothing with the SKU NOPE" in wrong.stderr
    uneven = desk("simulate", "--sku", SKU, "--sku", GIFT, "--quantity", "2")
    assert uneven.exit_code == 2
    with desk.world.app.database.writing() as session:
        south = update(Installation).where(col(Installation.name) == "south")
        session.execute(south.values(pulled_at=None))
    untold = desk("simulate", "--store", "south/B2B Demo", "--sku", SKU, "--json")
    (store,) = json.loads(untold.stdout)["stores"]
    assert untold.exit_code == 1 and "pull south" in store["problem"]
    assert desk("simulate", "--sku", SKU).exit_code == 0, "north tells"
    mixed = desk.json("--sku", SKU, "--sku", "24-MB01")
    assert [one["store"] for one in mixed["stores"]] == ["north/base"]
    assert any(name.startswith("south/") for name in mixed["without"])
