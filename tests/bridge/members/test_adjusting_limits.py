"""Whose limit holds."""

from __future__ import annotations

import pytest

from bridge.members.adjusting_limits import smaller


@pytest.mark.parametrize(
    ("own", "workspace", "limit"),
    [(None, None, None), (5, None, 5), (None, 7, 7), (5, 7, 5), (9, 7, 7), (0, 7, 0)],
)
def test_of_two_limits_the_smaller_one_holds(
    own: int | None, workspace: int | None, limit: int | None
) -> None:
    assert smaller(own, workspace) == limit
