"""Systems that are told of events, as programs see them."""

from __future__ import annotations

from caller import Merchant

from bridge.audit.service import Actor, entries
from bridge.subscribers.event_types import EventType
from bridge.subscribers.models import SubscriberMessage
from bridge.subscribers.service import NewSubscriber, add

URL = "https://erp.example/hook?token=of-its-own"


def test_messages_are_listed_page_by_page_and_sent_again(merchant: Merchant) -> None:
    app, caller = merchant.world.app, merchant.caller()
    with app.database.writing() as session:
        new = NewSubscriber("erp", URL, [EventType.TIER_CHANGED])
        made = add(session, app.workspace_id, new, app.keyring, Actor("Ada"), app.now())
        for number in range(3):
            session.add(
                SubscriberMessage(
                    workspace_id=app.workspace_id,
                    subscriber_id=made.row.id or 0,
                    event=f"tier/{number}",
                    webhook_id=f"msg_{number}",
                    type="tier.changed",
                    at=app.now(),
                    data={},
                    made_at=app.now(),
                    not_before=app.now(),
                    state="failed",
                    error="It answered 500",
                )
            )
    listed = caller.get("/subscribers")
    assert [one["name"] for one in listed.json["subscribers"]] == ["erp"]
    assert "of-its-own" not in listed.text
    assert made.secret not in listed.text

    first = caller.get("/messages", limit=2).json
    second = caller.get("/messages", limit=2, cursor=first["next"]).json
    found = [one["webhook_id"] for one in (*first["items"], *second["items"])]
    assert found == ["msg_2", "msg_1", "msg_0"]
    assert second["next"] is None

    unknown = caller.post("/messages/resend", {"messages": [first["items"][0]["id"], 999]})
    assert unknown.status_code == 409
    assert caller.get("/messages", state="waiting").json["items"] == []
    assert caller.post("/messages/resend", {"failed": True}).json == {"queued": 3}
    assert merchant.woken == ["webhooks"]
    assert {one["state"] for one in caller.get("/messages").json["items"]} == {"waiting"}
    with app.database.reading() as session:
        newest = entries(session, app.workspace_id)[0]
    assert (newest.action, newest.actor) == ("messages.retried", "token till")
