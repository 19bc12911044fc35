"""Points for what a member did: reviews, the newsletter, whatever the merchant reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.db import upsert
from bridge.earning.batch import Buyer, Version, buyers, members, segments_of, shops, versions
from bridge.earning.dates import expires_at
from bridge.earning.facts import Buyer as BuyerFacts
from bridge.earning.facts import Earned
from bridge.earning.history import capped
from bridge.earning.models import HandledActivity
from bridge.earning.occasions import activity_points
from bridge.earning.past import ACTIVITY, earned_by_then
from bridge.earning.posting import (
    Posting,
    Worth,
    next_revision,
    post_difference,
    posted_sums,
)
from bridge.members.models import MemberEmail
from bridge.members.participation import Participation
from bridge.points.book import Book
from bridge.programme.emails import folded_email
from bridge.programme.points import PointsSettings


@dataclass(frozen=True, slots=True)
class Done:
    """Something somebody did, at one of the shops or told by the merchant."""

    installation_id: int
    """0: told by the merchant."""
    id: str
    name: str
    """``review``, ``newsletter``, or the merchant's own word."""
    at: datetime
    is_valid: bool
    """No longer: what it earned is taken back."""
    changed_at: datetime
    fetched_at: datetime
    customer_id: str = ""
    email: str = ""
    member_id: int | None = None
    """Where it is known already."""

    @property
    def source_id(self) -> str:
        return f"{self.name}/{self.id}"


def handle_activity(session: Session, workspace_id: int, done: Done, now: datetime) -> bool:
    """Posts what it earns, or takes back what it does no longer. False: something newer was
    handled before. One of nobody the bridge knows is kept until he becomes a member."""
    known = _known(session, workspace_id, done)
    buyer = _buyer(session, workspace_id, done, known.member_id if known else None)
    # Again under the member's lock: somebody may have claimed it for him.
    known = _known(session, workspace_id, done)
    if known is not None and not _is_newer(done, known):
        return False
    if known is not None and known.is_valid and done.is_valid:
        # A shop may tell the time of the last change for that of the deed.
        done = replace(done, at=known.at)
    account_id = known.account_id if known else None
    if buyer is not None:
        account_id = _post(session, workspace_id, done, buyer, account_id, now)
    upsert(session, HandledActivity, [_row(workspace_id, done, buyer, account_id)])
    return True


def claim_activities(session: Session, workspace_id: int, now: datetime, *, most: int) -> int:
    """Activities of addresses that stand for a member by now; how many were posted."""
    rows = session.execute(
        select(
            col(HandledActivity.installation_id),
            col(HandledActivity.activity_id),
            col(MemberEmail.member_id),
        )
        .join(MemberEmail, col(MemberEmail.email) == col(HandledActivity.email))
        .where(
            col(HandledActivity.workspace_id) == workspace_id,
            col(HandledActivity.member_id).is_(None),
            col(MemberEmail.workspace_id) == workspace_id,
            col(MemberEmail.is_confirmed).is_(True),
        )
        .limit(most)
    ).all()
    posted = 0
    for installation_id, activity_id, member_id in rows:
        buyer = members(session, workspace_id, [member_id])[member_id]
        activity = _stored(session, workspace_id, installation_id, activity_id)
        if activity is None or activity.member_id is not None or buyer.is_merged:
            continue  # it was handled while this waited for the member's lock
        done = _again(activity, member_id)
        account_id = _post(session, workspace_id, done, buyer, activity.account_id, now)
        upsert(session, HandledActivity, [_row(workspace_id, done, buyer, account_id)])
        posted += 1
    return posted


def _known(session: Session, workspace_id: int, done: Done) -> HandledActivity | None:
    return _stored(session, workspace_id, done.installation_id, done.source_id)


def _stored(
    session: Session, workspace_id: int, installation_id: int, activity_id: str
) -> HandledActivity | None:
    """As it is in the database now."""
    key = (workspace_id, installation_id, activity_id)
    return session.get(HandledActivity, key, populate_existing=True)


def _buyer(
    session: Session, workspace_id: int, done: Done, known_member: int | None
) -> Buyer | None:
    member_id = known_member or done.member_id
    if member_id is None and done.customer_id:
        key = (done.installation_id, done.customer_id)
        found = buyers(session, workspace_id, [key]).get(key)
        if found is not None:
            return found
    if member_id is None and done.email:
        member_id = session.execute(
            select(col(MemberEmail.member_id)).where(
                col(MemberEmail.workspace_id) == workspace_id,
                col(MemberEmail.email) == folded_email(done.email),
                col(MemberEmail.is_confirmed).is_(True),
            )
        ).scalar_one_or_none()
    if member_id is None:
        return None
    return members(session, workspace_id, [member_id]).get(member_id)


