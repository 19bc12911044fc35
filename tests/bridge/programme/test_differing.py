"""What two versions of a programme say differently."""

from __future__ import annotations

import pytest

from bridge.programme.differing import Difference, differences
from bridge.programme.loading import load_text

BASE = """\
programme: Acme
currency: EUR
groups:
  gold: {name: Gold, base: General}
price_lists:
  trade:
    groups: gold
    prices:
      A: [{from: 1, price: 9.50}, {from: 10, price: 9}]
points:
  ripen: {days: 14}
  rules:
    base: {per_amount: {points: 1, each: 1}}
    fast: {multiply: 2, when: {category: [Nuts, Bolts]}}
"""


@pytest.mark.parametrize(
    ("was", "is_now", "told"),
    [
        ("currency: EUR", "currency: CHF", [(("currency",), "EUR", "CHF")]),
        ("days: 14", "days: 0", [(("points", "ripen", "days"), "14", "0")]),
        (
            "points: 1, each: 1",
            "points: 2, each: 1",
            [(("points", "rules", "base", "per_amount", "points"), "1", "2")],
        ),
        (
            "    fast: {multiply: 2, when: {category: [Nuts, Bolts]}}\n",
            "",
            [
                (
                    ("points", "rules", "fast"),
                    "multiply: 2\nwhen:\n  category: [Nuts, Bolts]",
                    "",
                )
            ],
        ),
        (
            "[Nuts, Bolts]",
            "Nuts",
            [(("points", "rules", "fast", "when", "category"), "Nuts, Bolts", "Nuts")],
        ),
        (
            "price: 9}",
            "price: 8.5}",
            [(("price_lists", "trade", "prices", "A", "2", "price"), "9.00", "8.50")],
        ),
    ],
)
def test_each_field_that_differs_is_told(
    was: str, is_now: str, told: list[tuple[tuple[str, ...], str, str]]
) -> None:
    before = load_text(BASE, "a").document
    after = load_text(BASE.replace(was, is_now), "b").document
    found = differences(before, after)
    assert found.told == tuple(Difference(*one) for one in told)
    assert found.is_all


def test_groups_in_another_order_are_another_programme() -> None:
    before = load_text(BASE.replace("price_lists", "unused").split("unused")[0], "a").document
    two = before.model_copy(update={"groups": {**before.groups, "silver": before.groups["gold"]}})
    turned = two.model_copy(update={"groups": dict(reversed(two.groups.items()))})
    assert [one.path for one in differences(two, turned).told] == [("groups",)]
