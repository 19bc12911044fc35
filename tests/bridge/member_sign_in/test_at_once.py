"""A code and a link work once, and limits hold, however many ask at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import Session

from bridge.db import Database
from bridge.installations import app_registration
from bridge.installations.models import Installation
from bridge.installations.service import installation
from bridge.kit.encryption import KeyRing, generate_key
from bridge.member_sign_in.codes import Asking, Right, ask, code_with_id, give
from bridge.member_sign_in.from_app import come
from bridge.member_sign_in.limiting import ASK_HERE
from bridge.member_sign_in.links import Followed, follow, make_key, signed_query
from bridge.member_sign_in.secrets import code_of
from bridge.member_sign_in.sessions import Comer
from bridge.members.models import Member, MemberCustomer, ShopCustomer
from bridge.workspaces.service import ensure_workspace, workspace_id
from connectors.shop_pages import SignedIn

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEYS = KeyRing([generate_key()])
SECRET = b"of the workspace"
AT_ONCE = 8


@pytest.fixture
def member(database: Database) -> int:
    """Customer 17 of shop `north`."""
    with database.writing() as session:
        ensure_workspace(session, "acme", NOW)
        workspace = workspace_id(session, "acme")
        shop = Installation(
            workspace_id=workspace,
            name="north",
            platform="toy",
            url="",
            credentials="",
            created_at=NOW,
        )
        found = Member(workspace_id=workspace, joined_at=NOW)
        session.add_all([shop, found])
        session.flush()
        assert shop.id is not None
        assert found.id is not None
        key = {
            "installation_id": shop.id,
            "customer_id": "17",
            "workspace_id": workspace,
            "email": "ada@example.com",
        }
        rest = {"group_id": "1", "store_id": "1", "created_at": NOW, "updated_at": NOW, "pull": 1}
        session.add(ShopCustomer(**key, **rest))
        session.add(MemberCustomer(**key, member_id=found.id, linked_at=NOW, linked_by="new"))
        return found.id


def at_once(database: Database, act: Callable[[Session], object]) -> list[object]:
    def one(_number: int) -> object:
        with database.writing() as session:
            return act(session)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


def test_a_code_lets_one_in(database: Database, member: int) -> None:
    with database.writing() as session:
        workspace = workspace_id(session, "acme")
        browser = ask(session, workspace, Asking("ada@example.com", member, "en", "::1"), NOW)
        assert isinstance(browser, str)
        row = code_with_id(session, workspace, 1)
        assert row is not None
        code = code_of(SECRET, workspace, row.nonce)
    found = at_once(
        database, lambda session: give(session, workspace, SECRET, browser, code, "::1", NOW)
    )
    assert sum(isinstance(one, Right) for one in found) == 1


def test_no_more_letters_go_out_than_one_after_the_other(database: Database, member: int) -> None:
    with database.writing() as session:
        workspace = workspace_id(session, "acme")
    asking = Asking("ada@example.com", member, "en", "::1")
    found = at_once(database, lambda session: ask(session, workspace, asking, NOW))
    assert sum(isinstance(one, str) for one in found) == ASK_HERE.most


def test_a_link_lets_one_in(database: Database, member: int) -> None:
    with database.writing() as session:
        workspace = workspace_id(session, "acme")
        key = make_key(session, workspace, "north", lambda: KEYS, NOW)
    at = int(NOW.timestamp())
    query = signed_query(key.secret, f"customer=17&at={at}&nonce=k3Jx9QpV7sLw2TzB").encode()
    found = at_once(
        database,
        lambda session: follow(session, workspace, key.token, query, "::1", lambda: KEYS, NOW),
    )
    assert [one.comer.member_id for one in found if isinstance(one, Followed)] == [member]


def test_a_shops_token_lets_one_in(database: Database, member: int) -> None:
    told = SignedIn("17", "1", NOW + timedelta(minutes=10), "this one")
    pages = SimpleNamespace(signed_in=lambda _secrets, _token, _now: told)
    platforms: Any = {"toy": SimpleNamespace(pages=pages)}
    with database.writing() as session:
        workspace = workspace_id(session, "acme")
        shop = installation(session, workspace, "north")
        app_registration.offer(session, shop, lambda: KEYS, NOW, base_url="https://b.example")
    found = at_once(
        database,
        lambda session: come(
            session, workspace, "north", "token", "::1", platforms, lambda: KEYS, NOW
        ),
    )
    assert [one for one in found if isinstance(one, Comer)] == [
        Comer(member, installation_id=shop.id, customer_id="17")
    ]
