"""What a member pays: his own group's prices in his own shops, as they were delivered there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from club import Club, seen
from people import PROGRAMME
from sqlmodel import col, select, update
from toyshop import programme

from bridge.members.models import ShopCustomer
from bridge.outbox.models import Binding
from bridge.prices import of_group
from bridge.prices.models import ShopPrice
from bridge.prices.of_group import Found, Group, Held, ladders
from bridge.programme.document import Programme
from connectors.base import Amount, Basis, TierKey, TierValue

LISTS = {
    "gold": {
        "groups": ["gold"],
        "prices": {
            "A": [{"from": 1, "price": "9.00"}, {"from": 10, "percent": "25"}],
            "B": [{"from": 5, "price": "8.12"}],
        },
    },
    "silver": {"groups": ["silver"], "prices": {"C": [{"from": 1, "price": "1.23"}]}},
}
GROUPS = {
    "gold": {"name": "Gold", "base": "General"},
    "silver": {"name": "Silver", "base": "General"},
}


@pytest.fixture
def priced(club: Club) -> Club:
    """Ada is of gold, Bob of silver, as their shop says."""
    delivers(club, LISTS)
    return club


def delivers(club: Club, lists: dict[str, Any]) -> None:
    club.office.world.set_up(programme(**PROGRAMME | {"groups": GROUPS, "price_lists": lists}))
    club.people.ada = club.people.arrives("101", "ada@example.com")
    club.people.bob = club.people.arrives("102", "bob@example.com")
    joins(club, "101", "gold")
    joins(club, "102", "silver")


def joins(club: Club, number: str, key: str) -> None:
    with club.app.database.writing() as session:
        group = session.exec(
            select(Binding.native_id).where(Binding.kind == "group", Binding.key == key)
        ).one()
        session.exec(
            update(ShopCustomer)
            .where(col(ShopCustomer.customer_id) == number)
            .values(group_id=group)
        )


def test_the_table_says_what_one_pays_and_saves(priced: Club) -> None:
    shown = seen(priced.sign_in(priced.people.ada).get("prices"))
    assert "A piece usually costs €10.00." in shown
    assert "All prices in EUR, without tax." in shown
    assert "1 €9.00 €1.00 10% 10 €7.50 €2.50 25%" in shown
    assert "5 €8.12 €1.88 18.8%" in shown


def test_only_prices_of_ones_own_group(priced: Club) -> None:
    ada, bob = (priced.sign_in(one) for one in (priced.people.ada, priced.people.bob))
    assert "€1.23" not in seen(ada.get("prices"))
    shown = seen(bob.get("prices"))
    assert "€1.23" in shown and "€9.00" not in shown and "€8.12" not in shown
    assert "No such article" in seen(bob.get("prices?text=A"))
    with priced.app.database.reading() as session:
        customers = session.exec(
            select(
                ShopCustomer.installation_id, ShopCustomer.store_id, ShopCustomer.group_id
            ).where(col(ShopCustomer.customer_id) == "101")
        ).one()
    wished = ".".join(map(str, customers))
    assert "€9.00" not in seen(bob.get(f"prices?shop={wished}"))
    joins(priced, "101", "silver")
    assert "€9.00" not in seen(ada.get("prices"))


def test_only_what_the_shop_has_of_the_bridge(priced: Club) -> None:
    """A price that somebody made in the shop, or took out there, is none of the price list."""
    ada = priced.sign_in(priced.people.ada)
    with priced.app.database.writing() as session:
        rows = session.exec(select(ShopPrice).order_by(ShopPrice.key)).all()
        foreign = next(one for one in rows if one.value.count("8120000"))
        fields = foreign.model_dump() | {"key": foreign.key.rsplit("\t", 1)[0] + "\t7"}
        session.add(ShopPrice(**fields | {"value": foreign.value.replace("8120000", "3330000")}))
        session.delete(foreign)
    shown = seen(ada.get("prices"))
    assert "€9.00" in shown and "€8.12" not in shown and "€3.33" not in shown


@pytest.mark.parametrize("few", [0, 5_000])
def test_many_products_are_turned_over_page_by_page(
    club: Club, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(of_group, "_FEW", few)
    skus = [f"P{number:03}" for number in range(60)]
    shop = club.office.world.shop
    for sku in skus:
        shop.stock(sku)
    prices = {sku: [{"from": 1, "price": "5"}] for sku in skus}
    delivers(club, LISTS | {"gold": {"groups": ["gold"], "prices": prices}})
    ada, there, turned = club.sign_in(club.people.ada), [], "prices"
    for _page in range(3):
        shown = ada.get(turned).text
        there.append([sku for sku in skus if f">{sku}<" in shown])
        turned = _link(shown, "Further")
    assert [one for page in there for one in page] == skus
    assert turned == ""
    back = ada.get(_link(shown, "Back")).text
    assert [sku for sku in skus if f">{sku}<" in back] == there[1]
    part = ada.get("prices?text=p01", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert [sku for sku in skus if f">{sku}<" in part.text] == skus[10:20]


def _link(page: str, text: str) -> str:
    """Where a button leads; empty: there is none."""
    before, found, _after = page.partition(f">{text}</a>")
    return before.rpartition('href="')[2].split('"')[0].replace("&amp;", "&") if found else ""


def test_who_has_no_prices_is_told_so(club: Club) -> None:
    assert "There are no prices of your own" in seen(club.sign_in(club.people.ada).get("prices"))


# -- the rule -------------------------------------------------------------------------------

GROUP = Group(1, 1, "7", "1", "EUR")
DOCUMENT = Programme.model_validate(
    {"programme": "Acme", "currency": "EUR", "prices_are": "net", "price_lists": {}}
)


def row(quantity: int, value: TierValue, store: str = "") -> Held:
    return Held(TierKey("p", store, "7", Decimal(quantity)), value, "gone")


def amounts(**told: tuple[str | None, str | None]) -> tuple[Amount, ...]:
    return tuple(
        Amount(name, *(None if one is None else Decimal(one) for one in sides))
        for name, sides in told.items()
    )


@pytest.mark.parametrize(
    ("own", "rows", "expected"),
    [
        pytest.param(
            amounts(EUR=(None, "11.90")),
            [row(1, TierValue(amounts=amounts(EUR=(None, "9.90"))))],
            [("EUR", Basis.GROSS, "11.90", ["9.90"])],
            id="a shop that keeps gross prices says gross ones",
        ),
        pytest.param(
            amounts(CHF=("9", "10"), EUR=("10", "12")),
            [row(1, TierValue(amounts=amounts(CHF=("8", "9"), EUR=("9", "11"))))],
            [("EUR", Basis.NET, "10", ["9"])],
            id="the store's own currency",
        ),
        pytest.param(
            amounts(EUR=("9.99", None)),
            [row(1, TierValue(percent=Decimal("12.5")))],
            [("EUR", Basis.NET, "9.99", ["8.74"])],
            id="a percentage has the decimals of its price",
        ),
        pytest.param(
            amounts(EUR=("10", None)),
            [
                row(1, TierValue(amounts=amounts(EUR=("7", None))), "1"),
                row(1, TierValue(amounts=amounts(EUR=("9", None)))),
            ],
            [("EUR", Basis.NET, "10", ["7"])],
            id="this store before all",
        ),
        pytest.param(
            (),
            [row(1, TierValue(percent=Decimal(5)))],
            [("EUR", Basis.NET, None, [None])],
            id="a percentage of what is not known",
        ),
    ],
)
def test_ladders(
    own: tuple[Amount, ...],
    rows: list[Held],
    expected: list[tuple[str, Basis, str | None, list[str | None]]],
) -> None:
    found = ladders(Found("p", "P", "", own), rows, DOCUMENT, GROUP)
    told = [
        (one.currency, one.basis, one.usual, [line.price for line in one.lines]) for one in found
    ]
    assert told == [
        (
            currency,
            basis,
            None if usual is None else Decimal(usual),
            [None if one is None else Decimal(one) for one in prices],
        )
        for currency, basis, usual, prices in expected
    ]
