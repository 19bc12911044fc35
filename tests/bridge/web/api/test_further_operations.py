"""What else programs rely on: rewards, friends, taking part, the programme, figures, work."""

from __future__ import annotations

import json

import pytest
from caller import REDEEMS, Caller, Merchant
from sqlmodel import select, update
from toyshop import Style

from bridge.api_tokens.scopes import Scope
from bridge.audit.service import Actor, entries
from bridge.inbox.codec import content_hash
from bridge.inbox.models import InboxRow
from bridge.outbox.models import Delivery
from bridge.surveys.defining import make as make_survey
from bridge.web.api.serving import operations

OFFERS = REDEEMS | {
    "rewards": {"ticket": {"name": "Day at the fair", "points": 100, "stock": 1}},
    "referrals": {"friend": {"give": {"percent": 10}}, "referrer": {"points": 100}},
    "campaigns": {"hello": {"sign_up": True, "give": {"points": 5}}},
    "tiers": {"gold": {"name": "Gold"}},
}


def give(caller: Caller, member: int, points: int) -> None:
    told = {"points": points, "reason": "Welcome"}
    assert caller.post(f"/members/{member}/adjustments", told).status_code == 201


def actions(merchant: Merchant) -> list[str]:
    app = merchant.world.app
    with app.database.reading() as session:
        return [one.action for one in entries(session, app.workspace_id) if one.subject_id != ""]


def test_a_reward_is_taken_once_and_provided_or_cancelled(merchant: Merchant) -> None:
    merchant.world.load(OFFERS)
    ada, caller = merchant.member(), merchant.caller()
    give(caller, ada, 250)
    (offered,) = caller.get("/rewards").json["rewards"]
    assert (offered["reward"], offered["points"], offered["left"]) == ("ticket", 100, 1)

    path, body = f"/members/{ada}/claims", {"reward": "ticket", "note": "for May"}
    taken = caller.post(path, body, key="web-1")
    assert (taken.status_code, taken.json["state"]) == (201, "open")
    assert caller.post(path, body, key="web-1").json == taken.json
    assert caller.get(f"/members/{ada}/points").json["balance"]["reserved"] == 100
    assert caller.post(path, body, key="web-2").status_code == 409, "there was one piece"
    assert caller.get("/claims", state="open").json["items"] == [taken.json]

    number = taken.json["id"]
    back = caller.post(f"/claims/{number}/cancellation", {"note": "Sold out"})
    assert (back.json["state"], back.json["decided_by"]) == ("cancelled", "token till")
    assert caller.post(f"/claims/{number}/fulfilment").status_code == 409
    again = caller.post(path, body).json["id"]
    assert caller.post(f"/claims/{again}/fulfilment").json["state"] == "fulfilled"
    assert caller.post("/claims/999/fulfilment").status_code == 404
    balance = caller.get(f"/members/{ada}/points").json["balance"]
    assert (balance["available"], balance["reserved"]) == (150, 0)
    told = ["reward.provided", "reward.taken", "reward.cancelled", "reward.taken"]
    assert actions(merchant)[:4] == told


def test_a_member_has_one_code_for_friends(merchant: Merchant) -> None:
    merchant.world.load(OFFERS)
    ada, caller = merchant.member(), merchant.caller()
    code = caller.post(f"/members/{ada}/referral-code").json
    assert caller.post(f"/members/{ada}/referral-code").json == code
    found = caller.get(f"/members/{ada}/referrals").json
    assert found["codes"] == [code]
    assert found["brought"]["clicks"] == 0
    assert caller.get("/referrals").json == {"items": [], "next": None}
    assert actions(merchant).count("referral.code-made") == 1


