"""The baskets' script, run in real Twig: gifts come and go, and nothing ever fails a basket."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from typing import Any

import pytest

from connectors.shopware.sandbox.cart_script import natives

from .baskets import (
    BOUGHT,
    CAP,
    EUR,
    GROUP,
    MUG,
    USD,
    context,
    customer,
    expected,
    given,
    line,
    reserved,
    rule,
    shop,
    total_of,
)
from .conftest import RealTwig

FREE_MUG = [(MUG, 1, 0)]
FORGED = {"id": f"lbgift-{MUG}", "type": "product", "product": MUG, "quantity": 1}


def test_a_gift_comes_with_the_value_and_goes_with_it(twig: RealTwig) -> None:
    full = twig.cart(shop([rule()], line(quantity=2)))
    assert given(full) == FREE_MUG
    (gift,) = [one for one in full["lines"] if one["product"] == MUG]
    assert (gift["removable"], gift["gift"]) == (True, "mug")
    assert given(twig.cart(shop([rule()], line(quantity=1), FORGED))) == []


@pytest.mark.parametrize(
    ("what", "told", "comes"),
    [
        ("not reached by a cent", {"amount": 120.01, "base": 120.01}, False),
        ("reached to the cent", {"amount": 120, "base": 120}, True),
        ("gross: 142.80", {"gross": True, "amount": 142.8, "base": 142.8}, True),
        ("gross: 142.81", {"gross": True, "amount": 142.81, "base": 142.81}, False),
        ("this group", {"groups": [GROUP]}, True),
        ("another group", {"groups": ["8" * 32]}, False),
        ("a tier, for a guest", {"tiers": ["gold"]}, False),
        ("begun", {"from": 1}, True),
        ("not begun", {"from": 99_999_999_999}, False),
        ("over", {"until": 1}, False),
    ],
)
def test_who_gets_one(twig: RealTwig, what: str, told: dict[str, Any], comes: bool) -> None:
    answer = twig.cart(shop([rule(**told)], line(quantity=2)))
    assert (given(answer) == FREE_MUG) is comes, what


def test_a_tier_is_the_signed_in_customers_own(twig: RealTwig) -> None:
    told = [rule(tiers=["gold", "silver"])]
    for tier, comes in (("gold", True), ("bronze", False), (None, False), ([], False)):
        seen = context(customer=customer(tier_key=tier))
        assert bool(given(twig.cart(shop(told, line(quantity=2), context=seen)))) is comes
    guest = {**customer(tier_key="gold"), "guest": True}
    assert given(twig.cart(shop(told, line(quantity=2), context=context(customer=guest)))) == []


def test_the_threshold_in_another_currency_is_converted(twig: RealTwig) -> None:
    for factor, comes in ((1.2, True), (1.21, False)):
        seen = context(currency={"id": USD, "factor": factor})
        answer = twig.cart(shop([rule()], line(quantity=2), context=seen))
        assert bool(given(answer)) is comes


def test_a_piece_that_is_bought_stays_paid_for(twig: RealTwig) -> None:
    answer = twig.cart(shop([rule()], line(quantity=2), line(MUG, 3)))
    assert given(answer) == FREE_MUG
    assert total_of(answer, MUG) == Decimal("60.00")


@pytest.mark.parametrize(
    ("what", "forged"),
    [
        ("of many pieces", {"quantity": 7}),
        ("another product under its name", {"product": BOUGHT}),
        ("a name of another product", {"id": f"lbgift-{CAP}"}),
        ("no product", {"type": "credit", "product": None}),
    ],
)
def test_a_forged_line_gives_no_more_than_the_rule(
    twig: RealTwig, what: str, forged: dict[str, Any]
) -> None:
    for pieces, has in ((2, FREE_MUG), (1, [])):
        answer = twig.cart(shop([rule()], line(quantity=pieces), {**FORGED, **forged}))
        assert given(answer) == has, what


@pytest.mark.parametrize(
    ("what", "product"),
    [
        ("unknown or switched off", None),
        ("sold out", {"price": 20, "rate": 19, "max": 0}),
        ("sold by three", {"price": 20, "rate": 19, "min": 3}),
        ("in steps", {"price": 20, "rate": 19, "min": 2, "steps": 2}),
    ],
)
@pytest.mark.parametrize("has_states", [True, False])
def test_what_cannot_be_had_is_left_out_and_blocks_no_order(
    twig: RealTwig, what: str, product: dict[str, Any] | None, has_states: bool
) -> None:
    described = shop([rule()], line(quantity=2), hasStates=has_states)
    described["products"].pop(MUG)
    if product is not None:
        described["products"][MUG] = product
    answer = twig.cart(described)
    assert given(answer) == [], what
    assert answer["errors"] == []
    if has_states:  # then it is not tried again and again
        assert answer["passes"] <= 3


def test_the_last_piece_is_not_given_to_who_buys_it(twig: RealTwig) -> None:
    described = shop([rule()], line(quantity=2), line(MUG, 1))
    described["products"][MUG]["max"] = 1
    assert given(twig.cart(described)) == []


@pytest.mark.parametrize("keeps_prices", [True, False])
@pytest.mark.parametrize(
    ("kind", "value", "off"),
    [("percentage", 10, "-12.00"), ("absolute", 5, "-5.00"), ("absolute", 500, "-120.00")],
)
def test_promotions_take_off_what_is_paid_for(
    twig: RealTwig, kind: str, value: int, off: str, keeps_prices: bool
) -> None:
    promotion = {"id": "5" * 32, "type": kind, "value": value}
    described = shop([rule()], line(quantity=2), promotions=[promotion], keepsPrices=keeps_prices)
    answer = twig.cart(described)
    assert given(answer) == FREE_MUG
    assert total_of(answer, "5" * 32) == Decimal(off)
    (taken,) = [one for one in answer["lines"] if one["type"] == "promotion"]
    assert taken["meant"] == kind, "else the shop cannot work out the order anew"


@pytest.mark.parametrize(
    ("what", "promotion", "off"),
    [
        ("a share with a limit", {"type": "percentage", "value": 10, "max": 5}, "-5.00"),
        ("a limit that is not reached", {"type": "percentage", "value": 10, "max": 50}, "-12.00"),
        ("what is left to pay", {"type": "fixed", "value": 50}, "-70.00"),
    ],
)
def test_promotions_of_other_kinds_take_off_what_they_would_without_the_gift(
    twig: RealTwig, what: str, promotion: dict[str, Any], off: str
) -> None:
    described = shop([rule()], line(quantity=2), promotions=[{"id": "5" * 32, **promotion}])
    answer = twig.cart(described)
    assert given(answer) == FREE_MUG
    assert total_of(answer, "5" * 32) == Decimal(off), what


@pytest.mark.parametrize("kind", ["absolute", "fixed"])
def test_a_sum_off_the_gift_alone_fails_no_basket(twig: RealTwig, kind: str) -> None:
    promotion = {"id": "5" * 32, "type": kind, "value": 5, "products": [MUG]}
    answer = twig.cart(shop([rule()], line(quantity=2), promotions=[promotion]))
    assert (given(answer), total_of(answer, "5" * 32)) == ([], None)
    bought = twig.cart(shop([rule()], line(quantity=2), line(MUG), promotions=[promotion]))
    assert given(bought) == FREE_MUG


@pytest.mark.parametrize(
    ("what", "picks", "comes"),
    [
        ("all that is bought", {"applier": "ALL"}, True),
        ("the first of what is sorted", {"applier": "1"}, False),
        ("a group", {"scope": "setgroup"}, False),
    ],
)
def test_no_gift_beside_a_sum_off_what_the_shop_picks(
    twig: RealTwig, what: str, picks: dict[str, Any], comes: bool
) -> None:
    """It would pick the gift, as the cheapest."""
    promotion = {"id": "5" * 32, "type": "fixed", "value": 5, **picks}
    answer = twig.cart(shop([rule()], line(quantity=2), promotions=[promotion]))
    assert bool(given(answer)) is comes, what


def test_two_sums_of_money_together_take_off_no_more_than_is_paid_for(twig: RealTwig) -> None:
    sums = [{"id": one * 32, "type": "absolute", "value": 100} for one in "56"]
    answer = twig.cart(shop([rule()], line(quantity=2), promotions=sums))
    assert given(answer) == FREE_MUG
    assert [total_of(answer, one["id"]) for one in sums] == [Decimal("-100.00"), Decimal("-20.00")]


@pytest.mark.parametrize(
    ("what", "second", "off"),
    [
        ("a sum off one product", {"value": 25, "products": [BOUGHT]}, "-20.00"),
        ("a share of all", {"type": "percentage", "value": 50}, "-20.00"),
        (
            "a share of one product",
            {"type": "percentage", "value": 5, "products": [BOUGHT]},
            "-6.00",
        ),
    ],
)
def test_discounts_together_leave_no_basket_below_nothing(
    twig: RealTwig, what: str, second: dict[str, Any], off: str
) -> None:
    """The shop limits them by what the basket costs with the gift, and of what it cut down it does
    not say any more what is off the gift."""
    promotions = [{"id": "5" * 32, "value": 100}, {"id": "6" * 32, **second}]
    described = [{"type": "absolute", **one} for one in promotions]
    answer = twig.cart(shop([rule()], line(quantity=2), promotions=described))
    assert given(answer) == FREE_MUG
    assert total_of(answer, "6" * 32) == Decimal(off), what


@pytest.mark.parametrize("code", [None, "TEN"])
@pytest.mark.parametrize(("from_", "off"), [(120, "-12.00"), (130, None)])
def test_a_gift_earns_no_promotion(
    twig: RealTwig, from_: int, off: str | None, code: str | None
) -> None:
    """With its price the basket would be worth 140."""
    promotion = {"id": "5" * 32, "type": "percentage", "value": 10, "from": from_, "code": code}
    answer = twig.cart(
        shop([rule()], line(quantity=2), promotions=[promotion], codes=["TEN"], context=reserved())
    )
    assert given(answer) == FREE_MUG
    assert total_of(answer, "5" * 32) == (None if off is None else Decimal(off))
    assert sum(one["total"] for one in answer["lines"]) == (95.5 if off else 107.5)
    assert ("promotion-not-eligible" in answer["errors"]) is (off is None and code is not None)


@pytest.mark.parametrize("has", [True, False])
def test_a_gift_that_takes_its_own_ground_away_does_not_come_and_go_for_ever(
    twig: RealTwig, has: bool
) -> None:
    """Its price earns a promotion, which leaves less than it needs. The shop stops after eight
    passes, and in between no order can be made."""
    promotion = {"id": "5" * 32, "type": "percentage", "value": 10, "from": 130}
    told = [rule(after=True, amount=110, base=110)]
    lines = [line(quantity=2), *([FORGED] if has else [])]
    answer = twig.cart(shop(told, *lines, promotions=[promotion]))
    assert [(one["id"], one["total"]) for one in answer["lines"]] == [(BOUGHT, 120)]
    assert answer["passes"] < 8


def test_who_has_a_promotion_that_keeps_another_out_keeps_it(twig: RealTwig) -> None:
    """Without the gift's price the other would hold, and nobody can put that in."""
    promotions = [
        {"id": "5" * 32, "type": "percentage", "value": 10, "from": 130},
        {"id": "6" * 32, "type": "percentage", "value": 5, "below": 130},
    ]
    answer = twig.cart(shop([rule()], line(quantity=2), promotions=promotions))
    assert (given(answer), total_of(answer, "5" * 32)) == (FREE_MUG, Decimal("-12.00"))


