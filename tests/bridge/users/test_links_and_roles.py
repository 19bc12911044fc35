"""Links work once and for some time; a workspace is never left without an owner; sessions end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from bridge.db import Database
from bridge.users import links
from bridge.users.models import LinkPurpose
from bridge.users.roles import PERMISSIONS, Permission, Role
from bridge.users.service import (
    LastOwner,
    colleagues,
    grant,
    granted,
    make_user,
    set_disabled,
    take_away,
)
from bridge.users.sessions import (
    IDLE,
    LONGEST,
    end_sessions,
    see,
    sessions_of,
    signed_in,
    start_session,
)
from bridge.workspaces.service import ensure_workspace, workspace_id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def workspace(database: Database) -> int:
    with database.writing() as session:
        ensure_workspace(session, "acme", NOW)
        return workspace_id(session, "acme")


def user(database: Database, email: str) -> int:
    with database.writing() as session:
        found = make_user(session, email, "", "", NOW)
        assert found.id is not None
        return found.id


def owner(database: Database, workspace: int, email: str) -> int:
    found = user(database, email)
    with database.writing() as session:
        grant(session, workspace, found, Role.OWNER, "a test", NOW)
    return found


def test_the_owners_link_is_made_until_there_is_one(database: Database, workspace: int) -> None:
    with database.writing() as session:
        first = links.owner_link(session, workspace, NOW)
        second = links.owner_link(session, workspace, NOW)
    assert first and second
    with database.reading() as session:
        with pytest.raises(links.DeadLink):
            links.look(session, first, NOW)
        assert links.look(session, second, NOW).purpose is LinkPurpose.OWNER
        with pytest.raises(links.DeadLink):
            links.look(session, second, NOW + timedelta(hours=24))
    owner(database, workspace, "ada@example.com")
    with database.writing() as session:
        assert links.owner_link(session, workspace, NOW) is None
        with pytest.raises(links.DeadLink):
            links.use(session, second, NOW)


def test_of_many_who_follow_a_link_at_once_one_may_use_it(
    database: Database, workspace: int
) -> None:
    with database.writing() as session:
        token = links.invitation(session, workspace, "bob@example.com", Role.SUPPORT, "Ada", NOW)

    def follow(_: int) -> bool:
        try:
            with database.writing() as session:
                links.use(session, token, NOW)
        except links.DeadLink:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(follow, range(8))) == 1


def test_the_last_owner_can_neither_go_nor_become_less(database: Database, workspace: int) -> None:
    ada = owner(database, workspace, "ada@example.com")
    for change in (
        lambda session: grant(session, workspace, ada, Role.MANAGER, "Ada", NOW),
        lambda session: take_away(session, workspace, ada),
    ):
        with pytest.raises(LastOwner), database.writing() as session:
            change(session)
    bob = owner(database, workspace, "bob@example.com")

    def leave(one: int) -> bool:
        try:
            with database.writing() as session:
                take_away(session, workspace, one)
        except LastOwner:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(leave, [ada, bob])) == [False, True]
    with database.reading() as session:
        (left,) = colleagues(session, workspace)
    with pytest.raises(LastOwner), database.writing() as session:
        set_disabled(session, left.user, is_disabled=True)


def test_a_user_sees_the_workspaces_he_was_given(database: Database, workspace: int) -> None:
    ada = owner(database, workspace, "ada@example.com")
    with database.writing() as session:
        ensure_workspace(session, "other", NOW)
        other = workspace_id(session, "other")
        grant(session, other, ada, Role.VIEWER, "an agency", NOW)
        shown = [(one.workspace, one.role) for one in granted(session, ada)]
    assert shown == [("acme", Role.OWNER), ("other", Role.VIEWER)]


def test_a_session_ends_by_silence_by_age_and_by_hand(database: Database) -> None:
    ada = user(database, "ada@example.com")
    with database.writing() as session:
        token = start_session(session, ada, NOW, client="A browser", address="192.0.2.1")
    moment = NOW
    with database.writing() as session:
        while moment < NOW + LONGEST - IDLE / 2:
            moment += IDLE / 2
            found = signed_in(session, token, moment)
            assert found is not None
            see(session, found.session_id, moment)
        assert signed_in(session, token, NOW + LONGEST) is None

    with database.writing() as session:
        moment = NOW + LONGEST * 2
        token = start_session(session, ada, moment)
        assert signed_in(session, token, moment + IDLE) is None
        assert len(sessions_of(session, ada, moment)) == 1
        end_sessions(session, ada)
        assert signed_in(session, token, moment) is None
        assert signed_in(session, "forged", moment) is None


def test_who_is_disabled_is_out_at_once(database: Database) -> None:
    ada = user(database, "ada@example.com")
    with database.writing() as session:
        token = start_session(session, ada, NOW)
        found = signed_in(session, token, NOW)
        assert found is not None
        set_disabled(session, found.user, is_disabled=True)
        assert signed_in(session, token, NOW) is None


@pytest.mark.parametrize(
    ("role", "lacks"),
    [
        (Role.OWNER, set()),
        (Role.MANAGER, {Permission.CHANGE_USERS, Permission.CHANGE_SETTINGS}),
        (Role.SALES, set(Permission) - {Permission.SEE_ACCOUNTS, Permission.REDEEM}),
        (
            Role.VIEWER,
            set(Permission) - {Permission.LOOK, Permission.SEE_MEMBERS, Permission.SEE_ACCOUNTS},
        ),
    ],
)
def test_what_each_role_may_not(role: Role, lacks: set[Permission]) -> None:
    assert set(Permission) - PERMISSIONS[role] == lacks
