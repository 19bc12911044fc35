"""Members in front of their own pages: Ada and Bob of a merchant with one shop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from office import Browser, Office, seen
from people import People
from sqlmodel import col, select

from bridge.application import Application
from bridge.mailing.addressee import addresses
from bridge.member_sign_in.models import MemberCode
from bridge.member_sign_in.secrets import address_hash, code_of
from bridge.member_sign_in.sessions import Comer, start_session
from bridge.vouchers.codes import workspace_secret

__all__ = ["Club", "MemberBrowser", "seen"]


class MemberBrowser(Browser):
    """One person's, on the pages below ``/m/``."""

    ROOT: ClassVar[str] = "m"

    def _look_for_token(self) -> None:
        self.get("more")
        if not self._token:
            self.get("sign-in")


@dataclass
class Club:
    office: Office
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.office)

    @property
    def app(self) -> Application:
        return self.office.application

    def browser(self) -> MemberBrowser:
        """Of nobody yet."""
        return MemberBrowser(self.office.app.test_client(), self.app.workspace)

    def sign_in(self, member_id: int) -> MemberBrowser:
        """By a session; how people come in is tested in one place."""
        browser = self.browser()
        name, token = self.cookie(member_id)
        browser.client.set_cookie(name, token)
        return browser

    def cookie(self, member_id: int) -> tuple[str, str]:
        """Its name and what it holds."""
        app = self.app
        with app.database.writing() as session:
            (email, *_) = addresses(session, app.workspace_id, member_id)
            comer = Comer(member_id, address_hash(app.workspace_id, email))
            token = start_session(session, app.workspace_id, comer, app.now())
        return f"member-{app.workspace_id}", token

    def last_code(self) -> str:
        """That was asked for: what the letter would say."""
        app = self.app
        with app.database.writing() as session:
            secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
            row = session.exec(select(MemberCode).order_by(col(MemberCode.id).desc())).first()
            assert row is not None
            return code_of(secret, app.workspace_id, row.nonce)
