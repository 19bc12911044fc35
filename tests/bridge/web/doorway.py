"""Coming from a shop's administration, as browsers do."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bridge.audit.service import Actor, entries
from bridge.installations import service
from bridge.members.models import Member, MemberCustomer, ShopCustomer
from bridge.users import administrations
from bridge.users.roles import Role
from bridge.users.service import grant, make_user
from bridge.users.sessions import start_session
from bridge.web.admin.access import TOKEN
from bridge.workspaces.service import ensure_workspace, workspace_id
from connectors.webhooks import signature

MARK = "shopware-shop-signature"
CUSTOMER, SHOP_USER = "a" * 32, "b" * 32
HERE = {"Sec-Fetch-Site": "same-origin"}
STORE = "/w/acme/stores/1"


class Door:
    """A registered shop, whose administration people come from."""

    def __init__(self, shop: Any) -> None:
        self.shop, self.bridge, self.app = shop, shop.bridge, shop.bridge.application

    @property
    def address(self) -> str:
        return f"/shopware/{self.shop.endpoint.token}/module"

    def query(self, secret: str = "", **told: str) -> str:
        fields = {"shop-id": self.shop.shop_id, "shop-url": self.shop.url}
        fields |= {"timestamp": str(self.shop.seconds), "sw-user-id": SHOP_USER}
        fields |= {name.replace("_", "-"): value for name, value in told.items()}
        query = "&".join(f"{name}={value}" for name, value in fields.items())
        return f"{query}&{MARK}={signature(secret or self.shop.secret, query.encode())}"

    def let_in(self, role: Role | None = Role.VIEWER) -> None:
        with self.app.database.writing() as session:
            shop = service.installation(session, self.app.workspace_id, "sw")
            administrations.set_role(session, shop, role, Actor("Olga"), self.bridge.clock())

    def press(
        self, query: str = "", client: FlaskClient | None = None, **said: str
    ) -> TestResponse:
        """The button on the page in the frame."""
        return (client or self.bridge.client).post(
            self.address, data={"opened": query or self.query()}, headers={**HERE, **said}
        )

    def ticket(self) -> str:
        return ticket_of(self.press())

    def come(self) -> FlaskClient:
        """A browser that is in."""
        client = self.bridge.client
        assert enter(client, self.ticket()).location == STORE
        return client

    def staff(
        self, workspace: str = "acme", role: Role = Role.MANAGER, name: str = "Mia"
    ) -> FlaskClient:
        """A browser where somebody of that workspace is signed in."""
        now = self.bridge.clock()
        with self.app.database.writing() as session:
            ensure_workspace(session, workspace, now)
            user = make_user(session, f"{name.lower()}@acme.example", name, "", now)
            grant(session, workspace_id(session, workspace), user.id, role, "a test", now)
            token = start_session(session, user.id, now)
        client = self.bridge.client
        with client.session_transaction() as cookie:
            cookie[TOKEN] = token
        return client

    def member(self) -> None:
        """Number 1, whom the shop knows as ``CUSTOMER``."""
        now, keys = self.bridge.clock(), {"installation_id": 1, "customer_id": CUSTOMER}
        with self.app.database.writing() as session:
            keys |= {"workspace_id": self.app.workspace_id, "email": "ada@example.com"}
            person = Member(workspace_id=self.app.workspace_id, joined_at=now)
            session.add(person)
            session.flush()
            rest = {"group_id": "1", "store_id": "1", "created_at": now, "updated_at": now}
            session.add(ShopCustomer(**keys, **rest, pull=0))
            linked = {"linked_at": now, "linked_by": "email"}
            session.add(MemberCustomer(**keys, **linked, member_id=person.id))

    def log(self) -> list[Any]:
        with self.app.database.reading() as session:
            return entries(session, self.app.workspace_id)


def ticket_of(answer: TestResponse) -> str:
    assert answer.status_code == 200, answer.text
    assert "Set-Cookie" not in answer.headers, "it would end what is signed in in this browser"
    return re.findall(r'name="ticket" value="([^"]+)"', answer.text)[0]


def enter(client: FlaskClient, ticket: str, **said: str) -> TestResponse:
    return client.post("/administration", data={"ticket": ticket}, headers=said or HERE)


def csrf_of(text: str) -> str:
    return re.findall(r'name="csrf_token" value="([^"]+)"', text)[0]


def is_in(client: FlaskClient) -> bool:
    return client.get(STORE).status_code == 200
