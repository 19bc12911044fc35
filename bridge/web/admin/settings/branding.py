"""How the programme looks to members, and what it is called."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, request
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, ValidationError
from wtforms.fields import ColorField
from wtforms.validators import InputRequired, Length

from bridge.figures.overview import current_terms
from bridge.preferences.colours import WHITE, colour, contrast, darkened, is_readable
from bridge.preferences.logos import logo, remove_logo, set_logo
from bridge.preferences.models import Logo
from bridge.preferences.png import MOST_BYTES, MOST_PIXELS, NotAPicture, clean_png
from bridge.preferences.sections import Branding
from bridge.preferences.service import preferences, set_preferences
from bridge.users.roles import Permission
from bridge.web.admin.forms import Form
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy, speech

pages = Pages()

_NOT_TAKEN: dict[str, Any] = {
    NotAPicture.NO_PNG: lazy("This is no PNG picture. Save your logo as PNG, and send that."),
    NotAPicture.BROKEN: lazy("The picture is damaged. Save it as PNG again, and send that."),
}


class BrandingForm(Form):
    name = StringField(
        lazy("Name of the programme"),
        [Length(max=60)],
        description=lazy("As members read it. Empty: as the programme calls itself."),
    )
    point = StringField(
        lazy("One point is called"),
        [Length(max=30)],
        description=lazy("In every language. Empty: each language's own word."),
    )
    points = StringField(lazy("Several points are called"), [Length(max=30)])
    colour = ColorField(
        lazy("Colour of links and buttons"),
        [InputRequired()],
        description=lazy("It must be readable on white."),
    )
    header = ColorField(
        lazy("Colour behind the name and the logo"),
        [InputRequired()],
        description=lazy("Text on it is black or white, whichever reads better."),
    )

    def validate_points(self, field: Any) -> None:
        if bool(_stripped(field.data)) != bool(_stripped(self.point.data)):
            raise ValidationError(_("Give both words, for one point and for several, or none."))

    def validate_colour(self, field: Any) -> None:
        told = _colour(field)
        if not is_readable(told, WHITE):
            raise ValidationError(
                _(
                    "Many people cannot read this colour on white: its contrast is %(contrast)s, "
                    "and 4.5 is needed. %(shade)s is the nearest shade that has it.",
                    contrast=speech().number(_tenths(contrast(told, WHITE))),
                    shade=darkened(told),
                )
            )

    def validate_header(self, field: Any) -> None:
        _colour(field)

    def wanted(self) -> Branding:
        return Branding(
            name=_stripped(self.name.data),
            point=_stripped(self.point.data),
            points=_stripped(self.points.data),
            colour=colour(self.colour.data),
            header=colour(self.header.data),
        )


class LogoForm(Form):
    picture = FileField(
        lazy("PNG, at most 200 kB"),
        [FileRequired()],
        render_kw={"accept": "image/png"},
    )


@pages.get("/settings/branding", Permission.CHANGE_SETTINGS)
def branding(visit: Visit) -> Any:
    return _page(visit)


@pages.post("/settings/branding", Permission.CHANGE_SETTINGS)
def set_branding(visit: Visit) -> Any:
    form = BrandingForm()
    if not form.validate():
        return _page(visit, 422, form=form)
    with visit.app.database.writing() as session:
        set_preferences(
            session, visit.app.workspace_id, form.wanted(), visit.actor, visit.app.now()
        )
    flash(_("Saved."), "success")
    return redirect(visit.url("branding"), 303)


@pages.post("/settings/branding/logo", Permission.CHANGE_SETTINGS)
def upload_logo(visit: Visit) -> Any:
    form = LogoForm()
    if not form.validate():
        return _page(visit, 422, upload=form)
    try:
        picture = clean_png(form.picture.data.read(MOST_BYTES + 1))
    except NotAPicture as error:
        form.picture.errors = [_not_taken(error.reason)]
        return _page(visit, 422, upload=form)
    with visit.app.database.writing() as session:
        set_logo(session, visit.app.workspace_id, picture, visit.actor, visit.app.now())
    flash(_("The logo is in place."), "success")
    return redirect(visit.url("branding"), 303)


@pages.post("/settings/branding/logo/remove", Permission.CHANGE_SETTINGS)
def take_logo_away(visit: Visit) -> Any:
    with visit.app.database.writing() as session:
        remove_logo(session, visit.app.workspace_id, visit.actor, visit.app.now())
    flash(_("The logo is gone. Members see the programme's name."), "success")
    return redirect(visit.url("branding"), 303)


@pages.get("/settings/branding/logo", Permission.CHANGE_SETTINGS)
def logo_file(visit: Visit) -> Any:
    with visit.app.database.reading() as session:
        found = logo(session, visit.app.workspace_id)
    if found is None:
        abort(404)
    return picture(found)


def picture(found: Logo) -> Response:
    """A logo as a browser gets it: whatever is in it, it is a picture and nothing else."""
    answer = Response(found.content, mimetype="image/png")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.set_etag(found.digest)
    answer.make_conditional(request)
    return answer


def _page(
    visit: Visit,
    status: int = 200,
    *,
    form: BrandingForm | None = None,
    upload: LogoForm | None = None,
) -> Any:
    app = visit.app
    with app.database.reading() as session:
        found = preferences(session, app.workspace_id, Branding)
        present = logo(session, app.workspace_id)
    return page(
        "branding.html",
        status,
        form=form or BrandingForm(formdata=None, data=found.model_dump()),
        upload=upload or LogoForm(formdata=None),
        found=found,
        logo=present,
        own_name=current_terms(app.database, app.workspace_id, app.now()).name,
    )


def _not_taken(reason: str) -> str:
    if reason == NotAPicture.TOO_LARGE:
        return _("The file is larger than %(size)s kB.", size=MOST_BYTES // 1024)
    if reason == NotAPicture.TOO_MANY_PIXELS:
        return _(
            "The picture is wider or higher than %(pixels)s pixels.",
            pixels=speech().number(MOST_PIXELS),
        )
    return str(_NOT_TAKEN[reason])


def _colour(field: Any) -> str:
    try:
        return colour(field.data or "")
    except ValueError:
        raise ValidationError(_("Write it like #066fd1.")) from None


def _stripped(text: str | None) -> str:
    return " ".join((text or "").split())


def _tenths(exact: float) -> Any:
    """Cut, not rounded: 4.49 is not 4.5."""
    return int(exact * 10) / 10
