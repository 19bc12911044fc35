"""Promotions in a whole shop: hands in the administration, other currencies, many codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Mismatch, NotFound, Rejected, Unsafe
from connectors.rewards import Discount, Promotion, PromotionKind, Promotions, Threshold
from connectors.sandbox.people import PASSWORD
from connectors.sandbox.server import RunningSandbox
from connectors.shopware import ids
from connectors.shopware.client import ShopwareClient, operation
from connectors.shopware.connector import ShopwareConnector
from connectors.shopware.promotion_payload import basket_rule_id, discount_id
from connectors.shopware.sandbox import SANDBOX
from connectors.shopware.sandbox.carts import Cart
from connectors.shopware.sandbox.seed import SALES_CHANNEL
from connectors.shopware.sandbox.storefront import Session, Storefront

from .conftest import MARK

SAW, DEGREASER = "0009f964978456518617e13b4a9d1108", "01480d19ed01215837593594e2d5ae96"
SHOPPER, DEALER = "david.dietrich@example.com", "anna.albers@example.com"
KEY = "pool.1"
POOL = ids.promotion_id(MARK, KEY)
Row = dict[str, Any]
Change = Callable[[ShopwareClient], None]


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=60, customers=10) as sandbox:
        yield sandbox


@pytest.fixture
def admin(sandbox: RunningSandbox) -> Iterator[ShopwareClient]:
    """A person's hands."""
    client = ShopwareClient(sandbox.url, **SANDBOX.credentials)
    yield client
    client.close()


def wanted(**fields: Any) -> Promotion:
    usual: Row = {
        "key": KEY,
        "kind": PromotionKind.CODES,
        "name": "Vouchers",
        "label": "Voucher",
        "store_id": SALES_CHANNEL,
        "currency": "EUR",
        "discount": Discount(amount=Decimal(10)),
    }
    return Promotion(**{**usual, **fields})


RICH = wanted(
    discount=Discount(percent=Decimal(50), maximum=Decimal(20)),
    product_ids=(SAW,),
    needs_product_ids=(DEGREASER,),
    threshold=Threshold(Decimal(50)),
)


def make(promotions: Promotions, promotion: Promotion, *codes: str) -> str:
    native = promotions.compile(promotion)
    assert promotions.write(promotion.key, native).native == native
    assert promotions.add_codes(promotion.key, codes) == {}
    return native


class Basket:
    """What a shopper's cart says, in one session."""

    def __init__(self, sandbox: RunningSandbox, email: str = SHOPPER, currency: str = "EUR"):
        self._database = database = sandbox.state.database
        (currency_id,) = database["currency"].where("isoCode", currency)
        channel = database["sales_channel"].rows[SALES_CHANNEL]
        session = Session("a" * 32, SALES_CHANNEL, currency_id=currency_id)
        self.store = Storefront(database, channel, session)
        self.store.login({"username": email, "password": PASSWORD})

    def off(self, *codes: str, **lines: int) -> Decimal:
        with self._database.lock:
            cart = Cart(self.store)
            cart.clear()
            items: list[Row] = [
                {"type": "product", "referencedId": one, "quantity": count}
                for one, count in ((SAW, lines.get("saws", 0)), (DEGREASER, lines.get("cans", 0)))
                if count
            ]
            items += [{"type": "promotion", "referencedId": code} for code in codes]
            shown = cart.add({"items": items})
        taken = [x["price"]["totalPrice"] for x in shown["lineItems"] if x["type"] == "promotion"]
        return -sum((Decimal(str(one)) for one in taken), Decimal(0))

    def positions(self) -> Decimal:
        """As the shopper sees them."""
        with self._database.lock:
            return Decimal(str(Cart(self.store).shown()["price"]["positionPrice"]))

    def costs(self) -> Decimal:
        """As it is, looked at again."""
        return Decimal(str(self._shown()["price"]["totalPrice"]))

    def ids(self) -> list[str]:
        """Of what lies in it."""
        return [one["id"] for one in self._shown()["lineItems"] if one["type"] == "product"]

    def errors(self) -> list[str]:
        return sorted(self._shown()["errors"])

    def _shown(self) -> Row:
        with self._database.lock:
            return Cart(self.store).shown()


