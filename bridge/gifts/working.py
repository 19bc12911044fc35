"""Putting gifts into open baskets and taking them out, where a shop lets an integration do so.

One worker walks the baskets of a shop at a time, under a lease. What is to be done is committed
before it is sent, with what was in the basket then; what came of it is always read in the basket
itself. So a worker may end at any moment: the next one looks, and knows which line is the
bridge's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bridge.db import Database
from bridge.gifts import memory
from bridge.gifts.basket import Basket, LeaseLost
from bridge.gifts.memory import Lease, Place
from bridge.gifts.offers import Offers, offers_in
from bridge.gifts.rules import GiftOffer
from bridge.inbox.shop_time import shop_time
from bridge.kit.clock import Clock
from bridge.outbox.handler import PERSON_MUST_ACT
from connectors.base import Connector
from connectors.errors import ConnectorError, Rejected, ShopFault
from connectors.rewards import Cart, Carts
from connectors.sales import Mark

MOST = 200
"""Baskets of one poll."""
LOOK_BACK = timedelta(days=1)
"""How old a change of a basket may be, at the first poll or after a long rest."""
OVERLAP = timedelta(minutes=2)
"""Changes that are so new are read again: times are whole seconds on one platform, and a change
is visible only after its transaction ended."""
FAILURES_BEFORE_STOP = 3
"""Baskets in a row that the shop failed at, before the rest is left for later."""
PER_NOTE = 20
"""Baskets between two notes of how far the walk got."""


@dataclass(frozen=True)
class GiftDesk:
    """What a poll works with."""

    database: Database
    home: Path
    owner: str
    """See :class:`bridge.outbox.workers.Worker`."""
    clock: Clock
    lease: timedelta
    """Longer than the longest call to a shop."""
    most: int = MOST
    stopping: Callable[[], bool] = lambda: False


@dataclass
class GiftsDone:
    """What one poll of a shop's baskets came to."""

    looked_at: int = 0
    added: int = 0
    removed: int = 0
    declined: int = 0
    ordered: int = 0
    problems: list[str] = field(default_factory=list)
    is_busy: bool = False
    """Somebody else walks the baskets of this shop."""
    has_more: bool = False
    """The limit was reached: the next poll goes on from here."""


def gifts_for_shop(
    desk: GiftDesk, workspace_id: int, installation_id: int, connector: Connector
) -> GiftsDone:
    """One poll. Safe to run beside itself, and to end at any moment. Nothing is done where the
    shop lets nobody change baskets, or where it makes no gift free and none was given.

    Raises ConnectorError when the shop does not say what it makes free, or when a person must
    act (credentials, privileges); everything else is among ``problems``.
    """
    promotions, carts = connector.promotions, connector.carts
    if promotions is None or carts is None:
        return GiftsDone()
    place = Place(workspace_id, installation_id)
    offers = offers_in(desk.database, workspace_id, installation_id, promotions)
    with desk.database.reading() as session:
        open_ones = memory.with_gifts(session, place)
    if not offers.offers and not open_ones:
        return GiftsDone()
    ahead = shop_time(desk.database, workspace_id, installation_id, connector, desk.clock)
    with desk.database.writing() as session:
        taken = memory.take(session, place, desk.owner, desk.home, desk.clock(), desk.lease)
    if taken is None:
        return GiftsDone(is_busy=True)
    lease, since = taken
    walk = _Walk(desk, place, carts, offers, open_ones, lease)
    try:
        walk.run(since, ahead.of(desk.clock()))
    except LeaseLost:
        walk.done.is_busy = True
    finally:
        with desk.database.writing() as session:
            memory.let_go(session, place, walk.lease)
    return walk.done


class _Walk:
    def __init__(
        self,
        desk: GiftDesk,
        place: Place,
        carts: Carts,
        offers: Offers,
        open_ones: set[str],
        lease: Lease,
    ) -> None:
        self._desk = desk
        self._place = place
        self._carts = carts
        self._all = offers
        self._offers = offers.offers
        self._open = open_ones
        self._failures = 0
        self.lease = lease
        self.done = GiftsDone()

    def run(self, since: Mark | None, shop_now: datetime) -> None:
        if self._review():
            self._changed(since, shop_now)

    # -- baskets that may have something to do though they did not change ------------------------

    def _review(self) -> bool:
        """Whether to go on."""
        offered = {(offer.rule, offer.store_id) for offer in self._offers}
        with self._desk.database.reading() as session:
            due = memory.due(session, self._place, offered, self._desk.clock(), self._desk.most)
        return all(not self._desk.stopping() and self._look(cart_id) for cart_id in due)

    # -- baskets that changed --------------------------------------------------------------------

    def _changed(self, since: Mark | None, shop_now: datetime) -> None:
        earliest = shop_now - LOOK_BACK
        mark = Mark(earliest) if since is None or since.at < earliest else since
        got = mark
        read = 0
        at_the_end = False
        try:
            for cart in self._carts.changed(mark):
                if read >= self._desk.most or self._desk.stopping():
                    self.done.has_more = True
                    break
                if self._concerns(cart) and not self._look(cart.id):
                    break
                if not self._failures:
                    got = Mark(cart.changed_at, cart.id)
                read += 1
                if read % PER_NOTE == 0:
                    self._note(got)
            else:
                at_the_end = not self._failures
        except PERSON_MUST_ACT:
            raise
        except ConnectorError as error:
            self.done.problems.append(str(error))
        if at_the_end:
            got = _rest(mark, got, shop_now)
        self._note(got)

    def _concerns(self, cart: Cart) -> bool:
        if cart.id in self._open:
            return True
        now = self._desk.clock()
        return bool(cart.items) and not cart.in_checkout and any(self._fits(cart, now))

    def _fits(self, cart: Cart, now: datetime) -> list[GiftOffer]:
        return [offer for offer in self._offers if offer.is_for(cart, now)]

    def _note(self, mark: Mark) -> None:
        with self._desk.database.writing() as session:
            if not memory.note_way(session, self._place, self.lease, mark, self._desk.clock()):
                raise LeaseLost

    # -- one basket ------------------------------------------------------------------------------

    def _look(self, cart_id: str) -> bool:
        """Whether to go on with others."""
        self._renew()
        basket = Basket(self._desk, self._place, self._carts, self._all, cart_id, self.lease)
        try:
            basket.work()
        except PERSON_MUST_ACT:
            raise
        except ConnectorError as error:
            return self._failed(cart_id, error)
        finally:
            self._count(basket)
        self._failures = 0
        return True

    def _renew(self) -> None:
        now = self._desk.clock()
        with self._desk.database.writing() as session:
            longer = memory.renew(session, self._place, self.lease, now, self._desk.lease)
        if longer is None:
            raise LeaseLost
        self.lease = longer

    def _failed(self, cart_id: str, error: ConnectorError) -> bool:
        """One basket may be what the shop chokes on; a shop that is down fails at every one."""
        self.done.problems.append(f"Basket {cart_id}: {error}")
        if isinstance(error, Rejected):
            return True
        self._failures += 1
        return isinstance(error, ShopFault) and self._failures < FAILURES_BEFORE_STOP

    def _count(self, basket: Basket) -> None:
        self.done.looked_at += 1
        self.done.added += basket.added
        self.done.removed += basket.removed
        self.done.declined += basket.declined
        self.done.ordered += basket.ordered


def _rest(begun: Mark, got: Mark, shop_now: datetime) -> Mark:
    """Where the next walk begins after one that came to its end."""
    settled = shop_now - OVERLAP
    if got.at <= settled:
        return got
    return begun if begun.at >= settled else Mark(settled)
