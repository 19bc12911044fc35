"""When a plugin is asked for and told, and what names a state of its settings. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bridge.installations.models import PluginState
from connectors.plugins import PluginSettings

LOOKED_AT_EVERY = timedelta(minutes=10)
WATCHED_EVERY = timedelta(minutes=1)
_SILENT_FOR = timedelta(minutes=5)
_MESSAGE = b"loyalty-bridge told"


def named(settings: PluginSettings) -> PluginSettings:
    """With :attr:`PluginSettings.told`: equal settings have the same, others another. It stands in
    the shop for administrators to see: of a secret it holds what is signed with it, which tells
    nobody a secret of 256 random bits."""
    values = [
        settings.events_url,
        _fingerprint(settings.events_secret),
        settings.member_url,
        _fingerprint(settings.link_secret),
        settings.sign_in_url,
        settings.redeem_url,
        settings.points_label,
    ]
    name = hashlib.sha256(json.dumps(values, ensure_ascii=True).encode()).hexdigest()[:20]
    return replace(settings, told=name)


def is_due(
    state: PluginState,
    seen: Mapping[str, Any] | None,
    wanted: PluginSettings | None,
    now: datetime,
) -> bool:
    """Whether the shop is to be asked. ``seen``: the plugin as it was last seen there, by whomever
    (:attr:`bridge.installations.models.ShopFacts.plugin`); ``wanted``: ``None`` where plugins are
    told nothing."""
    if state.looked_at is None:
        return True
    is_watched = state.watched_until is not None and now < state.watched_until
    if now - state.looked_at >= (WATCHED_EVERY if is_watched else LOOKED_AT_EVERY):
        return True
    gives = bool(seen and seen["puts_gifts_in"]) and not state.is_forgotten
    if gives != state.gave_gifts:
        return True  # a pull or a check saw it come or go, or it was made to forget its rules
    if seen is None:
        return bool(state.told)
    return wanted is not None and state.told != wanted.told and not state.is_forgotten


def needs_proof(state: PluginState, wanted: PluginSettings) -> bool:
    """Whether it was told where its events go, and none of them came since."""
    return bool(wanted.events_url) and state.told == wanted.told and state.heard_at is None


def is_silent(state: PluginState, wanted: PluginSettings, now: datetime) -> bool:
    """Whether it was told long enough ago, and none of its events came: perhaps it holds another
    secret than it was told, which its name for the state does not show."""
    is_late = state.told_at is not None and now - state.told_at >= _SILENT_FOR
    return is_late and needs_proof(state, wanted)


def _fingerprint(secret: str) -> str:
    return hmac.new(secret.encode(), _MESSAGE, hashlib.sha256).hexdigest() if secret else ""
