"""What a person gives or takes, with a reason."""

from __future__ import annotations

from datetime import datetime

from bridge.points.book import Book, Cause, NotEnoughPoints, OpenAccount, OpenLot
from bridge.points.debts import settle_debt
from bridge.points.models import Place
from bridge.points.ripening import expire_due

ADJUST = "adjust"


def give(
    book: Book,
    account: OpenAccount,
    points: int,
    cause: Cause,
    *,
    expires_at: datetime | None = None,
) -> OpenLot:
    """Puts points into a lot of their own, available at once."""
    source = (cause.installation_id, cause.kind, cause.id, cause.line)
    lot = book.new_lot(account, source, cause.occurred_at, expires_at=expires_at, is_ripe=True)
    book.post(account, lot, Place.ADJUSTED, Place.AVAILABLE, points, ADJUST, cause)
    settle_debt(book, account, lot, points, cause)
    return lot


def take(book: Book, account: OpenAccount, points: int, cause: Cause) -> None:
    """Takes available points, first to expire first. Raises :class:`NotEnoughPoints`."""
    expire_due(book, account)
    if points > account.available:
        raise NotEnoughPoints(points, account.available)
    left = points
    for lot in book.lots(account):
        taken = min(left, lot.available)
        if taken:
            book.post(account, lot, Place.AVAILABLE, Place.ADJUSTED, taken, ADJUST, cause)
            left -= taken
