"""Other systems that are told of events: which, how each is, and what it was sent."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request
from sqlmodel import Session
from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput

from bridge.installations.public import NotPublic, UnknownHost, require_public
from bridge.subscribers import messages, service
from bridge.subscribers.event_types import EventType
from bridge.subscribers.models import Disabled, MessageState, Subscriber
from bridge.subscribers.rules import Reply
from bridge.subscribers.trying import try_out
from bridge.users.roles import Permission
from bridge.web.admin.asked import number, whole
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.subscribers import texts
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, ngettext, said

pages = Pages()

EACH = 50
_SHOWN = 200
"""Letters of an answer that a message above the page has room for."""
_NEEDED = Permission.CHANGE_SETTINGS


class SubscriberForm(Form):
    name = StringField(
        lazy("Name"),
        [DataRequired(), Length(max=service.LONGEST_NAME)],
        description=lazy("The system that is told, like ERP."),
    )
    url = StringField(
        lazy("Address"),
        [DataRequired(), Length(max=service.LONGEST_URL)],
        description=lazy("Where the system takes webhooks. It begins with https://"),
    )
    types = SelectMultipleField(
        lazy("What it is told"),
        [InputRequired()],
        choices=choices((kind.value, text) for kind, text in texts.TYPES.items()),
        default=[kind.value for kind in EventType],
        option_widget=CheckboxInput(),
    )
    with_email = BooleanField(lazy("Tell the e-mail addresses of members, too"))


@pages.get("/settings/webhooks", _NEEDED)
def webhooks(visit: Visit) -> Any:
    return _list(visit)


@pages.post("/settings/webhooks", _NEEDED)
def add_subscriber(visit: Visit) -> Any:
    """Answers with the secret instead of sending on: it is shown once."""
    form = SubscriberForm()
    if not form.validate():
        return _list(visit, 422, form=form)
    app = visit.app
    is_guarded = not app.settings.allow_private_stores
    new = service.NewSubscriber(
        form.name.data,
        form.url.data,
        [EventType(one) for one in form.types.data],
        bool(form.with_email.data),
        is_public_only=is_guarded,
    )
    try:
        service.require_address(new.url)
        if is_guarded:
            require_public(new.url.strip(), app.resolve)
        with app.database.writing() as session:
            made = service.add(session, app.workspace_id, new, app.keyring, visit.actor, app.now())
    except (NotPublic, UnknownHost) as error:
        form.url.errors = [*form.url.errors, _not_called(error)]
        return _list(visit, 422, form=form)
    except service.SubscriberRefused as error:
        form.problem = said(error)
        return _list(visit, 422, form=form)
    return _list(visit, 201, made=made.row, secret=made.secret)


@pages.get("/settings/webhooks/<int:subscriber_id>", _NEEDED)
def subscriber(visit: Visit, subscriber_id: int) -> Any:
    return _one(visit, subscriber_id)


@pages.post("/settings/webhooks/<int:subscriber_id>/test", _NEEDED)
def test_subscriber(visit: Visit, subscriber_id: int) -> Any:
    with visit.app.database.reading() as session:
        name = _found(session, visit, subscriber_id).name
    _tell(name, try_out(visit.app, subscriber_id, visit.actor))
    return _back(visit, subscriber_id)


@pages.post("/settings/webhooks/<int:subscriber_id>/rotate", _NEEDED)
def rotate_secret(visit: Visit, subscriber_id: int) -> Any:
    """Answers with the secret, as adding does."""
    with visit.app.database.writing() as session:
        row = _found(session, visit, subscriber_id)
        secret = service.rotate(session, row, visit.app.keyring, visit.actor, visit.app.now())
    return _one(visit, subscriber_id, 201, secret=secret)


@pages.post("/settings/webhooks/<int:subscriber_id>/enable", _NEEDED)
def enable_subscriber(visit: Visit, subscriber_id: int) -> Any:
    skip = request.form.get("skip") == "1"
    with visit.app.database.writing() as session:
        row = _found(session, visit, subscriber_id)
        service.enable(session, row, visit.actor, visit.app.now(), skip=skip)
        name = row.name
    visit.wake("events")
    visit.wake("webhooks")
    flash(_("%(name)s is sent to again.", name=name), "success")
    return _back(visit, subscriber_id)


@pages.post("/settings/webhooks/<int:subscriber_id>/disable", _NEEDED)
def disable_subscriber(visit: Visit, subscriber_id: int) -> Any:
    with visit.app.database.writing() as session:
        row = _found(session, visit, subscriber_id)
        service.disable(session, row, visit.actor, visit.app.now(), Disabled.BY_HAND)
        name = row.name
    flash(_("%(name)s is sent nothing until it is switched on again.", name=name), "success")
    return _back(visit, subscriber_id)


@pages.post("/settings/webhooks/<int:subscriber_id>/remove", _NEEDED)
def remove_subscriber(visit: Visit, subscriber_id: int) -> Any:
    with visit.app.database.writing() as session:
        row = _found(session, visit, subscriber_id)
        name = row.name
        service.remove(session, row, visit.actor, visit.app.now())
    flash(_("%(name)s is removed.", name=name), "success")
    return redirect(visit.url("webhooks"), 303)


@pages.post("/settings/webhooks/<int:subscriber_id>/resend", _NEEDED)
def resend_messages(visit: Visit, subscriber_id: int) -> Any:
    """One message, or all that failed."""
    told = request.form.get("message", "")
    message_id = whole(told)
    if message_id is None and told:
        abort(404)
    app = visit.app
    with app.database.writing() as session:
        row = _found(session, visit, subscriber_id)
        try:
            count = messages.resend(
                session,
                app.workspace_id,
                app.now(),
                message_id=message_id,
                subscriber_id=subscriber_id,
            )
        except messages.UnknownMessage:
            abort(404)
        service.note_resent(session, row, visit.actor, app.now(), count)
    visit.wake("webhooks")
    text = ngettext("One message is sent again.", "%(number)s messages are sent again.", count)
    flash(text, "success")
    return _back(visit, subscriber_id)


# -- what is shown --------------------------------------------------------------------------


def _list(
    visit: Visit,
    status: int = 200,
    *,
    form: SubscriberForm | None = None,
    made: Subscriber | None = None,
    secret: str = "",
) -> Any:
    with visit.app.database.reading() as session:
        found = service.subscribers(session, visit.app.workspace_id)
    return page(
        "webhooks.html",
        status,
        subscribers=found,
        form=form or SubscriberForm(formdata=None),
        made=made,
        secret=secret,
        standing=texts.standing,
        place=texts.place,
        names=texts.NAMES,
        every=len(EventType),
    )


def _one(visit: Visit, subscriber_id: int, status: int = 200, *, secret: str = "") -> Any:
    asked, below = request.args.get("state", ""), number("below")
    state = MessageState(asked) if asked in texts.STATES else None
    with visit.app.database.reading() as session:
        row = _found(session, visit, subscriber_id)
        found = messages.listed(
            session,
            visit.app.workspace_id,
            subscriber_id=subscriber_id,
            state=state,
            before=below or 0,
            most=EACH + 1,
        )
        failed = messages.failed(session, visit.app.workspace_id, subscriber_id=subscriber_id)
    rows = found[:EACH]
    now = visit.app.now()
    return page(
        "webhooks_subscriber.html",
        status,
        one=row,
        secret=secret,
        standing=texts.standing(row),
        place=texts.place(row),
        both_hold=row.old_until if row.old_until is not None and row.old_until > now else None,
        rows=rows,
        failed=failed,
        below=rows[-1].id if len(found) > EACH else None,
        chosen={"subscriber_id": subscriber_id, "state": state.value if state else ""},
        states=texts.STATES,
        colours=texts.COLOURS,
        names=texts.NAMES,
    )


def _found(session: Session, visit: Visit, subscriber_id: int) -> Subscriber:
    try:
        return service.with_id(session, visit.app.workspace_id, subscriber_id)
    except service.UnknownSubscriber:
        abort(404)


def _back(visit: Visit, subscriber_id: int) -> Any:
    return redirect(visit.url("subscriber", subscriber_id=subscriber_id), 303)


def _tell(name: str, reply: Reply) -> None:
    """What it answered to a test."""
    text = " ".join(reply.text.split())[:_SHOWN]
    if reply.status is None:
        flash(_("%(name)s did not take the test: %(why)s.", name=name, why=reply.error), "error")
    elif 200 <= reply.status < 300:
        flash(_("%(name)s took the test: %(status)s", name=name, status=reply.status), "success")
    else:
        flash(
            _(
                "%(name)s did not take the test. It answered %(status)s. %(text)s",
                name=name,
                status=reply.status,
                text=text,
            ),
            "error",
        )


def _not_called(error: NotPublic | UnknownHost) -> str:
    if isinstance(error, UnknownHost):
        return _("There is no host %(host)s. Look at how its name is written.", host=error.host)
    return _(
        "%(host)s leads to an address that is not public, and only public ones are called from "
        "here. Whoever runs the bridge can add this subscriber by command.",
        host=error.host,
    )
