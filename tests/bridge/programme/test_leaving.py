"""What a new version no longer says is named before anybody misses it."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.programme.document import Programme
from bridge.programme.leaving import left_out


def programme(**sections: Any) -> Programme:
    head = {"programme": "Acme", "currency": "EUR"}
    return Programme.model_validate({**head, **sections}, by_alias=True, by_name=False)


GROUPS = {"gold": {"name": "Gold", "base": "General"}, "silver": {"name": "S", "base": "General"}}
REDEMPTION = {"rate": {"points": 100, "amount": 1}, "step": 5}


@pytest.mark.parametrize(
    ("before", "after", "gone"),
    [
        ({}, {}, []),
        ({}, {"groups": GROUPS, "points": {}, "redemption": REDEMPTION}, []),
        ({"groups": GROUPS}, {}, ["groups: gold, silver"]),
        ({"groups": GROUPS}, {"groups": {"gold": GROUPS["gold"]}}, ["groups: silver"]),
        ({"points": {}, "redemption": REDEMPTION}, {"points": {}}, ["redemption"]),
        ({"points": {}, "groups": GROUPS}, {"groups": GROUPS}, ["points"]),
    ],
)
def test_what_is_left_out(before: dict[str, Any], after: dict[str, Any], gone: list[str]) -> None:
    assert left_out(programme(**before), programme(**after)) == gone
