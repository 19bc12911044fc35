"""Looking at vouchers and at the promotions they hang on, and deciding what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update
from sqlmodel import Session, col

from bridge.installations.models import Installation
from bridge.kit.errors import BridgeError
from bridge.vouchers.models import Voucher, VoucherPool, VoucherUse
from bridge.vouchers.pooling import promotion_of
from connectors.sentences import sentence

_NO_PAUSE: dict[str, Any] = {"is_dead": False, "attempts": 0, "not_before": None}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which vouchers are to be listed."""

    member_id: int | None = None
    email: str = ""
    """Of a friend who is no member yet; with ``member_id``: of either."""
    installation_id: int | None = None
    store_id: str = ""
    states: tuple[str, ...] = ()
    code: str = ""
    dead: bool = False
    """Only those that the shop refused again and again."""
    waiting: bool = False
    """Only those whose code is not where it shall be yet."""
    ids: tuple[int, ...] = ()
    before: int = 0
    """Only older ones than this id, to page on; 0: all."""


@dataclass(frozen=True, slots=True)
class Listed:
    voucher: Voucher
    installation: str
    problem: str
    """Why its code is not where it shall be; empty: nothing stands against it."""
    is_dead: bool
    uses: tuple[VoucherUse, ...]
    """Oldest first; more than one order, and the shop let it be used again."""


@dataclass(frozen=True, slots=True)
class ListedPool:
    pool: VoucherPool
    installation: str
    open_codes: int
    """Codes that are wanted in it."""
    there: int
    """Codes that were seen in it."""

    @property
    def id(self) -> str:
        """``installation/key``, for commands."""
        return f"{self.installation}/{self.pool.key}"

    @property
    def name(self) -> str:
        return promotion_of(self.pool).name

    @property
    def drift(self) -> str:
        """``changed``, ``gone`` or empty."""
        if self.pool.found is None:
            return ""
        return "changed" if self.pool.found else "gone"


def vouchers(session: Session, workspace_id: int, wanted: Wanted, limit: int) -> list[Listed]:
    """Newest first."""
    rows = session.execute(
        select(Voucher, VoucherPool, col(Installation.name))
        .join(VoucherPool, col(VoucherPool.id) == col(Voucher.pool_id))
        .join(Installation, col(Installation.id) == col(Voucher.installation_id))
        .where(col(Voucher.workspace_id) == workspace_id, *_conditions(wanted))
        .order_by(col(Voucher.id).desc())
        .limit(limit)
    ).all()
    uses = _uses(session, workspace_id, [row[0].id for row in rows])
    return [
        Listed(
            voucher,
            name,
            _problem(voucher, pool),
            voucher.is_dead or (_is_due(voucher) and pool.is_dead),
            tuple(uses.get(voucher.id, ())),
        )
        for voucher, pool, name in rows
    ]


def dead(session: Session, workspace_id: int, store: str | None, limit: int) -> list[Listed]:
    """Those that the shop refused again and again; of one installation, if named."""
    found = None
    if store is not None:
        found = session.scalars(
            select(col(Installation.id)).where(
                col(Installation.workspace_id) == workspace_id, col(Installation.name) == store
            )
        ).first()
        if found is None:
            return []
    return vouchers(session, workspace_id, Wanted(installation_id=found, dead=True), limit)


