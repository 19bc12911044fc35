"""The addresses that shops send to, and the secrets that each of them signs with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select, update

from bridge.installations.models import AppRegistration, Installation
from bridge.kit.encryption import KeyRing

Keys = Callable[[], KeyRing]
"""Reads the keys as they are at the moment of the call."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an incoming message is judged by."""

    workspace_id: int
    installation_id: int
    installation: str
    platform: str
    base_url: str
    token: str
    allowed_urls: tuple[str, ...]
    is_removed: bool
    previous_until: datetime | None
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def app_secret(self) -> str:
        return self.secrets.get("app", "")

    @property
    def present(self) -> str:
        """The secret of the registered shop; empty when none is registered."""
        return self.secrets.get("present", "")

    @property
    def pending(self) -> str:
        return self.secrets.get("pending", "")

    def accepted(self, now: datetime) -> tuple[str, ...]:
        """The secrets that a message may be signed with now."""
        previous = self.secrets.get("previous", "")
        in_grace = self.previous_until is not None and now < self.previous_until
        return tuple(one for one in (self.present, previous if in_grace else "") if one)

    def address(self, path: str) -> str:
        """The whole URL of ``register``, ``confirm`` or ``events``."""
        return _address(self.base_url, self.platform, self.token, path)

    def open_address(self, path: str) -> str:
        """Likewise, with the installation's name in the token's place: for what shoppers see."""
        return _address(self.base_url, self.platform, self.installation, path)


def endpoint(session: Session, workspace_id: int, token: str, keys: Keys) -> Endpoint | None:
    """The installation behind an address; ``None``: there is none. Raises UnreadableSecret."""
    found = session.exec(
        select(AppRegistration, Installation)
        .join(Installation, col(Installation.id) == col(AppRegistration.installation_id))
        .where(
            col(AppRegistration.workspace_id) == workspace_id,
            col(Installation.workspace_id) == workspace_id,
            col(AppRegistration.token) == token,
        )
    ).first()
    return None if found is None else read(*found, keys)


def token_of(session: Session, workspace_id: int, name: str) -> str | None:
    """Of the installation with this name, as long as it is connected."""
    return session.exec(
        select(AppRegistration.token)
        .join(Installation, col(Installation.id) == col(AppRegistration.installation_id))
        .where(
            col(AppRegistration.workspace_id) == workspace_id,
            col(Installation.workspace_id) == workspace_id,
            col(Installation.name) == name,
            col(Installation.removed_at).is_(None),
        )
    ).first()


def registrations(session: Session, workspace_id: int) -> dict[int, AppRegistration]:
    """By installation id."""
    rows = session.exec(
        select(AppRegistration).where(col(AppRegistration.workspace_id) == workspace_id)
    )
    return {row.installation_id: row for row in rows}


def webhook_address(row: AppRegistration) -> str:
    """The whole URL that takes messages of any platform."""
    return f"{row.base_url}/webhooks/{row.token}"


def events_address(row: AppRegistration, installation: Installation) -> str:
    """The same for the app of this platform: what stands in its manifest."""
    return _address(row.base_url, installation.platform, row.token, "events")


def _address(base_url: str, platform: str, token: str, path: str) -> str:
    return f"{base_url}/{platform}/{token}/{path}"


def sealed(session: Session, workspace_id: int) -> dict[int, str]:
    """Every stored set of secrets, still encrypted, by installation id."""
    rows = session.exec(
        select(AppRegistration.installation_id, AppRegistration.secrets).where(
            col(AppRegistration.workspace_id) == workspace_id, col(AppRegistration.secrets) != ""
        )
    )
    return dict(rows.all())


def set_sealed(session: Session, workspace_id: int, installation_id: int, token: str) -> None:
    session.exec(
        update(AppRegistration)
        .where(
            col(AppRegistration.workspace_id) == workspace_id,
            col(AppRegistration.installation_id) == installation_id,
        )
        .values(secrets=token)
    )


def read(row: AppRegistration, installation: Installation, keys: Keys) -> Endpoint:
    return Endpoint(
        workspace_id=row.workspace_id,
        installation_id=row.installation_id,
        installation=installation.name,
        platform=installation.platform,
        base_url=row.base_url,
        token=row.token,
        allowed_urls=tuple(url for url in (installation.url, row.shop_address) if url),
        is_removed=installation.removed_at is not None,
        previous_until=row.previous_until,
        secrets=keys().decrypt(row.secrets) if row.secrets else {},
    )
