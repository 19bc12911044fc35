"""How each installation is: what was read of it, what waits, what it refused. Counted when it is
asked for, over rows that are not done yet: there are few of them, however many are done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, literal_column, or_, select
from sqlmodel import Session, col

from bridge.balances.models import ShownBalance
from bridge.figures.health_rules import (
    Level,
    PluginHealth,
    Remark,
    ResourceState,
    ShopCounts,
    level,
    remarks,
)
from bridge.inbox.models import Cursor, InboxRow, InboxState, ShopClock
from bridge.inbox.review import OPEN
from bridge.installations.models import (
    AppRegistration,
    AppState,
    Installation,
    PluginState,
    ShopFacts,
    WebhookCount,
)
from bridge.installations.webhook_counts import ACCEPTED, CONFIRMED, REGISTERED, REPLAYED
from bridge.outbox.models import OPEN_STATES, Delivery, DeliveryState
from bridge.vouchers.models import Voucher, VoucherPool

REFUSED_SINCE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Webhooks:
    state: AppState | None
    """``None``: the shop was given no address; it is polled only."""
    last_at: datetime | None
    """When the last message came that was taken or had come before."""
    refused: int
    """Messages of the last seven days that were forged, stale or unreadable."""


@dataclass(frozen=True, slots=True)
class ShopHealth:
    installation_id: int
    store: str
    """The installation's name."""
    platform: str
    version: str
    """As the shop last told; empty: it was not asked yet."""
    level: Level
    remarks: tuple[Remark, ...]
    """What is wrong, the worst first; empty: nothing."""
    pulled_at: datetime | None
    """When groups and prices were last read."""
    polled_at: datetime | None
    """When the shop was last asked for news."""
    lag_seconds: int | None
    """Of the resource that is furthest behind; ``None``: none was read to its end yet."""
    resources: tuple[ResourceState, ...]
    counts: ShopCounts
    webhooks: Webhooks


def health(session: Session, workspace_id: int, now: datetime) -> tuple[ShopHealth, ...]:
    """Of every connected installation, by name."""
    return health_of(session, [workspace_id], now)[workspace_id]


def health_of(
    session: Session, workspace_ids: Collection[int], now: datetime
) -> dict[int, tuple[ShopHealth, ...]]:
    """The same of several workspaces, with as many queries as of one."""
    shops = _shops(session, workspace_ids)
    resources = _resources(session, workspace_ids, now)
    webhooks = _webhooks(session, workspace_ids, now)
    plugins = _plugins(session, workspace_ids)
    counts = _counts(session, workspace_ids, [shop.id or 0 for shop, _version in shops])
    found: dict[int, list[ShopHealth]] = {id_: [] for id_ in workspace_ids}
    for shop, version in shops:
        assert shop.id is not None
        hooks = webhooks.get(shop.id, Webhooks(None, None, 0))
        found[shop.workspace_id].append(
            _health(
                shop,
                version,
                resources.get(shop.id, ()),
                counts[shop.id],
                hooks,
                plugins.get(shop.id),
            )
        )
    return {id_: tuple(some) for id_, some in found.items()}


def _shops(session: Session, workspace_ids: Collection[int]) -> list[tuple[Installation, str]]:
    """With the version each last told."""
    rows = session.execute(
        select(Installation, col(ShopFacts.version))
        .outerjoin(ShopFacts, col(ShopFacts.installation_id) == col(Installation.id))
        .where(
            col(Installation.workspace_id).in_(workspace_ids),
            col(Installation.removed_at).is_(None),
        )
        .order_by(col(Installation.name))
    )
    return [(shop, version or "") for shop, version in rows]


