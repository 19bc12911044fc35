"""A merchant whose tables are full: members with accounts and lots, the orders and entries of two
years, referrals. Rows are put in by bulk statements, not through the services: what they say is not
looked at, how many they are is."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import insert, text

from bridge.inbox.codec import encoded
from bridge.inbox.models import InboxRow
from bridge.installations.models import ShopFacts
from bridge.members.models import Member, MemberCustomer, MemberEmail, Segment, ShopCustomer
from bridge.orders.models import HandledOrder
from bridge.points.models import Account, Entry, Lot
from bridge.referrals.models import Referral, ReferralClicks, ReferralCode
from tests.bench import surveyed
from tests.bench.points import BEGIN, Merchant, databases, merchant, some_order

NOW = datetime(2027, 12, 31, 12, tzinfo=BEGIN.tzinfo)
ORDERS, ENTRIES = 5, 10
"""Of each member."""
_TOGETHER = 10_000


@contextmanager
def filled(kind: str, members: int) -> Iterator[Merchant]:
    """A merchant whose tables are full; for other parts of the benchmark too."""
    with databases(kind) as make:
        full = merchant(make(), 10)
        fill(full, members)
        yield full
        full.database.close()


def fill(full: Merchant, members: int) -> None:
    chance = random.Random(1)
    tables: tuple[tuple[Any, Iterator[dict[str, Any]]], ...] = (
        (ShopFacts, _facts(full)),
        (Member, _members(full, members)),
        (MemberEmail, _emails(full, members)),
        (ShopCustomer, _customers(full, members)),
        (MemberCustomer, _links(full, members)),
        (Segment, _segments(full, members)),
        (HandledOrder, _orders(full, members, chance)),
        (Account, _accounts(full, members)),
        (Lot, _lots(full, members)),
        (Entry, _entries(full, members, chance)),
        (InboxRow, _inbox(full, members)),
        (ReferralCode, _codes(full, members)),
        (ReferralClicks, _clicks(full, members)),
        (Referral, _referrals(full, members)),
        *surveyed.tables(full, members, NOW),
    )
    for table, rows in tables:
        while some := list(islice(rows, _TOGETHER)):
            with full.database.writing() as session:
                session.connection().execute(insert(table), some)
    if not full.database.is_sqlite:  # autovacuum would, within a minute
        with full.database.writing() as session:
            session.execute(text("ANALYZE"))


def _facts(full: Merchant) -> Iterator[dict[str, Any]]:
    for shop in full.shops:
        yield {
            "installation_id": shop,
            "workspace_id": full.workspace,
            "version": "1",
            "stores": [
                {"id": str(number), "code": f"store-{number}", "name": "", "currency": "EUR"}
                for number in range(5)
            ],
            "currencies": [],
            "read_at": BEGIN,
        }


def _members(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    # The merchant has member 1 already.
    for number in range(2, members + 1):
        yield {
            "id": number,
            "workspace_id": full.workspace,
            "joined_at": _at(number, members),
            "merged_by": "",
            "tier": ("", "", "silver", "gold")[number % 4],
        }


def _emails(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members + 1):
        yield {
            "workspace_id": full.workspace,
            "email": f"c{number}@example.com",
            "member_id": number,
            "is_confirmed": True,
        }


def _customers(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members + 1):
        at = _at(number, members)
        yield {
            "installation_id": full.shops[number % 2],
            "customer_id": f"full-{number}",
            "workspace_id": full.workspace,
            "email": f"c{number}@example.com",
            "group_id": str(number % 4),
            "store_id": str(number % 5),
            "company": "",
            "vat_id": "",
            "is_guest": False,
            "is_active": True,
            "is_confirmed": True,
            "created_at": at,
            "updated_at": at,
            "pull": 1,
        }


def _links(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members + 1):
        yield {
            "installation_id": full.shops[number % 2],
            "customer_id": f"full-{number}",
            "workspace_id": full.workspace,
            "member_id": number,
            "email": f"c{number}@example.com",
            "vat_id": "",
            "linked_at": BEGIN,
            "linked_by": "new",
        }


def _segments(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members + 1):
        yield {
            "member_id": number,
            "segment": ("new", "lapsed")[number % 2],
            "workspace_id": full.workspace,
            "since": BEGIN,
        }


def _orders(full: Merchant, members: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    content = encoded(some_order(chance, 1, members))
    for number in range(members * ORDERS):
        at = _at(number, members * ORDERS)
        cents = chance.randrange(1_000, 50_000)
        yield {
            "installation_id": full.shops[number % 2],
            "order_id": f"{number:08}",
            "workspace_id": full.workspace,
            "number": f"{100_000_000 + number}",
            "store_id": str(number % 5),
            "member_id": chance.randint(1, members),
            "customer_id": "",
            "email": "",
            "is_guest": False,
            "placed_at": at,
            "changed_at": at,
            "fetched_at": at,
            "currency": "EUR",
            "rate": 1_000_000,
            "net_total": cents,
            "gross_total": cents * 119 // 100,
            "items": 1_000,
            "counts": number % 20 > 0,
            "is_decided": True,
            "is_frozen": False,
            "revision": 1,
            "circumstances": "",
            "content": content,
        }


def _accounts(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members + 1):
        yield {
            "id": number,
            "workspace_id": full.workspace,
            "holder": "member",
            "holder_id": number,
            "available": number * 7 % 5_000,
            "pending": number % 50,
            "reserved": 0,
            "debt": 0,
            "changed_at": NOW,
            "push_due": False,
        }


def _lots(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(members * ORDERS):
        at = _at(number, members * ORDERS)
        yield {
            "id": number + 1,
            "workspace_id": full.workspace,
            "account_id": number % members + 1,
            "installation_id": full.shops[number % 2],
            "source_kind": "order",
            "source_id": f"{number:08}",
            "part": "",
            "earned_at": at,
            "ripened_at": at,
            "expires_at": datetime.combine(at.date(), datetime.min.time(), at.tzinfo)
            + timedelta(days=365),
            "pending": 0,
            "available": 100 if number % 2 else 0,
            "reserved": 0,
        }


def _entries(full: Merchant, members: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    kinds = (
        ("issued", "pending", "earn"),
        ("pending", "available", "ripen"),
        ("available", "redeemed", "spend"),
        ("available", "expired", "expire"),
        ("available", "issued", "take_back"),
    )
    why = '{"rule": "' + "x" * 120 + '"}'
    for number in range(members * ENTRIES):
        at = _at(number, members * ENTRIES)
        debit, credit, effect = kinds[number % len(kinds)]
        lot = number // 2
        yield {
            "workspace_id": full.workspace,
            "account_id": lot % members + 1,
            "lot_id": lot + 1,
            "debit": debit,
            "credit": credit,
            "points": chance.randint(1, 500),
            "effect": effect,
            "installation_id": full.shops[number % 2],
            "source_kind": "order",
            "source_id": f"{number:08}",
            "source_line": "0",
            "revision": 1,
            "rule": "base",
            "occurred_at": at,
            "posted_at": at,
            "why": why,
        }


def _inbox(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(members * 2):
        at = _at(number, members * 2)
        yield {
            "workspace_id": full.workspace,
            "installation_id": full.shops[number % 2],
            "resource": "order",
            "entity_id": f"{number:08}",
            "content_hash": "",
            "content": "{}",
            "changed_at": at,
            "fetched_at": at,
            "state": "handled" if number % 5_000 else "failed",
            "attempts": 1,
            "error": "",
        }


def _codes(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members // 10 + 1):
        yield {
            "id": number,
            "workspace_id": full.workspace,
            "member_id": number,
            "partner": "",
            "code": f"CODE{number}",
            "made_at": BEGIN,
        }


def _clicks(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(1, members // 10 + 1):
        for day in range(3):
            yield {
                "code_id": number,
                "day": date(2027, 1, 1) + timedelta(days=day),
                "workspace_id": full.workspace,
                "clicks": 2,
            }


def _referrals(full: Merchant, members: int) -> Iterator[dict[str, Any]]:
    for number in range(members // 10):
        yield {
            "workspace_id": full.workspace,
            "code_id": number + 1,
            "email": f"friend{number}@example.com",
            "installation_id": full.shops[number % 2],
            "state": ("asked", "confirmed", "rewarded")[number % 3],
            "asked_at": BEGIN,
            "confirmed_at": BEGIN,
            "order_id": f"{number:08}",
            "reward_points": 100,
        }


def _at(number: int, of: int) -> datetime:
    """Evenly over two years, up to now."""
    return BEGIN + (NOW - BEGIN) * number / of