def test_a_threshold_after_discounts(twig: RealTwig) -> None:
    for percent, comes in ((16, True), (17, False)):
        promotion = {"id": "5" * 32, "type": "percentage", "value": percent}
        answer = twig.cart(shop([rule(after=True)], line(quantity=2), promotions=[promotion]))
        assert bool(given(answer)) is comes


MALFORMED: list[Any] = [
    None,
    True,
    0,
    12.5,
    "",
    "[]",
    {},
    [None],
    ["x", 3, True],
    [[]],
    [[[rule()]]],
    {"product": MUG},
    [rule(product=None)],
    [rule(product=[MUG])],
    [rule(product=MUG.upper())],
    [rule(product=f"{MUG}\n")],
    [rule(product="x" * 32)],
    [rule(quantity=True)],
    [rule(quantity=0)],
    [rule(quantity=[1])],
    [rule(amount=None)],
    [rule(amount="much")],
    [rule(amount=True)],
    [rule(amount=-5)],
    [rule(base=[])],
    [rule(base=1e30)],
    [rule(currency=[EUR])],
    [rule(groups="all")],
    [rule(groups=7, tiers=True)],
    [rule(groups=[None, [], {}])],
    [rule(tiers={"a": {"b": 1}})],
    [rule(until="tomorrow")],
    [rule(rule=["mug"])],
    [rule(promotion=["x"])],
    [rule(promotion="x")],
    [rule(promotion=True)],
    [{"product": MUG, "quantity": 1}],
    {"gifts": [rule()]},
    {"0": list(rule().values())},
    [rule(base="0.1e9")],
    [rule(amount="1e2", base="1e2")],
    [rule(amount="+100")],
    [rule(amount="0x64", base="0x64")],
    [rule(amount=1e-7, base=1e-7)],
    [rule(amount=-0.0, base="0.0")],
    [rule(amount=10**30, base=10**30)],
    [rule(amount="NAN", base="INF")],
    [rule(amount="\uff11", base="\uff11")],
    [rule(quantity="\u0661")],
    [rule(quantity="1 ")],
    [rule(quantity=1.5)],
    [rule(product="🎁" * 8)],
    [rule(product=MUG[:-1] + "\x00")],
    [rule(rule={"a": {"b": None}})],
    [rule(groups=[[GROUP]])],
    [rule(groups=[0, 1, True])],
    [rule(tiers=[None, "", False])],
    [rule(until=False)],
    [rule(**{"from": "1e3"})],
    [rule(promotion=0)],
    [rule(promotion="")],
    [[rule()] * 50] * 50,
]