def retry(session: Session, workspace_id: int, ids: Sequence[int] | None = None) -> int:
    """Tries dead ones once more, with the promotions they hang on and those that are to be
    taken away; how many. ``ids``: of vouchers; ``None``: all."""
    mine = [] if ids is None else [col(Voucher.id).in_(ids)]
    pools = select(col(Voucher.pool_id)).where(col(Voucher.workspace_id) == workspace_id, *mine)
    of_pools = [
        col(VoucherPool.workspace_id) == workspace_id,
        col(VoucherPool.is_dead).is_(True),
        *([] if ids is None else [col(VoucherPool.id).in_(pools)]),
    ]
    stuck = session.scalars(
        select(col(Voucher.id))
        .join(VoucherPool, col(VoucherPool.id) == col(Voucher.pool_id))
        .where(col(Voucher.workspace_id) == workspace_id, *mine, _dead())
        .order_by(col(Voucher.id))
    ).all()
    empty = session.scalars(
        select(col(VoucherPool.id)).where(*of_pools, col(VoucherPool.is_wanted).is_(False))
    ).all()
    session.execute(
        update(VoucherPool)
        .where(*of_pools)
        .values(**_NO_PAUSE)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Voucher)
        .where(col(Voucher.id).in_(stuck), col(Voucher.workspace_id) == workspace_id)
        .values(**_NO_PAUSE)
        .execution_options(synchronize_session=False)
    )
    return len(stuck) + (len(empty) if ids is None else 0)


# -- pools ----------------------------------------------------------------------------------


def pools(session: Session, workspace_id: int, *, all_of_them: bool = False) -> list[ListedPool]:
    """Those that are wanted or still in a shop, by installation and name of their worth."""
    counted = (
        select(
            col(Voucher.pool_id).label("pool_id"),
            func.sum(_one(col(Voucher.is_wanted).is_(True))).label("open"),
            func.sum(_one(col(Voucher.is_there).is_(True))).label("there"),
        )
        .where(col(Voucher.workspace_id) == workspace_id)
        .group_by(col(Voucher.pool_id))
        .subquery()
    )
    query = (
        select(VoucherPool, col(Installation.name), counted.c.open, counted.c.there)
        .join(Installation, col(Installation.id) == col(VoucherPool.installation_id))
        .outerjoin(counted, counted.c.pool_id == col(VoucherPool.id))
        .where(col(VoucherPool.workspace_id) == workspace_id)
        .order_by(col(Installation.name), col(VoucherPool.worth), col(VoucherPool.number))
    )
    if not all_of_them:
        query = query.where(
            or_(col(VoucherPool.is_wanted).is_(True), col(VoucherPool.is_there).is_(True))
        )
    return [
        ListedPool(pool, name, int(open_ or 0), int(there or 0))
        for pool, name, open_, there in session.execute(query)
    ]


def changed_pools(session: Session, workspace_id: int) -> list[ListedPool]:
    """Those that a person changed or removed in a shop; their codes are not counted."""
    rows = session.execute(
        select(VoucherPool, col(Installation.name))
        .join(Installation, col(Installation.id) == col(VoucherPool.installation_id))
        .where(
            col(VoucherPool.workspace_id) == workspace_id,
            col(VoucherPool.found).is_not(None),
            or_(col(VoucherPool.is_wanted).is_(True), col(VoucherPool.is_there).is_(True)),
        )
        .order_by(col(Installation.name), col(VoucherPool.worth), col(VoucherPool.number))
    )
    return [ListedPool(pool, name, 0, 0) for pool, name in rows]


def restore(session: Session, workspace_id: int, id_: str) -> VoucherPool:
    """What a person changed in the shop becomes again what it was, with the codes that hung on
    it. ``id_``: :attr:`ListedPool.id`. Raises BridgeError."""
    pool = _changed(session, workspace_id, id_)
    if not pool.found:
        session.execute(
            update(Voucher)
            .where(
                col(Voucher.workspace_id) == workspace_id,
                col(Voucher.pool_id) == pool.id,
                col(Voucher.is_there).is_(True),
            )
            .values(is_there=False, not_before=None)
            .execution_options(synchronize_session=False)
        )
    # What the person made of it is agreed to be overwritten.
    pool.intended = pool.found or ""
    pool.found, pool.is_there, pool.not_before = None, False, None
    session.add(pool)
    return pool