def _health(
    shop: Installation,
    version: str,
    resources: tuple[ResourceState, ...],
    counts: ShopCounts,
    webhooks: Webhooks,
    plugin: PluginHealth | None,
) -> ShopHealth:
    assert shop.id is not None
    found = remarks(resources, counts, webhooks.state, plugin)
    lags = [one.lag_seconds for one in resources if one.lag_seconds is not None]
    return ShopHealth(
        shop.id,
        shop.name,
        shop.platform,
        version,
        level(found),
        found,
        shop.pulled_at,
        max((one.polled_at for one in resources if one.polled_at is not None), default=None),
        max(lags, default=None),
        resources,
        counts,
        webhooks,
    )


def _resources(
    session: Session, workspace_ids: Collection[int], now: datetime
) -> dict[int, tuple[ResourceState, ...]]:
    rows = session.execute(
        select(Cursor, col(ShopClock.offset_ms))
        .outerjoin(ShopClock, col(ShopClock.installation_id) == col(Cursor.installation_id))
        .where(col(Cursor.workspace_id).in_(workspace_ids))
        .order_by(col(Cursor.resource))
    )
    found: defaultdict[int, list[ResourceState]] = defaultdict(list)
    for cursor, offset_ms in rows:
        found[cursor.installation_id].append(_resource(cursor, offset_ms or 0, now))
    return {shop: tuple(some) for shop, some in found.items()}


def _resource(cursor: Cursor, offset_ms: int, now: datetime) -> ResourceState:
    through = cursor.complete_through
    if through is not None:
        through -= timedelta(milliseconds=offset_ms)  # the shop's clock is so far ahead of ours
    lag = None if through is None else max(int((now - through).total_seconds()), 0)
    return ResourceState(
        cursor.resource, cursor.polled_at, through, lag, cursor.failures, cursor.error
    )


def _webhooks(
    session: Session, workspace_ids: Collection[int], now: datetime
) -> dict[int, Webhooks]:
    good = col(WebhookCount.outcome).in_((ACCEPTED, REPLAYED))
    step = col(WebhookCount.outcome).in_((REGISTERED, CONFIRMED))
    since: date = (now - timedelta(days=REFUSED_SINCE_DAYS)).date()
    late_and_bad = and_(~good, ~step, col(WebhookCount.day) > since)
    rows = session.execute(
        select(
            col(WebhookCount.installation_id),
            func.max(case((good, col(WebhookCount.last_at)))),
            func.coalesce(func.sum(case((late_and_bad, col(WebhookCount.messages)))), 0),
        )
        .where(col(WebhookCount.workspace_id).in_(workspace_ids))
        .group_by(col(WebhookCount.installation_id))
    )
    counted = {row[0]: Webhooks(None, row[1], int(row[2])) for row in rows}
    states = session.execute(
        select(col(AppRegistration.installation_id), col(AppRegistration.state)).where(
            col(AppRegistration.workspace_id).in_(workspace_ids)
        )
    )
    known = {row[0]: AppState(row[1]) for row in states}
    return {
        shop: replace(counted.get(shop, Webhooks(None, None, 0)), state=known.get(shop))
        for shop in counted.keys() | known.keys()
    }


def _plugins(session: Session, workspace_ids: Collection[int]) -> dict[int, PluginHealth]:
    """By installation; of those with trouble."""
    rows = session.execute(
        select(
            col(PluginState.installation_id), col(PluginState.gone_at), col(PluginState.problem)
        ).where(
            col(PluginState.workspace_id).in_(workspace_ids),
            or_(col(PluginState.gone_at).is_not(None), col(PluginState.problem) != ""),
        )
    )
    return {row[0]: PluginHealth(row[1] is not None, row[2]) for row in rows}


