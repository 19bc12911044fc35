"""A merchant whose members have vouchers, rewards and referrals, and what somebody with a
database client did to each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from corrupted import Merchant
from ledger_world import line, order
from sqlalchemy import text
from sqlmodel import Session
from voucher_world import CENT, ONE_A_EURO, VoucherWorld, paid_with

from bridge.application import Application
from bridge.config import Settings
from bridge.kit.encryption import generate_key
from bridge.points.book import Book, Cause
from bridge.points.granting import earn
from bridge.points.models import Holder
from bridge.reconciling.findings import Report
from bridge.reconciling.service import reconcile
from bridge.referrals.models import PartnerOrder, Referral, ReferralCode, ReferralState
from bridge.rewards.claiming import Claiming, claim
from bridge.rewards.fulfilling import fulfil
from bridge.rewards.models import RewardClaim
from bridge.vouchers.models import Voucher, VoucherKind

TICKET = {"name": "Day at the fair", "points": 100}
POINTS = 1000


@dataclass
class Bought(VoucherWorld):
    """Every member has 1,000 points, and does one thing with them."""

    numbers: int = field(default=0)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.programme(
            {**ONE_A_EURO, "ripen": {"after": "paid", "days": 0}},
            redemption=CENT,
            rewards={"ticket": TICKET},
            rates=[{"currency": "USD", "from": "2026-01-01", "rate": "0.8"}],
        )

    def someone(self) -> tuple[int, str]:
        """A member, and his customer id in ``north``."""
        self.numbers += 1
        customer = f"v{self.numbers}"
        return self.saver(POINTS, (0, customer)), customer

    # -- what members do --------------------------------------------------------------------

    def open_one(self) -> Voucher:
        voucher = self.redeem(self.someone()[0], 500).voucher
        self.deliver()
        return voucher

    def used_one(self) -> Voucher:
        member, customer = self.someone()
        voucher = self.redeem(member, 500).voucher
        self.deliver()
        self.sells(paid_with(voucher, f"o-{customer}", took="5", customer=customer))
        self.deliver()
        return voucher

    def ended_one(self) -> Voucher:
        voucher = self.redeem(self.someone()[0], 500).voucher
        self.withdraw(voucher)
        return voucher

    def claimed(self, *, is_provided: bool = False) -> RewardClaim:
        member = self.someone()[0]
        asked = Claiming(f"claim-{member}", member, "ticket")
        with self.database.writing() as session:
            made = claim(session, self.workspace, asked, self.now).claim
        if is_provided:
            with self.database.writing() as session:
                fulfil(session, self.workspace, made.id or 0, "test", "", self.now)
        return made

    def referred(self, points: int = 300) -> int:
        """A friend who bought, and points for it (0: not yet); the referral's id."""
        member, customer = self.someone()
        bought = order(f"friend-{customer}", line("a", 50), customer=f"friend-{customer}")
        self.sells(bought)
        with self.database.writing() as session:
            code = ReferralCode(
                workspace_id=self.workspace,
                member_id=member,
                code=f"CODE{customer}{self.workspace}".upper(),
                made_at=self.now,
            )
            session.add(code)
            session.flush()
            assert code.id is not None
            made = Referral(
                workspace_id=self.workspace,
                code_id=code.id,
                email=bought.email,
                installation_id=self.shops[0],
                store_id="1",
                state=(ReferralState.REWARDED if points else ReferralState.ORDERED).value,
                asked_at=self.now,
                confirmed_at=self.now,
                order_id=bought.id,
                ordered_at=self.now,
                decided_at=self.now if points else None,
                decided_by="rules" if points else "",
                reward_points=points,
            )
            session.add(made)
            session.flush()
            assert made.id is not None
            if points:
                self._thank(session, member, made.id, points)
            return made.id

    def _thank(self, session: Session, member: int, referral_id: int, points: int) -> None:
        book = Book(session, self.workspace, self.now)
        account = book.open([(Holder.MEMBER, member)])[Holder.MEMBER, member]
        source = (0, "referral", str(referral_id), "")
        lot = book.new_lot(account, source, self.now, is_ripe=True)
        cause = Cause("referral", str(referral_id), self.now, line=str(member), rule="referrals")
        earn(book, account, lot, points, cause)
        book.write()

    def partner_order(self, points: int) -> str:
        _, customer = self.someone()
        self.sells(order(f"p-{customer}", line("a", 50), customer=customer))
        referral = self.referred()
        with self.database.writing() as session:
            code_id = session.get_one(Referral, referral).code_id
            session.add(
                PartnerOrder(
                    installation_id=self.shops[0],
                    order_id=f"p-{customer}",
                    workspace_id=self.workspace,
                    code_id=code_id,
                    points=points,
                    changed_at=self.now,
                )
            )
        return f"p-{customer}"

    # -- what somebody with a client does, and what is said of it ---------------------------

    tamper = Merchant.tamper
    _guards = Merchant._guards

    def sql(self, statement: str, **values: Any) -> None:
        with self.database.writing() as session:
            session.execute(text(statement), values)

    def reconcile(self, home: Path, *, repair: bool = False) -> Report:
        settings = Settings(home=home, keys=generate_key())
        app = Application(
            settings, self.database, self.workspace, platforms={}, now=lambda: self.now
        )
        return reconcile(app, ask_shops=False, repair=repair)

    def state(self) -> dict[str, list[Any]]:
        """What a member could notice."""
        asked = (
            "SELECT holder_id, available, reserved, debt FROM accounts WHERE workspace_id = :w",
            "SELECT id, state, is_wanted, is_there, pool_id FROM vouchers WHERE workspace_id = :w",
            "SELECT voucher_id, order_id, taken_minor, is_cancelled FROM voucher_uses"
            " WHERE workspace_id = :w",
            "SELECT id, state, points, account_id, member_id, name FROM reward_claims"
            " WHERE workspace_id = :w",
            "SELECT reward, taken FROM reward_stocks WHERE workspace_id = :w",
            "SELECT id, state, reward_points, reward_voucher_id FROM referrals"
            " WHERE workspace_id = :w",
        )
        return {
            query: sorted((tuple(row) for row in self.rows(query)), key=repr) for query in asked
        }


