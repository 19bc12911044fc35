"""The secret that a shop signs links to its customers' own pages with."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect

from bridge.installations.models import Installation
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.member_sign_in.links import drop_key, key_of, link_address, make_key
from bridge.users.roles import Permission
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.stores.pages import record_store, store_of
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said

pages = Pages()


@pages.get("/stores/<int:store_id>/links", Permission.CHANGE_STORES)
def store_links(visit: Visit, store_id: int) -> Any:
    return _page(visit, store_of(visit, store_id))


@pages.post("/stores/<int:store_id>/links", Permission.CHANGE_STORES)
def make_link_secret(visit: Visit, store_id: int) -> Any:
    """Answers with the secret instead of sending on: it is shown once."""
    app, shop = visit.app, store_of(visit, store_id)
    try:
        with app.database.writing() as session:
            made = make_key(session, app.workspace_id, shop.name, app.keyring, app.now())
            link_address(app.settings.public_url, app.workspace, made.token)
            record_store(session, visit, "store.link-secret", shop)
    except (BridgeError, UnreadableSecret) as error:
        return _page(visit, shop, 422, problem=said(error))
    visit.wake("plugins")
    return _page(visit, shop, 201, secret=made.secret)


@pages.post("/stores/<int:store_id>/links/drop", Permission.CHANGE_STORES)
def drop_link_secret(visit: Visit, store_id: int) -> Any:
    app, shop = visit.app, store_of(visit, store_id)
    with app.database.writing() as session:
        if drop_key(session, app.workspace_id, shop.name):
            record_store(session, visit, "store.link-secret-dropped", shop)
    visit.wake("plugins")
    flash(_("Links of %(name)s are not taken any more.", name=shop.name), "success")
    return redirect(visit.url("store_links", store_id=store_id), 303)


def _page(
    visit: Visit, shop: Installation, status: int = 200, *, secret: str = "", problem: str = ""
) -> Any:
    app = visit.app
    with app.database.reading() as session:
        found = key_of(session, app.workspace_id, shop.id or 0)
    address = ""
    if found is not None and app.settings.public_url:
        address = link_address(app.settings.public_url, app.workspace, found.token)
    return page(
        "store_links.html",
        status,
        shop=shop,
        found=found,
        address=address,
        secret=secret,
        problem=problem,
    )
