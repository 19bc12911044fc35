"""Opening balances come in: the whole file, or nothing of it.

The file is read three times and lies in memory never: to find everything that is wrong with it,
to know whose accounts it touches, and to post. The last two are one transaction. Of each row only
a digest is kept meanwhile (some 100 bytes), to find it twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import Database
from bridge.kit.errors import BridgeError
from bridge.kit.progress import NoProgress, Progress, Task
from bridge.points.book import Book, HolderKey
from bridge.points.models import Account
from bridge.points.opening import (
    OpeningRow,
    Reading,
    RowProblems,
    State,
    Totals,
    Who,
    last_day,
    opening_row,
)
from bridge.points.opening_entries import Sums, chunks, imported, in_words, post_row, said, sums
from bridge.points.opening_file import FileRow, read_rows
from connectors.sentences import sentence

MOST_PROBLEMS = 1_000
"""How many are listed; more are counted."""


class Problem(NamedTuple):
    line: int
    message: str


class ImportProblems(BridgeError):
    """Something is wrong with the file. Nothing was imported."""

    def __init__(self, name: str, problems: Sequence[Problem], count: int) -> None:
        super().__init__(
            sentence("%(name)s cannot be imported: 1 problem. Nothing was changed.", name=name)
            if count == 1
            else sentence(
                "%(name)s cannot be imported: %(count)s problems. Nothing was changed.",
                name=name,
                count=count,
            )
        )
        self.problems = tuple(problems)
        self.count = count


class People(Protocol):
    """Who is who, asked for many at once."""

    def holders(
        self, session: Session, names: Iterable[Who]
    ) -> Mapping[Who, Sequence[HolderKey]]: ...

    def make(self, session: Session, emails: Sequence[str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be imported, and how."""

    path: Path
    reading: Reading
    people: People
    mark: str
    """The workspace's own, in the references it exports (:func:`workspace_mark`)."""
    create: bool = False
    """Make a member for an address that nobody has."""
    free_reserved: bool = False
    """Make reserved points available; else they are a problem."""
    total: int | None = None
    """What the points of all rows must come to, less what is owed."""
    dry_run: bool = False


@dataclass(slots=True)
class Imported:
    totals: Totals
    new_rows: int = 0
    new_points: int = 0
    """Less what is owed."""
    known_rows: int = 0
    """Imported before."""
    made_members: int = 0
    undated: int = 0
    """Pending points that no day was told for."""
    before: Sums = field(default_factory=Sums)
    after: Sums = field(default_factory=Sums)


class _DryRunEnds(Exception):
    """No error: it takes the transaction back."""


def import_points(
    database: Database, workspace_id: int, wanted: Wanted, progress: Progress | None = None
) -> Imported:
    """Raises :class:`ImportProblems`, UnreadableFile, BridgeError; nothing was changed then.

    A row that was imported before changes nothing; with other points or dates it is a problem.
    """
    work = _Import(workspace_id, wanted, progress or NoProgress())
    work.check(database)
    try:
        with database.writing() as session:
            work.post(session)
            if wanted.dry_run:
                raise _DryRunEnds
    except _DryRunEnds:
        pass
    return work.done