def leave(session: Session, workspace_id: int, id_: str) -> VoucherPool:
    """The promotion stays as the person changed it, for codes that are still to come too.
    ``id_``: :attr:`ListedPool.id`. Raises BridgeError."""
    pool = _changed(session, workspace_id, id_)
    if not pool.found:
        raise BridgeError(
            sentence(
                "%(name)s is no longer in the shop, and its codes cannot be used: --restore "
                "makes it again, `loyalty-bridge vouchers withdraw` ends its vouchers.",
                name=promotion_of(pool).name,
            )
        )
    pool.native, pool.found, pool.is_there = pool.found, None, True
    session.add(pool)
    return pool


def _changed(session: Session, workspace_id: int, id_: str) -> VoucherPool:
    store, _, key = id_.partition("/")
    here = select(col(Installation.id)).where(
        col(Installation.workspace_id) == workspace_id, col(Installation.name) == store
    )
    pool: VoucherPool | None = session.execute(
        select(VoucherPool)
        .where(
            col(VoucherPool.workspace_id) == workspace_id,
            col(VoucherPool.installation_id).in_(here),
            col(VoucherPool.key) == key,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if pool is None:
        raise BridgeError(
            sentence(
                "There is no promotion of vouchers %(id)s: see `loyalty-bridge vouchers pools`.",
                id=f"{id_}",
            )
        )
    if pool.found is None:
        raise BridgeError(
            sentence("%(name)s is as it shall be: nothing to decide.", name=promotion_of(pool).name)
        )
    return pool


# -- conditions -----------------------------------------------------------------------------


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    equal = (
        (Voucher.installation_id, wanted.installation_id),
        (Voucher.store_id, wanted.store_id or None),
        (Voucher.code, wanted.code or None),
    )
    given: tuple[tuple[Any, ColumnElement[bool]], ...] = (
        (wanted.states, col(Voucher.state).in_(wanted.states)),
        (wanted.ids, col(Voucher.id).in_(wanted.ids)),
        (wanted.dead, _dead()),
        (wanted.waiting, _due()),
        (wanted.before, col(Voucher.id) < wanted.before),
    )
    return [
        *_whose(wanted),
        *(col(column) == value for column, value in equal if value is not None),
        *(condition for is_given, condition in given if is_given),
    ]


def _whose(wanted: Wanted) -> list[ColumnElement[bool]]:
    who = []
    if wanted.member_id is not None:
        who.append(col(Voucher.member_id) == wanted.member_id)
    if wanted.email:
        who.append(col(Voucher.email) == wanted.email)
    return [or_(*who)] if who else []


def _dead() -> ColumnElement[bool]:
    return or_(col(Voucher.is_dead).is_(True), and_(_due(), col(VoucherPool.is_dead).is_(True)))


def _due() -> ColumnElement[bool]:
    return or_(
        and_(col(Voucher.is_wanted).is_(True), col(Voucher.is_there).is_(False)),
        and_(
            col(Voucher.is_wanted).is_(False),
            col(Voucher.intended_at).is_not(None),
            col(Voucher.removed_at).is_(None),
        ),
    )


def _is_due(voucher: Voucher) -> bool:
    if voucher.is_wanted:
        return not voucher.is_there
    return voucher.intended_at is not None and voucher.removed_at is None


def _problem(voucher: Voucher, pool: VoucherPool) -> str:
    if not _is_due(voucher):
        return ""
    if voucher.error or not voucher.is_wanted:
        return voucher.error
    if pool.found is not None:
        how = "changed" if pool.found else "removed"
        return (
            f"Its promotion was {how} in the shop by hand: decide with "
            "`loyalty-bridge vouchers pools`."
        )
    return pool.error


def _uses(session: Session, workspace_id: int, ids: Sequence[Any]) -> dict[Any, list[VoucherUse]]:
    found: dict[Any, list[VoucherUse]] = {}
    for use in session.scalars(
        select(VoucherUse)
        .where(col(VoucherUse.workspace_id) == workspace_id, col(VoucherUse.voucher_id).in_(ids))
        .order_by(col(VoucherUse.placed_at), col(VoucherUse.order_id))
    ):
        found.setdefault(use.voucher_id, []).append(use)
    return found


def _one(condition: ColumnElement[bool]) -> Any:
    return case((condition, 1), else_=0)
