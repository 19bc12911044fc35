"""Letters that members do not want, and the links by which they say so.

A link's token names the member and the kind of letter, signed with an HMAC-SHA256 under a key
derived from the workspace's secret: nobody else can make one, and it needs no row. It does not
end: who finds an old letter may still want no more.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel import Session, col, delete, select

from bridge.consents.service import letters_of, note
from bridge.db import insert_or_ignore
from bridge.letters.models import OFFERED, LetterKind, LetterRefusal

ALL = "all"
BY_LINK = "link in a letter"
_PURPOSE = b"loyalty-bridge letters 1"
_SHAPE = re.compile(r"(\d{1,10})-(\d{1,10})-([a-z]{1,20})-([A-Za-z0-9_-]{32})", re.ASCII)
_BYTES = 24
"""Of the signature: 192 bits, so that links stay short."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a letter's link is about."""

    workspace_id: int
    member_id: int
    kind: LetterKind


def token_of(secret: bytes, link: Link) -> str:
    """``secret``: see :mod:`bridge.vouchers.codes`. Pure."""
    told = f"{link.workspace_id}-{link.member_id}-{link.kind.value}"
    return f"{told}-{_signed(secret, told)}"


def named(token: str) -> Link | None:
    """What the token says, before anybody looked whether it is genuine; ``None``: it is none."""
    found = _SHAPE.fullmatch(token)
    if found is None or found[3] not in set(OFFERED):
        return None
    return Link(int(found[1]), int(found[2]), LetterKind(found[3]))


def is_genuine(secret: bytes, token: str) -> bool:
    """In a time that tells nothing about where it differs."""
    found = _SHAPE.fullmatch(token)
    if found is None:
        return False
    told = f"{found[1]}-{found[2]}-{found[3]}"
    return hmac.compare_digest(_signed(secret, told), found[4])


def _signed(secret: bytes, told: str) -> str:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret)
    digest = hmac.new(key, told.encode(), hashlib.sha256).digest()[:_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


def refuse(
    session: Session,
    workspace_id: int,
    member_id: int,
    kind: LetterKind | None,
    now: datetime,
    *,
    way: str = BY_LINK,
) -> None:
    """``None``: letters of any kind. Said again, it changes nothing. ``way``: how he said so, for
    the list of consents."""
    what = kind.value if kind is not None else ALL
    row = {
        "workspace_id": workspace_id,
        "member_id": member_id,
        "kind": what,
        "refused_at": now,
    }
    insert_or_ignore(session, LetterRefusal, [row], ("workspace_id", "member_id", "kind"))
    purpose = letters_of(what)
    note(session, workspace_id, member_id, purpose, now, is_given=False, way=way)


def allow(
    session: Session,
    workspace_id: int,
    member_ids: Iterable[int],
    kind: LetterKind,
    now: datetime,
    *,
    way: str = BY_LINK,
) -> None:
    """He wants letters of this kind again, and so not none at all. ``member_ids``: himself, and
    whom he was before he was merged."""
    member_ids = sorted(set(member_ids))
    for member_id in member_ids:
        purpose = letters_of(kind.value)
        note(session, workspace_id, member_id, purpose, now, is_given=True, way=way)
    session.exec(
        delete(LetterRefusal).where(
            col(LetterRefusal.workspace_id) == workspace_id,
            col(LetterRefusal.member_id).in_(member_ids),
            col(LetterRefusal.kind).in_([kind.value, ALL]),
        )
    )


def refused(session: Session, workspace_id: int, member_ids: Iterable[int]) -> frozenset[str]:
    """Kinds that any of these does not want, or :data:`ALL`: ask with everybody whom the member
    was before he was merged."""
    rows = session.exec(
        select(LetterRefusal.kind).where(
            col(LetterRefusal.workspace_id) == workspace_id,
            col(LetterRefusal.member_id).in_(list(member_ids)),
        )
    )
    return frozenset(rows)


def is_refused(refusals: frozenset[str], kind: LetterKind) -> bool:
    return ALL in refusals or kind.value in refusals
