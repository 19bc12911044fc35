"""What the programme says, for members and for who thinks of becoming one."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from bridge.terms.rendering import as_html
from bridge.terms.service import source
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import page
from bridge.web.member.visit import Caller
from bridge.web.speaking import speech

pages = Pages()


@pages.get("/terms", Needs.NOTHING)
def terms(caller: Caller) -> Any:
    app = caller.app
    with app.database.reading() as session:
        made_of = source(
            session, app.workspace_id, app.now(), catalogue=f"{caller.url('home')}rewards"
        )
    said = None if made_of is None else made_of.in_language(speech().language)
    # Every text in it was escaped when it was made HTML of.
    html = Markup("") if said is None else Markup(as_html(said))  # noqa: S704
    return page("terms.html", html=html)