@pytest.mark.parametrize("told", MALFORMED, ids=range(len(MALFORMED)))
def test_a_broken_configuration_gives_nothing_and_fails_no_basket(
    twig: RealTwig, told: Any
) -> None:
    answer = twig.cart(shop(told, line(quantity=2), FORGED))
    assert given(answer) == []
    assert [one["id"] for one in answer["lines"]] == [BOUGHT]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("a rule named by a key, as PHP makes of a list with gaps", {"7": rule()}),
        ("texts for numbers", [rule(quantity="1", amount="100.0", base="100")]),
        ("a key that is as long as a book", [rule(rule="☕" * 50_000)]),
        ("nothing but a number for its key", [rule(rule=17)]),
        ("what nobody knows", [{**rule(), **{f"field{number}": [{}] for number in range(500)}}]),
        ("fifty times the same, and 5,000 more", [rule()] * 5_050),
        ("words for yes", [rule(gross="yes", after={"a": 1})]),
        ("groups by name", [rule(groups={"one": GROUP})]),
    ],
)
def test_an_odd_configuration_that_is_understood_gives_one(
    twig: RealTwig, what: str, told: Any
) -> None:
    assert given(twig.cart(shop(told, line(quantity=2)))) == FREE_MUG, what
    assert given(twig.cart(shop(told, line(quantity=1), FORGED))) == []


