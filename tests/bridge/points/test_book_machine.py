"""Any sequence of what can happen to points leaves a sound book, and never loses or doubles one.

The machine plays orders that are edited, returned and told again, dates that pass, spending,
reserving, merging; the model beside it only knows what each source is worth and how much left.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as play
from sound_book import NOON, assert_sound
from sqlalchemy import text

from bridge.db import Database
from bridge.points import adjusting, spending
from bridge.points.book import Book, Cause, NotEnoughPoints, OpenAccount
from bridge.points.granting import earn, take_back
from bridge.points.models import Holder
from bridge.points.moving import move_all
from bridge.points.ripening import expire_due, ripen

MEMBERS = 2


@dataclass
class Source:
    member: int
    worth: int
    revision: int = 0
    lot: tuple[int, str, str, str] = (0, "", "", "")


@dataclass
class Reservation:
    member: int
    points: int
    open: bool = True


@dataclass
class Model:
    sources: list[Source] = field(default_factory=list)
    reservations: list[Reservation] = field(default_factory=list)
    spent: list[Reservation] = field(default_factory=list)


def test_any_sequence_leaves_a_sound_book(
    database: Database, new_workspace: Callable[[], int]
) -> None:
    class Machine(BookMachine):
        pass

    Machine.database = database
    Machine.new_workspace = staticmethod(new_workspace)
    many = os.environ.get("HYPOTHESIS_PROFILE") == "explore"
    play(
        Machine,
        settings=settings(max_examples=300 if many else 20, stateful_step_count=40, deadline=None),
    )


class BookMachine(RuleBasedStateMachine):
    database: Database
    new_workspace: Callable[[], int]

    def __init__(self) -> None:
        super().__init__()
        self.workspace = self.new_workspace()
        self.now = NOON
        self.model = Model()
        self.merged = 0

    # -- orders -----------------------------------------------------------------------------

    @rule(
        member=st.integers(0, MEMBERS - 1),
        points=st.integers(1, 500),
        waits=st.integers(0, 20),
        lasts=st.none() | st.integers(1, 60),
    )
    def place(self, member: int, points: int, waits: int, lasts: int | None) -> None:
        number = len(self.model.sources)
        source = Source(member, points, lot=(1, "order", str(number), ""))
        self.model.sources.append(source)
        ripens = self.now + timedelta(days=waits)
        with self.book() as book:
            account = self.account(book, member)
            lot = book.new_lot(
                account,
                source.lot,
                self.now,
                ripens_at=ripens,
                expires_at=ripens + timedelta(days=lasts) if lasts else None,
            )
            earn(book, account, lot, points, self.cause(number, source))

    @precondition(lambda self: self.model.sources)
    @rule(data=st.data(), worth=st.integers(0, 600), forgive=st.booleans(), told=st.integers(1, 3))
    def change(self, data: st.DataObject, worth: int, forgive: bool, told: int) -> None:
        """An edit or a refund: the order is now worth something else. Told several times."""
        number = data.draw(st.integers(0, len(self.model.sources) - 1))
        source = self.model.sources[number]
        for _ in range(told):
            with self.book() as book:
                account = self.account(book, source.member)
                book.load_sources([(account, source.lot)])
                lot = book.lot(account, source.lot)
                assert lot is not None
                difference = worth - self.posted(book, source.lot[2])
                if not difference:
                    continue
                source.revision += 1
                cause = self.cause(number, source)
                if difference > 0:
                    earn(book, account, lot, difference, cause)
                else:
                    take_back(book, account, lot, -difference, cause, forgive=forgive)
        source.worth = worth

    # -- time -------------------------------------------------------------------------------

    @rule(days=st.integers(1, 30))
    def pass_time(self, days: int) -> None:
        self.now += timedelta(days=days)
        with self.book() as book:
            for member in range(MEMBERS):
                account = self.account(book, member)
                for lot in book.lots(account):
                    if lot.ripens_at is not None and lot.ripens_at <= self.now:
                        ripen(book, account, lot)
                expire_due(book, account)

    # -- spending ---------------------------------------------------------------------------

    @rule(member=st.integers(0, MEMBERS - 1), points=st.integers(1, 400), hold=st.booleans())
    def spend(self, member: int, points: int, hold: bool) -> None:
        taken = self.model.reservations if hold else self.model.spent
        act = spending.reserve if hold else spending.spend
        cause = Cause("voucher" if hold else "spending", str(len(taken)), self.now)
        with self.book() as book:
            account = self.account(book, member)
            expire_due(book, account)
            before = account.available
            try:
                assert act(book, account, points, cause)
            except NotEnoughPoints:
                assert points > before
                return
            assert account.available == before - points >= 0
        with self.book() as book:
            assert not act(book, self.account(book, member), points, cause)  # told twice
        taken.append(Reservation(member, points))

    @precondition(lambda self: any(one.open for one in self.model.reservations))
    @rule(data=st.data(), used=st.booleans())
    def settle(self, data: st.DataObject, used: bool) -> None:
        number = data.draw(
            st.sampled_from([n for n, one in enumerate(self.model.reservations) if one.open])
        )
        held = self.model.reservations[number]
        act = spending.capture if used else spending.release
        for expected in (held.points, 0):
            with self.book() as book:
                account = self.account(book, held.member)
                cause = Cause("voucher", str(number), self.now)
                assert act(book, account, cause) == expected
        held.open = False

    @precondition(lambda self: self.model.spent)
    @rule(data=st.data(), points=st.integers(1, 500))
    def bring_back(self, data: st.DataObject, points: int) -> None:
        number = data.draw(st.integers(0, len(self.model.spent) - 1))
        spent = self.model.spent[number]
        with self.book() as book:
            cause = Cause("spending", str(number), self.now, revision=data.draw(st.integers(1, 9)))
            if self.has(book, cause):
                return
            given = spending.restore(book, self.account(book, spent.member), points, cause)
        assert given == min(points, spent.points)
        spent.points -= given

    @rule(member=st.integers(0, MEMBERS - 1), points=st.integers(1, 100), give=st.booleans())
    def adjust(self, member: int, points: int, give: bool) -> None:
        self.merged += 1
        cause = Cause("adjustment", f"a{self.merged}", self.now)
        with self.book() as book:
            account = self.account(book, member)
            if give:
                adjusting.give(book, account, points, cause)
                return
            expire_due(book, account)
            if points <= account.available:
                adjusting.take(book, account, points, cause)

    # -- holding to it ----------------------------------------------------------------------

    @invariant()
    def book_is_sound(self) -> None:
        assert_sound(self.database, self.workspace)

    @invariant()
    def each_source_gave_what_it_is_worth(self) -> None:
        with self.book() as book:
            for source in self.model.sources:
                assert self.posted(book, source.lot[2]) == source.worth

    # -- within -----------------------------------------------------------------------------

    def book(self) -> Any:
        return _Writing(self.database, self.workspace, self.now)

    def account(self, book: Book, member: int) -> OpenAccount:
        key = (Holder.MEMBER, member + 1)
        return book.open([key])[key]

    def cause(self, number: int, source: Source) -> Cause:
        return Cause("order", str(number), self.now, 1, "line", source.revision, "base")

    def posted(self, book: Book, order: str) -> int:
        return int(
            book.session.connection()
            .execute(
                text(
                    "SELECT coalesce(sum(CASE WHEN effect = 'earn' THEN points"
                    " WHEN effect LIKE 'take_back%' THEN -points ELSE 0 END), 0) FROM entries"
                    " WHERE workspace_id = :w AND source_kind = 'order' AND source_id = :o"
                ),
                {"w": self.workspace, "o": order},
            )
            .scalar_one()
        )

    def has(self, book: Book, cause: Cause) -> bool:
        return bool(
            book.session.connection()
            .execute(
                text(
                    "SELECT count(*) FROM entries WHERE workspace_id = :w AND source_kind = :k"
                    " AND source_id = :i AND revision = :r"
                ),
                {"w": self.workspace, "k": cause.kind, "i": cause.id, "r": cause.revision},
            )
            .scalar_one()
        )


class _Writing:
    """A unit of work with its book, written at the end."""

    def __init__(self, database: Database, workspace: int, now: datetime) -> None:
        self._unit = database.writing()
        self._workspace, self._now = workspace, now

    def __enter__(self) -> Book:
        self._book = Book(self._unit.__enter__(), self._workspace, self._now)
        return self._book

    def __exit__(self, *failure: Any) -> Any:
        if failure[0] is None:
            self._book.write()
        return self._unit.__exit__(*failure)


def test_merging_keeps_every_point(database: Database, workspace: int) -> None:
    held = {}
    with _Writing(database, workspace, NOON) as book:
        for member, points in ((0, 120), (1, 80)):
            key = (Holder.MEMBER, member + 1)
            account = held[member] = book.open([key])[key]
            lot = book.new_lot(account, (1, "order", str(member), ""), NOON, ripens_at=NOON)
            earn(book, account, lot, points, Cause("order", str(member), NOON, 1))
        book.write()
        ripe = book.lots(held[0])[0]
        ripen(book, held[0], ripe)
        adjusting.give(book, held[1], 10, Cause("adjustment", "1", NOON))
    with database.writing() as session:
        moved = move_all(
            session, workspace, held[1].id, held[0].id, Cause("merge", "1", NOON), NOON
        )
    assert moved == 90
    assert_sound(database, workspace)
    with _Writing(database, workspace, NOON) as book:
        accounts = book.lock([held[0].id, held[1].id])
        kept, left = accounts[held[0].id], accounts[held[1].id]
        assert (kept.available, kept.pending) == (130, 80)
        assert (left.available, left.pending) == (0, 0)
        book.load_sources([(kept, (1, "order", "1", ""))])
        lot = book.lot(kept, (1, "order", "1", ""))
        assert lot is not None
        take_back(book, kept, lot, 80, Cause("order", "1", NOON, 1, revision=1))
    assert_sound(database, workspace)
