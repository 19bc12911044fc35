"""Rules of the shop that ask for a tier or for points. One that fails keeps customers out."""

from __future__ import annotations

from typing import Any

import pytest

from .baskets import customer
from .conftest import RealTwig

STRANGE: list[Any] = [None, True, "", "x", -3, 1.5, [], ["gold"], {"a": 1}]


def scope(seen: Any) -> dict[str, Any]:
    return {"salesChannelContext": {"customer": seen}}


@pytest.mark.parametrize(
    ("held", "operator", "asked", "holds"),
    [
        ("gold", "=", "gold", True),
        ("gold", "=", "silver", False),
        ("gold", "!=", "silver", True),
        ("gold", "!=", "gold", False),
        (None, "=", "", False),
        (None, "!=", "gold", True),
        ("1e3", "=", "1000", False),
    ],
)
def test_the_tier_is(twig: RealTwig, held: Any, operator: str, asked: str, holds: bool) -> None:
    values = {"operator": operator, "tier": asked}
    assert twig.condition("tier.twig", scope(customer(tier_key=held)), values) is holds


@pytest.mark.parametrize(
    ("held", "asked", "holds"),
    [(100, 100, True), (99, 100, False), (0, 0, True), (None, 0, False), ("250", "100", True)],
)
def test_there_are_at_least_so_many_points(
    twig: RealTwig, held: Any, asked: Any, holds: bool
) -> None:
    assert twig.condition("points.twig", scope(customer(points=held)), {"points": asked}) is holds


@pytest.mark.parametrize("strange", STRANGE, ids=repr)
def test_nothing_strange_fails_them_or_fulfils_them(twig: RealTwig, strange: Any) -> None:
    """The values are the merchant's, the fields may be anybody's with access to the shop."""
    for seen in (None, {}, {"customFields": None}, customer(tier_key=strange, points=strange)):
        for value in (strange, 7):
            assert twig.condition("points.twig", scope(seen), {"points": value}) is False
            assert twig.condition("points.twig", scope(seen), {}) is False
        held = {"operator": strange, "tier": "gold"}
        assert twig.condition("tier.twig", scope(seen), held) is False
        assert twig.condition("tier.twig", scope(seen), {}) is False
