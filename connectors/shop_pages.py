"""The port, sixth part: what people in a shop open, press and set off, as the shop signs it.

A page of the bridge inside the shop's administration, a button there, an action that the shop runs
by itself, a shopper whom the shop vouches for. All of it is pure: no database, no clock, no
network. Nothing is read before the signature was found good. ``secrets`` are those a message may be
signed with now: the shop's present one, and for a moment after a renewal its former one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.webhooks import Headers, ShopIdentity


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody opened the app's page in the shop's administration."""

    shop: ShopIdentity
    language: str
    """Of that person, like ``de-DE``; empty: the shop does not tell."""
    at: datetime
    """When the shop signed it."""
    user_id: str = ""
    """Who he is there, as an id of the shop's; empty: it does not say."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button of the app."""

    shop: ShopIdentity
    entity: str
    ids: tuple[str, ...]
    action: str
    language: str = ""
    """As :attr:`Opened.language`."""
    secret: str = field(default="", repr=False)
    """What it was signed with: the answer is signed with the same."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A shopper, as his shop says."""

    customer_id: str
    sales_channel_id: str
    expires_at: datetime
    """From then on the token says nothing any more."""
    token_id: str
    """Names the token: another one has another, however either is written."""


@dataclass(frozen=True, slots=True)
class Award:
    """The shop's own rules say that a customer shall have points."""

    id: str
    """The same in every repetition of one run, and in no other."""
    at: datetime
    """When the shop said so; of a repetition, when it was repeated."""
    customer_id: str
    points: str
    """As the merchant wrote it, which may be no number."""
    reason: str


@dataclass(frozen=True, slots=True)
class Awarded:
    shop: ShopIdentity
    award: Award


@dataclass(frozen=True, slots=True)
class Reply:
    """What a shop wants to hear after a button."""

    body: bytes
    headers: Mapping[str, str]


class ShopPages(Protocol):
    """All but the replies raise :class:`~connectors.webhooks.Forged`,
    :class:`~connectors.webhooks.Stale`, :class:`~connectors.webhooks.Unreadable`, in this
    order."""

    def opened(self, secrets: Sequence[str], query: bytes, now: datetime) -> Opened:
        """``query``: what stood behind the ``?``, byte by byte; the signature stands in it. It may
        be hours old: an administration that stays open keeps the address it was given first."""
        ...

    def pressed(
        self, secrets: Sequence[str], headers: Headers, body: bytes, now: datetime
    ) -> Pressed: ...

    def awarded(
        self, secrets: Sequence[str], headers: Headers, body: bytes, now: datetime
    ) -> Awarded: ...

    def signed_in(self, secrets: Sequence[str], token: str, now: datetime) -> SignedIn:
        """Who the token is about."""
        ...

    def opens(self, secret: str, address: str) -> Reply:
        """Opens an address in a new window. The shop may add a signed query to it."""
        ...

    def says(self, secret: str, text: str, *, is_good: bool = True) -> Reply:
        """Shows a line."""
        ...
