"""`subscribers`: added, tried, rotated, switched off and on, removed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.audit.service import entries
from bridge.db import Database

from .conftest import Cli

sys.path.insert(0, str(Path(__file__).parents[1] / "subscribers"))

from receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


def test_a_subscriber_from_its_beginning_to_its_end(
    cli: Cli, opened: Database, receiver: Receiver
) -> None:
    assert "There is none" in cli.ok("subscribers", "list")
    secret = cli.ok("subscribers", "add", "erp", receiver.url).splitlines()[0]
    assert secret.startswith("whsec_")
    assert "erp took it: 204" in cli.ok("subscribers", "test", "erp")
    assert receiver.got[0].is_signed_with(secret)

    new = cli.json("subscribers", "rotate", "erp")["secret"]
    cli.ok("subscribers", "test", "erp")
    assert receiver.got[1].is_signed_with(secret)
    assert receiver.got[1].is_signed_with(new)

    receiver.status, receiver.text = 400, "no such hook"
    assert "answered 400. no such hook" in cli("subscribers", "test", "erp").output
    last = cli.json("subscribers", "messages", "erp")[0]
    assert (last["type"], last["state"], last["status"]) == ("test", "failed", 400)
    assert cli.json("subscribers", "resend", str(last["id"])) == {"queued": 1}
    assert cli.json("subscribers", "messages", "--waiting")[0]["id"] == last["id"]

    assert cli.json("subscribers", "disable", "erp")["disabled"] == "by-hand"
    assert cli.json("subscribers", "enable", "erp")["disabled"] is None
    shown = json.dumps(cli.json("subscribers", "show", "erp"))
    assert secret not in shown
    assert new not in shown
    assert "removed" in cli.ok("subscribers", "remove", "erp", "--yes")
    assert cli.json("subscribers", "list") == []
    with opened.reading() as session:
        told = [one.action for one in entries(session, 1, kind="subscriber")]
    changes = ("removed", "enabled", "disabled", "tried", "tried", "rotated", "tried", "added")
    assert told == [f"subscriber.{one}" for one in changes]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", "erp", "ftp://erp.example"), "must begin with https://"),
        (("add", "erp", "https://me:secret@erp.example"), "neither a user nor a password"),
        (("add", " ", "https://erp.example"), "Name the subscriber"),
        (("add", "erp", "https://erp.example", "--type", "moon.risen"), "moon.risen"),
        (("show", "crm"), 'no subscriber "crm"'),
        (("resend", "7"), "There is no message 7"),
        (("resend",), "--failed"),
    ],
)
def test_what_is_refused_changes_nothing(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    refused = cli("subscribers", *arguments)
    assert refused.exit_code != 0
    assert said in refused.output
    assert cli.json("subscribers", "list") == []


def test_a_name_is_taken_once(cli: Cli, opened: Database) -> None:
    cli.ok("subscribers", "add", "erp", "https://erp.example/hook")
    assert "already" in cli("subscribers", "add", "erp", "https://other.example").output
