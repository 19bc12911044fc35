"""A process does not keep every version of a programme with many prices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridge.programme import service
from bridge.programme.document import Programme


def with_prices(count: int) -> Programme:
    prices = {f"P{number}": [{"from": 1, "price": "1"}] for number in range(count)}
    return Programme.model_validate(
        {
            "programme": "Acme",
            "currency": "EUR",
            "groups": {"gold": {"name": "Gold", "base": "General"}},
            "price_lists": {"list": {"groups": ["gold"], "prices": prices}},
        }
    )


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Programme]]:
    found: dict[str, Programme] = {}
    monkeypatch.setattr(service, "_PARSED", found)
    monkeypatch.setattr(service, "_KEPT_AT_MOST", 10)
    yield found


def test_the_oldest_are_forgotten_and_the_newest_is_kept_whatever_its_size(
    kept: dict[str, Programme],
) -> None:
    for name in "abc":
        service._keep(name, with_prices(3))
    assert list(kept) == ["b", "c"]
    service._keep("large", with_prices(50))
    assert list(kept) == ["large"]
    service._keep("small", with_prices(1))
    assert list(kept) == ["small"]
