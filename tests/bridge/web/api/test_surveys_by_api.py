"""What programs read of surveys: results, answers a page at a time, the score."""

from __future__ import annotations

from caller import Merchant

from bridge.audit.service import Actor
from bridge.surveys import defining
from bridge.surveys.answering import Offered, Sent, Way, answer, offered
from bridge.surveys.finding import identity


def asked(merchant: Merchant, *scores: int) -> int:
    """Each score is an answer of the one member, a day after the other."""
    app, actor, ada = merchant.world.app, Actor("test"), merchant.member()
    with app.database.writing() as session:
        made = defining.make(session, app.workspace_id, "Happy?", "en", actor, app.now())
        survey = identity(made)
        wanted = defining.settings_of(made).model_copy(update={"again_days": 1})
        defining.change_settings(session, app.workspace_id, survey, wanted, actor, app.now())
        defining.open_survey(session, app.workspace_id, survey, actor, app.now())
    for score in scores:
        merchant.world.clock.pause(24 * 3600)
        with app.database.writing() as session:
            found = offered(session, app.workspace_id, survey, ada, app.now())
            assert isinstance(found, Offered)
            told = {"recommend": [str(score)], "recommend-words": [f"It is {score}"]}
            sent = Sent(survey, ada, told, found.fingerprint, "en", Way.PAGE)
            answer(session, app.workspace_id, sent, app.now())
    return survey


def test_results_answers_and_the_score(merchant: Merchant) -> None:
    survey, caller = asked(merchant, 10, 0, 9, 10), merchant.caller()
    (listed,) = caller.get("/surveys").json["items"]
    assert (listed["id"], listed["answers"], listed["to_handle"]) == (survey, 4, 1)
    (question,) = caller.get(f"/surveys/{survey}").json["results"]["questions"]
    assert [one["count"] for one in question["counts"]] == [1, *[0] * 8, 1, 2]
    path = f"/surveys/{survey}/answers"
    first = caller.get(path, limit=3).json
    rest = caller.get(path, limit=3, cursor=first["next"]).json
    assert [one["score"] for one in first["items"] + rest["items"]] == [0, 10, 9, 10]
    assert rest["next"] is None
    (unhappy,) = caller.get(path, standing="detractor", unhandled=True).json["items"]
    assert unhappy["replies"][0]["words"] == "It is 0"
    assert caller.get(path, standing="angry").status_code == 422
    assert caller.get("/surveys/4711/answers").status_code == 404
    score = caller.get("/figures/recommendations").json["total"]
    assert (score["promoters"], score["detractors"], score["score"]) == (3, 1, "50.0")
