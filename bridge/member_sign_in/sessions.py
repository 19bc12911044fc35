"""Members who are signed in: opaque tokens whose rows can be ended from anywhere.

A session lasts while what it hangs on is his: the address that a code went to, or the customer
of the shop that made the link. Merged with another, he is that one from then on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select, update

from bridge.installations.models import Installation
from bridge.member_sign_in.models import MemberCode, MemberSession
from bridge.member_sign_in.secrets import address_hash, new_token, token_hash
from bridge.members.models import Member, MemberCustomer, MemberEmail, ShopCustomer
from bridge.members.reachable import reachable

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""So often a page that is looked at counts as a sign of life: not each needs a write."""
_DEEPEST = 20
"""Members merged one into another that are followed."""


@dataclass(frozen=True, slots=True)
class Comer:
    """Who comes in, and what shows it: an address, or a shop's customer."""

    member_id: int
    address_hash: str = ""
    installation_id: int | None = None
    customer_id: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    member: Member
    """As he is now."""
    session_id: int
    seen_at: datetime

    @property
    def member_id(self) -> int:
        assert self.member.id is not None
        return self.member.id

    def is_due(self, now: datetime) -> bool:
        """Whether :func:`see` has something to write."""
        return now - self.seen_at >= SEEN_EVERY


def start_session(session: Session, workspace_id: int, comer: Comer, now: datetime) -> str:
    """The token for his cookie. What ended long ago is deleted with it."""
    session.exec(
        delete(MemberSession).where(
            col(MemberSession.workspace_id) == workspace_id, col(MemberSession.ends_at) < now
        )
    )
    token = new_token()
    session.add(
        MemberSession(
            workspace_id=workspace_id,
            token_hash=token_hash(token),
            member_id=comer.member_id,
            address_hash=comer.address_hash,
            installation_id=comer.installation_id,
            customer_id=comer.customer_id,
            started_at=now,
            seen_at=now,
            ends_at=now + LONGEST,
        )
    )
    session.flush()
    return token


def signed_in(session: Session, workspace_id: int, token: str, now: datetime) -> SignedIn | None:
    """``None``: never begun, over, or what it hangs on is not his any more."""
    row = session.exec(
        select(MemberSession).where(
            col(MemberSession.workspace_id) == workspace_id,
            col(MemberSession.token_hash) == token_hash(token),
            col(MemberSession.ends_at) > now,
            col(MemberSession.seen_at) > now - IDLE,
        )
    ).first()
    if row is None or row.id is None:
        return None
    member = standing_member(session, workspace_id, row.member_id)
    if member is None or member.erased_at or not _is_still_his(session, row, member):
        return None
    return SignedIn(member, row.id, row.seen_at)


def see(session: Session, workspace_id: int, session_id: int, now: datetime) -> None:
    session.exec(
        update(MemberSession)
        .where(col(MemberSession.workspace_id) == workspace_id, col(MemberSession.id) == session_id)
        .values(seen_at=now)
    )


def end_session(session: Session, workspace_id: int, session_id: int) -> None:
    session.exec(
        delete(MemberSession).where(
            col(MemberSession.workspace_id) == workspace_id, col(MemberSession.id) == session_id
        )
    )


def forget_member(session: Session, workspace_id: int, member_ids: Iterable[int]) -> None:
    """Signs him out everywhere and drops his codes: when he is erased."""
    ids = list(member_ids)
    for table in (MemberSession, MemberCode):
        session.exec(
            delete(table).where(
                col(table.workspace_id) == workspace_id, col(table.member_id).in_(ids)
            )
        )


def standing_member(session: Session, workspace_id: int, member_id: int) -> Member | None:
    """He, or whom he was merged into."""
    wanted = member_id
    for _ in range(_DEEPEST):
        member = session.exec(
            select(Member).where(col(Member.workspace_id) == workspace_id, col(Member.id) == wanted)
        ).first()
        if member is None or member.merged_into is None:
            return member
        wanted = member.merged_into
    return None


def _is_still_his(session: Session, row: MemberSession, member: Member) -> bool:
    if row.installation_id is None:
        found = session.execute(
            reachable(row.workspace_id, col(MemberEmail.member_id) == member.id)
        )
        return any(address_hash(row.workspace_id, one.email) == row.address_hash for one in found)
    linked = customer_member(session, row.workspace_id, row.installation_id, row.customer_id)
    return linked is not None and linked.id == member.id


def customer_member(
    session: Session, workspace_id: int, installation_id: int, customer_id: str
) -> Member | None:
    """Whose customer of a connected shop this is, who may sign in there: active, and no guest."""
    found = session.exec(
        select(MemberCustomer.member_id)
        .join(
            ShopCustomer,
            (col(ShopCustomer.installation_id) == col(MemberCustomer.installation_id))
            & (col(ShopCustomer.customer_id) == col(MemberCustomer.customer_id)),
        )
        .join(Installation, col(Installation.id) == col(MemberCustomer.installation_id))
        .where(
            col(MemberCustomer.workspace_id) == workspace_id,
            col(MemberCustomer.installation_id) == installation_id,
            col(MemberCustomer.customer_id) == customer_id,
            col(ShopCustomer.is_active).is_(True),
            col(ShopCustomer.is_guest).is_(False),
            col(Installation.removed_at).is_(None),
        )
    ).first()
    member = None if found is None else standing_member(session, workspace_id, found)
    return None if member is None or member.erased_at else member
