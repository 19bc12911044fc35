"""Who is in which segment: by what he bought and when, by company, by list."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from merchants import T0, Merchant
from sqlalchemy import insert
from sqlmodel import col

from bridge.members import companies
from bridge.members.models import Member
from bridge.members.segmenting import SegmentChange, recompute, sizes
from bridge.members.segments import Bought, MemberFacts, plain_company, segment_of, window_start
from bridge.orders.models import HandledOrder
from bridge.programme.document import Programme
from bridge.programme.loyalty import Segment as SegmentRule

TODAY = date(2026, 3, 31)
VIP = {"emails": ["vip@example.com"], "companies": ["Muster GmbH", "DE 123"]}


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("rule", "facts", "named"),
    [
        (VIP, MemberFacts(emails=frozenset({"vip@example.com"})), True),
        (VIP, MemberFacts(emails=frozenset({"other@example.com"})), False),
        (VIP, MemberFacts(companies=plain_company(" muster  GMBH ")), True),
        (VIP, MemberFacts(companies=plain_company("de-123")), True),
        (VIP, MemberFacts(), False),
        ({"rfm": {"bought_within_days": 30}}, MemberFacts(last_bought=ago(30)), True),
        ({"rfm": {"bought_within_days": 30}}, MemberFacts(last_bought=ago(31)), False),
        ({"rfm": {"bought_within_days": 30}}, MemberFacts(), False),
        ({"rfm": {"not_bought_for_days": 30}}, MemberFacts(last_bought=ago(30)), False),
        ({"rfm": {"not_bought_for_days": 30}}, MemberFacts(last_bought=ago(31)), True),
        ({"rfm": {"not_bought_for_days": 30}}, MemberFacts(), False),
        ({"rfm": {"orders": 3, "months": 2}}, MemberFacts(bought={2: Bought(3)}), True),
        ({"rfm": {"orders": 3, "months": 2}}, MemberFacts(bought={None: Bought(9)}), False),
        ({"rfm": {"spend": "9.99"}}, MemberFacts(bought={None: Bought(1, Decimal("9.99"))}), True),
        ({"rfm": {"spend": "9.99"}}, MemberFacts(bought={None: Bought(9, Decimal("9.98"))}), False),
        (
            {"rfm": {"orders": 1, "spend": 10}},
            MemberFacts(bought={None: Bought(1, Decimal(5))}),
            False,
        ),
    ],
)
def test_examples(rule: dict[str, Any], facts: MemberFacts, named: bool) -> None:
    rules = {"it": SegmentRule.model_validate(rule)}
    assert segment_of(rules, facts, TODAY) == (frozenset({"it"}) if named else frozenset())


@pytest.mark.parametrize(
    ("months", "today", "start"),
    [
        (1, date(2026, 3, 31), datetime(2026, 2, 27, 23, tzinfo=UTC)),
        (1, date(2024, 3, 30), datetime(2024, 2, 28, 23, tzinfo=UTC)),
        (12, date(2026, 7, 1), datetime(2025, 6, 30, 22, tzinfo=UTC)),
        (13, date(2026, 1, 15), datetime(2024, 12, 14, 23, tzinfo=UTC)),
    ],
)
def test_a_window_begins_at_midnight_of_the_same_day(
    months: int, today: date, start: datetime
) -> None:
    assert window_start(months, today, ZoneInfo("Europe/Berlin")) == start


def programme(**segments: Any) -> Programme:
    return Programme.model_validate({"programme": "Acme", "currency": "EUR", "segments": segments})


def changes(merchant: Merchant, asked: Programme) -> list[SegmentChange]:
    with merchant.writing() as session:
        return recompute(session, merchant.workspace_id, asked, merchant.now)


def test_members_enter_and_leave(merchant: Merchant) -> None:
    for customer, email in (("7", "ada@example.com"), ("8", "bob@example.com")):
        merchant.arrives(customer, email)
    ada, bob = merchant.member("7") or 0, merchant.member("8") or 0
    merchant.order("7", net_total=5_000, placed_at=T0 - timedelta(days=20))
    merchant.order("8", net_total=99_900, placed_at=T0 - timedelta(days=400))
    merchant.order("8", net_total=99_900, counts=False)  # cancelled: counts for nothing
    with merchant.writing() as session:
        firm = companies.make(session, merchant.workspace_id, "Muster", "DE1", merchant.now)
        companies.add(session, firm, merchant.standing(session, bob), "me", merchant.now)
    asked = programme(
        big={"rfm": {"spend": 50, "months": 12}},
        lost={"rfm": {"not_bought_for_days": 365}},
        firm={"companies": "de1"},
        named={"emails": ["ada@example.com", "nobody@example.com"]},
    )
    assert changes(merchant, asked) == [
        SegmentChange(ada, "big", entered=True),
        SegmentChange(ada, "named", entered=True),
        SegmentChange(bob, "firm", entered=True),
        SegmentChange(bob, "lost", entered=True),
    ]
    assert changes(merchant, asked) == []
    merchant.now += timedelta(days=360)
    assert changes(merchant, asked) == [
        SegmentChange(ada, "big", entered=False),
        SegmentChange(ada, "lost", entered=True),
    ]
    assert changes(merchant, programme(named={"emails": "bob@example.com"})) == [
        SegmentChange(ada, "lost", entered=False),
        SegmentChange(ada, "named", entered=False),
        SegmentChange(bob, "firm", entered=False),
        SegmentChange(bob, "lost", entered=False),
        SegmentChange(bob, "named", entered=True),
    ]
    with merchant.database.reading() as session:
        assert sizes(session, merchant.workspace_id) == {"named": 1}


def test_an_address_that_somebody_only_typed_names_nobody(merchant: Merchant) -> None:
    merchant.arrives("7", "vip@example.com", is_confirmed=False, company="Muster GmbH")
    assert changes(merchant, programme(vip=VIP)) == []
    merchant.arrives("7", "vip@example.com")
    assert [change.segment for change in changes(merchant, programme(vip=VIP))] == ["vip"]


def test_ten_thousand_members_take_seconds(merchant: Merchant) -> None:
    count = 10_000
    with merchant.writing() as session:
        one = {
            "workspace_id": merchant.workspace_id,
            "joined_at": T0,
            "tier": "",
            "merged_by": "",
        }
        made = session.connection().execute(insert(Member).returning(col(Member.id)), [one] * count)
        ids = made.scalars().all()
        session.connection().execute(
            insert(HandledOrder),
            [
                {
                    "installation_id": merchant.shops[0],
                    "order_id": str(member_id),
                    "workspace_id": merchant.workspace_id,
                    "number": str(member_id),
                    "store_id": "1",
                    "member_id": member_id,
                    "customer_id": "",
                    "email": "",
                    "is_guest": False,
                    "placed_at": T0 - timedelta(days=place % 100),
                    "changed_at": T0,
                    "fetched_at": T0,
                    "currency": "EUR",
                    "rate": 1_000_000,
                    "net_total": place,
                    "gross_total": place,
                    "items": 1_000,
                    "counts": True,
                    "is_decided": True,
                    "is_frozen": False,
                    "revision": 1,
                    "content": "{}",
                }
                for place, member_id in enumerate(ids)
            ],
        )
    listed = [f"vip{number}@example.com" for number in range(2_000)]
    asked = programme(
        recent={"rfm": {"bought_within_days": 49}},
        big={"rfm": {"spend": 50, "months": 6}},
        listed={"emails": listed},
    )
    began = time.perf_counter()
    found = changes(merchant, asked)
    assert time.perf_counter() - began < 10
    assert len(found) == 5_000 + 5_000
    with merchant.database.reading() as session:
        assert sum(sizes(session, merchant.workspace_id).values()) == len(found)