# --- hands in the administration -----------------------------------------------------------


def patch(entity: str, key: str, **fields: Any) -> Change:
    return lambda admin: admin.update(entity, key, fields)


def drop(entity: str, **key: str) -> Change:
    return lambda admin: admin.sync({"drop": operation(entity, "delete", [key])})


def put(entity: str, **row: Any) -> Change:
    return lambda admin: admin.sync({"put": operation(entity, "upsert", [row])})


def another_threshold(admin: ShopwareClient) -> None:
    rule = basket_rule_id(MARK, KEY)
    rows = admin.one("rule", rule, {"associations": {"conditions": {}}}, "rule")["conditions"]
    condition = next(row for row in rows if row["type"] == "cartGoodsPrice")
    value = {"operator": ">=", "amount": 1}
    put("rule_condition", id=condition["id"], ruleId=rule, type="cartGoodsPrice", value=value)(
        admin
    )


def another_channel(admin: ShopwareClient) -> None:
    channel = {"id": "f" * 32, "promotionId": POOL, "salesChannelId": SALES_CHANNEL}
    put("promotion_sales_channel", **channel, priority=1)(admin)


ANY_RULE: Change = put("rule", id="d" * 32, name="Always", priority=1)
EXTRA_DISCOUNT: Row = {
    "id": "e" * 32,
    "promotionId": POOL,
    "scope": "cart",
    "type": "absolute",
    "value": 99,
    "considerAdvancedRules": False,
}
BY_HAND: dict[str, Change] = {
    "switched off": patch("promotion", POOL, active=False),
    "renamed": patch("promotion", POOL, name="Summer sale"),
    "lasting longer": patch("promotion", POOL, validUntil="2030-01-01T00:00:00.000+00:00"),
    "limited": patch("promotion", POOL, maxRedemptionsGlobal=1),
    "limited by customer": patch("promotion", POOL, maxRedemptionsPerCustomer=1),
    "alone": patch("promotion", POOL, preventCombination=True),
    "for persons": patch("promotion", POOL, customerRestriction=True),
    "with one code": patch("promotion", POOL, useIndividualCodes=False, code="SUMMER"),
    "later": patch("promotion", POOL, priority=7),
    "worth more": patch("promotion_discount", discount_id(MARK, KEY, 0), maxValue=21),
    "a higher percentage": patch("promotion_discount", discount_id(MARK, KEY, 0), value=51),
    "on all goods": patch(
        "promotion_discount", discount_id(MARK, KEY, 0), considerAdvancedRules=False
    ),
    "on one piece": patch("promotion_discount", discount_id(MARK, KEY, 0), applierKey="1"),
    "a second discount": put("promotion_discount", **EXTRA_DISCOUNT),
    "no discount": drop("promotion_discount", id=discount_id(MARK, KEY, 0)),
    "another channel": another_channel,
    "no channel": drop(
        "promotion_sales_channel", id=ids.derived_id(MARK, "promotion-channel", KEY, SALES_CHANNEL)
    ),
    "a lower threshold": another_threshold,
    "no conditions": drop(
        "promotion_cart_rule", promotionId=POOL, ruleId=basket_rule_id(MARK, KEY)
    ),
    "a condition beside": lambda admin: (
        ANY_RULE(admin),
        put("promotion_cart_rule", promotionId=POOL, ruleId="d" * 32)(admin),
    )[0],
    "a condition on orders": lambda admin: (
        ANY_RULE(admin),
        put("promotion_order_rule", promotionId=POOL, ruleId="d" * 32)(admin),
    )[0],
    "other groups": lambda admin: (
        ANY_RULE(admin),
        put("promotion_persona_rule", promotionId=POOL, ruleId="d" * 32)(admin),
    )[0],
    "another currency": lambda admin: put(
        "promotion_discount_prices",
        id="b" * 32,
        discountId=discount_id(MARK, KEY, 0),
        currencyId=admin.search("currency", {"filter": [], "limit": 1}).rows[0]["id"],
        price=99,
    )(admin),
}


