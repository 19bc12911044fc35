"""What adding a shop and changing what is stored of it have in common, wherever it is done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from bridge.installations import service
from bridge.installations.address import is_in_the_open, is_same_shop
from bridge.installations.connecting import connect
from bridge.installations.models import Installation, ShopFacts
from bridge.kit.errors import BridgeError
from connectors.base import Platform, ShopInfo
from connectors.errors import ConnectorError
from connectors.sentences import sentence

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def checked_name(name: str) -> str:
    """Raises BridgeError: the name becomes part of the marks that the bridge leaves in shops."""
    if not _NAME.fullmatch(name):
        raise BridgeError(
            sentence(
                "`%(name)s` cannot be a store's name: use at most 63 letters, digits, dots, "
                "dashes and underscores, beginning with a letter or digit.",
                name=name,
            )
        )
    return name


def record(workspace_id: int, new: service.NewInstallation, now: datetime) -> Installation:
    """As it will be stored, for a connector to be built from."""
    return Installation(
        workspace_id=workspace_id,
        name=new.name,
        platform=new.platform,
        url=new.url,
        credentials="",
        settings=dict(new.settings),
        created_at=now,
        is_public_only=new.is_public_only,
    )


def probe(
    platform: Platform,
    shop: Installation,
    secrets: Mapping[str, str],
    workspace: str,
    *,
    unasked: bool = False,
    allow_private: bool = False,
) -> ShopInfo | None:
    """What the shop tells about itself. Raises BridgeError when it does not, or when a
    connector cannot even be built; ``unasked``: only the latter is looked at."""
    connector = connect(platform, shop, secrets, workspace, allow_private=allow_private)
    try:
        return None if unasked else connector.shop()
    except ConnectorError as error:
        told = sentence("%(name)s (%(url)s): %(error)s", name=shop.name, url=shop.url, error=error)
        raise BridgeError(told) from error
    finally:
        connector.close()


def require_same_shop(shop: Installation, facts: ShopFacts | None, info: ShopInfo | None) -> None:
    """What the bridge knows of one shop must not be applied to another. Raises BridgeError."""
    if facts is None or info is None:
        return
    before = {(store["id"], store["code"]) for store in facts.stores}
    now = {(store.id, store.code) for store in info.stores}
    if before and not before & now:
        raise BridgeError(
            sentence(
                "This is another shop than `%(shop_name)s` was: none of its stores are there. "
                "Add it as a new store; or, if it is the same all the same, use "
                "`loyalty-bridge store set` with --no-check.",
                shop_name=shop.name,
            )
        )


def needs_credentials(before: str, after: str) -> bool:
    """Whether stored credentials must not be sent to a changed address. Pure.

    They may go where they went before, and to the same place encrypted. Who may change an
    address and never see credentials could else have them sent to himself.
    """
    if before == after:
        return False
    return not is_same_shop(before, after) or is_in_the_open(after)


def store_new(
    session: Session,
    workspace_id: int,
    new: service.NewInstallation,
    info: ShopInfo | None,
    seal: service.Seal,
    now: datetime,
) -> int:
    """Its id. Raises BridgeError when the name or the shop is there already."""
    added = service.add(session, workspace_id, new, seal, now)
    if info is not None:
        service.set_facts(session, workspace_id, added, info, now)
    return added


def store_changed(
    session: Session,
    changed: Installation,
    secrets: Mapping[str, str] | None,
    info: ShopInfo | None,
    seal: service.Seal,
    now: datetime,
) -> None:
    """``secrets``: ``None`` leaves those there are. Raises BridgeError when another installation
    has the address."""
    assert changed.id is not None
    workspace_id = changed.workspace_id
    service.set_url(
        session, workspace_id, changed.id, changed.url, is_public_only=changed.is_public_only
    )
    service.set_settings(session, workspace_id, changed.id, changed.settings)
    if secrets is not None:
        service.set_credentials(session, workspace_id, changed.id, seal, secrets)
    if info is not None:
        service.set_facts(session, workspace_id, changed.id, info, now)
