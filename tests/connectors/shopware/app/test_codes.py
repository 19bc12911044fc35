"""Vouchers are taken from their owners alone, in real Twig, and nothing ever fails a basket."""

from __future__ import annotations

import random
from typing import Any

import pytest

from connectors.shopware.code_owners import FIELD, name_of
from connectors.shopware.sandbox.cart_script import code_taken

from .baskets import CHANNEL, EUR, context, given, line, rule, shop, total_of
from .conftest import RealTwig

CODE = "LB-7Q2MX-0RW4T-KZ91C"
NAME = name_of(CODE)
PROMOTION, DISCOUNT = "7" * 32, "6" * 32
VOUCHER = {"id": DISCOUNT, "promotion": PROMOTION, "type": "absolute", "value": 10, "code": CODE}
GUARDED = {f"guarded_{PROMOTION}": True}
ADDED = f"promotion-discount-added-{DISCOUNT}"
OF_ANOTHER, SIGN_IN = "loyalty-bridge-code-of-another", "loyalty-bridge-code-sign-in"


def owner(value: Any = 1, **more: Any) -> dict[str, Any]:
    return {"guest": False, "customFields": {f"{FIELD}{NAME}": value, **more}}


STRANGER = {"guest": False, "customFields": {f"{FIELD}lb_another": 1}}


def basket(customer: Any, typed: str = CODE, **values: Any) -> dict[str, Any]:
    config = values.pop("config", GUARDED)
    told = {"context": context(customer=customer), "promotions": [VOUCHER], "codes": [typed]}
    return shop(None, line(), **{**told, **values}) | {"config": config}


def carried(answer: dict[str, Any]) -> list[str]:
    """Codes that take something off."""
    promotions = [one for one in answer["lines"] if one["type"] == "promotion"]
    return [one["code"] for one in promotions if one["total"] < 0]


def test_the_owner_saves(twig: RealTwig) -> None:
    for typed in (CODE, CODE.lower(), f"{CODE} "):
        answer = twig.cart(basket(owner(), typed))
        assert total_of(answer, DISCOUNT) == -10
        assert (answer["errors"], answer["codes"]) == ([ADDED], [typed])
        assert carried(answer) == [CODE], "else the shop does not mark it as used"


@pytest.mark.parametrize(
    "customer",
    [
        STRANGER,
        {"guest": False, "customFields": None},
        {"guest": False, "customFields": []},
        {"guest": False, "customFields": "x"},
        {"guest": True, "customFields": {}},
        *(owner(value) for value in (None, False, 0, "", [])),
    ],
)
def test_a_stranger_is_told_and_pays_the_price(twig: RealTwig, customer: Any) -> None:
    """The code leaves the basket with its discount, out of the delivery too: he can order."""
    answer = twig.cart(basket(customer, CODE.lower()))
    assert total_of(answer, DISCOUNT) is None
    assert (answer["says"], answer["codes"]) == ([OF_ANOTHER], [])


def test_who_is_not_signed_in_keeps_it_until_he_is(twig: RealTwig) -> None:
    """As a line: a basket that was kept for him gets the lines of this one at the sign-in, and
    nothing else (CartRestorer::mergeCart)."""
    answer = twig.cart(basket(None))
    assert total_of(answer, DISCOUNT) == 0
    assert [one["meant"] for one in answer["lines"] if one["id"] == DISCOUNT] == ["absolute"]
    assert (answer["says"], answer["codes"]) == ([SIGN_IN], [CODE])
    assert answer["passes"] == 2, "nothing flips within a request"
    assert total_of(twig.cart(basket(owner(), answer["codes"][0])), DISCOUNT) == -10


def test_a_strangers_code_takes_nothing_from_a_discount_of_his_own(twig: RealTwig) -> None:
    """It would have left 5 of 60 for his."""
    his = {"id": "5" * 32, "type": "absolute", "value": 20}
    all_of_it = {**VOUCHER, "value": 55}
    answer = twig.cart(basket(STRANGER, promotions=[all_of_it, his]))
    assert total_of(answer, his["id"]) == -20


def test_a_refused_code_counts_against_no_gift(twig: RealTwig) -> None:
    """It is taken out before gifts are judged, by what is left to pay."""
    config = GUARDED | {"gifts": [rule(after=True, amount=55, base=55)]}
    for customer, comes in ((STRANGER, True), (owner(), False)):
        assert bool(given(twig.cart(basket(customer, config=config)))) is comes


