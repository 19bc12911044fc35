"""What the plugin of each shop is to be told: where its events go, where links lead, how points
are called. Every function is a part of a unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bridge.installations import app_registration, endpoints, plugin_states
from bridge.installations.endpoints import Keys
from bridge.installations.models import AppRegistration, AppState, Installation
from bridge.member_sign_in import links
from bridge.preferences.sections import Branding
from bridge.preferences.service import preferences
from bridge.shop_plugins.rules import named
from connectors.base import Platform
from connectors.plugins import PluginSettings
from connectors.webhooks import SharedSecret


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What does not stand in the database."""

    workspace: str
    """Its name, as addresses hold it."""
    public_url: str
    """Where visitors reach the bridge; empty: nobody said."""
    keys: Keys


def wanted(
    session: Session,
    workspace_id: int,
    shop: Installation,
    platform: Platform,
    around: Surroundings,
) -> PluginSettings:
    """As things are now; changes nothing. Raises UnreadableSecret."""
    row = endpoints.registrations(session, workspace_id).get(shop.id or 0)
    label = preferences(session, workspace_id, Branding).points
    if platform.registration is not None:
        return named(_of_an_app(shop, row, platform, around, label))
    events_url, events_secret = _events(shop, row, around)
    member_url, link_secret = _links(session, workspace_id, shop, around)
    return named(
        PluginSettings(
            events_url=events_url,
            events_secret=events_secret,
            member_url=member_url,
            link_secret=link_secret,
            points_label=label,
        )
    )


def make_secrets(
    session: Session,
    workspace_id: int,
    shop: Installation,
    platform: Platform,
    around: Surroundings,
    now: datetime,
) -> None:
    """Those that are missing, where the plugin is told its secrets by the bridge. One for links is
    made once; a person may drop it for good. Raises UnreadableSecret."""
    if platform.registration is not None or not isinstance(platform.webhooks, SharedSecret):
        return
    assert shop.id is not None
    row = endpoints.registrations(session, workspace_id).get(shop.id)
    base_url = row.base_url if row is not None else around.public_url.rstrip("/")
    if base_url:
        app_registration.share(session, shop, around.keys, now, base_url=base_url)
    if not around.public_url:
        return
    state = plugin_states.state_of(session, workspace_id, shop.id)
    if state.link_made_at is None:
        plugin_states.change(session, workspace_id, shop.id, link_made_at=now)
        if links.key_of(session, workspace_id, shop.id) is None:
            links.make_key(session, workspace_id, shop.name, around.keys, now)


def lacks_address(
    session: Session, workspace_id: int, shop: Installation, around: Surroundings
) -> bool:
    """Whether the plugin cannot be told where the bridge is, since nobody told the bridge."""
    row = endpoints.registrations(session, workspace_id).get(shop.id or 0)
    return not around.public_url and row is None


def _events(
    shop: Installation, row: AppRegistration | None, around: Surroundings
) -> tuple[str, str]:
    if row is None:
        return "", ""
    secret = endpoints.read(row, shop, around.keys).present
    return (endpoints.webhook_address(row), secret) if secret else ("", "")


def _links(
    session: Session, workspace_id: int, shop: Installation, around: Surroundings
) -> tuple[str, str]:
    key = links.key_of(session, workspace_id, shop.id or 0)
    if key is None or not key.secret or not around.public_url:
        return "", ""
    address = links.link_address(around.public_url, around.workspace, key.token)
    return address, links.secret_of(key, around.keys)


def _of_an_app(
    shop: Installation,
    row: AppRegistration | None,
    platform: Platform,
    around: Surroundings,
    label: str,
) -> PluginSettings:
    """One that registered by itself holds its addresses for events in its manifest."""
    if row is None or row.state in (AppState.OFFERED.value, AppState.DELETED.value):
        return PluginSettings(points_label=label)
    return PluginSettings(points_label=label)
