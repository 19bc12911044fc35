"""A shop's customer who is this member too: whose he is now, then linking him."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, redirect
from sqlmodel import Session
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from bridge.audit.service import Subject, record
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.kit.errors import BridgeError
from bridge.members.deciding import link as link_customer
from bridge.members.finding import Listed, described
from bridge.members.mirror import mirrored
from bridge.members.standing import binding, bindings, locked
from bridge.users.roles import Permission
from bridge.web.admin.asked import words
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.members.scope import require
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, said

pages = Pages()


class LinkForm(Form):
    store = SelectField(lazy("Store"), coerce=int)
    customer = StringField(
        lazy("Number of the customer"),
        [InputRequired(), Length(max=254)],
        description=lazy("As the shop itself counts: its id of the customer."),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )

    def offer(self, stores: list[Installation]) -> None:
        self.store.choices = choices((str(one.id), one.name) for one in stores)


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as he stands."""

    email: str
    owner: Listed | None
    """``None``: nobody's yet."""
    is_all: bool
    """Whether he is all of that member, who comes along then."""
    is_his: bool


@pages.get("/members/<int:member_id>/link", Permission.CHANGE_MEMBERS)
def link_to_member(visit: Visit, member_id: int) -> Any:
    """Asks for the customer, then shows whose he is."""
    form = LinkForm(formdata=None, customer=words("customer"))
    store = words("store")
    form.store.data = int(store) if store.isdecimal() and len(store) < 10 else None
    with visit.app.database.reading() as session:
        return _page(visit, session, member_id, form)


@pages.post("/members/<int:member_id>/link", Permission.CHANGE_MEMBERS)
def link_now(visit: Visit, member_id: int) -> Any:
    form, app = LinkForm(), visit.app
    with app.database.reading() as session:
        found = require(visit, session, member_id)
        form.offer(installations(session, app.workspace_id))
        if not form.validate():
            return _page(visit, session, member_id, form, 422)
    key = (form.store.data, form.customer.data.strip())
    try:
        with app.database.writing() as session:
            now = app.now()
            member = locked(session, app.workspace_id, found.id)
            link_customer(session, app.workspace_id, member, key, visit.actor.name, now)
            name = session.get_one(Installation, key[0]).name
            subject = Subject("member", str(found.id), found.name)
            after = {"store": name, "customer": key[1]}
            record(
                session,
                app.workspace_id,
                visit.actor,
                "member.customer-linked",
                subject,
                now,
                after=after,
            )
    except BridgeError as error:
        form.problem = said(error)
        with app.database.reading() as session:
            return _page(visit, session, member_id, form, 422)
    for step in ("tiers", "moves", "balances"):
        visit.wake(step)
    flash(_("The customer is a part of this member now."), "success")
    return redirect(visit.url("member", member_id=member_id), 303)


def _page(visit: Visit, session: Session, member_id: int, form: LinkForm, status: int = 200) -> Any:
    found = require(visit, session, member_id)
    stores = installations(session, visit.app.workspace_id)
    form.offer(stores)
    known = None
    customer = (form.customer.data or "").strip()
    if customer and form.store.data in {one.id for one in stores}:
        known = _known(visit, session, member_id, form.store.data, customer)
        if known is None and not form.problem:
            form.customer.errors = [_("The shop has told of no such customer with an account yet.")]
    return page("member_link.html", status, member=found, form=form, known=known)


def _known(
    visit: Visit, session: Session, member_id: int, installation_id: int, customer: str
) -> Known | None:
    workspace_id = visit.app.workspace_id
    told = mirrored(session, workspace_id, installation_id, customer)
    bound = binding(session, workspace_id, installation_id, customer)
    if bound is None:
        return None if told is None or told.is_guest else Known(told.email, None, False, False)
    (owner,) = described(session, workspace_id, [bound.member_id])
    is_all = len(bindings(session, workspace_id, owner.id)) == 1
    return Known(told.email if told else "", owner, is_all, owner.id == member_id)
