"""What cookies and forms are signed with, made once for a database."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlmodel import Session, select

from bridge.db import Database, insert_or_ignore
from bridge.kit.encryption import KeyRing, UnreadableSecret
from bridge.users.models import WebSecret

_FIELD = "secret"


def web_secret(database: Database, keys: Callable[[], KeyRing]) -> str:
    """Raises UnreadableSecret and BridgeError (no key)."""
    with database.reading() as session:
        found = session.exec(select(WebSecret.secret)).first()
    if not found:
        with database.writing() as session:
            found = _made(session, keys)
    try:
        return keys().decrypt(found)[_FIELD]
    except UnreadableSecret:
        # The keys may have been rotated between reading the row and reading them.
        with database.reading() as session:
            found = session.exec(select(WebSecret.secret)).one()
        return keys().decrypt(found)[_FIELD]


def _made(session: Session, keys: Callable[[], KeyRing]) -> str:
    insert_or_ignore(session, WebSecret, [{"id": 1, "secret": ""}], ["id"])
    row = session.exec(select(WebSecret).with_for_update()).one()
    if not row.secret:
        # Encrypted only after a write to the table: `keys rotate` takes its lock.
        row.secret = keys().encrypt({_FIELD: secrets.token_urlsafe(48)})
        session.flush()
    return row.secret
