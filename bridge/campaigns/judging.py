"""For which members a campaign has come, and what each would get. Nothing is written here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, extract, func, or_, select
from sqlmodel import Session, col

from bridge.campaigns.models import CampaignGift
from bridge.campaigns.rules import Before, MemberFacts, Window, birthdays, due, last_quiet_day
from bridge.campaigns.where import stores_for
from bridge.kit.calendar import day_end, day_start
from bridge.members.joining import merged_into, taking_part
from bridge.members.meant import NO_QUALITIES, is_meant
from bridge.members.models import Member, MemberCustomer
from bridge.members.qualities import qualities_of
from bridge.orders.models import HandledOrder
from bridge.programme.document import Programme
from bridge.programme.rewards import Campaign
from bridge.vouchers.stores import StorePlace, stores_of

BATCH = 200
"""Members that are looked at together."""


@dataclass(frozen=True, slots=True)
class Running:
    """A campaign of the programme in force."""

    key: str
    campaign: Campaign
    programme: Programme
    number: int
    """Of the programme's version."""
    begins: datetime
    """When the programme first had it."""
    window: Window

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.programme.timezone)


@dataclass(frozen=True, slots=True, order=True)
class Winner:
    """A member for whom it has come."""

    member_id: int
    which: str
    store: StorePlace | None
    """``None``: it gives points, or he has no store (see :attr:`Judged.without_store`)."""


@dataclass(frozen=True, slots=True)
class Judged:
    winners: Sequence[Winner] = ()
    without_store: Sequence[int] = field(default_factory=tuple)
    """Members who would get a voucher, and neither bought nor registered in a store that the
    campaign is for."""


def candidates(session: Session, workspace_id: int, running: Running, after: int) -> list[int]:
    """The next members, by id, for whom it could have come; each of them is to be judged."""
    condition = _condition(workspace_id, running)
    if condition is None:
        return []
    rows = session.execute(
        select(col(Member.id))
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.id) > after,
            col(Member.merged_into).is_(None),
            # Who only bought as a guest never joined.
            exists().where(
                col(MemberCustomer.workspace_id) == workspace_id,
                col(MemberCustomer.member_id) == col(Member.id),
            ),
            *condition,
        )
        .order_by(col(Member.id))
        .limit(BATCH)
    )
    return [member_id for member_id in rows.scalars() if member_id is not None]


def _condition(workspace_id: int, running: Running) -> list[Any] | None:
    """What narrows them down; ``None``: it can have come for nobody."""
    campaign, window = running.campaign, running.window
    if campaign.sign_up:
        joining = running.programme.joining
        if joining is None or not (joining.invited or joining.product):
            # Who left and was taken in again joined before.
            first = day_start(running.begins.astimezone(running.zone).date(), running.zone)
            return [col(Member.joined_at) >= first]
        return []
    if campaign.birthday:
        return [_born_on(birthdays(window))]
    if campaign.quiet_days is not None:
        limit = last_quiet_day(campaign, window, running.zone)
        if limit is None:
            return None
        return [_bought_before(workspace_id, day_end(limit, running.zone))]
    return []


def _born_on(days: set[tuple[int, int]]) -> Any:
    month = extract("month", col(Member.birthday))
    day = extract("day", col(Member.birthday))
    return or_(*(and_(month == one[0], day == one[1]) for one in sorted(days)))


def _bought_before(workspace_id: int, end: datetime) -> Any:
    """He bought, and nothing since."""
    his = (
        col(HandledOrder.workspace_id) == workspace_id,
        col(HandledOrder.member_id) == col(Member.id),
        col(HandledOrder.counts).is_(True),
    )
    before = exists().where(*his, col(HandledOrder.placed_at) < end)
    since = exists().where(*his, col(HandledOrder.placed_at) >= end)
    return and_(before, ~since)


