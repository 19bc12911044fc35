"""`campaigns`, `rewards`, `members join` and `leave` on the command line."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "campaigns"))
sys.path.insert(0, str(Path(__file__).parents[1] / "vouchers"))
sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))

from campaign_world import CampaignWorld

from bridge.cli import main
from bridge.config import Settings
from bridge.db import Database
from bridge.kit.clock import utc_now
from bridge.kit.encryption import generate_key
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.models import MemberEmail


class Shell:
    def __init__(self, world: CampaignWorld) -> None:
        self.world = world
        (row,) = world.rows("SELECT key FROM workspaces WHERE id = :w")
        self._workspace = row[0]

    def __call__(self, *args: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["--workspace", self._workspace, *args])
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.stderr

    def json(self, *args: str) -> Any:
        return json.loads(self(*args, "--json"))


@pytest.fixture
def shell(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Shell:
    """Ada has 250 points, Bob none and no store; neither shop can be reached."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{name.upper()}", raising=False)
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", database_url)
    monkeypatch.setenv("LOYALTY_BRIDGE_HOME", str(tmp_path))
    monkeypatch.setenv("LOYALTY_BRIDGE_KEYS", generate_key())
    world = CampaignWorld(database, now=utc_now() - timedelta(days=2))
    today = f"{utc_now():%Y-%m-%d}"
    world.programme(
        {},
        campaigns={"day": {"on": today, "give": {"amount": "7.50"}}},
        next_purchase={"again": {"give": {"share": 3}, "order": 50}},
        rewards={"ticket": {"name": "Day at the fair", "points": 100, "stock": 1}},
        joining={"invited": True},
    )
    ada = world.registered("ada", joined=world.now)
    bob = world.member((0, "bob"), joined=world.now)
    with database.writing() as session:
        for member, name in ((ada, "ada"), (bob, "bob")):
            session.add(
                MemberEmail(
                    workspace_id=world.workspace,
                    email=f"{name}@example.com",
                    member_id=member,
                    is_confirmed=True,
                )
            )
        adjust(session, world.workspace, ada, Adjustment("a", 250, "", ""), world.now)
    return Shell(world)


def test_a_campaign_is_foreseen_then_given_to_who_was_taken_in(shell: Shell) -> None:
    assert shell.json("campaigns", "run", "day", "--dry-run")["members"] == 0
    for name in ("ada", "bob"):
        assert "takes part." in shell("members", "join", f"{name}@example.com")
    assert "takes part already" in shell("members", "join", "ada@example.com")
    with shell.world.database.writing() as session:
        # Taken in today, they joined today: put it back to yesterday.
        session.connection().exec_driver_sql(
            "UPDATE joining_words SET at = "
            f"(SELECT min(loaded_at) FROM programme_versions) WHERE workspace_id = "
            f"{shell.world.workspace}"
        )
    foreseen = shell.json("campaigns", "run", "day", "--dry-run")
    assert (foreseen["gives"], foreseen["members"]) == ("7.5 EUR", 1)
    assert foreseen["by_store"] == {"north/de": 1}
    assert "bob@example.com" in shell("campaigns", "run", "day", "--dry-run")
    assert "day: 1 vouchers" in shell("campaigns", "run", "day")
    assert shell.json("campaigns", "run", "day")["vouchers"] == 0
    day, again = shell.json("campaigns", "list")
    assert (day["vouchers"], day["members"], day["used"]) == (1, 1, 0)
    assert (again["occasion"], again["gives"]) == ("an order from 50 EUR", "3 % of the order")
    assert "There is no campaign `dya`. Did you mean `day`?" in shell(
        "campaigns", "run", "dya", code=1
    )


def test_a_reward_is_taken_and_provided(shell: Shell) -> None:
    who = "ada@example.com"
    assert "takes no part" in shell("rewards", "claim", who, "ticket", code=1)
    shell("members", "join", who)
    claimed = shell.json("rewards", "claim", who, "ticket", "--request", "web-1")
    assert (claimed["points"], claimed["state"], claimed["is_new"]) == (100, "open", True)
    assert "told before" in shell("rewards", "claim", who, "ticket", "--request", "web-1")
    assert "not in stock any more" in shell("rewards", "claim", who, "ticket", code=1)
    (waiting,) = shell.json("rewards", "queue")
    assert (waiting["who"], waiting["name"]) == (who, "Day at the fair")
    number = str(waiting["claim"])
    assert f"{who} has Day at the fair." in shell("rewards", "fulfil", number, "--note", "Seat 4")
    assert "Nothing is to be provided." in shell("rewards", "queue")
    assert shell.json("rewards", "queue", "--all")[0]["note"] == "Seat 4"
    assert "is fulfilled since" in shell("rewards", "cancel", number, code=1)
    (listed,) = shell.json("rewards", "list")
    assert (listed["left"], listed["provided"], listed["is_offered"]) == (0, 1, False)
    assert "Day at the fair (sold out)" in shell("rewards", "list")


def test_who_leaves_is_out_until_he_is_taken_in_again(shell: Shell) -> None:
    who = "ada@example.com"
    shell("members", "join", who)
    assert "takes no part" not in shell("members", "show", who)
    assert "takes no part." in shell("members", "leave", who)
    assert "takes no part" in shell("members", "show", who)
    assert "had left already" in shell("members", "leave", who)
    assert "takes no part" in shell("rewards", "claim", who, "ticket", code=1)
    assert shell.json("members", "join", who)["is_new"]