def _counts(
    session: Session, workspace_ids: Collection[int], shops: Sequence[int]
) -> dict[int, ShopCounts]:
    """By installation; each of ``shops`` is there."""
    inbox = _by_state(session, workspace_ids, InboxRow, OPEN)
    waits = (*OPEN_STATES, DeliveryState.CONFLICT.value, DeliveryState.DEAD.value)
    deliveries = _by_state(session, workspace_ids, Delivery, waits)
    vouchers = _vouchers(session, workspace_ids, shops)
    balances = _refused_balances(session, workspace_ids)
    promotions = _changed_promotions(session, workspace_ids)

    def of(shop: int) -> ShopCounts:
        failed = (InboxState.FAILED.value, InboxState.UNREAD.value)
        waiting, refused = vouchers.get(shop, (0, 0))
        return ShopCounts(
            inbox_waiting=inbox.get((shop, InboxState.QUEUED.value), 0),
            inbox_failed=sum(inbox.get((shop, state), 0) for state in failed),
            deliveries_waiting=sum(deliveries.get((shop, state), 0) for state in OPEN_STATES),
            deliveries_in_conflict=deliveries.get((shop, DeliveryState.CONFLICT.value), 0),
            deliveries_refused=deliveries.get((shop, DeliveryState.DEAD.value), 0),
            balances_refused=balances.get(shop, 0),
            vouchers_waiting=waiting,
            vouchers_refused=refused,
            promotions_changed=promotions.get(shop, 0),
        )

    return {shop: of(shop) for shop in shops}


def _by_state(
    session: Session, workspace_ids: Collection[int], table: Any, states: Sequence[str]
) -> dict[tuple[int, str], int]:
    shop = _not_by_index(table.installation_id)
    rows = session.execute(
        select(shop, col(table.state), func.count())
        .where(col(table.workspace_id).in_(workspace_ids), col(table.state).in_(states))
        .group_by(shop, col(table.state))
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def _refused_balances(session: Session, workspace_ids: Collection[int]) -> dict[int, int]:
    return _count(
        session,
        ShownBalance,
        col(ShownBalance.workspace_id).in_(workspace_ids),
        col(ShownBalance.is_due).is_(True),
        col(ShownBalance.is_dead).is_(True),
    )


def _vouchers(
    session: Session, workspace_ids: Collection[int], shops: Sequence[int]
) -> dict[int, tuple[int, int]]:
    """Whose code is not where it shall be: all of them, and those that were refused."""
    to_add = and_(col(Voucher.is_wanted).is_(True), col(Voucher.is_there).is_(False))
    to_remove = and_(
        col(Voucher.is_wanted).is_(False),
        col(Voucher.removed_at).is_(None),
        col(Voucher.intended_at).is_not(None),
    )
    is_dead = or_(col(Voucher.is_dead).is_(True), col(VoucherPool.is_dead).is_(True))
    found: defaultdict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for which in (to_add, to_remove):  # apart, so that an index serves each
        rows = session.execute(
            select(
                col(Voucher.installation_id),
                func.count(),
                func.coalesce(func.sum(case((is_dead, 1), else_=0)), 0),
            )
            .select_from(Voucher)
            .join(VoucherPool, col(VoucherPool.id) == col(Voucher.pool_id))
            .where(
                col(Voucher.workspace_id).in_(workspace_ids),
                col(Voucher.installation_id).in_(shops),
                which,
            )
            .group_by(col(Voucher.installation_id))
        )
        for shop, waiting, refused in rows:
            before = found[shop]
            found[shop] = (before[0] + int(waiting), before[1] + int(refused))
    return found


def _changed_promotions(session: Session, workspace_ids: Collection[int]) -> dict[int, int]:
    return _count(
        session,
        VoucherPool,
        col(VoucherPool.workspace_id).in_(workspace_ids),
        col(VoucherPool.is_wanted).is_(True),
        col(VoucherPool.found).is_not(None),
    )


def _count(session: Session, table: Any, *which: Any) -> dict[int, int]:
    """By installation."""
    shop = _not_by_index(table.installation_id)
    rows = session.execute(select(shop, func.count()).where(*which).group_by(shop))
    return {row[0]: int(row[1]) for row in rows}


def _not_by_index(column: Any) -> Any:
    """SQLite would go through the whole table in the order of an index on it, to be spared the
    sorting of what little is counted."""
    return col(column) + literal_column("0")
