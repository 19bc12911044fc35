"""What waits for a person, or for work that nobody does, of vouchers, gifts and referrals: told,
and left as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from bridge.gifts.memory import UNDECIDED
from bridge.gifts.models import CartGift
from bridge.letters.models import Letter, LetterState
from bridge.reconciling.books import GRACE, Books
from bridge.reconciling.findings import Finding, Severity
from bridge.reconciling.waiting import counted, told
from bridge.referrals.models import ReferralLetter
from bridge.vouchers.models import Voucher, VoucherPool, VoucherState

DEAD = "voucher-dead"
STUCK = "voucher-stuck"
CHANGED = "voucher-changed"
GIFT = "gift-stuck"
LETTER = "letter-dead"
_WORK = "Start `loyalty-bridge run`, or call `loyalty-bridge work --once`."
_NOBODY = "Nobody works, or the shop cannot be asked."


def find(books: Books) -> Iterator[Finding]:
    now = books.clock()
    with books.looking() as session:
        found = [
            *_dead(session, books.workspace_id),
            *_stuck(session, books.workspace_id, now),
            *_changed(session, books.workspace_id),
            *_gifts(session, books.workspace_id, now),
            *_letters(session, books.workspace_id),
        ]
    yield from found


def _dead(session: Session, workspace_id: int) -> Iterator[Finding]:
    for row in counted(session, workspace_id, Voucher, col(Voucher.is_dead).is_(True)):
        yield told(
            DEAD,
            row.name,
            "vouchers",
            f"{row.count:,} codes were refused.",
            row.reason or "Each says why.",
            "See `loyalty-bridge vouchers list --dead`; `vouchers retry` once the cause is mended.",
        )
    for row in counted(session, workspace_id, VoucherPool, col(VoucherPool.is_dead).is_(True)):
        yield told(
            DEAD,
            row.name,
            "promotions of vouchers",
            f"{row.count:,} were refused.",
            row.reason or "Each says why.",
            "See `loyalty-bridge vouchers pools`; `vouchers retry` once the cause is mended.",
        )


def _stuck(session: Session, workspace_id: int, now: datetime) -> Iterator[Finding]:
    late = now - GRACE
    adding = (
        col(Voucher.is_wanted).is_(True),
        col(Voucher.is_there).is_(False),
        col(Voucher.made_at) < late,
    )
    removing = (
        col(Voucher.is_wanted).is_(False),
        col(Voucher.intended_at).is_not(None),
        col(Voucher.removed_at).is_(None),
        or_(col(Voucher.valid_until) < late, col(Voucher.lease_until) < late),
    )
    free = or_(col(Voucher.lease_until).is_(None), col(Voucher.lease_until) < late)
    abandoned = (or_(and_(*adding), and_(*removing)), free, col(Voucher.is_dead).is_(False))
    for row in counted(session, workspace_id, Voucher, *abandoned):
        yield told(
            STUCK,
            row.name,
            "vouchers",
            f"{row.count:,} codes should have been put in or taken out long ago.",
            row.reason or _NOBODY,
            f"{_WORK} Where the promotion was changed by hand, `vouchers pools` decides.",
        )
    unproven = (
        col(Voucher.state) == VoucherState.ENDING.value,
        col(Voucher.is_there).is_(False),
        col(Voucher.removed_at) < late,
    )
    for row in counted(session, workspace_id, Voucher, *unproven):
        yield told(
            STUCK,
            row.name,
            "ending vouchers",
            f"{row.count:,} were taken out long ago, and their points are still held.",
            "No poll of the shop's orders got past it, or orders that came in are not handled.",
            f"{_WORK} Of a shop that is gone, `loyalty-bridge vouchers let-go` gives them back.",
        )


def _changed(session: Session, workspace_id: int) -> Iterator[Finding]:
    for row in counted(session, workspace_id, VoucherPool, col(VoucherPool.found).is_not(None)):
        yield told(
            CHANGED,
            row.name,
            "promotions of vouchers",
            f"{row.count:,} were changed or removed in the shop; codes for them wait.",
            "Somebody changed them there.",
            "Decide with `loyalty-bridge vouchers pools`: --restore or --leave.",
        )


def _gifts(session: Session, workspace_id: int, now: datetime) -> Iterator[Finding]:
    late = (col(CartGift.state).in_(UNDECIDED), col(CartGift.changed_at) < now - GRACE)
    for row in counted(session, workspace_id, CartGift, *late):
        yield told(
            GIFT,
            row.name,
            "baskets",
            f"{row.count:,} gifts were begun to be put in or taken out, and nobody went on.",
            row.reason or _NOBODY,
            _WORK,
        )


def _letters(session: Session, workspace_id: int) -> Iterator[Finding]:
    row = session.execute(
        select(
            func.count().label("letters"), func.max(col(ReferralLetter.error)).label("reason")
        ).where(
            col(ReferralLetter.workspace_id) == workspace_id,
            col(ReferralLetter.is_dead).is_(True),
        )
    ).one()
    if row.letters:
        yield _unsent(row, "friends", "See `loyalty-bridge referrals list`.")
    row = session.execute(
        select(func.count().label("letters"), func.max(col(Letter.error)).label("reason")).where(
            col(Letter.workspace_id) == workspace_id,
            col(Letter.state) == LetterState.FAILED.value,
        )
    ).one()
    if row.letters:
        yield _unsent(
            row,
            "members",
            "See `loyalty-bridge letters list --failed`, then `loyalty-bridge letters retry`.",
        )


def _unsent(row: Any, to: str, remedy: str) -> Finding:
    return Finding(
        LETTER,
        "letters",
        f"{row.letters:,} letters to {to} could not be sent.",
        row.reason or "Each says why.",
        remedy,
        None,
        Severity.WAITS,
    )
