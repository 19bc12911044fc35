"""`inbox`: what waits or failed, by store and in people's words, and another try."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from bridge.db import Database
from bridge.inbox.codec import content_hash, encoded
from bridge.inbox.models import InboxRow
from connectors.base import Customer
from connectors.sales import Activity, ActivityKind, Order
from connectors.shop_pages import Award

from .conftest import Cli, Shops

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ORDER = Order("17", "10034", "1", "EUR", NOW, NOW)
CUSTOMER = Customer("5", "mia@example.com", "1", "1", NOW, NOW)
REVIEW = Activity("r9", ActivityKind.REVIEW, NOW, is_valid=True)


@pytest.fixture
def inbox(cli: Cli, shops: Shops, opened: Database) -> Cli:
    """One row in each state."""
    cli.add()
    with opened.writing() as session:
        add(session, "order", "17", encoded(ORDER), "failed", "No rate from USD to EUR.")
        add(session, "customer", "5", encoded(CUSTOMER), "queued")
        add(session, "activity", "r9", encoded(REVIEW), "handled")
        add(session, "order", "18", "", "unread", "The shop answered 500.")
    return cli


def add(
    session: Session, resource: str, id_: str, content: str, state: str, error: str = ""
) -> None:
    session.add(
        InboxRow(
            workspace_id=1,
            installation_id=1,
            resource=resource,
            entity_id=id_,
            content_hash=content_hash(content),
            content=content,
            changed_at=NOW,
            fetched_at=NOW,
            state=state,
            attempts=3 if error else 0,
            not_before=NOW + timedelta(hours=1) if error else None,
            error=error,
        )
    )
    session.flush()


def test_it_lists_what_is_not_handled_in_peoples_words(inbox: Cli) -> None:
    head, *rows = [line.split("\t") for line in inbox.ok("inbox").splitlines()]
    assert head == ["id", "store", "what", "which", "state", "tries", "again at", "why"]
    again = "2026-03-01 13:00"
    assert rows == [
        ["1", "shop", "order", "10034", "failed", "3", again, "No rate from USD to EUR."],
        ["2", "shop", "customer", "mia@example.com", "queued", "0", "", ""],
        ["4", "shop", "order", "id 18", "unread", "3", again, "The shop answered 500."],
    ]


def test_only_what_failed_as_json(inbox: Cli) -> None:
    found = inbox.json("inbox", "--failed")
    assert [(one["id"], one["label"], one["state"]) for one in found] == [
        (1, "10034", "failed"),
        (4, "id 18", "unread"),
    ]
    assert found[0]["error"] == "No rate from USD to EUR."
    assert inbox.json("inbox", "--store", "other") == []
    assert len(inbox.json("inbox", "--limit", "1")) == 1


def test_retry_by_id_and_of_all(inbox: Cli) -> None:
    assert "1 row queued again" in inbox.ok("inbox", "retry", "1")
    assert [one["state"] for one in inbox.json("inbox")] == ["queued", "queued", "unread"]
    assert "1 row queued again" in inbox.ok("inbox", "retry", "--all")
    assert inbox.json("inbox", "--failed")[0]["not_before"] is None


def test_retry_of_what_did_not_fail_changes_nothing(inbox: Cli) -> None:
    assert "Only 1 of these 2 are failed rows" in inbox.error("inbox", "retry", "1", "2")
    assert inbox.json("inbox")[0]["state"] == "failed"


@pytest.mark.parametrize("args", [(), ("1", "--all")])
def test_retry_wants_ids_or_all(inbox: Cli, args: tuple[str, ...]) -> None:
    assert inbox("inbox", "retry", *args).exit_code == 2


def test_an_award_is_dropped_and_an_order_never_is(inbox: Cli, opened: Database) -> None:
    award = Award("e1", NOW, "5", "1000000", "Welcome")
    with opened.writing() as session:
        add(session, "award", "e1", encoded(award), "failed", "1,000,000 points are more.")
    assert inbox.json("inbox", "--failed")[-1]["label"] == "1000000 points, Welcome"
    assert "Only 1 of these 2 are awards" in inbox.error("inbox", "drop", "1", "5")
    assert inbox.ok("inbox", "drop", "5") == "1 award dropped.\n"
    assert [one["id"] for one in inbox.json("inbox", "--failed")] == [1, 4]
