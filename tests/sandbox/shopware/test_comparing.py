"""The comparer of the replay finds what differs, and nothing else."""

from __future__ import annotations

import pytest
from shopware_replay.comparing import Partners, differences

ONE, TWO, THREE = "1" * 32, "2" * 32, "3" * 32


@pytest.mark.parametrize(
    ("recorded", "ours"),
    [
        ({"total": 3}, {"total": 4}),
        ({"total": 3}, {"total": "3"}),
        ({"name": None}, {"name": "x"}),
        ({"a": 1}, {}),
        ({}, {"a": 1}),
        ([1, 2], [1]),
        ("No route found", "No route"),
        ({"updatedAt": "2026-11-22T15:00:15.696+00:00"}, {"updatedAt": None}),
        (["1980-05-17T00:00:00.000+00:00"], ["1981-05-17T00:00:00.000+00:00"]),
        (f"/0/translations/{ONE}/name", f"/1/translations/{TWO}/name"),
        (True, 1),
    ],
)  # fmt: skip
def test_a_difference_is_told(recorded: object, ours: object) -> None:
    assert differences(recorded, ours, Partners())


@pytest.mark.parametrize(
    ("recorded", "ours"),
    [
        ({"price": 119}, {"price": 119.0}),
        (["2026-11-22T15:00:15.696+00:00"], ["2027-01-01T00:00:00.000+00:00"]),
        ({"autoIncrement": 49}, {"autoIncrement": 3}),
        ("<jwt>", "abc"),
        (f"id({ONE})", f"id({TWO})"),
    ],
)  # fmt: skip
def test_what_cannot_be_equal_is_compared_by_form(recorded: object, ours: object) -> None:
    assert differences(recorded, ours, Partners()) == []


def test_an_id_keeps_its_partner() -> None:
    partners = Partners()
    assert differences([ONE, ONE], [TWO, TWO], partners) == []
    assert differences([ONE], [THREE], partners)
    assert differences([THREE], [TWO], partners)
    assert partners.translate(f"/api/rule/{ONE}") == f"/api/rule/{TWO}"
