"""Who looks after which member: a user of the role sales sees no others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, delete, select

from bridge.db import insert_or_ignore
from bridge.users.models import User, UserAccount, UserRole
from bridge.users.roles import Role


def sales_people(session: Session, workspace_id: int) -> list[User]:
    """Users of the role sales, by name."""
    return list(
        session.exec(
            select(User)
            .join(UserRole, col(UserRole.user_id) == col(User.id))
            .where(
                col(UserRole.workspace_id) == workspace_id,
                col(UserRole.role) == Role.SALES.value,
            )
            .order_by(col(User.name), col(User.id))
        )
    )


def looking_after(session: Session, workspace_id: int, member_id: int) -> list[User]:
    """Those who look after this member, by name."""
    return list(
        session.exec(
            select(User)
            .join(UserAccount, col(UserAccount.user_id) == col(User.id))
            .where(
                col(UserAccount.workspace_id) == workspace_id,
                col(UserAccount.member_id) == member_id,
            )
            .order_by(col(User.name), col(User.id))
        )
    )


def look_after(
    session: Session, workspace_id: int, member_id: int, user_ids: Sequence[int], now: datetime
) -> None:
    """Exactly these users look after the member from now on."""
    session.exec(
        delete(UserAccount).where(
            col(UserAccount.workspace_id) == workspace_id,
            col(UserAccount.member_id) == member_id,
            col(UserAccount.user_id).not_in(user_ids),
        )
    )
    insert_or_ignore(
        session,
        UserAccount,
        [
            {
                "workspace_id": workspace_id,
                "user_id": user_id,
                "member_id": member_id,
                "given_at": now,
            }
            for user_id in dict.fromkeys(user_ids)
        ],
    )


def follow(session: Session, workspace_id: int, old_id: int, new_id: int) -> None:
    """Who looked after a merged member looks after the one he was merged into."""
    mine = (col(UserAccount.workspace_id) == workspace_id, col(UserAccount.member_id) == old_id)
    rows = session.exec(select(UserAccount.user_id, UserAccount.given_at).where(*mine)).all()
    insert_or_ignore(
        session,
        UserAccount,
        [
            {
                "workspace_id": workspace_id,
                "user_id": user_id,
                "member_id": new_id,
                "given_at": given_at,
            }
            for user_id, given_at in rows
        ],
    )
    session.exec(delete(UserAccount).where(*mine))
