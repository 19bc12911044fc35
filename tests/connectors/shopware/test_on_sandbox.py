"""The connector on a whole shop: what shoppers pay, and what else changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors.base import (
    Amount,
    Basis,
    Connection,
    Family,
    GroupDraft,
    Ladder,
    PricingFacts,
    Product,
    ProductKind,
    Severity,
    Step,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.sandbox.server import RunningSandbox
from connectors.shopware import PLATFORM
from connectors.shopware.connector import ShopwareConnector, connect
from connectors.shopware.privileges import NEEDED
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.seed import LIMITED_CLIENT_ID

from .conftest import MARK

SHOPPER = "anna.albers@example.com"
CATALOGUE = 300


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=CATALOGUE, customers=20) as sandbox:
        yield sandbox


class Dealers:
    """A group over the shop's own "Dealer", which has hand-made prices; one shopper in it."""

    def __init__(self, connector: ShopwareConnector) -> None:
        self.connector = connector
        customer = next(c for c in connector.customers() if c.email == SHOPPER)
        self.base = customer.group_id
        group = connector.create_group(GroupDraft("gold", "Gold dealers", self.base))
        self.group = group.id
        self.audience = connector.create_audience(group.id, group.name).id
        self.catalogue = list(connector.products())
        info = connector.shop()
        audiences = tuple(connector.audiences())
        self.facts = PricingFacts(info.currencies, info.stores, audiences, {})
        self.customer = customer.id

    def move_in(self) -> None:
        self.connector.move_customer(self.customer, self.group)

    def family(self, product: Product) -> Family:
        return Family(product, tuple(p for p in self.catalogue if p.parent_id == product.id))

    def ladder(self, product: Product, *steps: Step) -> Ladder:
        return Ladder(
            product.id,
            "",
            self.audience,
            self.group,
            self.base,
            "EUR",
            Basis.NET,
            steps,
            "gold",
        )

    def rows(self, product: Product, ladders: Sequence[Ladder]) -> list[TierPrice]:
        family = self.family(product)
        ids = [family.head.id, *(variant.id for variant in family.variants)]
        present = self.connector.tier_prices(ids)
        compiled = PLATFORM.compile(family, ladders, present, self.facts)
        assert compiled.problems == ()
        return [TierPrice(row.key, row.value) for row in compiled.rows]


def paid(sandbox: RunningSandbox, sku: str, *quantities: int) -> list[Decimal]:
    return [SANDBOX.shopper_price(sandbox.url, SHOPPER, sku, quantity) for quantity in quantities]


def foreign(sandbox: RunningSandbox, ours: set[str]) -> dict[str, Any]:
    """The whole shop without what hangs on our ids."""
    return {
        entity: {key: row for key, row in rows.items() if not ours & {key, *map(str, row.values())}}
        for entity, rows in sandbox.dump().items()
        if entity != "system_config"
    }


