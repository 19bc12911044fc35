"""`users`: who may sign in, and links that let people in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from bridge.api_tokens.scopes import Scope
from bridge.api_tokens.service import make_token
from bridge.audit.service import Actor, entries
from bridge.db import Database
from bridge.users.links import look
from bridge.users.models import LinkPurpose, User, UserSession
from bridge.users.roles import Role
from bridge.users.service import grant, make_user
from bridge.users.sessions import start_session

from .conftest import Cli


@pytest.fixture
def ada(cli: Cli, opened: Database) -> str:
    """The only owner, signed in."""
    now = datetime.now(UTC)
    with opened.writing() as session:
        user = make_user(session, "ada@example.com", "Ada", "", now)
        assert user.id is not None
        grant(session, 1, user.id, Role.OWNER, "a test", now)
        start_session(session, user.id, now, client="A test", address="127.0.0.1")
    return "ada@example.com"


@pytest.fixture
def ben(ada: str, opened: Database) -> str:
    """Support, who adjusts up to 500."""
    now = datetime.now(UTC)
    with opened.writing() as session:
        user = make_user(session, "ben@example.com", "Ben", "", now)
        assert user.id is not None
        grant(session, 1, user.id, Role.SUPPORT, "a test", now, adjust_limit=500)
    return "ben@example.com"


def actions(opened: Database) -> list[tuple[str, str]]:
    with opened.reading() as session:
        found = entries(session, 1, kind="user")
        assert all(one.actor.endswith("by command") for one in found)
        return [(one.action, one.subject) for one in reversed(found)]


def test_nobody_is_told_where_the_first_one_comes_from(cli: Cli) -> None:
    assert "`loyalty-bridge run` prints a link" in cli.ok("users", "list")


def test_list(cli: Cli, ben: str) -> None:
    cli.ok("users", "invite", "cleo@example.com", "--role", "sales")
    text = cli.ok("users", "list")
    assert "ben@example.com\tBen\tsupport\t500\toff" in text
    assert "Invited: cleo@example.com as sales" in text
    told = cli.json("users", "list")
    assert [(one["email"], one["role"]) for one in told["users"]] == [
        ("ada@example.com", "owner"),
        ("ben@example.com", "support"),
    ]
    assert told["invited"][0]["email"] == "cleo@example.com"


def test_an_invitation_leads_to_the_web_app(
    cli: Cli, ada: str, opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOYALTY_BRIDGE_PUBLIC_URL", "https://loyalty.example.com/")
    link = cli.ok("users", "invite", "Cleo@Example.com", "--role", "manager").strip()
    assert link.startswith("https://loyalty.example.com/welcome/")
    with opened.reading() as session:
        found = look(session, link.rsplit("/", 1)[1], datetime.now(UTC))
    assert (found.email, found.role) == ("cleo@example.com", "manager")
    assert actions(opened) == [("user.invited", "cleo@example.com")]
    assert "no e-mail address" in cli.error("users", "invite", "cleo")


def test_a_link_for_who_forgot_his_password(cli: Cli, ada: str, opened: Database) -> None:
    link = cli.json("users", "link", ada, "--without-factor")["link"]
    assert link.startswith("http://127.0.0.1:8700/welcome/")
    with opened.reading() as session:
        found = look(session, link.rsplit("/", 1)[1], datetime.now(UTC))
    assert (found.purpose, found.email, found.role) == (
        LinkPurpose.PASSWORD,
        ada,
        "without-factor",
    )
    assert actions(opened) == [("user.password-link", ada)]
    assert "Nobody signs in as zoe@example.com" in cli.error("users", "link", "zoe@example.com")


def test_a_role_is_changed_and_the_limit_stays(cli: Cli, ben: str, opened: Database) -> None:
    told = cli.json("users", "role", ben, "manager")
    assert (told["role"], told["adjust_limit"]) == ("manager", 500)
    assert cli.json("users", "role", ben, "support", "--adjust-limit", "50")["adjust_limit"] == 50
    assert cli.json("users", "role", ben, "support", "--no-adjust-limit")["adjust_limit"] is None
    with opened.reading() as session:
        newest = entries(session, 1, kind="user")[0]
    assert (newest.before, newest.after) == ({"adjust limit": 50}, {"adjust limit": None})


@pytest.mark.parametrize(
    "command", [("role", "viewer"), ("remove", "--yes"), ("disable",)], ids=lambda one: one[0]
)
def test_the_only_owner_stays(cli: Cli, ben: str, command: tuple[str, ...]) -> None:
    name, *more = command
    assert "only owner" in cli.error("users", name, "ada@example.com", *more)


def test_who_is_removed_sees_nothing_of_it(cli: Cli, ben: str, opened: Database) -> None:
    assert cli("users", "remove", ben).exit_code == 2  # nobody can be asked here
    cli.ok("users", "remove", ben, "--yes")
    assert [one["email"] for one in cli.json("users", "list")["users"]] == ["ada@example.com"]
    assert "sees nothing of this workspace" in cli.error("users", "remove", ben, "--yes")
    assert actions(opened) == [("user.removed", ben)]


def test_who_removes_somebody_hears_of_the_tokens_he_made(
    cli: Cli, ben: str, opened: Database
) -> None:
    now = datetime.now(UTC)
    with opened.writing() as session:
        for name, maker in (("ERP", "Ben <ben@example.com>"), ("Till", "Ada <ada@example.com>")):
            make_token(session, 1, name, [Scope.READ_MEMBERS], Actor(maker), now)
    told = cli("users", "remove", ben, "--yes").stderr
    assert "go on working: ERP." in told
    assert "Till" not in told


def test_who_is_disabled_is_signed_out_until_he_is_enabled(
    cli: Cli, ada: str, ben: str, opened: Database
) -> None:
    cli.ok("users", "role", ben, "owner")
    cli.ok("users", "disable", ada)
    with opened.reading() as session:
        assert session.exec(select(UserSession)).all() == []
        assert session.exec(select(User.is_disabled).where(User.email == ada)).one() is True
    assert "is disabled" in cli("users", "link", ada).stderr
    cli.ok("users", "enable", ada)
    with opened.reading() as session:
        assert session.exec(select(User.is_disabled).where(User.email == ada)).one() is False
    assert [action for action, _ in actions(opened)] == [
        "user.role-changed",
        "user.disabled",
        "user.password-link",
        "user.enabled",
    ]
