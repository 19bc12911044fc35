"""Taking a reward of the catalogue: points are held for it until the staff has provided it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlmodel import Session, col

from bridge.db import insert_or_ignore
from bridge.kit.calendar import day_of
from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.members.holding import account_holder
from bridge.members.joining import takes_part
from bridge.members.meant import NO_QUALITIES, is_meant
from bridge.members.models import Member
from bridge.members.qualities import qualities_of
from bridge.members.standing import identity, locked
from bridge.points.book import Book, Cause, NotEnoughPoints
from bridge.points.spending import reserve
from bridge.programme import service as programmes
from bridge.programme.document import Programme
from bridge.programme.rewards import CatalogueReward
from bridge.rewards.models import RewardClaim, RewardStock
from connectors.sentences import joined, sentence

REWARD = "reward"
"""The book's word for the cause; its id is the claim's number."""


class CannotClaim(BridgeError):
    """The reward cannot be taken, for the reason it says; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Claiming:
    request_id: str
    """Makes it happen once, however often it is told."""
    member_id: int
    reward: str
    """The programme's key."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    claim: RewardClaim
    is_new: bool
    """False: it had been told before, and nothing was changed."""


def claim(session: Session, workspace_id: int, asked: Claiming, now: datetime) -> Claimed:
    """Holds the points and takes a piece from the stock, in this unit of work.

    Raises :class:`CannotClaim`, with the reason, and NotEnoughPoints as one.
    """
    member = locked(session, workspace_id, asked.member_id)
    known = _told_before(session, workspace_id, asked, member)
    if known is not None:
        return Claimed(known, is_new=False)
    number, programme, reward = _offered(session, workspace_id, asked.reward, now)
    _check_member(session, programme, asked.reward, reward, member, now)
    book = Book(session, workspace_id, now)
    holder = account_holder(session, member)
    account = book.open([holder])[holder]
    made = RewardClaim(
        workspace_id=workspace_id,
        request_id=asked.request_id,
        reward=asked.reward,
        name=reward.name,
        member_id=identity(member),
        account_id=account.id,
        points=reward.points,
        claimed_at=now,
        note=asked.note,
    )
    found = _insert(session, made)
    if found is None:
        # Told for two members at the same moment: the other one was first.
        raise _told_otherwise(asked)
    try:
        reserve(book, account, reward.points, cause_of(found, now, number))
    except NotEnoughPoints as error:
        raise CannotClaim(
            sentence(
                "%(reward_name)s costs %(wanted)s points, and only %(available)s are "
                "available. Nothing was changed.",
                reward_name=reward.name,
                wanted=error.wanted,
                available=error.available,
            )
        ) from None
    _take_piece(session, workspace_id, asked.reward, reward)
    book.write()
    return Claimed(found, is_new=True)


def cause_of(claim: RewardClaim, now: datetime, programme: int | None = None) -> Cause:
    assert claim.id is not None
    why = json.dumps({"reward": claim.name, "key": claim.reward}, ensure_ascii=False)
    return Cause(REWARD, str(claim.id), now, programme=programme, why=why)


def _told_before(
    session: Session, workspace_id: int, asked: Claiming, member: Member
) -> RewardClaim | None:
    found = session.scalars(
        select(RewardClaim).where(
            col(RewardClaim.workspace_id) == workspace_id,
            col(RewardClaim.request_id) == asked.request_id,
        )
    ).first()
    if found is None:
        return None
    whose = locked(session, workspace_id, found.member_id)
    if identity(whose) != identity(member) or found.reward != asked.reward:
        raise _told_otherwise(asked)
    return found


def _told_otherwise(asked: Claiming) -> CannotClaim:
    return CannotClaim(
        sentence(
            "The request `%(request_id)s` stands for another claim. Choose another id; "
            "nothing was changed.",
            request_id=f"{asked.request_id}",
        )
    )


def _offered(
    session: Session, workspace_id: int, key: str, now: datetime
) -> tuple[int, Programme, CatalogueReward]:
    current = programmes.current(session, workspace_id)
    rewards = current[1].rewards if current else {}
    if current is None or key not in rewards:
        hint = did_you_mean(key, rewards, nothing=sentence("The programme has no rewards."))
        raise CannotClaim(sentence("There is no reward `%(key)s`. %(hint)s", key=key, hint=hint))
    number, programme = current
    reward = rewards[key]
    today = day_of(now, ZoneInfo(programme.timezone))
    if not reward.holds_on(today):
        when = joined(
            sentence("from %(day)s", day=reward.starts) if reward.starts else "",
            sentence("until %(day)s", day=reward.until) if reward.until else "",
        )
        raise CannotClaim(
            sentence(
                "%(reward_name)s can be taken %(when)s, and today is %(today)s.",
                reward_name=reward.name,
                when=when,
                today=today,
            )
        )
    return number, programme, reward


def _check_member(
    session: Session,
    programme: Programme,
    key: str,
    reward: CatalogueReward,
    member: Member,
    now: datetime,
) -> None:
    member_id, workspace_id = identity(member), member.workspace_id
    if not takes_part(session, workspace_id, [member_id], now):
        raise CannotClaim(
            sentence(
                "Member #%(member_id)s takes no part in the programme: see `members join`.",
                member_id=f"{member_id}",
            )
        )
    if reward.when is None:
        return
    known = qualities_of(session, workspace_id, programme, [member_id])
    if not is_meant(reward.when, known.get(member_id, NO_QUALITIES)):
        raise CannotClaim(
            sentence(
                "%(reward_name)s is not for member #%(member_id)s: see `rewards: %(key)s: "
                "when` in the programme.",
                reward_name=reward.name,
                member_id=f"{member_id}",
                key=key,
            )
        )


def _insert(session: Session, made: RewardClaim) -> RewardClaim | None:
    """The row, written; ``None``: its request was told at the same moment."""
    row = made.model_dump(exclude={"id"})
    insert_or_ignore(session, RewardClaim, [row], ("workspace_id", "request_id"))
    found = session.scalars(
        select(RewardClaim).where(
            col(RewardClaim.workspace_id) == made.workspace_id,
            col(RewardClaim.request_id) == made.request_id,
        )
    ).first()
    is_ours = found is not None and (found.member_id, found.reward, found.claimed_at) == (
        made.member_id,
        made.reward,
        made.claimed_at,
    )
    return found if is_ours else None


def _take_piece(session: Session, workspace_id: int, key: str, reward: CatalogueReward) -> None:
    """The row is the lock for who takes the last one."""
    unique = ("workspace_id", "reward")
    row = {"workspace_id": workspace_id, "reward": key, "taken": 0}
    insert_or_ignore(session, RewardStock, [row], unique)
    limit = [] if reward.stock is None else [col(RewardStock.taken) < reward.stock]
    taken: Any = session.execute(
        update(RewardStock)
        .where(
            col(RewardStock.workspace_id) == workspace_id, col(RewardStock.reward) == key, *limit
        )
        .values(taken=col(RewardStock.taken) + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        raise CannotClaim(
            sentence(
                "%(reward_name)s is not in stock any more. Nothing was changed.",
                reward_name=reward.name,
            )
        )
