"""Time at work on referrals: once a return period is over, the reward, or why there is none.

Safe to repeat and to run beside itself: the referrer's member and account and then the referral
are locked, in this order, and everything is looked at again under the locks; a reward is one
effect of one cause.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import and_, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from bridge.db import Database
from bridge.earning.dates import expires_at
from bridge.inbox.conflicts import is_conflict, pause_after
from bridge.kit.clock import Clock
from bridge.kit.encryption import KeyRing
from bridge.kit.errors import BridgeError
from bridge.letters.models import LetterKind
from bridge.letters.queue import NewLetter, queue
from bridge.members.holding import account_holder
from bridge.members.standing import identity, locked
from bridge.orders.models import HandledOrder
from bridge.points.book import Book, Cause, OpenAccount
from bridge.points.granting import earn
from bridge.referrals.codes import everyone_he_is
from bridge.referrals.judging import Outcome, Verdict, judged
from bridge.referrals.models import Referral, ReferralCode, ReferralState
from bridge.referrals.offers import (
    REFERRAL,
    Terms,
    referrers_voucher,
    store_of_member,
    terms_at,
)
from bridge.referrals.orders import follow
from bridge.referrals.people import facts_of
from bridge.referrals.settling import due_partner_orders, settle_partner_order
from bridge.referrals.turned_out import known_after_all, take_back
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.issuing import issue
from bridge.vouchers.stores import store_with_id
from connectors.sentences import sentence

RULES = "rules"
"""Who decided, where no person did."""
CONFLICTS = 5
MOST = 1_000
"""Of each kind, a pass."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Passed:
    """How many of each."""

    decided: int = 0
    """Referrals that were rewarded, refused, or handed to a person."""
    credited: int = 0
    """Orders whose partner's points were looked at."""


def pass_time(
    database: Database,
    workspace_id: int,
    keys: Callable[[], KeyRing],
    clock: Clock,
    *,
    known_through: datetime | None,
) -> Passed:
    """Everything that is due by now.

    ``known_through``: everything that was placed in any store before this time has been
    handled; ``None``: that is not known, and nobody can say which order was a friend's first.
    """
    decided = credited = 0
    with database.reading() as session:
        known = known_after_all(session, workspace_id, MOST)
    for referral_id in known:

        def end(session: Session, id_: int = referral_id) -> bool:
            return take_back(session, workspace_id, id_, clock())

        decided += _once(database, end)
    if known_through is not None:
        with database.reading() as session:
            due = _due(session, workspace_id, clock(), known_through)
        for referral_id in due:

            def act(session: Session, id_: int = referral_id) -> bool:
                return decide(session, workspace_id, id_, keys, clock())

            decided += _once(database, act)
    with database.reading() as session:
        orders = due_partner_orders(session, workspace_id, clock(), MOST)
    for key in orders:

        def settle(session: Session, key_: tuple[int, str] = key) -> bool:
            return settle_partner_order(session, workspace_id, key_, clock())

        credited += _once(database, settle)
    return Passed(decided, credited)


def _once(database: Database, step: Callable[[Session], bool]) -> bool:
    """A defect of one must neither hide the others nor stop the clock."""
    conflicts = 0
    while True:
        try:
            with database.writing() as session:
                return step(session)
        except DBAPIError as error:
            conflicts += 1
            if not is_conflict(error) or conflicts > CONFLICTS:
                raise
            time.sleep(pause_after(conflicts))
        except Exception as error:
            log.error("a referral could not be decided", exc_info=error)
            return False


def _due(session: Session, workspace_id: int, now: datetime, known_through: datetime) -> list[int]:
    """An order that was refunded by an unknown amount waits until somebody says how much."""
    rows = session.execute(
        select(col(Referral.id))
        .join(
            HandledOrder,
            and_(
                col(HandledOrder.installation_id) == col(Referral.installation_id),
                col(HandledOrder.order_id) == col(Referral.order_id),
            ),
        )
        .where(
            col(Referral.workspace_id) == workspace_id,
            col(Referral.state) == ReferralState.ORDERED.value,
            col(Referral.due_at) <= now,
            col(Referral.ordered_at) < known_through,
            col(HandledOrder.is_frozen).is_(False),
        )
        .order_by(col(Referral.due_at), col(Referral.id))
        .limit(MOST)
    )
    return [one for one in rows.scalars() if one is not None]


# -- one referral ---------------------------------------------------------------------------


