"""What the page of one member shows, read in one unit of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.application import Application
from bridge.approvals.models import WaitingChange
from bridge.approvals.service import waiting
from bridge.earning.waiting import waits_for
from bridge.members.finding import Listed
from bridge.members.holding import account_holder
from bridge.members.joining import takes_part
from bridge.members.models import IdentityQuestion, Member
from bridge.members.questions import questions_about
from bridge.points.expiring import Expiry, expired, is_over, next_expiry
from bridge.points.models import Holder
from bridge.points.origins import origins
from bridge.points.running import running
from bridge.points.statement import LotStanding, Standing, history, open_lots, standing
from bridge.programme.document import Programme
from bridge.programme.service import current
from bridge.referrals.codes import codes_of, link
from bridge.referrals.looking import Stats, stats_of
from bridge.referrals.models import ReferralCode
from bridge.rewards.listing import claims_of
from bridge.rewards.models import RewardClaim
from bridge.tiers.progress import Progress, next_tier
from bridge.tiers.service import standings
from bridge.users.accounts import looking_after, sales_people
from bridge.users.models import User
from bridge.vouchers.review import Listed as ListedVoucher
from bridge.vouchers.review import Wanted, vouchers
from bridge.web.admin.members.wording import change, last_day, source
from bridge.web.admin.members.wording import waits_for as waits_in_words

LOTS = 50
FIRST = 10
"""Entries on the page itself; older ones come so many at a time:"""
EACH = 25
VOUCHERS = 10
ADJUST = "points.adjust"
"""The action of a change that waits for a second person."""


@dataclass(frozen=True, slots=True)
class ShownLot:
    lot: LotStanding
    source: str
    last_day: str
    is_over: bool
    waits_for: str


@dataclass(frozen=True, slots=True)
class Balance:
    holder: Holder
    standing: Standing
    available: int
    """Without what has expired and leaves the book with the next work."""
    expired: int
    next: Expiry | None
    next_day: str
    lots: Sequence[ShownLot]
    more_lots: int


@dataclass(frozen=True, slots=True)
class ShownEntry:
    id: int
    at: datetime
    source: str
    change: str
    rule: str
    available: int
    pending: int
    is_plus: bool
    is_minus: bool


@dataclass(frozen=True, slots=True)
class History:
    entries: Sequence[ShownEntry]
    before: int | None


@dataclass(frozen=True, slots=True)
class Tier:
    key: str
    name: str
    since: datetime | None
    until: datetime | None
    """The end of grace, or of what a person gave."""
    by_hand: bool
    next: Progress | None
    next_name: str


@dataclass(frozen=True, slots=True)
class Referring:
    codes: Sequence[ReferralCode]
    links: dict[str, str]
    stats: Stats | None
    is_offered: bool


@dataclass(frozen=True, slots=True)
class Seen:
    member: Listed
    row: Member
    takes_part: bool
    balance: Balance
    history: History
    tier: Tier | None
    vouchers: Sequence[ListedVoucher]
    more_vouchers: bool
    claims: Sequence[RewardClaim]
    has_rewards: bool
    """Whether the programme has a catalogue."""
    referring: Referring
    questions: Sequence[IdentityQuestion]
    looked_after: Sequence[User]
    sales: Sequence[User]
    waiting: Sequence[WaitingChange]


def see(session: Session, app: Application, member: Listed) -> Seen:
    row = session.get_one(Member, member.id)
    found = current(session, app.workspace_id)
    programme = found[1] if found else None
    has = vouchers(session, app.workspace_id, Wanted(member_id=member.id), VOUCHERS + 1)
    waits = waiting(session, app.workspace_id, action=ADJUST, subject_id=str(member.id))
    return Seen(
        member=member,
        row=row,
        takes_part=bool(takes_part(session, app.workspace_id, [member.id], app.now())),
        balance=balance(session, app, row, zone_of(programme)),
        history=past(session, app, row, limit=FIRST),
        tier=_tier(session, app, row, programme),
        vouchers=has[:VOUCHERS],
        more_vouchers=len(has) > VOUCHERS,
        claims=claims_of(session, app.workspace_id, member.id, VOUCHERS),
        has_rewards=programme is not None and bool(programme.rewards),
        referring=_referring(session, app, member.id, programme),
        questions=questions_about(session, app.workspace_id, member.id),
        looked_after=looking_after(session, app.workspace_id, member.id),
        sales=sales_people(session, app.workspace_id),
        waiting=waits,
    )


def zone_of(programme: Programme | None) -> ZoneInfo:
    return ZoneInfo(programme.timezone if programme else "UTC")


# -- points ---------------------------------------------------------------------------------


def account_of(session: Session, app: Application, row: Member) -> tuple[Holder, Standing]:
    holder, holder_id = account_holder(session, row)
    return holder, standing(session, app.workspace_id, holder, holder_id)


def balance(session: Session, app: Application, row: Member, zone: ZoneInfo) -> Balance:
    holder, has = account_of(session, app, row)
    now = app.now()
    lots = open_lots(session, app.workspace_id, has.account_id)
    over = expired(lots, now)
    coming = next_expiry(lots, now)
    shown = lots[:LOTS]
    waits = waits_for(session, app.workspace_id, shown, now)
    known = origins(
        session,
        app.workspace_id,
        [(lot.installation_id, lot.source_kind, lot.source_id) for lot in shown],
    )
    return Balance(
        holder,
        has,
        has.available - over,
        over,
        coming,
        last_day(coming.at, zone) if coming else "",
        [
            ShownLot(
                lot,
                source(known.of(lot.installation_id, lot.source_kind, lot.source_id)),
                last_day(lot.expires_at, zone),
                is_over(lot, now),
                waits_in_words(waits[lot.id], lot.ripens_at) if lot.id in waits else "",
            )
            for lot in shown
        ],
        len(lots) - len(shown),
    )


def past(
    session: Session, app: Application, row: Member, before: int = 0, limit: int = EACH
) -> History:
    """A page of entries, the newest first."""
    _, has = account_of(session, app, row)
    account = has.account_id
    lines = history(session, app.workspace_id, account, most=limit + 1, before=before)
    shown = lines[:limit]
    balances = running(session, app.workspace_id, account, shown)
    known = origins(
        session,
        app.workspace_id,
        [(line.installation_id, line.source_kind, line.source_id) for line in shown],
    )
    entries = [
        ShownEntry(
            line.id,
            line.at,
            source(known.of(line.installation_id, line.source_kind, line.source_id), line),
            change(line),
            "" if line.rule == "ripen" else line.rule,
            after.available,
            after.pending,
            line.change > 0,
            line.change < 0,
        )
        for line, after in zip(shown, balances, strict=True)
    ]
    return History(entries, shown[-1].id if len(lines) > limit else None)


# -- tier and referrals ---------------------------------------------------------------------


def _tier(
    session: Session, app: Application, row: Member, programme: Programme | None
) -> Tier | None:
    if programme is None or not programme.tiers or row.id is None:
        return None
    now = app.now()
    found = standings(session, app.workspace_id, now, member_ids=[row.id]).standings
    volumes: Any = found[0].volumes if found else {}
    coming = next_tier(
        programme.tiers, row.tier, volumes, row.joined_at, now, ZoneInfo(programme.timezone)
    )
    named = programme.tiers.get(row.tier)
    by_hand = row.tier_override is not None
    return Tier(
        row.tier,
        named.name if named else row.tier,
        row.tier_since,
        row.tier_override_until if by_hand else row.tier_until,
        by_hand,
        coming,
        programme.tiers[coming.tier].name if coming else "",
    )


def _referring(
    session: Session, app: Application, member_id: int, programme: Programme | None
) -> Referring:
    codes = codes_of(session, app.workspace_id, member_id)
    public = app.settings.public_url
    return Referring(
        codes,
        {one.code: link(public, one.code) for one in codes} if public else {},
        stats_of(session, app.workspace_id, member_id) if codes else None,
        programme is not None and programme.referrals is not None,
    )
