"""`referral` and `referrals`: codes, exact figures, decisions."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database

sys.path.insert(0, str(Path(__file__).parents[1] / "referrals"))

from referral_world import KEY, TERMS, ReferralWorld

from .conftest import Cli

FRIEND = "friend@example.com"
CLUB = {"owner": "club@example.com", "points": 2, "each": 10}


@pytest.fixture
def world(
    sqlite_url: str,
    open_database: Callable[[str], Database],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> ReferralWorld:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{name.upper()}", raising=False)
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("LOYALTY_BRIDGE_HOME", str(tmp_path))
    monkeypatch.setenv("LOYALTY_BRIDGE_WORKSPACE", "acme")
    monkeypatch.setenv("LOYALTY_BRIDGE_KEYS", KEY)
    monkeypatch.setenv("LOYALTY_BRIDGE_PUBLIC_URL", "https://loyalty.example/")
    found = ReferralWorld(open_database(sqlite_url), tmp_path)
    found.programme(TERMS, partners={"club": CLUB})
    opened = Application.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(
        Application,
        "open",
        classmethod(lambda cls, settings: opened(cls, settings, now=lambda: found.now)),
    )
    return found


@pytest.fixture
def line(world: ReferralWorld, tmp_path: Path) -> Cli:
    world.member("ada@example.com")
    return Cli(tmp_path, CliRunner())


def test_a_member_has_one_code_and_its_link(line: Cli) -> None:
    first = line.json("referral", "code", "ada@example.com")
    assert first["link"] == f"https://loyalty.example/r/{first['code']}"
    assert line.json("referral", "code", "ada@example.com") == first
    assert line.ok("referral", "code", "#1").splitlines() == [first["code"], first["link"]]


def test_figures_are_exact(line: Cli, world: ReferralWorld) -> None:
    code = line.json("referral", "code", "ada@example.com")["code"]
    world.member("old@example.com")
    for email in ("f1@example.com", "f2@example.com", "f3@example.com", "old@example.com"):
        world.invite(code, email)
    world.ask(code, "silent@example.com")
    world.order("o1", "f1@example.com")
    gone = world.order("o2", "f2@example.com")
    world.later(days=1)
    world.arrive(world.given_back(gone, "cancelled"))
    world.later(days=14)
    found = line.json("referral", "stats", "ada@example.com")
    told: dict[str, Any] = {name: found[name] for name in ("sign_ups", "first_orders", "rewards")}
    assert told == {"sign_ups": 3, "first_orders": 1, "rewards": 1}
    assert (found["clicks"], found["asked"], found["points"]) == (0, 1, 500)
    assert "sign-ups\t3" in line.ok("referral", "stats", "ada@example.com")
    states = [one["state"] for one in line.json("referrals", "list")]
    assert states == ["asked", "known", "confirmed", "returned", "rewarded"]
    assert len(line.json("referrals", "list", "--state", "rewarded")) == 1


def test_what_is_odd_is_shown_and_decided(line: Cli, world: ReferralWorld) -> None:
    assert "Nothing waits" in line.ok("referrals", "review")
    code = line.json("referral", "code", "ada@example.com")["code"]
    for number in (1, 2):
        voucher = world.invite(code, f"f{number}@example.com")
        world.order(f"o{number}", f"other{number}@example.com", voucher=voucher)
    world.later(days=15)
    shown = line.ok("referrals", "review")
    assert "other1@example.com bought with the code that was given to f1@example.com" in shown
    ids = sorted(one["id"] for one in line.json("referrals", "review"))
    assert line("referrals", "review", "--refuse", str(ids[0])).exit_code == 2
    line.ok("referrals", "review", "--accept", str(ids[0]), "--why", "a gift")
    line.ok("referrals", "review", "--refuse", str(ids[1]), "--why", "one household")
    newest, oldest = line.json("referrals", "list")
    assert (oldest["state"], newest["state"]) == ("rewarded", "refused")
    assert newest["decided_by"].endswith("by command: one household")
    assert "is rewarded, and waits" in line.error("referrals", "review", "--accept", str(ids[0]))
    assert line.json("points", "show", "ada@example.com")["available"] == 500


def test_a_partners_code(line: Cli, world: ReferralWorld) -> None:
    args = ("referral", "code", "club@example.com", "--partner", "club", "--as", "club-10")
    assert "cannot be found" in line.error(
        "referral", "code", "ada@example.com", "--partner", "club"
    )
    world.member("club@example.com")
    assert line.json(*args)["code"] == "CLUB-10"
    world.order("o1", FRIEND, codes=["CLUB-10"])
    world.later(days=15)
    found = line.json("referral", "stats", "club@example.com")
    assert (found["partner_orders"], found["partner_points"]) == (1, 20)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("referral", "code", "nobody@example.com"), "nobody@example.com"),
        (("referral", "code", "ada@example.com", "--partner", "clup"), "Did you mean `club`?"),
        (("referral", "code", "ada@example.com", "--as", "a/b"), "cannot be a code"),
        (("referrals", "review", "--accept", "99"), "is not known"),
    ],
)
def test_what_cannot_be_is_one_clear_line(line: Cli, args: tuple[str, ...], said: str) -> None:
    assert said in line.error(*args)


def test_without_referrals_in_the_programme_nobody_gets_a_code(
    line: Cli, world: ReferralWorld
) -> None:
    world.now = world.now.replace(hour=12)
    world.programme(None)
    assert "no referrals" in line.error("referral", "code", "ada@example.com")
