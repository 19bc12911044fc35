"""People who shop at random, the same with the same seed: they order, pay, get their parcel, give
something back, or think better of it.

What they do is told as a plain list, from which anybody can work out what a programme owes them
without asking the code under test. The shop's side is a :class:`Till`, which every platform's
sandbox state offers as ``till()`` and which goes through the same code as the shop's services.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Protocol

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A whole line: ``net`` and ``gross`` before discounts, which are positive; in a refund, what
    is given back for ``quantity`` of it."""

    line_id: str
    sku: str
    quantity: Decimal
    net: Decimal
    gross: Decimal
    discount_net: Decimal = NOTHING
    discount_gross: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Sale:
    """What the shop made of an order or a refund."""

    order_id: str
    number: str
    customer_id: str
    """Empty: a guest."""
    email: str
    lines: tuple[SoldLine, ...]
    shipping_net: Decimal
    shipping_gross: Decimal
    total: Decimal
    """Gross, with shipping, after discounts."""
    at: datetime
    refund_id: str = ""


DeedKind = Literal["ordered", "paid", "sent", "refunded", "cancelled"]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a shopper did; ``sale`` is the order, or what a refund gave back."""

    kind: DeedKind
    at: datetime
    sale: Sale


class OutOfStock(Exception):
    """The shop does not have that many of it."""


class Till(Protocol):
    """A shop's side of shopping. Every method does what the platform's own services do."""

    def buyers(self) -> Sequence[str]:
        """E-mails of customers with an account, in a fixed order."""
        ...

    def skus(self) -> Sequence[str]:
        """What can be bought, in a fixed order."""
        ...

    def order(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sale:
        """``codes`` are entered one after the other; those the shop does not take are left out.
        Raises OutOfStock, and then has ordered nothing."""
        ...

    def price(
        self, email: str, wanted: Mapping[str, int], *, guest: bool, codes: Sequence[str] = ()
    ) -> Sequence[SoldLine]:
        """What the lines of such a basket come to, with such codes entered; nothing is ordered,
        and no basket is left. Raises OutOfStock."""
        ...

    def pay(self, order_id: str) -> None: ...

    def send(self, order_id: str) -> None: ...

    def give_back(self, order_id: str, wanted: Mapping[str, int], *, shipping: bool) -> Sale:
        """``wanted``: line id to quantity; ``shipping``: what is left of it too."""
        ...

    def cancel(self, order_id: str) -> None: ...

    def now(self) -> datetime: ...

    def set_clock(self, at: datetime | None) -> None:
        """Stops the shop's clock at a moment; ``None``: it goes on by itself."""
        ...


class Baskets(Protocol):
    """Baskets that stay open, in shops where an integration may change them. Ids are those of
    :class:`connectors.rewards.Cart`."""

    def fill(self, email: str, wanted: Mapping[str, int], *, guest: bool = False) -> str:
        """Puts goods into a basket that has nothing else in it; its id."""
        ...

    def put(self, cart_id: str, sku: str, pieces: int) -> None:
        """The shopper puts in more."""
        ...

    def begin_checkout(self, cart_id: str) -> None:
        """The shopper says where to send it and how."""
        ...

    def order(self, cart_id: str) -> None:
        """He orders it, after :meth:`begin_checkout`."""
        ...

    def sell_out(self, sku: str) -> None:
        """Somebody else buys all there is of it."""
        ...


