"""Why a code does not work, as far as the bridge knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bridge.simulating.codes import FOREIGN, Place, obstacle, worth
from bridge.vouchers.models import Voucher

NOW = datetime(2026, 3, 10, tzinfo=UTC)
HERE = Place(1, "base")


def voucher(**fields: Any) -> Voucher:
    told = {"installation_id": 1, "store_id": "base", "currency": "EUR", "amount_minor": 1000}
    return Voucher(**{**told, "is_there": True, **fields})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, ""),
        ({"valid_until": NOW + timedelta(seconds=1)}, ""),
        ({"valid_until": NOW}, "expired"),
        ({"store_id": "other", "state": "open", "points": 500}, "north/other: exchange it"),
        ({"store_id": "other", "state": "open", "points": 0}, "It holds in north/other."),
        ({"store_id": "other", "state": "ended", "points": 500}, "It holds in north/other."),
        ({"installation_id": 2}, "It holds in north/other"),
        ({"state": "used"}, "used on order 000017"),
        ({"state": "ending", "ending": "withdrawn"}, "withdrawn"),
        ({"state": "ended", "ending": "expired"}, "It has expired"),
        ({"state": "ended", "ending": "exchanged"}, "exchanged"),
        ({"is_there": False}, "not in the shop yet"),
    ],
)
def test_a_code_works_or_is_told_why_not(fields: dict[str, Any], said: str) -> None:
    found = obstacle(voucher(**fields), HERE, "north/other", "000017", NOW)
    assert said in found and bool(said) is bool(found)


def test_what_the_bridge_did_not_make_it_does_not_judge() -> None:
    assert obstacle(None, HERE, "", "", NOW) == FOREIGN


def test_worth_in_words() -> None:
    assert worth(voucher()) == "10.00 EUR"
    share = {"amount_minor": None, "percent_millionths": 12_500_000}
    assert worth(voucher(**share)) == "12.5 %"
    assert worth(voucher(**share, maximum_minor=3000)) == "12.5 %, at most 30.00 EUR"
