"""A store that somebody sets up in the web app: tested, with its questions still to be answered.

There is one a user and workspace; what nobody came back to for a day is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, insert, select, update

from bridge.installations.models import StoreDraft
from bridge.installations.service import NewInstallation, Seal
from connectors.base import Currency, ShopInfo, Store

KEPT = timedelta(days=1)


def keep(
    session: Session,
    workspace_id: int,
    user_id: int,
    new: NewInstallation,
    info: ShopInfo,
    seal: Seal,
    now: datetime,
) -> None:
    """In place of the one there was. Encrypts only once this transaction has written to the
    table, as :func:`bridge.installations.service.set_credentials` does."""
    drop(session, workspace_id, user_id)
    session.exec(
        insert(StoreDraft).values(
            workspace_id=workspace_id,
            user_id=user_id,
            name=new.name,
            platform=new.platform,
            url=new.url,
            is_public_only=new.is_public_only,
            credentials="",
            info=_stored(info),
            made_at=now,
        )
    )
    set_sealed(session, workspace_id, user_id, seal(new.credentials))


def draft(session: Session, workspace_id: int, user_id: int, now: datetime) -> StoreDraft | None:
    return session.exec(
        select(StoreDraft).where(
            col(StoreDraft.workspace_id) == workspace_id,
            col(StoreDraft.user_id) == user_id,
            col(StoreDraft.made_at) >= now - KEPT,
        )
    ).first()


def drop(session: Session, workspace_id: int, user_id: int) -> None:
    session.exec(
        delete(StoreDraft).where(
            col(StoreDraft.workspace_id) == workspace_id, col(StoreDraft.user_id) == user_id
        )
    )


def forget(session: Session, workspace_id: int, now: datetime) -> None:
    """Those that nobody came back to, with their credentials."""
    session.exec(
        delete(StoreDraft).where(
            col(StoreDraft.workspace_id) == workspace_id, col(StoreDraft.made_at) < now - KEPT
        )
    )


def complete(
    found: StoreDraft, secrets: Mapping[str, str], settings: Mapping[str, str]
) -> NewInstallation:
    return NewInstallation(
        found.name, found.platform, found.url, secrets, settings, found.is_public_only
    )


def info_of(found: StoreDraft) -> ShopInfo:
    told = found.info
    return ShopInfo(
        platform=found.platform,
        version=told["version"],
        stores=tuple(Store(**store) for store in told["stores"]),
        currencies=tuple(Currency(**currency) for currency in told["currencies"]),
    )


def sealed(session: Session, workspace_id: int) -> dict[int, str]:
    """Every draft's credentials, still encrypted, by user."""
    rows = session.exec(
        select(StoreDraft.user_id, StoreDraft.credentials).where(
            col(StoreDraft.workspace_id) == workspace_id, col(StoreDraft.credentials) != ""
        )
    )
    return dict(rows.all())


def set_sealed(session: Session, workspace_id: int, user_id: int, token: str) -> None:
    session.exec(
        update(StoreDraft)
        .where(col(StoreDraft.workspace_id) == workspace_id, col(StoreDraft.user_id) == user_id)
        .values(credentials=token)
    )


def _stored(info: ShopInfo) -> dict[str, Any]:
    return {
        "version": info.version,
        "stores": [asdict(store) for store in info.stores],
        "currencies": [asdict(currency) for currency in info.currencies],
    }
