"""The overview shows what the figures say, and what to do where a store is not well."""

from __future__ import annotations

import json
import re
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from office import Office, seen

sys.path.insert(0, str(Path(__file__).parents[2] / "figures"))

from merchant import PROGRAMME, Merchant

from bridge.figures.overview import overview
from bridge.inbox.models import Cursor
from bridge.users.roles import Role
from bridge.users.service import user_of


@pytest.fixture
def merchant(office: Office) -> Merchant:
    """Ada bought twice and has 1,500 points, of which 300 are spent; Ben bought once."""
    world = office.world
    shop = world.installations()["shop1"].id
    assert shop is not None
    found = Merchant(world.app.database, world.app.workspace_id, (shop, shop))
    world.load(PROGRAMME)
    ada, ben = found.member("ada", tier="gold"), found.member("ben")
    now = world.clock()
    for member, cents in ((ada, 10_000), (ada, 2_000), (ben, 5_000)):
        found.order(member, now - timedelta(days=3), cents)
    found.earns(ada, now - timedelta(days=2), 1_500)
    found.spends(ada, now, 300)
    return found


def drawn(html: str, chart: str) -> Any:
    found = re.search(rf'<script type="application/json" id="{chart}">(.*?)</script>', html)
    assert found is not None, chart
    return json.loads(found.group(1))


def test_figures_of_the_page_are_those_of_the_service(office: Office, merchant: Merchant) -> None:
    app = office.application
    right = overview(app.database, app.workspace_id, app.now())
    answer = office.sign_in().get("")
    text = seen(answer)
    assert right.outstanding.points == 1_200
    assert "Points outstanding 1,200 worth €12.00" in text
    assert "Bought again 50% 1 of 2 customers" in text
    assert "Value of a customer €85.00 all orders so far, without tax" in text
    points = drawn(answer.text, "points-over-time")
    assert [set_["label"] for set_ in points["data"]["datasets"]] == [
        "Earned",
        "Redeemed",
        "Expired",
    ]
    assert [sum(set_["data"]) for set_ in points["data"]["datasets"]] == [1_500, 300, 0]
    assert len(points["data"]["labels"]) == len(right.over_time.periods) == 30
    tiers = drawn(answer.text, "tiers")
    assert tiers["data"]["labels"] == ["No tier", "Gold"]
    assert "ada@example.com 1,200 0 €12.00" in text  # behind the chart of most points


def test_numbers_and_days_are_written_in_the_readers_language(
    office: Office, merchant: Merchant
) -> None:
    browser = office.sign_in()
    with office.application.database.writing() as session:
        user_of(session, "owner@acme.example").language = "de"
    answer = browser.get("?span=year")
    assert "1.200" in seen(answer) and "12,00\xa0€" in answer.text
    assert len(drawn(answer.text, "points-over-time")["data"]["labels"]) == 12


def test_a_store_that_is_not_well_says_what_to_do(office: Office, merchant: Merchant) -> None:
    now = office.world.clock()
    with office.application.database.writing() as session:
        session.add(
            Cursor(
                workspace_id=merchant.workspace_id,
                installation_id=merchant.shops[0],
                resource="order",
                polled_at=now,
                complete_through=now - timedelta(hours=30),
                failures=4,
                error="401 <b>The consumer isn't authorized</b>",
            )
        )
    answer = office.sign_in(Role.VIEWER).get("")
    text = seen(answer)
    assert "needs you" in text
    assert "The store could not be read 4 times in a row." in text
    assert "401 <b>The consumer isn't authorized</b>" in text
    assert "credentials still hold" in text
    assert "<b>The consumer" not in answer.text
    assert "What happened there in the last 1 day is not known here." in text


def test_an_empty_workspace_says_what_comes_first(office: Office) -> None:
    text = seen(office.sign_in().get(""))
    assert "First steps" in text and "Write your programme" in text
    assert "Nobody has bought yet." in text
    assert PROGRAMME["programme"] not in text
