"""Users and what they may do: found, made, given roles, disabled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, func, select, update

from bridge.db import insert_or_ignore, upsert
from bridge.kit.errors import BridgeError
from bridge.programme.emails import normal_email
from bridge.users.models import ShopAdministration, User, UserAccount, UserRole
from bridge.users.roles import Role
from bridge.users.sessions import end_sessions
from bridge.workspaces.models import Workspace
from connectors.sentences import sentence


class UnknownUser(BridgeError):
    def __init__(self, email: str) -> None:
        super().__init__(
            sentence("Nobody signs in as %(email)s. See `loyalty-bridge users list`.", email=email)
        )


class LastOwner(BridgeError):
    def __init__(self) -> None:
        super().__init__(
            sentence("This is the only owner of the workspace. Make somebody else an owner first.")
        )


@dataclass(frozen=True, slots=True)
class Granted:
    """What a user may do in one workspace."""

    workspace_id: int
    workspace: str
    role: Role
    adjust_limit: int | None


@dataclass(frozen=True, slots=True)
class Colleague:
    user: User
    role: Role
    adjust_limit: int | None
    accounts: int
    """How many members he looks after."""


def user_named(session: Session, email: str) -> User | None:
    """``email`` as somebody types it."""
    try:
        address = normal_email(email)
    except ValueError:
        return None
    return session.exec(select(User).where(col(User.email) == address)).first()


def user_of(session: Session, email: str) -> User:
    """Raises :class:`UnknownUser`."""
    found = user_named(session, email)
    if found is None:
        raise UnknownUser(email)
    return found


def make_user(session: Session, email: str, name: str, password_hash: str, now: datetime) -> User:
    """Who is there already is given back as he is. Raises ValueError for what is no address."""
    address = normal_email(email)
    insert_or_ignore(
        session,
        User,
        [
            {
                "email": address,
                "name": name.strip() or address,
                "password_hash": password_hash,
                "password_set_at": now if password_hash else None,
                "totp_secret": "",
                "totp_step": 0,
                "subject": "",
                "language": "",
                "is_disabled": False,
                "created_at": now,
            }
        ],
        ["email"],
    )
    return session.exec(select(User).where(col(User.email) == address)).one()


def set_password(
    session: Session, user_id: int, password_hash: str, now: datetime, *, keep: int | None = None
) -> None:
    """Ends his sessions, but the one he does it in."""
    session.exec(
        update(User)
        .where(col(User.id) == user_id)
        .values(password_hash=password_hash, password_set_at=now)
    )
    end_sessions(session, user_id, but=keep)


def renew_hash(session: Session, user_id: int, before: str, after: str) -> None:
    """The same password under today's parameters, unless it was changed meanwhile."""
    session.exec(
        update(User)
        .where(col(User.id) == user_id, col(User.password_hash) == before)
        .values(password_hash=after)
    )


def grant(
    session: Session,
    workspace_id: int,
    user_id: int,
    role: Role,
    by: str,
    now: datetime,
    *,
    adjust_limit: int | None = None,
) -> None:
    """Raises :class:`LastOwner`."""
    if role is not Role.OWNER:
        _require_other_owner(session, workspace_id, user_id)
    upsert(
        session,
        UserRole,
        [
            {
                "workspace_id": workspace_id,
                "user_id": user_id,
                "role": role.value,
                "adjust_limit": adjust_limit,
                "granted_at": now,
                "granted_by": by,
            }
        ],
    )


def take_away(session: Session, workspace_id: int, user_id: int) -> None:
    """What he may do here, with his accounts. Raises :class:`LastOwner`."""
    _require_other_owner(session, workspace_id, user_id)
    for table in (UserAccount, UserRole):
        session.exec(
            delete(table).where(
                col(table.workspace_id) == workspace_id, col(table.user_id) == user_id
            )
        )


def granted(session: Session, user_id: int) -> list[Granted]:
    """By the workspace's name."""
    rows = session.exec(
        select(UserRole, Workspace.key)
        .join(Workspace, col(Workspace.id) == col(UserRole.workspace_id))
        .where(col(UserRole.user_id) == user_id)
        .order_by(Workspace.key)
    )
    return [Granted(row.workspace_id, key, Role(row.role), row.adjust_limit) for row, key in rows]


def colleagues(session: Session, workspace_id: int) -> list[Colleague]:
    """People, by name. Shops' administrations: :mod:`bridge.users.administrations`."""
    accounts = (
        select(col(UserAccount.user_id), func.count().label("accounts"))
        .where(col(UserAccount.workspace_id) == workspace_id)
        .group_by(col(UserAccount.user_id))
        .subquery()
    )
    rows = session.exec(
        select(User, UserRole, func.coalesce(accounts.c.accounts, 0))
        .join(UserRole, col(UserRole.user_id) == col(User.id))
        .outerjoin(accounts, accounts.c.user_id == col(User.id))
        .where(
            col(UserRole.workspace_id) == workspace_id,
            col(User.id).not_in(select(ShopAdministration.user_id)),
        )
        .order_by(col(User.name), col(User.id))
    )
    return [
        Colleague(user, Role(row.role), row.adjust_limit, int(count)) for user, row, count in rows
    ]


def set_disabled(session: Session, user: User, *, is_disabled: bool) -> None:
    """In every workspace. Raises :class:`LastOwner` where he is the only one of any."""
    assert user.id is not None
    if is_disabled:
        for one in granted(session, user.id):
            _require_other_owner(session, one.workspace_id, user.id)
        end_sessions(session, user.id)
    session.exec(update(User).where(col(User.id) == user.id).values(is_disabled=is_disabled))


def set_accounts(
    session: Session, workspace_id: int, user_id: int, members: Sequence[int], now: datetime
) -> None:
    """The members that a user of the role sales looks after: exactly these."""
    session.exec(
        delete(UserAccount).where(
            col(UserAccount.workspace_id) == workspace_id,
            col(UserAccount.user_id) == user_id,
            col(UserAccount.member_id).not_in(members),
        )
    )
    insert_or_ignore(
        session,
        UserAccount,
        [
            {
                "workspace_id": workspace_id,
                "user_id": user_id,
                "member_id": member,
                "given_at": now,
            }
            for member in dict.fromkeys(members)
        ],
    )


def _require_other_owner(session: Session, workspace_id: int, user_id: int) -> None:
    """Who is no owner may always go. Locks the workspace: of two owners that leave at once, the
    second is refused."""
    session.exec(select(Workspace).where(col(Workspace.id) == workspace_id).with_for_update()).one()
    owners = set(
        session.exec(
            select(col(UserRole.user_id))
            .join(User, col(User.id) == col(UserRole.user_id))
            .where(
                col(UserRole.workspace_id) == workspace_id,
                col(UserRole.role) == Role.OWNER.value,
                col(User.is_disabled).is_(False),
            )
        )
    )
    if owners == {user_id}:
        raise LastOwner
