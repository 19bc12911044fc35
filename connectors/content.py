"""The port, fourth part: a page of text in the shop, such as the terms of a programme.

A page stands in a :class:`Place`: a store view (Magento), or a sales channel in one of its
languages (Shopware). The bridge makes at most one page in each. It is known by its native id, which
the bridge keeps, and by the bridge's mark on it, so that one whose answer was lost is found again.
A page without our mark is never written to by mistake: who calls says which id he means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Place:
    id: str
    """Unique in its installation, the same at each look."""
    store_id: str
    """As :attr:`connectors.base.Store.id`."""
    locale: str
    """As the shop writes it: ``de_DE``, ``en-GB``."""
    name: str
    """What the shop calls it, for people."""


@dataclass(frozen=True, slots=True)
class PageText:
    """What a visitor of the page finds."""

    url_key: str
    """The last part of its address: small letters, digits and dashes."""
    title: str
    html: str
    """A fragment of headings, paragraphs, lists and links."""


@dataclass(frozen=True, slots=True)
class HeldPage:
    """A page as the shop holds it."""

    native_id: str
    text: PageText
    is_active: bool = True
    address: str = ""
    """Where a visitor finds it, as far as the shop tells."""


class ContentPages(Protocol):
    """Pages of text in one installation. Safe to share between threads. Every method may raise
    :class:`~connectors.errors.ConnectorError`."""

    def places(self) -> Sequence[Place]:
        """Where a page can stand, sorted by id. Only what customers can reach."""
        ...

    def read(self, place: Place, native_id: str) -> HeldPage | None:
        """The page with this id, as it reads in this place; ``None``: there is none (any more)."""
        ...

    def own(self, place: Place, url_key: str) -> HeldPage | None:
        """The page at this address that bears our mark and is of this place; ``None``: there is
        none. One made by somebody else is none."""
        ...

    def write(self, place: Place, text: PageText, native_id: str = "") -> HeldPage:
        """Makes a page, or changes the one with this id; it is active then. Reads back.

        Raises :class:`~connectors.errors.AlreadyExists` where another page has the address,
        :class:`~connectors.errors.NotFound` where there is no page with this id, and
        :class:`~connectors.errors.Mismatch` when the shop made something else of it. A lost answer
        leaves open whether a page was made: look with :meth:`own` before trying again.
        """
        ...

    def hide(self, place: Place, native_id: str) -> None:
        """Switches the page off; it can be switched on in the shop's admin, or by
        :meth:`write`. One that is gone is no error."""
        ...