class Sandbox(Protocol):
    @property
    def state(self) -> Any:
        """Offers ``till()``."""
        ...


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares of all orders, 0 to 1."""

    guests: float = 0.12
    cancelled: float = 0.08
    paid: float = 0.9
    """Of those that are not cancelled."""
    sent: float = 0.85
    """Of the paid ones."""
    returned: float = 0.25
    """Of the paid ones: some of it comes back, now and then twice or all of it."""
    lines: int = 4
    pieces: int = 6


USUAL = Habits()


def shop_around(
    sandbox: Sandbox,
    seed: int,
    orders: int = 100,
    *,
    habits: Habits = USUAL,
    over: timedelta = timedelta(0),
) -> list[Deed]:
    """Places ``orders`` orders, with all that follows from them, in an order that mixes them.

    ``over``: the time it takes on the shop's clock, ending now; by default none. The same seed on
    the same shop gives the same deeds, but for ids and times. Raises LookupError for a shop
    without customers or goods.
    """
    till: Till = sandbox.state.till()
    day = _Day(till, random.Random(seed), habits, list(till.buyers()), list(till.skus()))  # noqa: S311
    if not day.buyers or not day.skus:
        raise LookupError("the shop has nobody to buy or nothing to sell; start it with both")
    began = datetime.now(UTC).replace(microsecond=0) - over
    try:
        for place in range(orders):
            if over:
                till.set_clock(began + over * place / orders)
            day.step()
        if over:
            till.set_clock(began + over)
        day.finish()
    finally:
        if over:
            till.set_clock(None)
    return day.deeds


@dataclass(slots=True)
class _Open:
    """An order with what is still to happen to it, next first."""

    sale: Sale
    plan: list[str]
    left: dict[str, int]
    """Line id to pieces that were not given back."""


@dataclass
class _Day:
    till: Till
    chance: random.Random
    habits: Habits
    buyers: list[str]
    skus: list[str]
    deeds: list[Deed] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)

    def step(self) -> None:
        """One order, then about as much as keeps the number of open ones small."""
        self._order()
        for _ in range(self.chance.randint(0, 5)):
            if self.open:
                self._go_on(self.chance.randrange(len(self.open)))

    def finish(self) -> None:
        while self.open:
            self._go_on(self.chance.randrange(len(self.open)))

    # -- ordering ---------------------------------------------------------------------------

    def _order(self) -> None:
        guest = self.chance.random() < self.habits.guests
        email = self._guest() if guest else self.chance.choice(self.buyers)
        sale = None
        for _ in range(20):
            try:
                sale = self.till.order(email, self._basket(), guest=guest)
                break
            except OutOfStock:
                continue
        if sale is None:
            raise LookupError("twenty baskets in a row were out of stock; start a larger shop")
        self._did("ordered", sale)
        left = {line.line_id: int(line.quantity) for line in sale.lines}
        self.open.append(_Open(sale, self._plan(), left))

    def _guest(self) -> str:
        """Some have an account that they do not use."""
        if self.chance.random() < 0.3:
            return self.chance.choice(self.buyers)
        return f"guest{self.chance.randrange(50)}@example.org"

    def _basket(self) -> dict[str, int]:
        count = self.chance.randint(1, self.habits.lines)
        chosen = self.chance.sample(self.skus, min(count, len(self.skus)))
        return {sku: self.chance.randint(1, self.habits.pieces) for sku in chosen}

    def _plan(self) -> list[str]:
        habits, chance = self.habits, self.chance
        if chance.random() < habits.cancelled:
            return ["cancel"]
        if chance.random() >= habits.paid:
            return []
        plan = ["pay"]
        if chance.random() < habits.sent:
            plan.append("send")
        if chance.random() < habits.returned:
            plan += ["refund"] * chance.choice((1, 1, 1, 2))
        return plan

    # -- what follows -----------------------------------------------------------------------

    def _go_on(self, place: int) -> None:
        one = self.open[place]
        if one.plan:
            _STEPS[one.plan.pop(0)](self, one)
        if not one.plan:
            self.open.pop(place)

    def _pay(self, one: _Open) -> None:
        self.till.pay(one.sale.order_id)
        self._did("paid", one.sale)

    def _send(self, one: _Open) -> None:
        self.till.send(one.sale.order_id)
        self._did("sent", one.sale)

    def _cancel(self, one: _Open) -> None:
        self.till.cancel(one.sale.order_id)
        self._did("cancelled", one.sale)

    def _refund(self, one: _Open) -> None:
        whole = self.chance.random() < 0.2
        wanted = {}
        for line_id, left in one.left.items():
            pieces = left if whole else self.chance.randint(0, left)
            if pieces:
                wanted[line_id] = pieces
        if not wanted:
            return
        shipping = whole and self.chance.random() < 0.7
        back = self.till.give_back(one.sale.order_id, wanted, shipping=shipping)
        for line_id, pieces in wanted.items():
            one.left[line_id] -= pieces
        self._did("refunded", back)

    def _did(self, kind: DeedKind, sale: Sale) -> None:
        self.deeds.append(Deed(kind, self.till.now(), sale))


_STEPS = {"pay": _Day._pay, "send": _Day._send, "cancel": _Day._cancel, "refund": _Day._refund}