def test_below_the_first_step_the_group_pays_what_its_base_paid(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    dealers = Dealers(live)
    product = next(p for p in dealers.catalogue if p.sku == "B2B-1029")
    one, nine, ten, hundred = paid(sandbox, product.sku, 1, 9, 10, 100)
    ladder = dealers.ladder(product, Step(50, price=Decimal("41.25")))
    before = foreign(sandbox, {dealers.group, dealers.audience, dealers.customer})
    rows = dealers.rows(product, [ladder])
    assert live.write_tier_prices(rows) == []
    dealers.move_in()
    assert paid(sandbox, product.sku, 1, 9, 10) == [one, nine, ten]
    assert paid(sandbox, product.sku, 49, 50, 100) == [hundred, Decimal("41.25"), Decimal("41.25")]
    assert dealers.rows(product, [ladder]) == rows
    assert foreign(sandbox, {dealers.group, dealers.audience, dealers.customer}) == before


def test_prices_for_everyone_are_kept_below_the_first_step(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    """Merchants hang prices on "Always valid (Default)"; our rule decides before it."""
    simple = [p for p in live.products() if p.kind is ProductKind.SIMPLE][:100]
    priced = {row.key.product_id for row in live.tier_prices([p.id for p in simple])}
    product = next(p for p in simple if p.id not in priced)
    rule, currency = "a" * 32, next(c for c in live.shop().currencies if c.is_default)
    everyone = {"type": "alwaysValid", "value": None}
    draft = {"id": rule, "name": "Always valid", "priority": 100, "conditions": [everyone]}
    live._client.create("rule", draft)
    cheap = Amount(currency.code, net=Decimal("1.5"), gross=Decimal("1.79"))
    key = TierKey(product.id, "", rule, Decimal(1))
    assert live.write_tier_prices([TierPrice(key, TierValue(amounts=(cheap,)))]) == []
    [one] = paid(sandbox, product.sku, 1)
    assert one == Decimal("1.5")
    dealers = Dealers(live)
    ladder = dealers.ladder(product, Step(10, price=Decimal("1.25")))
    rows = dealers.rows(product, [ladder])
    assert live.write_tier_prices(rows) == []
    dealers.move_in()
    assert paid(sandbox, product.sku, 1, 9, 10) == [one, one, Decimal("1.25")]
    assert dealers.rows(product, [ladder]) == rows


def test_every_family_of_the_shop_is_sold_at_its_list(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    """Percentages of different variants' prices, quantities above 1, hand-made rows beside."""
    dealers = Dealers(live)
    heads = [p for p in dealers.catalogue if not p.parent_id and dealers.family(p).variants][:4]
    assert heads
    steps = (Step(5, percent=Decimal(10)), Step(20, percent=Decimal(50)))
    for head in heads:
        assert live.write_tier_prices(dealers.rows(head, [dealers.ladder(head, *steps)])) == []
    dealers.move_in()
    for head in heads:
        for variant in dealers.family(head).variants:
            own = variant.prices[0].net
            assert own is not None
            expected = [own, own * 9 / 10, own / 2]
            for due, price in zip(expected, paid(sandbox, variant.sku, 4, 5, 20), strict=True):
                assert abs(due - price) <= Decimal("0.005"), variant.sku


def test_one_poisoned_product_among_many_rows(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    dealers = Dealers(live)
    simple = [p for p in dealers.catalogue if not p.parent_id and not dealers.family(p).variants]
    rows = [
        row
        for product in simple[:120]
        for row in dealers.rows(
            product,
            [dealers.ladder(product, *(Step(q, price=Decimal(40 - q)) for q in range(1, 11)))],
        )
    ]
    assert len(rows) == 1200
    bad = simple[77]
    sandbox.faults.set(poisoned_skus=[bad.sku])
    refused = live.write_tier_prices(rows)
    assert {refusal.key.product_id for refusal in refused} == {bad.id}
    assert len(refused) == 10
    assert all(str(refusal.error) for refusal in refused)
    read = live.tier_prices([p.id for p in simple[:120]], [dealers.audience])
    assert {(r.key, r.value) for r in read} == {
        (r.key, r.value) for r in rows if r.key.product_id != bad.id
    }
    assert live.remove_tier_prices(read) == []
    assert live.tier_prices([p.id for p in simple[:120]], [dealers.audience]) == []


def test_check_names_what_a_limited_integration_lacks(sandbox: RunningSandbox) -> None:
    credentials = {**SANDBOX.credentials, "client_id": LIMITED_CLIENT_ID}
    good = Connection(sandbox.url, SANDBOX.credentials, {}, MARK)
    limited = connect(replace(good, credentials=credentials))
    before = sandbox.dump()
    findings = limited.check()
    limited.close()
    lacking = {f.found.rpartition(" ")[2] for f in findings if f.severity is Severity.ERROR}
    reads = {"rule:read", "product:read", "product_price:read", "tax:read", "currency:read"}
    assert reads <= lacking
    assert {"customer_group:create", "rule:create", "product_price:create"} <= lacking
    assert not {"customer_group:read", "customer:read"} & lacking
    assert sandbox.dump() == before


def test_the_probe_for_writing_leaves_no_trace(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    """A role that allows all that is needed, but not to look at itself."""
    sandbox.faults.set(shop={"privileges": list(NEEDED)})
    before = sandbox.dump()
    findings = live.check()
    assert any("/api/_action/sync" in call.path for call in sandbox.log.calls())
    assert [f for f in findings if f.severity is Severity.ERROR] == []
    assert sandbox.dump() == before
