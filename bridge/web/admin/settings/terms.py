"""The programme's terms: what the merchant adds, how they read, and the shops that show them."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from markupsafe import Markup
from pydantic import ValidationError
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from bridge.audit.service import Actor
from bridge.kit.errors import BridgeError
from bridge.languages.catalogues import MEMBER_NAMES, SOURCE
from bridge.preferences.sections import Letters, OwnWords, Terms
from bridge.preferences.service import preferences, set_preferences
from bridge.terms.models import PageState
from bridge.terms.pages import hand_over, listed, look_now
from bridge.terms.rendering import as_html
from bridge.terms.service import catalogue_address, source
from bridge.users.roles import Permission
from bridge.vouchers.stores import stores_of
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

_STEP = "terms"
"""Of the engine: it brings the pages into the shops."""
STATES: dict[PageState, Any] = {
    PageState.WAITING: lazy("Not published yet"),
    PageState.PUBLISHED: lazy("Published"),
    PageState.EDITED: lazy("Changed in the shop"),
    PageState.REMOVED: lazy("Deleted in the shop"),
    PageState.TAKEN: lazy("Another page has this address"),
    PageState.FAILED: lazy("Not published"),
    PageState.HIDDEN: lazy("Switched off"),
}
REMEDIES: dict[PageState, Any] = {
    PageState.WAITING: lazy("It is published with the next work."),
    PageState.EDITED: lazy("Somebody changed this page or switched it off. It is left as it is."),
    PageState.REMOVED: lazy("Somebody deleted this page. It is not made again."),
    PageState.TAKEN: lazy("Choose another address above, or give the other page another one."),
    PageState.FAILED: lazy("It is tried again within the hour."),
    PageState.HIDDEN: lazy("This store shows no terms any more."),
}
LOOKS = {
    PageState.PUBLISHED: "bg-green-lt",
    PageState.WAITING: "bg-blue-lt",
    PageState.HIDDEN: "bg-blue-lt",
}
"""All others ask for somebody."""
TO_TAKE_OVER = frozenset({PageState.EDITED, PageState.REMOVED})


class TermsForm(Form):
    """Where they are shown."""

    stores = SelectMultipleField(
        lazy("Stores that have a page with the terms"),
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    url_key = StringField(
        lazy("Address of the page"),
        [InputRequired(), Length(max=80)],
        description=lazy("The last part of it: small letters, digits and dashes."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class WordsForm(Form):
    """What the merchant says himself, in one language."""

    language = SelectField(
        lazy("Language"), choices=choices(MEMBER_NAMES.items()), render_kw={"data-told": ""}
    )
    intro = TextAreaField(
        lazy("At the beginning"),
        [Length(max=10_000)],
        description=lazy(
            "A blank line begins a paragraph, a dash a list; [text](https://…) is a link."
        ),
        render_kw={"rows": 4, "dir": "auto"},
    )
    clauses = TextAreaField(
        lazy("What else holds"),
        [Length(max=20_000)],
        description=lazy("After what the programme says: law, data protection, changes."),
        render_kw={"rows": 8, "dir": "auto"},
    )
    contact = TextAreaField(
        lazy("Contact"),
        [Length(max=5_000)],
        description=lazy("Where members can write to, to leave for example."),
        render_kw={"rows": 4, "dir": "auto"},
    )

    def wanted(self) -> OwnWords:
        return OwnWords(
            intro=_text(self.intro.data),
            clauses=_text(self.clauses.data),
            contact=_text(self.contact.data),
        )


@pages.get("/settings/terms", Permission.CHANGE_SETTINGS)
def terms(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/settings/terms", Permission.CHANGE_SETTINGS)
def set_terms(visit: Visit) -> Any:
    form = _terms_form(visit)
    if not form.validate():
        return _page(visit, 422, form=form)
    app = visit.app
    with app.database.writing() as session:
        before = preferences(session, app.workspace_id, Terms)
        offered = {value for value, _label in form.stores.choices}
        gone = before.stores - offered
        changed = {"stores": gone | set(form.stores.data or ()), "url_key": _key(form)}
        try:
            wanted = Terms.model_validate(before.model_dump() | changed)
        except ValidationError:
            form.url_key.errors = [
                _("Use small letters, digits and dashes, with at least one letter.")
            ]
            return _page(visit, 422, form=form)
        _keep(visit, session, wanted)
    visit.wake(_STEP)
    flash(_("Saved. Pages in the shops follow within minutes."), "success")
    return redirect(visit.url("terms"), 303)


@pages.post("/settings/terms/words", Permission.CHANGE_SETTINGS)
def set_terms_words(visit: Visit) -> Any:
    form = WordsForm()
    if not form.validate():
        return _page(visit, 422, words=form)
    app, language = visit.app, form.language.data
    with app.database.writing() as session:
        before = preferences(session, app.workspace_id, Terms)
        words = {**before.words, language: form.wanted()}
        kept = {name: one for name, one in words.items() if one != OwnWords()}
        _keep(visit, session, before.model_copy(update={"words": kept}))
    visit.wake(_STEP)
    flash(_("Saved. Pages in the shops follow within minutes."), "success")
    return redirect(visit.url("terms", language=language), 303)


@pages.post("/settings/terms/publish", Permission.CHANGE_SETTINGS)
def publish_terms(visit: Visit) -> Any:
    with visit.app.database.writing() as session:
        look_now(session, visit.app.workspace_id)
    visit.wake(_STEP)
    flash(_("The shops are asked now. Load this page again in a minute."), "success")
    return redirect(visit.url("terms"), 303)


@pages.post("/settings/terms/take-over", Permission.CHANGE_SETTINGS)
def take_over_terms(visit: Visit) -> Any:
    shop, place = request.form.get("installation", ""), request.form.get("place", "")
    actor: Actor = visit.actor
    try:
        with visit.app.database.writing() as session:
            hand_over(session, visit.app.workspace_id, shop, place, actor, visit.app.now())
    except BridgeError:
        flash(_("There is nothing to take over: the page changed meanwhile."), "warning")
        return redirect(visit.url("terms"), 303)
    visit.wake(_STEP)
    flash(_("The terms take the place of what stands there, within minutes."), "success")
    return redirect(visit.url("terms"), 303)


def _keep(visit: Visit, session: Any, wanted: Terms) -> None:
    """Pages are looked at again at once: what is wanted of them changed."""
    set_preferences(session, visit.app.workspace_id, wanted, visit.actor, visit.app.now())
    look_now(session, visit.app.workspace_id)


def _terms_form(visit: Visit, found: Terms | None = None) -> TermsForm:
    with visit.app.database.reading() as session:
        names = [one.name for one in stores_of(session, visit.app.workspace_id)]
    if found is None:
        form = TermsForm()
    else:
        form = TermsForm(formdata=None, url_key=found.url_key, stores=sorted(found.stores))
    form.stores.choices = [(name, name) for name in names]
    return form


def _page(
    visit: Visit,
    status: int = 200,
    *,
    form: TermsForm | None = None,
    words: WordsForm | None = None,
) -> Any:
    app = visit.app
    with app.database.reading() as session:
        found = preferences(session, app.workspace_id, Terms)
        language = _language(preferences(session, app.workspace_id, Letters).language)
        if words is not None and words.language.data in MEMBER_NAMES:
            language = words.language.data
        catalogue = catalogue_address(app.settings.public_url, app.workspace)
        made_of = source(session, app.workspace_id, app.now(), catalogue=catalogue)
        shown = listed(session, app.workspace_id)
    own = found.words.get(language, OwnWords()).model_dump()
    said = None if made_of is None else made_of.in_language(language)
    # Every text in it was escaped when it was made HTML of.
    html = Markup("") if said is None else Markup(as_html(said))  # noqa: S704
    return page(
        "terms.html",
        status,
        form=form or _terms_form(visit, found),
        words=words or WordsForm(formdata=None, language=language, **own),
        language=language,
        languages=MEMBER_NAMES,
        spoken=sorted(found.words),
        said=said,
        html=html,
        shown=shown,
        states=STATES,
        remedies=REMEDIES,
        looks=LOOKS,
        to_take_over=TO_TAKE_OVER,
    )


def _language(usual: str) -> str:
    told = request.args.get("language", usual)
    return told if told in MEMBER_NAMES else SOURCE


def _key(form: TermsForm) -> str:
    return (form.url_key.data or "").strip()


def _text(text: str | None) -> str:
    return "\n".join((text or "").strip().splitlines())
