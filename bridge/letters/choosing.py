"""Which letters a member wants, chosen all at once on his own page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session

from bridge.letters.models import OFFERED, LetterKind
from bridge.letters.refusing import allow, is_refused, refuse, refused


def wanted(session: Session, workspace_id: int, member_ids: Sequence[int]) -> frozenset[LetterKind]:
    """Of all that can be refused. ``member_ids``: himself, and whom he was before he was
    merged."""
    refusals = refused(session, workspace_id, member_ids)
    return frozenset(kind for kind in OFFERED if not is_refused(refusals, kind))


def choose(
    session: Session,
    workspace_id: int,
    member_ids: Sequence[int],
    kinds: Collection[LetterKind],
    now: datetime,
    way: str,
) -> bool:
    """From now on he wants these and no others; whether that is news. ``member_ids``: himself
    first, then whom he was. ``way``: how he said so, for the list of consents."""
    before = wanted(session, workspace_id, member_ids)
    after = frozenset(kinds) & frozenset(OFFERED)
    for kind in OFFERED:
        if kind in after - before:
            allow(session, workspace_id, member_ids, kind, now, way=way)
    for kind in OFFERED:
        # Also where he wanted none at all before: that word ends with the first one he wants.
        if kind not in after and (kind in before or after):
            refuse(session, workspace_id, member_ids[0], kind, now, way=way)
    return before != after
