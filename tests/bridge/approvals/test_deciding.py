"""A change above a limit is done once, by another person than who asked, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from bridge.approvals.models import WaitingChange, WaitingState
from bridge.approvals.service import (
    NotWaiting,
    NotYours,
    SecondPersonNeeded,
    ask,
    decide,
    decided,
    how_many,
    one,
    waiting,
    withdraw,
)
from bridge.audit.service import Subject
from bridge.db import Database
from bridge.kit.errors import BridgeError
from bridge.users.service import make_user
from bridge.workspaces.service import ensure_workspace, workspace_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Case:
    """Mia asks, Ben decides."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.done: list[dict[str, object]] = []
        with database.writing() as session:
            for key in ("acme", "other"):
                ensure_workspace(session, key, NOW)
            self.acme = workspace_id(session, "acme")
            self.other = workspace_id(session, "other")
            people = [make_user(session, f"{n}@acme.example", n, "", NOW) for n in ("mia", "ben")]
            self.mia, self.ben = (user.id or 0 for user in people)

    def asked(self) -> int:
        with self.database.writing() as session:
            return ask(
                session,
                self.acme,
                "points.adjust",
                Subject("member", "7", "Ann"),
                {"points": 500},
                "more than 100 points at a time",
                self.mia,
                NOW,
            )

    def decide(self, change: int, by: int, *, approve: bool = True, where: int = 0) -> None:
        with self.database.writing() as session:
            decide(
                session,
                where or self.acme,
                change,
                is_approved=approve,
                user_id=by,
                now=NOW,
                handlers={"points.adjust": self._do},
                note="fine",
            )

    def _do(self, _session: Session, change: WaitingChange) -> None:
        self.done.append(change.arguments)

    def state(self, change: int) -> str:
        with self.database.reading() as session:
            return one(session, self.acme, change).state


@pytest.fixture
def case(database: Database) -> Case:
    return Case(database)


def test_what_was_approved_is_done_once(case: Case) -> None:
    change = case.asked()
    with case.database.reading() as session:
        assert how_many(session, case.acme) == 1
        assert [found.id for found in waiting(session, case.acme)] == [change]
    case.decide(change, case.ben)
    with pytest.raises(NotWaiting):
        case.decide(change, case.ben)
    assert case.done == [{"points": 500}]
    with case.database.reading() as session:
        assert how_many(session, case.acme) == 0
        (found,) = decided(session, case.acme)
        assert (found.state, found.decided_by, found.note) == ("approved", case.ben, "fine")
        assert decided(session, case.acme, below=change) == []


def test_of_two_who_approve_at_once_one_does_it(case: Case) -> None:
    change = case.asked()

    def approve(_turn: int) -> bool:
        try:
            case.decide(change, case.ben)
        except NotWaiting:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, range(2))) == [False, True]
    assert case.done == [{"points": 500}]


def test_nobody_approves_his_own(case: Case) -> None:
    change = case.asked()
    with pytest.raises(SecondPersonNeeded):
        case.decide(change, case.mia)
    assert case.state(change) == WaitingState.WAITING
    assert case.done == []


def test_what_is_refused_or_withdrawn_is_not_done(case: Case) -> None:
    refused, taken_back = case.asked(), case.asked()
    case.decide(refused, case.ben, approve=False)
    with pytest.raises(NotYours), case.database.writing() as session:
        withdraw(session, case.acme, taken_back, case.ben, NOW)
    with case.database.writing() as session:
        withdraw(session, case.acme, taken_back, case.mia, NOW)
    assert (case.state(refused), case.state(taken_back)) == ("refused", "withdrawn")
    for change in (refused, taken_back):
        with pytest.raises(NotWaiting):
            case.decide(change, case.ben)
    assert case.done == []


def test_what_cannot_be_done_any_more_still_waits(case: Case) -> None:
    change = case.asked()

    def fail(_session: Session, _change: WaitingChange) -> None:
        raise BridgeError("Ann has left.")

    for handlers, reason in (({"points.adjust": fail}, "Ann has left"), ({}, "points.adjust")):
        with pytest.raises(BridgeError, match=reason), case.database.writing() as session:
            decide(
                session,
                case.acme,
                change,
                is_approved=True,
                user_id=case.ben,
                now=NOW,
                handlers=handlers,
            )
    assert case.state(change) == WaitingState.WAITING


def test_another_workspace_sees_and_decides_nothing(case: Case) -> None:
    change = case.asked()
    with case.database.reading() as session:
        assert waiting(session, case.other) == []
        assert how_many(session, case.other) == 0
    with pytest.raises(NotWaiting):
        case.decide(change, case.ben, where=case.other)
