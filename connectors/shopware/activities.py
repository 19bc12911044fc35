"""Reviews and newsletter recipients as activities. Pure (recorded: activities.json #1, #3)."""

from __future__ import annotations

from connectors.errors import NotAShop
from connectors.sales import Activity, ActivityKind
from connectors.sentences import sentence
from connectors.shopware.mapping import moment
from connectors.shopware.paging import Row

REVIEW = [
    "id", "customerId", "externalEmail", "productId", "salesChannelId", "status", "createdAt",
    "updatedAt",
]  # fmt: skip
RECIPIENT = [
    "id", "email", "status", "salesChannelId", "confirmedAt", "createdAt", "updatedAt",
]  # fmt: skip
_SUBSCRIBED = frozenset({"direct", "optIn"})


def review(row: Row) -> Activity:
    """Counts once it is published."""
    at = moment(row.get("createdAt"))
    if at is None:
        raise NotAShop(sentence("A review of the shop has no date of creation"))
    customer = str(row.get("customerId") or "")
    return Activity(
        id=str(row["id"]),
        kind=ActivityKind.REVIEW,
        at=at,
        is_valid=row.get("status") is True,
        customer_id=customer,
        email="" if customer else str(row.get("externalEmail") or ""),
        store_id=str(row.get("salesChannelId") or ""),
        subject=str(row.get("productId") or ""),
    )


def recipient(row: Row) -> Activity:
    """Counts once the address is confirmed, or at once where the shop asks for no confirmation.
    The shop knows the address, not the customer."""
    at = moment(row.get("confirmedAt")) or moment(row.get("createdAt"))
    if at is None:
        raise NotAShop(sentence("A newsletter recipient of the shop has no date of creation"))
    return Activity(
        id=str(row["id"]),
        kind=ActivityKind.NEWSLETTER,
        at=at,
        is_valid=row.get("status") in _SUBSCRIBED,
        email=str(row.get("email") or ""),
        store_id=str(row.get("salesChannelId") or ""),
    )
