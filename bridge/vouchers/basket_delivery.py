"""Bringing what is held for baskets into customers' fields in a shop, and out of them.

Written as a whole and read back: doing it again does no harm, after a crash, a cut answer, by two
workers at once. Somebody stands in front of the shop and waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property

import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col

from bridge.db import Database
from bridge.inbox.shop_time import ShopTime, shop_time
from bridge.kit.money import from_minor
from bridge.vouchers import basket_queue, queue
from bridge.vouchers.basket_queue import DueBasket
from bridge.vouchers.baskets import key_of
from bridge.vouchers.desk import Delivered, Desk, concerns_shop, is_dead
from bridge.vouchers.models import Voucher, VoucherState
from bridge.vouchers.queue import DueCode, Lease, Place, PutBack
from bridge.vouchers.settling import Policies
from connectors.base import Connector
from connectors.errors import ConnectorError, NotFound
from connectors.plugins import HeldPoints, TakesPoints, plugin_of

log = structlog.get_logger(__name__)

NOT_HELD = "The shop took it without an error but does not hold it."
STILL_HELD = "The shop took its removal without an error and still holds it."
NO_APP = "The app in the shop takes no points off baskets: it is off, gone, or too old."


def waits(desk: Desk, installation_id: int) -> bool:
    """Whether there is anything to do: nobody connects to a shop for nothing."""
    place = Place(desk.workspace_id, installation_id)
    with desk.database.reading() as session:
        return basket_queue.is_due(session, place, desk.clock())


def deliver_baskets(desk: Desk, installation_id: int, connector: Connector) -> Delivered:
    """Writes what waits for one shop, each customer once. Never raises for what the shop refuses
    or for a shop that is out: that is in the result, and the rest waits."""
    result = Delivered()
    if not isinstance(connector, TakesPoints):
        return result
    place = Place(desk.workspace_id, installation_id)
    told = shop_time(desk.database, desk.workspace_id, installation_id, connector, desk.clock)
    Baskets(desk, place, connector, told, result).run()
    return result


def look_again(database: Database, place: Place, points: TakesPoints, through: datetime) -> int:
    """A last look before what was held seems proven to be unused: what a worker that died had
    sent may have come in late. What is there is taken away again; how many. Raises
    ConnectorError."""
    with database.reading() as session:
        rows = session.scalars(
            select(Voucher)
            .where(
                col(Voucher.workspace_id) == place.workspace_id,
                col(Voucher.installation_id) == place.installation_id,
                col(Voucher.basket_minor).is_not(None),
                col(Voucher.customer_id) != "",
                col(Voucher.state) == VoucherState.ENDING.value,
                col(Voucher.is_there).is_(False),
                col(Voucher.removed_at) < through,
            )
            .order_by(col(Voucher.id))
        ).all()
    back = [one.id for one in rows if _held(points, one.customer_id) == key_of(one)]
    if back:
        with database.writing() as session:
            _is_back(session, place, back)
    return len(back)


def _is_back(session: Session, place: Place, ids: Sequence[int | None]) -> None:
    session.execute(
        update(Voucher)
        .where(
            col(Voucher.workspace_id) == place.workspace_id,
            col(Voucher.id).in_(ids),
            col(Voucher.is_wanted).is_(False),
        )
        .values(is_there=True, removed_at=None, not_before=None)
        .execution_options(synchronize_session=False)
    )


class Baskets:
    """One run in one shop."""

    def __init__(
        self, desk: Desk, place: Place, connector: Connector, told: ShopTime, result: Delivered
    ) -> None:
        assert isinstance(connector, TakesPoints)
        self._desk = desk
        self._place = place
        self._connector = connector
        self._points: TakesPoints = connector
        self._told = told
        self._result = result

    def run(self) -> None:
        passed: set[str] = set()
        while not self._desk.stopping():
            now = self._desk.clock()
            lease = self._desk.new_lease(now)
            with self._desk.database.writing() as session:
                due = basket_queue.claim(session, self._place, lease, now, passed)
            if due is None:
                return
            passed.add(due.customer_id)
            try:
                if due.codes and not self._guarded(lease, due):
                    passed.discard(due.customer_id)  # he changed his mind meanwhile
            except ConnectorError as error:
                self._result.out(error)
                return

    def _guarded(self, lease: Lease, due: DueBasket) -> bool:
        """What was not settled goes back, whatever happened. Raises ConnectorError for a shop
        that is out."""
        try:
            return self._write(lease, due)
        except ConnectorError as error:
            is_out = concerns_shop(error)
            self._put_back(lease, due.codes, error, str(error), counts=not is_out)
            if is_out:
                raise
        except SQLAlchemyError:
            self._put_back(lease, due.codes, None, "", counts=False)
            raise
        except Exception as error:  # a defect of ours must not stop the other customers
            log.exception("baskets.failed")
            reason = f"Internal error: {type(error).__name__}: {error}"
            self._put_back(lease, due.codes, None, reason, counts=True)
        return True

    def _write(self, lease: Lease, due: DueBasket) -> bool:
        """False: what is wanted is another by now, and waits again."""
        wanted = due.wanted
        if wanted is not None and not self._takes_points:
            self._put_back(lease, _codes([wanted]), None, NO_APP, counts=False)
            wanted = None
        if wanted is not None:
            with self._desk.database.writing() as session:
                if not basket_queue.commit_intent(session, lease, wanted, self._desk.clock()):
                    basket_queue.free(session, lease, [wanted, *due.over])
                    return False
                share = Policies(session, self._place.workspace_id).share(wanted)
            self._points.hold(due.customer_id, _told(wanted, share))
        elif not due.customer_id:
            self._let_end(lease, due)
            return True
        elif due.over:
            self._take_away(due)
        return self._settle(lease, due, wanted, _held(self._points, due.customer_id))

    def _let_end(self, lease: Lease, due: DueBasket) -> None:
        """Whose customer is known no more (he was erased here): it ends by itself in the shop."""
        now = self._desk.clock()
        over = [one for one in due.over if one.valid_until is None or one.valid_until <= now]
        with self._desk.database.writing() as session:
            basket_queue.settle_gone(session, lease, over, self._told.of(now))
        self._put_back(
            lease, _codes([one for one in due.over if one not in over]), None, "", counts=False
        )

    def _take_away(self, due: DueBasket) -> None:
        """Not what stands there for him besides."""
        if _held(self._points, due.customer_id) in {key_of(one) for one in due.over}:
            self._points.hold(due.customer_id, None)

    def _settle(self, lease: Lease, due: DueBasket, wanted: Voucher | None, key: str) -> bool:
        """``key``: what was read."""
        now = self._desk.clock()
        # Afterwards: who used it in the last moment did so before this time.
        moment = self._told.of(now)
        gone = [one for one in due.over if key_of(one) != key]
        is_there = wanted is not None and key_of(wanted) == key
        is_same = True
        with self._desk.database.writing() as session:
            if wanted is not None and is_there:
                is_same = basket_queue.settle_there(session, lease, wanted, moment, now)
            removed = basket_queue.settle_gone(session, lease, gone, moment)
        self._result.count(added=int(is_there), removed=removed)
        left = [one for one in due.over if one not in gone]
        if left:
            self._put_back(lease, _codes(left), None, STILL_HELD, counts=False)
        if wanted is not None and not is_there:
            self._put_back(lease, _codes([wanted]), None, NOT_HELD, counts=True)
        return is_same

    @cached_property
    def _takes_points(self) -> bool:
        plugin = plugin_of(self._connector)
        return plugin is not None and plugin.takes_points

    def _put_back(
        self,
        lease: Lease,
        codes: Sequence[DueCode],
        error: ConnectorError | None,
        reason: str,
        *,
        counts: bool,
    ) -> None:
        now = self._desk.clock()
        back = [
            PutBack(
                one,
                reason,
                self._desk.next_try(one.attempts, now),
                counts,
                counts and is_dead(error, one.attempts + 1),
            )
            for one in codes
        ]
        with self._desk.database.writing() as session:
            queue.put_back(session, lease, back)
        if reason:
            self._result.problem(reason, refused=len(back))


def _told(wanted: Voucher, share: Decimal | None) -> HeldPoints:
    assert wanted.basket_minor is not None and wanted.valid_until is not None
    return HeldPoints(
        key=key_of(wanted),
        worth=from_minor(wanted.basket_minor, wanted.currency),
        currency=wanted.currency,
        store_id=wanted.store_id,
        until=wanted.valid_until,
        share=share,
    )


def _held(points: TakesPoints, customer_id: str) -> str:
    """Empty also for a customer who is gone."""
    try:
        return points.held(customer_id)
    except NotFound:
        return ""


def _codes(rows: Sequence[Voucher]) -> list[DueCode]:
    return [DueCode(one.id or 0, one.code, one.pool_id, one.attempts) for one in rows]
