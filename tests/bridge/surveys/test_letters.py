"""Buyers are asked some days after an order, seldom enough, and only while there is a point."""

from __future__ import annotations

import re
from datetime import timedelta

from letter_world import body, text_of
from mail_server import MailServer
from survey_world import ACTOR, SurveyWorld

from bridge.letters.models import LetterKind
from bridge.letters.refusing import refuse
from bridge.surveys import defining

ADA, BOB = "ada@example.com", "bob@example.com"


def test_a_buyer_is_asked_once_some_days_after_his_order(
    anywhere: SurveyWorld, mail: MailServer
) -> None:
    world = anywhere
    ada = world.member(ADA)
    world.order("early", ADA, "50", member=ada)
    world.survey(ask_days=5, pause_days=30)
    world.work()
    world.order("o1", ADA, "50", member=ada)
    world.order("o2", ADA, "50", member=ada)
    world.work(minutes=1)
    world.work(days=4)
    assert mail.letters == []
    world.work(days=1, hours=1)
    (letter,) = mail.to(ADA)
    assert "Are you happy?" in str(letter["Subject"])
    text, html = text_of(letter), body(letter, "html")
    assert "How likely is it that you recommend us" in text
    (link,) = set(re.findall(r"https://loyalty\.example/m/acme/surveys/letter/[\w-]+", text))
    assert re.findall(r"\?score=(\d+)", html) == [str(score) for score in range(11)]
    assert html.count(link) == 12, "eleven numbers and a button"
    world.order("o3", ADA, "50", member=ada)
    world.work(minutes=1)
    world.work(days=6)
    assert world.told() == [("survey", "sent"), ("survey", "dropped")]
    world.now += timedelta(days=30)
    world.order("o4", ADA, "50", member=ada)
    world.work(minutes=1)
    world.work(days=6)
    assert len(mail.to(ADA)) == 2


def test_whom_there_is_no_point_in_asking_is_not_asked(
    world: SurveyWorld, mail: MailServer
) -> None:
    first, second = world.survey(ask_days=2), world.survey(ask_days=2, tiers=("gold",))
    world.work()
    people = {name: world.member(f"{name}@example.com") for name in ("answered", "refused", "gone")}
    orders = [
        world.order(name, f"{name}@example.com", "50", member=member)
        for name, member in people.items()
    ]
    world.work(minutes=1)
    world.answers(first, people["answered"], 9)
    with world.database.writing() as session:
        refuse(session, world.workspace, people["refused"], LetterKind.SURVEY, world.now)
    world.now += timedelta(hours=1)
    world.arrive(world.given_back(orders[2], "cancelled"))
    world.work(days=3)
    assert mail.letters == []
    assert {letter.error for letter in world.letters()} == {
        "the member has answered",
        "the survey is not for the member",
        "the member does not want it",
        "the order was cancelled or returned",
    }
    with world.database.writing() as session:
        for survey in (first, second):
            defining.close_survey(session, world.workspace, survey, ACTOR, world.now)
    world.order("later", BOB, "50", member=world.member(BOB))
    world.work(days=3)
    assert len(world.letters()) == 6
