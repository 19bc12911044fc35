"""The programme's picture: looked up, replaced, taken away."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select

from bridge.audit.service import Actor, Subject, record
from bridge.db import upsert
from bridge.preferences.models import Logo
from bridge.preferences.png import Png

_SUBJECT = Subject("preferences", "logo", "logo")


def logo(session: Session, workspace_id: int) -> Logo | None:
    return session.exec(select(Logo).where(col(Logo.workspace_id) == workspace_id)).first()


def set_logo(session: Session, workspace_id: int, picture: Png, actor: Actor, now: datetime) -> str:
    """Returns its digest. The same picture again changes nothing."""
    before = logo(session, workspace_id)
    digest = hashlib.sha256(picture.content).hexdigest()[:16]
    if before is not None and before.digest == digest:
        return digest
    told = _told(before)
    row = {
        "workspace_id": workspace_id,
        "content": picture.content,
        "digest": digest,
        "width": picture.width,
        "height": picture.height,
        "changed_at": now,
        "changed_by": actor.name,
    }
    upsert(session, Logo, [row])
    after = {"digest": digest, "pixels": f"{picture.width} x {picture.height}"}
    record(session, workspace_id, actor, "logo.set", _SUBJECT, now, before=told, after=after)
    return digest


def remove_logo(session: Session, workspace_id: int, actor: Actor, now: datetime) -> None:
    before = logo(session, workspace_id)
    if before is None:
        return
    told = _told(before)
    session.exec(delete(Logo).where(col(Logo.workspace_id) == workspace_id))
    record(session, workspace_id, actor, "logo.removed", _SUBJECT, now, before=told, after={})


def _told(found: Logo | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {"digest": found.digest, "pixels": f"{found.width} x {found.height}"}