@pytest.mark.parametrize("what", sorted({*BY_HAND} - {"another channel"}))
def test_a_change_by_hand_is_seen_and_can_be_taken_back(
    promotions: Promotions, admin: ShopwareClient, what: str
) -> None:
    native = make(promotions, RICH, "CODE-1")
    BY_HAND[what](admin)
    (found,) = promotions.all()
    assert found.native != native
    assert promotions.read([KEY])[KEY] == found
    assert promotions.write(KEY, native).native == native
    assert [held.code for held in promotions.codes_of(KEY)] == ["CODE-1"]


def test_what_was_put_back_by_hand_is_the_same(
    promotions: Promotions, admin: ShopwareClient
) -> None:
    """A sales channel that was taken out and put in again has another row, and means the same."""
    native = make(promotions, RICH)
    BY_HAND["no channel"](admin)
    another_channel(admin)
    assert promotions.read([KEY])[KEY].native == native
    assert promotions.write(KEY, native).native == native
    rows = admin.all("promotion_sales_channel", {})
    assert [row["id"] for row in rows if row["promotionId"] == POOL] == ["f" * 32]


def test_a_copy_that_a_person_made_is_his(promotions: Promotions, admin: ShopwareClient) -> None:
    """The administration copies custom fields too."""
    make(promotions, wanted())
    fields = admin.one("promotion", POOL, {}, "promotion")["customFields"]
    admin.create("promotion", {"id": "c" * 32, "name": "Copy", "customFields": fields})
    assert [held.native_id for held in promotions.all()] == [POOL]
    promotions.remove(KEY)
    assert admin.one("promotion", "c" * 32, {}, "promotion")["name"] == "Copy"


def test_what_lost_its_mark_is_left_alone(promotions: Promotions, admin: ShopwareClient) -> None:
    native = make(promotions, wanted(), "CODE-1")
    admin.update("promotion", POOL, {"customFields": {"loyalty_bridge": None}})
    before = admin.one("promotion", POOL, {}, "promotion")
    assert list(promotions.all()) == []
    for attempt in (lambda: promotions.write(KEY, native), lambda: promotions.remove(KEY)):
        with pytest.raises(Unsafe, match="mark"):
            attempt()
    with pytest.raises(NotFound):
        promotions.add_codes(KEY, ["CODE-2"])
    assert isinstance(promotions.remove_codes(["CODE-1"])["CODE-1"], Unsafe)
    assert admin.one("promotion", POOL, {}, "promotion") == before


def test_what_an_app_keeps_changing_is_a_mismatch(
    promotions: Promotions, sandbox: RunningSandbox, admin: ShopwareClient
) -> None:
    """Read back: what was said is not what is there."""
    native = make(promotions, wanted())
    busy = "connectors.shopware.promotions.ShopwarePromotions.read"
    with pytest.MonkeyPatch.context() as patched:
        held = promotions.read([KEY])[KEY]
        patched.setattr(busy, lambda *_: {KEY: replace(held, native="{}")})
        with pytest.raises(Mismatch, match="Vouchers"):
            promotions.write(KEY, native)


# --- what is left behind -------------------------------------------------------------------


def bridge_rules(admin: ShopwareClient) -> list[str]:
    rows = admin.all("rule", {"includes": {"rule": ["id", "name"]}})
    return sorted(row["name"] for row in rows if row["name"].startswith("Loyalty Bridge, "))


def test_rules_go_when_nothing_needs_them(promotions: Promotions, admin: ShopwareClient) -> None:
    make(promotions, RICH)
    assert bridge_rules(admin) == [
        "Loyalty Bridge, basket: Vouchers",
        "Loyalty Bridge, products: Vouchers",
    ]
    make(promotions, wanted())
    assert bridge_rules(admin) == []
    make(promotions, RICH)
    promotions.remove(KEY)
    assert bridge_rules(admin) == []


def test_a_rule_that_a_person_uses_too_stays(promotions: Promotions, admin: ShopwareClient) -> None:
    make(promotions, RICH)
    link = [{"id": basket_rule_id(MARK, KEY)}]
    admin.create("promotion", {"id": "c" * 32, "name": "His", "cartRules": link})
    promotions.remove(KEY)
    assert bridge_rules(admin) == ["Loyalty Bridge, basket: Vouchers"]


