"""`members` and `segments` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from merchants import Merchant, merchant_in

from bridge.cli import main
from bridge.config import Settings
from bridge.db import Database

PROGRAMME = """
programme: Acme
currency: EUR
segments:
  vip:
    emails: bob@example.com
  rich:
    rfm: {spend: 1}
"""


class Shell:
    def __init__(self, merchant: Merchant) -> None:
        self.merchant = merchant

    def __call__(self, *args: str) -> Result:
        return CliRunner().invoke(main, ["--workspace", "acme", *args])

    def ok(self, *args: str) -> str:
        result = self(*args)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *args: str) -> Any:
        return json.loads(self.ok(*args, "--json"))

    def error(self, *args: str, code: int = 1) -> str:
        result = self(*args)
        assert result.exit_code == code, result.output
        return result.stderr


@pytest.fixture
def shell(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Shell:
    """Ada (shop-de 7, 10 points) and Bob (shop-de 8, 20; shop-at x, 3)."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{name.upper()}", raising=False)
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", database_url)
    monkeypatch.setenv("LOYALTY_BRIDGE_HOME", str(tmp_path))
    merchant = merchant_in(database)
    merchant.arrives("7", "ada@example.com")
    merchant.arrives("8", "bob@example.com")
    merchant.arrives("x", "bob@example.com", shop=2)
    merchant.order("7", points=10)
    merchant.order("8", points=20)
    merchant.order("x", shop=2, points=3)
    return Shell(merchant)


def test_list_finds_by_a_part_of_what_people_know(shell: Shell) -> None:
    ada, bob = shell.merchant.member("7"), shell.merchant.member("8")
    for search, expected in (
        ([], [ada, bob]),
        (["BOB"], [bob]),
        (["x"], [ada, bob]),  # part of both addresses
        (["8"], [bob]),
        (["nobody"], []),
        (["_"], []),
        (["--limit", "1"], [ada]),
    ):
        assert [one["member"] for one in shell.json("members", "list", *search)] == expected
    assert "bob@example.com\t2\t\t\t23\t0" in shell.ok("members", "list")


def test_show_tells_all_of_one(shell: Shell) -> None:
    told = shell.json("members", "show", "Bob@Example.com")
    assert told["points"] == {"available": 23, "pending": 0}
    assert [(one["store"], one["customer"]) for one in told["customers"]] == [
        ("shop-at", "x"),
        ("shop-de", "8"),
    ]
    assert shell.json("members", "show", f"#{told['member']}") == told
    assert "23 available" in shell.ok("members", "show", "bob@example.com")


@pytest.mark.parametrize("who", ["nobody@example.com", "#99", "99999999999999999999", ""])
def test_whom_nobody_knows(shell: Shell, who: str) -> None:
    assert "Nobody known" in shell.error("members", "show", who)


def test_an_address_of_several_asks_for_a_number(shell: Shell) -> None:
    for customer in ("y", "z"):
        shell.merchant.arrives(customer, "new@example.com", shop=2, is_confirmed=False)
    assert "#3, #4" in shell.error("members", "show", "new@example.com")


def test_merge_asks_first_and_split_takes_it_back(shell: Shell) -> None:
    names = ("ada@example.com", "bob@example.com")
    assert "--yes" in shell.error("members", "merge", *names, code=2)
    assert shell.ok("members", "merge", *names, "--yes").endswith("33 points.\n")
    assert shell.json("members", "show", names[1])["member"] == shell.merchant.member("7")
    done = shell.ok("members", "split", names[0], "--customer", "shop-at/x", "--yes")
    assert [line.rpartition(": ")[2] for line in done.splitlines()] == ["30 points.", "3 points."]
    assert "is none of" in shell.error(
        "members", "split", names[0], "--customer", "shop-at/x", "--yes"
    )
    shell.error("members", "split", names[0], "--customer", "x", "--yes", code=2)


def test_link_by_hand(shell: Shell) -> None:
    shell.ok("members", "link", "ada@example.com", "shop-at", "x", "--yes")
    assert shell.json("members", "show", "ada@example.com")["points"]["available"] == 13
    assert "no store" in shell.error("members", "link", "ada@example.com", "s", "x", "--yes")
    assert "no customer" in shell.error(
        "members", "link", "ada@example.com", "shop-at", "q", "--yes"
    )


def test_questions_are_listed_and_answered(shell: Shell) -> None:
    assert "Nothing" in shell.ok("members", "questions")
    shell.merchant.arrives("7", "bob@example.com")
    (asked,) = shell.json("members", "questions")
    assert "Customer 7 of shop-de" in asked["question"]
    assert f"stands for member #{shell.merchant.member('8')}" in asked["question"]
    shell.ok("members", "answer", str(asked["id"]), "yes")
    assert shell.merchant.member("7") == shell.merchant.member("8")
    assert "answered before" in shell.error("members", "answer", str(asked["id"]), "no")
    assert "no question 99" in shell.error("members", "answer", "99", "no")


def test_a_company_holds_the_points_and_gives_them_back(shell: Shell) -> None:
    company = ("members", "company")
    shell.ok(*company, "make", "Muster GmbH", "--vat-id", "DE 1")
    for who in ("ada@example.com", "bob@example.com"):
        shell.ok(*company, "add", "muster gmbh", who)
    assert "--yes" in shell.error(*company, "hold", "DE1", code=2)
    shell.ok(*company, "hold", "DE1", "--yes")
    told = shell.json("members", "show", "ada@example.com")
    assert (told["points"]["available"], told["company_holds_points"]) == (33, True)
    assert shell.json(*company, "list") == [
        {"company": "Muster GmbH", "vat_id": "DE1", "people": 2, "holds_points": True}
    ]
    shell.ok(*company, "remove", "DE1", "bob@example.com")
    assert "--rest-to" in shell.error(*company, "release", "DE1")
    shell.ok(*company, "release", "DE1", "--rest-to", "ada@example.com")
    assert shell.json("members", "show", "ada@example.com")["points"]["available"] == 33
    assert "Did you mean" in shell.error(*company, "release", "Mustr GmbH")


def test_segments_are_computed_and_shown(shell: Shell, tmp_path: Path) -> None:
    assert "No programme" in shell.error("segments")
    file = tmp_path / "programme.yaml"
    file.write_text(PROGRAMME)
    shell.ok("program", "load", str(file))
    assert shell.json("segments") == [
        {"segment": "vip", "members": 1, "entered": 1, "left": 0},
        {"segment": "rich", "members": 0, "entered": 0, "left": 0},
    ]
    assert shell.json("segments", "--who", "vip") == [
        {"member": shell.merchant.member("8"), "emails": ["bob@example.com"]}
    ]
    assert "Did you mean `vip`" in shell.error("segments", "--who", "vipp")
