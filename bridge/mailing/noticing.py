"""What gives cause for letters: new members, points, vouchers. Looked for in what is stored, so
that it does not matter which way it came about, and nothing is lost when a process ends.

A kind of letter begins with the moment in which the merchant switches it on: of what was before,
nobody is told. Tiers and thanks for friends are not looked for here: who decides them queues the
letter itself, in the same unit of work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.application import Application
from bridge.kit.calendar import day_of
from bridge.letters.models import LetterKind
from bridge.letters.queue import NewLetter, queue
from bridge.mailing.points import became_available
from bridge.mailing.rules import is_news, is_told_of, period_of, reminded_at
from bridge.mailing.survey_letters import look_for_orders
from bridge.mailing.walking import (
    PAGE,
    SETTLED,
    Look,
    done,
    due_since,
    forget,
    walk_times,
)
from bridge.mailing.welcoming import look_for_new_members
from bridge.points.models import Account, Entry, Holder, Lot
from bridge.preferences.sections import Earned, Letters
from bridge.preferences.service import preferences
from bridge.programme.service import current
from bridge.vouchers.models import Voucher, VoucherKind

_INSTANT = timedelta(microseconds=1)


def notice(app: Application) -> None:
    """Queues letters for what is new. Repeatable, and safe beside itself: one cause is one
    letter."""
    with app.database.reading() as session:
        found = current(session, app.workspace_id)
        letters = preferences(session, app.workspace_id, Letters)
    if found is None:
        return
    look = Look(app, letters, found[1], app.now())
    for kind, search in _SEARCHES.items():
        if kind in letters.kinds:
            search(look)
        else:
            forget(look, kind)


# -- points ---------------------------------------------------------------------------------


def _look_for_earned(look: Look) -> None:
    """Points of companies that hold them together are told to nobody: they are no one's alone."""
    statement: Any = (
        select(
            col(Entry.id).label("id"),
            col(Entry.posted_at).label("at"),
            col(Entry.occurred_at),
            col(Entry.account_id),
            col(Entry.installation_id),
            col(Entry.source_kind),
            col(Entry.source_id),
            col(Account.holder_id),
        )
        .join(Account, col(Account.id) == col(Entry.account_id))
        .where(
            col(Entry.workspace_id) == look.app.workspace_id,
            became_available(),
            col(Account.holder) == Holder.MEMBER.value,
        )
    )
    tell = _of_each if look.letters.earned is Earned.EACH else _of_days

    def causes(session: Session, rows: Sequence[Any]) -> list[NewLetter]:
        return [tell(look, row) for row in rows if is_news(row.occurred_at, row.at)]

    columns = (col(Entry.posted_at), col(Entry.id))
    walk_times(look, LetterKind.EARNED, statement, columns, causes)


def _of_days(look: Look, row: Any) -> NewLetter:
    period = period_of(row.at, look.letters.hour, look.zone)
    return NewLetter(
        f"{row.account_id}/{period.day}",
        row.holder_id,
        {
            "account": row.account_id,
            "since": period.since.isoformat(),
            "until": period.until.isoformat(),
        },
        period.until + SETTLED,
    )


def _of_each(look: Look, row: Any) -> NewLetter:
    return NewLetter(
        f"{row.account_id}/{row.installation_id}/{row.source_kind}/{row.source_id}",
        row.holder_id,
        {
            "account": row.account_id,
            "installation": row.installation_id,
            "source_kind": row.source_kind,
            "source_id": row.source_id,
        },
        look.now + SETTLED,
    )


def _look_for_expiring(look: Look) -> None:
    """Once a day: what expires within the time that the merchant set."""
    last = due_since(look, LetterKind.EXPIRING)
    if last is None or period_of(last, look.letters.hour, look.zone).until > look.now:
        return
    after, number = look.now, 0
    horizon = look.now + timedelta(days=look.letters.expiry_days)
    while True:
        with look.app.database.writing() as session:
            rows = session.execute(_lots(look, after, number, horizon)).all()
            due = [
                _of_lot(look, row)
                for row in rows
                if reminded_at(row.earned_at, row.expires_at, look.letters.expiry_days) <= look.now
            ]
            some = list({one.cause: one for one in due}.values())
            queue(session, look.app.workspace_id, LetterKind.EXPIRING, some, look.now)
        if len(rows) < PAGE:
            break
        after, number = rows[-1].expires_at, rows[-1].id
    done(look, LetterKind.EXPIRING)


def _lots(look: Look, after: Any, number: int, horizon: Any) -> Any:
    expires = col(Lot.expires_at)
    return (
        select(
            col(Lot.id), expires, col(Lot.earned_at), col(Lot.account_id), col(Account.holder_id)
        )
        .join(Account, col(Account.id) == col(Lot.account_id))
        .where(
            col(Lot.workspace_id) == look.app.workspace_id,
            col(Lot.available) > 0,
            expires >= after,
            (expires > after) | (col(Lot.id) > number),
            expires > look.now,
            expires <= horizon,
            col(Account.holder) == Holder.MEMBER.value,
        )
        .order_by(expires, col(Lot.id))
        .limit(PAGE)
    )


def _of_lot(look: Look, row: Any) -> NewLetter:
    """Lots that expire on one day are told of together."""
    last_day = day_of(row.expires_at - _INSTANT, look.zone)
    return NewLetter(f"{row.account_id}/{last_day}", row.holder_id, {"day": last_day.isoformat()})


# -- vouchers -------------------------------------------------------------------------------


def _look_for_vouchers(look: Look) -> None:
    statement: Any = select(
        col(Voucher.id).label("id"),
        col(Voucher.made_at).label("at"),
        col(Voucher.kind),
        col(Voucher.source_kind),
        col(Voucher.member_id),
    ).where(
        col(Voucher.workspace_id) == look.app.workspace_id,
        col(Voucher.member_id).is_not(None),
        col(Voucher.basket_minor).is_(None),
    )

    def causes(session: Session, rows: Sequence[Any]) -> list[NewLetter]:
        return [
            NewLetter(str(row.id), row.member_id, {"voucher": row.id})
            for row in rows
            if is_told_of(VoucherKind(row.kind), row.source_kind)
        ]

    columns = (col(Voucher.made_at), col(Voucher.id))
    walk_times(look, LetterKind.VOUCHER, statement, columns, causes)


_SEARCHES: dict[LetterKind, Callable[[Look], None]] = {
    LetterKind.WELCOME: look_for_new_members,
    LetterKind.EARNED: _look_for_earned,
    LetterKind.EXPIRING: _look_for_expiring,
    LetterKind.VOUCHER: _look_for_vouchers,
    LetterKind.SURVEY: look_for_orders,
}
