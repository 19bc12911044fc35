"""The merchant's own words in letters: by kind and language, looked at before they are kept."""

from __future__ import annotations

import re
from typing import Any

from flask import Response, abort, flash, redirect, request
from markupsafe import Markup
from wtforms import SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from bridge.languages.catalogues import MEMBER_NAMES, SOURCE
from bridge.letters.models import OFFERED, LetterKind
from bridge.mailing.sampling import sample
from bridge.preferences.letter_texts import (
    LONGEST_CLOSING,
    LONGEST_OPENING,
    LONGEST_SUBJECT,
    NAMES,
    LetterText,
    LetterTexts,
    Mistake,
    Why,
    mistake_in,
    tidy,
)
from bridge.preferences.sections import Letters
from bridge.preferences.service import preferences, set_preferences
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form, choices
from bridge.web.admin.letters.form import kind_name
from bridge.web.admin.letters.frame import framed, with_frame
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

MEANINGS: dict[str, Any] = {
    "programme": lazy("The name of the programme"),
    "member_since": lazy("The day on which the member began to take part"),
    "points": lazy("The points that the letter is about"),
    "balance": lazy("All points that the member can spend"),
    "last_day": lazy("The last day on which this is possible"),
    "tier": lazy("The tier that was reached"),
    "worth": lazy("What the member gets"),
    "survey": lazy("The title of the survey"),
}

_BODY = re.compile(r"<body[^>]*>")
_ABOVE = "margin:0;padding:12px 24px;font-family:Arial,Helvetica,sans-serif;font-size:14px"


def _refuse(kind: LetterKind, text: str, *, is_subject: bool = False) -> None:
    found = mistake_in(kind, text, is_subject=is_subject)
    if found is not None:
        raise ValidationError(_said(kind, found))


def _said(kind: LetterKind, mistake: Mistake) -> str:
    allowed = ", ".join(f"{{{name}}}" for name in NAMES[kind])
    if mistake.why is Why.SIGN:
        return _("There is a sign in it that nobody sees. Type the text again by hand.")
    if mistake.why is Why.BRACE:
        return _("A brace opens or closes nothing. You can use: %(allowed)s", allowed=allowed)
    return _(
        "This letter does not know %(name)s. You can use: %(allowed)s",
        name=f"{{{mistake.name}}}",
        allowed=allowed,
    )


class TextForm(Form):
    """One letter in one language."""

    kind = SelectField(
        lazy("Letter"), choices=choices((one.value, kind_name(one)) for one in OFFERED)
    )
    language = SelectField(
        lazy("Language"), choices=choices(MEMBER_NAMES.items()), render_kw={"data-told": True}
    )
    subject = StringField(
        lazy("Subject"),
        [Length(max=LONGEST_SUBJECT)],
        filters=[tidy],
        render_kw={"dir": "auto", "autocomplete": "off"},
    )
    opening = TextAreaField(
        lazy("Before the facts"),
        [Length(max=LONGEST_OPENING)],
        filters=[tidy],
        description=lazy("Plain text. An empty line begins a paragraph."),
        render_kw={"rows": 6, "dir": "auto"},
    )
    closing = TextAreaField(
        lazy("After the facts"),
        [Length(max=LONGEST_CLOSING)],
        filters=[tidy],
        render_kw={"rows": 4, "dir": "auto"},
    )

    def validate_subject(self, field: Any) -> None:
        _refuse(self.chosen[0], field.data, is_subject=True)

    def validate_opening(self, field: Any) -> None:
        _refuse(self.chosen[0], field.data)

    def validate_closing(self, field: Any) -> None:
        _refuse(self.chosen[0], field.data)

    @property
    def chosen(self) -> tuple[LetterKind, str]:
        """The first kind, and English, where what was sent names none."""
        return _kind(self.kind.data) or OFFERED[0], _language(self.language.data) or SOURCE

    def wanted(self) -> LetterText:
        return LetterText(
            subject=self.subject.data, opening=self.opening.data, closing=self.closing.data
        )


