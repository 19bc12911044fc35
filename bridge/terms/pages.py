"""The rows of :class:`~bridge.terms.models.TermsPage`: claimed, settled, listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from bridge.audit.service import Actor, Subject, record
from bridge.db import insert_or_ignore
from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from bridge.terms.judging import Remembered
from bridge.terms.models import PageState, TermsPage
from connectors.content import Place

LEASE = timedelta(minutes=5)
"""Longer than a shop may take for the calls of one page."""


@dataclass(frozen=True, slots=True)
class Key:
    """One page of one merchant."""

    workspace_id: int
    installation_id: int
    place_id: str


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page as a person reads of it."""

    installation: str
    place_id: str
    store_code: str
    place_name: str
    language: str
    state: PageState
    address: str
    error: str
    published_at: datetime | None


def listed(session: Session, workspace_id: int) -> list[ListedPage]:
    rows = session.execute(
        select(col(Installation.name), TermsPage)
        .join(Installation, col(Installation.id) == col(TermsPage.installation_id))
        .where(
            col(TermsPage.workspace_id) == workspace_id,
            col(Installation.removed_at).is_(None),
        )
        .order_by(col(Installation.name), col(TermsPage.store_code), col(TermsPage.place_id))
    )
    return [
        ListedPage(
            name,
            page.place_id,
            page.store_code,
            page.place_name,
            page.language,
            PageState(page.state),
            page.address,
            page.error,
            page.published_at,
        )
        for name, page in rows
    ]


def of_shop(session: Session, workspace_id: int, installation_id: int) -> list[TermsPage]:
    return list(
        session.scalars(
            select(TermsPage)
            .where(
                col(TermsPage.workspace_id) == workspace_id,
                col(TermsPage.installation_id) == installation_id,
            )
            .order_by(col(TermsPage.place_id))
        )
    )


def note_places(
    session: Session,
    workspace_id: int,
    installation_id: int,
    places: Sequence[tuple[Place, str, str]],
) -> None:
    """Places that are to have a page, each with its store's code and its language."""
    rows = [
        {
            "installation_id": installation_id,
            "place_id": place.id,
            "workspace_id": workspace_id,
            "store_id": place.store_id,
            "store_code": code,
            "place_name": place.name,
            "language": language,
            "native_id": "",
            "address": "",
            "state": PageState.WAITING.value,
            "written": "",
            "told": "",
            "intent": "",
            "is_handed_over": False,
            "error": "",
            "lease_owner": "",
        }
        for place, code, language in places
    ]
    if rows:
        insert_or_ignore(session, TermsPage, rows, ("installation_id", "place_id"))


def claim(session: Session, key: Key, owner: str, now: datetime) -> TermsPage | None:
    """The page for a while; ``None``: somebody else is at it, or it is not known."""
    page = session.scalars(select(TermsPage).where(*_which(key)).with_for_update()).first()
    if page is None or (page.lease_until is not None and page.lease_until > now):
        return None
    page.lease_owner, page.lease_until = owner, now + LEASE
    session.add(page)
    session.flush()
    session.expunge(page)
    return page


def settle(session: Session, key: Key, owner: str, **values: object) -> None:
    """Notes what came of it and gives the page free, unless another has it by now."""
    session.execute(
        update(TermsPage)
        .where(*_which(key), col(TermsPage.lease_owner) == owner)
        .values(**values, lease_owner="", lease_until=None)
    )


def intend(session: Session, key: Key, owner: str, intent: str) -> None:
    """Notes what will be written, before it is."""
    session.execute(
        update(TermsPage)
        .where(*_which(key), col(TermsPage.lease_owner) == owner)
        .values(intent=intent)
    )


def forget(session: Session, key: Key) -> None:
    page = session.scalars(select(TermsPage).where(*_which(key))).first()
    if page is not None:
        session.delete(page)


def hand_over(
    session: Session,
    workspace_id: int,
    installation: str,
    place_id: str,
    actor: Actor,
    now: datetime,
) -> None:
    """From the next publishing on the page holds the terms, whatever a person made of it.

    Raises BridgeError when there is no such page, or nothing to take over.
    """
    page = session.scalars(
        select(TermsPage)
        .join(Installation, col(Installation.id) == col(TermsPage.installation_id))
        .where(
            col(TermsPage.workspace_id) == workspace_id,
            col(Installation.name) == installation,
            col(TermsPage.place_id) == place_id,
        )
    ).first()
    if page is None:
        raise BridgeError("There is no such page of the terms. See `loyalty-bridge terms list`.")
    if PageState(page.state) not in (PageState.EDITED, PageState.REMOVED):
        raise BridgeError("Nobody changed this page: there is nothing to take over.")
    page.is_handed_over, page.looked_at = True, None
    session.add(page)
    subject = Subject("terms page", place_id, f"{installation}/{page.store_code} {page.place_name}")
    record(session, workspace_id, actor, "terms.taken_over", subject, now)


def look_now(session: Session, workspace_id: int) -> None:
    """All pages are to be looked at by the next publishing."""
    session.execute(
        update(TermsPage).where(col(TermsPage.workspace_id) == workspace_id).values(looked_at=None)
    )


def remembered(page: TermsPage) -> Remembered:
    return Remembered(
        page.native_id,
        page.written,
        page.intent,
        page.told,
        page.state == PageState.HIDDEN.value,
        page.is_handed_over,
    )


def _which(key: Key) -> tuple[ColumnElement[bool], ...]:
    return (
        col(TermsPage.workspace_id) == key.workspace_id,
        col(TermsPage.installation_id) == key.installation_id,
        col(TermsPage.place_id) == key.place_id,
    )
