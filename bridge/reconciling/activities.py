"""What members did: whether the book has what it earned, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, or_, select
from sqlmodel import Session, col

from bridge.earning.activities import Done, buyer_of, handle_activity
from bridge.earning.batch import Buyer, Versions, versions
from bridge.earning.dates import expires_at
from bridge.earning.models import HandledActivity
from bridge.earning.occasions import activity_points
from bridge.earning.past import ACTIVITY
from bridge.earning.posting import posted_sums
from bridge.members.models import Member
from bridge.members.participation import Participation
from bridge.points.models import Holder, Lot
from bridge.programme.points import PointsSettings
from bridge.reconciling.books import CHUNK, Books, at
from bridge.reconciling.findings import Finding, Fix
from bridge.reconciling.judging import sure_rules
from bridge.reconciling.lot_dates import DATES, ending

POINTS = "activity-points"
Key = tuple[int, str]


def find(books: Books) -> Iterator[Finding]:
    stores = books.stores()
    after: Key = (-1, "")
    while True:
        with books.looking() as session:
            rows = _some(session, books.workspace_id, after)
            found = list(_found(books, session, rows, stores))
        yield from found
        if len(rows) < CHUNK:
            return
        after = (rows[-1].installation_id, rows[-1].activity_id)


def _some(session: Session, workspace_id: int, after: Key) -> Sequence[Any]:
    same = col(HandledActivity.installation_id) == after[0]
    return session.execute(
        select(HandledActivity.__table__, col(Member.joined_at), col(Member.tier))  # type: ignore[attr-defined]
        .join(Member, col(Member.id) == col(HandledActivity.member_id))
        .where(
            col(HandledActivity.workspace_id) == workspace_id,
            col(Member.merged_into).is_(None),
            or_(
                col(HandledActivity.installation_id) > after[0],
                and_(same, col(HandledActivity.activity_id) > after[1]),
            ),
        )
        .order_by(col(HandledActivity.installation_id), col(HandledActivity.activity_id))
        .limit(CHUNK)
    ).all()


def _found(
    books: Books, session: Session, rows: Sequence[Any], stores: Mapping[int, str]
) -> Iterator[Finding]:
    known = versions(session, books.workspace_id)
    keys = [(row.installation_id, row.activity_id) for row in rows]
    posted = posted_sums(session, books.workspace_id, ACTIVITY, keys)
    lots = _lots(session, books.workspace_id, keys)
    for row in rows:
        key = (row.installation_id, row.activity_id)
        version = known.at(row.at)
        settings = version.programme.points if version else None
        store = stores.get(row.installation_id, "")
        book: Counter[str] = Counter()
        for (_, rule), points in posted.get(key, {}).items():
            book[rule] += points
        worth, sure = _worth(session, books.workspace_id, row, known, settings)
        wrong = {
            rule: (book[rule], worth.get(rule, 0))
            for rule in sorted({*book, *worth})
            if book[rule] != worth.get(rule, 0)
            and (rule in sure or not settings or rule not in settings.rules)
        }
        if wrong:
            yield Finding(
                POINTS,
                f"activity {row.activity_id}",
                f"Posted {sum(book.values()):,} points, and it should be {sum(worth.values()):,}.",
                "Entries were added, changed or deleted past the bridge, or the activity was.",
                "Judge the activity anew, and post the difference.",
                _rehandling(books, key),
                store=store,
            )
        yield from _date(books, row, known, lots.get(key, ()), store)


def _worth(
    session: Session,
    workspace_id: int,
    row: Any,
    known: Versions,
    settings: PointsSettings | None,
) -> tuple[dict[str, int], frozenset[str]]:
    """Points by rule, and the rules that can be relied on. Caps cut what cannot be told here:
    with them only an activity that is no longer valid is known to be worth nothing."""
    version = known.at(row.at)
    if settings is None or version is None:
        return {}, frozenset()
    if not row.is_valid:
        return {}, frozenset(settings.rules)
    zone = ZoneInfo(version.programme.timezone)
    buyer = Buyer(row.member_id, None, "", Holder.MEMBER, row.member_id, row.tier, row.joined_at)
    who = Participation(session, workspace_id, [row.member_id], has_words=known.has_words)
    facts = replace(
        buyer_of(session, workspace_id, buyer, row.installation_id),
        takes_part=who.took_part(version.programme, row.member_id, row.at),
    )
    found = activity_points(settings, row.name, facts, row.at, zone)
    caps = settings.caps
    is_capped = (caps.order, caps.day, caps.member) != (None, None, None)
    sure = frozenset[str]()
    if not is_capped and version.programme.joining is None and not known.has_words:
        sure = sure_rules(settings, of_buyer=False, of_products=True)
    return {rule: points for rule, points, _ in found}, sure


def _date(
    books: Books, row: Any, known: Versions, lots: Sequence[Any], store: str
) -> Iterator[Finding]:
    version = known.at(row.at)
    settings = version.programme.points if version else None
    if settings is None or version is None:
        return
    wanted = expires_at(settings, row.at, ZoneInfo(version.programme.timezone))
    for lot in lots:
        if lot.expires_at != wanted:
            yield Finding(
                DATES,
                f"lot {lot.id} (activity {row.activity_id})",
                f"It expires at {at(lot.expires_at)} instead of {at(wanted)}.",
                "The lot's row was changed past the bridge: the programme says otherwise.",
                "Set the date; what has expired too early becomes available again.",
                ending(books, lot.id, wanted),
                store=store,
            )


def _lots(session: Session, workspace_id: int, keys: Sequence[Key]) -> dict[Key, list[Any]]:
    rows = session.execute(
        select(
            col(Lot.id), col(Lot.installation_id), col(Lot.source_id), col(Lot.expires_at)
        ).where(
            col(Lot.workspace_id) == workspace_id,
            col(Lot.source_kind) == ACTIVITY,
            col(Lot.source_id).in_([key[1] for key in keys]),
            col(Lot.available) > 0,
        )
    )
    found: dict[Key, list[Any]] = {}
    for row in rows:
        found.setdefault((row.installation_id, row.source_id), []).append(row)
    return found


def _rehandling(books: Books, key: Key) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        row = session.get(HandledActivity, (books.workspace_id, *key))
        if row is None:
            return False
        id_ = row.activity_id.partition("/")[2]
        done = Done(
            row.installation_id,
            id_,
            row.name,
            row.at,
            row.is_valid,
            row.changed_at,
            now,
            row.customer_id,
            row.email,
            row.member_id,
        )
        return handle_activity(session, books.workspace_id, done, now)

    return books.fix(mend)