@pages.get("/settings/letters/texts", Permission.CHANGE_SETTINGS)
def letter_texts(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/settings/letters/texts", Permission.CHANGE_SETTINGS)
def set_letter_text(visit: Visit) -> Any:
    form = TextForm()
    if not form.validate():
        return _page(visit, 422, form)
    _keep(visit, form.chosen, form.wanted())
    flash(_("Saved."), "success")
    return _back(visit, form.chosen)


@pages.post("/settings/letters/texts/standard", Permission.CHANGE_SETTINGS)
def reset_letter_text(visit: Visit) -> Any:
    kind, language = _kind(request.form.get("kind")), _language(request.form.get("language"))
    if kind is None or language is None:
        abort(404)
    _keep(visit, (kind, language), LetterText())
    flash(_("This letter says the standard text again."), "success")
    return _back(visit, (kind, language))


@pages.get("/settings/letters/texts/preview", Permission.CHANGE_SETTINGS)
def letter_text_frame(visit: Visit) -> Any:
    """What the frame shows at first: the letter as it is saved."""
    kind = _kind(request.args.get("kind")) or OFFERED[0]
    language = _language(request.args.get("language")) or SOURCE
    return _shown(visit, (kind, language), None)


@pages.post("/settings/letters/texts/preview", Permission.CHANGE_SETTINGS)
def preview_letter_text(visit: Visit) -> Any:
    """What the frame shows of words that are not kept yet. Changes nothing."""
    form = TextForm()
    if not form.validate():
        return _problems(form)
    return _shown(visit, form.chosen, form.wanted())


def _shown(visit: Visit, chosen: tuple[LetterKind, str], own: LetterText | None) -> Response:
    """With its subject above it; ``own``: as :func:`bridge.mailing.sampling.sample` takes it."""
    with visit.app.database.reading() as session:
        mail = sample(session, visit.app, *chosen, own=own)
    line = str(
        Markup('<p dir="auto" style="{}">{}: <strong>{}</strong></p>').format(
            _ABOVE, _("Subject"), mail.subject
        )
    )
    # All before it is escaped: the first is the tag.
    return framed(_BODY.sub(lambda found: found.group() + line, mail.html, count=1))


def _problems(form: TextForm) -> Response:
    lines = [
        f"{form[name].label.text}: {error}" for name, told in form.errors.items() for error in told
    ]
    head = Markup("<!DOCTYPE html>\n<html><head><meta charset='utf-8'><title>{}</title></head>\n")
    shown = Markup("\n").join(Markup("<p>{}</p>").format(line) for line in lines)
    answer = framed(head.format(_("Preview")) + shown)
    answer.status_code = 422
    return answer


def _keep(visit: Visit, chosen: tuple[LetterKind, str], text: LetterText) -> None:
    app = visit.app
    with app.database.writing() as session:
        before = preferences(session, app.workspace_id, LetterTexts)
        wanted = before.with_text(*chosen, text)
        set_preferences(session, app.workspace_id, wanted, visit.actor, app.now())


def _back(visit: Visit, chosen: tuple[LetterKind, str]) -> Any:
    kind, language = chosen
    return redirect(visit.url("letter_texts", kind=kind.value, language=language), 303)


def _kind(told: str | None) -> LetterKind | None:
    return next((one for one in OFFERED if one.value == told), None)


def _language(told: str | None) -> str | None:
    return told if told in MEMBER_NAMES else None


def _page(visit: Visit, status: int = 200, form: TextForm | None = None) -> Any:
    app = visit.app
    with app.database.reading() as session:
        found = preferences(session, app.workspace_id, LetterTexts)
        usual = preferences(session, app.workspace_id, Letters).language
        kind = _kind(request.args.get("kind")) or OFFERED[0]
        language = _language(request.args.get("language")) or usual
        if form is not None:
            kind, language = form.chosen
        standard = sample(session, app, kind, language, own=LetterText())
    own = found.of(kind, language)
    filled = TextForm(formdata=None, kind=kind.value, language=language, **own.model_dump())
    return with_frame(
        page(
            "letters_texts.html",
            status,
            form=form or filled,
            kind=kind,
            language=language,
            languages=MEMBER_NAMES,
            kind_name=kind_name,
            names=[(name, MEANINGS[name]) for name in NAMES[kind]],
            written=[(one, name) for one in OFFERED for name in found.texts.get(one, {})],
            is_own=own != LetterText(),
            standard=standard,
        )
    )