def test_one_broken_rule_takes_no_other_with_it(twig: RealTwig) -> None:
    told = [rule(product=[]), "x", rule(), None]
    assert given(twig.cart(shop(told, line(quantity=2)))) == FREE_MUG


def test_no_more_than_fifty_rules_are_read(twig: RealTwig) -> None:
    told = [rule(product=f"{number:032x}") for number in range(50)] + [rule()]
    described = shop(told, line(quantity=2))
    assert given(twig.cart(described)) == []
    assert given(twig.cart(shop(told[1:], line(quantity=2)))) == FREE_MUG


def test_an_order_that_is_edited_keeps_what_it_was_placed_with(twig: RealTwig) -> None:
    """The shop recalculates it as a basket that knows which order it was."""
    placed = {"id": "lbpoints-old12345", "type": "discount", "quantity": 1, "good": False}
    edited = {"extensions": {"originalId": {"id": "1" * 32}}}
    for told in ([], [rule()]):
        answer = twig.cart(
            shop(told, line(quantity=2), placed, FORGED, cart=edited, context=reserved())
        )
        ids = [one["id"] for one in answer["lines"]]
        assert ids == [BOUGHT, "lbpoints-old12345", FORGED["id"]]


def test_a_sum_off_the_gift_alone_that_comes_when_all_is_free_fails_no_basket(
    twig: RealTwig,
) -> None:
    """The shop divides by what its lines cost before it sees that nothing is left."""
    free = {"id": "7" * 32, "type": "percentage", "value": 100}
    off = {"id": "6" * 32, "type": "absolute", "value": 5}
    off_mug, off_cheapest = {**off, "products": [MUG]}, {**off, "pieces": 1}
    for others, comes in (
        ([free, off_mug], []),
        ([free, off_cheapest], []),
        ([free, off], FREE_MUG),
        ([free], FREE_MUG),
    ):
        answer = twig.cart(shop([rule()], line(quantity=2), promotions=others))
        assert given(answer) == comes
        assert sum(one["total"] for one in answer["lines"]) == 0
        assert answer["passes"] <= 4


