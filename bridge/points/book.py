"""Writing the book: entries are posted in memory against locked accounts, then written together.

A :class:`Book` lives for one unit of work. It locks the accounts it opens, in the order of their
ids, so that two units never wait for each other in a circle; what it posts changes accounts and
lots at once in memory, and :meth:`Book.write` puts entries, lots and accounts into the database
with one statement each. The database checks again: no place is ever negative, no cause has its
effect twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import bindparam, insert, or_, select, tuple_, update
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.kit.errors import BridgeError
from bridge.points.models import OWN_PLACES, Account, Entry, Holder, Lot, Place
from connectors.sentences import sentence

HolderKey: TypeAlias = tuple[Holder, int]
SourceKey: TypeAlias = tuple[int, str, str, str]
"""Installation id (0: none), source kind, source id, part."""
T = TypeVar("T")
_CHUNK = 500
"""How many lots one statement names at most; databases have a limit."""


class NotEnoughPoints(BridgeError):
    """Fewer points are available than were to be taken. Nothing was posted."""

    def __init__(self, wanted: int, available: int) -> None:
        super().__init__(
            sentence(
                "%(wanted)s points were asked for, but only %(available)s are available.",
                wanted=wanted,
                available=available,
            )
        )
        self.wanted = wanted
        self.available = available


@dataclass(frozen=True, slots=True)
class Cause:
    """Why points move. One cause has one effect on one lot, however often it is told."""

    kind: str
    """``order``, ``activity``, ``adjustment``, ``import``, ``redemption``…"""
    id: str
    occurred_at: datetime
    installation_id: int = 0
    line: str = ""
    revision: int = 0
    rule: str = ""
    programme: int | None = None
    why: str = "{}"
    """JSON object, for people."""


@dataclass(slots=True)
class OpenAccount:
    """A locked account, as it will be once the book is written."""

    id: int
    available: int
    pending: int
    reserved: int
    debt: int
    changed: bool = False

    def move(self, place: Place, points: int) -> None:
        if place is Place.DEBT:
            points = -points  # what is taken from debt is owed
        name = place.value
        setattr(self, name, getattr(self, name) + points)
        self.changed = True


@dataclass(slots=True, eq=False)
class OpenLot:
    """A lot of an open account. ``id`` is ``None`` until a new one is written."""

    id: int | None
    account_id: int
    source: SourceKey
    earned_at: datetime
    ripens_at: datetime | None = None
    ripened_at: datetime | None = None
    expires_at: datetime | None = None
    pending: int = 0
    available: int = 0
    reserved: int = 0
    changed: bool = False

    def move(self, place: Place, points: int) -> None:
        name = place.value
        setattr(self, name, getattr(self, name) + points)
        self.changed = True

    @property
    def is_ripe(self) -> bool:
        return self.ripened_at is not None


@dataclass(slots=True)
class _Posted:
    account_id: int
    lot: OpenLot | None
    values: dict[str, Any] = field(default_factory=dict)


class Book:
    def __init__(self, session: Session, workspace_id: int, now: datetime) -> None:
        self.session = session
        self.workspace_id = workspace_id
        self.now = now
        self._accounts: dict[int, OpenAccount] = {}
        self._lots: dict[int, OpenLot] = {}
        self._new_lots: list[OpenLot] = []
        self._by_source: dict[tuple[int, SourceKey], OpenLot] = {}
        self._whole: set[int] = set()
        self._posted: list[_Posted] = []

    # -- opening ----------------------------------------------------------------------------

    def open(
        self, holders: Iterable[HolderKey], *, beside: Iterable[int] = ()
    ) -> dict[HolderKey, OpenAccount]:
        """The accounts of these holders, made where there are none, locked until the commit
        together with those whose ids are in ``beside``."""
        wanted = sorted(set(holders))
        if not wanted:
            self.lock(beside)
            return {}
        ids = self._ids_of(wanted)
        missing = [key for key in wanted if key not in ids]
        if missing:
            insert_or_ignore(
                self.session,
                Account,
                [
                    {
                        "workspace_id": self.workspace_id,
                        "holder": holder.value,
                        "holder_id": holder_id,
                        "available": 0,
                        "pending": 0,
                        "reserved": 0,
                        "debt": 0,
                        "changed_at": self.now,
                        "push_due": True,
                    }
                    for holder, holder_id in missing
                ],
                ("workspace_id", "holder", "holder_id"),
            )
            ids |= self._ids_of(missing)
        opened = self.lock({*ids.values(), *beside})
        return {key: opened[ids[key]] for key in wanted}

    def lock(self, account_ids: Iterable[int]) -> dict[int, OpenAccount]:
        """Accounts by id, locked until the commit. Raises KeyError for one that is not there."""
        wanted = set(account_ids)
        missing = sorted(wanted - self._accounts.keys())
        if missing:
            rows = self.session.execute(
                select(
                    col(Account.id),
                    col(Account.available),
                    col(Account.pending),
                    col(Account.reserved),
                    col(Account.debt),
                )
                .where(col(Account.workspace_id) == self.workspace_id, col(Account.id).in_(missing))
                .order_by(col(Account.id))
                # Not a full lock: rows that refer to the account can still be added by others.
                .with_for_update(key_share=True)
            )
            for row in rows:
                self._accounts[row.id] = OpenAccount(*row)
        return {account_id: self._accounts[account_id] for account_id in wanted}

    def lots(self, account: OpenAccount) -> list[OpenLot]:
        """Every lot of the account with something in it, first to expire first."""
        if account.id not in self._whole:
            self._load(
                col(Lot.account_id) == account.id,
                or_(col(Lot.available) > 0, col(Lot.pending) > 0, col(Lot.reserved) > 0),
            )
            self._whole.add(account.id)
        found = [
            lot
            for lot in (*self._lots.values(), *self._new_lots)
            if lot.account_id == account.id and (lot.available or lot.pending or lot.reserved)
        ]
        return sorted(found, key=_first_to_expire)

    def load_sources(self, sources: Iterable[tuple[OpenAccount, SourceKey]]) -> None:
        """Reads the lots of these sources together, so that :meth:`lot` asks for none singly."""
        wanted = {
            (account.id, source)
            for account, source in sources
            if (account.id, source) not in self._by_source
        }
        for some in _chunks([(account_id, *source) for account_id, source in wanted]):
            self._load(
                tuple_(
                    col(Lot.account_id),
                    col(Lot.installation_id),
                    col(Lot.source_kind),
                    col(Lot.source_id),
                    col(Lot.part),
                ).in_(some)
            )

    def lot(self, account: OpenAccount, source: SourceKey) -> OpenLot | None:
        """The lot of this source, among those that were loaded or made here."""
        return self._by_source.get((account.id, source))

    def lots_by_id(self, lot_ids: Sequence[int]) -> list[OpenLot]:
        """Lots of open accounts, by id; one of another account is left out."""
        missing = [lot_id for lot_id in lot_ids if lot_id not in self._lots]
        for some in _chunks(missing):
            self._load(col(Lot.id).in_(some), col(Lot.account_id).in_(sorted(self._accounts)))
        return [self._lots[lot_id] for lot_id in lot_ids if lot_id in self._lots]

    def lots_anywhere(self, lot_ids: Sequence[int]) -> list[tuple[OpenAccount, OpenLot]]:
        """Lots by id with their accounts, which are locked too: a holder may have changed."""
        missing = [lot_id for lot_id in lot_ids if lot_id not in self._lots]
        if missing:
            rows = self.session.execute(
                select(col(Lot.account_id)).where(
                    col(Lot.workspace_id) == self.workspace_id, col(Lot.id).in_(missing)
                )
            )
            self.lock(rows.scalars())
        return [(self._accounts[lot.account_id], lot) for lot in self.lots_by_id(lot_ids)]

    def new_lot(
        self,
        account: OpenAccount,
        source: SourceKey,
        earned_at: datetime,
        *,
        ripens_at: datetime | None = None,
        expires_at: datetime | None = None,
        is_ripe: bool = False,
    ) -> OpenLot:
        lot = OpenLot(
            None,
            account.id,
            source,
            earned_at,
            ripens_at,
            self.now if is_ripe else None,
            expires_at,
        )
        self._new_lots.append(lot)
        self._by_source[account.id, source] = lot
        return lot

    # -- posting ----------------------------------------------------------------------------

    def post(
        self,
        account: OpenAccount,
        lot: OpenLot | None,
        debit: Place,
        credit: Place,
        points: int,
        effect: str,
        cause: Cause,
        reverses: int | None = None,
    ) -> None:
        """``points`` (more than none) go from one place to another. Raises ValueError when a
        place of the account or the lot would fall below zero: the caller takes what is there."""
        for place, change in ((debit, -points), (credit, points)):
            if place in OWN_PLACES:
                account.move(place, change)
                if lot is not None and place is not Place.DEBT:
                    lot.move(place, change)
        self._check(account, lot, points)
        self._posted.append(
            _Posted(
                account.id,
                lot,
                {
                    "workspace_id": self.workspace_id,
                    "account_id": account.id,
                    "debit": debit.value,
                    "credit": credit.value,
                    "points": points,
                    "effect": effect,
                    "installation_id": cause.installation_id,
                    "source_kind": cause.kind,
                    "source_id": cause.id,
                    "source_line": cause.line,
                    "revision": cause.revision,
                    "rule": cause.rule,
                    "reverses_id": reverses,
                    "programme_number": cause.programme,
                    "occurred_at": cause.occurred_at,
                    "posted_at": self.now,
                    "why": cause.why,
                },
            )
        )

    def unwritten(self, lot: OpenLot, place: Place) -> int:
        """What this book moved into a place of the lot, less what it moved out, and has not
        written yet: the database does not know of it."""
        return sum(
            one.values["points"]
            * ((one.values["credit"] == place.value) - (one.values["debit"] == place.value))
            for one in self._posted
            if one.lot is lot
        )

    def times_unwritten(self, lot: OpenLot, effect: str) -> int:
        """How many entries of this effect on the lot are not written yet."""
        return sum(one.lot is lot and one.values["effect"] == effect for one in self._posted)

    @staticmethod
    def _check(account: OpenAccount, lot: OpenLot | None, points: int) -> None:
        places = [account.available, account.pending, account.reserved, account.debt]
        if lot is not None:
            places += [lot.available, lot.pending, lot.reserved]
        if points <= 0 or min(places) < 0:
            raise ValueError(f"{points} points cannot move: {account} {lot}")

    # -- writing ----------------------------------------------------------------------------

    def write(self) -> None:
        """Writes everything that was posted. The commit is the caller's."""
        self._write_lots()
        self._write_entries()
        self._write_accounts()

    def _write_lots(self) -> None:
        connection = self.session.connection()
        fresh = [lot for lot in self._new_lots if lot.id is None]
        if fresh:
            made = connection.execute(_INSERT_LOTS, [self._lot_row(lot) for lot in fresh])
            rows: Iterable[Any] = made
            ids: dict[tuple[int, SourceKey], int] = {(row[1], row[2:]): row[0] for row in rows}
            for lot in fresh:
                lot_id = ids[lot.account_id, lot.source]
                lot.id = lot_id
                lot.changed = False
                self._lots[lot_id] = lot
            self._new_lots = []
        changed = [lot for lot in self._lots.values() if lot.changed]
        if changed:
            connection.execute(
                _UPDATE_LOT,
                [
                    {
                        "this_lot": lot.id,
                        "pending": lot.pending,
                        "available": lot.available,
                        "reserved": lot.reserved,
                        "ripens_at": lot.ripens_at,
                        "ripened_at": lot.ripened_at,
                        "expires_at": lot.expires_at,
                    }
                    for lot in changed
                ],
            )
            for lot in changed:
                lot.changed = False

    def _lot_row(self, lot: OpenLot) -> dict[str, Any]:
        installation_id, kind, source_id, part = lot.source
        return {
            "workspace_id": self.workspace_id,
            "account_id": lot.account_id,
            "installation_id": installation_id,
            "source_kind": kind,
            "source_id": source_id,
            "part": part,
            "earned_at": lot.earned_at,
            "ripens_at": lot.ripens_at,
            "ripened_at": lot.ripened_at,
            "expires_at": lot.expires_at,
            "pending": lot.pending,
            "available": lot.available,
            "reserved": lot.reserved,
        }

    def _write_entries(self) -> None:
        if self._posted:
            for one in self._posted:
                one.values["lot_id"] = one.lot.id if one.lot is not None else 0
            self.session.connection().execute(_INSERT_ENTRIES, [one.values for one in self._posted])
            self._posted = []

    def _write_accounts(self) -> None:
        changed = [account for account in self._accounts.values() if account.changed]
        if changed:
            self.session.connection().execute(
                _UPDATE_ACCOUNT,
                [
                    {
                        "this_account": account.id,
                        "available": account.available,
                        "pending": account.pending,
                        "reserved": account.reserved,
                        "debt": account.debt,
                        "changed_at": self.now,
                    }
                    for account in changed
                ],
            )
            for account in changed:
                account.changed = False

    # -- reading ----------------------------------------------------------------------------

    def _ids_of(self, holders: Sequence[HolderKey]) -> dict[HolderKey, int]:
        found: dict[HolderKey, int] = {}
        for kind in {holder for holder, _ in holders}:
            rows = self.session.execute(
                select(col(Account.holder_id), col(Account.id)).where(
                    col(Account.workspace_id) == self.workspace_id,
                    col(Account.holder) == kind.value,
                    col(Account.holder_id).in_([one for holder, one in holders if holder is kind]),
                )
            )
            found |= {(kind, holder_id): account_id for holder_id, account_id in rows}
        return found

    def _load(self, *which: Any) -> None:
        rows = self.session.execute(
            select(Lot.__table__).where(  # type: ignore[attr-defined]
                col(Lot.workspace_id) == self.workspace_id, *which
            )
        )
        for row in rows:
            if row.id in self._lots or row.account_id not in self._accounts:
                continue
            source = (row.installation_id, row.source_kind, row.source_id, row.part)
            lot = OpenLot(
                row.id,
                row.account_id,
                source,
                row.earned_at,
                row.ripens_at,
                row.ripened_at,
                row.expires_at,
                row.pending,
                row.available,
                row.reserved,
            )
            self._lots[row.id] = lot
            self._by_source[row.account_id, source] = lot


