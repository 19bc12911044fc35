"""`deliveries`: what did not get through, of every kind, and another try."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from bridge.balances.models import ShownBalance
from bridge.balances.review import refused, retry
from bridge.db import Database
from bridge.members.models import Member, MemberCustomer
from bridge.outbox.models import Delivery, Run

from .conftest import Cli, Shops

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOWN = {
    "available": 120,
    "expires_on": "",
    "expiring": 0,
    "pending": 0,
    "tier": "",
    "tier_key": "",
}
REASON = "The shop refused the field."


@pytest.fixture
def waiting(cli: Cli, shops: Shops, opened: Database) -> Cli:
    """In `shop` a change in each state, a balance that was refused and one that waits; in
    `other` another one that was refused, of somebody whose address nobody knows."""
    cli.add()
    cli.add("other", shops.up("https://other.example", "main"))
    with opened.writing() as session:
        session.add(Run(workspace_id=1, number=1, kind="apply", created_at=NOW, finished_at=NOW))
        session.add(Member(workspace_id=1, joined_at=NOW))
        session.flush()
        for state in ("queued", "done", "conflict", "dead"):
            _change(session, state)
        _balance(session, 1, "c/1", email="mia@example.com", shown=json.dumps(SHOWN))
        _balance(session, 1, "c2", is_dead=False)
        _balance(session, 2, "c1")
    return cli


def _change(session: Session, state: str) -> None:
    session.add(
        Delivery(
            workspace_id=1,
            run_id=1,
            installation_id=1,
            stage=1,
            kind="customer",
            key=state,
            label=f"{state}@example.com",
            source="tiers",
            batch=state,
            before="1",
            after="2",
            state=state,
            attempts=3,
            error="No such group." if state == "dead" else "",
        )
    )
    session.flush()


def _balance(
    session: Session,
    installation_id: int,
    customer_id: str,
    *,
    email: str = "",
    is_dead: bool = True,
    shown: str | None = None,
) -> None:
    if email:
        session.add(
            MemberCustomer(
                installation_id=installation_id,
                customer_id=customer_id,
                workspace_id=1,
                member_id=1,
                email=email,
                linked_at=NOW,
                linked_by="new",
            )
        )
    session.add(
        ShownBalance(
            installation_id=installation_id,
            customer_id=customer_id,
            workspace_id=1,
            member_id=1,
            shown=shown,
            attempts=10 if is_dead else 1,
            not_before=NOW + timedelta(hours=1),
            error=REASON,
            is_dead=is_dead,
        )
    )
    session.flush()


def ids(cli: Cli, *args: str) -> list[int | str]:
    return [one["id"] for one in cli.json("deliveries", *args)]


def test_refused_ones_of_every_kind_in_peoples_words(waiting: Cli) -> None:
    head, *rows = [line.split("\t") for line in waiting.ok("deliveries", "--dead").splitlines()]
    assert head == ["id", "run", "store", "state", "what", "from", "to", "tries", "why"]
    mia = ["balance mia@example.com", "120 points", "", "10", REASON]
    assert rows == [
        ["4", "1", "shop", "dead", "customer dead@example.com", "1", "2", "3", "No such group."],
        ["balance:other/c1", "", "other", "dead", "balance c1", "nothing", "", "10", REASON],
        ["balance:shop/c/1", "", "shop", "dead", *mia],
    ]


def test_a_refused_balance_as_json(waiting: Cli) -> None:
    assert waiting.json("deliveries", "--dead")[-1] == {
        "id": "balance:shop/c/1",
        "run": None,
        "store": "shop",
        "state": "dead",
        "kind": "balance",
        "label": "mia@example.com",
        "source": "",
        "before": SHOWN,
        "after": None,
        "attempts": 10,
        "error": REASON,
    }


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ((), [1, 3, 4, "balance:other/c1", "balance:shop/c/1"]),
        (("--state", "dead"), [4, "balance:other/c1", "balance:shop/c/1"]),
        (("--state", "queued", "--state", "done"), [1, 2]),
        (("--dead", "--store", "other"), ["balance:other/c1"]),
        (("--dead", "--store", "nowhere"), []),
        (("--dead", "--run", "1"), [4]),
        (("--dead", "--limit", "1"), [4]),
        (("--dead", "--limit", "2"), [4, "balance:other/c1"]),
    ],
)
def test_what_is_listed(waiting: Cli, args: tuple[str, ...], expected: list[int | str]) -> None:
    assert ids(waiting, *args) == expected


def test_retry_by_id(waiting: Cli, opened: Database) -> None:
    said = waiting.ok("deliveries", "retry", "4", "balance:shop/c/1")
    assert "1 queued again; `loyalty-bridge apply`" in said
    assert "1 balance queued again; `loyalty-bridge work --once`" in said
    assert ids(waiting, "--dead") == ["balance:other/c1"]
    with opened.reading() as session:
        told = session.get(ShownBalance, (1, "c/1"))
        change, run = session.get(Delivery, 4), session.get(Run, 1)
    assert told is not None
    assert (told.is_due, told.attempts, told.not_before) == (True, 0, None)
    assert change is not None
    assert (change.state, change.attempts) == ("queued", 0)
    assert run is not None
    assert run.finished_at is None


@pytest.mark.parametrize(
    "bad", ["1", "4711", "balance:shop/c2", "balance:shop/nobody", "balance:nowhere/c1"]
)
def test_retry_of_what_was_not_refused_changes_nothing(waiting: Cli, bad: str) -> None:
    before = ids(waiting, "--dead")
    error = waiting.error("deliveries", "retry", "4", "balance:other/c1", bad)
    assert "Only 2 of these 3 are refused ones" in error
    assert ids(waiting, "--dead") == before


def test_the_same_id_twice_is_one(waiting: Cli) -> None:
    assert "1 balance queued" in waiting.ok(
        "deliveries", "retry", "balance:other/c1", "balance:other/c1"
    )


@pytest.mark.parametrize("bad", [(), ("four",), ("-1",), ("balance:shop",), ("balance:/c1",)])
def test_retry_wants_ids_as_they_are_listed(waiting: Cli, bad: tuple[str, ...]) -> None:
    assert waiting("deliveries", "retry", *bad).exit_code == 2
    assert len(ids(waiting, "--dead")) == 3


def test_all_that_is_listed_is_retried(waiting: Cli) -> None:
    said = waiting.ok("deliveries", "--store", "shop", "--retry")
    assert "1 queued again" in said
    assert "1 balance queued again" in said
    assert ids(waiting, "--dead") == ["balance:other/c1"]
    assert "balance" not in waiting.ok("deliveries", "--store", "shop", "--retry")


def test_dead_and_a_state_are_one_too_many(waiting: Cli) -> None:
    assert waiting("deliveries", "--dead", "--state", "done").exit_code == 2


def test_another_workspace_sees_and_changes_nothing(waiting: Cli, opened: Database) -> None:
    with opened.writing() as session:
        assert refused(session, 2, None, 100) == []
        assert retry(session, 2, [("shop", "c/1")]) == 0
    assert len(ids(waiting, "--dead")) == 3