def _post(
    session: Session,
    workspace_id: int,
    done: Done,
    buyer: Buyer,
    account_id: int | None,
    now: datetime,
) -> int:
    """Returns the account: the one it was posted to before, wherever its member earns now."""
    version = versions(session, workspace_id).at(done.at)
    settings = version.programme.points if version else None
    book = Book(session, workspace_id, now)
    holder = (buyer.holder, buyer.holder_id)
    if account_id is not None:
        account = book.lock([account_id])[account_id]
    else:
        account = book.open([holder])[holder]
    source = (done.installation_id, ACTIVITY, done.source_id, "")
    key = (done.installation_id, done.source_id)
    book.load_sources([(account, source)])
    line = str(buyer.member_id)
    expires = None
    worth: dict[tuple[str, str], Worth] = {}
    if settings is not None and version is not None:
        zone = ZoneInfo(version.programme.timezone)
        expires = expires_at(settings, done.at, zone)
        if done.is_valid:
            given = _given(session, workspace_id, done, buyer, version, settings, zone)
            worth = {(line, one.rule): Worth(one.points, one.why) for one in given if one.points}
    posted = posted_sums(session, workspace_id, ACTIVITY, [key]).get(key, {})
    revision = next_revision(session, workspace_id, ACTIVITY, key)
    post_difference(
        book,
        account,
        Posting(
            source,
            worth,
            posted,
            revision,
            done.at,
            version.number if version else None,
            None,
            expires,
            is_ripe=True,
        ),
    )
    book.write()
    return account.id


def _given(
    session: Session,
    workspace_id: int,
    done: Done,
    buyer: Buyer,
    version: Version,
    settings: PointsSettings,
    zone: ZoneInfo,
) -> Sequence[Earned]:
    who = Participation(session, workspace_id, [buyer.member_id])
    facts = replace(
        buyer_of(session, workspace_id, buyer, done.installation_id),
        takes_part=who.took_part(version.programme, buyer.member_id, done.at),
    )
    found = activity_points(settings, done.name, facts, done.at, zone)
    line = str(buyer.member_id)
    earned = [Earned(line, rule, points, why) for rule, points, why in found]
    then = (done.at, done.installation_id, done.source_id)
    today, ever = earned_by_then(session, workspace_id, buyer, then, settings, zone)
    return capped(earned, settings.caps, today, ever)


def buyer_of(session: Session, workspace_id: int, buyer: Buyer, installation_id: int) -> BuyerFacts:
    """A member as rules see him outside an order."""
    shop = shops(session, workspace_id, [installation_id]).get(installation_id)
    segments = segments_of(session, workspace_id, [buyer.member_id])
    return BuyerFacts(
        installation=shop.name if shop else "",
        store="",
        segments=segments.get(buyer.member_id, frozenset()),
        tier=buyer.tier,
        company=buyer.company,
        member_since=buyer.joined_at,
        member_number=buyer.member_id,
    )


def _is_newer(done: Done, known: HandledActivity) -> bool:
    return (done.changed_at, done.fetched_at) > (known.changed_at, known.fetched_at)


def _row(
    workspace_id: int, done: Done, buyer: Buyer | None, account_id: int | None
) -> dict[str, Any]:
    return {
        "installation_id": done.installation_id,
        "activity_id": done.source_id,
        "workspace_id": workspace_id,
        "name": done.name,
        "member_id": buyer.member_id if buyer else None,
        "account_id": account_id,
        "email": folded_email(done.email) if done.email else "",
        "customer_id": done.customer_id,
        "at": done.at,
        "is_valid": done.is_valid,
        "changed_at": done.changed_at,
        "fetched_at": done.fetched_at,
    }


def _again(activity: HandledActivity, member_id: int) -> Done:
    name, _, id_ = activity.activity_id.partition("/")
    return Done(
        activity.installation_id,
        id_,
        name,
        activity.at,
        activity.is_valid,
        activity.changed_at,
        activity.fetched_at,
        activity.customer_id,
        activity.email,
        member_id,
    )