def judged(
    session: Session, workspace_id: int, running: Running, member_ids: Sequence[int], now: datetime
) -> Judged:
    """Which of these members get it now."""
    parts = taking_part(session, workspace_id, member_ids, now)
    meant = _meant(session, workspace_id, running, list(parts))
    facts = _facts(session, workspace_id, running.key, {one: parts[one] for one in meant})
    come = {
        member_id: which
        for member_id, known in sorted(facts.items())
        if (which := due(running.campaign, known, running.begins, running.window, running.zone))
        is not None
    }
    if running.campaign.give.points is not None:
        return Judged([Winner(member_id, which, None) for member_id, which in come.items()])
    stores = stores_for(session, workspace_id, list(come), _stores(session, workspace_id, running))
    return Judged(
        [Winner(one, which, stores[one]) for one, which in come.items() if one in stores],
        [one for one in come if one not in stores],
    )


def _stores(session: Session, workspace_id: int, running: Running) -> list[StorePlace]:
    return [
        place
        for place in stores_of(session, workspace_id)
        if running.campaign.holds_in(place.installation, place.code)
    ]


def _meant(
    session: Session, workspace_id: int, running: Running, member_ids: Sequence[int]
) -> list[int]:
    who = running.campaign.when
    if who is None:
        return list(member_ids)
    known = qualities_of(session, workspace_id, running.programme, member_ids)
    return [one for one in member_ids if is_meant(who, known.get(one, NO_QUALITIES))]


# -- what is known of them ------------------------------------------------------------------


def _facts(
    session: Session, workspace_id: int, key: str, since: dict[int, datetime]
) -> dict[int, MemberFacts]:
    ids = sorted(since)
    if not ids:
        return {}
    orders = _orders(session, workspace_id, ids)
    before = _before(session, workspace_id, key, ids)
    rows = session.execute(
        select(col(Member.id), col(Member.birthday)).where(
            col(Member.workspace_id) == workspace_id, col(Member.id).in_(ids)
        )
    )
    found: dict[int, MemberFacts] = {}
    for member_id, birthday in rows:
        count, last, name = orders.get(member_id, (0, None, ""))
        found[member_id] = MemberFacts(
            since[member_id], birthday, count, last, name, before[member_id]
        )
    return found


def _orders(
    session: Session, workspace_id: int, ids: Sequence[int]
) -> dict[int, tuple[int, datetime | None, str]]:
    """How many counted orders, when the last of them was placed, and which it is."""
    his = (
        col(HandledOrder.workspace_id) == workspace_id,
        col(HandledOrder.member_id).in_(ids),
        col(HandledOrder.counts).is_(True),
    )
    summed = (
        select(
            col(HandledOrder.member_id).label("member_id"),
            func.count().label("orders"),
            func.max(col(HandledOrder.placed_at)).label("last"),
        )
        .where(*his)
        .group_by(col(HandledOrder.member_id))
        .subquery()
    )
    rows = session.execute(
        select(
            summed.c.member_id,
            summed.c.orders,
            summed.c.last,
            col(HandledOrder.installation_id),
            col(HandledOrder.order_id),
        )
        .join(
            HandledOrder,
            and_(
                col(HandledOrder.member_id) == summed.c.member_id,
                col(HandledOrder.placed_at) == summed.c.last,
            ),
        )
        .where(*his)
    )
    found: dict[int, tuple[int, datetime | None, str]] = {}
    for member_id, count, last, installation_id, order_id in rows:
        name = f"{installation_id}/{order_id}"
        known = found.get(member_id)
        # Two orders of one moment: always the same of them.
        if known is None or name > known[2]:
            found[member_id] = (count, last, name)
    return found


def _before(
    session: Session, workspace_id: int, key: str, ids: Sequence[int]
) -> defaultdict[int, list[Before]]:
    """What each was given, and whoever was merged into him: a person has one birthday a year."""
    whose = merged_into(session, workspace_id, ids)
    found: defaultdict[int, list[Before]] = defaultdict(list)
    everybody = sorted(whose)
    for start in range(0, len(everybody), 500):
        rows = session.execute(
            select(
                col(CampaignGift.member_id), col(CampaignGift.which), col(CampaignGift.at)
            ).where(
                col(CampaignGift.workspace_id) == workspace_id,
                col(CampaignGift.campaign) == key,
                col(CampaignGift.member_id).in_(everybody[start : start + 500]),
            )
        )
        for member_id, which, at in rows:
            found[whose[member_id]].append(Before(which, at))
    return found
