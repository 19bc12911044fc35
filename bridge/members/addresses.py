"""Addresses that stand for members: each for one member of the workspace."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select, update

from bridge.db import insert_or_ignore
from bridge.members.models import Member, MemberEmail
from bridge.members.standing import discard, identity, locked, make_member
from bridge.programme.emails import normal_email


def usable(email: str) -> str | None:
    """The address as it is compared; ``None`` when it is none, and so can link nobody."""
    try:
        return normal_email(email)
    except ValueError:
        return None


def standing_for(session: Session, workspace_id: int, address: str) -> MemberEmail | None:
    return session.exec(
        select(MemberEmail)
        .where(col(MemberEmail.workspace_id) == workspace_id, col(MemberEmail.email) == address)
        .execution_options(populate_existing=True)
    ).first()


def claim(
    session: Session, workspace_id: int, address: str, member_id: int, *, is_confirmed: bool
) -> MemberEmail:
    """Lets the address stand for the member, unless it stands for one already; says for whom.

    Of two units of work that claim one address at once, the second waits for the first.
    """
    insert_or_ignore(
        session,
        MemberEmail,
        [
            {
                "workspace_id": workspace_id,
                "email": address,
                "member_id": member_id,
                "is_confirmed": is_confirmed,
            }
        ],
        ("workspace_id", "email"),
    )
    found = standing_for(session, workspace_id, address)
    assert found is not None, "it was there, or was written"
    return found


def member_of(
    session: Session,
    workspace_id: int,
    address: str,
    joined_at: datetime,
    *,
    is_confirmed: bool,
) -> tuple[Member, bool]:
    """The member the address stands for, locked, and whether he was made for it."""
    found = standing_for(session, workspace_id, address)
    made: Member | None = None
    if found is None:
        made = make_member(session, workspace_id, joined_at)
        found = claim(session, workspace_id, address, identity(made), is_confirmed=is_confirmed)
        if found.member_id == identity(made):
            return made, True
        discard(session, made)
    member = _locked_holder(session, workspace_id, found)
    if member is None:
        # Whom it stood for was erased while this waited for him.
        return member_of(session, workspace_id, address, joined_at, is_confirmed=is_confirmed)
    if is_confirmed:
        confirm(session, workspace_id, address)
    return member, False


def confirm(session: Session, workspace_id: int, address: str) -> None:
    """Somebody has shown that the address is his."""
    session.exec(
        update(MemberEmail)
        .where(
            col(MemberEmail.workspace_id) == workspace_id,
            col(MemberEmail.email) == address,
            col(MemberEmail.is_confirmed).is_(False),
        )
        .values(is_confirmed=True)
    )


def _locked_holder(session: Session, workspace_id: int, found: MemberEmail) -> Member | None:
    while True:
        member = locked(session, workspace_id, found.member_id)
        # Whoever held the lock until now may have split the address off.
        again = standing_for(session, workspace_id, found.email)
        if again is None:
            return None
        if again.member_id == identity(member):
            return member
        found = again
