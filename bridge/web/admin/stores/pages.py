"""The stores: how each is, whether it is ready, what it can do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.figures.health import ShopHealth, health
from bridge.installations import checks, plugin_states, service, webhook_counts
from bridge.installations.models import AppState, Installation, ShopFacts
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.users.roles import Permission
from bridge.web.admin.health_texts import LEVELS, WEBHOOKS
from bridge.web.admin.health_texts import said as said_remark
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.stores.calls import job_of, start_check, start_pull
from bridge.web.admin.stores.texts import (
    OUTCOMES,
    RESOURCES,
    SEVERITIES,
    Ability,
    abilities,
)
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said
from connectors.base import Severity

pages = Pages()


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One line of the list."""

    shop: Installation
    label: str
    """Of its platform."""
    facts: ShopFacts | None
    health: ShopHealth
    checked: checks.Checked | None

    @property
    def errors(self) -> int:
        return self.checked.count(Severity.ERROR) if self.checked else 0


@pages.get("/stores", Permission.LOOK)
def stores(visit: Visit) -> Any:
    workspace_id = visit.app.workspace_id
    with visit.app.database.reading() as session:
        shops = service.installations(session, workspace_id)
        told = service.facts(session, workspace_id)
        checked = checks.last(session, workspace_id)
        states = {one.installation_id: one for one in health(session, workspace_id, _now(visit))}
    rows = [
        StoreRow(
            shop,
            platform_label(visit, shop.platform),
            told.get(shop.id or 0),
            states[shop.id or 0],
            checked.get(shop.id or 0),
        )
        for shop in shops
    ]
    return page("stores.html", rows=rows, levels=LEVELS, webhooks=WEBHOOKS, said=said_remark)


@pages.get("/stores/<int:store_id>", Permission.LOOK)
def one_store(visit: Visit, store_id: int) -> Any:
    shop = store_of(visit, store_id)
    workspace_id = visit.app.workspace_id
    # Before what they write: one that ends in between is shown at work, and the page asks again.
    jobs = {"check": job_of(visit, shop, "check"), "pull": job_of(visit, shop, "pull")}
    with visit.app.database.reading() as session:
        facts = service.facts(session, workspace_id).get(store_id)
        checked = checks.last(session, workspace_id).get(store_id)
        messages = webhook_counts.totals(session, workspace_id).get(store_id, [])
        states = {one.installation_id: one for one in health(session, workspace_id, _now(visit))}
        gives = plugin_states.gives_gifts(session, workspace_id, store_id)
    state = states[store_id]
    plugin = facts.plugin if facts else None
    able, problem = _abilities(visit, shop, state.webhooks.state, plugin, gives_gifts=gives)
    return page(
        "store.html",
        shop=shop,
        label=platform_label(visit, shop.platform),
        facts=facts,
        checked=checked,
        health=state,
        remarks=[said_remark(one) for one in state.remarks],
        answers=visit.app.answered(shop),
        abilities=able,
        has_plugin=has_plugin(visit, shop.platform),
        problem=problem,
        messages=messages,
        jobs=jobs,
        levels=LEVELS,
        webhooks=WEBHOOKS,
        severities=SEVERITIES,
        webhook_command=_webhook_command(visit, shop),
        resources=RESOURCES,
        outcomes=OUTCOMES,
    )


@pages.post("/stores/<int:store_id>/check", Permission.CHANGE_STORES)
def check_store(visit: Visit, store_id: int) -> Any:
    start_check(visit, store_of(visit, store_id))
    return redirect(visit.url("one_store", store_id=store_id), 303)


@pages.post("/stores/<int:store_id>/pull", Permission.CHANGE_STORES)
def pull_store(visit: Visit, store_id: int) -> Any:
    shop = store_of(visit, store_id)
    with visit.app.database.writing() as session:
        record_store(session, visit, "store.pulled", shop)
    start_pull(visit, shop)
    flash(_("Groups, products, prices and customers are being read."), "success")
    return redirect(visit.url("one_store", store_id=store_id), 303)


# -- for the other pages about stores -------------------------------------------------------


def store_of(visit: Visit, store_id: int) -> Installation:
    """404 where there is none in this workspace, or it was removed."""
    with visit.app.database.reading() as session:
        found = service.installations(session, visit.app.workspace_id)
    shop = next((one for one in found if one.id == store_id), None)
    if shop is None:
        abort(404)
    return shop


def platform_label(visit: Visit, name: str) -> str:
    """As it calls itself; its plain name where its connector is not installed any more."""
    try:
        return visit.app.platforms[name].label
    except (BridgeError, KeyError):
        return name


def has_plugin(visit: Visit, name: str) -> bool:
    """Whether something of the bridge's own can be installed in shops of this platform."""
    try:
        return visit.app.platforms[name].plugin is not None
    except (BridgeError, KeyError):
        return False


def record_store(
    session: Session,
    visit: Visit,
    action: str,
    shop: Installation,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """In the unit of work that does it."""
    record(
        session,
        visit.app.workspace_id,
        visit.actor,
        action,
        Subject("store", str(shop.id or ""), shop.name),
        visit.app.now(),
        before=before,
        after=after,
    )


def _abilities(
    visit: Visit,
    shop: Installation,
    webhooks: AppState | None,
    plugin: Mapping[str, Any] | None,
    *,
    gives_gifts: bool,
) -> tuple[list[Ability], str]:
    """What it can do, or why that cannot be told. Sends nothing."""
    try:
        connector = visit.app.connect(shop)
    except (BridgeError, UnreadableSecret) as error:
        return [], said(error)
    try:
        return list(abilities(connector, webhooks, plugin, gives_gifts=gives_gifts)), ""
    finally:
        connector.close()


def _webhook_command(visit: Visit, shop: Installation) -> str:
    platform = visit.app.platforms[shop.platform]
    command = "shopware-app build" if platform.registration else "webhooks secret"
    address = visit.app.settings.public_url or "https://bridge.example"
    return f"loyalty-bridge {command} {shop.name} --url {address}"


def _now(visit: Visit) -> Any:
    return visit.app.now()
