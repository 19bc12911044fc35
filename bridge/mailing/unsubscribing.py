"""What a letter's link does: its holder says which letters he does not want, or wants again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bridge.kit.encryption import KeyRing
from bridge.languages.speech import Speech
from bridge.letters.models import LetterKind
from bridge.letters.refusing import allow, is_genuine, named, refuse
from bridge.mailing.addressee import addressee
from bridge.mailing.wording import (
    AGAIN,
    DOMAIN,
    KIND,
    NONE,
    Page,
    Tongue,
    allowed_page,
    ask_page,
    refused_page,
)
from bridge.preferences.sections import Branding, Letters
from bridge.preferences.service import preferences
from bridge.programme.service import current
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.models import VoucherSecret

ONE_CLICK = "List-Unsubscribe"
"""The field that mail programs send (RFC 8058): no letters at all any more."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a genuine link."""

    workspace_id: int
    member_id: int
    """As he is now."""
    everyone: tuple[int, ...]
    """He, and whom he was before he was merged."""
    kind: LetterKind
    tongue: Tongue

    def asked(self) -> Page:
        return ask_page(self.tongue, self.kind)


def holder(
    session: Session, keys: Callable[[], KeyRing], token: str, now: datetime
) -> Holder | None:
    """Changes nothing: mail servers open links to look at them. ``None``: it is forged, or of
    nobody. Raises UnreadableSecret."""
    link = named(token)
    if link is None or not _has_secret(session, link.workspace_id):
        return None
    if not is_genuine(workspace_secret(session, link.workspace_id, keys, now), token):
        return None
    letters = preferences(session, link.workspace_id, Letters)
    try:
        him = addressee(session, link.workspace_id, link.member_id, letters)
    except LookupError:
        return None
    assert him.member.id is not None
    found = current(session, link.workspace_id)
    branding = preferences(session, link.workspace_id, Branding)
    zone = ZoneInfo(found[1].timezone if found else "UTC")
    name = branding.name or (found[1].name if found else "")
    tongue = Tongue(Speech(him.language, DOMAIN, zone), name, branding.point, branding.points)
    return Holder(link.workspace_id, him.member.id, him.everyone, link.kind, tongue)


def choose(session: Session, he: Holder, choice: str, now: datetime) -> Page:
    """Does what he chose (one of what stands on the page's buttons), and says so; anything else
    changes nothing, and he is asked again."""
    if choice in (KIND, NONE):
        kind = he.kind if choice == KIND else None
        refuse(session, he.workspace_id, he.member_id, kind, now)
        return refused_page(he.tongue, he.kind, is_all=choice == NONE)
    if choice == AGAIN:
        allow(session, he.workspace_id, he.everyone, he.kind, now)
        return allowed_page(he.tongue, he.kind)
    return he.asked()


def _has_secret(session: Session, workspace_id: int) -> bool:
    """No link was ever made without one, and looking at a page must not make one."""
    found = session.exec(
        select(VoucherSecret.workspace_id).where(
            col(VoucherSecret.workspace_id) == workspace_id, col(VoucherSecret.secret) != ""
        )
    )
    return found.first() is not None
