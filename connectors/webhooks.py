"""The port, third part: what a shop sends by itself, and how an app registers with the bridge.

Both are pure: no database, no clock, no network. A platform that sends signed webhooks offers a
:class:`Webhooks`; one whose shops fetch their secret by registering an app offers a
:class:`Registration` as well. What to do about a refusal is the caller's: each has a status.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from connectors.sales import Signal

if TYPE_CHECKING:
    from connectors.base import Finding

TOLERANCE = timedelta(minutes=5)
"""How far a signed time may lie behind or before our clock."""


# --- refusals ------------------------------------------------------------------------------


class Refused(Exception):
    """A message that is not taken. ``str`` says why, and repeats nothing of its content."""

    status = 400
    outcome = "unreadable"
    """The word it is counted under."""


class Forged(Refused):
    """Not signed with any secret that is valid now, or not signed at all."""

    status = 401
    outcome = "forged"


class Stale(Refused):
    """Signed, but at a time too far from now: perhaps kept by somebody and sent again."""

    status = 401
    outcome = "stale"


class Unreadable(Refused):
    """Signed, but not of the form the platform sends."""


# --- webhooks ------------------------------------------------------------------------------


class Headers(Protocol):
    """Looks names up in lower case; a server's own headers do, and so does a plain ``dict``."""

    def get(self, name: str, /) -> str | None: ...


class Webhooks(Protocol):
    def verify(
        self, secrets: Sequence[str], headers: Headers, body: bytes, now: datetime
    ) -> Signal:
        """What the message says, once it is known to come from a holder of one of ``secrets``.

        ``body`` is what came over the wire, byte by byte. Raises :class:`Forged`,
        :class:`Stale`, :class:`Unreadable`, in this order: nothing is read before the signature
        was found good.
        """
        ...


@runtime_checkable
class SharedSecret(Protocol):
    """Webhooks whose senders are told the secret by a person, for want of a registration."""

    @property
    def headers(self) -> tuple[str, ...]:
        """What a sender puts beside the body."""
        ...

    @property
    def example(self) -> str:
        """Lines for a POSIX shell that send one message to ``$ADDRESS``, signed with
        ``$SECRET``."""
        ...


@runtime_checkable
class ChecksWebhooks(Protocol):
    """A connector whose shop can be asked what it sends by itself, and where to."""

    def check_webhooks(self, address: str) -> list[Finding]:
        """``address``: the URL the bridge takes this shop's events at; empty: it has none yet.

        Every finding has the topic ``webhooks``. Raises nothing; a failing probe is a finding.
        """
        ...


# --- the registration of an app ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShopIdentity:
    """As the shop names itself."""

    shop_id: str
    shop_url: str


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The second half of a registration: the shop holds the new secret."""

    shop: ShopIdentity
    api_key: str
    api_secret: str = field(repr=False)


class Stage(StrEnum):
    """Where an app is in its life, as the shop tells."""

    ACTIVATED = "activated"
    DEACTIVATED = "deactivated"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class LifeCycle:
    stage: Stage
    shop: ShopIdentity
    app_version: str = ""


class Registration(Protocol):
    """How shops of a platform register an app that only listens."""

    def requested(
        self,
        app_secret: str,
        shop_secret: str,
        headers: Headers,
        query: bytes,
        now: datetime,
    ) -> ShopIdentity:
        """Who asks to register. ``query`` is what stood behind the ``?``, byte by byte.

        ``shop_secret`` is the one that a registered shop holds now, else empty; where there is
        one, the request must be signed with it too. Raises :class:`Forged` (also
        :class:`TakeOver`), :class:`Stale`, :class:`Unreadable`.
        """
        ...

    def answer(
        self, app_secret: str, shop: ShopIdentity, new_secret: str, confirmation_url: str
    ) -> dict[str, str]:
        """The JSON that proves to the shop who we are, and hands it its new secret."""
        ...

    def confirmed(
        self,
        new_secret: str,
        shop_secret: str,
        headers: Headers,
        body: bytes,
        now: datetime,
    ) -> Confirmed:
        """The confirmation, signed with the new secret; what a shop signs with its old one
        besides must be right too. Raises :class:`Forged`, :class:`Stale`, :class:`Unreadable`.
        """
        ...

    def life_cycle(self, body: bytes) -> LifeCycle | None:
        """What a verified message says of the app's life; ``None`` when it is about other
        things."""
        ...

    def manifest(self, addresses: Addresses, app_secret: str) -> str:
        """The text of the file that is installed in the shop. Raises ValueError for an address
        a shop cannot send to."""
        ...

    def package(self, manifest: str) -> bytes:
        """The same as the archive that an admin uploads."""
        ...


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the shop finds the bridge; whole URLs, unguessable."""

    register: str
    events: str


class TakeOver(Forged):
    """Signed for the app, but not by the shop that is registered (CVE-2026-31889)."""

    outcome = "takeover"


# --- what both are made of -----------------------------------------------------------------


def signature(secret: str, message: bytes) -> str:
    """HMAC-SHA256 in lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), message, "sha256").hexdigest()


def is_signed(secrets: Sequence[str], message: bytes, given: str | None) -> bool:
    """Whether ``given`` is the signature of the message under one of the secrets.

    In constant time for each. An empty secret, known to everybody, never signs anything.
    """
    claimed = (given or "").encode("utf-8", "replace")
    found = False
    for secret in secrets:
        right = hmac.compare_digest(signature(secret, message).encode(), claimed)
        found |= right and bool(secret)
    return found


def signed_at(seconds: object, now: datetime, *, lasts: timedelta = TOLERANCE) -> datetime:
    """A time in seconds since 1970, a number or its digits, near enough to now: at most ``lasts``
    ago.

    Raises :class:`Unreadable`, :class:`Stale`.
    """
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit() and len(seconds) < 15:
        seconds = int(seconds)
    if not isinstance(seconds, int) or isinstance(seconds, bool):
        raise Unreadable("The message says no time of its sending.")
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise Unreadable("The time of sending is none that a calendar has.") from None
    if not -TOLERANCE <= now - moment <= lasts:
        minutes, after = (int(one.total_seconds() // 60) for one in (lasts, TOLERANCE))
        span = f"{minutes} minutes before or after now"
        if lasts != TOLERANCE:
            span = f"{minutes} minutes before now, or {after} after it"
        raise Stale(
            f"Signed more than {span}. When it is not sent a second time, one of the two clocks "
            "is wrong."
        )
    return moment


def read_object(body: bytes) -> dict[str, Any]:
    """Raises :class:`Unreadable` for anything but a JSON object."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable("The body is no JSON.") from None
    if not isinstance(message, dict):
        raise Unreadable("The body is no JSON object.")
    return message


def read_name(message: dict[str, Any], name: str) -> str:
    """A short printable text, never empty. Raises :class:`Unreadable`."""
    value = message.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable():
        raise Unreadable(f"The message has no usable `{name}`.")
    return value
