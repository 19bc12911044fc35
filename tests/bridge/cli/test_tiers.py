"""`tiers`: who has which, who would gain or lose one, and what a person gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bridge.db import Database
from bridge.members.models import Member, MemberEmail
from bridge.orders.models import HandledOrder
from bridge.tiers.service import review

from .conftest import Cli, Shops

ADA, BEN = "ada@example.com", "ben@example.com"
PROGRAMME = """
programme: Acme
currency: EUR
groups:
  silver: {name: Silver, base: General}
tiers:
  silver:
    name: Silver
    group: silver
    reach: {items: 100}
    window: {months: 12}
    grace: {days: 30}
  gold: {name: Gold, reach: {spend: 5000}}
"""


@pytest.fixture
def tiered(cli: Cli, shops: Shops, opened: Database, tmp_path: Path) -> Cli:
    """Ada bought 250 pieces a month ago; Ben never bought anything."""
    cli.add()
    path = tmp_path / "programme.yaml"
    path.write_text(PROGRAMME)
    cli.ok("program", "load", str(path))
    now = datetime.now(UTC)
    with opened.writing() as session:
        for email in (ADA, BEN):
            member = Member(workspace_id=1, joined_at=now - timedelta(days=400))
            session.add(member)
            session.flush()
            assert member.id is not None
            session.add(
                MemberEmail(workspace_id=1, email=email, member_id=member.id, is_confirmed=True)
            )
        bought = now - timedelta(days=30)
        session.add(
            HandledOrder(
                installation_id=1,
                order_id="1",
                workspace_id=1,
                number="1",
                store_id="1",
                member_id=1,
                placed_at=bought,
                changed_at=bought,
                fetched_at=bought,
                currency="EUR",
                net_total=40_000,
                items=250_000,
                content="{}",
            )
        )
    return cli


def test_preview_shows_who_would_move_and_moves_nobody(tiered: Cli) -> None:
    (found,) = tiered.json("tiers", "preview")
    assert (found["member"], found["from"], found["to"]) == (ADA, "", "silver")
    assert found["change"] == "up"
    assert [one["members"] for one in tiered.json("tiers", "list")] == [0, 0]


def test_preview_of_a_day_to_come_shows_who_falls(tiered: Cli, opened: Database) -> None:
    review(opened, 1, lambda: datetime.now(UTC))
    assert "Nobody would change tier." in tiered.ok("tiers", "preview")
    day = datetime.now(UTC) + timedelta(days=380)
    (found,) = tiered.json("tiers", "preview", "--on", f"{day:%Y-%m-%d}")
    assert (found["from"], found["change"]) == ("silver", "in grace")
    assert found["ends_at"] is not None


def test_a_tier_given_by_hand_and_taken_back(tiered: Cli) -> None:
    tiered.ok("tiers", "give", BEN, "gold", "--until", "2999-12-31")
    listed = {one["tier"]: one for one in tiered.json("tiers", "list")}
    assert (listed["gold"]["members"], listed["gold"]["given_by_hand"]) == (1, 1)
    assert "no tier" in tiered.ok("tiers", "by-rules", BEN)
    listed = {one["tier"]: one for one in tiered.json("tiers", "list")}
    assert (listed["gold"]["members"], listed["silver"]["members"]) == (0, 1)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("give", ADA, "platinum"), 'no tier "platinum"; it has silver, gold'),
        (("give", ADA, "gold", "--until", "2001-01-01"), "over already"),
        (("give", "nobody@example.com", "gold"), "nobody@example.com"),
    ],
)
def test_what_cannot_be_is_one_clear_line(tiered: Cli, args: tuple[str, ...], said: str) -> None:
    assert said in tiered.error("tiers", *args)


def test_a_programme_without_tiers_says_so(cli: Cli) -> None:
    assert "no tiers" in cli.error("tiers", "list")
