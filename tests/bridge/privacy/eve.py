"""A merchant with two shops, and Eve, of whom every table that can know somebody knows something.
Next to her there is Bo, who must stay as he is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from ledger_world import START, line, order, refund
from sqlalchemy import text
from voucher_world import CENT, VoucherWorld

from bridge.application import Application
from bridge.approvals.models import WaitingChange
from bridge.audit.service import Actor, Subject, record
from bridge.balances import queue as balances
from bridge.config import Settings
from bridge.consents.service import LETTERS, note
from bridge.db import Database
from bridge.earning.arriving import activity_handler, orders_handler
from bridge.inbox.handling import handle_queue
from bridge.inbox.models import Cursor
from bridge.inbox.storing import Fetched, store
from bridge.kit.encryption import generate_key
from bridge.letters.models import Letter
from bridge.member_sign_in.models import MemberSession
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.arriving import handle_customer
from bridge.members.models import IdentityQuestion, MemberEmail, Segment
from bridge.outbox.models import Binding, Delivery, Run
from bridge.points.models import Account
from bridge.privacy import erasing
from bridge.privacy.models import Erasure
from bridge.reconciling.findings import Finding
from bridge.reconciling.service import reconcile
from bridge.referrals.models import Referral, ReferralCode
from bridge.rewards.models import RewardClaim
from bridge.tiers.service import review
from bridge.users.models import User, UserAccount
from bridge.vouchers.arriving import with_uses
from bridge.vouchers.models import VoucherKind
from connectors.base import Customer
from connectors.sales import Activity, ActivityKind, Order

NORTH, SOUTH = "shopper-0c7f-eve-north", "shopper-99b1-eve-south"
EMAIL, OLD_EMAIL, FRIEND = "eve@moon.example", "eve.old@moon.example", "bo@sun.example"
VAT, COMPANY = "DE811223344", "Moonlight Trading eK"
WORDS = (NORTH, SOUTH, EMAIL, OLD_EMAIL, VAT, COMPANY)
ADMIN = Actor("Ann Admin <ann@shop.example>")
POINTS: dict[str, Any] = {
    "rules": {"base": {"per_amount": {"points": 1, "each": 1}}, "review": {"review": 50}},
    "ripen": {"after": "paid", "days": 14},
}
TIERS: dict[str, Any] = {"silver": {"name": "Silver", "reach": {"spend": 50}}}


class Eve(VoucherWorld):
    def __init__(self, database: Database, home: Path) -> None:
        super().__init__(database)
        settings = Settings(home=home, keys=generate_key())
        self.app = Application(
            settings, database, self.workspace, platforms={}, now=lambda: self.now
        )
        self.programme(POINTS, tiers=TIERS, redemption=CENT)
        for shop, id_ in ((0, NORTH), (1, SOUTH)):
            self.registers(shop, id_, EMAIL)
        self.registers(0, "shopper-bo", FRIEND)
        self.eve, self.bo = (self.member_of(one) for one in (EMAIL, FRIEND))
        self.buys("100", 100)
        self.buys("101", 60, SOUTH, shop=1)
        self.buys("102", 40, "shopper-bo", email=FRIEND)
        self.later(days=20)
        self.buys("103", 30)
        self.knows_her_everywhere()
        self.settles()

    # -- what she and Bo do -----------------------------------------------------------------

    def registers(self, shop: int, id_: str, email: str) -> None:
        told = Customer(
            id_,
            email,
            "1",
            "1",
            START,
            self.now,
            company=COMPANY if email == EMAIL else "",
            vat_id=VAT if email == EMAIL else "",
        )
        self.comes(told, shop)

    def buys(
        self, id_: str, worth: int, customer: str = NORTH, *, shop: int = 0, **other: Any
    ) -> Order:
        fields = {"email": EMAIL, "company": COMPANY, "vat_id": VAT, **other}
        if customer == "shopper-bo":
            fields |= {"company": "", "vat_id": ""}
        one = order(id_, line("a", worth), customer=customer, placed=self.now, **fields)
        self.comes(one, shop)
        return one

    def gives_back(self, id_: str, worth: int, customer: str = NORTH, *, at: Any) -> None:
        told = order(id_, line("a", worth), customer=customer, placed=at, email=EMAIL, vat_id=VAT)
        back = refund("r" + id_, ("a", 1, worth), at=self.now)
        self.comes(replace(told, refunds=(back,), changed_at=self.now))

    def comes(self, told: Any, shop: int = 0, *, handle: bool = True) -> None:
        at = told.changed_at if isinstance(told, Order) else self.now
        with self.database.writing() as session:
            store(session, self.workspace, self.shops[shop], [Fetched(told, at, self.now)])
        if handle:
            self.works()

    def works(self) -> None:
        handlers = {
            "customer": handle_customer,
            "order": self._order,
            "activity": activity_handler,
        }
        handle_queue(self.database, self.workspace, handlers, lambda: self.now)  # type: ignore[arg-type]

    def _order(self, session: Any, arrived: Any, now: Any) -> Any:
        """With the vouchers on it."""
        [outcome] = with_uses(orders_handler, self.odd.append)(session, [arrived], now)
        return outcome

    def member_of(self, email: str) -> int:
        [row] = self.rows(
            "SELECT member_id FROM member_emails WHERE workspace_id = :w AND email = :e", e=email
        )
        return int(row.member_id)

    # -- what is known of her ---------------------------------------------------------------

    def knows_her_everywhere(self) -> None:
        review_ = Activity(
            "rev-1", ActivityKind.REVIEW, self.now, True, customer_id=NORTH, subject="p"
        )
        self.comes(review_)
        self.comes(Activity(NORTH, ActivityKind.NEWSLETTER, self.now, False, email=EMAIL))
        self.paid_with = self.redeem(self.eve, 100).voucher
        self.deliver()
        self.issue(
            kind=VoucherKind.FRIEND,
            member_id=None,
            email=OLD_EMAIL,
            source_kind="referral",
            source_id="9",
        )
        self.buys_as_guest("104", OLD_EMAIL)
        with self.database.writing() as session:
            adjust(session, self.workspace, self.eve, Adjustment("a1", 25, "gift", "y"), self.now)
            note(session, self.workspace, self.eve, LETTERS, self.now, is_given=True, way="page")
            self.fill(session)

    def buys_as_guest(self, id_: str, email: str) -> None:
        one = order(id_, line("a", 5), customer="", placed=self.now, email=email, is_guest=True)
        self.comes(one)

    def fill(self, session: Any) -> None:
        """Rows that no service of this world writes."""
        w, north = self.workspace, self.shops[0]
        user = User(email=f"ann{w}@shop.example", name="Ann", created_at=START)
        run = Run(workspace_id=w, number=1, kind="apply", created_at=START, finished_at=START)
        code = ReferralCode(workspace_id=w, member_id=self.bo, code=f"BOBO{w}", made_at=START)
        session.add_all([user, run, code])
        session.flush()
        session.add_all(
            [
                MemberEmail(workspace_id=w, email=OLD_EMAIL, member_id=self.eve, is_confirmed=True),
                UserAccount(workspace_id=w, user_id=user.id, member_id=self.eve, given_at=START),
                Segment(workspace_id=w, member_id=self.eve, segment="best", since=START),
                IdentityQuestion(
                    workspace_id=w,
                    kind="address",
                    subject=f"{north}/{NORTH}",
                    about=OLD_EMAIL,
                    asked_at=START,
                ),
                Delivery(
                    workspace_id=w,
                    installation_id=north,
                    run_id=run.id,
                    stage=1,
                    batch="",
                    kind="customer",
                    key=NORTH,
                    label=f"{EMAIL} (General -> Silver)",
                    state="done",
                ),
                Binding(workspace_id=w, installation_id=north, kind="customer", key=NORTH),
                WaitingChange(
                    workspace_id=w,
                    action="points.adjust",
                    subject_kind="member",
                    subject_id=str(self.eve),
                    subject=EMAIL,
                    arguments={"reason": f"asked by {EMAIL}"},
                    limit="100 points",
                    asked_by=user.id,
                    asked_at=START,
                ),
                Letter(
                    workspace_id=w,
                    kind="welcome",
                    cause="1",
                    member_id=self.eve,
                    details={"to": EMAIL},
                    made_at=START,
                    not_before=START,
                ),
                MemberSession(
                    workspace_id=w,
                    token_hash=f"t{w}",
                    member_id=self.eve,
                    installation_id=north,
                    customer_id=NORTH,
                    started_at=START,
                    seen_at=START,
                    ends_at=START + timedelta(days=900),
                ),
                Referral(
                    workspace_id=w,
                    code_id=code.id,
                    email=OLD_EMAIL,
                    mailbox=OLD_EMAIL,
                    state="refused",
                    asked_at=START,
                ),
            ]
        )
        account = session.exec(
            text("SELECT id FROM accounts WHERE holder_id = :m AND workspace_id = :w"),
            params={"m": self.eve, "w": w},
        ).scalar_one()
        session.add(
            RewardClaim(
                workspace_id=w,
                request_id="q1",
                reward="mug",
                name="Mug",
                member_id=self.eve,
                account_id=account,
                points=5,
                state="cancelled",
                claimed_at=START,
                note=f"send it to {EMAIL}",
            )
        )
        subject = Subject("member", str(self.eve), EMAIL)
        record(session, w, ADMIN, "member.changed", subject, START, after={"email": EMAIL})
        other = Subject("voucher", "7", f"of {EMAIL.upper()}")
        record(session, w, ADMIN, "voucher.withdrawn", other, START, before={"for": [OLD_EMAIL]})

    def settles(self) -> None:
        review(self.database, self.workspace, lambda: self.now)
        with self.database.writing() as session:
            balances.enqueue(session, self.workspace, [self.shops[0]])
            for shop in self.shops:
                session.add(
                    Cursor(
                        installation_id=shop,
                        resource="orders",
                        workspace_id=self.workspace,
                        mark_at=self.now,
                        mark_id=NORTH if shop == self.shops[0] else SOUTH,
                        complete_through=self.now - timedelta(minutes=5),
                        polled_at=self.now,
                    )
                )
        self.shops_are_told()

    def shops_are_told(self) -> None:
        """Every balance that is due is shown, as the push leaves it."""
        with self.database.writing() as session:
            session.execute(
                text(
                    "UPDATE shown_balances SET is_due = :no, shown = '{}' WHERE workspace_id = :w"
                ),
                {"no": False, "w": self.workspace},
            )

    # -- erasing and looking ----------------------------------------------------------------

    def is_erased(self) -> Erasure:
        return erasing.erase(self.database, self.workspace, self.eve, ADMIN, lambda: self.now)

    @property
    def had(self) -> int:
        """What an erasure takes: all but what is held for a voucher."""
        return 100 + 60 + 30 + 50 + 25 - 100

    def withdrawn_vouchers_are_proven(self) -> None:
        self.deliver()
        self.now += timedelta(hours=1)
        self.polled()

    def time_passes(self) -> int:
        return erasing.pass_time(self.database, self.workspace, lambda: self.now)

    def findings(self) -> list[Finding]:
        """What reconciliation says of the books; not of what these shops were shown."""
        found = reconcile(self.app, ask_shops=False).left
        return [one for one in found if not one.check.startswith(("balance-", "poll-"))]

    def account(self, member: int) -> Account:
        [row] = self.rows(
            "SELECT * FROM accounts WHERE workspace_id = :w AND holder = 'member'"
            " AND holder_id = :m",
            m=member,
        )
        return row  # type: ignore[no-any-return]

    def told(self, words: tuple[str, ...] = WORDS) -> list[str]:
        """Every place of the whole database in which one of the words stands."""
        from bridge.models import metadata

        found = []
        with self.database.reading() as session:
            for table in metadata.sorted_tables:
                for row in session.connection().execute(table.select()).mappings():
                    for name, value in row.items():
                        written = (
                            value if isinstance(value, str) else json.dumps(value, default=str)
                        )
                        low = written.lower()
                        found += [
                            f"{table.name}.{name}: {word}" for word in words if word.lower() in low
                        ]
        return found