class _Import:
    def __init__(self, workspace_id: int, wanted: Wanted, progress: Progress) -> None:
        self.workspace_id = workspace_id
        self.wanted = wanted
        self.done = Imported(Totals())
        self._progress = progress
        self._problems: list[Problem] = []
        self._count = 0
        self._own = re.compile(rf"(lot|debt)-\d+@{re.escape(wanted.mark)}")

    # -- everything that is wrong ---------------------------------------------------------------

    def check(self, database: Database) -> None:
        seen: dict[str, int] = {}
        with self._task("checking") as task, database.reading() as session:
            for some in chunks(read_rows(self.wanted.path)):
                rows = [row for one in some if (row := self._read(one, seen)) is not None]
                self._resolve(session, self._unposted(session, rows))
                task.advance(len(some))
        self._end_of_check()

    def _end_of_check(self) -> None:
        wanted, totals = self.wanted, self.done.totals
        if not self._count and wanted.total is not None and wanted.total != totals.points:
            raise BridgeError(
                sentence(
                    "%(path_name)s comes to %(points)s points, not to %(total)s. Nothing was "
                    "imported.",
                    path_name=wanted.path.name,
                    points=totals.points,
                    total=wanted.total,
                )
            )
        self._raise_problems()

    def _read(self, one: FileRow, seen: dict[str, int]) -> OpeningRow | None:
        row = self._understood(one)
        if row is None:
            return None
        if row.key in seen:
            self._problem(
                row.line,
                f"{row.who} with the reference {row.reference} is in line {seen[row.key]} "
                "already: give each a reference of its own",
            )
            return None
        seen[row.key] = row.line
        day = last_day(row.expires_at, self.wanted.reading.zone)
        self.done.totals.add(row.who, row.state, row.points, day)
        return row

    def _understood(self, one: FileRow) -> OpeningRow | None:
        if one.fault:
            self._problem(one.line, one.fault)
            return None
        try:
            row = opening_row(one.line, one.cells, self.wanted.reading)
        except RowProblems as found:
            for message in found.messages:
                self._problem(one.line, message)
            return None
        if self._own.fullmatch(row.reference):
            self._problem(
                row.line,
                f"{row.reference} was exported from this very workspace: its points are in the "
                "book already",
            )
            return None
        if row.state is State.RESERVED and not self.wanted.free_reserved:
            self._problem(
                row.line,
                "reserved points are held for a voucher of another book: settle it there, or "
                "make them available with --free-reserved",
            )
            return None
        return row

    def _resolve(self, session: Session, rows: Sequence[OpeningRow]) -> dict[Who, HolderKey]:
        """Whose account each row means; what is not clear is a problem."""
        asked = {row.who: row.line for row in reversed(rows) if row.points}
        found = self.wanted.people.holders(session, asked)
        clear: dict[Who, HolderKey] = {}
        for who, line in asked.items():
            holders = found.get(who, ())
            if len(holders) == 1:
                clear[who] = holders[0]
            elif holders:
                self._problem(
                    line,
                    f"{who} may be any of {len(holders)} members: name one by his number, like "
                    f"#{holders[0][1]}",
                )
            elif not (self.wanted.create and who.kind == "email" and "@" in who.name):
                self._problem(line, self._nobody(who))
        return clear

    def _nobody(self, who: Who) -> str:
        if who.kind == "company":
            return f'no company "{who.name}" holds points for its people'
        if "@" not in who.name:
            return f"there is no member {who.name}"
        return f"nobody has the address {who.name}: mend it, or add --create"

    def _unposted(self, session: Session, rows: Sequence[OpeningRow]) -> list[OpeningRow]:
        """Those that were not imported before; one imported otherwise is a problem."""
        before = imported(session, self.workspace_id, [row.key for row in rows])
        fresh = []
        for row in rows:
            known = before.get(row.key)
            if known is None:
                fresh.append(row)
            elif known != said(row):
                self._problem(
                    row.line,
                    f"{row.who} with the reference {row.reference} was imported before with "
                    f"{in_words(*known)}; now the file says {in_words(*said(row))}",
                )
        return fresh

    # -- posting --------------------------------------------------------------------------------

    def post(self, session: Session) -> None:
        accounts = self._prepare(session)
        self.done.before = sums(session, self.workspace_id, accounts)
        checked, posted = self.done.totals, Totals()
        with self._task("posting", checked.rows) as task:
            for rows in self._rows():
                for row in rows:
                    day = last_day(row.expires_at, self.wanted.reading.zone)
                    posted.add(row.who, row.state, row.points, day)
                self._post(session, rows)
                task.advance(len(rows))
        accounts = self._accounts(session)
        self.done.after = sums(session, self.workspace_id, accounts)
        self._raise_problems()
        if posted != checked:
            raise BridgeError(
                sentence(
                    "%(path_name)s was changed while it was read. Nothing was imported: run it "
                    "again.",
                    path_name=self.wanted.path.name,
                )
            )
        if self.done.after.net - self.done.before.net != self.done.new_points:
            raise BridgeError(
                sentence(
                    "The accounts did not change by what was posted to them. Nothing was imported: "
                    "report this."
                )
            )

    def _prepare(self, session: Session) -> list[int]:
        """Members are made first and accounts locked in the order of their ids, so that nobody
        waits for us in a circle."""
        self._holders: set[HolderKey] = set()
        with self._task("finding accounts", self.done.totals.rows) as task:
            for rows in self._rows():
                fresh = [row for row in self._unposted(session, rows) if row.points]
                self._make(session, fresh)
                self._holders |= set(self._resolve(session, fresh).values())
                task.advance(len(rows))
        self._raise_problems()
        accounts = self._accounts(session)
        for some in chunks(accounts):
            Book(session, self.workspace_id, self.wanted.reading.now).lock(some)
        return accounts

    def _make(self, session: Session, rows: Sequence[OpeningRow]) -> None:
        emails = {row.who for row in rows if row.who.kind == "email" and "@" in row.who.name}
        if self.wanted.create and emails:
            missing = sorted(emails - set(self.wanted.people.holders(session, emails)))
            self.wanted.people.make(session, [who.name for who in missing])
            self.done.made_members += len(missing)

    def _post(self, session: Session, rows: Sequence[OpeningRow]) -> None:
        fresh = self._unposted(session, rows)
        self.done.known_rows += len(rows) - len(fresh)
        holders = self._resolve(session, fresh)
        book = Book(session, self.workspace_id, self.wanted.reading.now)
        accounts = book.open(holders.values())
        if not self._holders.issuperset(holders.values()):
            raise BridgeError(
                sentence("Members were merged meanwhile. Nothing was imported: run it again.")
            )
        for row in fresh:
            if row.points and row.who in holders:
                self.done.new_rows += 1
                self.done.new_points += row.change
                if row.state is State.PENDING and row.ripens_at is None:
                    self.done.undated += row.points
                post_row(book, accounts[holders[row.who]], row)
        book.write()

    def _accounts(self, session: Session) -> list[int]:
        found: list[int] = []
        for some in chunks(sorted(self._holders)):
            for kind in {kind for kind, _ in some}:
                rows = session.execute(
                    select(col(Account.id)).where(
                        col(Account.workspace_id) == self.workspace_id,
                        col(Account.holder) == kind.value,
                        col(Account.holder_id).in_([id_ for one, id_ in some if one is kind]),
                    )
                )
                found += [one for one in rows.scalars() if one is not None]
        return sorted(found)

    # -- reading ----------------------------------------------------------------------------

    def _rows(self) -> Iterator[list[OpeningRow]]:
        for some in chunks(read_rows(self.wanted.path)):
            yield [row for one in some if (row := self._understood(one)) is not None]

    def _task(self, what: str, total: int | None = None) -> Task:
        return self._progress.task(f"{self.wanted.path.name}: {what}", total, "rows")

    def _problem(self, line: int, message: str) -> None:
        self._count += 1
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(Problem(line, message))

    def _raise_problems(self) -> None:
        if self._count:
            ordered = sorted(self._problems)
            raise ImportProblems(self.wanted.path.name, ordered, self._count)
