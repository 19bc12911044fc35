"""Surveys in the web app: written, opened, answered, read, done with; and the score on the
overview."""

from __future__ import annotations

import csv
import io
import re
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from office import Browser, Office, seen
from people import PROGRAMME, People, actions

sys.path.insert(0, str(Path(__file__).parents[2] / "figures"))

from merchant import Merchant

from bridge.audit.service import Actor
from bridge.figures.overview import overview
from bridge.surveys import defining
from bridge.surveys.answering import Offered, Sent, Stored, Way, answer, offered
from bridge.surveys.finding import identity, questionnaire, survey_with_id
from bridge.users.roles import Role

ACTOR = Actor("test")
RULES = {"answer": {"activity": {"name": "feedback", "points": 50}}}


@dataclass
class Poll:
    """One open survey that asks the standard question."""

    office: Office
    survey: int

    def answers(self, member: int, score: int, words: str = "") -> None:
        app = self.office.application
        with app.database.writing() as session:
            found = offered(session, app.workspace_id, self.survey, member, app.now())
            assert isinstance(found, Offered)
            fields = {"recommend": [str(score)], "recommend-words": [words]}
            sent = Sent(self.survey, member, fields, found.fingerprint, "en", Way.LETTER)
            assert isinstance(answer(session, app.workspace_id, sent, app.now()), Stored)


@pytest.fixture
def poll(office: Office) -> Poll:
    office.world.load({**PROGRAMME, "points": {"rules": RULES}})
    return asked(office)


def asked(office: Office) -> Poll:
    app = office.application
    with app.database.writing() as session:
        made = defining.make(session, app.workspace_id, "Happy?", "en", ACTOR, app.now())
        defining.open_survey(session, app.workspace_id, identity(made), ACTOR, app.now())
        return Poll(office, identity(made))


def test_seventy_ten_and_twenty_make_fifty_on_the_overview(office: Office, poll: Poll) -> None:
    app = office.application
    shop = office.world.installations()["shop1"].id
    assert shop is not None
    merchant = Merchant(app.database, app.workspace_id, (shop, shop))
    for score, count in ((9, 35), (10, 35), (7, 10), (0, 10), (6, 10)):
        for number in range(count):
            poll.answers(merchant.member(f"m{score}-{number}"), score)
    text = seen(office.sign_in().get(""))
    assert "Net promoter score 50 70 promoters, 10 passives, 20 detractors" in text
    assert "Never ordered 70 10 20 50" in text
    assert str(overview(app.database, app.workspace_id, app.now()).recommendations.total.score) == (
        "50.0"
    )
    shown = seen(office.sign_in(email="b@acme.example").get(f"surveys/{poll.survey}"))
    assert "Net promoter score 50 Promoters, 9 or 10 70 Passives, 7 or 8 10" in shown
    office.world.clock.now += timedelta(days=40)
    late = seen(office.sign_in(email="c@acme.example").get(""))
    assert "Nobody said in this time" in late


def test_a_survey_is_written_and_opened(office: Office) -> None:
    people = People(office)
    office.world.load({**PROGRAMME, "points": {"rules": RULES}})
    browser = office.sign_in()
    made = browser.post("surveys/new", {"name": "Spring", "language": "de"})
    assert "Would you recommend us?" in seen(browser.follow(made))
    survey = int(re.findall(r"/surveys/(\d+)/", made.location)[0])
    below = f"surveys/{survey}"
    wrong = browser.post(f"{below}/questions/new/choice", {"text_en": "Which?", "options_de": "A"})
    assert wrong.status_code == 422 and "own language" in seen(wrong) and "Which?" in wrong.text
    told = {"text_de": "Welche Farbe?", "options_de": "Rot\nBlau", "options_en": "Red"}
    wrong = browser.post(f"{below}/questions/new/choice", told)
    assert "as many lines" in seen(wrong)
    told |= {"options_en": "Red\nBlue", "text_en": "Which colour?", "is_required": "y"}
    assert "Welche Farbe?" in seen(
        browser.follow(browser.post(f"{below}/questions/new/choice", told))
    )
    settings = {"name": "Spring", "again_days": "30", "activity": "feedback", "pause_days": "90"}
    wrong = browser.post(
        f"{below}/settings", settings | {"starts_on": "2030-02-02", "ends_on": "2030-02-01"}
    )
    assert wrong.status_code == 422 and "before the first" in seen(wrong)
    assert browser.post(f"{below}/settings", settings | {"tiers": "silver"}).status_code == 303
    assert "It is open" in seen(browser.follow(browser.post(f"{below}/open")))
    refused = browser.post(f"{below}/questions/q1/remove")
    assert refused.status_code == 422 and "Close it" in seen(refused)
    with people.app.database.reading() as session:
        found = survey_with_id(session, people.app.workspace_id, survey)
        assert (found.state, found.again_days, found.tiers) == ("open", 30, ["silver"])
        assert [one.key for one in questionnaire(session, found).questions] == ["recommend", "q1"]
    assert actions(people)[:4] == [
        "survey.opened",
        "survey.settings",
        "survey.questions",
        "survey.made",
    ]


def test_the_unhappy_are_read_first_and_seen_to(office: Office) -> None:
    people = People(office)
    poll = asked(office)
    poll.answers(people.ada, 10, "=HYPERLINK(1)")
    poll.answers(people.bob, 2, "Slow")
    browser = office.sign_in(Role.SUPPORT)
    below = f"surveys/{poll.survey}/answers"
    text = seen(browser.get(below))
    assert text.index("bob@example.com") < text.index("ada@example.com")
    only = f"{below}?standing=detractor&handled=no"
    (number,) = re.findall(rf"{below}/(\d+)/handled", browser.get(only).text)
    done = browser.post(f"{below}/{number}/handled?standing=detractor&handled=no")
    assert "nothing of this kind" in seen(browser.follow(done))
    assert actions(people)[0] == "survey.handled"
    viewer = office.sign_in(Role.VIEWER)
    assert viewer.post(f"{below}/{number}/again").status_code == 403
    rows = list(csv.reader(io.StringIO(viewer.get(f"{below}.csv").text.lstrip("\ufeff"))))
    assert rows[0][7:9] == [
        "How likely is it that you recommend us to a friend or colleague?",
        "How likely is it that you recommend us to a friend or colleague?: why",
    ]
    assert [(row[2], row[7], row[8]) for row in rows[1:]] == [
        (str(people.bob), "2", "Slow"),
        (str(people.ada), "10", "'=HYPERLINK(1)"),
    ]


def test_a_survey_that_is_not_there_is_no_fault(office: Office) -> None:
    browser: Browser = office.sign_in()
    for below in ("surveys/4711", "surveys/4711/answers", "surveys/4711/questions/new/poem"):
        assert browser.get(below).status_code == 404
