"""Changing a store: what its API does not tell, its address and credentials, letting go of it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request

from bridge.installations import service
from bridge.installations.connecting import connect
from bridge.installations.credentials import match_credentials
from bridge.installations.models import Installation
from bridge.installations.removing import Holdings, holdings, remove
from bridge.installations.setting_up import (
    needs_credentials,
    probe,
    require_same_shop,
    store_changed,
)
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.shop_plugins.leaving import is_to_forget, make_forget
from bridge.users.roles import Permission
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.stores.calls import in_time, start_check
from bridge.web.admin.stores.forms import (
    RemovalForm,
    access_form,
    address_of,
    answer_fields,
    answers_form,
    answers_of,
    kind_of,
    lacks_a_secret,
    secret_fields,
    secrets_of,
)
from bridge.web.admin.stores.pages import platform_label, record_store, store_of
from bridge.web.admin.stores.texts import held
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said
from connectors.base import Credential, Platform, ShopInfo

pages = Pages()


# -- what the shop does not tell ------------------------------------------------------------


@pages.get("/stores/<int:store_id>/settings", Permission.CHANGE_STORES)
def store_settings(visit: Visit, store_id: int) -> Any:
    shop = store_of(visit, store_id)
    return _settings_page(shop, answers_form(visit.app.answered(shop)))


@pages.post("/stores/<int:store_id>/settings", Permission.CHANGE_STORES)
def change_store_settings(visit: Visit, store_id: int) -> Any:
    app, shop = visit.app, store_of(visit, store_id)
    form = answers_form(app.answered(shop))
    if not form.validate():
        return _settings_page(shop, form, 422)
    platform = app.platforms[shop.platform]
    try:
        told = answers_of(form, {question.name: question for question in platform.questions})
        changed = shop.model_copy(update={"settings": shop.settings | told})
        # Some answers are only understood by the connector; it sends nothing.
        secrets = app.keyring().decrypt(shop.credentials)
        connect(platform, changed, secrets, app.workspace).close()
    except (BridgeError, UnreadableSecret) as error:
        form.problem = said(error)
        return _settings_page(shop, form, 422)
    with app.database.writing() as session:
        service.set_settings(session, app.workspace_id, store_id, changed.settings)
        before = {one.question.name: one.value for one in app.answered(shop)}
        record_store(session, visit, "store.settings-changed", shop, before=before, after=told)
    flash(_("Saved. Prices are read anew with the next reading of the store."), "success")
    return redirect(visit.url("one_store", store_id=store_id), 303)


def _settings_page(shop: Installation, form: Any, status: int = 200) -> Any:
    return page("store_settings.html", status, shop=shop, form=form, fields=answer_fields(form))


# -- address and credentials ----------------------------------------------------------------


@pages.get("/stores/<int:store_id>/access", Permission.CHANGE_STORES)
def store_access(visit: Visit, store_id: int) -> Any:
    shop = store_of(visit, store_id)
    platform, kind = visit.app.platforms[shop.platform], _stored_kind(visit, shop)
    credential = kind_of(platform, request.args.get("kind", kind))
    return _access_page(shop, platform, credential, access_form(credential, shop.url))


@pages.post("/stores/<int:store_id>/access", Permission.CHANGE_STORES)
def change_store_access(visit: Visit, store_id: int) -> Any:
    """Tried first; must lead to the same shop as before."""
    shop = store_of(visit, store_id)
    platform = visit.app.platforms[shop.platform]
    kind = request.args.get("kind") or _stored_kind(visit, shop)
    credential = kind_of(platform, kind)
    form = access_form(credential, shop.url)
    changed = _readdressed(visit, shop, form) if form.validate() else None
    if changed is None:
        return _access_page(shop, platform, credential, form, 422)
    secrets = secrets_of(form) or None
    try:
        info = _tried(visit, shop, platform, changed, secrets)
        _store_access(visit, shop, changed, secrets, info)
    except (BridgeError, UnreadableSecret) as error:
        form.problem = said(error)
        return _access_page(shop, platform, credential, form, 422)
    start_check(visit, changed)
    flash(_("Saved: the shop answers. It is being checked."), "success")
    return redirect(visit.url("one_store", store_id=store_id), 303)


def _readdressed(visit: Visit, shop: Installation, form: Any) -> Installation | None:
    """With the address that was typed; ``None``: it cannot be, and a field says why."""
    url = address_of(form, visit.app, known=shop.url)
    if url is None or lacks_a_secret(form):
        return None
    if needs_credentials(shop.url, url) and not secrets_of(form):
        secret_fields(form)[0].errors = [
            _(
                "The address leads elsewhere: type the credentials, too. Those that are stored "
                "are never sent to another place."
            )
        ]
        return None
    if url == shop.url:
        return shop.model_copy()
    is_public_only = not visit.app.settings.allow_private_stores
    return shop.model_copy(update={"url": url, "is_public_only": is_public_only})


def _tried(
    visit: Visit,
    shop: Installation,
    platform: Platform,
    changed: Installation,
    secrets: dict[str, str] | None,
) -> ShopInfo | None:
    """Raises BridgeError, UnreadableSecret."""
    app = visit.app
    known = secrets if secrets is not None else app.keyring().decrypt(shop.credentials)
    allow_private = app.settings.allow_private_stores
    info = in_time(
        lambda: probe(platform, changed, known, app.workspace, allow_private=allow_private)
    )
    with app.database.reading() as session:
        facts = service.facts(session, app.workspace_id).get(shop.id or 0)
    require_same_shop(shop, facts, info)
    return info


def _store_access(
    visit: Visit,
    shop: Installation,
    changed: Installation,
    secrets: dict[str, str] | None,
    info: ShopInfo | None,
) -> None:
    app = visit.app
    after = {"address": changed.url}
    if secrets is not None:
        after["credentials"] = "replaced"
    with app.database.writing() as session:
        store_changed(
            session, changed, secrets, info, lambda plain: app.keyring().encrypt(plain), app.now()
        )
        before = {"address": shop.url}
        record_store(session, visit, "store.access-changed", shop, before=before, after=after)


def _stored_kind(visit: Visit, shop: Installation) -> str:
    """Which set of credentials there is; empty: they cannot be read."""
    try:
        secrets = visit.app.keyring().decrypt(shop.credentials)
        return match_credentials(visit.app.platforms[shop.platform], secrets)
    except (BridgeError, UnreadableSecret):
        return ""


def _access_page(
    shop: Installation, platform: Platform, credential: Credential, form: Any, status: int = 200
) -> Any:
    return page(
        "store_access.html",
        status,
        shop=shop,
        platform=platform,
        credential=credential,
        form=form,
        secrets=secret_fields(form),
    )


# -- letting go -----------------------------------------------------------------------------


@pages.get("/stores/<int:store_id>/remove", Permission.CHANGE_STORES)
def removing_store(visit: Visit, store_id: int) -> Any:
    return _removal_page(visit, store_of(visit, store_id), RemovalForm())


@pages.post("/stores/<int:store_id>/remove", Permission.CHANGE_STORES)
def remove_store(visit: Visit, store_id: int) -> Any:
    shop, form = store_of(visit, store_id), RemovalForm()
    held_there = _holdings(visit, shop)
    if held_there.leased:
        form.problem = _("Something is being sent to this store at this moment. Wait for its end.")
    elif held_there and not form.keep_in_shop.data:
        form.keep_in_shop.errors = [
            _("Take these back first, or say that they may stay in the shop for good.")
        ]
    else:
        try:
            if not form.keep_in_shop.data:
                in_time(lambda: make_forget(visit.app, shop))
            _remove(visit, shop, held_there, keep_in_shop=form.keep_in_shop.data)
        except BridgeError as error:
            form.problem = said(error)
        else:
            flash(_("%(name)s is removed.", name=shop.name), "success")
            return redirect(visit.url("stores"), 303)
    return _removal_page(visit, shop, form, 422)


def _remove(visit: Visit, shop: Installation, left: Holdings, *, keep_in_shop: bool) -> None:
    app = visit.app
    with app.database.writing() as session:
        now = app.now()
        remove(session, app.workspace_id, shop, keep_in_shop=keep_in_shop, now=now)
        before = {"address": shop.url, "platform": shop.platform}
        after = {"left in the shop": left.owned} if left.owned else {}
        record_store(session, visit, "store.removed", shop, before=before, after=after)


def _holdings(visit: Visit, shop: Installation) -> Holdings:
    app = visit.app
    with app.database.reading() as session:
        return holdings(session, app.workspace_id, shop.id or 0, app.now())


def _removal_page(visit: Visit, shop: Installation, form: Any, status: int = 200) -> Any:
    found = _holdings(visit, shop)
    return page(
        "store_remove.html",
        status,
        shop=shop,
        label=platform_label(visit, shop.platform),
        form=form,
        held=[held(kind, count) for kind, count in sorted(found.owned.items())],
        waiting=found.open_deliveries,
        knows_plugin=is_to_forget(visit.app, shop),
    )
