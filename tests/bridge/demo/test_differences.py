"""What counts as a difference between two dumps of a shop."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.demo.differences import differences

ROW = {"sku": "A", "price": 1, "updated_at": "yesterday"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"prices": [ROW]}, {"prices": [ROW]}, []),
        ({"prices": [ROW]}, {"prices": [{**ROW, "updated_at": "today"}]}, []),
        (
            {"prices": [ROW]},
            {"prices": [{**ROW, "price": 2}]},
            ['- prices {"price": 1, "sku": "A"}', '+ prices {"price": 2, "sku": "A"}'],
        ),
        ({"prices": [ROW, ROW]}, {"prices": [ROW]}, ['- prices {"price": 1, "sku": "A"}']),
        ({}, {"rule": {"7": {"x": 1}}}, ['+ rule {"key": "7", "value": {"x": 1}}']),
        ({"rule": {}}, {}, []),
        ({"module": None}, {"module": {"x": 1}}, ['+ module {"key": "x", "value": 1}']),
    ],
    ids=[
        "same",
        "time of a save",
        "changed",
        "one of two equal rows",
        "new table",
        "empty table",
        "no table",
    ],
)
def test_rows_are_compared_whatever_their_order(
    before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    assert [str(one) for one in differences(before, after)] == expected
