"""The catalogue with what is left of it, and the staff's queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.kit.calendar import day_of
from bridge.members.meant import NO_QUALITIES, is_meant
from bridge.members.qualities import qualities_of
from bridge.programme import service as programmes
from bridge.programme.rewards import CatalogueReward
from bridge.rewards.models import FulfilmentState, RewardClaim, RewardStock


@dataclass(frozen=True, slots=True)
class ListedReward:
    key: str
    reward: CatalogueReward | None
    """``None``: the programme does not have it any more, and there are claims of it."""
    name: str
    left: int | None
    """Pieces that can still be taken; ``None``: without end."""
    is_offered: bool
    """Whether it can be taken today, by whom it is for."""
    open_claims: int
    fulfilled: int


def catalogue(session: Session, workspace_id: int, now: datetime) -> list[ListedReward]:
    """In the programme's order; then what is no longer in it and still to be provided."""
    current = programmes.current(session, workspace_id)
    rewards = current[1].rewards if current else {}
    today = day_of(now, ZoneInfo(current[1].timezone if current else "UTC"))
    taken = _taken(session, workspace_id)
    counts = _counts(session, workspace_id)
    names = {claim.reward: claim.name for claim in claims(session, workspace_id)}
    found: list[ListedReward] = []
    for key in [*rewards, *(key for key in names if key not in rewards)]:
        reward = rewards.get(key)
        left = None
        if reward is not None and reward.stock is not None:
            left = max(reward.stock - taken.get(key, 0), 0)
        found.append(
            ListedReward(
                key,
                reward,
                reward.name if reward else names[key],
                left,
                reward is not None and reward.holds_on(today) and left != 0,
                counts.get((key, FulfilmentState.OPEN.value), 0),
                counts.get((key, FulfilmentState.FULFILLED.value), 0),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class OfferedReward:
    """What a member can take, as far as its points and the stock go."""

    key: str
    reward: CatalogueReward
    left: int | None
    """``None``: without end."""


def offered_to(
    session: Session, workspace_id: int, member_id: int, now: datetime
) -> list[OfferedReward]:
    """What today is for this member, in the programme's order, sold out or not."""
    current = programmes.current(session, workspace_id)
    if current is None or not current[1].rewards:
        return []
    programme = current[1]
    today = day_of(now, ZoneInfo(programme.timezone))
    found = {key: one for key, one in programme.rewards.items() if one.holds_on(today)}
    if any(one.when is not None for one in found.values()):
        known = qualities_of(session, workspace_id, programme, [member_id])
        his = known.get(member_id, NO_QUALITIES)
        found = {key: one for key, one in found.items() if is_meant(one.when, his)}
    taken = _taken(session, workspace_id)
    return [
        OfferedReward(
            key, one, None if one.stock is None else max(one.stock - taken.get(key, 0), 0)
        )
        for key, one in found.items()
    ]


def claims(
    session: Session, workspace_id: int, *, every: bool = False, limit: int = 1_000
) -> Sequence[RewardClaim]:
    """What is to be provided, oldest first; with ``every``, what was decided too, newest
    first."""
    which = [col(RewardClaim.workspace_id) == workspace_id]
    order = col(RewardClaim.id).desc()
    if not every:
        which.append(col(RewardClaim.state) == FulfilmentState.OPEN.value)
        order = col(RewardClaim.id).asc()
    return session.scalars(select(RewardClaim).where(*which).order_by(order).limit(limit)).all()


def claims_of(
    session: Session, workspace_id: int, member_id: int, limit: int
) -> Sequence[RewardClaim]:
    """What this member took, newest first."""
    return session.scalars(
        select(RewardClaim)
        .where(
            col(RewardClaim.workspace_id) == workspace_id,
            col(RewardClaim.member_id) == member_id,
        )
        .order_by(col(RewardClaim.id).desc())
        .limit(limit)
    ).all()


def claims_page(
    session: Session,
    workspace_id: int,
    states: Sequence[str],
    *,
    below: int | None = None,
    limit: int = 50,
) -> Sequence[RewardClaim]:
    """In these states, newest first; ``below``: the last one's number on the page before."""
    statement = select(RewardClaim).where(
        col(RewardClaim.workspace_id) == workspace_id, col(RewardClaim.state).in_(states)
    )
    if below is not None:
        statement = statement.where(col(RewardClaim.id) < below)
    return session.scalars(statement.order_by(col(RewardClaim.id).desc()).limit(limit)).all()


def to_provide(session: Session, workspace_id: int) -> int:
    """How many claims nobody has provided or cancelled yet."""
    statement = (
        select(func.count())
        .select_from(RewardClaim)
        .where(
            col(RewardClaim.workspace_id) == workspace_id,
            col(RewardClaim.state) == FulfilmentState.OPEN.value,
        )
    )
    return int(session.execute(statement).scalar_one())


def _taken(session: Session, workspace_id: int) -> dict[str, int]:
    rows = session.execute(
        select(col(RewardStock.reward), col(RewardStock.taken)).where(
            col(RewardStock.workspace_id) == workspace_id
        )
    )
    return {row.reward: row.taken for row in rows}


def _counts(session: Session, workspace_id: int) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(col(RewardClaim.reward), col(RewardClaim.state), func.count())
        .where(col(RewardClaim.workspace_id) == workspace_id)
        .group_by(col(RewardClaim.reward), col(RewardClaim.state))
    )
    return {(key, state): count for key, state, count in rows}
