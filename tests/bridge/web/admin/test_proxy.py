"""Behind a proxy that speaks HTTPS with visitors, and plainly with the bridge."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask
from office import Office
from toyshop import World

from bridge.application import Application
from bridge.users.passwords import hashed
from bridge.users.service import make_user
from bridge.web import create_app
from bridge.web.serving import Serving, serve

HOST = "loyalty.example.com"
BY_HTTPS = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.9"}
RIGHT = "a right and long password"


@pytest.fixture
def serving(office: Office) -> Iterator[Serving]:
    """Whatever comes from 127.0.0.1 comes from the proxy."""
    with serve(outside(office.world), trusted_proxy="127.0.0.1") as running:
        yield running


def outside(world: World) -> Flask:
    app = world.app
    settings = app.settings.model_copy(update={"public_url": f"https://{HOST}"})
    return create_app(
        Application(settings, app.database, app.workspace_id, platforms=app.platforms, now=app.now)
    )


def ask(
    serving: Serving, path: str, headers: dict[str, str], body: str | None = None
) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection(serving.host, serving.port, timeout=10)
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    finally:
        connection.close()


def test_who_came_by_https_is_told_to_stay_with_it(serving: Serving) -> None:
    answer, _ = ask(serving, "/sign-in", BY_HTTPS)
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    answer, _ = ask(serving, "/sign-in", {**BY_HTTPS, "X-Forwarded-Proto": "http"})
    assert "Strict-Transport-Security" not in answer.headers


def test_others_cannot_say_that_they_came_by_https(office: Office) -> None:
    with serve(office.app, trusted_proxy="192.0.2.1") as running:
        answer, _ = ask(running, "/sign-in", BY_HTTPS)
    assert answer.status == 200
    assert "Strict-Transport-Security" not in answer.headers


def test_signing_in_through_the_proxy(office: Office, serving: Serving) -> None:
    with office.application.database.writing() as session:
        make_user(session, "ada@example.com", "Ada", hashed(RIGHT), office.application.now())
    answer, page = ask(serving, "/sign-in", BY_HTTPS)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-bridge=") and "; Secure" in cookie
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    headers = {
        **BY_HTTPS,
        "Cookie": cookie.partition(";")[0],
        "Referer": f"https://{HOST}/sign-in",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = {"csrf_token": token[1], "email": "ada@example.com", "password": RIGHT}
    answer, _ = ask(serving, "/sign-in", headers, urlencode(form))
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    answer, _ = ask(
        serving, "/sign-in", {**headers, "Referer": "https://evil.example/"}, urlencode(form)
    )
    assert answer.status == 400
