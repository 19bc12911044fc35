"""A request that is sent twice is done once: answers kept under the sender's idempotency key."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select, update

from bridge.api_tokens.models import ApiRequest
from bridge.db import insert_or_ignore

KEPT = timedelta(days=7)


class KeyUsedOtherwise(Exception):
    """The key came with another request before."""


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    body: str


def digest_of(method: str, path: str, body: bytes) -> str:
    told = hashlib.sha256()
    for part in (method.encode(), path.encode(), body):
        told.update(len(part).to_bytes(8, "big") + part)
    return told.hexdigest()


def begin(
    session: Session, workspace_id: int, token_id: int, key: str, digest: str, now: datetime
) -> Answered | None:
    """What it was answered before; ``None``: it is to be done, by nobody but this unit of work.
    Of two at once the second waits for the first. Raises :class:`KeyUsedOtherwise`."""
    session.exec(delete(ApiRequest).where(col(ApiRequest.at) < now - KEPT))
    row = {
        "token_id": token_id,
        "key": key,
        "workspace_id": workspace_id,
        "digest": digest,
        "status": 0,
        "body": "",
        "at": now,
    }
    insert_or_ignore(session, ApiRequest, [row], ["token_id", "key"])
    found = session.exec(
        select(ApiRequest).where(col(ApiRequest.token_id) == token_id, col(ApiRequest.key) == key)
    ).one()
    if found.digest != digest:
        raise KeyUsedOtherwise
    return Answered(found.status, found.body) if found.status else None


def end(session: Session, token_id: int, key: str, status: int, body: str) -> None:
    session.exec(
        update(ApiRequest)
        .where(col(ApiRequest.token_id) == token_id, col(ApiRequest.key) == key)
        .values(status=status, body=body)
    )
