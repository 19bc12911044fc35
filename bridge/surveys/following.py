"""Who follows the link of a letter: whose it is, and for which survey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from bridge.kit.encryption import KeyRing
from bridge.members.finding import UnknownMember, member_named
from bridge.surveys.links import is_genuine, is_over, named
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.models import VoucherSecret


class BadLink(StrEnum):
    UNKNOWN = "unknown"
    """Forged, of another workspace, or of nobody."""
    OVER = "over"
    """It was good for some time only."""


@dataclass(frozen=True, slots=True)
class Followed:
    survey_id: int
    member_id: int
    """As he is now."""


def follow(
    session: Session,
    workspace_id: int,
    keys: Callable[[], KeyRing],
    token: str,
    now: datetime,
) -> Followed | BadLink:
    """Changes nothing. Raises UnreadableSecret."""
    link = named(token)
    if link is None or link.workspace_id != workspace_id or not _has_secret(session, workspace_id):
        return BadLink.UNKNOWN
    if not is_genuine(workspace_secret(session, workspace_id, keys, now), token):
        return BadLink.UNKNOWN
    if is_over(link, now):
        return BadLink.OVER
    try:
        member_id = member_named(session, workspace_id, f"#{link.member_id}")
    except UnknownMember:
        return BadLink.UNKNOWN
    return Followed(link.survey_id, member_id)


def _has_secret(session: Session, workspace_id: int) -> bool:
    """No link was ever made without one, and looking at a page must not make one."""
    found = session.exec(
        select(VoucherSecret.workspace_id).where(
            col(VoucherSecret.workspace_id) == workspace_id, col(VoucherSecret.secret) != ""
        )
    )
    return found.first() is not None