# Ids come back with what makes a lot unique: in the order of the rows, SQLite would have to be
# asked row by row.
_INSERT_LOTS = insert(Lot).returning(
    col(Lot.id),
    col(Lot.account_id),
    col(Lot.installation_id),
    col(Lot.source_kind),
    col(Lot.source_id),
    col(Lot.part),
)
_INSERT_ENTRIES = insert(Entry)
_UPDATE_LOT = (
    update(Lot)
    .where(col(Lot.id) == bindparam("this_lot"))
    .values(
        pending=bindparam("pending"),
        available=bindparam("available"),
        reserved=bindparam("reserved"),
        ripens_at=bindparam("ripens_at"),
        ripened_at=bindparam("ripened_at"),
        expires_at=bindparam("expires_at"),
    )
)
_UPDATE_ACCOUNT = (
    update(Account)
    .where(col(Account.id) == bindparam("this_account"))
    .values(
        available=bindparam("available"),
        pending=bindparam("pending"),
        reserved=bindparam("reserved"),
        debt=bindparam("debt"),
        changed_at=bindparam("changed_at"),
        push_due=True,
    )
)


def _chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _first_to_expire(lot: OpenLot) -> tuple[bool, Any, int]:
    """Those that never expire last; new ones, which have no id yet, after old ones."""
    return (lot.expires_at is None, lot.expires_at or 0, lot.id or 1 << 62)
