"""The bridge's own plugin in a shop: getting it there, watching it come to work, taking it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, make_response, redirect
from wtforms import StringField
from wtforms.validators import InputRequired, Optional

from bridge.application import Application
from bridge.installations import app_registration, plugin_states
from bridge.installations.address import is_in_the_open, normalised_address
from bridge.installations.models import Installation
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.kit.progress import Progress
from bridge.shop_plugins import telling
from bridge.shop_plugins.checklist import Mark, checklist, is_complete
from bridge.shop_plugins.standing import Standing, standing
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import is_fragment, page
from bridge.web.admin.stores.administration import administration_told
from bridge.web.admin.stores.calls import job_of, start_job
from bridge.web.admin.stores.pages import record_store, store_of
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said
from connectors.base import Connector
from connectors.errors import ConnectorError
from connectors.sentences import text_of
from connectors.webhooks import Addresses

pages = Pages()

MARKS: dict[Mark, tuple[Any, str, str]] = {
    Mark.DONE: (lazy("works"), "bg-green-lt", "circle-check"),
    Mark.WAITING: (lazy("waiting"), "bg-blue-lt", "hourglass"),
    Mark.MEND: (lazy("look at it"), "bg-yellow-lt", "alert-triangle"),
    Mark.WITHOUT: (lazy("without"), "bg-secondary-lt", "info-circle"),
}
"""The word, the badge's colours and the icon."""

Act = Callable[[Application, Installation, Connector], Any]


class AppForm(Form):
    """Of an app that registers: what its file says of the two addresses."""

    url = StringField(
        lazy("Where the shop reaches the bridge"),
        [InputRequired()],
        description=lazy("It stands in the file; the shop's server must be able to call it."),
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )
    shop_url = StringField(
        lazy("What the shop calls itself"),
        [Optional()],
        description=lazy(
            "Only where its own address (APP_URL) is another than the one it was connected by."
        ),
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )


@pages.get("/stores/<int:store_id>/plugin", Permission.LOOK)
def store_plugin(visit: Visit, store_id: int) -> Any:
    """The list of what works is loaded again as long as somebody waits for it."""
    return _page(visit, store_of(visit, store_id))


@pages.post("/stores/<int:store_id>/plugin/file", Permission.CHANGE_STORES)
def plugin_file(visit: Visit, store_id: int) -> Any:
    """The file itself. One of an app holds a secret of this shop: it lies nowhere on the server."""
    shop = store_of(visit, store_id)
    one = _standing(visit, shop)
    form = AppForm() if one.registers else None
    if form is not None and not form.validate():
        return _page(visit, shop, 422, form=form)
    try:
        content = one.package.package() if form is None else _app(visit, shop, form)
    except UnreadableSecret as error:
        return _page(visit, shop, 422, problem=said(error))
    if content is None:
        return _page(visit, shop, 422, form=form)
    with visit.app.database.writing() as session:
        plugin_states.watch(session, visit.app.workspace_id, store_id, visit.app.now())
        record_store(session, visit, "store.plugin-file", shop, after={"version": _version(one)})
    visit.wake("plugins")
    return _file(content, one.package.file_name)


@pages.post("/stores/<int:store_id>/plugin/look", Permission.CHANGE_STORES)
def look_for_plugin(visit: Visit, store_id: int) -> Any:
    """Now, and every minute for a while."""
    shop = store_of(visit, store_id)
    _standing(visit, shop)
    with visit.app.database.writing() as session:
        plugin_states.watch(session, visit.app.workspace_id, store_id, visit.app.now())
    return _start(visit, shop, telling.look)


@pages.post("/stores/<int:store_id>/plugin/tell", Permission.CHANGE_STORES)
def tell_plugin(visit: Visit, store_id: int) -> Any:
    return _act(visit, store_id, "store.plugin-told", telling.tell_again)


@pages.post("/stores/<int:store_id>/plugin/forget", Permission.CHANGE_STORES)
def make_plugin_forget(visit: Visit, store_id: int) -> Any:
    """Before it is uninstalled."""
    flash(_("Uninstall the plugin in the shop once this is done."), "info")
    return _act(visit, store_id, "store.plugin-forgot", telling.forget)


