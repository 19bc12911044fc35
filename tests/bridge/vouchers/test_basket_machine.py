"""Any mix of shoppers who change their mind, orders told late or twice, refunds, workers that die
and time: what the book says of points in baskets is what the orders as they are come to.

The model knows of each order which key it carried and what was taken off, and nothing of how the
bridge comes to what it books.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from basket_world import BasketWorld
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule
from ledger_world import line, money, order
from telling_machine import Sold, TellingMachine, play

from bridge.db import Database
from bridge.points.book import NotEnoughPoints
from bridge.vouchers.ending import CannotEnd
from connectors.sales import Order, UsedCode

CUSTOMERS = ("c0", "c1")
"""Of one member: he has two accounts in the shop."""
WISHES = (0, 100, 300, 500, 1000)


@dataclass
class Paid(Sold):
    """With points, or not."""

    key: str
    taken: Decimal


class BasketMachine(TellingMachine[Paid]):
    third = 300

    def __init__(self) -> None:
        super().__init__()
        self.world = BasketWorld(self.database)
        self.member = self.world.begin(1200, CUSTOMERS[0])
        self.world.shop.fields = dict.fromkeys(CUSTOMERS)
        self.requests = 0

    # -- the shopper ------------------------------------------------------------------------

    @rule(customer=st.sampled_from(CUSTOMERS), points=st.sampled_from(WISHES), again=st.booleans())
    def ask(self, customer: str, points: int, again: bool) -> None:
        request = f"{customer}-{self.requests}"
        self.requests += 1
        before = self.world.standing(self.member)
        try:
            self.world.ask(self.member, points, customer, request)
        except NotEnoughPoints:
            assert self.world.standing(self.member) == before
            return
        if again:
            assert self.world.ask(self.member, 1000, customer, request) is False

    @precondition(lambda self: self.world.vouchers())
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        voucher = data.draw(st.sampled_from(self.world.vouchers()))
        try:
            self.world.withdraw(voucher)
        except CannotEnd:
            assert self.world.state(voucher) == "used"

    @rule(points=st.integers(1, 300))
    def save(self, points: int) -> None:
        self.world.give(self.member, points)

    # -- the shop ---------------------------------------------------------------------------

    @rule(boundary=st.integers(0, 9))
    def bring(self, boundary: int) -> None:
        """0: nothing happens to the worker."""
        if boundary:
            self.world.bring_and_die(boundary)
        else:
            self.world.bring()

    @rule(customer=st.sampled_from(CUSTOMERS), is_small=st.booleans(), told=st.booleans())
    def buy(self, customer: str, is_small: bool, told: bool) -> None:
        """As often as he likes while it stands in his fields: the shop takes it off each time."""
        key, off = self.world.takes(customer, "4" if is_small else "900")
        taken = money(str(off))
        parts = (line("a", 4, discount=taken),)
        if not is_small:
            parts = (line("a", 600, 3, discount=taken), line("b", 300))
        bought = order(
            f"o{len(self.sold)}",
            *parts,
            customer=customer,
            placed=self.world.now,
            codes=(UsedCode(key, taken, shown=off),) if key else (),
        )
        self.sell(Paid(bought, key.upper(), off), told)

    def sells(self, sold: Paid, version: Order) -> None:
        self.world.sells(version)

    # -- time -------------------------------------------------------------------------------

    @rule(minutes=st.sampled_from((1, 10, 61)), late=st.booleans())
    def pass_time(self, minutes: int, late: bool) -> None:
        """``late``: the poll missed what the shop committed late."""
        self.world.later(minutes=minutes)
        if not late:
            self.tell_newest()
        self.world.expire()
        self.world.proven()

    # -- what always holds ------------------------------------------------------------------

    @invariant()
    def what_is_reserved_is_held_for_what_may_still_be_used(self) -> None:
        alive = [one for one in self.world.vouchers() if one.state in ("open", "ending")]
        assert self.reserved() == sum(one.points for one in alive)
        for customer in CUSTOMERS:
            mine = [one for one in alive if one.customer_id == customer and one.state == "open"]
            assert len(mine) <= 1, "one basket, one hold"

    @invariant()
    def nothing_is_taken_off_that_is_not_held(self) -> None:
        """Whatever stands in the shop is held in the book, or was used, and never worth more."""
        by_code = {one.code: one for one in self.world.vouchers()}
        for held in self.world.shop.fields.values():
            if held is not None and held.until > self.world.now:
                voucher = by_code[held.key.upper()]
                assert voucher.state != "ended"
                assert held.worth * 100 <= (voucher.amount_minor or 0)

    @invariant()
    def each_hold_cost_what_its_orders_took_off(self) -> None:
        rows = self.world.rows(
            "SELECT source_id, sum(CASE WHEN credit = 'redeemed' THEN points"
            " WHEN debit = 'redeemed' THEN -points ELSE 0 END) FROM entries"
            " WHERE workspace_id = :w AND source_kind = 'voucher' GROUP BY source_id"
        )
        booked = {int(row[0]): row[1] for row in rows}
        for voucher in self.world.vouchers():
            assert voucher.id
            told = [one for one in self.sold if one.key == voucher.code and one.told]
            assert booked.get(voucher.id, 0) == sum(map(cost, told))
            assert (voucher.state == "used") is bool(told)


def cost(sold: Paid) -> int:
    """A cent is a point. What was paid for a third of the order came back with it."""
    points = int(sold.taken * 100)
    third = Fraction(300) / (900 - Fraction(sold.taken))
    back = sold.given_back(Fraction(round(third * 1_000_000), 1_000_000))
    return points - int(points * back + Fraction(1, 2))


def test_any_mix(sqlite_url: str, open_database: Callable[[str], Database]) -> None:
    class Machine(BasketMachine):
        database = open_database(sqlite_url)

    play(Machine, mixes=5)
