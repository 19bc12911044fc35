"""The terms as they are now: the programme in force, told in a language."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.catalogue.models import ShopProduct
from bridge.kit.calendar import day_of
from bridge.preferences.sections import Branding, OwnWords, Terms
from bridge.preferences.service import preferences
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion
from bridge.programme.service import in_force
from bridge.terms.blocks import TermsText
from bridge.terms.composing import Facts, Words, compose
from bridge.terms.rendering import as_html
from connectors.content import PageText


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that terms are made from, read once for all languages."""

    programme: Programme
    facts: Facts
    settings: Terms

    def in_language(self, language: str) -> TermsText:
        own = self.settings.words.get(language, OwnWords())
        words = Words(own.intro, own.clauses, own.contact)
        return compose(self.programme, language, self.facts, words)

    def page(self, language: str) -> PageText:
        """As it stands in a shop."""
        said = self.in_language(language)
        return PageText(self.settings.url_key, said.title, as_html(said))

    def told(self, language: str) -> str:
        """A digest of what the page says, but for its date: a version that changes nothing of it
        is no new page."""
        said = self.in_language(language)
        undated = as_html(said, with_date=False)
        return digest(PageText(self.settings.url_key, said.title, undated))


def source(
    session: Session, workspace_id: int, now: datetime, *, catalogue: str = ""
) -> Source | None:
    """``catalogue``: the address of the members' page of rewards. ``None``: there is no programme.

    Raises BridgeError when this release cannot read it.
    """
    programme = in_force(session, workspace_id, now)
    if programme is None:
        return None
    zone = ZoneInfo(programme.timezone)
    branding = preferences(session, workspace_id, Branding)
    loaded_at = _loaded_at(session, workspace_id, now)
    facts = Facts(
        today=day_of(now, zone),
        as_of=None if loaded_at is None else day_of(loaded_at, zone),
        name=branding.name,
        point=branding.point,
        points=branding.points,
        products=_names(session, workspace_id, {gift.sku for gift in programme.gifts.values()}),
        catalogue=catalogue,
    )
    return Source(programme, facts, preferences(session, workspace_id, Terms))


def catalogue_address(public_url: str, workspace: str) -> str:
    """Of the members' page of rewards; empty where the bridge is not told where it is reached."""
    return f"{public_url.rstrip('/')}/m/{workspace}/rewards" if public_url else ""


def digest(text: PageText) -> str:
    """SHA-256 in hexadecimal."""
    said = "\0".join((text.url_key, text.title, text.html))
    return hashlib.sha256(said.encode()).hexdigest()


def _loaded_at(session: Session, workspace_id: int, now: datetime) -> datetime | None:
    found: datetime | None = session.scalars(
        select(col(ProgrammeVersion.loaded_at))
        .where(
            col(ProgrammeVersion.workspace_id) == workspace_id,
            col(ProgrammeVersion.loaded_at) <= now,
        )
        .order_by(col(ProgrammeVersion.number).desc())
        .limit(1)
    ).first()
    return found


def _names(session: Session, workspace_id: int, skus: set[str]) -> dict[str, str]:
    """Of several shops' names for a product, the first in the alphabet: the same at each look."""
    if not skus:
        return {}
    rows = session.execute(
        select(col(ShopProduct.sku), col(ShopProduct.name))
        .where(col(ShopProduct.workspace_id) == workspace_id, col(ShopProduct.sku).in_(skus))
        .order_by(col(ShopProduct.name).desc())
    )
    return {sku: name for sku, name in rows if name}
