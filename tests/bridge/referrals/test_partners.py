"""What a partner is credited: for whom, how long, how much, and after refunds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from referral_world import ReferralWorld, money
from sqlmodel import select

from bridge.earning.handling import rehandle_orders
from bridge.kit.errors import BridgeError
from bridge.orders.models import ToldRefund
from bridge.programme.rewards import Partner
from bridge.referrals.models import PartnerOrder
from bridge.referrals.partners import credit, ends_at
from connectors.sales import Refund, RefundLine

CLUB = {"owner": "club@example.com", "points": 2, "each": 10, "months": 6, "after_days": 14}
BUYER = "buyer@example.com"


@pytest.fixture
def club(world: ReferralWorld) -> int:
    world.now += timedelta(hours=2)
    world.programme(partners={"club": CLUB})
    return world.member("club@example.com")


@pytest.fixture
def code(world: ReferralWorld, club: int) -> str:
    return world.code(club, "club", "Club-10").code


def test_every_order_of_a_customer_he_brought_credits_him(
    world: ReferralWorld, club: int, code: str, check_book: Callable[[ReferralWorld], None]
) -> None:
    world.order("before", BUYER)
    world.later(days=1)
    world.order("o1", BUYER, codes=["club-10"])
    world.later(days=14)
    assert world.points(club) == 0
    world.order("o2", BUYER, worth="59.99", shop="south")
    world.later(days=1)
    assert world.points(club) == 20
    world.later(days=15)
    assert world.points(club) == 20 + 11
    world.order("stranger", "stranger@example.com")
    world.later(days=15)
    assert world.points(club) == 31
    check_book(world)


def test_the_agreements_time_ends(world: ReferralWorld, club: int, code: str) -> None:
    world.order("o1", BUYER, codes=[code])
    world.later(days=180)
    world.order("o2", BUYER)
    world.later(days=6)
    world.order("late", BUYER, codes=[code])
    world.later(days=15)
    assert world.points(club) == 40


def test_refunds_are_taken_back_to_the_point(
    world: ReferralWorld, club: int, code: str, check_book: Callable[[ReferralWorld], None]
) -> None:
    one = world.order("o1", BUYER, codes=[code])
    world.later(days=15)
    part = Refund("r1", world.now, (RefundLine("l1", Decimal(0), money("55")),))
    one = replace(one, refunds=(part,), changed_at=world.now)
    for _ in range(2):
        world.arrive(one)
        world.later(minutes=1)
    assert world.points(club) == 9
    world.arrive(replace(one, cancelled_at=world.now, changed_at=world.now))
    world.later(minutes=1)
    assert world.points(club) == 0
    check_book(world)


def test_a_refund_that_a_person_tells_later_is_taken_back_then(
    world: ReferralWorld, club: int, code: str
) -> None:
    one = world.order("o1", BUYER, codes=[code])
    world.later(days=15)
    unknown = (Refund("r1", world.now, unnamed=None),)
    world.arrive(replace(one, refunds=unknown, changed_at=world.now))
    world.later(minutes=1)
    before = world.points(club)
    with world.database.writing() as session:
        session.add(
            ToldRefund(
                installation_id=world.shops["north"],
                order_id="o1",
                refund_id="r1",
                workspace_id=world.workspace,
                net=5000,
                gross=5000,
                told_at=world.now,
            )
        )
        session.flush()
        rehandle_orders(session, world.workspace, [(world.shops["north"], "o1")], world.now)
    world.later(minutes=1)
    assert (before, world.points(club)) == (20, 10)


def test_the_first_order_may_be_told_of_last(world: ReferralWorld, club: int, code: str) -> None:
    first = world.now
    world.later(days=2)
    world.order("o2", BUYER)
    world.later(days=20)
    assert world.points(club) == 0
    world.order("o1", BUYER, codes=[code], placed=first)
    world.later(minutes=1)
    assert world.points(club) == 40


def test_a_first_order_that_is_cancelled_brought_nobody(
    world: ReferralWorld, club: int, code: str
) -> None:
    one = world.order("o1", BUYER, codes=[code])
    world.later(days=1)
    world.order("o2", BUYER)
    world.later(days=15)
    assert world.points(club) == 40
    world.arrive(replace(one, cancelled_at=world.now, changed_at=world.now))
    world.later(minutes=1)
    assert world.points(club) == 0


def test_the_owner_earns_nothing_on_his_own_orders(
    world: ReferralWorld, club: int, code: str
) -> None:
    world.order("o1", "club@example.com", codes=[code], member=club)
    world.later(days=15)
    assert world.points(club) == 0


def test_the_shops_affiliate_code_and_the_page_bring_customers_too(
    world: ReferralWorld, club: int, code: str
) -> None:
    world.order("o1", BUYER, referral_code="CLUB-10")
    world.invite(code, "friend@example.com")
    world.order("o2", "friend@example.com")
    world.later(days=15)
    assert world.points(club) == 40
    assert world.state("friend@example.com") == "ordered"


def test_another_partners_code_on_an_order_makes_it_his(
    world: ReferralWorld, club: int, code: str
) -> None:
    world.now += timedelta(hours=2)
    world.programme(partners={"club": CLUB, "blog": {**CLUB, "owner": "blog@example.com"}})
    blog = world.member("blog@example.com")
    world.order("o1", BUYER, codes=[code])
    world.order("o2", BUYER, codes=[world.code(blog, "blog").code])
    world.later(minutes=1)
    world.order("o3", BUYER)
    world.later(days=15)
    assert (world.points(club), world.points(blog)) == (40, 20)


def test_an_agreement_that_was_ended_credits_nothing_more(
    world: ReferralWorld, club: int, code: str
) -> None:
    world.order("o1", BUYER, codes=[code])
    world.later(days=1)
    world.now += timedelta(hours=2)
    world.programme(partners={})
    world.order("o2", BUYER, codes=[code])
    world.later(days=15)
    assert world.points(club) == 20
    with world.database.reading() as session:
        rows = session.exec(select(PartnerOrder)).all()
    assert {row.order_id: (row.points, row.due_at) for row in rows} == {
        "o1": (20, None),
        "o2": (0, None),
    }


def test_codes_that_were_wished_for(world: ReferralWorld, club: int, code: str) -> None:
    assert (code, world.code(club, "club").code) == ("CLUB-10", "CLUB-10")
    with pytest.raises(BridgeError, match="stays"):
        world.code(club, "club", "CLUB-20")
    with pytest.raises(BridgeError, match="taken"):
        world.code(world.member("eve@example.com"), "", "club-10")
    with pytest.raises(BridgeError, match="cannot be a code"):
        world.code(world.member("eva@example.com"), "", "a b")


@pytest.mark.parametrize(
    ("points", "each", "goods", "credited"),
    [("1", "10", "99.99", 9), ("1.5", "1", "3", 4), ("2", "3", "10", 6), ("1", "1", "-5", 0)],
)
def test_whole_points(points: str, each: str, goods: str, credited: int) -> None:
    partner = Partner(owner="club@example.com", points=Decimal(points), each=Decimal(each))
    assert credit(partner, Decimal(goods)) == credited


def test_months_end_with_the_day() -> None:
    partner = Partner(owner="club@example.com", points=Decimal(1), each=Decimal(1), months=1)
    zone = ZoneInfo("Europe/Vienna")
    first = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert ends_at(partner, first, zone) == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert ends_at(partner.model_copy(update={"months": None}), first, zone) is None
