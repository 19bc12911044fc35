"""The programme's terms on members' pages: for everybody, in his language."""

from __future__ import annotations

from club import Club, seen

from bridge.audit.service import Actor
from bridge.preferences.sections import OwnWords, Terms
from bridge.preferences.service import set_preferences
from bridge.terms.rendering import as_html
from bridge.terms.service import source


def test_everybody_reads_the_terms_in_his_language(club: Club) -> None:
    app = club.app
    words = {"fa": OwnWords(contact="<script>alert(1)</script>")}
    with app.database.writing() as session:
        set_preferences(session, app.workspace_id, Terms(words=words), Actor("Anna"), app.now())
        made_of = source(session, app.workspace_id, app.now(), catalogue="/m/acme/rewards")
        assert made_of is not None
    for browser in (club.browser(), club.sign_in(club.people.ada)):
        for language in ("en", "fa"):
            browser.post("language", {"language": language})
            answer = browser.get("terms")
            assert as_html(made_of.in_language(language)) in answer.get_data(as_text=True)
            assert "<script>alert" not in answer.get_data(as_text=True)
    assert "alert(1)" in seen(answer)
