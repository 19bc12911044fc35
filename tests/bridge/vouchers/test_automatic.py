"""Vouchers that come by themselves, after a person withdrew one of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from ledger_world import line, order
from sound_book import assert_sound
from voucher_world import CENT, ONE_A_EURO, VoucherWorld

from bridge.vouchers.automatic_rules import Withdrawn, counts_since, more_due
from bridge.vouchers.models import Voucher

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("earned", "made", "more"),
    [
        (0, 0, 0),
        (499, 0, 0),
        (500, 0, 1),
        (1499, 0, 2),
        (500, 500, 0),
        (1499, 500, 1),
        (900, 500, 0),
        (-700, 0, 0),  # more was taken back than earned
        (300, 500, 0),  # taken back after it had become one
    ],
)
def test_only_what_is_earned_since_a_withdrawal_becomes_more(
    earned: int, made: int, more: int
) -> None:
    assert more_due(500, earned, made) == more


@pytest.mark.parametrize(
    ("withdrawn", "since"),
    [
        ([], None),
        ([Withdrawn(None, ago(9))], ago(9)),  # it never was in the shop
        ([Withdrawn(ago(30), None)], ago(30)),  # gone, and not proven yet
        ([Withdrawn(ago(30), ago(20))], ago(30)),
        ([Withdrawn(None, None)], NOW),  # its code is still in the shop
        ([Withdrawn(ago(30), ago(20)), Withdrawn(ago(40), ago(10))], ago(30)),
    ],
)
def test_a_withdrawal_counts_from_when_the_code_is_gone(
    withdrawn: list[Withdrawn], since: datetime | None
) -> None:
    assert counts_since(withdrawn, NOW) == since


def by_themselves(shops: VoucherWorld) -> list[Voucher]:
    return [one for one in shops.vouchers() if one.source_kind == "automatic"]


def test_what_a_person_withdrew_does_not_come_back_by_itself(shops: VoucherWorld) -> None:
    automatic = {"points": 500, "store": "north"}
    shops.programme(
        {**ONE_A_EURO, "ripen": {"after": "placed", "days": 0}},
        redemption={**CENT, "step": 5, "automatic": automatic},
        rates=[{"currency": "USD", "from": "2026-01-01", "rate": "0.8"}],
    )

    def earns(id_: str, points: int) -> None:
        shops.now += timedelta(hours=1)
        shops.sells(order(id_, line("a", points), placed=shops.now))
        shops.later(minutes=1)

    buyer, other = shops.saver(700, (0, "c1")), shops.saver(500)
    assert shops.passing().automatic == 2
    shops.deliver()
    mine = next(one for one in by_themselves(shops) if one.member_id == buyer)
    shops.withdraw(mine)
    earns("before", 400)
    assert shops.passing().automatic == 0, "600 are there, but its code is still in the shop"
    shops.deliver()
    shops.now += timedelta(hours=1)
    assert (shops.passing().ended, shops.passing().automatic) == (1, 0)
    assert shops.standing(buyer) == (1100, 0, 0)
    shops.give(other, 500)
    assert shops.passing().automatic == 1, "of nobody else was one withdrawn"

    earns("less", 450)
    assert shops.passing().automatic == 0
    earns("more", 80)
    assert [shops.passing().automatic, shops.passing().automatic] == [1, 0]
    assert shops.standing(buyer) == (1130, 500, 0)

    # Exchanged for one in another store and withdrawn there: it came by itself all the same.
    theirs = next(one for one in by_themselves(shops) if one.member_id == other)
    shops.exchange(theirs, "south/us")
    shops.deliver()
    shops.now += timedelta(hours=1)
    assert (shops.passing().exchanged, shops.passing().automatic) == (1, 0)
    shops.withdraw(shops.vouchers()[-1])
    assert shops.passing().automatic == 0
    assert shops.standing(other) == (500, 500, 0)
    assert_sound(shops.database, shops.workspace)
