"""One spelling for a rule, however the shop tells it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.magento.rule_text import ALL_GROUPS, fields_of, text_of, told

GROUPS = [0, 1, 2, 3]
Row = dict[str, Any]


@pytest.fixture
def row(recorded: Any) -> Row:
    """As the recorded shop tells its gift rule."""
    found: Row = recorded("cart_price_rules", 12)["response"]["body"]
    return found


def _as_saved_by_an_admin(row: Row) -> None:
    row["condition"]["value"] = True
    row["condition"]["conditions"][0]["value"] = "100.0000"
    row["action_condition"]["condition_type"] = "\\" + row["action_condition"]["condition_type"]


def _with_other_numbers(row: Row) -> None:
    row |= {"discount_amount": "100.0000", "discount_qty": "1.0000", "sort_order": "10"}
    row |= {"customer_group_ids": ["3", "1", "0", "2"], "website_ids": ["1"]}


def _with_times(row: Row) -> None:
    row |= {"from_date": "2026-01-01 00:00:00", "times_used": 44, "extra": {"by": "a module"}}


def _with_translations(row: Row) -> None:
    row["store_labels"] = [*row["store_labels"], {"store_id": 2, "store_label": "Cadeau"}]


@pytest.mark.parametrize(
    "retold", [_as_saved_by_an_admin, _with_other_numbers, _with_times, _with_translations]
)
def test_other_words_for_the_same_are_the_same(row: Row, retold: Callable[[Row], None]) -> None:
    again = copy.deepcopy(row)
    retold(again)
    assert text_of(told(again, GROUPS)) == text_of(told(row, GROUPS))


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"is_active": False},
        {"discount_amount": 99.99},
        {"discount_qty": 2},
        {"customer_group_ids": [0, 1]},
        {"website_ids": [1, 2]},
        {"to_date": None},
        {"coupon_type": "SPECIFIC_COUPON"},
        {"stop_rules_processing": True},
        {"condition": None},
        {"action_condition": {}},
        {"store_labels": [{"store_id": 0, "store_label": "Free"}]},
    ],
)
def test_what_somebody_changed_shows(row: Row, change: Row) -> None:
    assert told({**row, **change}, GROUPS) != told(row, GROUPS)


def test_a_new_group_shows(row: Row) -> None:
    """A rule for everyone is one for all groups there are."""
    assert told(row, GROUPS)["customer_group_ids"] == ALL_GROUPS
    assert told(row, [*GROUPS, 4])["customer_group_ids"] == GROUPS


@pytest.mark.parametrize("text", ["", "{}", "[]", "no text", '{"name": "x"}'])
def test_what_is_no_text_of_ours_is_refused(text: str) -> None:
    with pytest.raises(Rejected):
        fields_of(text)
