"""A voucher's points come back when nobody can have used it, and not a moment before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from ledger_world import changed
from sound_book import assert_sound
from voucher_world import CENT, ONE_A_EURO, VoucherWorld, paid_with

from bridge.vouchers.ending import CannotEnd, UnknownVoucher, let_go, voucher_with
from bridge.vouchers.models import Voucher, VoucherState
from bridge.vouchers.rules import MissingVoucherRate, NotRedeemable

OPEN, USED, ENDING, ENDED = VoucherState
DOLLARS = [{"currency": "USD", "from": "2026-01-01", "rate": "0.8"}]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def check(shops: VoucherWorld) -> Callable[[], None]:
    return lambda: assert_sound(shops.database, shops.workspace)


@pytest.fixture
def member(shops: VoucherWorld) -> int:
    shops.programme(ONE_A_EURO, redemption={**CENT, "valid": {"days": 10}}, rates=DOLLARS)
    return shops.saver(1500)


@pytest.fixture
def voucher(shops: VoucherWorld, member: int) -> Voucher:
    """In its shop."""
    voucher = shops.redeem(member, 1000).voucher
    shops.deliver()
    return voucher


# -- withdrawn and expired ------------------------------------------------------------------


def test_what_was_never_sent_ends_at_once(
    shops: VoucherWorld, member: int, check: Callable[[], None]
) -> None:
    voucher = shops.redeem(member, 1000).voucher
    shops.withdraw(voucher)
    assert shops.state(voucher) is ENDED
    assert shops.standing(member) == (1500, 0, 0)
    shops.withdraw(voucher)
    assert shops.standing(member) == (1500, 0, 0)
    check()


def test_points_wait_for_the_removal_and_for_the_poll_behind_it(
    shops: VoucherWorld, member: int, voucher: Voucher, check: Callable[[], None]
) -> None:
    shops.withdraw(voucher, "typed wrong")
    assert shops.polled(shops.now + MINUTE) == 0, "its code is still in the shop"
    shops.deliver()
    assert shops.polled(shops.now) == 0, "the poll has not passed the removal"
    assert shops.polled(shops.now + MINUTE, shops=(1,)) == 0, "another shop proves nothing"
    assert shops.polled(shops.now + MINUTE, voucher.code) == 0, "it is on an order given up"
    assert (shops.state(voucher), shops.standing(member)) == (ENDING, (500, 1000, 0))
    assert shops.polled(shops.now + MINUTE) == 1
    assert (shops.state(voucher), shops.standing(member)) == (ENDED, (1500, 0, 0))
    assert shops.voucher(voucher).why == "typed wrong"
    assert shops.polled(shops.now + MINUTE) == 0
    check()


def test_expired_vouchers_end_as_withdrawn_ones_do(
    shops: VoucherWorld, member: int, voucher: Voucher
) -> None:
    assert shops.expire() == 0
    shops.now += timedelta(days=11)
    assert shops.expire() == 1
    assert shops.expire() == 0
    assert (shops.state(voucher), shops.voucher(voucher).ending) == (ENDING, "expired")
    shops.deliver()
    assert shops.polled(shops.now + MINUTE) == 1
    assert shops.standing(member) == (1500, 0, 0)


def test_a_used_one_cannot_be_withdrawn(shops: VoucherWorld, voucher: Voucher) -> None:
    shops.sells(paid_with(voucher, "1"))
    with pytest.raises(CannotEnd, match="was used"):
        shops.withdraw(voucher)


def test_a_person_vouches_where_no_shop_can(
    shops: VoucherWorld, member: int, voucher: Voucher, check: Callable[[], None]
) -> None:
    assert voucher.id
    with (
        pytest.raises(CannotEnd, match="withdraw it first"),
        shops.database.writing() as session,
    ):
        let_go(session, shops.workspace, voucher.id, "anna", shops.now)
    shops.withdraw(voucher, "shop closed.")
    for _ in range(2):
        with shops.database.writing() as session:
            let_go(session, shops.workspace, voucher.id, "anna", shops.now)
    assert shops.voucher(voucher).why == "shop closed. Let go by anna."
    assert shops.standing(member) == (1500, 0, 0)
    check()


def test_vouchers_are_found_by_code_or_number(shops: VoucherWorld, voucher: Voucher) -> None:
    with shops.database.reading() as session:
        for name in (voucher.code, voucher.code.lower(), f"#{voucher.id}"):
            assert voucher_with(session, shops.workspace, name).id == voucher.id
        with pytest.raises(UnknownVoucher, match="no voucher `LB-NONE`"):
            voucher_with(session, shops.workspace, "LB-NONE")


# -- exchanged ------------------------------------------------------------------------------


def test_an_exchange_waits_until_the_old_one_is_proven_unused(
    shops: VoucherWorld, member: int, voucher: Voucher, check: Callable[[], None]
) -> None:
    for _ in range(2):
        assert shops.exchange(voucher, "south/us").id == voucher.id
    shops.deliver()
    shops.polled(shops.now)
    assert len(shops.vouchers()) == 1
    assert shops.standing(member) == (500, 1000, 0)
    assert shops.polled(shops.now + MINUTE) == 1
    old, new = shops.vouchers()
    assert (old.state, old.ending, old.replaced_by) == ("ended", "exchanged", new.id)
    assert (new.state, new.amount_minor, new.currency) == ("open", 1250, "USD")
    assert (new.points, new.valid_until) == (1000, old.valid_until)
    assert new.code != old.code
    assert shops.standing(member) == (500, 1000, 0)
    assert shops.exchange(voucher, "south/us").id == new.id
    shops.deliver()
    shops.sells(paid_with(new, "1"), shop=1)
    assert shops.standing(member) == (500, 0, 0)
    check()


def test_what_was_never_sent_is_exchanged_at_once(
    shops: VoucherWorld, member: int, check: Callable[[], None]
) -> None:
    voucher = shops.redeem(member, 1000).voucher
    new = shops.exchange(voucher, "south/us")
    assert new.installation_id == shops.shops[1]
    assert shops.state(voucher) is ENDED
    shops.withdraw(voucher)
    assert shops.state(new) is ENDED, "what took its place is withdrawn"
    assert shops.standing(member) == (1500, 0, 0)
    check()


def test_used_while_it_was_being_exchanged_there_is_no_other(
    shops: VoucherWorld, member: int, voucher: Voucher, check: Callable[[], None]
) -> None:
    shops.exchange(voucher, "south/us")
    shops.deliver()
    shops.sells(paid_with(voucher, "1"))
    assert shops.polled(shops.now + MINUTE) == 0
    assert [one.state for one in shops.vouchers()] == ["used"]
    assert shops.standing(member) == (500, 0, 0)
    check()


def test_the_old_code_used_after_the_exchange_is_charged_beside_the_new_one(
    shops: VoucherWorld, member: int, check: Callable[[], None]
) -> None:
    voucher = shops.redeem(member, 1000).voucher
    new = shops.exchange(voucher, "south/us")
    shops.sells(paid_with(voucher, "late"))
    assert shops.standing(member) == (0, 1000, 500)
    shops.sells(paid_with(new, "1"), shop=1)
    assert shops.standing(member) == (0, 0, 500)
    check()


def test_an_exchange_that_became_impossible_gives_the_points_back(
    shops: VoucherWorld, member: int, voucher: Voucher
) -> None:
    shops.exchange(voucher, "south/us")
    shops.deliver()
    shops.now += timedelta(days=11)
    assert shops.polled() == 1
    assert shops.standing(member) == (1500, 0, 0)
    assert "is not valid any more" in shops.voucher(voucher).why


@pytest.mark.parametrize(
    ("store", "error", "said"),
    [
        ("north/de", CannotEnd, "is one of north/de already"),
        ("south/jp", MissingVoucherRate, "no rate to EUR"),
    ],
)
def test_what_cannot_be_exchanged_stays_as_it_is(
    shops: VoucherWorld, voucher: Voucher, store: str, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        shops.exchange(voucher, store)
    assert shops.state(voucher) is OPEN


def test_only_vouchers_for_points_are_exchanged(shops: VoucherWorld, member: int) -> None:
    with pytest.raises(CannotEnd, match="Only vouchers for points"):
        shops.exchange(shops.issue(), "south/us")
    voucher = shops.redeem(member, 500).voucher
    shops.programme(ONE_A_EURO, redemption={**CENT, "stores": ["north"]}, rates=DOLLARS)
    with pytest.raises(NotRedeemable, match="they do in: north"):
        shops.exchange(voucher, "south/us")


# -- issued anew ----------------------------------------------------------------------------


def test_a_given_voucher_is_issued_anew_when_its_order_is_cancelled(
    shops: VoucherWorld, member: int
) -> None:
    first = shops.issue(valid_until=shops.now + timedelta(days=30), label="Happy birthday")
    shops.deliver()
    used = paid_with(first, "1")
    shops.sells(used)
    assert shops.passing().reissued == 0
    shops.sells(changed(used, 1, cancelled_at=used.placed_at))
    assert [shops.passing().reissued, shops.passing().reissued] == [1, 0]
    _, second = shops.vouchers()
    assert (second.state, second.valid_until) == ("open", first.valid_until)
    assert second.pool_id == first.pool_id
    assert second.code != first.code

    shops.deliver()
    shops.sells(changed(used, 2))  # the order stands after all
    shops.passing()
    assert shops.voucher(second).ending == "cause-gone"
    shops.sells(changed(used, 3, cancelled_at=used.placed_at))
    assert shops.passing().reissued == 0, "the second may still have been used"
    shops.deliver()
    shops.now += MINUTE
    assert shops.passing().reissued == 1
    assert [one.state for one in shops.vouchers()] == ["used", "ended", "open"]


def test_an_expired_one_is_not_issued_anew(shops: VoucherWorld, member: int) -> None:
    given = shops.issue(valid_until=shops.now + timedelta(days=2))
    used = paid_with(given, "1")
    shops.sells(used)
    shops.now += timedelta(days=3)
    shops.sells(changed(used, 1, cancelled_at=used.placed_at))
    assert shops.passing().reissued == 0


# -- automatic, pools -----------------------------------------------------------------------


def test_every_full_points_become_vouchers_where_the_member_bought_last(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    shops.programme(
        ONE_A_EURO,
        redemption={**CENT, "step": 5, "automatic": {"points": 500}, "stores": ["north"]},
    )
    buyer, stranger = shops.saver(1700, (0, "c1")), shops.saver(900)
    shops.sells(paid_with(shops.issue(), "1"))
    assert [shops.passing().automatic, shops.passing().automatic] == [3, 0]
    mine = [one for one in shops.vouchers() if one.source_kind == "automatic"]
    assert {(one.member_id, one.amount_minor, one.installation_id) for one in mine} == {
        (buyer, 500, shops.shops[0])
    }
    assert shops.standing(buyer) == (200, 1500, 0)
    assert shops.standing(stranger) == (900, 0, 0), "nobody knows where he would use it"
    shops.give(buyer, 300)
    assert shops.passing().automatic == 1
    check()


def test_what_keeps_points_from_becoming_vouchers_is_told_once(shops: VoucherWorld) -> None:
    automatic = {"points": 500, "store": "south/jp"}
    shops.programme(ONE_A_EURO, redemption={**CENT, "step": 5, "automatic": automatic})
    first, second = shops.saver(900), shops.saver(500)
    passed = shops.passing()
    assert passed.automatic == 0
    assert [one.partition(": ")[0] for one in passed.problems] == [
        "Points become no vouchers in south/jp"
    ]
    assert (shops.standing(first), shops.standing(second)) == ((900, 0, 0), (500, 0, 0))


def test_pools_are_done_with_when_nothing_in_them_can_be_used(shops: VoucherWorld) -> None:
    until = shops.now + timedelta(days=2)
    first, second = (shops.issue(valid_until=until, codes_per_pool=1) for _ in range(2))
    shops.deliver()
    assert shops.passing().finished_pools == 0
    shops.sells(paid_with(first, "1"))
    assert shops.passing().finished_pools == 0, "its code is still in the shop"
    shops.deliver()
    assert shops.passing().finished_pools == 1
    assert [pool.is_wanted for pool in shops.pools()] == [False, True]
    shops.now += timedelta(days=40)
    assert shops.passing().expired == 1
    shops.deliver()
    shops.now += MINUTE
    assert shops.passing().ended == 1
    assert [pool.is_wanted for pool in shops.pools()] == [False, False]
    assert shops.state(second) is ENDED
