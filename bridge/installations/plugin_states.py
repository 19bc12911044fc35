"""What is known of the plugin in each shop. Every function is a part of a unit of work.

Statements name what they change: two who work on one row at once change different columns, or the
same to the same.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select, update

from bridge.db import insert_or_ignore
from bridge.installations import administration
from bridge.installations.models import PluginState, ShopFacts
from connectors.plugins import Plugin

WATCHED = timedelta(minutes=30)
"""How long somebody who sets one up is waited with."""
HELLO = "hello-"
"""An event of this name and a nonce proves that a plugin's events arrive."""


# -- reading --------------------------------------------------------------------------------


def states(session: Session, workspace_id: int) -> dict[int, PluginState]:
    """By installation id."""
    rows = session.exec(
        select(PluginState)
        .where(col(PluginState.workspace_id) == workspace_id)
        .execution_options(populate_existing=True)
    )
    return {row.installation_id: row for row in rows}


def state_of(session: Session, workspace_id: int, installation_id: int) -> PluginState:
    """As if nothing had happened yet where there is no row."""
    found = session.exec(
        select(PluginState)
        .where(
            col(PluginState.workspace_id) == workspace_id,
            col(PluginState.installation_id) == installation_id,
        )
        .execution_options(populate_existing=True)
    ).first()
    return found or PluginState(installation_id=installation_id, workspace_id=workspace_id)


def gives_gifts(session: Session, workspace_id: int, installation_id: int) -> bool:
    """Whether the plugin that was last seen there puts gifts into baskets: not one that was made
    to forget its rules."""
    plugin = session.exec(
        select(ShopFacts.plugin).where(
            col(ShopFacts.workspace_id) == workspace_id,
            col(ShopFacts.installation_id) == installation_id,
        )
    ).first()
    if not plugin or not plugin["puts_gifts_in"]:
        return False
    return not state_of(session, workspace_id, installation_id).is_forgotten


# -- changing -------------------------------------------------------------------------------


def change(session: Session, workspace_id: int, installation_id: int, **values: Any) -> None:
    """Makes the row where there is none."""
    fresh = PluginState(installation_id=installation_id, workspace_id=workspace_id)
    insert_or_ignore(session, PluginState, [fresh.model_dump()], ["installation_id"])
    session.exec(
        update(PluginState)
        .where(
            col(PluginState.workspace_id) == workspace_id,
            col(PluginState.installation_id) == installation_id,
        )
        .values(**values)
    )


def watch(session: Session, workspace_id: int, installation_id: int, now: datetime) -> None:
    """Somebody waits for it, or the shop said that something becomes of it, which it may say before
    it is so: the shop is asked at once, and every minute for a while."""
    until = now + WATCHED
    change(session, workspace_id, installation_id, looked_at=None, watched_until=until)


def heard(
    session: Session, workspace_id: int, installation_id: int, event_id: str, now: datetime
) -> None:
    """Of a signed event; what is not the answer to the last question changes nothing."""
    session.exec(
        update(PluginState)
        .where(
            col(PluginState.workspace_id) == workspace_id,
            col(PluginState.installation_id) == installation_id,
            col(PluginState.nonce) != "",
            col(PluginState.nonce) == event_id.removeprefix(HELLO),
            col(PluginState.heard_at).is_(None),
        )
        .values(heard_at=now)
    )


def set_plugin(
    session: Session, workspace_id: int, installation_id: int, plugin: Plugin | None
) -> None:
    """What of the bridge's own is in the shop, beside what else it told about itself; nothing
    where it was not asked for that yet."""
    session.exec(
        update(ShopFacts)
        .where(
            col(ShopFacts.workspace_id) == workspace_id,
            col(ShopFacts.installation_id) == installation_id,
        )
        .values(plugin=None if plugin is None else asdict(plugin))
    )
    administration.seen(session, workspace_id, installation_id, plugin)