def test_beside_a_gift_and_points_a_refused_code_changes_nothing(twig: RealTwig) -> None:
    """Nor does it keep a discount that only the price of the gift earned."""
    unearned = {"id": "5" * 32, "type": "percentage", "value": 10, "from": 130}
    his = {"id": "4" * 32, "type": "absolute", "value": 5}
    held = {"key": "r1234567", "worth": 100, "until": 99_999_999_999, "channel": CHANNEL}
    fields = {f"loyalty_bridge_redeem_{name}": value for name, value in held.items()}
    fields["loyalty_bridge_redeem_currency"] = EUR

    def lines(customer: Any, *promotions: Any) -> dict[str, float]:
        config = GUARDED | {"gifts": [rule()]}
        told: dict[str, Any] = {"promotions": [*promotions, unearned, his], "config": config}
        answer = twig.cart(basket(customer, **told) | {"lines": [line(quantity=2)]})
        assert answer["passes"] <= 3
        return {one["id"]: one["total"] for one in answer["lines"] if one["id"] != DISCOUNT}

    for customer in (None, {"guest": False, "customFields": fields}, {**STRANGER, "guest": True}):
        found = lines(customer, VOUCHER)
        assert found == lines(customer)
        assert unearned["id"] not in found


def test_a_code_that_waits_for_the_sign_in_costs_no_gift(twig: RealTwig) -> None:
    """Its line still says what it would take off which line."""
    config = GUARDED | {"gifts": [rule(after=True, amount=110, base=110)]}
    his = {"id": "5" * 32, "type": "absolute", "value": 5}
    for terms in ({"type": "percentage"}, {"type": "fixed"}, {"value": 100}):
        described = basket(None, promotions=[his, {**VOUCHER, **terms}], config=config)
        answer = twig.cart(described | {"lines": [line(quantity=2)]})
        assert (len(given(answer)), total_of(answer, his["id"])) == (1, -5), terms
        assert answer["passes"] == 3, "it came once, and stayed"


def test_two_accounts_of_one_member_are_both_his(twig: RealTwig) -> None:
    for customer in (owner(), owner(**{f"{FIELD}lb_another": 1})):
        assert total_of(twig.cart(basket(customer)), DISCOUNT) == -10


@pytest.mark.parametrize("customer", [None, STRANGER, {"guest": True, "customFields": {}}])
def test_one_that_is_anybodys_is(twig: RealTwig, customer: Any) -> None:
    config = GUARDED | {f"open_{NAME}": True}
    assert total_of(twig.cart(basket(customer, config=config)), DISCOUNT) == -10


@pytest.mark.parametrize("value", [None, False, 0, 1, "true", "", [], {}, [True], 1.5])
def test_what_does_not_say_so_clearly_guards_nothing(twig: RealTwig, value: Any) -> None:
    config = {f"guarded_{PROMOTION}": value, "gifts": value}
    assert total_of(twig.cart(basket(STRANGER, config=config)), DISCOUNT) == -10


def test_codes_and_promotions_of_the_merchants_own_are_left_alone(twig: RealTwig) -> None:
    summer = {"id": "5" * 32, "type": "percentage", "value": 10, "code": "SUMMER"}
    week = {"id": "4" * 32, "type": "percentage", "value": 10}
    described = basket(STRANGER, promotions=[VOUCHER, summer, week], codes=[CODE, "SUMMER"])
    answer = twig.cart(described)
    named = {one["id"] for one in answer["lines"] if one["type"] == "promotion"}
    assert named == {summer["id"], week["id"]}
    assert answer["codes"] == ["SUMMER"]


def test_an_order_that_is_edited_keeps_what_it_was_placed_with(twig: RealTwig) -> None:
    edited = {"extensions": {"originalId": {"id": "1" * 32}}}
    assert total_of(twig.cart(basket(STRANGER, cart=edited)), DISCOUNT) == -10


@pytest.mark.parametrize("payload", [[], ["x"], {"a": 1}, 7, True, "é" * 70, "x" * 500, "0"])
@pytest.mark.parametrize("entered", [[CODE], [CODE, "x"]])
def test_no_code_whatever_it_is_fails_a_basket(
    twig: RealTwig, payload: Any, entered: list[str]
) -> None:
    promotions = [
        {**VOUCHER, "payloadCode": payload},
        {**VOUCHER, "id": "5" * 32, "promotion": [1]},
    ]
    for customer in (None, STRANGER, owner([1])):
        twig.cart(basket(customer, promotions=promotions, codes=entered))


def test_the_sandbox_takes_the_same_codes(twig: RealTwig) -> None:
    dice = random.Random(7)
    values = (None, False, True, 0, 1, 1.5, "", "0", "x", [], [1], {"a": 1})
    taken = 0
    for _ in range(300):
        fields = {f"{FIELD}{NAME}": dice.choice(values)} if dice.random() < 0.7 else {}
        customer = dice.choice([None, {"guest": dice.random() < 0.3, "customFields": fields}])
        config = {
            f"guarded_{PROMOTION}": dice.choice([True, True, True, *values]),
            f"open_{NAME}": dice.choice([None, None, None, *values]),
        }
        typed = dice.choice([CODE, CODE.lower(), f"{CODE}  "])
        answer = twig.cart(basket(customer, typed, config=config))
        stays = bool(carried(answer))
        his = customer and customer["customFields"]
        told = code_taken(config.get, his, PROMOTION, typed)
        assert carried(answer) == ([] if told is None else [told]), (customer, config)
        taken += stays
    assert 60 < taken < 240
