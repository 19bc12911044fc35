"""Bringing one shop's codes to where they shall be: put in, taken out, always read back.

Codes are set, not told of: one that is there already is there, one that is gone is gone. So each
try may be repeated, after a crash, a cut answer, by two workers at once. Vouchers do not stand in
line with price changes, because a person waits for his code.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bridge.inbox.shop_time import ShopTime, shop_time
from bridge.vouchers import queue, readying
from bridge.vouchers.adopting import Adopting, Unknown, unknown
from bridge.vouchers.desk import Delivered, Desk, concerns_shop, is_dead
from bridge.vouchers.earlier import note_earlier_uses
from bridge.vouchers.owning import Owners, guard_of
from bridge.vouchers.pools_delivery import PoolsDelivery
from bridge.vouchers.queue import DueCode, Lease, Place, PutBack
from connectors.base import Connector
from connectors.errors import ConnectorError, Rejected
from connectors.rewards import HeldCode, Promotions

log = structlog.get_logger(__name__)

FAILURES_BEFORE_STOP = 12
"""Calls in a row that failed for reasons of the shop's own; more than it takes to halve a call
down to the one code that the shop chokes on."""
NOT_HELD = "The shop took it without an error but does not hold it."
STILL_HELD = "The shop took its removal without an error and still holds it."


def deliver(
    desk: Desk,
    installation_id: int,
    connector: Connector,
    *,
    only: Collection[int] | None = None,
    at_once: bool = False,
) -> Delivered:
    """Puts in and takes out what is due in one shop, until nothing is. Never raises for what the
    shop refuses or for a shop that is out: that is in the result, and the rest waits.

    ``only``: ids of vouchers, for who waits for his own. ``at_once``: also what pauses after a
    failure.
    """
    promotions = connector.promotions
    place = Place(desk.workspace_id, installation_id)
    with desk.database.reading() as session:
        if promotions is None or not readying.has_pools(session, place):
            return Delivered()
    threads = max(1, min(desk.threads, connector.capabilities.parallel_calls))
    told = shop_time(desk.database, desk.workspace_id, installation_id, connector, desk.clock)
    delivery = Delivery(desk, place, promotions, told, threads, connector)
    return delivery.run(only, at_once=at_once)


def survey(desk: Desk, installation_id: int, connector: Connector) -> list[Unknown]:
    """Looks at every promotion of vouchers in one shop; see :meth:`Delivery.survey`."""
    if connector.promotions is None:
        return []
    place = Place(desk.workspace_id, installation_id)
    return Delivery(desk, place, connector.promotions, ShopTime(None), 1).survey()


class Delivery:
    """One run in one shop."""

    def __init__(
        self,
        desk: Desk,
        place: Place,
        promotions: Promotions,
        told: ShopTime,
        threads: int,
        guarding: object = None,
    ) -> None:
        """``guarding``: the connector, where codes are put in."""
        self._desk = desk
        self._place = place
        self._promotions = promotions
        self._told = told
        self._threads = threads
        self._guarding = guarding
        self._result = Delivered()
        self._failures = 0
        self._pools = PoolsDelivery(
            desk, place, promotions, lambda: told.of(desk.clock()), self._result
        )
        self._adopting = Adopting(desk, place, promotions)

    def run(self, only: Collection[int] | None, *, at_once: bool) -> Delivered:
        self._prepare(only, at_once)
        try:
            self._in_turns(lambda: self._remove_some(only), 1)
            self._pools.make_due(only)
            self._in_turns(lambda: self._add_some(only), 0)
            if only is None:
                self._pools.remove_finished()
                self._pools.check_due()
        except ConnectorError as error:
            self._result.out(error)
        return self._result

    def survey(self) -> list[Unknown]:
        """Compares every promotion with the shop now; what carries the bridge's mark there and
        is not in its database. Raises ConnectorError."""
        self._pools.check_due(timedelta(0))
        return unknown(self._desk, self._place, self._promotions)

    def _prepare(self, only: Collection[int] | None, at_once: bool) -> None:
        with self._desk.database.writing() as session:
            now = self._desk.clock()
            readying.free_the_abandoned(
                session, self._place, self._desk.home, now, self._desk.lease
            )
            if not self._promotions.keeps_used_codes and only is None:
                readying.take_out_the_used(session, self._place)
            if at_once:
                readying.no_pauses(session, self._place, only)

    def _in_turns(self, some: Callable[[], bool], which: int) -> None:
        """Several threads where there is enough to do. Raises ConnectorError for a shop that is
        out."""
        with self._desk.database.reading() as session:
            due = queue.count_due(session, self._place, self._desk.clock())[which]
        threads = min(self._threads, -(-due // self._promotions.codes_per_call))
        if threads <= 1:
            self._turn(some)
            return
        with ThreadPoolExecutor(threads, thread_name_prefix="codes") as pool:
            turns = [pool.submit(self._turn, some) for _ in range(threads)]
        for turn in turns:
            turn.result()

    def _turn(self, some: Callable[[], bool]) -> None:
        while not self._desk.stopping() and some():
            pass

    # -- putting in -------------------------------------------------------------------------

    def _add_some(self, only: Collection[int] | None) -> bool:
        """Whether there was anything to do."""
        now = self._desk.clock()
        lease = self._desk.new_lease(now)
        most = self._promotions.codes_per_call
        with self._desk.database.writing() as session:
            codes = queue.claim_adding(session, self._place, lease, now, most, only)
        if codes:
            self._guarded(lease, codes, self._add)
        return bool(codes)

    def _add(self, lease: Lease, codes: Sequence[DueCode]) -> None:
        """Raises ConnectorError, and then nothing is settled."""
        pool_id = codes[0].pool_id
        if not self._pools.is_as_agreed(pool_id):
            self._put_back(lease, codes, "", counts=False)
            return
        # Those are not wanted any more then, and are not sent.
        note_earlier_uses(self._desk.database, self._place, codes, self._desk.clock())
        with self._desk.database.writing() as session:
            codes = queue.commit_intent(session, lease, codes, self._desk.clock())
        codes = self._owned(lease, codes)
        if codes:
            key, native_id = self._pools.named(pool_id)
            self._add_all(lease, codes, key, native_id)

    def _owned(self, lease: Lease, codes: Sequence[DueCode]) -> Sequence[DueCode]:
        """Those whose owner the shop was told, where it guards codes: before it has them."""
        guard = guard_of(self._desk.database, self._place, self._guarding) if codes else None
        if guard is None:
            return codes
        owners = Owners(self._desk.database, self._place, guard, self._desk.clock)
        refused = owners.tell([one.id for one in codes])
        if refused:
            self._refuse(lease, [one for one in codes if one.code in refused], refused, "")
        return [one for one in codes if one.code not in refused]

    def _add_all(self, lease: Lease, codes: Sequence[DueCode], key: str, native_id: str) -> None:
        """A call that is refused as a whole is halved, so that one bad code hides no other."""
        refused: Mapping[str, ConnectorError] = {}
        try:
            refused = self._promotions.add_codes(key, [one.code for one in codes])
        except ConnectorError as error:
            self._failed(error)
            if len(codes) > 1:
                middle = len(codes) // 2
                self._add_all(lease, codes[:middle], key, native_id)
                self._add_all(lease, codes[middle:], key, native_id)
                return
            refused = {codes[0].code: error}
        else:
            self._failures = 0
        held = self._promotions.codes([one.code for one in codes])
        self._settle_added(lease, codes, native_id, refused, held)

    def _settle_added(
        self,
        lease: Lease,
        codes: Sequence[DueCode],
        native_id: str,
        refused: Mapping[str, ConnectorError],
        held: Mapping[str, HeldCode],
    ) -> None:
        there = [one for one in codes if _hangs_on(held.get(one.code), native_id)]
        elsewhere = [one for one in codes if one.code in held and one not in there]
        missing = [one for one in codes if one.code not in held]
        adopted = self._adopting.pools_of(codes[0].pool_id, elsewhere, held) if elsewhere else {}
        now = self._desk.clock()
        moment = self._told.of(now)
        with self._desk.database.writing() as session:
            for one in elsewhere:
                if one.id in adopted:
                    queue.move(session, lease, one, adopted[one.id])
            taken = [*there, *(one for one in elsewhere if one.id in adopted)]
            queue.settle_there(session, lease, taken, moment, now)
        self._result.count(added=len(taken))
        foreign = [one for one in elsewhere if one.id not in adopted]
        self._refuse(lease, foreign, refused, "It hangs on another promotion.", dead=True)
        self._refuse(lease, missing, refused, NOT_HELD)

    # -- taking out -------------------------------------------------------------------------

    def _remove_some(self, only: Collection[int] | None) -> bool:
        now = self._desk.clock()
        lease = self._desk.new_lease(now)
        most = self._promotions.codes_per_call
        with self._desk.database.writing() as session:
            codes = queue.claim_removing(session, self._place, lease, now, most, only)
        if codes:
            self._guarded(lease, codes, self._remove)
        return bool(codes)

    def _remove(self, lease: Lease, codes: Sequence[DueCode]) -> None:
        refused: Mapping[str, ConnectorError] = {}
        try:
            refused = self._promotions.remove_codes([one.code for one in codes])
        except ConnectorError as error:
            self._failed(error)
            if len(codes) > 1:
                middle = len(codes) // 2
                self._remove(lease, codes[:middle])
                self._remove(lease, codes[middle:])
                return
            refused = {codes[0].code: error}
        else:
            self._failures = 0
        held = self._promotions.codes([one.code for one in codes])
        # Afterwards: who used it in the last moment did so before this time.
        moment = self._told.of(self._desk.clock())
        gone = [one for one in codes if one.code not in held]
        with self._desk.database.writing() as session:
            queue.settle_gone(session, lease, gone, moment)
        self._result.count(removed=len(gone))
        left = [one for one in codes if one.code in held]
        self._refuse(lease, left, refused, STILL_HELD)

    # -- what goes wrong --------------------------------------------------------------------

    def _guarded(
        self,
        lease: Lease,
        codes: Sequence[DueCode],
        act: Callable[[Lease, Sequence[DueCode]], None],
    ) -> None:
        """What was not settled goes back, whatever happened. Raises ConnectorError for a shop
        that is out."""
        try:
            act(lease, codes)
        except ConnectorError as error:
            self._put_back(lease, codes, str(error), counts=False)
            raise
        except SQLAlchemyError:
            self._put_back(lease, codes, "", counts=False)
            raise
        except Exception as error:  # a defect of ours must not stop the other codes
            log.exception("codes.failed", codes=len(codes))
            reason = f"Internal error: {type(error).__name__}: {error}"
            self._put_back(lease, codes, reason, counts=True)
            self._result.problem(reason, refused=len(codes))

    def _failed(self, error: ConnectorError) -> None:
        """Raises it where the shop as a whole is out."""
        if not isinstance(error, Rejected):
            self._failures += 1
        if concerns_shop(error) or self._failures >= FAILURES_BEFORE_STOP:
            raise error

    def _refuse(
        self,
        lease: Lease,
        codes: Sequence[DueCode],
        refused: Mapping[str, ConnectorError],
        otherwise: str,
        *,
        dead: bool = False,
    ) -> None:
        now = self._desk.clock()
        back = []
        for one in codes:
            error = refused.get(one.code)
            counts = error is None or not concerns_shop(error)
            is_over = counts and (dead or is_dead(error, one.attempts + 1))
            reason = otherwise if error is None else str(error)
            later = self._desk.next_try(one.attempts, now)
            back.append(PutBack(one, reason, later, counts, is_over))
        with self._desk.database.writing() as session:
            queue.put_back(session, lease, back)
        for each in back:
            self._result.problem(f"{each.code.code}: {each.reason}", refused=1)

    def _put_back(
        self, lease: Lease, codes: Sequence[DueCode], reason: str, *, counts: bool
    ) -> None:
        later = self._desk.next_try(0, self._desk.clock())
        back = [
            PutBack(one, reason, later, counts, counts and is_dead(None, one.attempts + 1))
            for one in codes
        ]
        with self._desk.database.writing() as session:
            queue.put_back(session, lease, back)


def _hangs_on(held: HeldCode | None, native_id: str) -> bool:
    return held is not None and held.promotion_id == native_id
