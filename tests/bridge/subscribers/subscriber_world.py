"""A merchant with other systems, things that happen to members, and a clock to set."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from referral_world import ReferralWorld
from sqlmodel import select

from bridge.audit.service import Actor
from bridge.db import Database
from bridge.points.book import Book, Cause
from bridge.points.granting import earn
from bridge.points.models import Holder, Place
from bridge.rewards.models import RewardClaim
from bridge.subscribers.event_types import EventType
from bridge.subscribers.models import Subscriber, SubscriberMessage
from bridge.subscribers.sending import SentMessages, send_messages
from bridge.subscribers.service import NewSubscriber, WithSecret, add, named
from bridge.subscribers.walking import find_events
from bridge.tiers.models import TierChange
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Ending, Voucher, VoucherKind, VoucherState
from bridge.vouchers.stores import store_with_id

ADA = Actor("Ada <ada@acme.example>")


class SubscriberWorld(ReferralWorld):
    def __init__(self, database: Database, home: Path) -> None:
        super().__init__(database, home)
        self.programme()
        self._given = self.people = 0

    def pass_(self, **later: Any) -> None:
        self.now += timedelta(**later)

    def subscribe(
        self,
        url: str,
        name: str = "erp",
        types: Collection[EventType] = tuple(EventType),
        **new: Any,
    ) -> WithSecret:
        new.setdefault("is_public_only", False)
        with self.database.writing() as session:
            wanted = NewSubscriber(name, url, types, **new)
            return add(session, self.workspace, wanted, self.app.keyring, ADA, self.now)

    def work(self, **later: Any) -> SentMessages:
        """``later``: how much time passes before."""
        self.pass_(**later)
        find_events(self.app)
        return send_messages(self.app, "worker")

    def subscriber(self, name: str = "erp") -> Subscriber:
        with self.database.reading() as session:
            return named(session, self.workspace, name)

    def messages(self, name: str = "") -> Sequence[SubscriberMessage]:
        with self.database.reading() as session:
            rows = session.exec(select(SubscriberMessage).order_by(SubscriberMessage.id)).all()  # type: ignore[arg-type]
            names = {one.id: one.name for one in session.exec(select(Subscriber)).all()}
        return [one for one in rows if not name or names[one.subscriber_id] == name]

    # -- what happens -----------------------------------------------------------------------

    def give(self, member: int, points: int = 10, *, at: datetime | None = None) -> None:
        """``at``: on the clock of whoever writes it."""
        self._given += 1
        source, now = str(self._given), at or self.now
        with self.database.writing() as session:
            book = Book(session, self.workspace, now)
            account = book.open([(Holder.MEMBER, member)])[(Holder.MEMBER, member)]
            lot = book.new_lot(account, (0, "activity", source, ""), now, is_ripe=True)
            earn(book, account, lot, points, Cause("activity", source, now, rule="review"))
            book.write()

    def spend(self, member: int, points: int) -> None:
        self._given += 1
        with self.database.writing() as session:
            book = Book(session, self.workspace, self.now)
            account = book.open([(Holder.MEMBER, member)])[(Holder.MEMBER, member)]
            (lot, *_) = book.lots(account)
            cause = Cause("voucher", str(self._given), self.now)
            book.post(account, lot, Place.AVAILABLE, Place.REDEEMED, points, "spend", cause)
            book.write()

    def change_tier(self, member: int, before: str = "", after: str = "gold") -> None:
        with self.database.writing() as session:
            session.add(
                TierChange(
                    workspace_id=self.workspace,
                    member_id=member,
                    before=before,
                    after=after,
                    at=self.now,
                )
            )

    def voucher(self, member: int) -> int:
        """Its code is not in the shop yet."""
        self._given += 1
        with self.database.writing() as session:
            store = store_with_id(session, self.workspace, self.shops["north"], "1")
            assert store is not None
            secret = workspace_secret(session, self.workspace, self.app.keyring, self.now)
            source = str(self._given)
            kind = VoucherKind.CASHBACK
            new = NewVoucher(
                kind, "order", source, store, rule="r", member_id=member, amount=Decimal(5)
            )
            made = issue(session, self.workspace, secret, new, self.now)
            session.flush()
            assert made.id is not None
            return made.id

    def change_voucher(self, voucher_id: int, **values: Any) -> None:
        with self.database.writing() as session:
            row = session.get(Voucher, voucher_id)
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)

    def ready(self, voucher_id: int) -> None:
        self.change_voucher(voucher_id, is_there=True, ready_at=self.now)

    def end(self, voucher_id: int) -> None:
        state, ending = VoucherState.ENDED.value, Ending.EXPIRED.value
        self.change_voucher(voucher_id, state=state, ending=ending, ended_at=self.now)

    def use(self, voucher_id: int) -> None:
        self.change_voucher(voucher_id, state=VoucherState.USED.value, used_at=self.now)

    def claim(self, member: int) -> int:
        self.give(member)
        self._given += 1
        with self.database.writing() as session:
            book = Book(session, self.workspace, self.now)
            account = book.open([(Holder.MEMBER, member)])[(Holder.MEMBER, member)]
            row = RewardClaim(
                workspace_id=self.workspace,
                request_id=str(self._given),
                reward="ticket",
                name="A ticket",
                member_id=member,
                account_id=account.id,
                points=10,
                claimed_at=self.now,
            )
            session.add(row)
            session.flush()
            assert row.id is not None
            return row.id

    def decide(self, claim_id: int, state: str) -> None:
        with self.database.writing() as session:
            row = session.get(RewardClaim, claim_id)
            assert row is not None
            row.state, row.decided_at = state, self.now
            session.add(row)