def test_a_removal_that_broke_off_is_finished(
    promotions: Promotions, admin: ShopwareClient
) -> None:
    make(promotions, RICH)
    admin.delete("promotion", POOL)
    assert bridge_rules(admin) != []
    promotions.remove(KEY)
    assert bridge_rules(admin) == []


def test_rules_of_promotions_are_no_audiences_of_ours(
    live: ShopwareConnector, promotions: Promotions
) -> None:
    make(promotions, RICH)
    assert [audience.name for audience in live.audiences() if audience.ours] == []
    assert [found for found in live.check() if found.topic == "rules"] == []


# --- currencies ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "discount",
    [Discount(amount=Decimal("12.34")), Discount(percent=Decimal(90), maximum=Decimal("12.34"))],
)
@pytest.mark.parametrize("currency", ["EUR", "CHF", "CZK"])
def test_a_face_is_exact_in_the_stores_currency(
    sandbox: RunningSandbox, promotions: Promotions, currency: str, discount: Discount
) -> None:
    make(promotions, wanted(currency=currency, discount=discount), "CODE-1")
    basket = Basket(sandbox, currency=currency)
    assert basket.off("CODE-1", saws=3) == Decimal("12.34")


def test_elsewhere_it_is_worth_as_much_by_the_shops_rate(
    sandbox: RunningSandbox, promotions: Promotions, admin: ShopwareClient
) -> None:
    """1,000 crowns are no 1,000 euros to who switches the currency."""
    make(promotions, wanted(currency="CZK", discount=Discount(amount=Decimal(1000))), "CODE-1")
    rows = admin.all("currency", {"includes": {"currency": ["id", "isoCode", "factor"]}})
    factor = next(row["factor"] for row in rows if row["isoCode"] == "CZK")
    expected = (1000 / factor).quantize(Decimal("0.01"))
    assert Basket(sandbox, currency="EUR").off("CODE-1", saws=9) == expected


def test_rates_may_move_without_a_difference(promotions: Promotions, admin: ShopwareClient) -> None:
    """The face stays exact; what it is worth elsewhere follows when it is far off."""
    native = make(promotions, wanted(currency="CZK", discount=Discount(amount=Decimal(1000))))
    (row,) = (r for r in admin.all("currency", {}) if r["isoCode"] == "CZK")
    for rise, is_same in ((Decimal("1.1"), True), (Decimal(2), False)):
        admin.update("currency", row["id"], {"factor": row["factor"] * rise})
        assert (promotions.read([KEY])[KEY].native == native) is is_same
    assert promotions.write(KEY, native).native == native


def test_a_currency_the_shop_does_not_have_is_refused(promotions: Promotions) -> None:
    native = promotions.compile(wanted(currency="JPY"))
    with pytest.raises(Rejected, match="no currency JPY"):
        promotions.write(KEY, native)


