"""Links by which a shop sends its customer, who is signed in there, to his pages here.

What is signed is the query exactly as it stands in the address, so that nobody has to agree on
how to write it anew. A link works once, for two minutes. Looking at it changes nothing: what
reads ahead (a browser's prefetch, a preview, a virus scanner) does not use it up.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from sqlmodel import Session, col, delete, select

from bridge.db import insert_or_ignore
from bridge.installations.models import Installation
from bridge.installations.service import installation
from bridge.kit.encryption import KeyRing
from bridge.kit.errors import BridgeError
from bridge.member_sign_in.limiting import LINK_NETWORK, Rate, count, subject, waits
from bridge.member_sign_in.models import MemberLinkKey, MemberLinkUse
from bridge.member_sign_in.sessions import Comer, customer_member
from connectors.sentences import sentence

LASTS = timedelta(minutes=2)
SKEW = timedelta(seconds=60)
"""How far a shop's clock may be ahead of ours, or behind."""
_FIELD = "secret"
_SIGNATURE = re.compile(rb"(.+)&signature=([0-9a-f]{64})", re.DOTALL)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_AT = re.compile(r"\d{1,11}", re.ASCII)
_LONGEST = 1_000
_LONGEST_CUSTOMER = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What a link says, before anybody looked whether it is genuine."""

    customer_id: str
    at: datetime
    nonce: str
    page: str
    """Where to go then: a page's name. Empty: the first."""


# -- the link itself: pure ------------------------------------------------------------------


def signature(secret: str, query: bytes) -> str:
    """``query``: everything between ``?`` and ``&signature=``, as it is sent."""
    return hmac.new(secret.encode(), query, hashlib.sha256).hexdigest()


def signed_query(secret: str, query: str) -> str:
    """``customer=17&at=…&nonce=…`` with its signature."""
    return f"{query}&signature={signature(secret, query.encode())}"


def read(query: bytes) -> Asked | None:
    """``None``: no link of ours looks like this."""
    found = _SIGNATURE.fullmatch(query) if len(query) <= _LONGEST else None
    if found is None:
        return None
    pairs = parse_qsl(found[1].decode("latin-1"), keep_blank_values=True, encoding="utf-8")
    told = dict(pairs)
    if len(told) != len(pairs):
        return None  # said twice: each side could read another one
    customer, at, nonce = (told.get(name, "") for name in ("customer", "at", "nonce"))
    if not 0 < len(customer) <= _LONGEST_CUSTOMER or "\0" in customer:
        return None
    if not _NONCE.fullmatch(nonce) or not _AT.fullmatch(at):
        return None
    return Asked(customer, datetime.fromtimestamp(int(at), UTC), nonce, told.get("to", ""))


def is_genuine(secret: str, query: bytes) -> bool:
    """In a time that tells nothing about where it differs."""
    found = _SIGNATURE.fullmatch(query)
    return found is not None and hmac.compare_digest(signature(secret, found[1]).encode(), found[2])


def is_fresh(asked: Asked, now: datetime) -> bool:
    return asked.at - SKEW <= now < asked.at + LASTS + SKEW


# -- following it ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Followed:
    comer: Comer
    page: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Forged, too old, used, of a shop that is gone, or of nobody: which is not told."""

    wait: timedelta = timedelta()
    """Not zero: it was not even looked at, after too many."""


def look(
    session: Session,
    workspace_id: int,
    token: str,
    query: bytes,
    network: str,
    keys: Callable[[], KeyRing],
    now: datetime,
) -> Followed | Refused:
    """What following the link would do. Changes nothing. Raises UnreadableSecret."""
    wait = waits(session, workspace_id, _told(network), now)
    if wait:
        return Refused(wait)
    found = _key_of(session, workspace_id, token)
    asked = read(query)
    if found is None or asked is None or not is_genuine(secret_of(found, keys), query):
        return Refused()
    if not is_fresh(asked, now) or _is_used(session, found, asked):
        return Refused()
    member = customer_member(session, workspace_id, found.installation_id, asked.customer_id)
    if member is None or member.id is None:
        return Refused()
    comer = Comer(member.id, installation_id=found.installation_id, customer_id=asked.customer_id)
    return Followed(comer, asked.page)


def follow(
    session: Session,
    workspace_id: int,
    token: str,
    query: bytes,
    network: str,
    keys: Callable[[], KeyRing],
    now: datetime,
) -> Followed | Refused:
    """The same, and the link is used up; what is refused counts against who tries. Raises
    UnreadableSecret."""
    found = look(session, workspace_id, token, query, network, keys, now)
    asked = read(query)
    if isinstance(found, Followed) and asked is not None and not _use(session, found, asked, now):
        found = Refused()  # somebody followed it at this very moment
    if isinstance(found, Refused) and not found.wait:
        count(session, workspace_id, _told(network), now)
    return found


def count_refused(session: Session, workspace_id: int, network: str, now: datetime) -> None:
    """Of a link that was only looked at."""
    count(session, workspace_id, _told(network), now)


def _use(session: Session, found: Followed, asked: Asked, now: datetime) -> bool:
    """Whether it is this one who uses it."""
    key = session.exec(
        select(MemberLinkKey)
        .where(col(MemberLinkKey.installation_id) == found.comer.installation_id)
        .with_for_update()
    ).one()
    session.exec(
        delete(MemberLinkUse).where(
            col(MemberLinkUse.workspace_id) == key.workspace_id, col(MemberLinkUse.ends_at) < now
        )
    )
    if _is_used(session, key, asked):
        return False
    session.add(
        MemberLinkUse(
            installation_id=key.installation_id,
            nonce=asked.nonce,
            workspace_id=key.workspace_id,
            ends_at=asked.at + LASTS + 2 * SKEW,
        )
    )
    session.flush()
    return True


def _is_used(session: Session, key: MemberLinkKey, asked: Asked) -> bool:
    return (
        session.exec(
            select(MemberLinkUse.nonce).where(
                col(MemberLinkUse.workspace_id) == key.workspace_id,
                col(MemberLinkUse.installation_id) == key.installation_id,
                col(MemberLinkUse.nonce) == asked.nonce,
            )
        ).first()
        is not None
    )


def _told(network: str) -> dict[str, Rate]:
    return {subject("links from", network): LINK_NETWORK}


# -- the secret -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LinkKey:
    """Shown once, to be put into the shop's plugin."""

    token: str
    secret: str


