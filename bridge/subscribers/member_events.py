"""Events of members: known, merged, erased, of another tier."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from bridge.members.models import Member
from bridge.privacy.models import Erasure, ErasureState
from bridge.subscribers.event import Event, People, Source, event
from bridge.subscribers.event_types import (
    EventType,
    MemberCreated,
    MemberErased,
    MemberMerged,
    TierChanged,
)
from bridge.tiers.models import TierChange


def _created(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    """Rows do not say when they were made: the time is that of the registration."""
    people = People(session, workspace_id, ids)
    found = []
    for member in _members(session, workspace_id, ids):
        assert member.id is not None
        told = MemberCreated(member=people.told(member.id), joined_at=member.joined_at)
        kind = EventType.MEMBER_CREATED
        found.append(event(f"member/{member.id}", kind, member.joined_at, member.id, told))
    return found


def _merged(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    members = _members(session, workspace_id, ids)
    people = People(session, workspace_id, [one.merged_into for one in members])
    found = []
    for member in members:
        assert member.id is not None
        if member.merged_into is None or member.merged_at is None:
            continue
        told = MemberMerged(member_id=member.id, member=people.told(member.merged_into))
        key = f"member/{member.id}/merged"
        kind = EventType.MEMBER_MERGED
        found.append(event(key, kind, member.merged_at, member.merged_into, told))
    return found


def _erased(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    """Not of requests that wait or were refused."""
    rows = session.exec(
        select(Erasure)
        .where(
            col(Erasure.workspace_id) == workspace_id,
            col(Erasure.id).in_(ids),
            col(Erasure.state).not_in([ErasureState.ASKED.value, ErasureState.REFUSED.value]),
        )
        .order_by(col(Erasure.id))
    ).all()
    return [
        event(
            f"member/{one.member_id}/erased",
            EventType.MEMBER_ERASED,
            one.decided_at,
            None,
            MemberErased(member_id=one.member_id),
        )
        for one in rows
        if one.decided_at is not None
    ]


def _members(session: Session, workspace_id: int, ids: Sequence[int]) -> Sequence[Member]:
    return session.exec(
        select(Member)
        .where(col(Member.workspace_id) == workspace_id, col(Member.id).in_(ids))
        .order_by(col(Member.id))
    ).all()


def _changed(session: Session, workspace_id: int, ids: Sequence[int]) -> list[Event]:
    rows = session.exec(
        select(TierChange)
        .where(col(TierChange.workspace_id) == workspace_id, col(TierChange.id).in_(ids))
        .order_by(col(TierChange.id))
    ).all()
    people = People(session, workspace_id, [one.member_id for one in rows])
    return [
        event(
            f"tier/{one.id}",
            EventType.TIER_CHANGED,
            one.at,
            one.member_id,
            TierChanged(
                member=people.told(one.member_id),
                before=one.before or None,
                after=one.after or None,
            ),
        )
        for one in rows
    ]


CREATED = Source("members", frozenset({EventType.MEMBER_CREATED}), Member, None, _created)
MERGED = Source(
    "merged", frozenset({EventType.MEMBER_MERGED}), Member, col(Member.merged_at), _merged
)
ERASED = Source(
    "erased", frozenset({EventType.MEMBER_ERASED}), Erasure, col(Erasure.decided_at), _erased
)
TIERS = Source(
    "tiers", frozenset({EventType.TIER_CHANGED}), TierChange, col(TierChange.at), _changed
)
