"""Links that make an account or a new password: each works once, for some time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, func, select, update

from bridge.kit.errors import BridgeError
from bridge.users.models import LinkPurpose, User, UserLink, UserRole
from bridge.users.roles import Role
from bridge.users.tokens import new_token, token_hash
from connectors.sentences import sentence

LASTING = {
    LinkPurpose.OWNER: timedelta(hours=24),
    LinkPurpose.INVITATION: timedelta(days=7),
    LinkPurpose.PASSWORD: timedelta(hours=1),
}

WITHOUT_FACTOR = "without-factor"
"""Said in place of a role by a link for a new password that also turns the second factor off."""


class DeadLink(BridgeError):
    def __init__(self) -> None:
        super().__init__(
            sentence(
                "This link has been used, or its time is over. Ask for a new one, or run "
                "`loyalty-bridge users link EMAIL` where the bridge is installed."
            )
        )


@dataclass(frozen=True, slots=True)
class Invited:
    """What a link says of who follows it."""

    link_id: int
    purpose: LinkPurpose
    workspace_id: int | None
    email: str
    role: str
    made_by: str


def owner_link(session: Session, workspace_id: int, now: datetime) -> str | None:
    """A token for the first owner of a workspace; ``None``: somebody owns it. Each call makes the
    one before worthless."""
    if has_owner(session, workspace_id):
        return None
    session.exec(
        delete(UserLink).where(
            col(UserLink.workspace_id) == workspace_id,
            col(UserLink.purpose) == LinkPurpose.OWNER.value,
            col(UserLink.used_at).is_(None),
        )
    )
    return _made(session, LinkPurpose.OWNER, workspace_id, "", Role.OWNER.value, "the bridge", now)


def has_owner(session: Session, workspace_id: int) -> bool:
    """Somebody who can sign in or be invited to: a disabled one counts as none."""
    owners = session.exec(
        select(func.count())
        .select_from(UserRole)
        .join(User, col(User.id) == col(UserRole.user_id))
        .where(
            col(UserRole.workspace_id) == workspace_id,
            col(UserRole.role) == Role.OWNER.value,
            col(User.is_disabled).is_(False),
        )
    ).one()
    return owners > 0


def invitation(
    session: Session, workspace_id: int, email: str, role: Role, made_by: str, now: datetime
) -> str:
    """For an address, which already is as addresses are compared."""
    return _made(session, LinkPurpose.INVITATION, workspace_id, email, role.value, made_by, now)


def password_link(
    session: Session, email: str, made_by: str, now: datetime, *, without_factor: bool = False
) -> str:
    """``without_factor``: his telephone is lost, too."""
    told = WITHOUT_FACTOR if without_factor else ""
    return _made(session, LinkPurpose.PASSWORD, None, email, told, made_by, now)


def look(session: Session, token: str, now: datetime) -> Invited:
    """Raises :class:`DeadLink`. Looking uses nothing up: mail programs follow links, too."""
    found = session.exec(
        select(UserLink).where(
            col(UserLink.token_hash) == token_hash(token),
            col(UserLink.used_at).is_(None),
            col(UserLink.ends_at) > now,
        )
    ).first()
    if found is None:
        raise DeadLink
    assert found.id is not None
    purpose = LinkPurpose(found.purpose)
    if purpose is LinkPurpose.OWNER:
        assert found.workspace_id is not None
        if has_owner(session, found.workspace_id):
            raise DeadLink
    return Invited(found.id, purpose, found.workspace_id, found.email, found.role, found.made_by)


def use(session: Session, token: str, now: datetime) -> Invited:
    """Of two at once, one. Raises :class:`DeadLink`."""
    found = look(session, token, now)
    done = session.exec(
        update(UserLink)
        .where(col(UserLink.id) == found.link_id, col(UserLink.used_at).is_(None))
        .values(used_at=now)
    )
    if not done.rowcount:
        raise DeadLink
    return found


def invitations(session: Session, workspace_id: int, now: datetime) -> list[UserLink]:
    """Those that wait to be followed, the newest first."""
    return list(
        session.exec(
            select(UserLink)
            .where(
                col(UserLink.workspace_id) == workspace_id,
                col(UserLink.purpose) == LinkPurpose.INVITATION.value,
                col(UserLink.used_at).is_(None),
                col(UserLink.ends_at) > now,
            )
            .order_by(col(UserLink.id).desc())
        )
    )


def open_invitations(session: Session, email: str, now: datetime) -> list[UserLink]:
    """To an address (as addresses are compared), of every workspace; locked."""
    return list(
        session.exec(
            select(UserLink)
            .where(
                col(UserLink.email) == email,
                col(UserLink.purpose) == LinkPurpose.INVITATION.value,
                col(UserLink.used_at).is_(None),
                col(UserLink.ends_at) > now,
            )
            .order_by(col(UserLink.id))
            .with_for_update()
        )
    )


def withdraw_invitation(session: Session, workspace_id: int, link_id: int) -> bool:
    done = session.exec(
        delete(UserLink).where(
            col(UserLink.workspace_id) == workspace_id,
            col(UserLink.id) == link_id,
            col(UserLink.used_at).is_(None),
        )
    )
    return bool(done.rowcount)


def withdraw_invitations_of(session: Session, workspace_id: int, email: str) -> None:
    """All that were not used: once it is decided what somebody may do here, no older word may
    change that."""
    session.exec(
        delete(UserLink).where(
            col(UserLink.workspace_id) == workspace_id,
            col(UserLink.purpose) == LinkPurpose.INVITATION.value,
            col(UserLink.email) == email,
            col(UserLink.used_at).is_(None),
        )
    )


def withdraw_password_links(session: Session, email: str) -> None:
    """All that were not used: with a new password they are over."""
    session.exec(
        delete(UserLink).where(
            col(UserLink.purpose) == LinkPurpose.PASSWORD.value,
            col(UserLink.email) == email,
            col(UserLink.used_at).is_(None),
        )
    )


def _made(
    session: Session,
    purpose: LinkPurpose,
    workspace_id: int | None,
    email: str,
    role: str,
    made_by: str,
    now: datetime,
) -> str:
    session.exec(delete(UserLink).where(col(UserLink.ends_at) < now - timedelta(days=30)))
    token = new_token()
    session.add(
        UserLink(
            token_hash=token_hash(token),
            purpose=purpose.value,
            workspace_id=workspace_id,
            email=email,
            role=role,
            made_by=made_by,
            made_at=now,
            ends_at=now + LASTING[purpose],
        )
    )
    session.flush()
    return token
