"""Bringing the promotions that codes hang on into one shop, and finished ones out of it.

One worker at a time is at a promotion, under a lease, since a shop may let the same be made
twice. The shop is asked by the bridge's mark first, so that what a crash left is found again;
what a person changed is left alone and shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeAlias

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bridge.vouchers import pool_queue
from bridge.vouchers.desk import Delivered, Desk, concerns_shop, is_dead
from bridge.vouchers.models import VoucherPool
from bridge.vouchers.pool_rules import Verdict, before_adding, before_writing
from bridge.vouchers.pooling import CODES_PER_POOL, promotion_of
from bridge.vouchers.queue import Lease, Place
from connectors.errors import ConnectorError
from connectors.rewards import HeldPromotion, Promotions

log = structlog.get_logger(__name__)

CHECK_EVERY = timedelta(hours=1)
"""How often promotions are compared with the shop although no code is added to them."""
PER_READ = 100
CODES_PER_LOOK = 500
_SHOWN = 3
"""Codes that are named."""
DRIFT = {
    Verdict.CHANGED: "was changed in the shop by hand",
    Verdict.GONE: "was removed in the shop, with its codes",
}
DECIDE = "Codes for it wait: decide with `loyalty-bridge vouchers pools`."
ShopMoment: TypeAlias = Callable[[], datetime]
"""Now, on the shop's clock."""


