"""A member answers: what is stored, once; what it earns, once; and to whom it is not open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from letter_world import TIERS
from sqlmodel import select
from survey_world import ACTOR, FEEDBACK, SurveyWorld

from bridge.audit.service import entries
from bridge.members.joining import leave
from bridge.members.merging import merge
from bridge.members.models import Member
from bridge.points.models import Entry
from bridge.surveys import defining
from bridge.surveys.answering import Again, NotNow, Offered, Sent, Stored, Way, open_for
from bridge.surveys.defining import SurveyRefused
from bridge.surveys.document import Kind, Question
from bridge.surveys.finding import survey_with_id
from bridge.surveys.looking import After, Which, answers_page, handle
from bridge.surveys.results import results, standings
from bridge.surveys.scores import Standing

ADA, BOB = "ada@example.com", "bob@example.com"
AGAIN = [{"key": "recommend", "kind": "recommend", "is_required": True}]


def test_the_same_answer_sent_at_once_is_one_answer_and_one_gift(anywhere: SurveyWorld) -> None:
    world = anywhere
    ada, survey = world.member(ADA), world.survey(activity="feedback")
    found = world.offered(survey, ada)
    assert isinstance(found, Offered)
    sent = Sent(survey, ada, {"recommend": ["9"]}, found.fingerprint, "en", Way.PAGE)
    with ThreadPoolExecutor(6) as pool:
        came = list(pool.map(lambda _: world.send(sent), range(6)))
    stored = [one for one in came if isinstance(one, Stored)]
    assert [one.points for one in stored] == [50]
    assert [one for one in came if one is not stored[0]] == [NotNow.ANSWERED] * 5
    assert world.points(ada) == 50
    assert [one.points for one in world.stored()] == [50]
    with world.database.reading() as session:
        assert len(session.exec(select(Entry.id)).all()) == 1


def test_who_may_answer_again_gets_points_for_each_answer(world: SurveyWorld) -> None:
    ada, survey = world.member(ADA), world.survey(activity="feedback", again_days=30)
    assert isinstance(world.answers(survey, ada, 3), Stored)
    world.now += timedelta(days=29)
    assert world.answers(survey, ada, 10) is NotNow.ANSWERED
    world.now += timedelta(days=1)
    assert isinstance(world.answers(survey, ada, 10), Stored)
    assert [(one.nth, one.score) for one in world.stored()] == [(1, 3), (2, 10)]
    assert world.points(ada) == 100


def test_one_person_answers_once_also_after_he_was_merged(anywhere: SurveyWorld) -> None:
    world = anywhere
    ada, bob, survey = world.member(ADA), world.member(BOB), world.survey()
    assert isinstance(world.answers(survey, ada, 2, "Slow"), Stored)
    with world.database.writing() as session:
        keep, other = session.get(Member, bob), session.get(Member, ada)
        assert keep is not None and other is not None
        merge(session, world.workspace, keep, other, "test", world.now)
    assert world.answers(survey, bob, 9) is NotNow.ANSWERED
    with world.database.reading() as session:
        (given,) = answers_page(session, world.workspace, survey)
    assert (given.answer.member_id, given.member_id) == (ada, bob)


def test_to_whom_it_is_not_open(world: SurveyWorld) -> None:
    ada, bob = world.member(ADA), world.member(BOB)
    for_gold = world.survey(tiers=("gold",))
    tomorrow = (world.now + timedelta(days=1)).date()
    later = world.survey(starts_on=tomorrow)
    draft = world.survey(is_open=False)
    with world.database.writing() as session:
        leave(session, world.workspace, bob, "test", world.now)
    assert world.answers(for_gold, ada, 9) is NotNow.NOT_FOR_HIM
    assert world.answers(later, ada, 9) is NotNow.CLOSED
    assert world.answers(draft, ada, 9) is NotNow.CLOSED
    assert world.answers(4711, ada, 9) is NotNow.CLOSED
    everyone = world.survey()
    assert world.answers(everyone, bob, 9) is NotNow.NOT_FOR_HIM
    with world.database.reading() as session:
        mine = open_for(session, world.workspace, ada, world.now)
    assert [one.survey_id for one in mine] == [everyone]
    assert world.stored() == []


def test_an_answer_is_kept_though_the_programme_no_longer_gives_points(
    world: SurveyWorld,
) -> None:
    ada, survey = world.member(ADA), world.survey(activity="feedback")
    world.now += timedelta(hours=2)
    world.programme(tiers=TIERS)
    stored = world.answers(survey, ada, 9)
    assert isinstance(stored, Stored) and stored.points == 0


def test_an_answer_is_taken_only_to_what_was_shown(world: SurveyWorld) -> None:
    ada, survey = world.member(ADA), world.survey()
    seen = world.offered(survey, ada)
    assert isinstance(seen, Offered)
    sent = Sent(survey, ada, {"recommend": ["9"]}, seen.fingerprint, "en", Way.PAGE)
    world.asks(survey, title={"en": "Are you still happy?"})
    again = world.send(sent)
    assert isinstance(again, Again) and again.reading is None
    wrong = replace(sent, fields={}, fingerprint=again.offered.fingerprint)
    shown = world.send(wrong)
    assert isinstance(shown, Again) and shown.reading is not None and shown.reading.problems
    assert isinstance(world.send(replace(wrong, fields=sent.fields)), Stored)


def test_what_was_answered_stays_as_it_was_asked(world: SurveyWorld) -> None:
    ada, bob, survey = world.member(ADA), world.member(BOB), world.survey()
    world.asks(survey, title={"en": "First"})
    assert world.answers(survey, ada, 10)
    more = Question(key="q1", kind=Kind.YES_NO, text={"en": "Was it quick?"})
    world.asks(survey, questions=[*AGAIN, more.model_dump(mode="json")], numbered=1)
    assert world.answers(survey, bob, 3)
    assert [one.version for one in world.stored()] == [1, 2], "unanswered, it needs no version"
    with world.database.writing() as session:
        found = survey_with_id(session, world.workspace, survey)
        first, second = (results(session, found, number) for number in (1, 2))
        assert found.version == 2
        with pytest.raises(SurveyRefused, match="Close it"):
            defining.change_questions(
                session,
                world.workspace,
                survey,
                world.questions(survey).model_copy(update={"title": {"en": "Third"}}),
                ACTOR,
                world.now,
            )
    assert [len(one.results) for one in (first, second)] == [1, 2]
    assert standings(first.results[0])[Standing.PROMOTER] == 1
    assert standings(second.results[0])[Standing.DETRACTOR] == 1


def test_a_survey_is_opened_only_for_what_the_programme_knows(world: SurveyWorld) -> None:
    for wrong in ({"tiers": ("platinum",)}, {"segments": ("vip",)}, {"activity": "answer"}):
        with pytest.raises(SurveyRefused, match="knows no"):
            world.survey(**wrong)
    survey = world.survey(is_open=False, activity="feedback")
    world.now += timedelta(hours=2)
    world.programme(tiers=TIERS, points={"rules": {"x": FEEDBACK["rules"]["answer"]}})
    with world.database.writing() as session:
        defining.open_survey(session, world.workspace, survey, ACTOR, world.now)
        with pytest.raises(SurveyRefused, match="now"):
            defining.remove_survey(session, world.workspace, survey, ACTOR, world.now)
        defining.close_survey(session, world.workspace, survey, ACTOR, world.now)
        defining.remove_survey(session, world.workspace, survey, ACTOR, world.now)
    with world.database.reading() as session:
        done = [one.action for one in entries(session, world.workspace, kind="survey")]
    assert done[:3] == ["survey.removed", "survey.closed", "survey.opened"]


def test_the_unhappy_come_first_a_page_at_a_time(anywhere: SurveyWorld) -> None:
    world = anywhere
    survey = world.survey()
    for score, words in ((10, ""), (2, "Slow"), (8, ""), (0, ""), (9, "Nice")):
        world.answers(survey, world.member(f"m{score}@example.com"), score, words)
    seen: list[int | None] = []
    after: After | None = None
    with world.database.writing() as session:
        while True:
            page = answers_page(session, world.workspace, survey, after=after, most=2)
            seen += [one.answer.score for one in page]
            if len(page) < 2:
                break
            after = page[-1].after
        assert seen == [0, 2, 8, 9, 10]
        (slow,) = answers_page(
            session, world.workspace, survey, Which(Standing.DETRACTOR, has_words=True)
        )
        assert slow.replies[0].words == "Slow" and slow.answer.id is not None
        for _ in range(2):
            handle(session, world.workspace, survey, slow.answer.id, ACTOR, world.now)
        left = answers_page(session, world.workspace, survey, Which(is_handled=False))
        assert [one.answer.score for one in left] == [0, 8, 9, 10]
    with world.database.reading() as session:
        told = [one for one in entries(session, world.workspace) if one.action == "survey.handled"]
    assert len(told) == 1 and told[0].actor == "test"


def test_answers_of_another_workspace_are_nobodys(world: SurveyWorld) -> None:
    survey = world.survey()
    world.answers(survey, world.member(ADA), 2)
    with world.database.reading() as session:
        assert answers_page(session, world.workspace + 1, survey) == []
