"""What a holder owes, because more was taken back than he had."""

from __future__ import annotations

from bridge.points.book import Book, Cause, OpenAccount, OpenLot
from bridge.points.models import Place

SETTLE_DEBT = "settle_debt"


def settle_debt(book: Book, account: OpenAccount, lot: OpenLot, points: int, cause: Cause) -> None:
    """Pays debt out of points that just became available in this lot."""
    paid = min(points, account.debt, lot.available)
    if paid:
        book.post(account, lot, Place.AVAILABLE, Place.DEBT, paid, SETTLE_DEBT, cause)
