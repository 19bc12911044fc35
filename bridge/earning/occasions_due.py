"""Points for days that come: birthdays, years of membership, dates of the calendar, joining."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select
from sqlmodel import Session, col

from bridge.db import Database, upsert
from bridge.earning.activities import buyer_of
from bridge.earning.batch import Version, members, versions
from bridge.earning.dates import expires_at
from bridge.earning.facts import MemberFacts
from bridge.earning.models import FollowedClock
from bridge.earning.occasions import Occasion, occasions
from bridge.kit.clock import Clock
from bridge.members.joining import taking_part
from bridge.members.models import Member, MemberCustomer
from bridge.members.participation import Participation
from bridge.points.book import Book, Cause
from bridge.points.granting import earn
from bridge.points.models import Entry
from bridge.programme.earning_rules import OCCASION_KINDS

OCCASION = "occasion"
OCCASIONS = "occasions"
LOOK_BACK = timedelta(days=3)
"""Days are looked at again: a member may be read later than the day that came for him."""
BATCH = 200


def give_for_occasions(
    database: Database, workspace_id: int, clock: Clock, *, new_only: bool = False
) -> int:
    """Posts what is due since the last time; how many. Repeatable.

    A member who is new to the bridge is looked at from the first version of the programme on,
    so that joining earns when it came after that. ``new_only``: nobody else is looked at; before
    the first time of all that is everybody.
    """
    now = clock()
    with database.reading() as session:
        known = versions(session, workspace_id)
        followed = session.get(FollowedClock, (workspace_id, OCCASIONS))
    first = known.known[0].since if known.known else None
    if first is None or not any(_has_occasions(version) for version in known.known):
        return 0
    since = max(first, followed.through - LOOK_BACK) if followed else first
    newest = followed.last_id if followed else 0
    posted, last = 0, newest if new_only else 0
    through = followed.through if new_only and followed else now
    while True:
        with database.writing() as session:
            some = _some(session, workspace_id, last)
            for member in some:
                after = since if member.id <= newest else first
                posted += _give(session, workspace_id, member, after, now)
            last = some[-1].id if some else last
            if len(some) < BATCH:
                _follow(session, workspace_id, through, max(last, newest))
                return posted


def _has_occasions(version: Version) -> bool:
    settings = version.programme.points
    return settings is not None and any(
        rule.kind in OCCASION_KINDS for rule in settings.rules.values()
    )


def _some(session: Session, workspace_id: int, last: int) -> Sequence[Any]:
    """Members who are anybody's customer: who only bought as a guest never joined."""
    return session.execute(
        select(col(Member.id), col(Member.joined_at), col(Member.birthday))
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.id) > last,
            col(Member.merged_into).is_(None),
            exists().where(
                col(MemberCustomer.workspace_id) == workspace_id,
                col(MemberCustomer.member_id) == col(Member.id),
            ),
        )
        .order_by(col(Member.id))
        .limit(BATCH)
    ).all()


def _give(
    session: Session, workspace_id: int, member: Any, after: datetime, until: datetime
) -> int:
    known = versions(session, workspace_id)
    asks = known.has_words or any(one.programme.joining is not None for one in known.known)
    who = Participation(session, workspace_id, [member.id] if asks else [])
    buyer = None
    due: list[tuple[Occasion, Version]] = []
    for version in known.known:
        settings = version.programme.points
        if settings is None or not _has_occasions(version):
            continue
        buyer = buyer or members(session, workspace_id, [member.id])[member.id]
        zone = ZoneInfo(version.programme.timezone)
        facts = _facts(session, workspace_id, member, version, until)
        found = occasions(
            settings, facts, buyer_of(session, workspace_id, buyer, 0), after, until, zone
        )
        due += [
            (one, version)
            for one in found
            if known.at(one.at) is version
            and (not asks or who.took_part(version.programme, member.id, one.at))
        ]
    if buyer is None or not due:
        return 0
    given = _given_before(session, workspace_id, member.id, [one for one, _ in due])
    fresh = [(one, version) for one, version in due if _source_id(member.id, one) not in given]
    if not fresh:
        return 0
    book = Book(session, workspace_id, until)
    holder = (buyer.holder, buyer.holder_id)
    account = book.open([holder])[holder]
    for one, version in fresh:
        settings = version.programme.points
        assert settings is not None
        source_id = _source_id(member.id, one)
        expires = expires_at(settings, one.at, ZoneInfo(version.programme.timezone))
        lot = book.new_lot(
            account, (0, OCCASION, source_id, ""), one.at, expires_at=expires, is_ripe=True
        )
        why = json.dumps(one.why, ensure_ascii=False, sort_keys=True)
        cause = Cause(
            OCCASION,
            source_id,
            one.at,
            line=str(member.id),
            rule=one.rule,
            programme=version.number,
            why=why,
        )
        earn(book, account, lot, one.points, cause)
    book.write()
    return len(fresh)


def _facts(
    session: Session, workspace_id: int, member: Any, version: Version, until: datetime
) -> MemberFacts:
    since = None
    if version.programme.joining is not None:
        since = taking_part(session, workspace_id, [member.id], until).get(member.id)
    return MemberFacts(member.joined_at, member.birthday, since)


def _source_id(member_id: int, occasion: Occasion) -> str:
    return f"{member_id}/{occasion.rule}/{occasion.key}"


def _given_before(
    session: Session, workspace_id: int, member_id: int, due: Sequence[Occasion]
) -> set[str]:
    """Of what is due, what he was given, or one whom he was merged with: a person has one
    birthday a year and joins once."""
    him = [member_id, *_merged_into(session, workspace_id, member_id)]
    asked = {_source_id(one, occasion): occasion for one in him for occasion in due}
    rows = session.execute(
        select(col(Entry.source_id)).where(
            col(Entry.workspace_id) == workspace_id,
            col(Entry.installation_id) == 0,
            col(Entry.source_kind) == OCCASION,
            col(Entry.source_id).in_(list(asked)),
        )
    )
    return {_source_id(member_id, asked[source_id]) for source_id in rows.scalars()}


def _merged_into(session: Session, workspace_id: int, member_id: int) -> list[int]:
    """Members that are this one now, also through others."""
    found: list[int] = []
    newest = [member_id]
    while newest:
        rows = session.execute(
            select(col(Member.id)).where(
                col(Member.workspace_id) == workspace_id, col(Member.merged_into).in_(newest)
            )
        )
        newest = [one for one in rows.scalars() if one is not None]
        found += newest
    return found


def _follow(session: Session, workspace_id: int, now: datetime, last_id: int) -> None:
    row = {"workspace_id": workspace_id, "name": OCCASIONS, "through": now, "last_id": last_id}
    upsert(session, FollowedClock, [row])
