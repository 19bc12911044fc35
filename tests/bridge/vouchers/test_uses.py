"""Vouchers on orders: paid once, given back by policy, whatever order the news come in."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from ledger_world import changed, refund
from sound_book import assert_sound
from voucher_world import CENT, ONE_A_EURO, VoucherWorld, paid_with

from bridge.orders.models import ToldRefund
from bridge.vouchers.models import Voucher, VoucherState
from bridge.vouchers.uses import note_again, told_since
from connectors.sales import Refund


@pytest.fixture
def check(shops: VoucherWorld) -> Callable[[], None]:
    return lambda: assert_sound(shops.database, shops.workspace)


def bought(shops: VoucherWorld, **redemption: Any) -> tuple[int, Voucher]:
    """A member with 500 points and a voucher for 1,000 more, in its shop."""
    shops.programme(ONE_A_EURO, redemption={**CENT, **redemption})
    member = shops.saver(1500)
    voucher = shops.redeem(member, 1000).voucher
    shops.deliver()
    return member, voucher


def test_a_use_is_captured_once(shops: VoucherWorld, check: Callable[[], None]) -> None:
    member, voucher = bought(shops)
    used = paid_with(voucher, "1")
    for minutes in (0, 0, 1):
        shops.sells(changed(used, minutes))
    now = shops.voucher(voucher)
    assert shops.standing(member) == (500, 0, 0)
    assert (now.state, now.is_wanted) == ("used", False)
    assert shops.rows("SELECT order_number, taken_minor FROM voucher_uses") == [("1", 1000)]
    assert shops.odd == []
    check()


def test_an_order_without_vouchers_changes_nothing(shops: VoucherWorld) -> None:
    member, voucher = bought(shops)
    stranger = Voucher(**{**voucher.model_dump(), "code": "LB-NOBODYS"})
    shops.sells(paid_with(stranger, "1"))
    shops.sells(paid_with(voucher, "2"), shop=1)  # another shop's code of the same letters
    assert shops.standing(member) == (500, 1000, 0)
    assert shops.state(voucher) is VoucherState.OPEN


@pytest.mark.parametrize(
    ("policy", "cancelled", "returned", "whole"),
    [
        ({}, 1500, 750, 1500),
        ({"returned": "whole"}, 1500, 500, 1500),
        ({"returned": "never"}, 1500, 500, 500),
        ({"cancelled_gives_back": False}, 500, 750, 1500),
    ],
)
def test_what_is_undone_gives_back_by_policy(
    shops: VoucherWorld,
    check: Callable[[], None],
    policy: dict[str, Any],
    cancelled: int,
    returned: int,
    whole: int,
) -> None:
    member, voucher = bought(shops, **policy)
    used = paid_with(voucher, "1", refunds=())
    quarter = Refund("r", used.placed_at, unnamed=refund("x", ("a", 1, "22.5")).lines[0].amount)
    shops.sells(changed(used, 1, cancelled_at=used.placed_at))
    assert shops.standing(member)[0] == cancelled
    shops.sells(changed(used, 2, refunds=(quarter,)))
    assert shops.standing(member)[0] == returned
    shops.sells(changed(used, 3, refunds=(Refund("all", used.placed_at, is_whole=True),)))
    assert shops.standing(member)[0] == whole
    shops.sells(changed(used, 4))
    assert shops.standing(member)[0] == 500
    assert shops.state(voucher) is VoucherState.USED
    check()


def test_a_code_used_twice_is_charged_once_and_told(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    member, voucher = bought(shops)
    first, second = paid_with(voucher, "1"), paid_with(voucher, "2")
    shops.sells(first)
    shops.sells(second)
    assert [one.text for one in shops.odd] == [
        f"Voucher {voucher.code} was used on several orders: 1, 2. It is charged once."
    ]
    assert shops.standing(member) == (500, 0, 0)
    shops.sells(changed(first, 1, cancelled_at=first.placed_at))
    assert shops.standing(member) == (500, 0, 0), "the other order stands"
    shops.sells(changed(second, 1, cancelled_at=first.placed_at))
    assert shops.standing(member) == (1500, 0, 0)
    check()


def test_used_in_the_last_moment_before_it_ended(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    member, voucher = bought(shops)
    shops.withdraw(voucher)
    shops.deliver()
    shops.sells(paid_with(voucher, "1"))
    assert shops.state(voucher) is VoucherState.USED
    shops.later(days=1)
    assert shops.polled() == 0
    assert shops.standing(member) == (500, 0, 0)
    check()


@pytest.mark.parametrize(
    ("debt", "left", "standing"),
    [("carry", 1500, (500, 0, 0)), ("carry", 300, (0, 0, 700)), ("forgive", 300, (0, 0, 0))],
)
def test_used_after_its_points_were_released(
    shops: VoucherWorld,
    check: Callable[[], None],
    debt: str,
    left: int,
    standing: tuple[int, int, int],
) -> None:
    shops.programme({**ONE_A_EURO, "debt": debt}, redemption=CENT)
    member = shops.saver(1500)
    voucher = shops.redeem(member, 1000).voucher
    shops.deliver()
    shops.withdraw(voucher)
    shops.deliver()
    shops.later(days=1)
    assert shops.polled() == 1
    assert shops.standing(member) == (1500, 0, 0)
    if left < 1500:
        shops.redeem(member, 1500 - left)
    late = paid_with(voucher, "1")
    shops.sells(late)
    available, reserved, owed = shops.standing(member)
    assert (available, owed) == (standing[0], standing[2])
    assert [one.text for one in shops.odd] == [
        f"Voucher {voucher.code} was used on order 1 after it had ended (withdrawn)."
    ]
    check()
    shops.sells(changed(late, 1, cancelled_at=late.placed_at))
    assert shops.standing(member) == (left, reserved, 0), "as if it had never been used"
    check()


def test_what_was_owed_and_paid_since_comes_back(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    member = shops.saver(1000)
    voucher = shops.redeem(member, 1000).voucher
    shops.withdraw(voucher)
    shops.redeem(member, 700)
    late = paid_with(voucher, "1")
    shops.sells(late)
    assert shops.standing(member) == (0, 700, 700)
    shops.give(member, 1000)
    assert shops.standing(member) == (300, 700, 0)
    cancelled = changed(late, 1, cancelled_at=late.placed_at)
    shops.sells(cancelled)
    assert shops.standing(member) == (1300, 700, 0)
    for times in range(2, 6, 2):  # reopened and cancelled, again and again
        shops.sells(changed(late, times))
        assert shops.standing(member) == (300, 700, 0)
        shops.sells(changed(late, times + 1, cancelled_at=late.placed_at))
        assert shops.standing(member) == (1300, 700, 0)
    check()


def test_an_edited_order_that_lost_the_code_costs_nothing(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    member, voucher = bought(shops)
    used = paid_with(voucher, "1")
    shops.sells(used)
    shops.sells(changed(used, 1, codes=()))
    assert shops.standing(member) == (1500, 0, 0)
    assert shops.state(voucher) is VoucherState.USED, "its code was seen, and is not trusted"
    assert shops.rows("SELECT * FROM voucher_uses") == []
    check()


def test_shuffled_repeated_news_come_to_the_same(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    for number, turns in enumerate(itertools.permutations(range(3))):
        member = shops.saver(1000)
        voucher = shops.redeem(member, 1000).voucher
        used = paid_with(voucher, f"o{number}", lines=paid_with(voucher, "x").lines)
        life = [
            used,
            changed(used, 1, cancelled_at=used.placed_at),
            changed(used, 2, refunds=(Refund("r", used.placed_at, is_whole=False),)),
        ]
        for turn in (*turns, *turns):
            shops.sells(life[turn])
        assert shops.standing(member) == (0, 0, 0)
    check()


def test_a_refund_that_a_person_tells_gives_back_then(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    member, voucher = bought(shops)
    used = paid_with(voucher, "1", refunds=(Refund("r", shops.now, unnamed=None),))
    shops.sells(used)
    assert shops.standing(member) == (500, 0, 0)
    shops.now = shops.now.replace(hour=20)
    with shops.database.writing() as session:
        assert told_since(session, shops.workspace, 10) == []
        session.add(
            ToldRefund(
                installation_id=shops.shops[0],
                order_id="1",
                refund_id="r",
                workspace_id=shops.workspace,
                net=4500,
                gross=4500,
                told_at=shops.now,
            )
        )
    shops.now = shops.now.replace(hour=21)
    with shops.database.writing() as session:
        keys = told_since(session, shops.workspace, 10)
        note_again(session, shops.workspace, keys, shops.now)
    assert keys == [(shops.shops[0], "1")]
    assert shops.standing(member) == (1000, 0, 0)
    with shops.database.writing() as session:
        assert told_since(session, shops.workspace, 10) == []
    check()
