"""Shoppers whom a shop vouches for, by the token of its app, come in to their pages here.

The shop gives the token to the page of whoever is signed in there, for ten minutes; the page sends
it in a form, never in an address, which would be kept in logs. It signs in once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from bridge.installations import endpoints
from bridge.installations.models import AppRegistration, Installation
from bridge.kit.encryption import KeyRing
from bridge.kit.errors import BridgeError
from bridge.member_sign_in.limiting import LINK_NETWORK, Rate, count, subject, waits
from bridge.member_sign_in.links import Refused
from bridge.member_sign_in.models import MemberLinkUse
from bridge.member_sign_in.sessions import Comer, customer_member
from connectors import webhooks
from connectors.base import Platform
from connectors.sentences import sentence
from connectors.shop_pages import SignedIn

_LONGEST = 4_000


def app_sign_in_address(public_url: str, workspace: str, store: str) -> str:
    """Where the page of a shop sends its customer's token; ``store``: the installation's name,
    which may be known: what is secret stands in the token. Raises BridgeError when nobody said
    where visitors reach the bridge."""
    if not public_url:
        raise BridgeError(
            sentence(
                "Members' pages opened from the shop need the address by which visitors reach the "
                "bridge: set LOYALTY_BRIDGE_PUBLIC_URL to it, like https://loyalty.example.com."
            )
        )
    return f"{public_url.rstrip('/')}/m/{workspace}/from-app/{store}"


def come(
    session: Session,
    workspace_id: int,
    store: str,
    token: str,
    network: str,
    platforms: Mapping[str, Platform],
    keys: Callable[[], KeyRing],
    now: datetime,
) -> Comer | Refused:
    """Who comes in by the token, which is used up. What is refused counts against who tries.
    Raises UnreadableSecret."""
    tries = _told(network)
    wait = waits(session, workspace_id, tries, now)
    if wait:
        return Refused(wait)
    comer = _known(session, workspace_id, store, token, platforms, keys, now)
    if comer is None:
        count(session, workspace_id, tries, now)
        return Refused()
    return comer


def shop_of(
    session: Session, workspace_id: int, store: str, keys: Callable[[], KeyRing]
) -> endpoints.Endpoint | None:
    """Whose token is taken at this address; ``None``: no shop's. Raises UnreadableSecret."""
    found = _registered(session, workspace_id, store)
    return None if found is None else endpoints.read(*found, keys)


def _known(
    session: Session,
    workspace_id: int,
    store: str,
    token: str,
    platforms: Mapping[str, Platform],
    keys: Callable[[], KeyRing],
    now: datetime,
) -> Comer | None:
    found = _registered(session, workspace_id, store)
    if found is None or not 0 < len(token) <= _LONGEST:
        return None
    row, shop = found
    assert shop.id is not None
    pages = platforms[shop.platform].pages
    if pages is None:
        return None
    try:
        told = pages.signed_in(endpoints.read(row, shop, keys).accepted(now), token, now)
    except webhooks.Refused:
        return None
    member = customer_member(session, workspace_id, shop.id, told.customer_id)
    if member is None or member.id is None:
        return None
    if not _use(session, workspace_id, shop.id, told, now):
        return None
    return Comer(member.id, installation_id=shop.id, customer_id=told.customer_id)


def _registered(
    session: Session, workspace_id: int, store: str
) -> tuple[AppRegistration, Installation] | None:
    """Of an installation that is still connected."""
    return session.exec(
        select(AppRegistration, Installation)
        .join(Installation, col(Installation.id) == col(AppRegistration.installation_id))
        .where(
            col(AppRegistration.workspace_id) == workspace_id,
            col(Installation.workspace_id) == workspace_id,
            col(Installation.name) == store,
            col(Installation.removed_at).is_(None),
        )
        .execution_options(populate_existing=True)
    ).first()


def _use(
    session: Session, workspace_id: int, installation_id: int, told: SignedIn, now: datetime
) -> bool:
    """Whether it is this one who uses it: of two at the same moment the second waits for the
    first, and finds the row."""
    session.exec(
        delete(MemberLinkUse).where(
            col(MemberLinkUse.workspace_id) == workspace_id, col(MemberLinkUse.ends_at) < now
        )
    )
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    inserting = sqlite.insert if is_sqlite else postgresql.insert
    used = session.connection().execute(
        inserting(MemberLinkUse)
        .values(
            installation_id=installation_id,
            nonce=f"app {told.token_id}",  # a link's nonce has no space
            workspace_id=workspace_id,
            ends_at=told.expires_at,
        )
        .on_conflict_do_nothing(index_elements=["installation_id", "nonce"])
        .returning(col(MemberLinkUse.nonce))
    )
    return used.first() is not None


def _told(network: str) -> dict[str, Rate]:
    return {subject("links from", network): LINK_NETWORK}
