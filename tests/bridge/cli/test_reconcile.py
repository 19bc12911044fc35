"""`reconcile`: what it says, what it mends, and when it is content."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from bridge.db import Database
from bridge.members.models import Member, MemberEmail

from .conftest import Cli, Shops

ADA = "ada@example.com"


@pytest.fixture
def book(cli: Cli, opened: Database) -> Cli:
    """Ada has 250 points; no shop is connected."""
    with opened.writing() as session:
        member = Member(workspace_id=1, joined_at=datetime.now(UTC))
        session.add(member)
        session.flush()
        assert member.id is not None
        session.add(MemberEmail(workspace_id=1, email=ADA, member_id=member.id, is_confirmed=True))
    cli.ok("points", "adjust", ADA, "+250", "--reason", "a welcome", "--yes")
    return cli


def _wrong_by_a_thousand(opened: Database) -> None:
    with opened.writing() as session:
        session.execute(text("UPDATE accounts SET available = available + 1000"))


def test_clean_books_are_nothing_to_tell(book: Cli) -> None:
    assert "Nothing is wrong." in book.ok("reconcile")
    assert book.json("reconcile") == {
        "clean": True,
        "findings": [],
        "more": {},
        "not_asked": {},
    }


def test_a_finding_says_what_and_why_and_changes_nothing(book: Cli, opened: Database) -> None:
    _wrong_by_a_thousand(opened)
    for _ in range(2):
        told = book("reconcile")
        assert told.exit_code == 1
        assert "wrong: account-balance" in told.stdout
        assert "1,250" in told.stdout or "1250" in told.stdout
        assert "add --repair" in told.stdout


def test_a_repair_is_told_and_leaves_nothing(book: Cli, opened: Database) -> None:
    _wrong_by_a_thousand(opened)
    (finding,) = book.json("reconcile", "--repair")["findings"]
    assert (finding["check"], finding["repaired"]) == ("account-balance", True)
    assert "Nothing is wrong." in book.ok("reconcile")
    assert book.json("points", "show", ADA)["available"] == 250


def test_a_shop_that_cannot_be_asked_is_named(book: Cli, shops: Shops) -> None:
    book.add()
    shops.at.clear()
    told = book("reconcile")
    assert told.exit_code == 1
    assert "No connection to the shop" in told.output
    assert "Nothing was found, but shop could not be asked." in told.stdout
    assert "Nothing is wrong" not in told.stdout
    assert book("reconcile", "--books-only").exit_code == 0


def test_what_cannot_be_meant_is_one_line(book: Cli) -> None:
    told = book("reconcile", "--books-only", "shop-de")
    assert told.exit_code == 2
    assert "name no STORE" in told.stderr
    assert "shop-fr" in book.error("reconcile", "shop-fr")