def test_a_threshold_is_in_the_stores_currency(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    make(promotions, wanted(threshold=Threshold(Decimal(80), is_gross=True)), "CODE-1")
    assert Basket(sandbox).off("CODE-1", saws=1) == 10
    assert Basket(sandbox, currency="CZK").off("CODE-1", saws=1) == 0


# --- conditions ----------------------------------------------------------------------------


@pytest.mark.parametrize("is_gross", [False, True])
def test_a_threshold_for_who_sees_net_prices(
    sandbox: RunningSandbox, promotions: Promotions, *, is_gross: bool
) -> None:
    basket = Basket(sandbox, DEALER)
    basket.off(saws=2)
    net = basket.positions()
    amount = (net * Decimal("1.19")).quantize(Decimal("0.01")) if is_gross else net
    for above, off in ((Decimal(0), 10), (Decimal("0.01"), 0)):
        make(promotions, wanted(threshold=Threshold(amount + above, is_gross=is_gross)), "CODE-1")
        assert basket.off("CODE-1", saws=2) == off


def test_a_gift_does_not_lift_a_basket_over_its_own_threshold(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    gift = wanted(
        key="gift.1",
        kind=PromotionKind.GIFT,
        discount=Discount(percent=Decimal(100)),
        product_ids=(DEGREASER,),
        most_pieces=1,
        threshold=Threshold(Decimal(90), is_gross=True),
    )
    make(promotions, gift)
    basket = Basket(sandbox)
    assert basket.off(saws=1, cans=1) == 0  # 89.08 and a can for 13.20
    assert basket.off(saws=2, cans=3) == Decimal("13.20")


def test_a_voucher_stands_before_what_applies_by_itself(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    """Older shops mark a code as used only where no automatic promotion stands before it."""
    week = wanted(key="week", kind=PromotionKind.AUTOMATIC, discount=Discount(percent=Decimal(5)))
    make(promotions, week)
    make(promotions, wanted(), "CODE-1")
    sale = sandbox.state.till().order(SHOPPER, {"B2B-1029": 2}, guest=False, codes=["CODE-1"])
    lines = sandbox.state.database["order_line_item"]
    found = [lines.rows[key].values for key in lines.where("orderId", sale.order_id)]
    in_order = sorted(found, key=lambda row: row["position"])
    assert [row["payload"].get("code") for row in in_order] == [None, "CODE-1", ""]


# --- codes ---------------------------------------------------------------------------------


def test_ten_thousand_codes_and_the_search_still_answers(
    sandbox: RunningSandbox, promotions: Promotions, admin: ShopwareClient
) -> None:
    """In two promotions, as the bridge shards them; adding them twice changes nothing."""
    pools = ("pool.1", "pool.2")
    codes = {key: [f"LB-{key[-1]}-{n:05}" for n in range(5_000)] for key in pools}
    for key in pools:
        make(promotions, wanted(key=key))
        for start in range(0, 5_000, promotions.codes_per_call):
            some = codes[key][start : start + promotions.codes_per_call]
            assert promotions.add_codes(key, some) == {}
    again = codes["pool.1"][: promotions.codes_per_call]
    assert promotions.add_codes("pool.1", again) == {}
    assert sorted(held.code for held in promotions.codes_of("pool.1")) == codes["pool.1"]
    assert len(promotions.codes(codes["pool.2"][-500:])) == 500
    term = {"term": "Voucher", "limit": 25, "total-count-mode": 1}
    assert admin.search("promotion", term).total == 2
    assert Basket(sandbox).off("LB-2-04999", saws=1) == 10


def test_a_code_that_is_taken_away_leaves_the_basket_it_is_in(
    sandbox: RunningSandbox, promotions: Promotions
) -> None:
    make(promotions, wanted(), "CODE-1")
    basket = Basket(sandbox)
    assert basket.off("CODE-1", saws=1) == 10
    assert basket.costs() == Decimal("79.08")
    assert promotions.remove_codes(["CODE-1"]) == {}
    assert basket.costs() == Decimal("89.08")


def test_a_code_ends_with_its_promotion(sandbox: RunningSandbox, promotions: Promotions) -> None:
    """In the very moment it ends."""
    state = sandbox.state
    ends_at = state.now() + timedelta(hours=1)
    make(promotions, wanted(ends_at=ends_at), "CODE-1")
    for moment, off in ((ends_at - timedelta(seconds=1), 10), (ends_at, 0)):
        state.now = lambda at=moment: at
        assert Basket(sandbox).off("CODE-1", saws=1) == off


def test_codes_are_one_whatever_their_case(sandbox: RunningSandbox, promotions: Promotions) -> None:
    make(promotions, wanted(), "CODE-1")
    make(promotions, wanted(key="pool.2"))
    assert promotions.codes(["code-1"])["code-1"].code == "CODE-1"
    assert "code-1" in promotions.add_codes("pool.2", ["code-1"])
    assert Basket(sandbox).off("code-1 ", saws=1) == 10


def test_a_code_that_came_in_between_is_found_out(
    promotions: Promotions, admin: ShopwareClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between looking and adding, somebody added one of them elsewhere: the shop fails the whole
    call with a fault of its database, and the others are added all the same."""
    make(promotions, wanted())
    make(promotions, wanted(key="pool.2"), "LB-07")
    codes = [f"LB-{n:02}" for n in range(20)]
    look = "connectors.shopware.codes.Codes.held"
    with monkeypatch.context() as patched:
        patched.setattr(look, lambda *_: {})
        refused = promotions.add_codes(KEY, codes)
    assert refused.keys() == {"LB-07"}
    hanging = {held.code for held in promotions.codes_of(KEY)}
    assert hanging == {*codes} - {"LB-07"}
