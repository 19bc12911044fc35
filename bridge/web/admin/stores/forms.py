"""Forms about a store, made from what its platform asks for. Secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from wtforms import BooleanField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from bridge.application import Application
from bridge.installations.address import normalised_address
from bridge.installations.answering import Answer, checked_answer
from bridge.installations.public import NotPublic, UnknownHost, require_public
from bridge.installations.setting_up import checked_name
from bridge.kit.errors import BridgeError
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.stores.calls import in_time
from bridge.web.speaking import LazySaid, _, lazy, said
from connectors.base import Credential, Platform, Question

_SECRET = "secret_"  # noqa: S105 - how fields' names begin
_ANSWER = "answer_"
_READABLE = ("_id", "username", "consumer_key")
"""What is no secret, and better seen while it is typed."""


class RemovalForm(Form):
    keep_in_shop = BooleanField(lazy("Leave these in the shop for good"))


def kind_of(platform: Platform, kind: str) -> Credential:
    """The first where there is none of that name."""
    found = {one.kind: one for one in platform.credentials}
    return found.get(kind, platform.credentials[0])


def new_store_form(credential: Credential) -> Form:
    """Name, address and every field of these credentials."""
    fields = {"name": _name(), "url": _url(), **_secrets(credential, InputRequired())}
    return _made(fields)


def access_form(credential: Credential, url: str) -> Form:
    """Address, and credentials that replace those there are when they are filled in."""
    return _made({"url": _url(), **_secrets(credential, Optional())}, url=url)


def answers_form(answers: list[Answer]) -> Form:
    fields = {f"{_ANSWER}{one.question.name}": _answer(one.question) for one in answers}
    told = {f"{_ANSWER}{one.question.name}": one.value for one in answers}
    return _made(fields, **told)


def secret_fields(form: Any) -> list[Any]:
    return [field for field in form if field.name.startswith(_SECRET)]


def answer_fields(form: Any) -> list[Any]:
    return [field for field in form if field.name.startswith(_ANSWER)]


def secrets_of(form: Any) -> dict[str, str]:
    """What was typed; empty: nothing was."""
    typed = {
        field.name.removeprefix(_SECRET): (field.data or "").strip()
        for field in secret_fields(form)
    }
    return typed if any(typed.values()) else {}


def lacks_a_secret(form: Any) -> bool:
    """Some are filled in and some are not; says so at each."""
    typed = secrets_of(form)
    missing = [field for field in secret_fields(form) if typed and not (field.data or "").strip()]
    for field in missing:
        field.errors = [_("Please fill this in.")]
    return bool(missing)


def answers_of(form: Any, questions: Mapping[str, Question]) -> dict[str, str]:
    """As the platform spells them. Raises BridgeError."""
    return {
        name: checked_answer(questions[name], (field.data or "").strip())
        for field in answer_fields(form)
        if (name := field.name.removeprefix(_ANSWER)) in questions
    }


def name_of(form: Any) -> str | None:
    """``None``: it cannot be one, and the field says why."""
    try:
        return checked_name((form.name.data or "").strip())
    except BridgeError:
        form.name.errors = [
            _(
                "Use at most 63 letters, digits, dots, dashes and underscores, beginning with a "
                "letter or digit."
            )
        ]
        return None


def address_of(form: Any, app: Application, *, known: str = "") -> str | None:
    """Normalised, and public where it has to be; ``known`` is in use already and not looked at.
    ``None``: it cannot be used, and the field says why."""
    try:
        url = normalised_address(form.url.data or "")
        if url != known and not app.settings.allow_private_stores:
            in_time(lambda: require_public(url, app.resolve))
    except NotPublic as error:
        form.url.errors = [
            _(
                "%(host)s leads to an address that is not public, and stores are only connected "
                "here at public ones. Whoever runs the bridge can allow it "
                "(LOYALTY_BRIDGE_ALLOW_PRIVATE_STORES), or add the store on the command line.",
                host=error.host,
            )
        ]
    except UnknownHost as error:
        form.url.errors = [
            _("There is no host %(host)s. Look at how its name is written.", host=error.host)
        ]
    except BridgeError as error:
        form.url.errors = [said(error)]
    else:
        return url
    return None


def host_of(url: str) -> str:
    return urlsplit(url).hostname or url


# -- fields ---------------------------------------------------------------------------------


def _made(fields: Mapping[str, Any], **values: Any) -> Form:
    kind: type[Form] = type("StoreForm", (Form,), dict(fields))
    return kind(**values)


def _name() -> Any:
    return StringField(
        lazy("Name"),
        [InputRequired(), Length(max=63)],
        description=lazy(
            "Short, such as shop-de. The programme and price lists call the store by it, and it "
            "stays."
        ),
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


def _url() -> Any:
    return StringField(
        lazy("Address of the shop"),
        [InputRequired(), Length(max=500)],
        description=lazy("As customers type it, such as https://shop.example."),
        render_kw={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"},
    )


def _secrets(credential: Credential, *validators: Any) -> dict[str, Any]:
    labels = credential.labels or tuple(
        name.replace("_", " ").capitalize() for name in credential.fields
    )
    return {
        f"{_SECRET}{name}": _secret(name, label, *validators)
        for name, label in zip(credential.fields, labels, strict=True)
    }


def _secret(name: str, label: str, *validators: Any) -> Any:
    kind = StringField if name.endswith(_READABLE) else PasswordField
    return kind(
        LazySaid(label),
        [*validators, Length(max=5000)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


def _answer(question: Question) -> Any:
    if not question.choices:
        return StringField(LazySaid(question.text), [Optional(), Length(max=500)])
    pairs = [(choice, LazySaid(choice)) for choice in question.choices]
    return SelectField(LazySaid(question.text), choices=choices(pairs))
