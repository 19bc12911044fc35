"""What holds for a whole price list: its groups, stores, currency, and what happens when somebody
changes a price in a shop."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from bridge.audit.service import Subject
from bridge.installations.service import facts, installations
from bridge.programme.document import Policy, PriceList
from bridge.programme.editing import Present
from bridge.programme.issues import Loc
from bridge.programme.source import Plain
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.prices.changes import Wish, list_of, newest, problem_of, programme_of
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy
from connectors.base import Basis

pages = Pages()

BASES = (
    ("", lazy("As the programme says")),
    (Basis.NET.value, lazy("Net: without tax")),
    (Basis.GROSS.value, lazy("Gross: with tax")),
)
POLICIES = (
    (Policy.ASK.value, lazy("Ask: show it as a conflict")),
    (Policy.RESTORE.value, lazy("Restore: write the list's price again")),
    (Policy.ADOPT.value, lazy("Adopt: leave the shop's price")),
)


class ListForm(Form):
    key = StringField(
        lazy("Short name"),
        [InputRequired(), Length(max=64)],
        description=lazy("Lower-case letters, digits and hyphens, like b2b. It stays for good."),
    )
    groups = SelectMultipleField(
        lazy("Customer groups"),
        [InputRequired(lazy("Choose at least one group."))],
        description=lazy("Who gets these prices."),
    )
    stores = SelectMultipleField(lazy("Stores"), description=lazy("None chosen: in every store."))
    currency = StringField(
        lazy("Currency"),
        [Length(max=3)],
        description=lazy("Three letters, like EUR. Empty: the programme's."),
    )
    prices_are = SelectField(lazy("Prices are"), choices=choices(BASES), default="")
    policy = SelectField(
        lazy("When somebody changes a price in a shop"),
        choices=choices(POLICIES),
        default=Policy.ASK.value,
    )
    take_over = BooleanField(
        lazy("Take over prices that are in a shop already, under the same group and quantity")
    )


@pages.get("/price-lists/new", Permission.CHANGE_PRICES)
def new_price_list(visit: Visit) -> Any:
    return _page(visit, newest(visit), _form(visit, newest(visit), is_sent=False), "")


@pages.post("/price-lists/new", Permission.CHANGE_PRICES)
def make_price_list(visit: Visit) -> Any:
    found = newest(visit)
    form = _form(visit, found, is_sent=True)
    if form.validate():
        key = form.key.data.strip()
        if key in programme_of(found).price_lists:
            form.key.errors = [_("There is such a price list already.")]
            return _page(visit, found, form, "", 422)
        plain = _plain(form)
        place: Loc = ("price_lists", key)
        wish = Wish({place: plain}, f"price list {key}", Subject("price-list", key, key), {}, plain)
        form.problem = problem_of(visit, wish)
        if not form.problem:
            return redirect(visit.url("price_list", key=key), 303)
    return _page(visit, newest(visit), form, "", 422)


@pages.get("/price-lists/<key>/settings", Permission.CHANGE_PRICES)
def price_list_settings(visit: Visit, key: str) -> Any:
    found = newest(visit)
    entry = list_of(found, key)
    return _page(visit, found, _form(visit, found, key, entry, is_sent=False), key)


@pages.post("/price-lists/<key>/settings", Permission.CHANGE_PRICES)
def change_price_list(visit: Visit, key: str) -> Any:
    found = newest(visit)
    entry = list_of(found, key)
    form = _form(visit, found, key, entry, is_sent=True)
    if form.validate():
        before, after = _told(entry), _plain(form)
        changes: dict[Loc, Plain] = {
            ("price_lists", key, name): after.get(name) for name in before.keys() | after.keys()
        }
        wish = Wish(
            changes, f"price list {key}: settings", Subject("price-list", key, key), before, after
        )
        form.problem = problem_of(visit, wish)
        if not form.problem:
            return redirect(visit.url("price_list", key=key), 303)
    return _page(visit, newest(visit), form, key, 422)


@pages.post("/price-lists/<key>/remove", Permission.CHANGE_PRICES)
def remove_price_list(visit: Visit, key: str) -> Any:
    found = newest(visit)
    entry = list_of(found, key)
    wish = Wish(
        {("price_lists", key): None},
        f"price list {key} taken out",
        Subject("price-list", key, key),
        {**_told(entry), "products": len(entry.prices), "rules": len(entry.rules)},
    )
    problem = problem_of(visit, wish)
    if problem:
        form = _form(visit, found, key, entry, is_sent=False)
        form.problem = problem
        return _page(visit, newest(visit), form, key, 422)
    return redirect(visit.url("groups"), 303)


def _form(
    visit: Visit,
    found: Present,
    key: str = "",
    entry: PriceList | None = None,
    *,
    is_sent: bool,
) -> ListForm:
    programme = programme_of(found)
    told: dict[str, Any] = {"key": key}
    if entry is not None:
        told |= {
            "groups": list(entry.groups),
            "stores": list(entry.stores),
            "currency": entry.currency or "",
            "prices_are": entry.prices_are.value if entry.prices_are else "",
            "policy": entry.policy.value,
            "take_over": entry.take_over,
        }
    form = ListForm(**told) if is_sent else ListForm(formdata=None, **told)
    form.groups.choices = [(name, group.name) for name, group in programme.groups.items()]
    form.stores.choices = _stores(visit, entry)
    if is_sent and key:
        form.key.data, form.key.raw_data = key, [key]
    return form


def _stores(visit: Visit, entry: PriceList | None) -> list[tuple[str, str]]:
    """Installations, and the stores in each; what the list names and nobody knows stays."""
    with visit.app.database.reading() as session:
        shops = installations(session, visit.app.workspace_id)
        told = facts(session, visit.app.workspace_id)
    names = []
    for shop in shops:
        names.append(shop.name)
        within = told.get(shop.id or 0)
        if within is not None and len(within.stores) > 1:
            names += [f"{shop.name}/{store['code']}" for store in within.stores]
    names += [name for name in (entry.stores if entry else ()) if name not in names]
    return [(name, name) for name in names]


def _plain(form: ListForm) -> dict[str, Plain]:
    """As a programme's file has it."""
    found: dict[str, Plain] = {
        "groups": list(form.groups.data or ()),
        "stores": list(form.stores.data or ()),
        "currency": (form.currency.data or "").strip().upper(),
        "prices_are": form.prices_are.data or "",
        "policy": "" if form.policy.data == Policy.ASK.value else form.policy.data,
        "take_over": "yes" if form.take_over.data else "",
    }
    return {name: value for name, value in found.items() if value}


def _told(entry: PriceList) -> dict[str, Plain]:
    found: dict[str, Plain] = {
        "groups": list(entry.groups),
        "stores": list(entry.stores),
        "currency": entry.currency or "",
        "prices_are": entry.prices_are.value if entry.prices_are else "",
        "policy": "" if entry.policy is Policy.ASK else entry.policy.value,
        "take_over": "yes" if entry.take_over else "",
    }
    return {name: value for name, value in found.items() if value}


def _page(visit: Visit, found: Present, form: ListForm, key: str, status: int = 200) -> Any:
    if found.programme is None:
        abort(404)
    return page(
        "price_list_settings.html",
        status,
        form=form,
        key=key,
        based_on=found.number,
        programme=found.programme,
    )
