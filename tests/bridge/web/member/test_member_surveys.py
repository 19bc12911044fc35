"""A member answers: on his own pages, and by the link of a letter without signing in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from club import Club, MemberBrowser, seen
from people import PROGRAMME, points
from sqlmodel import select
from werkzeug.test import TestResponse

from bridge.audit.service import Actor
from bridge.surveys import defining
from bridge.surveys.finding import identity
from bridge.surveys.links import VALID, Link, last_day_of, token_of
from bridge.surveys.models import SurveyAnswer
from bridge.vouchers.codes import workspace_secret

ACTOR = Actor("test")
_ASKED = re.compile(r'name="asked" value="([^"]+)"')
RULES = {
    **PROGRAMME["points"]["rules"],
    "answer": {"activity": {"name": "feedback", "points": 50}},
}


class Asking:
    """Ada and Bob are asked whether they recommend the merchant; it earns 50 points."""

    def __init__(self, club: Club) -> None:
        self.club, self.app = club, club.app
        club.office.world.load({**PROGRAMME, "points": {"rules": RULES}})
        with self.app.database.writing() as session:
            now = self.app.now()
            made = defining.make(session, self.app.workspace_id, "Are you happy?", "en", ACTOR, now)
            self.survey = identity(made)
            wanted = defining.settings_of(made).model_copy(update={"activity": "feedback"})
            args = (session, self.app.workspace_id, self.survey)
            defining.change_settings(*args, wanted, ACTOR, now)
            defining.open_survey(*args, ACTOR, now)

    def token(self, member: int) -> str:
        app = self.app
        with app.database.writing() as session:
            secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
        return token_of(secret, Link(app.workspace_id, member, self.survey, last_day_of(app.now())))

    def answers(self) -> list[tuple[int, int | None, str]]:
        with self.app.database.reading() as session:
            found = session.exec(select(SurveyAnswer)).all()
        return [(one.member_id, one.score, one.way) for one in found]


@pytest.fixture
def asking(club: Club) -> Asking:
    return Asking(club)


def send(browser: MemberBrowser, page: TestResponse, below: str, **fields: str) -> TestResponse:
    (fingerprint,) = _ASKED.findall(page.text)
    told = {name.replace("_", "-"): value for name, value in fields.items()}
    return browser.post(below, {"asked": fingerprint, **told})


def test_a_member_answers_on_his_pages_and_sees_what_it_earned(club: Club, asking: Asking) -> None:
    browser = club.sign_in(club.people.ada)
    assert "Are you happy?" in seen(browser.get("surveys"))
    below = f"surveys/{asking.survey}"
    page = browser.get(below)
    wrong = send(browser, page, below, recommend_words="All is well")
    assert wrong.status_code == 422
    assert "Please answer this question." in seen(wrong) and "All is well" in wrong.text
    done = send(browser, wrong, below, recommend="10", recommend_words="All is well")
    thanks = seen(browser.follow(done))
    assert "Thank you!" in thanks and "For your answer you get 50 points." in thanks
    again = send(browser, page, below, recommend="0")
    assert "Thank you!" in seen(browser.follow(again))
    assert asking.answers() == [(club.people.ada, 10, "page")]
    assert points(club.people, club.people.ada)[0] == 1250
    assert "nothing to answer" in seen(browser.get("surveys"))


def test_a_click_in_a_letter_chooses_and_a_form_sends(club: Club, asking: Asking) -> None:
    below = f"surveys/letter/{asking.token(club.people.bob)}"
    browser = club.browser()
    page = browser.get(f"{below}?score=9")
    assert re.findall(r'value="(\d+)" checked', page.text) == ["9"]
    browser.get(below, method="HEAD")
    assert asking.answers() == [], "looking changes nothing"
    thanks = browser.follow(send(browser, page, below, recommend="9"))
    assert "50 points" in seen(thanks)
    send(browser, page, below, recommend="1")
    assert asking.answers() == [(club.people.bob, 9, "letter")]
    assert browser.get("surveys").status_code == 303, "it opens nothing else"


def test_a_forged_link_and_an_old_one_are_refused(club: Club, asking: Asking) -> None:
    token = asking.token(club.people.ada)
    page = club.browser().get(f"surveys/letter/{token}")
    ada, bob = (f"-{one}-{asking.survey}-" for one in (club.people.ada, club.people.bob))
    for forged in (token.replace(ada, bob), token[:-1], "x", f"{int(token[0]) + 1}{token[1:]}"):
        browser = club.browser()
        assert browser.get(f"surveys/letter/{forged}").status_code == 404
        sent = send(browser, page, f"surveys/letter/{forged}", recommend="9")
        assert sent.status_code == 404
    club.office.world.clock.now += VALID + timedelta(days=1)
    browser = club.browser()
    assert browser.get(f"surveys/letter/{token}").status_code == 410
    assert send(browser, page, f"surveys/letter/{token}", recommend="9").status_code == 410
    assert asking.answers() == []


def test_the_form_speaks_the_members_language(club: Club, asking: Asking) -> None:
    browser = club.sign_in(club.people.ada)
    page = browser.get(f"surveys/{asking.survey}", headers={"Accept-Language": "de"})
    assert "Wie wahrscheinlich ist es, dass Sie uns" in seen(page)
    page = browser.get(f"surveys/{asking.survey}", headers={"Accept-Language": "fa"})
    assert 'dir="rtl"' in page.text and "بسیار محتمل است" in page.text


def test_a_closed_survey_takes_no_answer(club: Club, asking: Asking) -> None:
    browser = club.sign_in(club.people.ada)
    below = f"surveys/{asking.survey}"
    page = browser.get(below)
    with asking.app.database.writing() as session:
        args = (session, asking.app.workspace_id, asking.survey)
        defining.close_survey(*args, ACTOR, asking.app.now())
    assert "This survey is closed" in seen(send(browser, page, below, recommend="9"))
    assert asking.answers() == []