@dataclass(frozen=True)
class Harm:
    name: str
    check: str
    prepare: Callable[[Bought], Any]
    """What is right, before; what it gives names it to ``do``."""
    do: Callable[[Bought, Any], None]
    cause: str = "past the bridge"
    restores: bool = True


def _row(change: str) -> Callable[[Bought, Voucher], None]:
    return lambda shops, voucher: shops.sql(
        f"UPDATE vouchers SET {change} WHERE id = :id", id=voucher.id
    )


def _gone(kind: str, effect: str) -> Callable[[Bought, Any], None]:
    return lambda shops, one: shops.tamper(
        f"DELETE FROM entries WHERE workspace_id = :w AND source_kind = '{kind}'"
        f" AND effect = '{effect}' AND source_id = '{one.id}'"
    )


def _captured_again(shops: Bought, voucher: Voucher) -> None:
    """The book says twice that it was paid, and nobody's balance does."""
    names = (
        "workspace_id, account_id, lot_id, debit, credit, points, effect, installation_id,"
        " source_kind, source_id, source_line, rule, occurred_at, posted_at, why"
    )
    shops.sql(
        f"INSERT INTO entries ({names}, revision) SELECT {names}, 40 FROM entries"
        f" WHERE source_kind = 'voucher' AND effect = 'capture' AND source_id = '{voucher.id}'"
    )


def _use_made_up(order_id: str) -> Callable[[Bought, Voucher], None]:
    def do(shops: Bought, voucher: Voucher) -> None:
        shops.sql(
            "INSERT INTO voucher_uses (voucher_id, order_id, installation_id, workspace_id,"
            " order_number, placed_at, taken_minor, is_cancelled, returned_millionths, noticed_at)"
            f" SELECT id, '{order_id}', installation_id, workspace_id, 'made-up', made_at, 500,"
            " FALSE, 0, made_at FROM vouchers WHERE id = :id",
            id=voucher.id,
        )

    return do


def _use(change: str) -> Callable[[Bought, Voucher], None]:
    return lambda shops, voucher: shops.sql(
        f"UPDATE voucher_uses SET {change} WHERE voucher_id = :id", id=voucher.id
    )


def _end_put_back(shops: Bought, voucher: Voucher) -> None:
    with shops.database.writing() as session:
        session.get_one(Voucher, voucher.id).valid_until = shops.now - timedelta(days=2)


def _other_pool(shops: Bought, voucher: Voucher) -> None:
    other = shops.redeem(shops.someone()[0], 500, "south/us").voucher
    shops.sql("UPDATE vouchers SET pool_id = :p WHERE id = :id", p=other.pool_id, id=voucher.id)


def _referral(change: str) -> Callable[[Bought, int], None]:
    return lambda shops, id_: shops.sql(f"UPDATE referrals SET {change} WHERE id = :id", id=id_)


