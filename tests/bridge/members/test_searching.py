"""Looking for members as one types, page by page, and seeing nobody who is not one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from merchants import T0, Merchant
from sqlalchemy import event
from sqlmodel import col, update

from bridge.db import Database
from bridge.members import companies
from bridge.members.merging import merge
from bridge.members.models import Member, Segment
from bridge.members.searching import Which, browse, search
from bridge.users.accounts import follow, look_after, looking_after
from bridge.users.models import User
from bridge.users.service import make_user

WHOLE = ("SCAN ", "members USING INDEX ix_members_workspace_id", "(merged_into=?)", "_tier")
"""How a plan says that it begins with all members, or with half of them."""


@pytest.fixture
def people(merchant: Merchant) -> dict[str, int]:
    """Ada has a customer in both shops, and works with Bob for Muster."""
    for number, email, shop, more in (
        ("1", "ada@example.com", 1, {}),
        ("2", "ada@example.com", 2, {}),
        ("3", "bob@example.com", 1, {"company": "Muster & Sons"}),
        ("4", "adam_x@example.com", 1, {}),
        ("5", "adamsx@example.com", 1, {}),
        ("4711", "zoe@example.com", 2, {}),
    ):
        assert merchant.arrives(number, email, shop, **more)
    found = {
        name: merchant.member(number, shop)
        for name, number, shop in (
            ("ada", "1", 1),
            ("bob", "3", 1),
            ("adam", "4", 1),
            ("adams", "5", 1),
            ("zoe", "4711", 2),
        )
    }
    return {name: number for name, number in found.items() if number is not None}


def found(merchant: Merchant, text: str, which: Which | None = None, **more: Any) -> list[int]:
    with merchant.database.reading() as session:
        answer = search(session, merchant.workspace_id, text, which or Which(), **more)
    return [one.id for one in answer.members]


def user(merchant: Merchant, name: str) -> User:
    with merchant.writing() as session:
        return make_user(session, f"{name}@acme.example", name, "", T0)


def test_the_beginning_of_an_address_finds_its_member_once(
    merchant: Merchant, people: dict[str, int]
) -> None:
    assert found(merchant, "ada@") == [people["ada"]]
    assert found(merchant, " ADA@Example.com ") == [people["ada"]]
    assert found(merchant, "adam") == [people["adam"], people["adams"]]
    assert found(merchant, "xample") == []


def test_signs_with_a_meaning_for_the_database_have_none(
    merchant: Merchant, people: dict[str, int]
) -> None:
    assert found(merchant, "adam_") == [people["adam"]]
    assert found(merchant, "%") == []
    assert found(merchant, "'; --") == []


def test_numbers_and_companies(merchant: Merchant, people: dict[str, int]) -> None:
    with merchant.writing() as session:
        firm = companies.make(session, merchant.workspace_id, "Älpler Käse", "", T0)
        ada = merchant.standing(session, people["ada"])
        companies.add(session, firm, ada, "a test", T0)
    assert found(merchant, "4711") == [people["zoe"]]
    assert found(merchant, f"#{people['adam']}") == [people["adam"]]
    assert found(merchant, "muster") == [people["bob"]]
    assert found(merchant, "Älp") == [people["ada"]]


def test_pages_leave_nobody_out(merchant: Merchant, people: dict[str, int]) -> None:
    seen: list[int] = []
    after, before = "", None
    with merchant.database.reading() as session:
        while True:
            page = search(session, merchant.workspace_id, "a", after=after, limit=1)
            seen += [one.id for one in page.members]
            after = page.after
            if not after:
                break
        assert seen == [people["ada"], people["adam"], people["adams"]]
        seen = []
        while True:
            browsed = browse(session, merchant.workspace_id, before=before, limit=2)
            seen += [one.id for one in browsed.members]
            before = browsed.before
            if before is None:
                break
    assert seen == sorted(people.values(), reverse=True)


def test_filters_and_search_together(merchant: Merchant, people: dict[str, int]) -> None:
    with merchant.writing() as session:
        session.exec(update(Member).where(col(Member.id) == people["adam"]).values(tier="gold"))
        session.add(
            Segment(
                member_id=people["adams"],
                segment="vip",
                workspace_id=merchant.workspace_id,
                since=T0,
            )
        )
    assert found(merchant, "ada", Which(tier="gold")) == [people["adam"]]
    assert found(merchant, "ada", Which(segment="vip")) == [people["adams"]]
    with merchant.database.reading() as session:
        gold = browse(session, merchant.workspace_id, Which(tier="gold")).members
        vip = browse(session, merchant.workspace_id, Which(segment="vip")).members
    assert [one.id for one in gold] == [people["adam"]]
    assert [one.id for one in vip] == [people["adams"]]


def test_a_sales_user_finds_only_his_own(merchant: Merchant, people: dict[str, int]) -> None:
    sam = user(merchant, "sam")
    assert sam.id is not None
    with merchant.writing() as session:
        look_after(session, merchant.workspace_id, people["ada"], [sam.id], T0)
    his = Which(user_id=sam.id)
    assert found(merchant, "ad", his) == [people["ada"]]
    assert found(merchant, "4711", his) == []
    assert found(merchant, f"#{people['zoe']}", his) == []
    with merchant.database.reading() as session:
        everybody = browse(session, merchant.workspace_id, his).members
    assert [one.id for one in everybody] == [people["ada"]]


def test_accounts_follow_a_merge(merchant: Merchant, people: dict[str, int]) -> None:
    sam, eve = user(merchant, "sam"), user(merchant, "eve")
    assert sam.id is not None and eve.id is not None
    with merchant.writing() as session:
        look_after(session, merchant.workspace_id, people["adam"], [sam.id, eve.id], T0)
        look_after(session, merchant.workspace_id, people["ada"], [sam.id], T0)
    with merchant.writing() as session:
        keep, gone = (merchant.standing(session, people[name]) for name in ("ada", "adam"))
        merge(session, merchant.workspace_id, keep, gone, "a test", T0)
    with merchant.database.reading() as session:
        his = looking_after(session, merchant.workspace_id, people["ada"])
        left = looking_after(session, merchant.workspace_id, people["adam"])
    assert [one.name for one in his] == ["eve", "sam"]
    assert left == []


def test_looking_after_is_exactly_what_was_said(merchant: Merchant, people: dict[str, int]) -> None:
    sam, eve = user(merchant, "sam"), user(merchant, "eve")
    assert sam.id is not None and eve.id is not None
    with merchant.writing() as session:
        look_after(session, merchant.workspace_id, people["ada"], [sam.id], T0)
        look_after(session, merchant.workspace_id, people["ada"], [eve.id], T0)
        follow(session, merchant.workspace_id, people["zoe"], people["bob"])
    with merchant.database.reading() as session:
        his = looking_after(session, merchant.workspace_id, people["ada"])
    assert [one.name for one in his] == ["eve"]


def test_each_question_is_answered_by_an_index(
    sqlite_url: str, open_database: Callable[[str], Database]
) -> None:
    """SQLite is told how large tables are: it must not begin with all members."""
    database = open_database(sqlite_url)
    asked: list[tuple[str, Any]] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, values, *_rest: asked.append((statement, values)),
    )
    which = Which(tier="gold", segment="vip")
    with database.reading() as session:
        search(session, 1, "4711", which)
        search(session, 1, "4711", replace(which, user_id=1), after="4711")
        browse(session, 1, replace(which, user_id=1), before=7)
        connection = session.connection()
        plans = [
            (
                statement,
                [
                    row[3]
                    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                ],
            )
            for statement, values in list(asked)
            if statement.startswith("SELECT") and "IN (SELECT 1 FROM" not in statement
        ]
    assert len(plans) >= 10
    for statement, plan in plans:
        bad = [step for step in plan if any(part in step for part in WHOLE)]
        assert not bad, (statement, plan)
