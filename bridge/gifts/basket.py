"""One open basket: look, decide, commit the intent, send, look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bridge.gifts import memory
from bridge.gifts.memory import Lease, Place
from bridge.gifts.models import GiftState
from bridge.gifts.offers import Offers
from bridge.gifts.rules import (
    Add,
    GiftOffer,
    Remembered,
    Remove,
    Step,
    decide,
    may_change,
    moved_away,
    needs_totals,
    seen,
)
from connectors.errors import ConnectorError, Rejected
from connectors.rewards import Cart, Carts

if TYPE_CHECKING:
    from bridge.gifts.working import GiftDesk

REVIEW = timedelta(minutes=30)
"""After which a basket with a gift is looked at again, to learn whether it was ordered; the
longer it lies, the later, up to"""
LATEST_REVIEW = timedelta(days=1)
SOLD_OUT = timedelta(minutes=15)
"""After which a gift that the shop refused is tried again; twice as long each time."""


class LeaseLost(Exception):
    """Somebody else walks the baskets by now: nothing may be sent any more."""


class Basket:
    """One look at it."""

    def __init__(
        self,
        desk: GiftDesk,
        place: Place,
        carts: Carts,
        offers: Offers,
        cart_id: str,
        lease: Lease,
    ) -> None:
        self._desk = desk
        self._place = place
        self._carts = carts
        self._offers = offers
        self._id = cart_id
        self._lease = lease
        self.added = self.removed = self.declined = self.ordered = 0

    def work(self) -> None:
        """Raises ConnectorError; what was sent until then is remembered."""
        tried: set[tuple[type[Step], str]] = set()
        while True:
            cart = self._carts.cart(self._id)
            gifts = self._seen(cart)
            step = self._step(cart, gifts)
            if cart is None or step is None or (type(step), step.rule) in tried:
                self._rest(gifts)
                return
            tried.add((type(step), step.rule))  # once in one look: else it may go on for ever
            self._take(step, cart, gifts)

    # -- looking -------------------------------------------------------------------------------

    def _seen(self, cart: Cart | None) -> dict[str, Remembered]:
        now = self._desk.clock()
        with self._desk.database.writing() as session:
            before = memory.remembered(session, self._place, self._id, now)
            after = {rule: seen(gift, cart) for rule, gift in before.items()}
            changed = [gift for rule, gift in after.items() if gift != before[rule]]
            memory.keep(session, self._place, self._id, changed, now)
        for gift in changed:
            self._count(before[gift.rule], gift)
        return after

    def _count(self, before: Remembered, after: Remembered) -> None:
        if after.state is before.state:
            return
        if before.state is GiftState.ADDING and after.state is GiftState.ADDED:
            self.added += 1
        elif before.state is GiftState.REMOVING and after.state is GiftState.REMOVED:
            self.removed += 1
        elif after.state is GiftState.DECLINED:
            self.declined += 1
        elif after.state is GiftState.ORDERED:
            self.ordered += 1

    def _step(self, cart: Cart | None, gifts: dict[str, Remembered]) -> Step | None:
        if cart is None:
            return None
        gone = moved_away(cart, gifts, self._offers.moved)
        if gone is not None or not may_change(cart):
            return gone
        now = self._desk.clock()
        totals = None
        offers = self._offers.offers
        if needs_totals(cart, offers, gifts, now):
            totals = self._carts.totals(cart.id, cart.store_id)
        return decide(cart, offers, gifts, totals, now)

    def _rest(self, gifts: dict[str, Remembered]) -> None:
        """Notes when to look again, and that what was due was done."""
        now = self._desk.clock()
        given = [gift for gift in gifts.values() if gift.state is GiftState.ADDED]
        tried = [
            replace(gift, not_before=None)
            for gift in gifts.values()
            if gift.state is GiftState.REMOVED and gift.not_before and gift.not_before <= now
        ]
        if not given and not tried:
            return
        with self._desk.database.writing() as session:
            memory.keep(session, self._place, self._id, tried, now)
            if given:
                at = min(_review_at(gift, now) for gift in given)
                memory.review_later(session, self._place, self._id, at)

    # -- acting --------------------------------------------------------------------------------

    def _take(self, step: Step, cart: Cart, gifts: dict[str, Remembered]) -> None:
        before = gifts.get(step.rule)
        intent = _adding(step.offer, cart, before) if isinstance(step, Add) else _removing(step)
        self._intend(intent)
        try:
            self._send(intent, cart)
        except Rejected as refused:
            self._settle(_refused(intent, str(refused), self._desk.clock()))
            if isinstance(step, Remove):
                raise
        except ConnectorError as error:
            if not error.outcome_unknown:  # it certainly did not happen
                self._settle(before or replace(intent, state=GiftState.REMOVED, error=str(error)))
            raise
        else:
            self._settle(intent)

    def _intend(self, intent: Remembered) -> None:
        """From now on the basket may hold it because of us. Until the lease ends, what is sent
        may be on its way."""
        now = self._desk.clock()
        lease = Lease(self._lease.owner, now + self._desk.lease)
        asked_again = replace(intent, not_before=lease.until)
        with self._desk.database.writing() as session:
            if not memory.holds(session, self._place, self._lease, now):
                raise LeaseLost
            memory.keep(session, self._place, self._id, [asked_again], now, lease)

    def _send(self, intent: Remembered, cart: Cart) -> None:
        if intent.state is GiftState.ADDING:
            self._carts.add(cart.id, cart.store_id, intent.product_id, intent.quantity)
        else:
            self._carts.remove(cart.id, cart.store_id, intent.item_id)

    def _settle(self, gift: Remembered) -> None:
        """The call has ended; what came of it is read in the basket."""
        with self._desk.database.writing() as session:
            memory.keep(session, self._place, self._id, [gift], self._desk.clock())


def _adding(offer: GiftOffer, cart: Cart, before: Remembered | None) -> Remembered:
    return Remembered(
        rule=offer.rule,
        store_id=offer.store_id,
        product_id=offer.product_id,
        quantity=offer.quantity,
        state=GiftState.ADDING,
        items_before=frozenset(item.id for item in cart.items),
        attempts=before.attempts if before else 0,
    )


def _removing(step: Remove) -> Remembered:
    return replace(step.gift, state=GiftState.REMOVING, not_before=None, error="")


def _refused(intent: Remembered, why: str, now: datetime) -> Remembered:
    """An addition that the shop refuses: sold out, most likely. A removal: it stays in."""
    added = intent.state is GiftState.ADDING
    return replace(
        intent,
        state=GiftState.REMOVED if added else GiftState.ADDED,
        attempts=intent.attempts + 1,
        not_before=now + SOLD_OUT * 2**intent.attempts,
        error=why,
    )


def _review_at(gift: Remembered, now: datetime) -> datetime:
    age = now - gift.since if gift.since else REVIEW
    return now + min(max(age, REVIEW), LATEST_REVIEW)
