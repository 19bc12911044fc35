"""The recorded latency profile fits what was measured on the live shop."""

from __future__ import annotations

import pytest

from connectors.magento.sandbox import RECORDED as MAGENTO
from connectors.sandbox.latency import Work


@pytest.mark.parametrize(
    ("rows", "skus", "measured_ms"),
    [(1, 1, 320), (100, 100, 510), (450, 450, 1775), (500, 500, 1900), (1000, 500, 2010)],
)
def test_magento_writes_take_what_was_measured(rows: int, skus: int, measured_ms: int) -> None:
    cost = MAGENTO.cost_ms(Work("write_tier_prices", rows, skus))
    assert cost == pytest.approx(measured_ms, rel=0.07)


def test_magento_scales_as_measured() -> None:
    """1,800 rows in batches of 450: 7.1 s alone, 3.6 s with two threads, 2.3 s with four."""
    batch = MAGENTO.cost_ms(Work("write_tier_prices", 450, 450)) / 1000
    seconds = {threads: 4 / threads * batch / MAGENTO.rate(threads) for threads in (1, 2, 4)}
    assert seconds == pytest.approx({1: 7.1, 2: 3.6, 4: 2.3}, rel=0.05)
