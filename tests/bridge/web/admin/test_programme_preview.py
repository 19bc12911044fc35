"""What a change would have cost: reckoned in the background, shown by rule, saved from there."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from office import Browser, Office, seen
from sqlmodel import select
from werkzeug.test import TestResponse

sys.path.insert(0, str(Path(__file__).parents[2] / "earning"))

from ledger_world import line, order

from bridge.audit.service import Actor
from bridge.earning.handling import News, handle_orders
from bridge.installations.models import Installation
from bridge.members.models import Member, MemberCustomer
from bridge.programme.editing import from_text, present, save
from bridge.users.roles import Role
from bridge.web.jobs import EXTENSION

TEXT = """\
programme: Acme
currency: EUR
points:
  rules:
    base: {per_amount: {points: 1, each: 1}}
    birthday: {birthday: 100}
redemption: {rate: {points: 100, amount: 1}, step: 1}
"""


def write(office: Office, text: str, based_on: int) -> None:
    app = office.application
    with app.database.writing() as session:
        draft = from_text(session, app.workspace_id, text)
        save(session, app.workspace_id, draft, based_on, Actor("Bob"), "", app.now())


@pytest.fixture
def sold(office: Office) -> Office:
    """Ada bought for 250 in the month before this one."""
    write(office, TEXT, 0)
    app = office.application
    month = app.now().replace(day=1) - timedelta(days=10)
    at = datetime(month.year, month.month, 15, tzinfo=UTC)
    with app.database.writing() as session:
        shop = session.exec(select(Installation)).one()
        member = Member(workspace_id=app.workspace_id, joined_at=at)
        session.add(member)
        session.flush()
        assert shop.id is not None and member.id is not None
        session.add(
            MemberCustomer(
                installation_id=shop.id,
                customer_id="c1",
                workspace_id=app.workspace_id,
                member_id=member.id,
                email="ada@example.com",
                linked_at=at,
                linked_by="test",
            )
        )
        session.flush()
        news = News(shop.id, order("1", line("a", 250), placed=at), at, app.now())
        assert handle_orders(session, app.workspace_id, [news], app.now()) == [True]
    return office


def asked(office: Office, browser: Browser) -> TestResponse:
    """The result of a preview of twice the points."""
    month = (office.application.now().replace(day=1) - timedelta(days=10)).strftime("%Y-%m")
    text = TEXT.replace("points: 1, each", "points: 2, each")
    sent = {"text": text, "version": "1", "why": "Twice", "do": "preview", "month": month}
    begun = browser.post("programme/text", sent)
    assert begun.status_code == 303
    job_id = begun.location.rsplit("/", 1)[1]
    office.app.extensions[EXTENSION].wait(job_id)
    return browser.follow(browser.get(begun.location))


def test_a_change_is_previewed_and_then_saved(sold: Office) -> None:
    browser = sold.sign_in()
    result = asked(sold, browser)
    told = seen(result)
    assert "Points as the programme is 250 €2.50" in told
    assert "Points with your change 500 €5.00" in told
    assert "base 250 500 +250 1" in told
    assert "1 member gets another number" in told
    assert "Rules that are not about orders: birthday" in told
    assert "points / rules / base / per_amount / points 1 2" in told
    assert _number(sold) == 1, "a preview saves nothing"

    answer = browser.post(result.request.path, {"why": "Twice the points"})
    assert "Saved as version 2" in seen(browser.follow(answer))
    assert _number(sold) == 2


def test_who_previewed_is_told_when_somebody_saved_meanwhile(sold: Office) -> None:
    browser = sold.sign_in()
    result = asked(sold, browser)
    write(sold, TEXT.replace("step: 1", "step: 2"), 1)
    answer = browser.post(result.request.path, {"why": ""})
    assert answer.status_code == 422
    assert "Bob stored version 2" in seen(answer)
    assert _number(sold) == 2


def test_a_preview_is_no_page_of_those_who_only_look(sold: Office) -> None:
    result = asked(sold, sold.sign_in())
    assert sold.sign_in(Role.VIEWER).get(result.request.path).status_code == 403
    assert sold.sign_in().get("programme/previews/other").status_code == 404


def _number(office: Office) -> int:
    with office.application.database.reading() as session:
        return present(session, office.application.workspace_id).number
