"""`figures`: what the overview and the reports of the web app show."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.db import Database
from bridge.members.models import Member, MemberEmail
from bridge.orders.models import HandledOrder

from .conftest import Cli, Shops

PROGRAMME = """
programme: Acme
currency: EUR
timezone: Europe/Berlin
points: {rules: {base: {per_order: 10}}}
redemption: {rate: {points: 100, amount: 1}, step: 5}
tiers:
  gold: {name: Gold}
"""


@pytest.fixture
def merchant(cli: Cli, shops: Shops, opened: Database, tmp_path: Path) -> Cli:
    """Ada has 250 points by hand, and bought twice."""
    cli.add()
    path = tmp_path / "programme.yaml"
    path.write_text(PROGRAMME)
    cli.ok("program", "load", str(path))
    bought = datetime.now(UTC) - timedelta(days=3)
    with opened.writing() as session:
        member = Member(workspace_id=1, joined_at=bought, tier="gold")
        session.add(member)
        session.flush()
        assert member.id is not None
        session.add(
            MemberEmail(
                workspace_id=1, email="ada@example.com", member_id=member.id, is_confirmed=True
            )
        )
        for order_id in ("1", "2"):
            session.add(
                HandledOrder(
                    installation_id=1,
                    order_id=order_id,
                    workspace_id=1,
                    number=order_id,
                    store_id="1",
                    member_id=member.id,
                    placed_at=bought,
                    changed_at=bought,
                    fetched_at=bought,
                    currency="EUR",
                    net_total=10_000,
                    content="{}",
                )
            )
    cli.ok("points", "adjust", "ada@example.com", "+250", "--reason", "welcome", "--yes")
    return cli


def test_the_overview_says_it_all_and_is_the_json_of_the_web_app(merchant: Cli) -> None:
    said = merchant.ok("figures", "overview", "--days", "7")
    assert "shop: it was not asked for news yet" in said
    assert "250 points of 1 account, worth 2.50 EUR" in said
    assert "1 customer, of whom 1 bought again (100.0 %); one is worth 200.00 EUR" in said
    found = merchant.json("figures", "overview", "--days", "7")
    assert found["outstanding"]["value"] == {"amount": "2.50", "currency": "EUR"}
    assert len(found["over_time"]["periods"]) == 7
    assert found["over_time"]["total"]["adjusted"] == 250


def test_points_by_day_and_by_month(merchant: Cli) -> None:
    rows = merchant.ok("figures", "points", "--days", "3").splitlines()
    assert rows[0].split("\t") == ["day", "earned", "redeemed", "expired", "adjusted", "change"]
    assert [row.split("\t")[0] for row in rows[-1:]] == ["total"]
    assert len(rows) == 5
    by_month = merchant.json("figures", "points", "--months", "12", "--check")
    assert (by_month["unit"], len(by_month["periods"]), by_month["mended"]) == ("month", 12, [])
    assert by_month["total"]["change"] == 250


def test_members_and_what_they_are_worth(merchant: Cli) -> None:
    said = merchant.ok("figures", "members")
    assert "Gold\t1\t1\t100.0 %\t200.00 EUR" in said
    assert "ada@example.com\t250\t0\t2.50 EUR" in said
    found = merchant.json("figures", "members", "--fresh")
    assert found["customers"]["ever"]["per_customer"]["amount"] == "200.00"


def test_what_is_owed_in_points(merchant: Cli) -> None:
    assert "no shop\t\tnever\t250\t0\t0\t250\t2.50 EUR" in merchant.ok("figures", "liability")
    found = merchant.json("figures", "liability")
    assert (found["points"], found["value"]["amount"]) == (250, "2.50")
    assert found["cost_prices_known"] is False


def test_before_there_is_anything_to_show(cli: Cli) -> None:
    assert "No shop is connected yet" in cli.ok("figures", "overview")
    assert json.loads(cli.ok("figures", "members", "--json"))["members"] == 0
    assert "No programme was loaded yet" in cli.error("figures", "liability")
    assert cli("figures", "points", "--days", "0").exit_code == 2
