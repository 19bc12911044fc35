"""Posting the difference between what an order should have earned and what the book says.

The book is asked, not a copy of it: whatever was told before, in whatever order and however
often, what is posted now makes the sums right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.points.book import Book, Cause, OpenAccount, OpenLot, SourceKey
from bridge.points.granting import GIVEN, TAKEN, earn, take_back
from bridge.points.models import Entry

LineRule: TypeAlias = tuple[str, str]
"""Line id and rule."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one rule gives for one line now."""

    points: int
    """After everything that was returned; never negative."""
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Posting:
    """One source's points, as they should be in the book."""

    source: SourceKey
    worth: Mapping[LineRule, Worth]
    posted: Mapping[LineRule, int]
    revision: int
    """Of the difference, if there is one."""
    occurred_at: datetime
    programme: int | None
    ripens_at: datetime | None
    expires_at: datetime | None
    is_ripe: bool = False
    """Whether what it earns is available at once."""
    forgive: bool = False

    @property
    def differs(self) -> bool:
        """Whether the book says something else."""
        return bool(_changes(self))


def posted_sums(
    session: Session, workspace_id: int, kind: str, sources: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], dict[LineRule, int]]:
    """What the book says each source earned, less what was taken back, by line and rule.

    ``sources`` are (installation id, source id).
    """
    wanted: dict[int, list[str]] = {}
    for installation_id, source_id in sources:
        wanted.setdefault(installation_id, []).append(source_id)
    found: dict[tuple[int, str], dict[LineRule, int]] = {}
    for installation_id, ids in wanted.items():
        rows = session.execute(
            select(
                col(Entry.source_id),
                col(Entry.source_line),
                col(Entry.rule),
                col(Entry.effect),
                func.sum(col(Entry.points)),
            )
            .where(
                col(Entry.workspace_id) == workspace_id,
                col(Entry.installation_id) == installation_id,
                col(Entry.source_kind) == kind,
                col(Entry.source_id).in_(ids),
                col(Entry.effect).in_([*GIVEN, *TAKEN]),
            )
            .group_by(
                col(Entry.source_id), col(Entry.source_line), col(Entry.rule), col(Entry.effect)
            )
        )
        for source_id, line, rule, effect, points in rows:
            sums = found.setdefault((installation_id, source_id), {})
            change = int(points) if effect in GIVEN else -int(points)
            sums[line, rule] = sums.get((line, rule), 0) + change
    return found


def next_revision(session: Session, workspace_id: int, kind: str, source: tuple[int, str]) -> int:
    """The number of the next difference of a source that keeps no count itself."""
    installation_id, source_id = source
    last = session.execute(
        select(func.max(col(Entry.revision))).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == installation_id,
            col(Entry.source_kind) == kind,
            col(Entry.source_id) == source_id,
        )
    ).scalar_one()
    return 0 if last is None else int(last) + 1


def post_difference(book: Book, account: OpenAccount, posting: Posting) -> bool:
    """Posts what is missing and takes back what is too much. Returns whether it posted."""
    lot = book.lot(account, posting.source)
    if lot is not None:
        _keep_dates(lot, posting)
    changes = _changes(posting)
    if not changes:
        return False
    if lot is None:
        lot = book.new_lot(
            account,
            posting.source,
            posting.occurred_at,
            ripens_at=posting.ripens_at,
            expires_at=posting.expires_at,
            is_ripe=posting.is_ripe,
        )
    earned = _earned_by(book, posting) if any(points < 0 for _, points, _ in changes) else {}
    for key, points, why in changes:
        cause = _cause(posting, key, why)
        if points > 0:
            earn(book, account, lot, points, cause)
        else:
            take_back(
                book,
                account,
                lot,
                -points,
                cause,
                forgive=posting.forgive,
                reverses=earned.get(key),
            )
    return True


def _earned_by(book: Book, posting: Posting) -> dict[LineRule, int]:
    """The newest entry by which each line and rule of the source earned: what is taken back
    refers to it."""
    installation_id, kind, source_id, _ = posting.source
    rows = book.session.execute(
        select(col(Entry.source_line), col(Entry.rule), func.max(col(Entry.id)))
        .where(
            col(Entry.workspace_id) == book.workspace_id,
            col(Entry.installation_id) == installation_id,
            col(Entry.source_kind) == kind,
            col(Entry.source_id) == source_id,
            col(Entry.effect).in_(GIVEN),
        )
        .group_by(col(Entry.source_line), col(Entry.rule))
    )
    return {(line, rule): int(entry_id) for line, rule, entry_id in rows}


def _changes(posting: Posting) -> Sequence[tuple[LineRule, int, Mapping[str, Any]]]:
    """What is missing comes first: when a shop gives a line another id, the new line's points
    are there to be taken for the old one's, and none that were earned elsewhere or forgiven."""
    found = []
    for key in sorted({*posting.worth, *posting.posted}):
        worth = posting.worth.get(key)
        points = (worth.points if worth else 0) - posting.posted.get(key, 0)
        if points:
            found.append((key, points, worth.why if worth else {}))
    return sorted(found, key=lambda change: change[1] < 0)


def _cause(posting: Posting, key: LineRule, why: Mapping[str, Any]) -> Cause:
    installation_id, kind, source_id, _ = posting.source
    line, rule = key
    return Cause(
        kind,
        source_id,
        posting.occurred_at,
        installation_id,
        line,
        posting.revision,
        rule,
        posting.programme,
        _as_json(why),
    )


_as_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True).encode
"""``json.dumps`` would make an encoder for each entry."""


def _keep_dates(lot: OpenLot, posting: Posting) -> None:
    """A lot that waits follows its source: paid later, it ripens later."""
    if not lot.is_ripe and (lot.ripens_at, lot.expires_at) != (
        posting.ripens_at,
        posting.expires_at,
    ):
        lot.ripens_at, lot.expires_at = posting.ripens_at, posting.expires_at
        lot.changed = True
