"""Webhooks to other systems: added, tried, looked at, switched off and on."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from office import Office, seen
from sqlmodel import select

from bridge.audit.service import entries
from bridge.subscribers.event_types import EventType
from bridge.subscribers.models import Disabled, Subscriber, SubscriberMessage
from bridge.subscribers.service import subscribers
from bridge.users.roles import Role

sys.path.insert(0, str(Path(__file__).parents[2] / "subscribers"))

from receiver import Receiver

EVERYTHING = [kind.value for kind in EventType]
SOME = {"name": "ERP", "types": ["points.posted"]}


@pytest.fixture
def receiver(office: Office) -> Iterator[Receiver]:
    app = office.application
    app.settings = app.settings.model_copy(update={"allow_private_stores": True})
    one = Receiver()
    yield one
    one.close()


def change(office: Office, **values: object) -> None:
    with office.application.database.writing() as session:
        row = session.exec(select(Subscriber)).one()
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)


def test_a_system_is_added_tried_and_removed(office: Office, receiver: Receiver) -> None:
    browser, app = office.sign_in(), office.application
    assert "No system is told yet" in seen(browser.get("settings/webhooks"))
    made = browser.post("settings/webhooks", {**SOME, "url": receiver.url})
    assert made.status_code == 201
    (secret,) = set(re.findall(r"whsec_[\w+/=]+", made.text))
    (link,) = set(re.findall(r"settings/webhooks/\d+", made.text))
    assert secret not in browser.get("settings/webhooks").text
    page = browser.get(link)
    assert secret not in page.text
    assert "of-its-own" not in page.text  # its token

    assert "ERP took the test: 204" in seen(browser.follow(browser.post(f"{link}/test")))
    assert receiver.got[0].is_signed_with(secret)
    receiver.status, receiver.text = 500, "out of order"
    tried = seen(browser.follow(browser.post(f"{link}/test")))
    assert "ERP did not take the test. It answered 500. out of order" in tried
    assert "not taken It answered 500: out of order" in tried

    rotated = browser.post(f"{link}/rotate")
    (new,) = set(re.findall(r"whsec_[\w+/=]+", rotated.text))
    assert (rotated.status_code, new != secret) == (201, True)

    assert "switched off" in seen(browser.follow(browser.post(f"{link}/disable")))
    assert "in order" in seen(browser.follow(browser.post(f"{link}/enable")))
    assert office.woken[-2:] == ["events", "webhooks"]
    assert "ERP is removed." in seen(browser.follow(browser.post(f"{link}/remove")))
    with app.database.reading() as session:
        assert subscribers(session, app.workspace_id) == []
        told = [one.action for one in entries(session, app.workspace_id, kind="subscriber")]
    changes = ("removed", "enabled", "disabled", "rotated", "tried", "tried", "added")
    assert told == [f"subscriber.{one}" for one in changes]


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"url": "https://erp.example", "types": []}, "Please fill this in."),
        ({"url": "ftp://erp.example"}, "The address must begin with https://"),
        ({"url": "http://127.0.0.1:8080/hook"}, "leads to an address that is not public"),
    ],
)
def test_what_is_wrong_stays_in_the_form(
    office: Office, told: dict[str, object], wrong: str
) -> None:
    answer = office.sign_in().post("settings/webhooks", {**SOME, **told})
    assert answer.status_code == 422
    assert wrong in seen(answer)
    assert f'value="{told["url"]}"' in answer.text
    with office.application.database.reading() as session:
        assert subscribers(session, office.application.workspace_id) == []


def test_what_was_not_taken_is_told_and_sent_again(office: Office, receiver: Receiver) -> None:
    browser, app = office.sign_in(), office.application
    made = browser.post(
        "settings/webhooks", {"name": "ERP", "url": receiver.url, "types": EVERYTHING}
    )
    (link,) = set(re.findall(r"settings/webhooks/\d+", made.text))
    browser.post(f"{link}/test")
    with app.database.writing() as session:
        message = session.exec(select(SubscriberMessage)).one()
        message.type, message.state, message.error = "tier.changed", "failed", "No answer in time"
        session.add(message)
    change(office, disabled=Disabled.FAILING.value)
    assert "took no webhook for five days" in seen(browser.get(""))
    assert "took no webhook" in seen(office.sign_in(Role.VIEWER).get(""))
    page = browser.get(f"{link}?state=failed")
    assert "Tier changed tier.changed" in seen(page)
    again = browser.follow(browser.post(f"{link}/resend"))
    assert "One message is sent again." in seen(again)
    assert office.woken[-1] == "webhooks"
    assert "There is nothing of this kind" in seen(browser.get(f"{link}?state=failed"))
    assert browser.post(f"{link}/resend", {"message": "999"}).status_code == 404
    change(office, disabled="", failing_since=app.now() - timedelta(hours=2))
    assert "has taken no webhook since" in seen(browser.get(""))


def test_a_subscriber_of_another_workspace_is_not_there(office: Office, receiver: Receiver) -> None:
    browser = office.sign_in()
    made = browser.post("settings/webhooks", {**SOME, "url": receiver.url})
    (link,) = set(re.findall(r"settings/webhooks/\d+", made.text))
    other = office.sign_in(workspace="bolt")
    assert other.get(link).status_code == 404
    for what in ("test", "rotate", "enable", "disable", "remove", "resend"):
        assert other.post(f"{link}/{what}").status_code == 404
    assert receiver.got == []
