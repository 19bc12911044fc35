"""Whom this user may see: everybody, or the members he looks after."""

from __future__ import annotations

from dataclasses import replace

from flask import abort
from sqlmodel import Session

from bridge.members.finding import Listed, UnknownMember, described, member_named
from bridge.members.searching import EVERYBODY, Which, is_among
from bridge.users.roles import Permission
from bridge.web.admin.visit import Visit


def seen_by(visit: Visit, which: Which = EVERYBODY) -> Which:
    if visit.may(Permission.SEE_MEMBERS):
        return which
    return replace(which, user_id=visit.user_id)


def require(visit: Visit, session: Session, member_id: int) -> Listed:
    """A member as he stands now. 404 where there is none, he was merged into another, or this
    user does not look after him: nobody learns which."""
    if not _is_number(member_id) or not is_among(
        session, visit.app.workspace_id, member_id, seen_by(visit)
    ):
        abort(404)
    (found,) = described(session, visit.app.workspace_id, [member_id])
    return found


def now_called(visit: Visit, session: Session, member_id: int) -> int | None:
    """Whom a merged member was merged into; ``None``: he is nobody, or not of this user."""
    try:
        found = member_named(session, visit.app.workspace_id, f"#{member_id}")
    except UnknownMember:
        return None
    if found == member_id or not is_among(session, visit.app.workspace_id, found, seen_by(visit)):
        return None
    return found


def _is_number(member_id: int) -> bool:
    """Whether the column can hold it at all."""
    return member_id < 2**31
