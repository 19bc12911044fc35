"""What is done about the gifts of one basket, case by case."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bridge.gifts.models import GiftState
from bridge.gifts.rules import (
    MOST_TRIES,
    Add,
    GiftOffer,
    Remembered,
    Remove,
    decide,
    moved_away,
    needs_totals,
    seen,
    worth,
)
from connectors.rewards import Cart, CartItem, CartTotals, Threshold
from connectors.sales import Money

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
FROM_50 = Threshold(Decimal(50))
MUG = GiftOffer("mug", "s1", "MUG", 1, FROM_50)


def money(amount: int | str) -> Money:
    return Money(Decimal(amount), Decimal(amount) * 2)


def item(id_: str, product_id: str, quantity: int = 1) -> CartItem:
    return CartItem(id_, product_id, product_id, Decimal(quantity))


def basket(*items: CartItem, **fields: object) -> Cart:
    given = {"id": "c", "store_id": "s1", "changed_at": NOW, "group_id": "0", "items": items}
    return Cart(**{**given, **fields})  # type: ignore[arg-type]


def totals(discount: int = 0, discounts: bool = False, **by_item: int) -> CartTotals:
    """What the lines cost, by item id; with ``discounts`` all of it is said to be on ``g``."""
    return CartTotals(
        money(sum(by_item.values())),
        money(discount),
        {id_: money(price) for id_, price in by_item.items()},
        {"g": money(discount)} if discounts else None,
    )


GIVEN = Remembered("mug", "s1", "MUG", 1, GiftState.ADDED, "g")
SHIRT = item("a", "SHIRT")
OURS = item("g", "MUG")


# --- adding ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "offer", "added"),
    [
        (49, MUG, False),
        (50, MUG, True),
        (25, replace(MUG, threshold=Threshold(Decimal(50), is_gross=True)), True),
        (24, replace(MUG, threshold=Threshold(Decimal(50), is_gross=True)), False),
        (60, replace(MUG, group_ids=("3",)), False),
        (60, replace(MUG, group_ids=("0", "3")), True),
        (60, replace(MUG, store_id="s2"), False),
        (60, replace(MUG, starts_at=NOW), True),
        (60, replace(MUG, starts_at=NOW + DAY), False),
        (60, replace(MUG, ends_at=NOW), False),
        (60, replace(MUG, ends_at=NOW + DAY), True),
    ],
)
def test_it_is_added_from_the_threshold_on_to_whom_it_is_for(
    price: int, offer: GiftOffer, added: bool
) -> None:
    step = decide(basket(SHIRT), [offer], {}, totals(a=price), NOW)
    assert step == (Add(offer) if added else None)


@pytest.mark.parametrize(
    "cart",
    [
        basket(SHIRT, in_checkout=True),
        basket(SHIRT, is_open=False),
        basket(SHIRT, item("b", "MUG")),
        basket(SHIRT, item("b", "mug")),
    ],
    ids=["in checkout", "ordered", "bought by himself", "however it is spelled"],
)
def test_nothing_is_added_to(cart: Cart) -> None:
    assert decide(cart, [MUG], {}, totals(a=90, b=10), NOW) is None


@pytest.mark.parametrize(
    ("remembered", "again"),
    [
        (replace(GIVEN, state=GiftState.REMOVED, item_id=""), True),
        (replace(GIVEN, state=GiftState.REMOVED, not_before=NOW + DAY), False),
        (replace(GIVEN, state=GiftState.REMOVED, not_before=NOW - DAY), True),
        (replace(GIVEN, state=GiftState.REMOVED, attempts=MOST_TRIES), False),
        (replace(GIVEN, state=GiftState.DECLINED), False),
        (replace(GIVEN, state=GiftState.ADDING, is_leased=True), False),
        (replace(GIVEN, state=GiftState.REMOVING, is_leased=True), False),
    ],
)
def test_whether_it_is_added_again(remembered: Remembered, again: bool) -> None:
    step = decide(basket(SHIRT), [MUG], {"mug": remembered}, totals(a=90), NOW)
    assert (step == Add(MUG)) is again
    assert needs_totals(basket(SHIRT), [MUG], {"mug": remembered}, NOW) is again


def test_two_rules_give_one_after_the_other_and_one_product_once() -> None:
    cap = GiftOffer("cap", "s1", "CAP", 1, Threshold(Decimal(80)))
    again = GiftOffer("second", "s1", "MUG", 1, FROM_50)
    cart = basket(SHIRT, OURS)
    found = totals(a=85, g=10)
    assert decide(cart, [again, cap, MUG], {"mug": GIVEN}, found, NOW) == Add(cap)
    assert decide(cart, [again, MUG], {"mug": GIVEN}, found, NOW) is None


# --- taking out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offers", "price", "removed"),
    [
        ([MUG], 50, False),
        ([MUG], 45, True),  # 45 and the mug itself would be 55
        ([], 90, True),
        ([replace(MUG, ends_at=NOW)], 90, True),
        ([replace(MUG, group_ids=("3",))], 90, True),
        ([replace(MUG, product_id="CUP")], 90, True),
        ([replace(MUG, quantity=2)], 90, True),
    ],
)
def test_it_is_taken_out_when_it_would_not_be_free(
    offers: list[GiftOffer], price: int, removed: bool
) -> None:
    step = decide(basket(SHIRT, OURS), offers, {"mug": GIVEN}, totals(a=price, g=10), NOW)
    assert step == (Remove(GIVEN) if removed else None)


def test_nothing_is_taken_out_once_a_checkout_has_begun() -> None:
    cart = basket(SHIRT, OURS, in_checkout=True)
    assert decide(cart, [], {"mug": GIVEN}, totals(a=1, g=10), NOW) is None


@pytest.mark.parametrize(
    ("moved", "gift", "fields", "removed"),
    [
        ({("mug", "s1")}, GIVEN, {}, True),
        ({("mug", "s1")}, GIVEN, {"in_checkout": True}, True),
        ({("mug", "s1")}, GIVEN, {"is_open": False}, False),
        ({("mug", "s1")}, replace(GIVEN, state=GiftState.DECLINED), {}, False),
        ({("mug", "s2"), ("cap", "s1")}, GIVEN, {}, False),
    ],
)
def test_what_a_plugin_gives_by_now_is_taken_out_in_a_checkout_too(
    moved: set[tuple[str, str]], gift: Remembered, fields: dict[str, bool], removed: bool
) -> None:
    """There the shopper would pay for it, beside the one he is given."""
    step = moved_away(basket(SHIRT, OURS, **fields), {"mug": gift}, moved)
    assert step == (Remove(gift) if removed else None)


def test_where_the_shop_does_not_tell_what_lines_cost_it_stays() -> None:
    told = CartTotals(money(20))
    assert decide(basket(SHIRT, OURS), [MUG], {"mug": GIVEN}, told, NOW) is None


# --- worth -----------------------------------------------------------------------------------

AFTER = Threshold(Decimal(50), after_discounts=True)


@pytest.mark.parametrize(
    ("found", "ours", "threshold", "least", "most"),
    [
        (totals(a=60), (), FROM_50, 60, 60),
        (totals(a=60, g=10), ("g",), FROM_50, 60, 60),
        (totals(a=60, discount=15), (), FROM_50, 60, 60),
        (totals(a=60, discount=15), (), AFTER, 45, 45),
        # 10 of the 15 may be the gift's own discount, or not; the shop tells the second time.
        (totals(a=60, g=10, discount=15), ("g",), AFTER, 45, 55),
        (totals(a=60, g=10, discount=10, discounts=True), ("g",), AFTER, 60, 60),
        (totals(a=60, g=10, discount=5), ("g",), AFTER, 55, 60),
    ],
)
def test_what_a_basket_is_worth_without_its_gifts(
    found: CartTotals, ours: tuple[str, ...], threshold: Threshold, least: int, most: int
) -> None:
    assert worth(found, ours, threshold) == (least, most)


def test_while_it_cannot_be_told_everything_stays_as_it_is() -> None:
    offer = replace(MUG, threshold=AFTER)
    doubtful = totals(a=60, g=10, discount=15)
    assert decide(basket(SHIRT, OURS), [offer], {"mug": GIVEN}, doubtful, NOW) is None
    low = totals(a=60, g=10, discount=21)
    assert decide(basket(SHIRT, OURS), [offer], {"mug": GIVEN}, low, NOW) == Remove(GIVEN)


# --- looking ---------------------------------------------------------------------------------

ADDING = replace(GIVEN, state=GiftState.ADDING, item_id="", items_before=frozenset("a"))
SENT = replace(ADDING, is_leased=True)
REMOVING = replace(GIVEN, state=GiftState.REMOVING)
REMOVED = replace(GIVEN, state=GiftState.REMOVED, item_id="")


@pytest.mark.parametrize(
    ("before", "cart", "state", "item_id"),
    [
        (ADDING, basket(SHIRT, OURS), GiftState.ADDED, "g"),
        (SENT, basket(SHIRT, OURS), GiftState.ADDED, "g"),
        (ADDING, basket(SHIRT), GiftState.REMOVED, ""),
        (SENT, basket(SHIRT), GiftState.ADDING, ""),
        (ADDING, basket(SHIRT, item("g", "MUG", 3)), GiftState.DECLINED, "g"),
        (ADDING, basket(item("a", "MUG")), GiftState.REMOVED, ""),
        (ADDING, basket(SHIRT, OURS, is_open=False), GiftState.ORDERED, "g"),
        (ADDING, basket(SHIRT, is_open=False), GiftState.REMOVED, ""),
        (ADDING, None, GiftState.REMOVED, ""),
        (GIVEN, basket(SHIRT, OURS), GiftState.ADDED, "g"),
        (GIVEN, basket(SHIRT), GiftState.DECLINED, "g"),
        (GIVEN, basket(SHIRT, item("h", "MUG")), GiftState.DECLINED, "g"),
        (GIVEN, basket(SHIRT, item("g", "MUG", 2)), GiftState.DECLINED, "g"),
        (GIVEN, basket(SHIRT, OURS, is_open=False), GiftState.ORDERED, "g"),
        (GIVEN, None, GiftState.REMOVED, ""),
        (REMOVING, basket(SHIRT, OURS), GiftState.ADDED, "g"),
        (replace(REMOVING, is_leased=True), basket(SHIRT, OURS), GiftState.REMOVING, "g"),
        (REMOVING, basket(SHIRT), GiftState.REMOVED, ""),
        (REMOVING, basket(SHIRT, OURS, is_open=False), GiftState.ORDERED, "g"),
        (REMOVED, basket(SHIRT, OURS), GiftState.REMOVED, ""),
        (REMOVED, None, GiftState.REMOVED, ""),
        (replace(GIVEN, state=GiftState.DECLINED), basket(SHIRT, OURS), GiftState.DECLINED, "g"),
        (replace(GIVEN, state=GiftState.ORDERED), None, GiftState.ORDERED, "g"),
    ],
)
def test_what_a_look_into_the_basket_tells(
    before: Remembered, cart: Cart | None, state: GiftState, item_id: str
) -> None:
    after = seen(before, cart)
    assert (after.state, after.item_id) == (state, item_id)


def test_one_of_fewer_pieces_is_still_ours() -> None:
    two = replace(GIVEN, quantity=2)
    assert seen(two, basket(SHIRT, OURS)) == two