def _thanked_twice(shops: Bought, referral: int) -> None:
    voucher = shops.issue(
        kind=VoucherKind.REFERRER, source_kind="referral", source_id=str(referral)
    )
    assert voucher.id is not None


def _claim(change: str) -> Callable[[Bought, RewardClaim], None]:
    return lambda shops, one: shops.sql(
        f"UPDATE reward_claims SET {change} WHERE id = :id", id=one.id
    )


def _order_told_wrong(shops: Bought, voucher: Voucher) -> None:
    """The mirror forgot that the order was cancelled."""
    (row,) = shops.rows("SELECT order_id FROM voucher_uses WHERE voucher_id = :v", v=voucher.id)
    shops.sql("DELETE FROM voucher_uses WHERE order_id = :o", o=row.order_id)


HARMS = (
    Harm("reserving deleted", "voucher-points", Bought.open_one, _gone("voucher", "reserve")),
    Harm("capture deleted", "voucher-points", Bought.used_one, _gone("voucher", "capture")),
    Harm(
        "release deleted",
        "voucher-state",
        Bought.ended_one,
        _gone("voucher", "release"),
        restores=False,
    ),
    Harm(
        "reserving of a used one deleted",
        "entry-unheld",
        Bought.used_one,
        _gone("voucher", "reserve"),
    ),
    Harm("capture copied", "entry-unheld", Bought.used_one, _captured_again),
    Harm("points raised", "voucher-points", Bought.open_one, _row("points = 700"), restores=False),
    Harm("called used", "voucher-state", Bought.open_one, _row("state = 'used'")),
    Harm("called ended", "voucher-state", Bought.open_one, _row("state = 'ended'"), restores=False),
    Harm("called open though used", "voucher-state", Bought.used_one, _row("state = 'open'")),
    Harm("called open though ended", "voucher-state", Bought.ended_one, _row("state = 'open'")),
    Harm("use deleted", "voucher-use", Bought.used_one, _order_told_wrong),
    Harm("use on no order", "voucher-use", Bought.open_one, _use_made_up("nowhere")),
    Harm("use on another's order", "voucher-use", Bought.open_one, _use_made_up("bystander")),
    Harm("use called cancelled", "voucher-use", Bought.used_one, _use("is_cancelled = TRUE")),
    Harm("use called returned", "voucher-use", Bought.used_one, _use("returned_millionths = 9000")),
    Harm("code not wanted", "voucher-code", Bought.open_one, _row("is_wanted = FALSE")),
    Harm("code wanted again", "voucher-code", Bought.used_one, _row("is_wanted = TRUE")),
    Harm(
        "end put back",
        "voucher-overdue",
        Bought.open_one,
        _end_put_back,
        restores=False,
    ),
    Harm("hung elsewhere", "voucher-pool", Bought.open_one, _other_pool, restores=False),
    Harm("called provided", "reward-state", Bought.claimed, _claim("state = 'fulfilled'")),
    Harm(
        "called cancelled",
        "reward-state",
        lambda shops: shops.claimed(is_provided=True),
        _claim("state = 'cancelled'"),
    ),
    Harm(
        "claim's reserving deleted",
        "reward-points",
        Bought.claimed,
        _gone("reward", "reserve"),
    ),
    Harm(
        "claim deleted",
        "reward-missing",
        Bought.claimed,
        lambda shops, one: shops.sql("DELETE FROM reward_claims WHERE id = :id", id=one.id),
    ),
    Harm(
        "stock counted wrong",
        "reward-stock",
        Bought.claimed,
        lambda shops, one: shops.sql("UPDATE reward_stocks SET taken = taken + 3"),
    ),
    Harm("thanks noted wrong", "referral-reward", Bought.referred, _referral("reward_points = 5")),
    Harm(
        "thanks forgotten",
        "referral-reward",
        Bought.referred,
        _referral("state = 'ordered', reward_points = 0"),
    ),
    Harm(
        "thanks made up",
        "referral-reward",
        lambda shops: shops.referred(0),
        _referral("state = 'rewarded', reward_points = 900"),
    ),
    Harm("thanked twice", "referral-twice", Bought.referred, _thanked_twice, restores=False),
    Harm(
        "credit noted wrong",
        "partner-points",
        lambda shops: shops.partner_order(0),
        lambda shops, id_: shops.sql(
            "UPDATE partner_orders SET points = 77 WHERE order_id = :o", o=id_
        ),
    ),
)


def ready(shops: Bought) -> None:
    """An order that no voucher paid for."""
    _, customer = shops.someone()
    shops.sells(order("bystander", line("a", 80), customer=customer))
