"""A gift that the shopper takes out of the basket, over several requests, in real Twig."""

from __future__ import annotations

import random
from typing import Any

import pytest

from .baskets import BOUGHT, CAP, MUG, given, line, rule, shop
from .conftest import RealTwig

FREE_MUG = [(MUG, 1, 0)]
GIFT = f"lbgift-{MUG}"
SEEN, TAKEN_OUT = f"{GIFT}-in", f"{GIFT}-no"
SOLD_OUT = {"price": 20, "rate": 19, "max": 0}


class Basket:
    """Lines and states from one request to the next, as the shop stores them."""

    def __init__(self, twig: RealTwig, *lines: dict[str, Any]) -> None:
        self._twig = twig
        self.told: Any = [rule()]
        self.lines = list(lines)
        self.states: list[str] = []
        self.products = shop([])["products"]
        self.promotions: list[dict[str, Any]] = []

    def ask(self, **values: Any) -> dict[str, Any]:
        described = shop(self.told, *self.lines, states=self.states, products=self.products)
        answer: dict[str, Any] = self._twig.cart(
            {**described, "promotions": self.promotions, **values}
        )
        self.lines = [
            {**one, "label": "A label"} for one in answer["lines"] if one["type"] == "product"
        ]
        self.states = answer["states"]
        return answer

    def gifts(self) -> list[tuple[str, int, float]]:
        return given(self.ask())

    def take_out(self, line_id: str = GIFT) -> dict[str, Any]:
        before = len(self.lines)
        self.lines = [one for one in self.lines if one["id"] != line_id]
        assert len(self.lines) == before - 1, "it was there"
        return self.ask()

    def buy(self, quantity: int) -> None:
        self.lines = [one for one in self.lines if one["id"] != BOUGHT]
        self.lines += [line(quantity=quantity)] if quantity else []

    def an_hour_later(self) -> None:
        self.states = [one for one in self.states if one in (SEEN, TAKEN_OUT)]


@pytest.fixture
def basket(twig: RealTwig) -> Basket:
    found = Basket(twig, line(quantity=2))
    assert found.gifts() == FREE_MUG
    assert found.states == [SEEN]
    return found


def test_it_stays_out_until_the_basket_is_worth_it_anew(basket: Basket) -> None:
    answer = basket.take_out()
    assert (given(answer), basket.states) == ([], [TAKEN_OUT])
    assert answer["passes"] == 2, "nothing flips within a request"
    basket.buy(3)
    assert basket.gifts() == []
    basket.buy(1)
    assert (basket.gifts(), basket.states) == ([], [])
    basket.buy(2)
    assert basket.gifts() == FREE_MUG


def test_one_of_two_is_taken_out(basket: Basket) -> None:
    basket.told = [rule(), rule(product=CAP)]
    assert basket.gifts() == [*FREE_MUG, (CAP, 1, 0)]
    basket.take_out(f"lbgift-{CAP}")
    assert basket.gifts() == FREE_MUG


def test_a_basket_that_was_emptied_begins_anew(basket: Basket) -> None:
    basket.take_out()
    basket.buy(0)
    assert (basket.gifts(), basket.states) == ([], [])
    basket.buy(2)
    assert basket.gifts() == FREE_MUG


@pytest.mark.parametrize("told", [None, [], "x", [{"product": [MUG]}, 7], [rule(until=1)]])
def test_rules_that_end_or_break_leave_nothing_behind(basket: Basket, told: Any) -> None:
    for takes_out in (False, True):
        if takes_out:
            basket.take_out()
        sound, basket.told = basket.told, told
        assert (basket.gifts(), basket.states) == ([], [])
        basket.told = sound
        assert basket.gifts() == FREE_MUG


@pytest.mark.parametrize(
    ("what", "terms"),
    [("sold out", SOLD_OUT), ("switched off", None), ("sold by three", {**SOLD_OUT, "min": 3})],
)
def test_what_the_shop_took_out_comes_back(
    basket: Basket, what: str, terms: dict[str, Any] | None
) -> None:
    """A line that lay there is named by its label where the product is gone."""
    sound = basket.products.pop(MUG)
    if terms is not None:
        basket.products[MUG] = terms
    for _ in range(2):
        assert basket.gifts() == [], what
        assert SEEN not in basket.states and TAKEN_OUT not in basket.states
    basket.products[MUG] = sound
    basket.an_hour_later()
    assert basket.gifts() == FREE_MUG


