"""What owners do with users, on a page or by command: each with its entry in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bridge.audit.service import Actor, Subject, record
from bridge.kit.errors import BridgeError
from bridge.programme.emails import normal_email
from bridge.users import links
from bridge.users.models import User
from bridge.users.roles import Role
from bridge.users.service import Granted, grant, granted, set_disabled, take_away
from connectors.sentences import sentence


class NoColleague(BridgeError):
    def __init__(self, email: str) -> None:
        super().__init__(
            sentence(
                "%(email)s sees nothing of this workspace. See `loyalty-bridge users list`.",
                email=email,
            )
        )


class NoAddress(BridgeError):
    def __init__(self, email: str) -> None:
        super().__init__(
            sentence(
                "%(email)s is no e-mail address: write it like name@example.com.",
                email=f"{email!r}",
            )
        )


class NotYoursAlone(BridgeError):
    def __init__(self, email: str) -> None:
        super().__init__(
            sentence(
                "%(email)s works in workspaces that you do not own, too. Who runs the bridge "
                "can make the link: `loyalty-bridge users link %(email)s`.",
                email=email,
            )
        )


def invite(
    session: Session,
    workspace_id: int,
    email: str,
    role: Role,
    inviter: str,
    actor: Actor,
    now: datetime,
) -> str:
    """A token for a link that makes an account with this role, or gives it to an account that is
    there. ``inviter``: who invites, as the invited one reads it. Raises :class:`NoAddress`."""
    try:
        address = normal_email(email)
    except ValueError:
        raise NoAddress(email) from None
    token = links.invitation(session, workspace_id, address, role, inviter, now)
    _record(session, workspace_id, actor, "user.invited", now, address, after={"role": role.value})
    return token


def withdraw_invitation(
    session: Session, workspace_id: int, link_id: int, actor: Actor, now: datetime
) -> bool:
    """Whether it was there to be withdrawn."""
    waiting = {one.id: one.email for one in links.invitations(session, workspace_id, now)}
    if not links.withdraw_invitation(session, workspace_id, link_id):
        return False
    email = waiting.get(link_id, "")
    _record(session, workspace_id, actor, "user.invitation-withdrawn", now, email)
    return True


def password_link(
    session: Session,
    workspace_id: int,
    user: User,
    actor: Actor,
    now: datetime,
    *,
    without_factor: bool = False,
) -> str:
    """A token for who forgot his password; ``without_factor``: his second factor is lost, too.

    Its holder gets into every workspace of this user: ask :func:`require_own` before an owner
    is handed one.
    """
    token = links.password_link(session, user.email, actor.name, now, without_factor=without_factor)
    after = {"second factor": "turned off by the link"} if without_factor else None
    _record(session, workspace_id, actor, "user.password-link", now, user, after=after)
    return token


def require_own(session: Session, owner_id: int, user: User) -> None:
    """Raises :class:`NotYoursAlone` where the user works in a workspace that this one does not
    own: with a link to a new password he could go there himself."""
    assert user.id is not None
    owned = {one.workspace_id for one in granted(session, owner_id) if one.role is Role.OWNER}
    if any(one.workspace_id not in owned for one in granted(session, user.id)):
        raise NotYoursAlone(user.email)


def change_role(
    session: Session,
    workspace_id: int,
    user: User,
    role: Role,
    adjust_limit: int | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Who has none here yet gets it. Raises LastOwner."""
    assert user.id is not None
    before = role_here(session, workspace_id, user)
    grant(session, workspace_id, user.id, role, actor.name, now, adjust_limit=adjust_limit)
    links.withdraw_invitations_of(session, workspace_id, user.email)
    _record(
        session,
        workspace_id,
        actor,
        "user.role-changed",
        now,
        user,
        before=_told(before.role, before.adjust_limit) if before else {},
        after=_told(role, adjust_limit),
    )


def remove(session: Session, workspace_id: int, user: User, actor: Actor, now: datetime) -> None:
    """From this workspace; his account stays. Raises LastOwner and :class:`NoColleague`."""
    assert user.id is not None
    before = role_here(session, workspace_id, user)
    if before is None:
        raise NoColleague(user.email)
    take_away(session, workspace_id, user.id)
    links.withdraw_invitations_of(session, workspace_id, user.email)
    told = {"role": before.role.value}
    _record(session, workspace_id, actor, "user.removed", now, user, before=told)


def disable(session: Session, workspace_id: int, user: User, actor: Actor, now: datetime) -> None:
    """He is signed out and cannot sign in, in any workspace. Raises LastOwner."""
    set_disabled(session, user, is_disabled=True)
    _record(session, workspace_id, actor, "user.disabled", now, user)


def enable(session: Session, workspace_id: int, user: User, actor: Actor, now: datetime) -> None:
    set_disabled(session, user, is_disabled=False)
    _record(session, workspace_id, actor, "user.enabled", now, user)


def role_here(session: Session, workspace_id: int, user: User) -> Granted | None:
    assert user.id is not None
    found = granted(session, user.id)
    return next((one for one in found if one.workspace_id == workspace_id), None)


def _told(role: Role, adjust_limit: int | None) -> dict[str, Any]:
    return {"role": role.value, "adjust limit": adjust_limit}


def _record(
    session: Session,
    workspace_id: int,
    actor: Actor,
    action: str,
    now: datetime,
    whom: User | str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """``whom``: an address where there is no user yet."""
    id_, email = ("", whom) if isinstance(whom, str) else (str(whom.id), whom.email)
    subject = Subject("user", id_, email)
    record(session, workspace_id, actor, action, subject, now, before=before, after=after)
