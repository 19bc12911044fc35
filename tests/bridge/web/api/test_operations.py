"""What programs rely on: points and vouchers, once each, with errors they can act on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from caller import Merchant

from bridge.api_tokens.repeated import KEPT
from bridge.api_tokens.scopes import Scope
from bridge.api_tokens.service import revoke
from bridge.audit.service import Actor, entries
from bridge.preferences.sections import Limits
from bridge.preferences.service import set_preferences
from bridge.web.api.paging import cursor as made


def test_points_are_given_shown_and_listed(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    done = caller.post(f"/members/{ada}/adjustments", {"points": 300, "reason": "Welcome"})
    assert done.status_code == 201
    assert (done.json["before"]["available"], done.json["after"]["available"]) == (0, 300)

    points = caller.get(f"/members/{ada}/points").json
    assert points["balance"] == {
        "member": ada,
        "available": 300,
        "pending": 0,
        "reserved": 0,
        "debt": 0,
    }
    assert [lot["available"] for lot in points["lots"]] == [300]
    assert caller.get(f"/members/{ada}").json["emails"] == ["ada@example.com"]
    (entry,) = caller.get(f"/members/{ada}/entries").json["items"]
    assert (entry["change"], entry["source"]) == (300, "adjustment")
    with merchant.world.app.database.reading() as session:
        newest = entries(session, merchant.world.app.workspace_id)[0]
    assert (newest.actor, newest.action, newest.after) == (
        "token till",
        "points.adjusted",
        {"available": 300, "reason": "Welcome"},
    )


def test_more_than_there_is_cannot_be_taken(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    refused = caller.post(f"/members/{ada}/adjustments", {"points": -1, "reason": "Oops"})
    assert refused.status_code == 409
    assert refused.content_type == "application/problem+json"
    assert refused.json["code"] == "not-enough-points"
    assert caller.get(f"/members/{ada}/entries").json == {"items": [], "next": None}


def test_what_waits_for_a_second_person_is_not_done_by_a_program(merchant: Merchant) -> None:
    ada, caller, app = merchant.member(), merchant.caller(), merchant.world.app
    with app.database.writing() as session:
        limits = Limits(adjust_points=100)
        set_preferences(session, app.workspace_id, limits, Actor("a test"), app.now())
    path = f"/members/{ada}/adjustments"
    refused = caller.post(path, {"points": 101, "reason": "Much"})
    assert (refused.status_code, refused.json["code"]) == (409, "above-limit")
    assert caller.post(path, {"points": 100, "reason": "Enough"}).status_code == 201
    split = caller.post(path, {"points": -1, "reason": "Nor in two parts"})
    assert (split.status_code, split.json["code"]) == (409, "above-limit")
    assert caller.get(f"/members/{ada}/points").json["balance"]["available"] == 100


def test_under_one_key_it_happens_once_also_when_many_ask_at_once(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    body = {"points": 100, "reason": "Once"}

    def ask(_: int) -> str:
        answer = caller.post(f"/members/{ada}/adjustments", body, key="till-1")
        assert answer.status_code == 201
        return answer.text

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(ask, range(16)))
    assert len(answers) == 1
    assert caller.get(f"/members/{ada}/points").json["balance"]["available"] == 100

    other = caller.post(f"/members/{ada}/adjustments", {**body, "points": 5}, key="till-1")
    assert (other.status_code, other.json["code"]) == (422, "key-used-otherwise")
    again = merchant.caller().post(f"/members/{ada}/adjustments", body, key="till-1")
    assert again.status_code == 201, "keys are the sender's own"
    assert "Idempotent-Replayed" not in again.headers


def test_what_was_refused_may_be_asked_for_again(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    path, taking = f"/members/{ada}/adjustments", {"points": -10, "reason": "Bill"}
    assert caller.post(path, taking, key="bill").status_code == 409
    caller.post(path, {"points": 10, "reason": "Now"})
    assert caller.post(path, taking, key="bill").status_code == 201
    replayed = caller.post(path, taking, key="bill")
    assert replayed.headers["Idempotent-Replayed"] == "true"
    merchant.world.clock.pause((KEPT + timedelta(minutes=1)).total_seconds())
    assert caller.post(path, taking, key="bill").status_code == 409, "forgotten by then"


def test_points_become_a_voucher_and_come_back(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    caller.post(f"/members/{ada}/adjustments", {"points": 500, "reason": "Welcome"})
    made = caller.post(f"/members/{ada}/vouchers", {"points": 200, "store": "shop1"})
    assert made.status_code == 201, made.json
    voucher = made.json
    assert (voucher["amount"], voucher["currency"], voucher["state"]) == ("2.00", "EUR", "open")
    assert merchant.woken == ["vouchers"]
    assert caller.get(f"/members/{ada}/points").json["balance"]["reserved"] == 200
    assert caller.get("/vouchers", code=voucher["code"]).json["items"] == [voucher]

    odd = caller.post(f"/members/{ada}/vouchers", {"points": 250, "store": "shop1"})
    assert odd.status_code == 409
    nowhere = caller.post(f"/members/{ada}/vouchers", {"points": 100, "store": "shop9"})
    assert nowhere.status_code == 409 and "shop1" in nowhere.json["detail"]

    back = caller.post(f"/vouchers/{voucher['id']}/withdrawal", {"reason": "Changed his mind"})
    assert (back.status_code, back.json["ending"]) == (200, "withdrawn")


def test_what_somebody_did_counts_once(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    told = {"name": "course", "id": "course-17", "email": "Ada@Example.com"}
    first = caller.post("/activities", told)
    assert (first.status_code, first.json["points"], first.json["is_new"]) == (201, 50, True)
    second = caller.post("/activities", told)
    assert (second.json["points"], second.json["is_new"]) == (50, False)
    assert caller.get(f"/members/{ada}/points").json["balance"]["available"] == 50
    both = caller.post("/activities", {**told, "member": ada})
    assert both.status_code == 422


def test_lists_go_on_by_their_cursor(merchant: Merchant) -> None:
    caller = merchant.caller()
    known = [merchant.member(f"member{number}@example.com") for number in range(5)]
    for query in ({}, {"search": "member"}):
        found: list[int] = []
        cursor = ""
        while True:
            page = caller.get("/members", limit=2, cursor=cursor, **query).json
            assert len(page["items"]) <= 2
            found += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            cursor = page["next"]
        assert sorted(set(found)) == known
        assert len(found) == 5
    for forged in ("x", "W10", "WyJhIl0", "%00"):
        assert caller.get("/members", cursor=forged).status_code == 422
    for forged in (made("a\0"), made("\ud800")):
        assert caller.get("/members", search="member", cursor=forged).status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/members/1/adjustments", {"points": 10**12, "reason": "x"}, "body.points"),
        ("/members/1/adjustments", {"points": 1}, "body.reason"),
        ("/members/1/adjustments", {"points": "many", "reason": "x"}, "body.points"),
        (
            "/members/1/adjustments",
            {"points": 1, "reason": "x", "expire_at": None},
            "body.expire_at",
        ),
        ("/members/1/vouchers", {"points": 0, "store": "shop1"}, "body.points"),
    ],
)
def test_what_is_wrong_is_said_field_by_field(
    merchant: Merchant, path: str, body: dict[str, object], field: str
) -> None:
    merchant.member()
    refused = merchant.caller().post(path, body)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json["errors"]] == [field]


def test_nothing_opens_without_a_living_token(merchant: Merchant) -> None:
    application = merchant.world.app
    now = application.now()
    over = merchant.make_token(ends_at=now + timedelta(days=1))
    gone = merchant.make_token()
    with application.database.writing() as session:
        assert gone.row.id is not None
        revoke(session, application.workspace_id, gone.row.id, Actor("a test"), now)
    merchant.world.clock.pause(86_400)
    caller = merchant.caller()
    for token in ("", "lbt_forged", over.token, gone.token):
        caller.token = token
        refused = caller.get("/members")
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_opens_its_own_workspace_only(merchant: Merchant) -> None:
    ada = merchant.member()
    stranger = merchant.caller(workspace="other")
    assert stranger.get("/members").json["items"] == []
    for path in (f"/members/{ada}", f"/members/{ada}/points", f"/members/{ada}/entries"):
        assert stranger.get(path).status_code == 404
    giving = {"points": 1, "reason": "x"}
    assert stranger.post(f"/members/{ada}/adjustments", giving).status_code == 404


def test_each_operation_wants_its_scope(merchant: Merchant) -> None:
    reader = merchant.caller([Scope.READ_MEMBERS])
    ada = merchant.member()
    assert reader.get(f"/members/{ada}").status_code == 200
    refused = reader.post(f"/members/{ada}/adjustments", {"points": 1, "reason": "x"})
    assert refused.status_code == 403
    assert "points:write" in refused.json["detail"]


def test_addresses_that_are_none_are_answered_in_the_same_shape(merchant: Merchant) -> None:
    caller = merchant.caller()
    for answer, status in (
        (caller.get("/nothing"), 404),
        (caller.post("/members"), 405),
        (caller.get(f"/members/{2**40}"), 404),
    ):
        assert answer.status_code == status
        assert answer.json["status"] == status


def test_text_that_no_database_keeps_is_refused(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    for reason in ("a\0b", "half \ud800"):
        refused = caller.post(f"/members/{ada}/adjustments", {"points": 1, "reason": reason})
        assert refused.status_code == 400
    assert caller.get("/members", search="a\0b").status_code == 422
