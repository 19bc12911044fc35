"""`tokens`: what opens the API."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bridge.api_tokens.service import holder
from bridge.audit.service import entries
from bridge.db import Database

from .conftest import Cli


def test_a_token_is_made_listed_and_revoked(cli: Cli, opened: Database) -> None:
    assert "There is none" in cli.ok("tokens", "list")
    token = cli.ok("tokens", "make", " till ", "--scope", "members:read").splitlines()[0]
    with opened.reading() as session:
        found = holder(session, token, datetime.now(UTC))
    assert found is not None
    assert (found.name, found.scopes) == ("till", {"members:read"})

    (listed,) = cli.json("tokens", "list")
    assert (listed["name"], listed["state"], listed["used_at"]) == ("till", "open", None)
    assert token not in json.dumps(listed)
    assert f"…{token[-4:]}" in cli.ok("tokens", "list")

    assert "opens nothing any more" in cli.ok("tokens", "revoke", str(listed["id"]))
    assert cli.json("tokens", "revoke", str(listed["id"]))["state"] == "revoked"
    with opened.reading() as session:
        assert holder(session, token, datetime.now(UTC)) is None
        told = [(one.action, one.subject) for one in entries(session, 1, kind="token")]
    assert told == [("token.revoked", "till"), ("token.made", "till")]


def test_it_ends_with_its_last_day(cli: Cli, opened: Database) -> None:
    made = cli.json("tokens", "make", "fair", "--scope", "figures:read", "--ends", "2099-12-31")
    with opened.reading() as session:
        assert holder(session, made["token"], datetime(2099, 12, 31, 23, 59, tzinfo=UTC))
        assert holder(session, made["token"], datetime(2100, 1, 1, tzinfo=UTC)) is None
    assert "2099-12-31" in cli.ok("tokens", "list")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("make", "till"), "--scope"),
        (("make", "till", "--scope", "everything"), "everything"),
        (("make", " ", "--scope", "members:read"), "Name the program"),
        (("make", "till", "--scope", "members:read", "--ends", "2001-01-01"), "a later day"),
        (("revoke", "7"), "There is no token 7"),
    ],
)
def test_what_is_refused_makes_none(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    refused = cli("tokens", *arguments)
    assert refused.exit_code != 0
    assert said in refused.output
    assert cli.json("tokens", "list") == []
