"""A merchant with two shops, members who recommend him, friends, and a clock to set."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database
from bridge.earning.handling import News, handle_orders
from bridge.installations.models import Installation, ShopFacts
from bridge.kit.encryption import generate_key
from bridge.mailing import sending as mailing
from bridge.members.models import Member, MemberCustomer, MemberEmail, ShopCustomer
from bridge.points.models import Account
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.document import Programme
from bridge.programme.emails import normal_email
from bridge.programme.models import ProgrammeVersion
from bridge.referrals.asking import Asked, ask
from bridge.referrals.codes import make_code
from bridge.referrals.confirming import Shown, confirm
from bridge.referrals.models import Referral, ReferralCode
from bridge.referrals.offers import invitation
from bridge.referrals.orders import note_orders
from bridge.referrals.rewarding import Passed, pass_time
from bridge.referrals.sending import Sent, send_letters
from bridge.referrals.tokens import token_of
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.models import Voucher
from bridge.workspaces.service import ensure_workspace, workspace_id
from connectors.sales import Money, Order, Refund, UsedCode

sys.path.insert(0, str(Path(__file__).parents[1] / "earning"))

from ledger_world import line, money, order

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = generate_key()
TERMS: dict[str, Any] = {
    "friend": {"give": {"amount": "10"}, "basket": "30", "valid": {"days": 60}},
    "referrer": {"points": 500},
    "order": "30",
    "after_days": 14,
    "most_a_month": 3,
}


@dataclass
class ReferralWorld:
    database: Database
    home: Path
    smtp_url: str = "smtp://127.0.0.1:9"
    now: datetime = START
    app: Application = field(init=False)
    shops: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        with self.database.writing() as session:
            ensure_workspace(session, "acme", START)
            self.workspace = workspace_id(session, "acme")
            self.shops = {name: self._shop(session, name) for name in ("north", "south")}
        settings = Settings(
            home=self.home,
            keys=KEY,
            workspace="acme",
            public_url="https://loyalty.example",
            smtp_url=self.smtp_url,
            mail_from="Acme <shop@acme.example>",
        )
        self.app = Application(settings, self.database, self.workspace, now=lambda: self.now)
        self._numbers = 0

    def _shop(self, session: Session, name: str) -> int:
        shop = Installation(
            workspace_id=self.workspace,
            name=name,
            platform="toy",
            url=f"http://{name}.test",
            credentials="",
            created_at=START,
        )
        session.add(shop)
        session.flush()
        assert shop.id is not None
        store = {"id": "1", "code": "main", "name": f"Acme {name.title()}", "currency": "EUR"}
        facts = ShopFacts(
            installation_id=shop.id, workspace_id=self.workspace, stores=[store], read_at=START
        )
        session.add(facts)
        return shop.id

    def programme(self, referrals: Any = TERMS, **sections: Any) -> None:
        document = Programme.model_validate(
            {"programme": "Acme", "currency": "EUR", "referrals": referrals} | sections
        )
        written = canonical_text(document)
        with self.database.writing() as session:
            number = len(session.exec(select(ProgrammeVersion.id)).all()) + 1
            session.add(
                ProgrammeVersion(
                    workspace_id=self.workspace,
                    number=number,
                    digest=digest(written),
                    document=written,
                    loaded_at=self.now - timedelta(hours=1),
                )
            )

    # -- people -----------------------------------------------------------------------------

    def member(self, email: str, *, shop: str = "north", **customer: Any) -> int:
        """A customer of a shop whom the bridge knows."""
        self._numbers += 1
        created = customer.pop("created_at", self.now)
        with self.database.writing() as session:
            member = Member(
                workspace_id=self.workspace,
                joined_at=created,
                company_id=customer.pop("company_id", None),
            )
            session.add(member)
            session.flush()
            assert member.id is not None
            key = {
                "installation_id": self.shops[shop],
                "customer_id": f"c{self._numbers}",
                "workspace_id": self.workspace,
                "email": email,
            }
            vat_id = customer.get("vat_id", "")
            session.add(
                ShopCustomer(
                    **key,
                    group_id="1",
                    store_id="1",
                    created_at=created,
                    updated_at=created,
                    pull=1,
                    **customer,
                )
            )
            session.add(
                MemberCustomer(
                    **key, member_id=member.id, linked_at=created, linked_by="new", vat_id=vat_id
                )
            )
            session.add(
                MemberEmail(
                    workspace_id=self.workspace,
                    email=email,
                    member_id=member.id,
                    is_confirmed=True,
                )
            )
            return member.id

    def customer_id(self, member: int) -> str:
        with self.database.reading() as session:
            return session.exec(
                select(MemberCustomer.customer_id).where(MemberCustomer.member_id == member)
            ).one()

    def code(self, member: int, partner: str = "", wished: str = "") -> ReferralCode:
        with self.database.writing() as session:
            return make_code(
                session, self.workspace, member, self.now, partner=partner, wished=wished
            )

    # -- the way of a friend ------------------------------------------------------------------

    def ask(self, code: str, email: str, store: str = "north/main", language: str = "en") -> None:
        with self.database.writing() as session:
            found = invitation(session, self.workspace, code, self.now)
            assert found is not None, "there is such an offer"
            place = found.place(store)
            assert place is not None
            secret = workspace_secret(session, self.workspace, self.app.keyring, self.now)
            asked = Asked(found, place, email, language)
            ask(session, self.workspace, secret, asked, self.now)

    def token(self, email: str) -> str:
        """What his letter's link carries."""
        with self.database.writing() as session:
            secret = workspace_secret(session, self.workspace, self.app.keyring, self.now)
        return token_of(secret, self.workspace, self.referral(email).nonce)

    def confirm(self, token: str) -> Shown | None:
        with self.database.writing() as session:
            secret = workspace_secret(session, self.workspace, self.app.keyring, self.now)
            return confirm(session, self.workspace, secret, token, self.now)

    def invite(self, code: str, email: str, **other: Any) -> Voucher | None:
        """The whole way to his voucher; ``None``: he got none."""
        self.ask(code, email, **other)
        found = self.confirm(self.token(email))
        assert found is not None
        return found.voucher

    def invite_typed(self, code: str, typed: str) -> str:
        """What became of an address, however it is written."""
        self.ask(code, typed)
        email = normal_email(typed)
        self.confirm(self.token(email))
        return self.state(email)

    def given_back(self, one: Order, how: str) -> Order:
        """``cancelled`` or ``returned``, now."""
        if how == "cancelled":
            return replace(one, cancelled_at=self.now, changed_at=self.now)
        whole = Refund("r", self.now, is_whole=True)
        return replace(one, refunds=(whole,), changed_at=self.now)

    def referral(self, email: str) -> Referral:
        with self.database.reading() as session:
            return session.exec(select(Referral).where(Referral.email == email)).one()

    def state(self, email: str) -> str:
        return self.referral(email).state

    def put_codes_into_shops(self) -> None:
        with self.database.writing() as session:
            for voucher in session.exec(select(Voucher)):
                voucher.is_there = voucher.is_wanted
                session.add(voucher)

    # -- orders -------------------------------------------------------------------------------

    def order(
        self,
        id_: str,
        email: str,
        worth: str = "100",
        *,
        voucher: Voucher | None = None,
        shop: str = "north",
        member: int | None = None,
        **other: Any,
    ) -> Order:
        """A guest's order now, or a member's; complete at once, if not told otherwise."""
        codes = [] if voucher is None else [voucher.code]
        codes += other.pop("codes", [])
        customer = "" if member is None else self.customer_id(member)
        one = order(
            id_,
            line("l1", worth),
            customer=customer,
            placed=other.pop("placed", self.now),
            is_guest=member is None,
            codes=tuple(UsedCode(code, Money()) for code in codes),
            **{"email": email, **other},
        )
        self.arrive(one, shop=shop)
        return one

    def arrive(self, *orders: Order, shop: str = "north") -> None:
        shop_id = self.shops[shop]
        news = [News(shop_id, one, one.changed_at, self.now) for one in orders]
        with self.database.writing() as session:
            handle_orders(session, self.workspace, news, self.now)
            note_orders(session, self.workspace, [(shop_id, one) for one in orders], self.now)

    def later(self, **by: Any) -> Passed:
        self.now += timedelta(**by)
        return pass_time(
            self.database,
            self.workspace,
            self.app.keyring,
            lambda: self.now,
            known_through=self.now,
        )

    def points(self, member: int) -> int:
        with self.database.reading() as session:
            found = session.exec(
                select(Account.available).where(
                    Account.holder == "member", Account.holder_id == member
                )
            ).first()
        return found or 0

    # -- letters ------------------------------------------------------------------------------

    def send(self) -> Sent:
        """To friends and to members."""
        friends = send_letters(self.app, "worker")
        members = mailing.send_letters(self.app, "worker")
        return Sent(friends.sent + members.sent, (*friends.problems, *members.problems))


def link_in(text: str) -> str:
    found = re.search(r"https://\S+", text)
    assert found is not None, text
    return found[0]


__all__ = ["START", "TERMS", "ReferralWorld", "line", "link_in", "money", "order"]
