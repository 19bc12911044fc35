"""What stands in the way of taking a run back."""

from __future__ import annotations

import pytest

from bridge.plans.undoing import obstacle_to_undo

TABLE = [
    # the run to take back, runs that touched the thing later (newest first), the obstacle
    (1, [], ""),
    (1, [(2, None)], "Run 2 changed it later; undo that first."),
    (1, [(3, 2), (2, None)], ""),
    (1, [(4, 3), (3, 2), (2, None)], "Run 2 changed it later; undo that first."),
    (1, [(2, 1)], "Run 2 took it back already."),
    (1, [(3, 2), (2, 1)], ""),
    (2, [(3, 2)], "Run 3 took it back already."),
    (1, [(5, None), (3, 2), (2, None)], "Run 5 changed it later; undo that first."),
]


@pytest.mark.parametrize(("number", "later", "obstacle"), TABLE)
def test_only_what_still_holds_can_be_taken_back(
    number: int, later: list[tuple[int, int | None]], obstacle: str
) -> None:
    assert obstacle_to_undo(number, later) == obstacle
