"""The web app over what the story left: an owner to sign in as, and one more shop to connect."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass

from bridge.application import Application
from bridge.demo.stage import Stage
from bridge.engine.bench import open_bench
from bridge.engine.embedded import EmbeddedEngine
from bridge.engine.schedule import steps
from bridge.plugins import sandboxes
from bridge.users.passwords import hashed
from bridge.users.roles import Role
from bridge.users.service import grant, make_user
from bridge.web import create_app, serve

OWNER = "owner@example.com"
NEW_SHOP = "shopware"
"""The platform of the shop that is still to be connected."""
_GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Office:
    url: str
    email: str
    password: str
    shop_url: str
    shop_credentials: Mapping[str, str]
    """What the third shop wants, by the names of the fields."""


@contextmanager
def office(scene: Stage) -> Iterator[Office]:
    """Serves the web app and works for it, as `run` does, until the block ends."""
    with ExitStack() as stack:
        app = stack.enter_context(Application.open(scene.settings))
        bench = stack.enter_context(closing(open_bench(app)))
        engine = EmbeddedEngine(bench, steps(app.settings))
        web = create_app(
            app,
            on_signal=lambda installation_id: engine.wake("fetch", installation_id),
            problem=engine.problem,
            wake=engine.wake,
        )
        serving = stack.enter_context(serve(web))
        app.settings = app.settings.model_copy(update={"public_url": serving.url})
        sandbox = sandboxes()[NEW_SHOP]
        shop = stack.enter_context(sandbox.serve())
        password = secrets.token_urlsafe(12)
        _hire(app, password)
        engine.start()
        stack.callback(engine.stop, _GRACE_SECONDS)
        yield Office(serving.url, OWNER, password, shop.url, sandbox.credentials)


def _hire(app: Application, password: str) -> None:
    now = app.now()
    password_hash = hashed(password)
    with app.database.writing() as session:
        user = make_user(session, OWNER, "Olga Owner", password_hash, now)
        assert user.id is not None
        grant(session, app.workspace_id, user.id, Role.OWNER, "the demo", now)