# -- what is done in the shop ---------------------------------------------------------------


def _act(visit: Visit, store_id: int, action: str, act: Act) -> Any:
    shop = store_of(visit, store_id)
    _standing(visit, shop)
    with visit.app.database.writing() as session:
        record_store(session, visit, action, shop)
    return _start(visit, shop, act)


def _start(visit: Visit, shop: Installation, act: Act) -> Any:
    """In a thread: a shop may take long to answer. What came or went is read by the engine."""
    app, wake = visit.app, visit.wake
    there = visit.url("store_plugin", store_id=shop.id)

    def work(progress: Progress) -> None:
        with progress.task(shop.name, 1):
            try:
                connector = app.connect(shop)
                try:
                    looked = act(app, shop, connector)
                finally:
                    connector.close()
            except (ConnectorError, UnreadableSecret) as error:
                raise BridgeError(text_of(error)) from error
        wake("plugins")
        if isinstance(looked, telling.Looked) and looked.problem:
            raise BridgeError(looked.problem)

    start_job(visit, shop, "plugin", work, there)
    return redirect(there, 303)


# -- the file -------------------------------------------------------------------------------


def _app(visit: Visit, shop: Installation, form: AppForm) -> bytes | None:
    """``None``: an address cannot be used, and its field says why. Raises UnreadableSecret."""
    app = visit.app
    registration = app.platforms[shop.platform].registration
    assert registration is not None
    url, shop_url = _address(form.url), _address(form.shop_url)
    if url is None or shop_url is None:
        return None
    with app.database.writing() as session:
        found = app_registration.offer(
            session, shop, app.keyring, app.now(), base_url=url, shop_address=shop_url or None
        )
    addresses = Addresses(found.address("register"), found.address("events"))
    try:
        return registration.package(registration.manifest(addresses, found.app_secret))
    except ValueError as error:
        form.url.errors = [str(error)]
        return None


def _address(field: Any) -> str | None:
    """Empty where nothing was typed."""
    typed = (field.data or "").strip()
    if not typed:
        return ""
    try:
        return normalised_address(typed)
    except BridgeError as error:
        field.errors = [said(error)]
        return None


def _file(content: bytes, name: str) -> Response:
    response = make_response(content)
    response.mimetype = "application/zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


# -- the page -------------------------------------------------------------------------------


def _standing(visit: Visit, shop: Installation) -> Standing:
    """404 where there is none for its platform."""
    found = standing(visit.app, shop)
    if found is None:
        abort(404)
    return found


def _page(
    visit: Visit,
    shop: Installation,
    status: int = 200,
    *,
    form: AppForm | None = None,
    problem: str = "",
) -> Any:
    # Before what it writes: one that ends in between is shown at work, and the page asks again.
    job = job_of(visit, shop, "plugin")
    try:
        one = _standing(visit, shop)
    except UnreadableSecret as error:
        return page("store_plugin_closed.html", shop=shop, problem=said(error))
    points = checklist(one)
    shown: dict[str, Any] = {
        "shop": shop,
        "one": one,
        "points": points,
        "marks": MARKS,
        "is_watched": one.is_watched and not is_complete(points),
    }
    if is_fragment() and status == 200:
        return page("store_plugin_points.html", **shown)
    has_pages = visit.app.platforms[shop.platform].pages is not None
    if form is None and one.registers:
        form = AppForm(formdata=None, url=_default_url(visit.app, one))
    return page(
        "store_plugin.html",
        status,
        form=form,
        problem=problem,
        job=job,
        version=_version(one),
        administration=administration_told(visit, shop) if has_pages else None,
        in_the_open=one.registration is not None and is_in_the_open(one.registration.base_url),
        **shown,
    )


def _default_url(app: Application, one: Standing) -> str:
    return one.registration.base_url if one.registration else app.settings.public_url


def _version(one: Standing) -> str:
    return one.package.version
