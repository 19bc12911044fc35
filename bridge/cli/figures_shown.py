"""Figures as commands print them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.cli.output import Output, plural
from bridge.cli.points_whose import local
from bridge.figures.customers import Buyers, Customers
from bridge.figures.health import ShopHealth
from bridge.figures.health_rules import Level, Remark, Trouble
from bridge.figures.liability import Liability
from bridge.figures.members import MemberFigures
from bridge.figures.money import Money
from bridge.figures.points import Outstanding, PointsOverTime, Unit
from bridge.figures.promoters import PromoterScore
from bridge.figures.recommendations import Recommendations
from connectors.base import Basis

_SAID = {
    Trouble.NEVER_READ: "it was not asked for news yet: `loyalty-bridge run` does",
    Trouble.CANNOT_BE_READ: "it could not be read {count} times in a row: {detail}",
    Trouble.BEHIND: "what happened there in the last {time} is not known here",
    Trouble.INBOX_FAILED: "{count} could not be handled: see `loyalty-bridge inbox --failed`",
    Trouble.DELIVERIES_REFUSED: "{count} changes refused: see `loyalty-bridge deliveries --dead`",
    Trouble.DELIVERIES_IN_CONFLICT: "{count} conflicts to decide: see `loyalty-bridge deliveries`",
    Trouble.BALANCES_REFUSED: "{count} balances refused: see `loyalty-bridge deliveries --dead`",
    Trouble.VOUCHERS_REFUSED: "{count} vouchers refused: see `loyalty-bridge deliveries --dead`",
    Trouble.PROMOTIONS_CHANGED: "{count} promotions of vouchers were changed in the shop by hand: "
    "decide with `loyalty-bridge vouchers pools`",
    Trouble.WEBHOOKS_OFF: "its app is switched off or removed: it sends no webhooks",
    Trouble.PLUGIN_GONE: "its plugin is gone, switched off or made to forget, and no gift comes "
    "into a basket by itself: `loyalty-bridge plan` shows whether the shop's own promotions are "
    "still to be made",
    Trouble.PLUGIN_NOT_TOLD: "its plugin does not know the bridge: {detail}",
}
_NO_RATE = "What a point is worth is not said: there is no programme with `redemption`."
_ALWAYS = ("earned", "redeemed", "expired", "change")
"""Columns of points that are shown though nothing is in them."""
_STYLES = {Level.OK: "green", Level.WARNING: "yellow", Level.ERROR: "red"}


def amount(value: Money | None, before: str = "", after: str = "") -> str:
    """``10.00 EUR``; empty where there is none to tell."""
    return "" if value is None else f"{before}{value.amount:,f} {value.currency}{after}"


def span(seconds: int | None) -> str:
    """How long, in the unit that people would say."""
    if seconds is None:
        return ""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def say_as_of(output: Output, as_of: datetime, now: datetime, timezone: str) -> None:
    """Only where figures are older than the question."""
    if as_of < now:
        when = local(as_of, ZoneInfo(timezone))
        output.note(f"Figures over all orders or lots are of {when}; --fresh counts anew.")


# -- shops ----------------------------------------------------------------------------------


def say_shops(output: Output, shops: Iterable[ShopHealth]) -> None:
    found = list(shops)
    if not found:
        output.line("No shop is connected yet: see `loyalty-bridge store add --help`.")
        return
    numbers = ("behind", "waiting", "failed")
    output.table(
        ("store", "state", "asked", *numbers, "webhooks"),
        [_shop(one) for one in found],
        right=numbers,
    )
    for shop in found:
        for remark in shop.remarks:
            output.line(f"{shop.store}: {_remark(remark)}", _STYLES[remark.level])


def _shop(shop: ShopHealth) -> tuple[str, ...]:
    counts = shop.counts
    waiting = counts.inbox_waiting + counts.deliveries_waiting + counts.vouchers_waiting
    failed = counts.inbox_failed + counts.deliveries_refused + counts.deliveries_in_conflict
    failed += counts.balances_refused + counts.vouchers_refused
    return (
        shop.store,
        shop.level.value,
        f"{shop.polled_at:%Y-%m-%d %H:%M} UTC" if shop.polled_at else "never",
        span(shop.lag_seconds),
        f"{waiting:,}",
        f"{failed:,}",
        shop.webhooks.state.value if shop.webhooks.state else "polls only",
    )


def _remark(one: Remark) -> str:
    return _SAID[one.trouble].format(
        count=f"{one.count:,}", detail=one.detail or "no reason told", time=span(one.count)
    )


# -- recommendations --------------------------------------------------------------------------


def say_score(output: Output, found: PromoterScore) -> None:
    if found.score is None:
        output.line("Nobody was asked yet whether he recommends you: see `surveys`.")
        return
    output.line(
        f"Net promoter score: {found.score}, from {found.promoters:,} promoters, "
        f"{found.passives:,} passives, {found.detractors:,} detractors."
    )


def say_recommendations(output: Output, found: Recommendations) -> None:
    numbers = ("promoters", "passives", "detractors", "score")
    form = "%Y-%m" if found.unit is Unit.MONTH else "%Y-%m-%d"
    output.table(
        (found.unit.value, *numbers),
        [
            *((one.begins.strftime(form), *_score(one.score)) for one in found.periods),
            ("total", *_score(found.total)),
        ],
        right=numbers,
    )
    if found.stores:
        output.line()
        rows = [(one.store or "never ordered", *_score(one.score)) for one in found.stores]
        output.table(("store", *numbers), rows, right=numbers)


def _score(found: PromoterScore) -> tuple[str, ...]:
    score = "" if found.score is None else str(found.score)
    return (f"{found.promoters:,}", f"{found.passives:,}", f"{found.detractors:,}", score)


# -- points ---------------------------------------------------------------------------------


def say_outstanding(output: Output, found: Outstanding) -> None:
    output.line(
        f"{plural(found.points, 'point')} of {plural(found.holders, 'account')}"
        f"{amount(found.value, ', worth ')}: "
        f"{found.available:,} available, {found.pending:,} pending, {found.reserved:,} reserved."
    )
    if found.owed:
        output.line(f"{found.owed:,} are owed{amount(found.owed_value, ', worth ')}.")
    if found.value is None:
        output.note(_NO_RATE)


def say_movements(output: Output, found: PointsOverTime) -> None:
    columns = ("earned", "reversed", "redeemed", "restored", "expired", "adjusted", "imported")
    numbers = [
        name
        for name in (*columns, "change")
        if name in _ALWAYS or any(getattr(one, name) for one in found.periods)
    ]
    form = "%Y-%m" if found.unit is Unit.MONTH else "%Y-%m-%d"
    rows = [
        (one.begins.strftime(form), *(f"{getattr(one, name):,}" for name in numbers))
        for one in found.periods
    ]
    rows.append(("total", *(f"{getattr(found.total, name):,}" for name in numbers)))
    output.table((found.unit.value, *numbers), rows, right=numbers)


def say_liability(output: Output, found: Liability) -> None:
    numbers = ("available", "pending", "reserved", "points", "value")
    rows: list[tuple[str, ...]] = [
        (
            row.store or "no shop",
            row.currency,
            "never" if row.month is None else f"{row.month:%Y-%m}",
            f"{row.available:,}",
            f"{row.pending:,}",
            f"{row.reserved:,}",
            f"{row.points:,}",
            amount(row.value),
        )
        for row in found.rows
    ]
    total = (found.available, found.pending, found.reserved, found.points)
    rows.append(("total", "", "", *(f"{one:,}" for one in total), amount(found.value)))
    output.table(("store", "currency", "expires", *numbers), rows, right=numbers)
    if found.value is None:
        output.note(_NO_RATE)


# -- members --------------------------------------------------------------------------------


def say_buyers(output: Output, found: Customers) -> None:
    taxed = "without tax" if found.basis is Basis.NET else "tax included"
    output.line(
        f"{plural(found.ever.customers, 'customer')}, of whom "
        f"{found.ever.repeat_customers:,} bought again ({_percent(found.ever.repeat_rate)})"
        f"{amount(found.ever.per_customer, '; one is worth ', f' on average, {taxed}')}."
    )
    output.line(
        f"Since {found.year_from}: {plural(found.year.customers, 'customer')}, of whom "
        f"{found.year.repeat_customers:,} bought again ({_percent(found.year.repeat_rate)})."
    )
    if found.guest_orders:
        output.line(f"{plural(found.guest_orders, 'order')} of guests not counted.")
    if found.unhandled_orders:
        output.warn(
            f"{plural(found.unhandled_orders, 'order')} not handled yet, and in none of these: "
            "see `loyalty-bridge inbox`."
        )


def say_members(output: Output, counted: MemberFigures, customers: Customers) -> None:
    output.line(f"{plural(counted.members, 'member')}.")
    _say_tiers(output, counted, customers)
    if counted.segments:
        output.table(
            ("segment", "members"),
            [(one.segment, f"{one.members:,}") for one in counted.segments],
            right=("members",),
        )
    output.line()
    say_buyers(output, customers)
    output.line()
    numbers = ("available", "pending", "value")
    output.table(
        ("most points", *numbers),
        [
            (one.name, f"{one.available:,}", f"{one.pending:,}", amount(one.value))
            for one in counted.top
        ],
        right=numbers,
    )
    output.table(
        ("bought for most", "orders", "spend"),
        [(one.name, f"{one.orders:,}", amount(one.spend)) for one in customers.top],
        right=("orders", "spend"),
    )


def _say_tiers(output: Output, counted: MemberFigures, customers: Customers) -> None:
    bought = {one.tier: one.buyers for one in customers.tiers}
    numbers = ("members", "customers", "bought again", "per customer")
    if counted.tiers:
        output.table(
            ("tier", *numbers),
            [
                (one.name or "none", f"{one.members:,}", *_tier(bought.get(one.tier)))
                for one in counted.tiers
            ],
            right=numbers,
        )


def _tier(found: Buyers | None) -> tuple[str, str, str]:
    if found is None:
        return ("", "", "")
    return (f"{found.customers:,}", _percent(found.repeat_rate), amount(found.per_customer))


def _percent(value: Decimal | None) -> str:
    return "none yet" if value is None else f"{value} %"
