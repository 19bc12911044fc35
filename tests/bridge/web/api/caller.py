"""A program that uses the API with a token."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from toyshop import World, programme
from werkzeug.test import TestResponse

from bridge.api_tokens.scopes import Scope
from bridge.api_tokens.service import Made, make_token
from bridge.audit.service import Actor
from bridge.members.addresses import claim
from bridge.members.standing import identity, make_member
from bridge.web import create_app
from bridge.workspaces.service import ensure_workspace, workspace_id

REDEEMS = programme(
    timezone="UTC",
    redemption={"rate": {"points": 100, "amount": 1}, "step": 1},
    points={"rules": {"course": {"activity": {"name": "course", "points": 50}}}},
)


@dataclass
class Caller:
    app: Flask
    token: str

    def get(self, path: str, **query: Any) -> TestResponse:
        return self.app.test_client().get(
            f"/api/v1{path}", query_string=query, headers=self._headers()
        )

    def post(self, path: str, body: Any = None, *, key: str = "") -> TestResponse:
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        return self.app.test_client().post(
            f"/api/v1{path}",
            data=json.dumps({} if body is None else body),
            content_type="application/json",
            headers=headers,
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass
class Merchant:
    world: World
    app: Flask = field(init=False)
    woken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.world.load(REDEEMS)
        self.world.pull()
        self.app = create_app(self.world.app, wake=self.woken.append)

    def member(self, email: str = "ada@example.com") -> int:
        application = self.world.app
        with application.database.writing() as session:
            found = make_member(session, application.workspace_id, application.now())
            claim(session, application.workspace_id, email, identity(found), is_confirmed=True)
            return identity(found)

    def caller(self, scopes: Iterable[Scope] = tuple(Scope), *, workspace: str = "acme") -> Caller:
        return Caller(self.app, self.make_token(scopes, workspace=workspace).token)

    def make_token(
        self, scopes: Iterable[Scope] = tuple(Scope), *, workspace: str = "acme", **more: Any
    ) -> Made:
        application, now = self.world.app, self.world.app.now()
        with application.database.writing() as session:
            ensure_workspace(session, workspace, now)
            where = workspace_id(session, workspace)
            return make_token(session, where, "till", scopes, Actor("a test"), now, **more)
