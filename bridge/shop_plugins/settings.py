"""What the plugin of each shop is to be told: where its events go, where links lead, how points
are called. Every function is a part of a unit of work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.installations import app_registration, endpoints, plugin_states, service
from bridge.installations.endpoints import Keys
from bridge.installations.models import AppRegistration, AppState, Installation, ShopFacts
from bridge.kit.calendar import day_of
from bridge.member_sign_in import links
from bridge.member_sign_in.from_app import app_sign_in_address
from bridge.preferences.sections import Branding
from bridge.preferences.service import preferences
from bridge.shop_plugins.rules import named
from bridge.vouchers.redeeming import redemption_at
from bridge.vouchers.rules import NotRedeemable
from connectors.base import Platform
from connectors.plugins import PluginSettings
from connectors.webhooks import SharedSecret

_NOT_REGISTERED = (AppState.OFFERED.value, AppState.DELETED.value)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What does not stand in the database."""

    workspace: str
    """Its name, as addresses hold it."""
    public_url: str
    """Where visitors reach the bridge; empty: nobody said."""
    keys: Keys
    now: datetime


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
        of_app = _of_an_app(session, shop, row, platform, around)
        return named(replace(of_app, points_label=label))
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
) -> None:
    """Those that are missing, where the plugin is told its secrets by the bridge. One for links is
    made once; a person may drop it for good. Raises UnreadableSecret."""
    if platform.registration is not None or not isinstance(platform.webhooks, SharedSecret):
        return
    assert shop.id is not None
    row = endpoints.registrations(session, workspace_id).get(shop.id)
    base_url = row.base_url if row is not None else around.public_url.rstrip("/")
    if base_url:
        app_registration.share(session, shop, around.keys, around.now, base_url=base_url)
    if not around.public_url:
        return
    state = plugin_states.state_of(session, workspace_id, shop.id)
    if state.link_made_at is None:
        plugin_states.change(session, workspace_id, shop.id, link_made_at=around.now)
        if links.key_of(session, workspace_id, shop.id) is None:
            links.make_key(session, workspace_id, shop.name, around.keys, around.now)


def may_be_told(session: Session, shop: Installation, platform: Platform) -> bool:
    """Not an app that is not registered here, or is just being deleted: what it is told would stay
    in the shop."""
    if platform.registration is None:
        return True
    row = endpoints.registrations(session, shop.workspace_id).get(shop.id or 0)
    return row is not None and row.state not in _NOT_REGISTERED


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
    session: Session,
    shop: Installation,
    row: AppRegistration | None,
    platform: Platform,
    around: Surroundings,
) -> PluginSettings:
    """One that registered by itself: where its events go stands in its manifest."""
    is_registered = row is not None and row.state not in _NOT_REGISTERED
    if row is None or not is_registered or platform.pages is None:
        return PluginSettings()
    sign_in, redeem = "", ""
    if around.public_url:
        sign_in = app_sign_in_address(around.public_url, around.workspace, shop.name)
    if _takes_points(session, shop) and _may_be_redeemed(session, shop, around.now):
        redeem = endpoints.read(row, shop, around.keys).open_address("redeem")
    return PluginSettings(sign_in_url=sign_in, redeem_url=redeem)


def _takes_points(session: Session, shop: Installation) -> bool:
    """As it was last seen."""
    facts = _facts(session, shop)
    return bool(facts and facts.plugin and facts.plugin.get("takes_points"))


def _may_be_redeemed(session: Session, shop: Installation, now: datetime) -> bool:
    """Whether points are worth something today, in any store of the shop."""
    try:
        version, redemption = redemption_at(session, shop.workspace_id, now)
    except NotRedeemable:
        return False
    facts = _facts(session, shop)
    today = day_of(now, ZoneInfo(version.programme.timezone))
    return redemption.holds_on(today) and any(
        redemption.holds_in(shop.name, store["code"]) for store in (facts.stores if facts else ())
    )


def _facts(session: Session, shop: Installation) -> ShopFacts | None:
    return service.facts(session, shop.workspace_id).get(shop.id or 0)
