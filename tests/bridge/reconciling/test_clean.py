"""Clean books give nothing, whatever is going on."""

from __future__ import annotations

from corrupted import Merchant


def test_clean_books(merchant: Merchant) -> None:
    assert merchant.look() == []
    report = merchant.repair()
    assert (report.repaired, report.left, report.failures) == ([], [], {})
