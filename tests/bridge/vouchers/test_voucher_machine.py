"""Any mix of redeeming, orders, refunds, ends, exchanges, merges and crashes: what the book says
is what the orders as they are come to.

The model knows nothing of how it is done: of each voucher it knows which orders carry its code,
at their newest told state, and computes what those should have cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from ledger_world import line, money, order
from telling_machine import Sold, TellingMachine, play
from voucher_world import CENT, ONE_A_EURO, VoucherWorld

from bridge.db import Database
from bridge.members.merging import merge
from bridge.members.standing import locked_all
from bridge.points.book import NotEnoughPoints
from bridge.vouchers.ending import CannotEnd
from bridge.vouchers.models import Voucher
from bridge.vouchers.rules import NotRedeemable
from connectors.sales import Order, UsedCode

MEMBERS = 3


@dataclass
class Used(Sold):
    shop: int
    voucher: int


class VoucherMachine(TellingMachine[Used]):
    third = 30

    def __init__(self) -> None:
        super().__init__()
        self.world = VoucherWorld(self.database)
        self.world.programme(
            ONE_A_EURO,
            redemption={**CENT, "valid": {"days": 20}},
            rates=[{"currency": "USD", "from": "2026-01-01", "rate": "0.5"}],
        )
        self.members = [
            self.world.saver(3000, (0, f"c{n}"), (1, f"k{n}"), lasts=50) for n in range(MEMBERS)
        ]
        self.held: set[int] = set()
        """Vouchers whose codes are in the shops now."""
        for number, member in enumerate(self.members):
            self.world.redeem(member, 700, "north" if number else "south/us")
        self.deliver(lost=False)

    # -- points and vouchers ----------------------------------------------------------------

    @rule(member=st.integers(0, MEMBERS - 1), points=st.integers(1, 1000))
    def save(self, member: int, points: int) -> None:
        self.world.give(self.members[member], points)

    @rule(
        member=st.integers(0, MEMBERS - 1),
        value=st.integers(1, 12),
        store=st.sampled_from(["north", "south/us"]),
        request=st.integers(0, 6),
    )
    def redeem(self, member: int, value: int, store: str, request: int) -> None:
        name = f"{member}-{value}-{store}-{request}"
        try:
            self.world.redeem(self.members[member], value * 100, store, name)
        except NotEnoughPoints:
            return
        assert not self.world.redeem(self.members[member], value * 100, store, name).is_new

    @precondition(lambda self: self.world.vouchers())
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        voucher = data.draw(st.sampled_from(self.world.vouchers()))
        try:
            self.world.withdraw(voucher)
        except CannotEnd:
            assert self.last(voucher).state == "used"

    @precondition(lambda self: self.world.vouchers())
    @rule(data=st.data())
    def exchange(self, data: st.DataObject) -> None:
        voucher = data.draw(st.sampled_from(self.world.vouchers()))
        other = "north" if voucher.installation_id == self.world.shops[1] else "south/us"
        try:
            self.world.exchange(voucher, other)
        except (CannotEnd, NotRedeemable):
            assert self.world.state(voucher) != "open" or voucher.valid_until <= self.world.now

    @rule(kept=st.integers(0, 1), gone=st.integers(0, 1))
    def merge(self, kept: int, gone: int) -> None:
        keep, other = self.members[kept], self.members[MEMBERS - 1 - gone]
        if keep == other:
            return
        with self.database.writing() as session:
            both = locked_all(session, self.world.workspace, (keep, other))
            merge(session, self.world.workspace, both[keep], both[other], "test", self.world.now)
        self.members = [keep if one == other else one for one in self.members]

    # -- the shops --------------------------------------------------------------------------

    @rule(lost=st.booleans())
    def deliver(self, lost: bool) -> None:
        """``lost``: the worker died after its calls; the shops hold what it was to learn."""
        for voucher in self.world.vouchers():
            assert voucher.id
            if voucher.is_wanted:
                self.held.add(voucher.id)
            else:
                self.held.discard(voucher.id)
        if lost:
            with self.database.writing() as session:
                for voucher in self.world.vouchers():
                    if voucher.is_wanted and voucher.intended_at is None:
                        session.get_one(Voucher, voucher.id).intended_at = self.world.now
        else:
            self.world.deliver()

    @precondition(lambda self: self.held)
    @rule(data=st.data(), member=st.integers(0, MEMBERS - 1), told=st.booleans())
    def buy(self, data: st.DataObject, member: int, told: bool) -> None:
        """Whoever has the code may use it, and where shops count late, again and again."""
        voucher_id = data.draw(st.sampled_from(sorted(self.held)))
        (voucher,) = (one for one in self.world.vouchers() if one.id == voucher_id)
        shop = self.world.shops.index(voucher.installation_id)
        took = money((voucher.amount_minor or 0) // 100)
        bought = order(
            f"o{len(self.sold)}",
            line("a", 60, 3, discount=took),
            line("b", 30),
            customer=f"{'ck'[shop]}{member}",
            placed=self.world.now,
            codes=(UsedCode(voucher.code.lower(), took),),
        )
        bought = replace(bought, currency=voucher.currency)
        self.sell(Used(bought, shop, voucher_id), told)

    def sells(self, sold: Used, version: Order) -> None:
        self.world.sells(version, shop=sold.shop)

    # -- time -------------------------------------------------------------------------------

    @rule(days=st.integers(0, 12), late=st.booleans())
    def pass_time(self, days: int, late: bool) -> None:
        """``late``: a shop committed orders so late that the poll missed them."""
        self.world.later(days=days, minutes=1)
        if not late:
            self.tell_newest()
        self.world.passing()

    # -- what always holds ------------------------------------------------------------------

    @invariant()
    def what_is_reserved_is_what_open_vouchers_cost(self) -> None:
        alive = [one for one in self.world.vouchers() if one.state in ("open", "ending")]
        assert self.reserved() == sum(one.points for one in alive)

    @invariant()
    def each_voucher_cost_what_its_orders_say(self) -> None:
        rows = self.world.rows(
            "SELECT source_id, sum(CASE WHEN credit = 'redeemed' THEN points"
            " WHEN debit = 'redeemed' THEN -points ELSE 0 END),"
            " sum(CASE WHEN effect = 'capture' THEN points ELSE 0 END) FROM entries"
            " WHERE workspace_id = :w AND source_kind = 'voucher' GROUP BY source_id"
        )
        booked = {int(row[0]): (row[1], row[2]) for row in rows}
        for voucher in self.world.vouchers():
            assert voucher.id
            theirs = [one for one in self.sold if one.voucher == voucher.id and one.told]
            cost, captured = booked.get(voucher.id, (0, 0))
            assert cost == self.cost(voucher.points, theirs)
            assert captured in (0, voucher.points), "never twice"
            assert (voucher.state == "used") is bool(theirs)
            assert not (voucher.state == "used" and voucher.is_wanted)

    def cost(self, points: int, uses: list[Used]) -> int:
        """30 of what was paid for the order is a third: the voucher's share of line a is not."""
        kept = [Fraction(0)]
        for one in uses:
            told = one.told
            assert told is not None
            a, b = told.lines
            paid = Fraction((a.price - a.discount + b.price - b.discount).gross)
            kept.append(1 - one.given_back(Fraction(30) / paid))
        given_back = points * (1 - max(kept))
        return points - int(given_back + Fraction(1, 2))

    def last(self, voucher: Voucher) -> Voucher:
        """What took its place in the end."""
        by_id = {one.id: one for one in self.world.vouchers()}
        found = by_id[voucher.id]
        while found.replaced_by is not None:
            found = by_id[found.replaced_by]
        return found


def test_any_mix(sqlite_url: str, open_database: Callable[[str], Database]) -> None:
    class Machine(VoucherMachine):
        database = open_database(sqlite_url)

    play(Machine, mixes=20)
