"""What a partner is credited for an order: posted as the difference to what the book says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, exists, or_, select
from sqlmodel import Session, col

from bridge.earning.batch import Version, shops, versions
from bridge.earning.dates import expires_at
from bridge.earning.posting import (
    LineRule,
    Posting,
    Worth,
    next_revision,
    post_difference,
    posted_sums,
)
from bridge.kit.calendar import day_of
from bridge.kit.money import from_minor
from bridge.members.finding import ManyMembers, UnknownMember, member_named
from bridge.members.holding import account_holder
from bridge.members.meant import NO_QUALITIES, is_meant
from bridge.members.qualities import qualities_of
from bridge.members.standing import identity, locked
from bridge.orders.models import HandledOrder, ToldRefund
from bridge.points.book import Book, OpenAccount
from bridge.programme.points import Debt
from bridge.programme.rewards import Partner
from bridge.referrals.codes import everyone_he_is
from bridge.referrals.models import PartnerOrder, ReferralCode
from bridge.referrals.orders import over_at
from bridge.referrals.partners import credit, ends_at, first_carrying
from connectors.base import Basis

PARTNER = "partner"
"""The cause of a partner's points, with the order's installation and id; the line is the code's
id."""


def due_partner_orders(
    session: Session, workspace_id: int, now: datetime, most: int
) -> list[tuple[int, str]]:
    """An order that was refunded by an unknown amount waits until somebody says how much. Where
    it was looked at before he did, it is looked at again."""
    rows = session.execute(
        select(col(PartnerOrder.installation_id), col(PartnerOrder.order_id))
        .join(
            HandledOrder,
            and_(
                col(HandledOrder.installation_id) == col(PartnerOrder.installation_id),
                col(HandledOrder.order_id) == col(PartnerOrder.order_id),
            ),
        )
        .where(
            col(PartnerOrder.workspace_id) == workspace_id,
            _is_due(workspace_id, now),
            col(HandledOrder.is_frozen).is_(False),
        )
        .order_by(col(PartnerOrder.due_at))
        .limit(most)
    )
    return [(row[0], row[1]) for row in rows]


def _is_due(workspace_id: int, now: datetime) -> Any:
    told = exists().where(
        col(ToldRefund.workspace_id) == workspace_id,
        col(ToldRefund.installation_id) == col(PartnerOrder.installation_id),
        col(ToldRefund.order_id) == col(PartnerOrder.order_id),
        col(ToldRefund.told_at) >= col(PartnerOrder.changed_at),
    )
    return or_(col(PartnerOrder.due_at) <= now, and_(col(PartnerOrder.due_at).is_(None), told))


def settle_partner_order(
    session: Session, workspace_id: int, key: tuple[int, str], now: datetime
) -> bool:
    """Makes the book say what the order is worth to its partner now; whether it was due.

    Safe to repeat: members and accounts are locked, and the book is asked what it says.
    """
    seen = session.get(PartnerOrder, key)
    if seen is None or seen.workspace_id != workspace_id:
        return False
    posted = posted_sums(session, workspace_id, PARTNER, [key]).get(key, {})
    codes = _codes(session, workspace_id, {seen.code_id, *(int(line) for line, _ in posted)})
    book = Book(session, workspace_id, now)
    accounts, owners = _accounts(session, book, codes)
    row = session.execute(
        select(PartnerOrder)
        .where(
            col(PartnerOrder.installation_id) == key[0],
            col(PartnerOrder.order_id) == key[1],
            _is_due(workspace_id, now),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None or row.code_id not in accounts:
        return False
    posted = posted_sums(session, workspace_id, PARTNER, [key]).get(key, {})
    worth = _worth(session, workspace_id, row, codes[row.code_id], owners[row.code_id], now)
    if worth.later is not None and not any(posted.values()):
        row.due_at = worth.later
    else:
        _post(session, book, accounts, row, codes, posted, worth)
        row.points, row.due_at = worth.points, None
    row.changed_at = now
    session.add(row)
    session.flush()
    return True


@dataclass(frozen=True, slots=True)
class _Credit:
    order: HandledOrder
    points: int = 0
    version: Version | None = None
    why: str = ""
    later: datetime | None = None
    """When its return period is over."""


def _worth(
    session: Session,
    workspace_id: int,
    row: PartnerOrder,
    code: ReferralCode,
    owner: int,
    now: datetime,
) -> _Credit:
    order = session.get(HandledOrder, (row.installation_id, row.order_id))
    assert order is not None, "it was noted because it was handled"
    version = versions(session, workspace_id).at(order.placed_at)
    partner = version.programme.partners.get(code.partner) if version is not None else None
    if version is None or partner is None:
        return _Credit(order, why="no agreement was in force")
    refused = _refused(session, workspace_id, order, version, partner, row, owner)
    if refused or order.completed_at is None:
        return _Credit(order, version=version, why=refused or "it is not complete")
    zone = ZoneInfo(version.programme.timezone)
    over = over_at(order.completed_at, partner.after_days, zone)
    is_gross = version.programme.prices_are is Basis.GROSS
    total = order.gross_total if is_gross else order.net_total
    points = credit(partner, from_minor(total, version.programme.currency))
    return _Credit(order, points, version, later=over if over > now else None)


def _refused(
    session: Session,
    workspace_id: int,
    order: HandledOrder,
    version: Version,
    partner: Partner,
    row: PartnerOrder,
    owner: int,
) -> str:
    """Why the order credits nobody; empty: it does."""
    programme = version.programme
    zone = ZoneInfo(programme.timezone)
    shop = shops(session, workspace_id, [order.installation_id]).get(order.installation_id)
    if not _is_owner(session, workspace_id, partner, owner):
        return "the agreement has another owner"
    if order.member_id is not None and order.member_id in everyone_he_is(
        session, workspace_id, owner
    ):
        return "the owner's own order"
    if shop is None or not partner.holds_in(shop.name, shop.stores.get(order.store_id, "")):
        return "not in this store"
    if not partner.holds_on(day_of(order.placed_at, zone)):
        return "not at this time"
    buyers = {order.member_id} - {None}
    found = first_carrying(
        session,
        workspace_id,
        {one for one in buyers if one is not None},
        {order.email} - {""},
        row.code_id,
    )
    first = found.get(order.member_id) or found.get(order.email or None)
    if first is None and not buyers and not order.email:
        first = row.code_id, order.placed_at  # noted while its buyer, a guest, was known
    if first is None or first[1] > order.placed_at:
        return "the code did not bring this customer"
    ends = ends_at(partner, first[1], zone)
    if ends is not None and ends <= order.placed_at:
        return "the agreement's time is over"
    qualities = NO_QUALITIES
    if partner.when is not None and order.member_id is not None:
        known = qualities_of(session, workspace_id, programme, [order.member_id])
        qualities = known.get(order.member_id, NO_QUALITIES)
    return "" if is_meant(partner.when, qualities) else "the agreement does not mean this customer"


def _is_owner(session: Session, workspace_id: int, partner: Partner, owner: int) -> bool:
    try:
        return member_named(session, workspace_id, partner.owner) == owner
    except (UnknownMember, ManyMembers):
        return False


def _codes(session: Session, workspace_id: int, ids: set[int]) -> dict[int, ReferralCode]:
    rows = session.execute(
        select(ReferralCode).where(
            col(ReferralCode.workspace_id) == workspace_id, col(ReferralCode.id).in_(sorted(ids))
        )
    )
    return {row.id: row for row in rows.scalars() if row.id is not None}


def _accounts(
    session: Session, book: Book, codes: Mapping[int, ReferralCode]
) -> tuple[dict[int, OpenAccount], dict[int, int]]:
    """Accounts of the codes' owners, locked, and who they are now; by the code's id."""
    members = {}
    for code_id, code in sorted(codes.items(), key=lambda item: item[1].member_id):
        members[code_id] = locked(session, book.workspace_id, code.member_id)
    holders = {code_id: account_holder(session, member) for code_id, member in members.items()}
    opened = book.open(holders.values())
    return (
        {code_id: opened[holder] for code_id, holder in holders.items()},
        {code_id: identity(member) for code_id, member in members.items()},
    )


def _post(
    session: Session,
    book: Book,
    accounts: Mapping[int, OpenAccount],
    row: PartnerOrder,
    codes: Mapping[int, ReferralCode],
    posted: Mapping[LineRule, int],
    worth: _Credit,
) -> None:
    """What another partner was credited before is taken back from him."""
    key = (row.installation_id, row.order_id)
    revision = next_revision(session, book.workspace_id, PARTNER, key)
    for code_id in _order_of(accounts, row.code_id):
        line = str(code_id)
        source = (row.installation_id, PARTNER, row.order_id, line)
        wanted: dict[LineRule, Worth] = {}
        if code_id == row.code_id and worth.points:
            wanted = {(line, codes[code_id].partner): Worth(worth.points, _why(worth))}
        account = accounts[code_id]
        book.load_sources([(account, source)])
        programme = worth.version.programme if worth.version is not None else None
        settings = programme.points if programme is not None else None
        expires = None
        if settings is not None and programme is not None:
            expires = expires_at(settings, book.now, ZoneInfo(programme.timezone))
        posting = Posting(
            source,
            wanted,
            {one: points for one, points in posted.items() if one[0] == line},
            revision,
            worth.order.placed_at,
            worth.version.number if worth.version is not None else None,
            None,
            expires,
            is_ripe=True,
            forgive=settings is not None and settings.debt is Debt.FORGIVE,
        )
        post_difference(book, account, posting)
    book.write()


def _order_of(accounts: Mapping[int, OpenAccount], first: int) -> Sequence[int]:
    return [first, *sorted(accounts.keys() - {first})]


def _why(worth: _Credit) -> dict[str, str | int]:
    return {"order": worth.order.number, "net": worth.order.net_total}
