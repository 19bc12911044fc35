"""The plan in the web app: what it shows is what the command line says, what is sent is what was
approved, above the limit by two people; a run is watched, and taken back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from office import Browser, Office, seen
from toyshop import programme
from werkzeug.test import TestResponse

from bridge.audit.service import Actor, entries
from bridge.plans.keeping import newest_plan
from bridge.plans.models import KeptPlan
from bridge.preferences.sections import Limits
from bridge.preferences.service import set_preferences
from bridge.users.roles import Role
from bridge.web.jobs import EXTENSION, Jobs
from connectors.errors import Rejected


@pytest.fixture
def owner(office: Office) -> Browser:
    office.world.load(programme())
    office.world.pull()
    return office.sign_in()


def finish(office: Office) -> None:
    """Lets what pages began come to its end."""
    found: Jobs = office.app.extensions[EXTENSION]
    for _turn in range(2):  # the first may begin the second
        for job_id in list(found._running):
            found.wait(job_id)


def done(office: Office, browser: Browser, answer: TestResponse) -> TestResponse:
    """The page that shows the result of the work an answer leads to."""
    assert answer.status_code == 303, seen(answer)
    finish(office)
    answer = browser.get(answer.location)
    while answer.status_code == 303:
        answer = browser.get(answer.location)
    return answer


def made(office: Office, browser: Browser) -> TestResponse:
    return done(office, browser, browser.post("plan/make"))


def newest(office: Office) -> KeptPlan:
    application = office.application
    with application.database.reading() as session:
        found = newest_plan(session, application.workspace_id)
    assert found is not None
    return found


def approved(office: Office, browser: Browser) -> TestResponse:
    plan = newest(office)
    answer = browser.post(f"plan/{plan.id}/approve", {"digest": plan.digest})
    return done(office, browser, answer) if answer.status_code == 303 else answer


def actions(office: Office) -> list[str]:
    application = office.application
    with application.database.reading() as session:
        return [one.action for one in entries(session, application.workspace_id)]


def limit(office: Office, money: str) -> None:
    application = office.application
    with application.database.writing() as session:
        wanted = Limits(plan_money=Decimal(money))
        now = application.now()
        set_preferences(session, application.workspace_id, wanted, Actor("a test"), now)


def test_the_page_shows_what_the_command_line_says(office: Office, owner: Browser) -> None:
    assert "No plan was made yet" in seen(owner.get("plan"))
    summary = office.world.plan()
    shown = seen(made(office, owner))
    for change in summary.changes:
        assert change.label in shown
    assert f"{summary.total} changes are ready to be sent" in shown
    (money,) = summary.money.values()
    assert f"€{money.before:.2f} → €{money.after:.2f}" in shown
    assert office.world.deliveries() == []


def test_rows_are_filtered_and_handed_out_as_a_file(office: Office, owner: Browser) -> None:
    made(office, owner)
    found = seen(owner.get("plan?kind=price&text=from+10"))
    assert "A, Gold, from 10" in found and "A, Gold, from 1 " not in found
    assert "Nothing like that" in seen(owner.get("plan?text=nowhere"))
    lines = owner.get(f"plan/{newest(office).id}/rows.csv?what=change&kind=price").text
    assert [line.split(",")[0] for line in lines.split("\r\n")[1:-1]] == ["shop1", "shop1"]


def test_what_was_approved_is_sent_and_taken_back(office: Office, owner: Browser) -> None:
    made(office, owner)
    total = newest(office).summary["total"]
    shown = seen(approved(office, owner))
    assert "Run 1" in shown and "Every change of this run is in place." in shown
    assert office.world.states() == {"done": total}
    assert "deliver" in office.woken
    assert "sent as run 1" in seen(owner.get("plan"))

    back = seen(done(office, owner, owner.post("runs/1/undo")))
    assert "Plan: taking back run 1" in back and f"{total} changes are ready" in back
    assert office.world.states() == {"done": total}
    assert "takes back run 1" in seen(approved(office, owner)).lower()
    assert office.world.shop.prices == {}
    assert actions(office) == ["plan.approved", "plan.approved"]
    assert "takes back run 1" in seen(owner.get("runs"))


def test_a_plan_that_is_outdated_sends_nothing(office: Office, owner: Browser) -> None:
    made(office, owner)
    office.world.load(programme(price_lists={}))
    shown = seen(approved(office, owner))
    assert "Something changed since this plan was made" in shown
    assert office.world.deliveries() == []
    assert "outdated" in seen(owner.get("plan"))


def test_what_is_on_the_screen_is_what_is_approved(office: Office, owner: Browser) -> None:
    made(office, owner)
    plan = newest(office)
    answer = owner.post(f"plan/{plan.id}/approve", {"digest": "another"})
    assert answer.status_code == 409
    assert office.world.deliveries() == []


def test_above_the_limit_two_people_decide(office: Office, owner: Browser) -> None:
    limit(office, "2.50")
    made(office, owner)
    assert "above the limit for one person" in seen(owner.get("plan"))
    asked = seen(approved(office, owner))
    assert "waits for a second person" in asked and "somebody else decides" in asked
    assert owner.post("waiting/1/approve").status_code == 409
    assert office.world.deliveries() == []

    manager = office.sign_in(Role.MANAGER)
    assert "Asked by Owner" in seen(manager.get("waiting"))
    answer = manager.post("waiting/1/approve", {"note": "go ahead"})
    assert "Every change of this run is in place." in seen(done(office, manager, answer))
    assert office.world.states()["done"] == newest(office).summary["total"]
    history = seen(owner.get("waiting"))
    assert "Nothing waits" in history and "go ahead" in history and "Manager" in history
    assert actions(office)[:3] == ["waiting.approved", "plan.approved", "plan.asked"]


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_a_plan_that_was_refused_or_withdrawn_is_not_sent(
    office: Office, owner: Browser, end: str
) -> None:
    limit(office, "0")
    made(office, owner)
    approved(office, owner)
    who = owner if end == "withdraw" else office.sign_in(Role.MANAGER)
    assert who.post(f"waiting/1/{end}").status_code == 303
    assert newest(office).state == "outdated"
    assert office.sign_in(Role.MANAGER).post("waiting/1/approve").status_code in (404, 409)
    assert office.world.deliveries() == []


def test_a_conflict_is_shown_and_decided(office: Office, owner: Browser) -> None:
    world = office.world
    world.set_up(programme())
    (key,) = [key for key in world.shop.prices if key[0].quantity == 10]
    del world.shop.prices[key]
    world.pull()
    shown = seen(made(office, owner))
    assert "Conflicts 1" in shown and "Someone removed it." in shown
    plan = newest(office)
    page = owner.post(f"plan/{plan.id}/resolve", {"take": "programme"})
    assert page.status_code == 422 and "Tick the conflicts" in seen(page)
    answer = owner.post(f"plan/{plan.id}/resolve", {"take": "programme", "all": "1"})
    assert "1 change is ready to be sent" in seen(done(office, owner, answer))
    assert actions(office) == ["conflicts.resolved"]


def test_what_a_shop_refused_says_why_and_is_tried_again(office: Office, owner: Browser) -> None:
    shop = office.world.shop
    shop.refused["A"] = Rejected("The price is odd.")
    made(office, owner)
    shown = seen(approved(office, owner))
    assert "rows are not in place" in shown and "The price is odd." in shown
    shop.refused.clear()
    answer = owner.post("runs/1/retry")
    assert "Every change of this run is in place." in seen(done(office, owner, answer))


def test_who_only_looks_is_offered_nothing_to_do(office: Office, owner: Browser) -> None:
    made(office, owner)
    viewer = office.sign_in(Role.VIEWER)
    shown = seen(viewer.get("plan"))
    assert "ready to be sent" in shown
    assert "Approve" not in shown and "Make it anew" not in shown
