"""Staff in front of browsers: signed in, sending forms with what the pages put into them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any, ClassVar

from flask import Flask
from flask.testing import FlaskClient
from toyshop import World
from werkzeug.test import TestResponse

from bridge.application import Application
from bridge.users.roles import Role
from bridge.users.service import grant, make_user
from bridge.users.sessions import start_session
from bridge.web import create_app
from bridge.web.admin.access import TOKEN
from bridge.workspaces.service import ensure_workspace, workspace_id

_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]+>", re.DOTALL)


@dataclass
class Browser:
    """One user's. Each form it sends carries the token of a page it was shown."""

    ROOT: ClassVar[str] = "w"

    client: FlaskClient
    workspace: str
    _token: str = ""

    def path(self, below: str) -> str:
        """``members`` → ``/w/acme/members``; what begins with a slash stays."""
        return below if below.startswith("/") else f"/{self.ROOT}/{self.workspace}/{below}"

    def get(self, below: str, **options: Any) -> TestResponse:
        answer = self.client.get(self.path(below), **options)
        if found := _FIELD.search(answer.text):
            self._token = found.group(1)
        return answer

    def post(self, below: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        if not self._token:
            self._look_for_token()
        told = {"csrf_token": self._token, **(data or {})}
        answer = self.client.post(self.path(below), data=told, **options)
        if answer.status_code == 303:
            self._token = ""  # of a session that may be over
        if not answer.mimetype.startswith("text/"):
            return answer  # a file
        if found := _FIELD.search(answer.text):
            self._token = found.group(1)
        return answer

    def follow(self, answer: TestResponse) -> TestResponse:
        """Where a redirect leads; it must be one."""
        assert answer.status_code == 303, (answer.status_code, seen(answer))
        return self.get(answer.location)

    def _look_for_token(self) -> None:
        self.get("/account" if self._is_signed_in() else "/sign-in")

    def _is_signed_in(self) -> bool:
        with self.client.session_transaction() as session:
            return TOKEN in session


@dataclass
class Office:
    """A merchant's bridge and his people."""

    world: World
    app: Flask = field(init=False)
    woken: list[str] = field(default_factory=list)
    """The engine's steps that pages made work for."""

    def __post_init__(self) -> None:
        self.app = create_app(self.world.app, wake=self.woken.append)

    @property
    def application(self) -> Application:
        return self.world.app

    def browser(self) -> Browser:
        """Of nobody yet."""
        return Browser(self.app.test_client(), self.application.workspace)

    def sign_in(
        self,
        role: Role = Role.OWNER,
        *,
        email: str = "",
        workspace: str = "",
        limit: int | None = None,
    ) -> Browser:
        """``workspace``: another one than the merchant's, made when it is not there."""
        application, now = self.application, self.application.now()
        key = workspace or application.workspace
        with application.database.writing() as session:
            ensure_workspace(session, key, now)
            where = workspace_id(session, key)
            address = email or f"{role.value}@{key}.example"
            user = make_user(session, address, role.value.title(), "", now)
            assert user.id is not None
            grant(session, where, user.id, role, "a test", now, adjust_limit=limit)
            token = start_session(session, user.id, now, client="A test", address="127.0.0.1")
        browser = Browser(self.app.test_client(), key)
        with browser.client.session_transaction() as cookie:
            cookie[TOKEN] = token
        return browser


def seen(answer: TestResponse) -> str:
    """A page's text as a person reads it, spaces made one."""
    return " ".join(unescape(_TAGS.sub(" ", answer.text)).split())
