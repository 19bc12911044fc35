"""Campaigns and next-purchase rules as people see them, with what they have given."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select
from sqlmodel import Session, col

from bridge.campaigns.models import CampaignGift
from bridge.campaigns.settling import KINDS
from bridge.kit.calendar import day_of
from bridge.programme import service as programmes
from bridge.programme.document import Programme
from bridge.programme.giving import Give, Offer, VoucherOffer, Who
from bridge.programme.rewards import Campaign, NextPurchase
from bridge.vouchers.models import Voucher, VoucherKind, VoucherState


@dataclass(frozen=True, slots=True)
class ListedCampaign:
    section: str
    """``campaigns`` or ``next_purchase``."""
    key: str
    occasion: str
    gives: str
    who: str
    state: str
    """``running``, ``from 2026-05-01``, ``over``, ``ended`` (not in the programme any more)."""
    members: int = 0
    vouchers: int = 0
    used: int = 0
    points: int = 0


@dataclass(frozen=True, slots=True)
class _Counts:
    members: int = 0
    vouchers: int = 0
    used: int = 0
    points: int = 0


_NOTHING = _Counts()


def listed(session: Session, workspace_id: int, now: datetime) -> list[ListedCampaign]:
    """In the programme's order; then those it does not have any more and that gave something."""
    current = programmes.current(session, workspace_id)
    if current is None:
        return []
    programme = current[1]
    counts = _counts(session, workspace_id)
    today = day_of(now, ZoneInfo(programme.timezone))
    found = [
        _listed(programme, section, key, offer, today, counts)
        for section, key, offer in _offers(programme)
    ]
    known = {(one.section, one.key) for one in found}
    gone = [place for place in sorted(counts) if place not in known]
    return found + [_ended(*place, counts[place]) for place in gone]


def _offers(programme: Programme) -> Iterator[tuple[str, str, Campaign | NextPurchase]]:
    for key, campaign in programme.campaigns.items():
        yield "campaigns", key, campaign
    for key, rule in programme.next_purchase.items():
        yield "next_purchase", key, rule


def _listed(
    programme: Programme,
    section: str,
    key: str,
    offer: Campaign | NextPurchase,
    today: date,
    counts: dict[tuple[str, str], _Counts],
) -> ListedCampaign:
    count = counts.get((section, key), _NOTHING)
    return ListedCampaign(
        section,
        key,
        occasion_text(offer, programme.currency),
        worth(offer.give, programme.currency),
        for_whom(offer),
        _state(offer, today),
        count.members,
        count.vouchers,
        count.used,
        count.points,
    )


def _ended(section: str, key: str, count: _Counts) -> ListedCampaign:
    return ListedCampaign(
        section,
        key,
        "",
        "",
        "",
        "ended",
        count.members,
        count.vouchers,
        count.used,
        count.points,
    )


# -- in words -------------------------------------------------------------------------------


def occasion_text(offer: VoucherOffer, currency: str) -> str:
    if isinstance(offer, NextPurchase):
        least = f" from {offer.order} {currency}" if offer.order is not None else ""
        after = f", {offer.after_days} days after it is complete" if offer.after_days else ""
        return f"an order{least}{after}"
    assert isinstance(offer, Campaign)
    words = {
        "sign_up": "joining",
        "birthday": "birthday",
        "calendar": f"each {offer.calendar}",
        "quiet_days": f"{offer.quiet_days} days without an order",
        "on": f"{offer.on}",
        "instant": "any basket",
        "together": " and ".join(offer.together) + " in a basket",
    }
    return words[offer.occasion]


def worth(give: Give, currency: str) -> str:
    most = f", at most {give.maximum} {currency}" if give.maximum is not None else ""
    if give.points is not None:
        return f"{give.points:,} points"
    if give.amount is not None:
        return f"{give.amount} {currency}"
    if give.percent is not None:
        return f"{give.percent} %{most}"
    return f"{give.share} % of the order{most}"


def for_whom(offer: Offer) -> str:
    parts = [*_conditions(offer.when), *(f"in {store}" for store in offer.stores)]
    return ", ".join(parts) or "everyone"


def _conditions(who: Who | None) -> Iterator[str]:
    if who is None:
        return
    for name in ("group", "segment", "tier", "company"):
        values: Iterable[str] = getattr(who, name)
        if values:
            yield f"{name} {' or '.join(values)}"


def _state(offer: Offer, today: date) -> str:
    if offer.holds_on(today):
        return "running"
    if offer.starts is not None and today < offer.starts:
        return f"from {offer.starts}"
    return "over"


# -- what was given -------------------------------------------------------------------------


def _counts(session: Session, workspace_id: int) -> dict[tuple[str, str], _Counts]:
    vouchers = _vouchers(session, workspace_id)
    found: defaultdict[tuple[str, str], _Counts] = defaultdict(_Counts)
    for (section, key), (members, count, used) in vouchers.items():
        found[section, key] = _Counts(members, count, used)
    rows = session.execute(
        select(
            col(CampaignGift.campaign),
            func.count(func.distinct(col(CampaignGift.member_id))),
            func.sum(col(CampaignGift.points)),
        )
        .where(col(CampaignGift.workspace_id) == workspace_id)
        .group_by(col(CampaignGift.campaign))
    )
    for key, members, points in rows:
        known = found["campaigns", key]
        found["campaigns", key] = _Counts(members, known.vouchers, known.used, int(points or 0))
    return dict(found)


def _vouchers(session: Session, workspace_id: int) -> dict[tuple[str, str], tuple[int, int, int]]:
    kinds = [VoucherKind.CAMPAIGN.value, *(kind.value for kind in KINDS)]
    section = case(
        (col(Voucher.kind) == VoucherKind.CAMPAIGN.value, "campaigns"), else_="next_purchase"
    )
    used = case((col(Voucher.state) == VoucherState.USED.value, 1), else_=0)
    rows = session.execute(
        select(
            section,
            col(Voucher.rule),
            func.count(func.distinct(col(Voucher.member_id))),
            func.count(),
            func.sum(used),
        )
        .where(col(Voucher.workspace_id) == workspace_id, col(Voucher.kind).in_(kinds))
        .group_by(section, col(Voucher.rule))
    )
    return {
        (name, rule): (members, count, int(used or 0)) for name, rule, members, count, used in rows
    }
