"""Workspaces: found by key, made by `init`."""

from __future__ import annotations

import re
from datetime import datetime

from sqlmodel import Session, col, select

from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.workspaces.models import Workspace

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


class UnknownWorkspace(BridgeError):
    def __init__(self, key: str, known: list[str]) -> None:
        hint = did_you_mean(key, known)
        super().__init__(
            f"There is no workspace `{key}`. {hint}{' ' if hint else ''}"
            f"To make it, run `loyalty-bridge init --workspace {key}`."
        )


def workspace_id(session: Session, key: str) -> int:
    """Raises :class:`UnknownWorkspace`."""
    found = session.exec(select(Workspace.id).where(col(Workspace.key) == key)).first()
    if found is None:
        raise UnknownWorkspace(key, list(session.exec(select(Workspace.key))))
    return found


def workspace_ids(session: Session) -> list[int]:
    """Every workspace: for what concerns the whole database, such as its encryption keys."""
    return [found for found in session.exec(select(Workspace.id)) if found is not None]


def workspaces(session: Session) -> dict[int, str]:
    """Every workspace: its key by its id."""
    rows = session.exec(select(Workspace.id, Workspace.key).order_by(col(Workspace.key)))
    return {found: key for found, key in rows if found is not None}


def ensure_workspace(session: Session, key: str, now: datetime) -> bool:
    """Makes the workspace unless it is there; says whether it did.

    Raises BridgeError when ``key`` cannot be the key of one: it becomes part of the marks
    that the bridge leaves in shops.
    """
    if not _KEY.fullmatch(key):
        raise BridgeError(
            f"`{key}` cannot be a workspace: use at most 63 letters, digits, dots, dashes and "
            "underscores, beginning with a letter or digit."
        )
    known = list(session.exec(select(Workspace.key)))
    if key in known:
        return False
    session.add(Workspace(key=key, created_at=now))
    return True
