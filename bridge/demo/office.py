"""The web app over what the story left: an owner to sign in as, one more shop to connect, a member
with points, and a mail server that keeps what he is written."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage

from pydantic import SecretStr
from sqlmodel import col, select

from bridge.application import Application
from bridge.demo.at_work import at_work
from bridge.demo.mailbox import Mailbox
from bridge.demo.stage import Stage
from bridge.mailing.addressee import addresses
from bridge.plugins import sandboxes
from bridge.points.models import Account, Holder
from bridge.users.passwords import hashed
from bridge.users.roles import Role
from bridge.users.service import grant, make_user

OWNER = "owner@example.com"
SENDER = "Sample shop <shop@example.com>"
NEW_SHOP = "shopware"
"""The platform of the shop that is still to be connected."""


@dataclass(frozen=True, slots=True)
class Office:
    url: str
    email: str
    password: str
    shop_url: str
    shop_credentials: Mapping[str, str]
    """What the third shop wants, by the names of the fields."""
    member_url: str
    """Members' own pages."""
    member_email: str
    """Of one who has points; the code that he asks for comes to the demo's mail server."""


class _Post(Mailbox):
    """Tells of each letter as it comes."""

    def __init__(self, on_letter: Callable[[EmailMessage], None]) -> None:
        super().__init__()
        self._on_letter = on_letter

    def take(self, letter: EmailMessage) -> str:
        self._on_letter(letter)
        return super().take(letter)


@contextmanager
def office(
    scene: Stage, on_letter: Callable[[EmailMessage], None] = lambda letter: None
) -> Iterator[Office]:
    """Serves the web app and works for it, as `run` does, until the block ends. ``on_letter`` is
    told each letter that the bridge sends meanwhile, in another thread; it leaves the machine
    for nobody."""
    sandbox = sandboxes()[NEW_SHOP]
    with (
        _Post(on_letter) as post,
        sandbox.serve() as shop,
        at_work(scene, smtp_url=SecretStr(post.url), mail_from=SENDER) as work,
    ):
        password = secrets.token_urlsafe(12)
        _hire(work.app, password)
        work.engine.start()
        yield Office(
            work.url,
            OWNER,
            password,
            shop.url,
            sandbox.credentials,
            f"{work.url}/m/{work.app.workspace}/",
            _member_with_points(work.app),
        )


def _member_with_points(app: Application) -> str:
    """The address of the one with the most, of those who can sign in; empty: there is none."""
    with app.database.reading() as session:
        members = session.exec(
            select(Account.holder_id)
            .where(
                col(Account.workspace_id) == app.workspace_id,
                col(Account.holder) == Holder.MEMBER.value,
            )
            .order_by(col(Account.available).desc())
        )
        found = (addresses(session, app.workspace_id, member) for member in members)
        return next((known[0] for known in found if known), "")


def _hire(app: Application, password: str) -> None:
    now = app.now()
    password_hash = hashed(password)
    with app.database.writing() as session:
        user = make_user(session, OWNER, "Olga Owner", password_hash, now)
        assert user.id is not None
        grant(session, app.workspace_id, user.id, Role.OWNER, "the demo", now)