def make_key(
    session: Session, workspace_id: int, name: str, keys: Callable[[], KeyRing], now: datetime
) -> LinkKey:
    """A new secret for an installation; links under an older one end at once, their address stays
    the same. Raises BridgeError: there is no installation of this name."""
    shop = installation(session, workspace_id, name)
    assert shop.id is not None
    # Encrypted only after a write to the table: `keys rotate` takes its lock.
    empty = {
        "installation_id": shop.id,
        "workspace_id": workspace_id,
        "token": secrets.token_urlsafe(12),
        "secret": "",
        "made_at": now,
    }
    insert_or_ignore(session, MemberLinkKey, [empty], ("installation_id",))
    row = session.exec(
        select(MemberLinkKey)
        .where(
            col(MemberLinkKey.workspace_id) == workspace_id,
            col(MemberLinkKey.installation_id) == shop.id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    row.made_at = now
    session.add(row)
    session.flush()
    secret = secrets.token_urlsafe(32)
    row.secret = keys().encrypt({_FIELD: secret})
    session.add(row)
    session.flush()
    return LinkKey(row.token, secret)


def key_of(session: Session, workspace_id: int, installation_id: int) -> MemberLinkKey | None:
    """What this installation signs with, its secret encrypted; ``None``: it has no secret."""
    return session.exec(
        select(MemberLinkKey).where(
            col(MemberLinkKey.workspace_id) == workspace_id,
            col(MemberLinkKey.installation_id) == installation_id,
        )
    ).first()


def drop_key(session: Session, workspace_id: int, name: str) -> bool:
    """No link of this installation works any more; whether it had a secret. Raises BridgeError:
    there is no installation of this name."""
    shop = installation(session, workspace_id, name)
    done = session.exec(
        delete(MemberLinkKey).where(
            col(MemberLinkKey.workspace_id) == workspace_id,
            col(MemberLinkKey.installation_id) == shop.id,
        )
    )
    return bool(done.rowcount)


def link_address(public_url: str, workspace: str, token: str) -> str:
    """What the plugin puts the signed query behind. Raises BridgeError when nobody said where
    visitors reach the bridge."""
    if not public_url:
        raise BridgeError(
            sentence(
                "Links to members' pages need the address by which visitors reach the bridge: set "
                "LOYALTY_BRIDGE_PUBLIC_URL to it, like https://loyalty.example.com."
            )
        )
    return f"{public_url.rstrip('/')}/m/{workspace}/from/{token}"


def _key_of(session: Session, workspace_id: int, token: str) -> MemberLinkKey | None:
    """Of an installation that is still connected."""
    return session.exec(
        select(MemberLinkKey)
        .join(Installation, col(Installation.id) == col(MemberLinkKey.installation_id))
        .where(
            col(MemberLinkKey.workspace_id) == workspace_id,
            col(MemberLinkKey.token) == token,
            col(MemberLinkKey.secret) != "",
            col(Installation.removed_at).is_(None),
        )
        .execution_options(populate_existing=True)
    ).first()


def secret_of(key: MemberLinkKey, keys: Callable[[], KeyRing]) -> str:
    """Raises UnreadableSecret."""
    return keys().decrypt(key.secret)[_FIELD]
