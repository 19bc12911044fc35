"""Points become a voucher once, for whom the programme says, and never more than there are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from sound_book import assert_sound
from voucher_world import CENT, ONE_A_EURO, VoucherWorld

from bridge.members.companies import add, hold_points, make
from bridge.members.merging import merge
from bridge.members.models import Member, Segment
from bridge.members.standing import locked_all
from bridge.points.book import NotEnoughPoints
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.redeeming import RequestedOtherwise
from bridge.vouchers.rules import MissingVoucherRate, NotRedeemable
from connectors.rewards import Threshold


@pytest.fixture
def check(shops: VoucherWorld) -> Callable[[], None]:
    return lambda: assert_sound(shops.database, shops.workspace)


def test_points_are_reserved_and_the_voucher_is_issued(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    shops.programme(
        ONE_A_EURO, redemption={**CENT, "of_order": 20, "valid": {"days": 30}}, prices_are="gross"
    )
    member = shops.saver(2500)
    voucher = shops.redeem(member, 1000).voucher
    assert shops.standing(member) == (1500, 1000, 0)
    assert (voucher.kind, voucher.amount_minor, voucher.currency) == ("points", 1000, "EUR")
    assert (voucher.member_id, voucher.points, voucher.programme_number) == (member, 1000, 1)
    assert voucher.valid_until == (shops.now + timedelta(days=31)).replace(hour=0)
    held = promotion_of(shops.pools()[0])
    assert held.threshold == Threshold(Decimal(50), is_gross=True)
    check()


def test_the_same_request_twice_is_the_same_voucher(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    member, other = shops.saver(1000), shops.saver(1000)
    first = shops.redeem(member, 600, id_="x")
    again = shops.redeem(member, 600, id_="x")
    assert (first.is_new, again.is_new) == (True, False)
    assert again.voucher.id == first.voucher.id
    assert shops.standing(member) == (400, 600, 0)
    for who, points, store in ((other, 600, "north"), (member, 500, "north")):
        with pytest.raises(RequestedOtherwise, match="request id `x`"):
            shops.redeem(who, points, store, "x")
    assert shops.standing(other) == (1000, 0, 0)
    check()


def test_one_request_of_many_threads_reserves_once(shops: VoucherWorld) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    member = shops.saver(5000)
    shops.secret()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: shops.redeem(member, 500, id_="x"), range(16)))
    assert sum(one.is_new for one in found) == 1
    assert shops.standing(member) == (4500, 500, 0)


def test_only_what_is_available_can_be_redeemed(shops: VoucherWorld) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    poor, soon_gone = shops.saver(499), shops.saver(500, lasts=5)
    with pytest.raises(NotEnoughPoints, match=r"500 points .* only 499 are available"):
        shops.redeem(poor, 500)
    shops.now += timedelta(days=6)
    with pytest.raises(NotEnoughPoints, match="only 0 are available"):
        shops.redeem(soon_gone, 500)
    assert shops.vouchers() == []


def test_whom_where_and_when_the_programme_says(shops: VoucherWorld) -> None:
    shops.programme(
        ONE_A_EURO,
        redemption={
            **CENT,
            "stores": ["north/de"],
            "when": {"segment": "vip"},
            "until": "2026-03-31",
        },
        segments={"vip": {"emails": ["a@example.com"]}},
    )
    member, vip = shops.saver(1000), shops.saver(1000)
    with shops.database.writing() as session:
        session.add(
            Segment(member_id=vip, segment="vip", workspace_id=shops.workspace, since=shops.now)
        )
    with pytest.raises(NotRedeemable, match="none of those"):
        shops.redeem(member, 500)
    with pytest.raises(NotRedeemable, match="no vouchers in south/us; they do in: north/de"):
        shops.redeem(vip, 500, "south/us")
    assert shops.redeem(vip, 500).is_new
    shops.now += timedelta(days=31)
    with pytest.raises(NotRedeemable, match="until 2026-03-31"):
        shops.redeem(vip, 500)


def test_a_programme_without_redemption_says_so(shops: VoucherWorld) -> None:
    shops.programme(ONE_A_EURO)
    with pytest.raises(NotRedeemable, match="no section `redemption`"):
        shops.redeem(shops.saver(1000), 500)


def test_another_currency_needs_a_rate(shops: VoucherWorld) -> None:
    rates = [{"currency": "USD", "from": "2026-01-01", "rate": "0.9"}]
    shops.programme(ONE_A_EURO, redemption=CENT, rates=rates)
    member = shops.saver(2000)
    voucher = shops.redeem(member, 1000, "south/us").voucher
    assert (voucher.amount_minor, voucher.currency) == (1111, "USD")
    with pytest.raises(MissingVoucherRate, match="are in JPY, and the programme knows no rate"):
        shops.redeem(member, 1000, "south/jp")
    assert shops.standing(member) == (1000, 1000, 0)


def test_a_company_pays_for_its_people(shops: VoucherWorld, check: Callable[[], None]) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    first, second = shops.saver(700), shops.saver(500)
    with shops.database.writing() as session:
        firm = make(session, shops.workspace, "Firm", "", shops.now)
        hold_points(session, firm, "test", shops.now)
        for member in (first, second):
            add(session, firm, session.get_one(Member, member), "test", shops.now)
    voucher = shops.redeem(second, 1000).voucher
    [(available, reserved, account)] = shops.rows(
        "SELECT available, reserved, id FROM accounts WHERE workspace_id = :w"
        " AND holder = 'company'"
    )
    assert (available, reserved, voucher.account_id) == (200, 1000, account)
    check()


def test_a_merged_members_voucher_is_that_of_whom_he_became(
    shops: VoucherWorld, check: Callable[[], None]
) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    kept, other = shops.saver(100), shops.saver(1000)
    voucher = shops.redeem(other, 600, id_="x").voucher
    with shops.database.writing() as session:
        both = locked_all(session, shops.workspace, (kept, other))
        merge(session, shops.workspace, both[kept], both[other], "test", shops.now)
    assert shops.standing(kept) == (500, 0, 0)
    assert shops.redeem(other, 600, id_="x").voucher.id == voucher.id
    shops.withdraw(shops.voucher(voucher))
    assert shops.standing(kept) == (1100, 0, 0), "what is released goes to who he is now"
    check()