# -- the promotion that makes it free while the app is off -----------------------------------------

BESIDE = rule(promotion="1" * 32)


def test_it_gives_no_second_one_and_says_nothing(twig: RealTwig) -> None:
    """Also to who bought the same, and where other promotions take everything off. An order can be
    made of each of these baskets: nothing of it stays in their deliveries."""
    all_off = {"id": "all", "type": "percentage", "value": 100}
    for more in ([], [all_off]):
        for bought in ([], [line(MUG, 3)]):
            described = shop(
                [BESIDE], line(quantity=2), *bought, promotions=[*more, native(BESIDE)]
            )
            answer = twig.cart(described)
            assert given(answer) == FREE_MUG
            assert [one["id"] for one in answer["lines"] if one["type"] == "promotion"] == [
                one["id"] for one in more
            ]
            paid = sum(one["total"] for one in answer["lines"])
            assert paid == (0 if more else 120 + 60 * len(bought))
            assert answer["errors"] == [f"promotion-discount-added-{one['id']}" for one in more]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("a rule that is not understood", [{**BESIDE, "amount": "much"}]),
        ("a rule that names no promotion of this one's", [rule(promotion="2" * 32)]),
        ("no list", "gifts"),
    ],
)
def test_it_holds_alone_where_the_script_knows_nothing_of_it(
    twig: RealTwig, what: str, told: Any
) -> None:
    described = shop(told, line(quantity=1), line(MUG, 1), promotions=[native(BESIDE)])
    answer = twig.cart(described)
    assert total_of(answer, native(BESIDE)["id"]) == Decimal("-20.00"), what
    assert given(answer) == []


def test_points_pay_what_a_promotion_that_holds_while_the_app_is_off_would_give(
    twig: RealTwig,
) -> None:
    """He took the gift out and buys the same: the shop works it out as free once more."""
    described = shop(
        [BESIDE],
        line(quantity=2),
        line(MUG),
        promotions=[native(BESIDE)],
        states=[TAKEN_OUT],
        context=reserved(redeem_worth=500),
    )
    answer = twig.cart(described)
    assert given(answer) == []
    assert total_of(answer, "lbpoints-r1234567") == Decimal("-140.00")


# -- at random: the sandbox says the same ---------------------------------------------------------


OTHERS = "promotion-discount-added-promotion-"
"""The shop tells of the merchant's own discounts; not of ours, and of no gift."""


def test_the_sandbox_does_to_any_basket_what_the_script_does(twig: RealTwig) -> None:
    dice = random.Random(6)
    now = int(time.time())
    came = 0
    for _ in range(800):
        described = basket(dice)
        answer = twig.cart(described)
        found, off = expected(described, now)
        wanted = sorted((one.product_id, one.quantity, 0) for one in found)
        assert given(answer) == wanted, described
        for line_id, amount in off.items():
            taken = total_of(answer, line_id)
            assert taken is not None and abs(taken + amount) <= Decimal("0.02"), described
        named = {one["id"] for one in answer["lines"] if one["type"] in ("promotion", "discount")}
        assert named == set(off), described
        told = {one for one in answer["errors"] if not one.startswith(OTHERS)}
        assert told == set(), described
        assert sum(one["total"] for one in answer["lines"]) > -0.005, described
        came += bool(wanted)
    assert 100 < came < 500


