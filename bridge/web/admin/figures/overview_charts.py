"""The charts of the overview, from figures as :mod:`bridge.figures` tells them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from babel.dates import format_skeleton

from bridge.figures.customers import Customers, Spender
from bridge.figures.funnel import Funnel
from bridge.figures.members import MemberFigures, TopHolder
from bridge.figures.money import Money
from bridge.figures.points import PointsOverTime, Unit
from bridge.points.models import Holder
from bridge.web.admin.charts import Chart, Series, Table, bars, columns
from bridge.web.speaking import _, speech

NOTHING = "\u2013"
Address = Callable[[int], str]
"""Of a member's page."""


def amount(value: Money | None) -> str:
    return NOTHING if value is None else speech().money(value.amount, value.currency)


def share(percent: Decimal | None) -> str:
    """Of a percentage as figures tell it: 10.0 is 10 %."""
    return NOTHING if percent is None else speech().percent(percent / 100)


def month(first: date) -> str:
    return format_skeleton("yMMM", first, locale=speech().locale)


def over_time(found: PointsOverTime) -> Chart:
    """Drawn are three kinds that everybody asks about, the table has all of them."""
    periods = found.periods
    labels = [label(one.begins, found.unit) for one in periods]
    return columns(
        "points-over-time",
        _("Points earned, redeemed and expired"),
        labels,
        (
            Series(_("Earned"), "blue", [one.earned - one.reversed for one in periods]),
            Series(_("Redeemed"), "teal", [one.redeemed - one.restored for one in periods]),
            Series(_("Expired"), "orange", [one.expired for one in periods]),
        ),
        _("Month") if found.unit is Unit.MONTH else _("Day"),
        table=_movements(found, labels),
    )


def label(begins: date, unit: Unit) -> str:
    """Of a day or a month."""
    if unit is Unit.MONTH:
        return month(begins)
    return format_skeleton("MMMd", begins, locale=speech().locale)


def _movements(found: PointsOverTime, labels: Sequence[str]) -> Table:
    number = speech().number
    named = [*zip(labels, found.periods, strict=True), (_("Together"), found.total)]
    return Table(
        (
            _("Month") if found.unit is Unit.MONTH else _("Day"),
            _("Earned"),
            _("Taken back"),
            _("Redeemed"),
            _("Given back"),
            _("Expired"),
            _("Adjusted"),
            _("Brought along"),
            _("Change"),
        ),
        [
            (
                label,
                number(one.earned),
                number(one.reversed),
                number(one.redeemed),
                number(one.restored),
                number(one.expired),
                number(one.adjusted),
                number(one.imported),
                number(one.change),
            )
            for label, one in named
        ],
    )


def tiers(counted: MemberFigures, customers: Customers) -> Chart | None:
    """``None``: the programme has no tiers."""
    if not counted.tiers:
        return None
    labels = [one.name or _("No tier") for one in counted.tiers]
    bought = {one.tier: one.buyers for one in customers.tiers}
    rows = []
    for label, one in zip(labels, counted.tiers, strict=True):
        buyers = bought.get(one.tier)
        rows.append(
            (
                label,
                speech().number(one.members),
                speech().number(buyers.customers if buyers else 0),
                share(buyers.repeat_rate if buyers else None),
                amount(buyers.per_customer if buyers else None),
            )
        )
    heads = (
        _("Tier"),
        _("Members"),
        _("Of them bought"),
        _("Bought again"),
        _("Value of a customer"),
    )
    series = Series(_("Members"), "blue", [one.members for one in counted.tiers])
    title = _("Members by tier")
    return bars("tiers", title, labels, (series,), _("Tier"), table=Table(heads, rows))


def segments(counted: MemberFigures) -> Chart | None:
    """``None``: the programme has no segments."""
    if not counted.segments:
        return None
    return bars(
        "segments",
        _("Members by segment"),
        [one.segment for one in counted.segments],
        (Series(_("Members"), "teal", [one.members for one in counted.segments]),),
        _("Segment"),
    )


def referrals(found: Funnel) -> Chart | None:
    """``None``: nobody followed an invitation yet."""
    steps = (
        (_("Visits of invitations"), found.clicks, None),
        (_("Signed up"), found.sign_ups, found.sign_up_rate),
        (_("Bought for the first time"), found.first_orders, found.order_rate),
        (_("Rewarded"), found.rewards, found.reward_rate),
    )
    if not any(count for _step, count, _rate in steps):
        return None
    labels = [step for step, _count, _rate in steps]
    return bars(
        "referrals",
        _("From an invitation to the reward"),
        labels,
        (Series(_("Friends"), "purple", [count for _step, count, _rate in steps]),),
        _("Step"),
        table=Table(
            (_("Step"), _("Friends"), _("Of the step before")),
            [(step, speech().number(count), share(rate)) for step, count, rate in steps],
        ),
    )


def top_points(top: Sequence[TopHolder], address: Address) -> Chart | None:
    """``None``: nobody has any."""
    if not top:
        return None
    number = speech().number
    return bars(
        "top-points",
        _("Most points"),
        [one.name for one in top],
        (Series(_("Points"), "blue", [one.available for one in top]),),
        _("Member"),
        table=Table(
            (_("Member"), _("Points"), _("Still pending"), _("Value")),
            [
                (one.name, number(one.available), number(one.pending), amount(one.value))
                for one in top
            ],
            [address(one.holder_id) if one.holder is Holder.MEMBER else "" for one in top],
        ),
    )


def top_spend(top: Sequence[Spender], address: Address) -> Chart | None:
    """Drawn in whole units of the currency. ``None``: nobody bought."""
    if not top:
        return None
    return bars(
        "top-spend",
        _("Bought for most"),
        [one.name for one in top],
        (Series(top[0].spend.currency, "teal", [round(one.spend.amount) for one in top]),),
        _("Member"),
        table=Table(
            (_("Member"), _("Orders"), _("Bought for")),
            [(one.name, speech().number(one.orders), amount(one.spend)) for one in top],
            [address(one.member_id) for one in top],
        ),
    )