def decide(
    session: Session,
    workspace_id: int,
    referral_id: int,
    keys: Callable[[], KeyRing],
    now: datetime,
    *,
    accepted_by: str = "",
) -> bool:
    """Rewards, refuses or asks; whether it did any of these. ``accepted_by``: a person has
    looked at it, and what is odd does not count any more. Raises BridgeError then, when the
    reward cannot be made."""
    code = session.execute(
        select(ReferralCode)
        .join(Referral, col(Referral.code_id) == col(ReferralCode.id))
        .where(col(Referral.workspace_id) == workspace_id, col(Referral.id) == referral_id)
    ).scalar_one()
    member = locked(session, workspace_id, code.member_id)
    holder = account_holder(session, member)
    book = Book(session, workspace_id, now)
    account = book.open([holder])[holder]
    referral = lock_referral(session, workspace_id, referral_id)
    follow(session, workspace_id, referral, now)
    wanted = ReferralState.REVIEW if accepted_by else ReferralState.ORDERED
    order = _order(session, referral)
    terms = terms_at(session, workspace_id, referral.confirmed_at or now)
    if referral.state != wanted or order is None or terms is None or not order.counts:
        return False
    if not accepted_by and (referral.due_at is None or referral.due_at > now or order.is_frozen):
        return False
    who = identity(member)
    verdict = Verdict(Outcome.REWARD)
    if not accepted_by:
        facts = facts_of(session, workspace_id, referral, order, terms, who, now)
        verdict = judged(facts)
    if verdict.outcome is Outcome.REWARD:
        try:
            with session.begin_nested():
                _reward(session, book, account, referral, terms, who, keys, now)
        except BridgeError as error:
            if accepted_by:
                raise
            verdict = Verdict(Outcome.REVIEW, (f"The reward cannot be made. {error}",))
    _store(session, referral, verdict, accepted_by or RULES, now)
    return True


def lock_referral(session: Session, workspace_id: int, referral_id: int) -> Referral:
    found: Referral = session.execute(
        select(Referral)
        .where(col(Referral.workspace_id) == workspace_id, col(Referral.id) == referral_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    return found


def _order(session: Session, referral: Referral) -> HandledOrder | None:
    if referral.installation_id is None or not referral.order_id:
        return None
    return session.get(HandledOrder, (referral.installation_id, referral.order_id))


def _store(session: Session, referral: Referral, verdict: Verdict, by: str, now: datetime) -> None:
    if verdict.reasons:
        referral.reasons = json.dumps(list(verdict.reasons), ensure_ascii=False)
    if verdict.outcome is Outcome.REVIEW:
        referral.state = ReferralState.REVIEW.value
    else:
        rewarded = verdict.outcome is Outcome.REWARD
        referral.state = (ReferralState.REWARDED if rewarded else ReferralState.REFUSED).value
        referral.decided_at, referral.decided_by = now, by
    session.add(referral)
    session.flush()


def _reward(
    session: Session,
    book: Book,
    account: OpenAccount,
    referral: Referral,
    terms: Terms,
    member_id: int,
    keys: Callable[[], KeyRing],
    now: datetime,
) -> None:
    assert referral.id is not None
    workspace_id = referral.workspace_id
    give = terms.referrals.referrer
    if give.points is not None:
        _earn(book, account, referral, terms, member_id, give.points, now)
        referral.reward_points = give.points
    else:
        friends = store_with_id(
            session, workspace_id, referral.installation_id or 0, referral.store_id
        )
        him = everyone_he_is(session, workspace_id, member_id)
        store = store_of_member(session, workspace_id, him, otherwise=friends)
        if store is None:
            raise BridgeError(
                sentence("No store is connected in which the referrer could use a voucher.")
            )
        secret = workspace_secret(session, workspace_id, keys, now)
        new = referrers_voucher(terms, give, store, referral.id, member_id, now)
        referral.reward_voucher_id = issue(session, workspace_id, secret, new, now).id
    thanks = NewLetter(str(referral.id), member_id, {"referral": referral.id})
    queue(session, workspace_id, LetterKind.REFERRAL, [thanks], now)


def _earn(
    book: Book,
    account: OpenAccount,
    referral: Referral,
    terms: Terms,
    member_id: int,
    points: int,
    now: datetime,
) -> None:
    settings = terms.programme.points
    expires = expires_at(settings, now, terms.zone) if settings is not None else None
    source = (0, REFERRAL, str(referral.id), "")
    lot = book.new_lot(account, source, now, expires_at=expires, is_ripe=True)
    cause = Cause(
        REFERRAL,
        str(referral.id),
        now,
        line=str(member_id),
        rule=RULE,
        programme=terms.version.number,
        why=json.dumps(
            {"order": referral.order_id, "installation": referral.installation_id},
            sort_keys=True,
        ),
    )
    earn(book, account, lot, points, cause)
    book.write()


RULE = "referrals"
"""The programme's section that gives these points."""
