"""From a stored installation to a connector that speaks to it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, col, select

from bridge.installations.answering import complete
from bridge.installations.models import Installation
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.logging import hide
from connectors.base import Connection, Connector, Platform


def mark(workspace: str, installation: str) -> str:
    """What the bridge's own things in a shop are marked with."""
    return f"{workspace}/{installation}"


def connect(
    platform: Platform,
    installation: Installation,
    secrets: Mapping[str, str],
    workspace: str,
    *,
    allow_private: bool = False,
) -> Connector:
    """Sends nothing. ``allow_private``: also where the installation is for public addresses
    only. Raises BridgeError when the platform finds something missing or wrong."""
    hide(secrets)
    connection = Connection(
        url=installation.url,
        credentials=secrets,
        settings=complete(platform, installation.settings),
        mark=mark(workspace, installation.name),
        public_only=installation.is_public_only and not allow_private,
    )
    try:
        return platform.connect(connection)
    except ValueError as error:
        raise BridgeError(f"{installation.name}: {error}") from error


def stored_credentials(session: Session, workspace_id: int, installation: Installation) -> str:
    """The encrypted credentials as they are now. Raises UnreadableSecret when they are gone."""
    token = session.exec(
        select(Installation.credentials).where(
            col(Installation.workspace_id) == workspace_id,
            col(Installation.id) == installation.id,
        )
    ).first()
    if not token:
        raise UnreadableSecret
    return token
