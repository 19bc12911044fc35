"""Codes and promotions of vouchers in a shop, beside what the books believe is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from bridge.orders.models import HandledOrder
from bridge.points.book import Book
from bridge.reconciling.books import Books, at, chunked
from bridge.reconciling.findings import Finding, Fix, Severity
from bridge.reconciling.shops import Shop, fetching, next_walk, told
from bridge.vouchers import pool_queue
from bridge.vouchers.adopting import Unknown, unknown
from bridge.vouchers.desk import Desk
from bridge.vouchers.holding import lock_vouchers
from bridge.vouchers.models import Voucher, VoucherPool, VoucherState
from bridge.vouchers.pool_rules import Verdict, before_adding
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.queue import Place
from connectors.rewards import HeldCode, HeldPromotion, Promotions

MISSING = "shop-code-missing"
LEFT = "shop-code-left"
USED = "shop-code-used"
UNKNOWN = "shop-code-unknown"
POOL = "shop-pool"
_SHOWN = 5
_PER_READ = 100
_ALIVE = (VoucherState.OPEN.value, VoucherState.ENDING.value)


def find(shop: Shop) -> Iterator[Finding]:
    """Nothing that a worker is at, or will be by itself. Raises ConnectorError."""
    promotions = shop.connector.promotions
    if promotions is None:
        return
    yield from _pools(shop, promotions)
    yield from _codes(shop, promotions)
    desk = Desk(
        shop.books.database,
        shop.books.workspace_id,
        Path(),
        "reconcile",
        shop.books.clock,
        timedelta(0),
    )
    for one in unknown(desk, Place(shop.books.workspace_id, shop.id), promotions):
        yield _unknown(shop, one)


# -- promotions -----------------------------------------------------------------------------


def _pools(shop: Shop, promotions: Promotions) -> Iterator[Finding]:
    with shop.books.looking() as session:
        before = {one.key: one for one in session.scalars(_idle_pools(shop))}
    held: dict[str, HeldPromotion] = {}
    for keys in chunked(sorted(before), _PER_READ):
        held |= promotions.read(keys)
    with shop.books.looking() as session:
        pools = [
            one for one in session.scalars(_idle_pools(shop)) if _same(one, before.get(one.key))
        ]
    for pool in pools:
        what = _drift(pool, held.get(pool.key))
        if what:
            yield Finding(
                POOL,
                f"promotion {promotion_of(pool).name}",
                what,
                "Somebody changed it in the shop since it was last compared, or its row was "
                "changed past the bridge.",
                "Note it; what becomes of it, `loyalty-bridge vouchers pools` decides.",
                _noting(shop.books, pool, held.get(pool.key)),
                store=shop.name,
            )


def _idle_pools(shop: Shop) -> Any:
    return (
        select(VoucherPool)
        .where(
            col(VoucherPool.workspace_id) == shop.books.workspace_id,
            col(VoucherPool.installation_id) == shop.id,
            col(VoucherPool.found).is_(None),
            col(VoucherPool.lease_owner) == "",
        )
        .order_by(col(VoucherPool.id))
    )


def _drift(pool: VoucherPool, held: HeldPromotion | None) -> str:
    """Empty: it is as agreed, or a worker will look at it before it does anything."""
    if not pool.is_there:
        is_gone = not pool.intended and not pool.is_wanted
        return "It is said to be gone, and the shop holds it." if held and is_gone else ""
    if not pool.is_wanted:
        return ""
    verdict = before_adding(pool_queue.standing(pool, held))
    if verdict is Verdict.AGREED:
        return ""
    return (
        "The shop holds it no more, nor its codes."
        if verdict is Verdict.GONE
        else "The shop holds another one than was agreed."
    )


def _noting(books: Books, pool: VoucherPool, held: HeldPromotion | None) -> Fix:
    def mend(session: Session, now: datetime) -> bool:
        row = session.scalars(
            select(VoucherPool)
            .where(
                col(VoucherPool.workspace_id) == books.workspace_id,
                col(VoucherPool.id) == pool.id,
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        if row.native != pool.native or row.is_there is not pool.is_there or row.lease_owner:
            return False
        if not row.is_there:
            # To be taken away, by who looks first whether foreign codes hang on it.
            assert held is not None
            row.is_there, row.native, row.native_id = True, held.native, held.native_id
            row.intended = held.native
        else:
            row.found = held.native if held else ""
            row.checked_at = now
        session.flush()
        return True

    return books.fix(mend)


# -- codes ----------------------------------------------------------------------------------


def _codes(shop: Shop, promotions: Promotions) -> Iterator[Finding]:
    used: list[tuple[Voucher, HeldCode]] = []
    after = 0
    while True:
        with shop.books.looking() as session:
            before = session.scalars(_idle(shop, after, promotions.codes_per_call)).all()
        if not before:
            break
        after = before[-1].id or 0
        held = promotions.codes([one.code for one in before])
        # Who is at work on it meanwhile is not wrong.
        with shop.books.looking() as session:
            ids = {one.id: one for one in before}
            again = session.execute(_these(shop, list(ids))).all()
        for voucher, pool in again:
            if not _same(voucher, ids[voucher.id]):
                continue
            yield from _of(shop, voucher, pool, held.get(voucher.code))
            if voucher.code in held and held[voucher.code].is_used:
                used.append((voucher, held[voucher.code]))
    yield from _used(shop, [one for one in used if one[0].state in _ALIVE])


def _idle(shop: Shop, after: int, most: int) -> Any:
    """Those nobody is at: living ones, and those that came to their end in the window."""
    return (
        select(Voucher)
        .where(
            *_here(shop),
            col(Voucher.id) > after,
            or_(
                col(Voucher.state).in_(_ALIVE),
                col(Voucher.is_there).is_(True),
                col(Voucher.removed_at) >= shop.since,
                col(Voucher.ended_at) >= shop.since,
            ),
        )
        .order_by(col(Voucher.id))
        .limit(most)
    )


def _same(one: Voucher | VoucherPool, before: Voucher | VoucherPool | None) -> bool:
    return before is not None and one.model_dump() == before.model_dump()


def _these(shop: Shop, ids: Sequence[int | None]) -> Any:
    return (
        select(Voucher, VoucherPool)
        .outerjoin(VoucherPool, col(VoucherPool.id) == col(Voucher.pool_id))
        .where(*_here(shop), col(Voucher.id).in_(ids))
        .order_by(col(Voucher.id))
    )


def _here(shop: Shop) -> tuple[Any, ...]:
    return (
        col(Voucher.workspace_id) == shop.books.workspace_id,
        col(Voucher.installation_id) == shop.id,
        col(Voucher.basket_minor).is_(None),
        col(Voucher.lease_owner) == "",
    )


def _of(
    shop: Shop, voucher: Voucher, pool: VoucherPool | None, held: HeldCode | None
) -> Iterator[Finding]:
    assert voucher.id is not None
    where = f"voucher {voucher.code}"
    is_decided = pool is None or pool.found is None
    if held is None and voucher.is_wanted and voucher.is_there and is_decided:
        yield Finding(
            MISSING,
            where,
            "Its code is not in the shop, and was last seen there.",
            "Somebody removed it there, or its row was changed past the bridge.",
            "Put it in again with the next delivery.",
            _marking(shop.books, voucher, is_there=False),
            store=shop.name,
        )
    is_gone = not voucher.is_there and (
        voucher.removed_at is not None or voucher.intended_at is None
    )
    if held is not None and not voucher.is_wanted and is_gone:
        yield Finding(
            LEFT,
            where,
            f"It is {voucher.state}, its code is said to be gone since "
            f"{at(voucher.removed_at)}, and the shop holds it.",
            "Somebody put it in again, what a dead worker had sent came in late, or its row was "
            "changed past the bridge.",
            "Take it out with the next delivery.",
            _marking(shop.books, voucher, is_there=True),
            store=shop.name,
        )


def _marking(books: Books, before: Voucher, *, is_there: bool) -> Fix:
    """The worker does the rest: it puts in and takes out by what is believed to be there."""

    def mend(session: Session, now: datetime) -> bool:
        assert before.id is not None
        book = Book(session, books.workspace_id, now)
        voucher = lock_vouchers(session, book, [before.id]).get(before.id)
        if voucher is None or voucher.lease_owner:
            return False
        if (voucher.is_wanted, voucher.is_there) != (before.is_wanted, before.is_there):
            return False
        voucher.is_there, voucher.removed_at, voucher.not_before = is_there, None, None
        if is_there:
            voucher.intended_at = voucher.intended_at or now
        session.flush()
        return True

    return books.fix(mend)


# -- used, by what the shop says ------------------------------------------------------------


def _used(shop: Shop, found: Sequence[tuple[Voucher, HeldCode]]) -> Iterator[Finding]:
    """An order that the next poll brings is none."""
    feed = shop.connector.feed
    if feed is None or not found:
        return
    start = min((next_walk(shop, one) for one in feed.order_resources), default=shop.since)
    ids = sorted({held.order_id for _, held in found if held.order_id})
    known = _known_orders(shop, ids)
    fresh = {
        one.id
        for some in chunked((id_ for id_ in ids if id_ not in known), _PER_READ)
        for one in shop.intake.fetch(feed.orders, some).orders
        if one.changed_at > start
    }
    nameless = [one for one in found if not one[1].order_id]
    if nameless and told(shop, feed)[1]:
        nameless = []
    for voucher, held in found:
        if held.order_id and held.order_id not in known | fresh:
            yield _used_on(shop, voucher, held.order_id)
    for voucher, _ in nameless:
        yield _used_somewhere(shop, voucher)


def _known_orders(shop: Shop, ids: Sequence[str]) -> set[str]:
    with shop.books.looking() as session:
        return set(
            session.scalars(
                select(col(HandledOrder.order_id)).where(
                    col(HandledOrder.workspace_id) == shop.books.workspace_id,
                    col(HandledOrder.installation_id) == shop.id,
                    col(HandledOrder.order_id).in_(ids),
                )
            )
        )


def _used_on(shop: Shop, voucher: Voucher, order_id: str) -> Finding:
    return Finding(
        USED,
        f"voucher {voucher.code}",
        f"It is {voucher.state}, and the shop says that it was used on order id {order_id}, "
        "which never came in.",
        "A walk passed the order by, or it was deleted in the shop.",
        "Fetch and handle the order.",
        fetching(shop, order_id),
        store=shop.name,
    )


def _used_somewhere(shop: Shop, voucher: Voucher) -> Finding:
    return Finding(
        USED,
        f"voucher {voucher.code}",
        f"It is {voucher.state}, and the shop counts a use of it; no order with it came in.",
        "The order was deleted in the shop, or the shop counted an order that it did not take.",
        "Look for it in the shop; withdraw the voucher where it was used.",
        None,
        Severity.WAITS,
        shop.name,
    )


# -- what nobody knows ----------------------------------------------------------------------


def _unknown(shop: Shop, one: Unknown) -> Finding:
    shown = ", ".join(one.codes[:_SHOWN]) + (", …" if len(one.codes) > _SHOWN else "")
    what = f"{len(one.codes):,} codes hang on it that no voucher has ({shown})."
    if not one.is_known:
        what = "It carries the bridge's mark, and the books do not know it. " + (
            what if one.codes else "No code hangs on it."
        )
    return Finding(
        UNKNOWN,
        f"promotion {one.name or one.key}",
        what,
        "Somebody added them there, or the books were restored from a backup without them. They "
        "are worth money, and nobody's points are held for them.",
        "Look whose they are, and remove them in the shop.",
        None,
        store=shop.name,
    )