class PoolsDelivery:
    """Of one shop. Share it between threads."""

    def __init__(
        self,
        desk: Desk,
        place: Place,
        promotions: Promotions,
        moment: ShopMoment,
        result: Delivered,
    ) -> None:
        self._desk = desk
        self._place = place
        self._promotions = promotions
        self._moment = moment
        self._result = result

    # -- making -----------------------------------------------------------------------------

    def make_due(self, only: Collection[int] | None = None) -> None:
        """Makes the promotions that codes wait for; ``only``: those of these vouchers."""

        def claim() -> tuple[VoucherPool | None, Lease]:
            now = self._desk.clock()
            lease = self._desk.new_lease(now)
            with self._desk.database.writing() as session:
                return pool_queue.claim_making(session, self._place, lease, now, only), lease

        self._work_off(claim, self._make)

    def _make(self, pool: VoucherPool, lease: Lease) -> None:
        """Raises ConnectorError."""
        ours = self._promotions.compile(promotion_of(pool))
        held = self._promotions.read([pool.key]).get(pool.key)
        standing = pool_queue.standing(pool, held)
        verdict = before_writing(standing, ours)
        if verdict in DRIFT:
            self._found(pool, lease, held, verdict)
            return
        is_taken_over = held is not None and not standing.native and not standing.intended
        if held is not None and is_taken_over:
            self._result.remark(f"The promotion {held.name or pool.key} was there: taken over.")
        if held is None or verdict is Verdict.WRITE:
            with self._desk.database.writing() as session:
                if not pool_queue.commit_intent(session, lease, pool, ours):
                    return
            held = self._promotions.write(pool.key, ours)
            self._result.count(promotions=1)
        with self._desk.database.writing() as session:
            pool_queue.settle_there(session, lease, pool, held, self._desk.clock())
            if is_taken_over:
                pool_queue.close(session, pool, CODES_PER_POOL)

    # -- comparing --------------------------------------------------------------------------

    def is_as_agreed(self, pool_id: int) -> bool:
        """Looks into the shop before codes are added: whether each will be worth what was
        promised. Raises ConnectorError."""
        with self._desk.database.reading() as session:
            pool = session.get(VoucherPool, pool_id)
        if pool is None or not pool.is_there:
            return False
        return self._check([pool]) == []

    def named(self, pool_id: int) -> tuple[str, str]:
        """Its key and its native id."""
        with self._desk.database.reading() as session:
            pool = session.get_one(VoucherPool, pool_id)
        return pool.key, pool.native_id

    def check_due(self, every: timedelta = CHECK_EVERY) -> None:
        """Compares those that nobody looked at for a while. Raises ConnectorError."""
        before = self._desk.clock() - every
        while not self._desk.stopping():
            with self._desk.database.reading() as session:
                pools = pool_queue.unchecked(session, self._place, before, PER_READ)
            if not pools:
                return
            self._check(pools)

    def _check(self, pools: list[VoucherPool]) -> list[VoucherPool]:
        """Those that are not as agreed."""
        held = self._promotions.read([pool.key for pool in pools])
        drifted = []
        news = []
        with self._desk.database.writing() as session:
            for pool in sorted(pools, key=lambda one: one.id or 0):
                theirs = held.get(pool.key)
                verdict = before_adding(pool_queue.standing(pool, theirs))
                found = None if verdict is Verdict.AGREED else theirs.native if theirs else ""
                native_id = theirs.native_id if theirs else ""
                now = self._desk.clock()
                if pool_queue.note_check(session, pool, found, native_id, now):
                    news.append((pool, verdict))
                if verdict is not Verdict.AGREED:
                    drifted.append(pool)
        for pool, verdict in news:
            if verdict in DRIFT:
                self._result.problem(_drift(pool, verdict))
        return drifted

    def _found(
        self, pool: VoucherPool, lease: Lease, held: HeldPromotion | None, verdict: Verdict
    ) -> None:
        with self._desk.database.writing() as session:
            found = "" if held is None else held.native
            pool_queue.settle_found(session, lease, pool, found)
        self._result.problem(_drift(pool, verdict))

    # -- taking away ------------------------------------------------------------------------

    def remove_finished(self) -> None:
        def claim() -> tuple[VoucherPool | None, Lease]:
            now = self._desk.clock()
            lease = self._desk.new_lease(now)
            with self._desk.database.writing() as session:
                return pool_queue.claim_removing(session, self._place, lease, now), lease

        self._work_off(claim, self._remove)

    def _remove(self, pool: VoucherPool, lease: Lease) -> None:
        """Not while codes hang on it that nobody here knows: they may be a person's. Raises
        ConnectorError."""
        if self._promotions.read([pool.key]):
            unknown = self._unknown_codes(pool.key)
            if unknown:
                self._put_back(pool, lease, None, _foreign(unknown), at_once_dead=True)
                return
            self._promotions.remove(pool.key)
            if self._promotions.read([pool.key]):
                self._put_back(pool, lease, None, "The shop took its removal and still holds it.")
                return
            self._result.count(promotions=1)
        with self._desk.database.writing() as session:
            pool_queue.settle_gone(session, lease, pool, self._moment())

    def _unknown_codes(self, key: str) -> list[str]:
        unknown: list[str] = []
        held = iter(self._promotions.codes_of(key))
        while codes := [one.code for one in islice(held, CODES_PER_LOOK)]:
            with self._desk.database.reading() as session:
                unknown += sorted(pool_queue.unknown_of(session, self._place, codes))
        return unknown

    # -- what both share --------------------------------------------------------------------

    def _work_off(
        self,
        claim: Callable[[], tuple[VoucherPool | None, Lease]],
        act: Callable[[VoucherPool, Lease], None],
    ) -> None:
        """A promotion that fails waits, and does not hold up the others; a shop that is out
        ends it. Raises ConnectorError then."""
        while not self._desk.stopping():
            pool, lease = claim()
            if pool is None:
                return
            try:
                act(pool, lease)
            except ConnectorError as error:
                self._put_back(pool, lease, error, str(error))
                if concerns_shop(error):
                    raise
            except SQLAlchemyError:
                self._put_back(pool, lease, None, "", uncounted=True)
                raise
            except Exception as error:  # a defect of ours must not hold up the other promotions
                log.exception("pool.failed", pool=pool.key)
                reason = f"Internal error: {type(error).__name__}: {error}"
                self._put_back(pool, lease, None, reason, at_once_dead=True)

    def _put_back(
        self,
        pool: VoucherPool,
        lease: Lease,
        error: ConnectorError | None,
        reason: str,
        *,
        at_once_dead: bool = False,
        uncounted: bool = False,
    ) -> None:
        counts = not uncounted and (error is None or not concerns_shop(error))
        dead = counts and (at_once_dead or is_dead(error, pool.attempts + 1))
        later = self._desk.next_try(pool.attempts, self._desk.clock())
        with self._desk.database.writing() as session:
            back = pool_queue.PutBack(pool, reason, later, counts, dead)
            pool_queue.put_back(session, lease, back)
        if counts:
            name = promotion_of(pool).name
            self._result.problem(f"The promotion {name}: {reason}", refused=1)


def _drift(pool: VoucherPool, verdict: Verdict) -> str:
    return f"The promotion {promotion_of(pool).name} {DRIFT[verdict]}. {DECIDE}"


def _foreign(codes: list[str]) -> str:
    named = ", ".join(codes[:_SHOWN]) + (", …" if len(codes) > _SHOWN else "")
    return (
        f"It is finished, and {len(codes):,} codes hang on it that the bridge does not know "
        f"({named}): remove them in the shop, then `loyalty-bridge vouchers retry`."
    )