def test_who_left_redeems_nothing_until_he_is_taken_in_again(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    give(caller, ada, 200)
    assert caller.post(f"/members/{ada}/leaving").json == {"member": ada, "is_new": True}
    assert caller.post(f"/members/{ada}/leaving").json["is_new"] is False
    redeeming = {"points": 100, "store": "shop1"}
    assert caller.post(f"/members/{ada}/vouchers", redeeming).status_code == 409
    assert caller.post(f"/members/{ada}/joining").json["is_new"] is True
    assert caller.post(f"/members/{ada}/vouchers", redeeming).status_code == 201
    assert actions(merchant)[1:3] == ["member.joined", "member.left"]


def test_a_voucher_is_exchanged_for_one_in_another_store(merchant: Merchant) -> None:
    merchant.world.open(Style.NUMBERED)
    merchant.world.pull()
    ada, caller = merchant.member(), merchant.caller()
    give(caller, ada, 100)
    old = caller.post(f"/members/{ada}/vouchers", {"points": 100, "store": "shop1"}).json
    path = f"/vouchers/{old['id']}/exchange"
    assert caller.post(path, {"store": "shop9"}).status_code == 409
    assert caller.get(f"/vouchers/{old['id']}").json == old
    new = caller.post(path, {"store": "shop2"})
    assert new.status_code == 200, new.json
    assert (new.json["points"], new.json["state"]) == (100, "open")
    assert new.json["store"].startswith("shop2")
    assert new.json["code"] != old["code"]
    assert caller.post(path, {"store": "shop2"}).json == new.json, "told again, it changes nothing"
    assert caller.get(f"/vouchers/{old['id']}").json["ending"] == "exchanged"
    assert caller.get(f"/members/{ada}/points").json["balance"]["reserved"] == 100
    app = merchant.world.app
    with app.database.reading() as session:
        done = [one for one in entries(session, app.workspace_id) if "exchanged" in one.action]
    assert [one.subject for one in done] == [old["code"]]


def test_an_entry_says_why_it_is_there(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    told = {"name": "course", "id": "c1", "member": ada}
    assert caller.post("/activities", told).status_code == 201
    (entry,) = caller.get(f"/members/{ada}/entries").json["items"]
    why = caller.get(f"/entries/{entry['id']}").json
    assert (why["points"], why["holder_id"], why["programme"]) == (50, ada, 1)
    assert "course" in why["rule_text"]
    assert caller.get("/entries/999999").status_code == 404


def test_the_programme_is_told_as_it_is_kept(merchant: Merchant) -> None:
    caller = merchant.caller()
    merchant.world.load(OFFERS)
    found = caller.get("/programme").json
    assert found["number"] == 2
    assert "Day at the fair" in found["text"]
    kept = json.loads(caller.get("/programme", form="json").json["text"])
    assert kept["rewards"]["ticket"]["points"] == 100
    assert "currency: EUR\n" in found["text"]
    assert "Day at the fair" not in caller.get("/programme/versions/1").json["text"]
    assert caller.get("/programme/versions/9").status_code == 404
    page = caller.get("/programme/versions", limit=1).json
    rest = caller.get("/programme/versions", cursor=page["next"]).json
    assert [one["number"] for one in page["items"] + rest["items"]] == [2, 1]
    (campaign,) = caller.get("/campaigns").json["campaigns"]
    assert (campaign["key"], campaign["gives"], campaign["state"]) == (
        "hello",
        "5 points",
        "running",
    )
    (tier,) = caller.get("/tiers").json["tiers"]
    assert (tier["tier"], tier["members"]) == ("gold", 0)


def test_figures_are_those_of_the_book(merchant: Merchant) -> None:
    ada, caller = merchant.member(), merchant.caller()
    give(caller, ada, 300)
    overview = caller.get("/figures/overview", days=7).json
    assert overview["outstanding"]["points"] == 300
    assert overview["outstanding"]["value"]["amount"] == "3.00"
    assert overview["over_time"]["total"]["adjusted"] == 300
    assert caller.get("/figures/points", months=2).json["total"]["change"] == 300
    assert caller.get("/figures/members").json["members"]["members"] == 1
    assert caller.get("/figures/liability").json["liability"]["points"] == 300
    (store,) = caller.get("/stores").json["stores"]
    assert (store["store"], store["counts"]["inbox_failed"]) == ("shop1", 0)


def test_what_shops_refused_is_tried_again_all_or_nothing(merchant: Merchant) -> None:
    world, caller = merchant.world, merchant.caller()
    world.apply()
    (run,) = caller.get("/runs").json["items"]
    assert run == caller.get(f"/runs/{run['run']}").json
    sent = caller.get(f"/runs/{run['run']}/deliveries").json["items"]
    assert len(sent) == sum(run["deliveries"].values()) > 0
    with world.app.database.writing() as session:
        which = update(Delivery).where(Delivery.id == sent[0]["id"])
        session.exec(which.values(state="dead", error="No such group."))

    (dead,) = caller.get("/dead-letters").json["deliveries"]
    assert (dead["id"], dead["error"]) == (sent[0]["id"], "No such group.")
    assert caller.get("/dead-letters", store="other").json["deliveries"] == []
    retry = {"deliveries": [dead["id"], 999_999]}
    assert caller.post("/dead-letters/retry", retry).status_code == 409
    assert caller.get("/dead-letters").json["deliveries"] == [dead]
    assert caller.post("/dead-letters/retry", {}).status_code == 422
    done = caller.post("/dead-letters/retry", {"deliveries": [dead["id"]]})
    assert done.json == {"queued": 1}
    assert "deliver" in merchant.woken
    assert caller.get("/dead-letters").json["deliveries"] == []


def test_what_could_not_be_handled_is_tried_again(merchant: Merchant) -> None:
    app, caller = merchant.world.app, merchant.caller()
    shop, now = merchant.world.installations()["shop1"].id, merchant.world.app.now()
    with app.database.writing() as session:
        for number, state in enumerate(("failed", "queued", "failed")):
            session.add(
                InboxRow(
                    workspace_id=app.workspace_id,
                    installation_id=shop,
                    resource="order",
                    entity_id=str(number),
                    content_hash=content_hash(""),
                    content="",
                    changed_at=now,
                    fetched_at=now,
                    state=state,
                    error="No rate.",
                )
            )
    assert len(caller.get("/inbox").json["items"]) == 3
    first = caller.get("/inbox", failed=True, limit=1).json
    second = caller.get("/inbox", failed=True, limit=1, cursor=first["next"]).json
    rows = [one["id"] for one in first["items"] + second["items"]]
    assert [one["entity_id"] for one in first["items"] + second["items"]] == ["2", "0"]
    assert caller.post("/inbox/retry", {"rows": [*rows, 999]}).status_code == 409
    assert caller.post("/inbox/retry", {"rows": rows}).json == {"queued": 2}
    with app.database.reading() as session:
        assert set(session.exec(select(InboxRow.state))) == {"queued"}


def test_the_newest_plan(merchant: Merchant) -> None:
    assert merchant.caller().get("/plan").json == {"plan": None}


READS = [one for one in operations() if one.method == "GET"]


def test_of_another_workspace_nothing_is_told(merchant: Merchant) -> None:
    merchant.world.load(OFFERS)
    ada, caller = merchant.member("ada@example.com"), merchant.caller()
    give(caller, ada, 300)
    caller.post(f"/members/{ada}/vouchers", {"points": 100, "store": "shop1"})
    caller.post(f"/members/{ada}/claims", {"reward": "ticket"})
    caller.post(f"/members/{ada}/referral-code")
    merchant.world.apply()
    app = merchant.world.app
    with app.database.writing() as session:
        asker = Actor("a test")
        make_survey(session, app.workspace_id, "Are you happy?", "en", asker, app.now())
    stranger = merchant.caller(workspace="other")
    for one in READS:
        path = one.path
        for place in one.places:
            path = path.replace("{" + place + "}", str(ada if place == "member" else 1))
        assert caller.get(path).status_code == 200, path
        answer = stranger.get(path)
        allowed = {404} if one.places else {200, 409}
        assert answer.status_code in allowed, path
        for ours in ("ada@example.com", "shop1", "Day at the fair", "LB-", "Are you happy?"):
            assert ours not in answer.text, path


@pytest.mark.parametrize("scope", list(Scope))
def test_every_scope_opens_something(scope: Scope) -> None:
    assert any(one.scope is scope for one in operations())


def test_a_member_is_told_and_erased_by_a_program_that_may(merchant: Merchant) -> None:
    ada = merchant.member()
    reader = merchant.caller([Scope.READ_MEMBERS, Scope.WRITE_MEMBERS])
    assert reader.get(f"/members/{ada}/known").status_code == 403
    assert reader.post(f"/members/{ada}/erasure", {"confirm": f"#{ada}"}).status_code == 403
    assert reader.post(f"/members/{ada}/leaving").status_code == 200
    told = reader.get(f"/members/{ada}/consents").json["consents"]
    assert [(one["purpose"], one["is_given"]) for one in told] == [("membership", False)]
    caller = merchant.caller()
    known = caller.get(f"/members/{ada}/known").json
    assert (known["member"], known["sections"]["member"][0]["id"]) == (ada, ada)
    assert caller.post(f"/members/{ada}/erasure", {"confirm": "#0"}).status_code == 422
    done = caller.post(f"/members/{ada}/erasure", {"confirm": f"#{ada}"}, key="gone")
    assert (done.status_code, done.json["state"]) == (202, "begun")
    assert merchant.woken[-1] == "privacy"
    assert caller.post(f"/members/{ada}/erasure", {"confirm": f"#{ada}"}).status_code == 409
    assert [one["id"] for one in caller.get("/erasures").json["items"]] == [done.json["id"]]
    assert actions(merchant)[:2] == ["privacy.erased", "privacy.exported"]
