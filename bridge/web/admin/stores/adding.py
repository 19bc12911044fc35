"""Adding a store step by step: platform, address and credentials, test, questions, done.

What was typed and tested waits as a draft until the questions are answered: a store is only read
once the bridge knows how to read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import abort, flash, redirect, request

from bridge.application import Application
from bridge.installations import drafts, service
from bridge.installations.answering import answers
from bridge.installations.connecting import connect
from bridge.installations.models import Installation, StoreDraft
from bridge.installations.service import NewInstallation
from bridge.installations.setting_up import probe, record, store_new
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.users.roles import Permission
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.stores.calls import in_time, start_check, start_pull
from bridge.web.admin.stores.forms import (
    address_of,
    answer_fields,
    answers_form,
    answers_of,
    kind_of,
    name_of,
    new_store_form,
    secret_fields,
    secrets_of,
)
from bridge.web.admin.stores.pages import record_store
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, said
from connectors.base import Credential, Platform, ShopInfo

pages = Pages()


@pages.get("/stores/add", Permission.CHANGE_STORES)
def choose_platform(visit: Visit) -> Any:
    return page("stores_add.html", platforms=_platforms(visit.app), begun=_draft(visit))


@pages.get("/stores/add/on/<platform>", Permission.CHANGE_STORES)
def new_store(visit: Visit, platform: str) -> Any:
    found = _platform(visit, platform)
    credential = kind_of(found, request.args.get("kind", ""))
    return _credentials_page(found, credential, new_store_form(credential))


@pages.post("/stores/add/on/<platform>", Permission.CHANGE_STORES)
def test_new_store(visit: Visit, platform: str) -> Any:
    """Asks the shop whether address and credentials are right."""
    found = _platform(visit, platform)
    credential = kind_of(found, request.args.get("kind", ""))
    form = new_store_form(credential)
    new = _typed(visit, found, form) if form.validate() else None
    if new is None or _is_there(visit, form, new):
        return _credentials_page(found, credential, form, 422)
    app = visit.app
    try:
        info = in_time(lambda: _probe(app, found, new))
    except BridgeError as error:
        form.problem = said(error)
        return _credentials_page(found, credential, form, 422)
    with app.database.writing() as session:
        drafts.keep(
            session,
            app.workspace_id,
            visit.user_id,
            new,
            info,
            lambda secrets: app.keyring().encrypt(secrets),
            app.now(),
        )
        record_store(
            session,
            visit,
            "store.tested",
            record(app.workspace_id, new, app.now()),
            after={"address": new.url, "platform": new.platform},
        )
    return redirect(visit.url("store_questions"), 303)


@pages.get("/stores/add/questions", Permission.CHANGE_STORES)
def store_questions(visit: Visit) -> Any:
    found = _draft(visit)
    if found is None:
        return redirect(visit.url("choose_platform"), 303)
    return _questions_page(visit, found, answers_form(answers(_platform_of(visit, found), {})))


@pages.post("/stores/add/questions", Permission.CHANGE_STORES)
def connect_new_store(visit: Visit) -> Any:
    found = _draft(visit)
    if found is None:
        return redirect(visit.url("choose_platform"), 303)
    form = answers_form(answers(_platform_of(visit, found), {}))
    if not form.validate():
        return _questions_page(visit, found, form, 422)
    try:
        shop = _connect(visit, found, form)
    except (BridgeError, UnreadableSecret) as error:
        form.problem = said(error)
        return _questions_page(visit, found, form, 422)
    start_check(visit, shop)
    start_pull(visit, shop)
    flash(
        _(
            "%(name)s is connected. It is being checked and read for the first time; you may go "
            "on meanwhile.",
            name=shop.name,
        ),
        "success",
    )
    return redirect(visit.url("one_store", store_id=shop.id), 303)


@pages.post("/stores/add/forget", Permission.CHANGE_STORES)
def forget_new_store(visit: Visit) -> Any:
    with visit.app.database.writing() as session:
        drafts.drop(session, visit.app.workspace_id, visit.user_id)
    flash(_("Nothing was connected, and the credentials are forgotten."), "success")
    return redirect(visit.url("stores"), 303)


# -- what was typed -------------------------------------------------------------------------


def _typed(visit: Visit, platform: Platform, form: Any) -> NewInstallation | None:
    name, url = name_of(form), address_of(form, visit.app)
    if name is None or url is None:
        return None
    is_public_only = not visit.app.settings.allow_private_stores
    return NewInstallation(name, platform.name, url, secrets_of(form), {}, is_public_only)


def _is_there(visit: Visit, form: Any, new: NewInstallation) -> bool:
    """Under this name, or at this address; says so at the field."""
    with visit.app.database.reading() as session:
        shops = service.installations(session, visit.app.workspace_id)
    for other in shops:
        if other.name.lower() == new.name.lower():
            form.name.errors = [_("There is a store of this name already. Choose another one.")]
            return True
        if other.url == new.url:
            form.url.errors = [
                _(
                    "The store %(name)s is this shop already. Two connections to one shop would "
                    "overwrite each other's prices.",
                    name=other.name,
                )
            ]
            return True
    return False


def _probe(app: Application, platform: Platform, new: NewInstallation) -> ShopInfo:
    info = probe(
        platform,
        record(app.workspace_id, new, app.now()),
        new.credentials,
        app.workspace,
        allow_private=app.settings.allow_private_stores,
    )
    assert info is not None
    return info


def _connect(visit: Visit, found: StoreDraft, form: Any) -> Installation:
    """Stores it with what was told. Raises BridgeError, UnreadableSecret."""
    app, platform = visit.app, _platform_of(visit, found)
    told = answers_of(form, {question.name: question for question in platform.questions})
    new = drafts.complete(found, app.keyring().decrypt(found.credentials), told)
    # Some answers are only understood by the connector; it sends nothing yet.
    connect(
        platform, record(app.workspace_id, new, app.now()), new.credentials, app.workspace
    ).close()
    with app.database.writing() as session:
        now = app.now()
        store_new(
            session,
            app.workspace_id,
            new,
            drafts.info_of(found),
            lambda secrets: app.keyring().encrypt(secrets),
            now,
        )
        drafts.drop(session, app.workspace_id, visit.user_id)
        shop = service.installation(session, app.workspace_id, new.name)
        after: Mapping[str, Any] = {"address": new.url, "platform": new.platform, **told}
        record_store(session, visit, "store.connected", shop, after=dict(after))
    return shop


# -- pages ----------------------------------------------------------------------------------


def _credentials_page(
    platform: Platform, credential: Credential, form: Any, status: int = 200
) -> Any:
    return page(
        "stores_add_credentials.html",
        status,
        platform=platform,
        credential=credential,
        form=form,
        secrets=secret_fields(form),
    )


def _questions_page(visit: Visit, found: StoreDraft, form: Any, status: int = 200) -> Any:
    return page(
        "stores_add_questions.html",
        status,
        draft=found,
        platform=_platform_of(visit, found),
        info=drafts.info_of(found),
        form=form,
        fields=answer_fields(form),
    )


def _platforms(app: Application) -> list[Platform]:
    return sorted((app.platforms[name] for name in app.platforms), key=lambda one: one.label)


def _platform(visit: Visit, name: str) -> Platform:
    if name not in visit.app.platforms:
        abort(404)
    return visit.app.platforms[name]


def _platform_of(visit: Visit, found: StoreDraft) -> Platform:
    return _platform(visit, found.platform)


def _draft(visit: Visit) -> StoreDraft | None:
    with visit.app.database.reading() as session:
        return drafts.draft(session, visit.app.workspace_id, visit.user_id, visit.app.now())
