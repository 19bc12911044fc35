"""Where the terms stand in the shops, and what is to be done about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


class PageState(StrEnum):
    WAITING = "waiting"
    """Not written yet."""
    PUBLISHED = "published"
    EDITED = "edited"
    """A person changed it in the shop, or switched it off: it is left as it is."""
    REMOVED = "removed"
    """A person deleted it in the shop: it is not made again."""
    TAKEN = "taken"
    """Another page has its address."""
    FAILED = "failed"
    """The shop did not take it, or could not be asked."""
    HIDDEN = "hidden"
    """The store shows no terms any more, and the page was switched off."""


class TermsPage(SQLModel, table=True):
    """The page of one place: a store view, or a sales channel in one of its languages."""

    __tablename__ = "terms_pages"

    installation_id: int = Field(foreign_key="installations.id", primary_key=True)
    place_id: str = Field(primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    store_id: str
    store_code: str
    place_name: str
    language: str
    native_id: str = ""
    """The shop's own id of the page; empty: there is none."""
    address: str = ""
    """Where customers find it, as far as the shop tells."""
    state: str = PageState.WAITING.value
    written: str = ""
    """A digest of the text the shop was seen to hold when it was written last."""
    told: str = ""
    """A digest of the terms that are in it, without their date."""
    intent: str = ""
    """A digest of the text that is being written: what a crash left open."""
    is_handed_over: bool = False
    """A person wants the terms in it, whatever stands there: once."""
    error: str = ""
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    looked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """``None``: to be looked at now."""
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