def test_the_shops_word_on_a_bought_piece_of_a_gifts_product_stays(basket: Basket) -> None:
    """It speaks of all lines of a product at once, and of a gift nobody wants to hear it."""
    told = [f"product-out-of-stock{MUG}"]
    sold, bought = basket.products[MUG], line(MUG)
    basket.lines.append(bought)
    assert (basket.gifts(), basket.ask()["errors"]) == (FREE_MUG, [])
    basket.products[MUG] = SOLD_OUT
    assert basket.ask()["errors"] == told, "it went together with the gift"
    assert (basket.ask()["errors"], given(basket.ask())) == ([], [])
    basket.lines.append(bought)
    assert basket.ask()["errors"] == told, "it was put in while there was no gift"
    basket.an_hour_later()
    assert (basket.ask()["errors"], given(basket.ask())) == ([], [])
    basket.an_hour_later()
    basket.lines.append(bought)
    assert basket.ask()["errors"] == told, "and when the gift was due to be tried again"
    basket.products[MUG] = sold
    basket.an_hour_later()
    assert (basket.gifts(), basket.states) == (FREE_MUG, [SEEN])


def test_what_the_script_took_out_comes_back(basket: Basket) -> None:
    basket.promotions = [{"id": "5" * 32, "type": "fixed", "value": 5, "scope": "setgroup"}]
    assert basket.gifts() == []
    basket.promotions = []
    assert basket.gifts() == FREE_MUG
    basket.told = [rule(quantity=2)]
    assert basket.gifts() == [(MUG, 2, 0)]


def test_a_basket_that_is_merged_with_another_at_sign_in(basket: Basket) -> None:
    """Lines are brought along and add up; what is remembered is the other basket's."""
    twice = [{**one, "quantity": 2} for one in basket.lines]
    basket.lines = twice
    assert (basket.gifts(), basket.states) == (FREE_MUG, [SEEN])
    brought = [one for one in basket.lines if one["id"] == GIFT]
    basket.take_out()
    basket.lines += brought
    assert (basket.gifts(), basket.states) == (FREE_MUG, [SEEN])


def test_a_line_of_the_apps_first_versions_can_be_taken_out(basket: Basket) -> None:
    basket.lines = [{**one, "removable": False} for one in basket.lines]
    (gift,) = [one for one in basket.ask()["lines"] if one["id"] == GIFT]
    assert gift["removable"]


def test_an_order_that_is_edited_forgets_nothing(basket: Basket) -> None:
    basket.take_out()
    basket.ask(cart={"extensions": {"originalId": {"id": "1" * 32}}})
    assert basket.states == [TAKEN_OUT]


def test_states_of_others_stay(basket: Basket) -> None:
    basket.states = ["another-no", "7", SEEN]
    basket.told = []
    basket.ask()
    assert basket.states == ["another-no", "7"]


def test_any_walk_through_a_basket(twig: RealTwig) -> None:
    """Bought more and less, taken out, sold out and back: it is there exactly when it is due."""
    dice = random.Random(8)
    seen, out = 0, 0
    basket, is_declined, stock = Basket(twig), False, True
    for _ in range(400):
        has = any(one["id"] == GIFT for one in basket.lines)
        step = dice.choice(["more", "less", "out", "out", "stock", "nothing"])
        if step in ("more", "less"):
            basket.buy(dice.choice([2, 3]) if step == "more" else dice.choice([0, 1]))
        elif step == "stock":
            stock = not stock
            basket.products[MUG] = {"price": 20, "rate": 19} if stock else SOLD_OUT
            basket.an_hour_later()
        is_worth = sum(one["quantity"] for one in basket.lines if one["id"] == BOUGHT) >= 2
        takes_out = step == "out" and has
        is_declined = is_worth and (is_declined or takes_out)
        answer = basket.take_out() if takes_out else basket.ask()
        due = is_worth and stock and not is_declined
        assert (given(answer), answer["errors"]) == (FREE_MUG if due else [], []), step
        assert (SEEN in basket.states, TAKEN_OUT in basket.states) == (due, is_declined), step
        seen, out = seen + due, out + takes_out
    assert seen > 30 and out > 10
