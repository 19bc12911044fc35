"""How the plugin in a shop stands, as the bridge last saw it: asks the shop nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bridge.application import Application
from bridge.installations import endpoints, plugin_states, service, webhook_counts
from bridge.installations.models import AppRegistration, Installation, PluginState
from bridge.installations.webhook_counts import ACCEPTED, REPLAYED, Total
from bridge.shop_plugins import settings as sources
from bridge.shop_plugins.gifts import GiftRules, gift_rules
from bridge.shop_plugins.telling import NO_ADDRESS, around
from connectors.plugins import Plugin, PluginPackage, PluginSettings


@dataclass(frozen=True, slots=True)
class Standing:
    shop: Installation
    label: str
    """Of its platform."""
    package: PluginPackage
    """What can be installed."""
    registers: bool
    """It gets its secret by registering, and is told none."""
    plugin: Plugin | None
    state: PluginState
    wanted: PluginSettings
    """What it is to be told."""
    gifts: GiftRules
    registration: AppRegistration | None
    last_event_at: datetime | None
    """When the last message came that was taken."""
    may_be_told: bool
    """Not one that has still to register here."""
    lacks_address: bool
    """Nobody told the bridge where it can be reached."""
    now: datetime

    @property
    def is_told(self) -> bool:
        return self.plugin is not None and self.state.told == self.wanted.told

    @property
    def is_watched(self) -> bool:
        """Somebody waits for it to come: it is looked for each minute."""
        until = self.state.watched_until
        return until is not None and self.now < until

    @property
    def waits_for_address(self) -> bool:
        """It could not be told where the bridge is, which somebody has said since."""
        return self.state.problem == NO_ADDRESS and not self.lacks_address

    @property
    def heard_at(self) -> datetime | None:
        """When the last event came of a plugin that was told as it is; ``None``: none did."""
        told_at, last = self.state.told_at, self.last_event_at
        if last is not None and told_at is not None and last > told_at:
            return last
        return self.state.heard_at

    @property
    def events_address(self) -> str:
        """Where it sends its events; empty: it has none yet."""
        if self.registration is None:
            return ""
        if self.registers:
            return endpoints.events_address(self.registration, self.shop)
        return self.wanted.events_url


def standings(app: Application, shops: Iterable[Installation]) -> dict[int, Standing]:
    """By installation id; of those whose platform has a plugin. Raises UnreadableSecret."""
    found: dict[int, Standing] = {}
    with app.database.reading() as session:
        facts = service.facts(session, app.workspace_id)
        states = plugin_states.states(session, app.workspace_id)
        registered = endpoints.registrations(session, app.workspace_id)
        messages = webhook_counts.totals(session, app.workspace_id)
        for shop in shops:
            platform, id_ = app.platforms[shop.platform], shop.id or 0
            if platform.plugin is None:
                continue
            seen = facts[id_].plugin if id_ in facts else None
            fresh = PluginState(installation_id=id_, workspace_id=app.workspace_id)
            found[id_] = Standing(
                shop=shop,
                label=platform.label,
                package=platform.plugin,
                registers=platform.registration is not None,
                plugin=Plugin(**seen) if seen else None,
                state=states.get(id_, fresh),
                wanted=sources.wanted(session, app.workspace_id, shop, platform, around(app)),
                gifts=gift_rules(session, shop, platform.plugin, app.now())
                if seen
                else GiftRules(),
                registration=registered.get(id_),
                last_event_at=_last(messages.get(id_, [])),
                may_be_told=sources.may_be_told(session, shop, platform),
                lacks_address=sources.lacks_address(session, app.workspace_id, shop, around(app)),
                now=app.now(),
            )
    return found


def standing(app: Application, shop: Installation) -> Standing | None:
    """``None``: there is no plugin for its platform. Raises UnreadableSecret."""
    return standings(app, [shop]).get(shop.id or 0)


def _last(totals: Iterable[Total]) -> datetime | None:
    taken = (one.last_at for one in totals if one.outcome in (ACCEPTED, REPLAYED))
    return max(taken, default=None)
