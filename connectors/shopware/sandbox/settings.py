"""The shop's configuration (recorded: app_configuration.json #0, #1).

A value of one sales channel replaces the one of all channels whole (PLUGIN_FACTS "Custom fields,
configuration").
"""

from __future__ import annotations

from typing import Any

from connectors.shopware.sandbox.database import Database


def value(database: Database, name: str, channel_id: str | None = None) -> Any:
    """What holds in a channel."""
    own = database.config.get(_key(name, channel_id))
    return database.config.get(name) if own is None else own


def all_of(database: Database, channel_id: str | None = None) -> list[tuple[str, Any]]:
    """Those of the channel alone, or those of all channels."""
    end = _key("", channel_id)
    return [
        (key.removesuffix(end), held)
        for key, held in database.config.items()
        if (key.endswith(end) if end else "@" not in key)
    ]


def store(database: Database, name: str, held: Any, channel_id: str | None = None) -> None:
    """``None`` takes it away."""
    if held is None:
        database.config.pop(_key(name, channel_id), None)
    else:
        database.config[_key(name, channel_id)] = held


def _key(name: str, channel_id: str | None) -> str:
    return f"{name}@{channel_id}" if channel_id else name
