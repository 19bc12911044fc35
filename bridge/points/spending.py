"""Spending: points leave lots that expire first. Reserving, and what becomes of a reservation."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select
from sqlmodel import col

from bridge.points.book import Book, Cause, NotEnoughPoints, OpenAccount, OpenLot
from bridge.points.debts import settle_debt
from bridge.points.models import Entry, Place
from bridge.points.moving import move_between
from bridge.points.ripening import expire_due

SPEND = "spend"
RESERVE = "reserve"
CAPTURE = "capture"
RELEASE = "release"
RESTORE = "restore"


def spend(book: Book, account: OpenAccount, points: int, cause: Cause) -> bool:
    """Spends points at once. Returns whether anything was posted: told a second time, the same
    cause changes nothing. Raises :class:`NotEnoughPoints`, and nothing is posted."""
    return _take(book, account, Place.REDEEMED, points, SPEND, cause)


def reserve(book: Book, account: OpenAccount, points: int, cause: Cause) -> bool:
    """Holds points for something that may still fail or be withdrawn; as :func:`spend`."""
    return _take(book, account, Place.RESERVED, points, RESERVE, cause)


def capture(book: Book, account: OpenAccount, cause: Cause) -> int:
    """What was reserved under this cause is spent; how many points."""
    return _settle(book, account, Place.REDEEMED, CAPTURE, cause)


def release(book: Book, account: OpenAccount, cause: Cause) -> int:
    """What was reserved under this cause is available again, in the lots it came from; where
    their holder's points went elsewhere since, in the account they are released for. What
    should have expired meanwhile does now."""
    released = _settle(book, account, Place.AVAILABLE, RELEASE, cause)
    if released:
        expire_due(book, account)
    return released


def restore(book: Book, account: OpenAccount, points: int, cause: Cause) -> int:
    """Gives back points spent under this cause (an order paid with them was returned), into the
    lots they came from, last to expire first; at most what was spent and not yet restored.
    They end in ``account``, wherever they were spent from."""
    open_ = _moved(book, cause, (SPEND, CAPTURE), (RESTORE,))
    left = points
    for owner, lot in reversed(book.lots_anywhere(list(open_))):
        given = min(left, open_[lot.id or 0])
        if given > 0:
            book.post(owner, lot, Place.REDEEMED, Place.AVAILABLE, given, RESTORE, cause)
            _come_free(book, account, owner, lot, given, cause)
            left -= given
    return points - left


def hand_over(book: Book, cause: Cause, to: Cause) -> int:
    """What is reserved under one cause is reserved under another, in the same lots; how many
    points. Nothing expires and no debt is paid in between: they were never free."""
    held = _moved(book, cause, (RESERVE,), (CAPTURE, RELEASE))
    total = 0
    for owner, lot in book.lots_anywhere([one for one, points in held.items() if points > 0]):
        points = held[lot.id or 0]
        book.post(owner, lot, Place.RESERVED, Place.AVAILABLE, points, RELEASE, cause)
        book.post(owner, lot, Place.AVAILABLE, Place.RESERVED, points, RESERVE, to)
        total += points
    return total


def reserve_more(book: Book, account: OpenAccount, points: int, cause: Cause) -> None:
    """Holds more under a cause that holds some. Raises :class:`NotEnoughPoints`, and nothing is
    posted. The book must be written before and after."""
    expire_due(book, account)
    if points > account.available:
        raise NotEnoughPoints(points, account.available)
    cause, left = anew(book, cause), points
    for lot in book.lots(account):
        taken = min(left, lot.available)
        if taken:
            book.post(account, lot, Place.AVAILABLE, Place.RESERVED, taken, RESERVE, cause)
            left -= taken


def _take(
    book: Book, account: OpenAccount, to: Place, points: int, effect: str, cause: Cause
) -> bool:
    if points <= 0:
        raise ValueError("at least one point")
    if _is_posted(book, cause, effect):
        return False
    expire_due(book, account)
    if points > account.available:
        raise NotEnoughPoints(points, account.available)
    left = points
    for lot in book.lots(account):
        taken = min(left, lot.available)
        if taken:
            book.post(account, lot, Place.AVAILABLE, to, taken, effect, cause)
            left -= taken
    return True


def _settle(book: Book, account: OpenAccount, to: Place, effect: str, cause: Cause) -> int:
    held = _moved(book, cause, (RESERVE,), (CAPTURE, RELEASE))
    total = 0
    lot_ids = [lot_id for lot_id, points in held.items() if points > 0]
    for owner, lot in book.lots_anywhere(lot_ids):
        points = held[lot.id or 0]
        book.post(owner, lot, Place.RESERVED, to, points, effect, cause)
        if to is Place.AVAILABLE:
            _come_free(book, account, owner, lot, points, cause)
        total += points
    return total


def _come_free(
    book: Book, account: OpenAccount, owner: OpenAccount, lot: OpenLot, points: int, cause: Cause
) -> None:
    """Points that became available in the owner's lot are the account's."""
    settle_debt(book, owner, lot, points, cause)
    if owner is not account:
        move_between(book, owner, account, [lot], cause)


def held_for(book: Book, cause: Cause) -> int:
    """Points that are reserved under this cause now."""
    return sum(_moved(book, cause, (RESERVE,), (CAPTURE, RELEASE)).values())


def _is_posted(book: Book, cause: Cause, effect: str) -> bool:
    return bool(_moved(book, cause, (effect,), ()))


def _moved(book: Book, cause: Cause, out: tuple[str, ...], back: tuple[str, ...]) -> dict[int, int]:
    """Points by lot that went out under this cause, of any revision, less what came back."""
    rows = book.session.execute(
        select(col(Entry.lot_id), col(Entry.effect), col(Entry.points))
        .where(
            col(Entry.workspace_id) == book.workspace_id,
            col(Entry.installation_id) == cause.installation_id,
            col(Entry.source_kind) == cause.kind,
            col(Entry.source_id) == cause.id,
            col(Entry.source_line) == cause.line,
            col(Entry.effect).in_([*out, *back]),
        )
        .order_by(col(Entry.id))
    )
    net: dict[int, int] = {}
    for lot_id, effect, points in rows:
        net[lot_id] = net.get(lot_id, 0) + (points if effect in out else -points)
    return net


def anew(book: Book, cause: Cause) -> Cause:
    """With a revision of its own: the same may be given and taken again and again."""
    last = book.session.execute(
        select(func.max(col(Entry.revision))).where(
            col(Entry.workspace_id) == book.workspace_id,
            col(Entry.installation_id) == cause.installation_id,
            col(Entry.source_kind) == cause.kind,
            col(Entry.source_id) == cause.id,
        )
    ).scalar_one()
    return cause if last is None else again(cause, int(last) + 1)


def again(cause: Cause, revision: int) -> Cause:
    """The same cause, for a further effect of the same kind."""
    return replace(cause, revision=revision)