SEEN, TAKEN_OUT = f"lbgift-{MUG}-in", f"lbgift-{MUG}-no"


def basket(dice: random.Random) -> dict[str, Any]:
    """Prices are whole, so that no threshold is missed by a part of a cent."""
    bought = [f"{number}" * 32 for number in range(1, 5)]
    products = {
        one: {"price": dice.randint(1, 90), "rate": dice.choice([7, 19])} for one in [*bought, MUG]
    }
    products[CAP] = {"price": 15, "rate": 7, **dice.choice(TERMS)}
    lines = [line(one, dice.randint(1, 4)) for one in bought[: dice.randint(1, 4)]]
    if dice.random() < 0.3:
        lines.append(line(MUG, dice.randint(1, 2)))
    if dice.random() < 0.4:
        lines.append({**FORGED, "quantity": dice.choice([1, 1, 5])})
    held = {
        "redeem_worth": dice.randint(1, 400),
        "redeem_currency": dice.choice([EUR, USD]),
        "redeem_share": dice.choice([None, 100, 30, 12.5]),
    }
    fields = reserved(**held) if dice.random() < 0.3 else context()
    if fields["customer"]:
        fields["customer"]["customFields"]["loyalty_bridge_tier_key"] = dice.choice(["gold", ""])
    fields["taxState"] = dice.choice(["net", "gross", "tax-free"])
    fields["currency"] = dice.choice([{"id": EUR, "factor": 1}, {"id": USD, "factor": 1.25}])
    rules = [random_rule(dice) for _ in range(dice.randint(0, 4))]
    promotions = [random_promotion(dice, number) for number in range(dice.randint(0, 3))]
    if dice.random() < 0.5:
        promotions += natives_of(rules)
    return shop(
        rules,
        *lines,
        products=products,
        context=fields,
        promotions=promotions,
        keepsPrices=dice.random() < 0.5,
        states=dice.choice([[], [], [SEEN], [TAKEN_OUT]]),
    )


TERMS: list[dict[str, int]] = [{}, {}, {"max": 0}, {"min": 2}, {"max": 1}, {"min": 2, "steps": 2}]


def random_rule(dice: random.Random) -> Any:
    if dice.random() < 0.1:
        return dice.choice([None, "x", {}, rule(product=[]), rule(amount="x"), rule(groups=3)])
    amount = dice.randint(1, 250) + 0.37
    return rule(
        rule=dice.choice(["one", "two"]),
        product=dice.choice([MUG, CAP, "0" * 31 + "f"]),
        quantity=dice.choice([1, 1, 2]),
        amount=amount,
        base=amount,
        gross=dice.random() < 0.5,
        after=dice.random() < 0.3,
        groups=dice.choice([[], [], [GROUP], ["7" * 32]]),
        tiers=dice.choice([[], [], [], ["gold"]]),
        until=dice.choice([None, None, 99_999_999_999, 5]),
    )


def natives_of(rules: list[Any]) -> list[dict[str, Any]]:
    """The shop's own promotion of each rule that is understood, behind all others."""
    found = []
    for number, one in enumerate(rules):
        named = {**one, "promotion": f"{number}" * 32} if isinstance(one, dict) else one
        if natives([named], int(time.time())):
            rules[number] = named
            found.append(native(named))
    return found


def native(one: dict[str, Any]) -> dict[str, Any]:
    """Of a rule: its pieces are free, the cheapest first, whoever put them in."""
    return {
        "id": f"native-{one['promotion']}",
        "promotion": one["promotion"],
        "type": "percentage",
        "value": 100,
        "products": [one["product"]],
        "pieces": one["quantity"],
    }


def random_promotion(dice: random.Random, number: int) -> dict[str, Any]:
    kind = dice.choice(["percentage", "absolute"])
    promotion: dict[str, Any] = {"id": f"promotion-{number}", "type": kind}
    promotion["value"] = dice.choice([dice.randint(1, 60), dice.randint(1, 60), 100])
    if dice.random() < 0.4:
        promotion["products"] = dice.choice([["1" * 32, MUG], ["1" * 32]])
    return promotion
