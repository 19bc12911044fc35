"""A merchant who writes to his members, a clock to set, and a mail server on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from referral_world import TERMS, ReferralWorld
from sqlmodel import select

from bridge.audit.service import Actor
from bridge.db import Database
from bridge.letters.models import Letter, LetterKind
from bridge.letters.sending import Sent
from bridge.mailing.sending import send_letters
from bridge.points.book import Book, Cause
from bridge.points.granting import earn
from bridge.points.models import Holder
from bridge.preferences.sections import Letters
from bridge.preferences.service import preferences, set_preferences
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Voucher, VoucherKind
from bridge.vouchers.stores import store_with_id

EARNING = {"rules": {"base": {"kind": "spend", "points": 1, "per": 1}}}
TIERS = {
    "silver": {"name": "Silver", "reach": [{"spend": 100}]},
    "gold": {"name": "Gold", "reach": [{"spend": 1000}]},
}


class LetterWorld(ReferralWorld):
    """Every kind of letter is switched on, and what was before is no news."""

    def __init__(self, database: Database, home: Path, smtp_url: str) -> None:
        super().__init__(database, home, smtp_url)
        self.programme(TERMS, tiers=TIERS)
        self.prefer(kinds=frozenset(LetterKind), imprint="Acme Ltd\n1 Shop Street")
        self.work()

    def prefer(self, **values: Any) -> None:
        with self.database.writing() as session:
            now = preferences(session, self.workspace, Letters)
            wanted = Letters.model_validate(now.model_dump() | values)
            set_preferences(session, self.workspace, wanted, Actor("test"), self.now)

    def work(self, **later: Any) -> Sent:
        """``later``: how much time passes before."""
        self.now += timedelta(**later)
        return send_letters(self.app, "worker")

    def letters(self) -> Sequence[Letter]:
        with self.database.reading() as session:
            return session.exec(select(Letter).order_by(Letter.id)).all()  # type: ignore[arg-type]

    def told(self) -> list[tuple[str, str]]:
        return [(letter.kind, letter.state) for letter in self.letters()]

    # -- causes -------------------------------------------------------------------------------

    def give(
        self,
        member: int,
        points: int,
        source: str,
        *,
        expires: datetime | None = None,
        occurred: datetime | None = None,
    ) -> None:
        """Points that can be spent at once."""
        with self.database.writing() as session:
            book = Book(session, self.workspace, self.now)
            account = book.open([(Holder.MEMBER, member)])[(Holder.MEMBER, member)]
            when = occurred or self.now
            lot = book.new_lot(
                account, (0, "activity", source, ""), when, expires_at=expires, is_ripe=True
            )
            earn(book, account, lot, points, Cause("activity", source, when, rule="r"))
            book.write()

    def voucher(
        self,
        member: int,
        source: str = "o1",
        kind: VoucherKind = VoucherKind.CASHBACK,
        source_kind: str = "order",
        *,
        is_there: bool = True,
        **worth: Any,
    ) -> Voucher:
        with self.database.writing() as session:
            store = store_with_id(session, self.workspace, self.shops["north"], "1")
            assert store is not None
            secret = workspace_secret(session, self.workspace, self.app.keyring, self.now)
            new = NewVoucher(
                kind, source_kind, source, store, rule="thanks", member_id=member, **worth
            )
            made = issue(session, self.workspace, secret, new, self.now)
            made.is_there = is_there
            session.add(made)
            return made


def text_of(message: EmailMessage) -> str:
    return body(message, "plain")


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    content: str = part.get_content()
    return content.replace("\r\n", "\n")
