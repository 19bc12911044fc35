"""Who takes the newsletter: Magento Open Source has no service for subscribers, but tells each
customer's state (PLATFORM_FACTS Magento 26; recorded: newsletter_and_stock.json #0 to #2).

What cannot be seen: guests who subscribe; and a change that leaves the customer's own row alone,
such as the link at the end of a newsletter, until something else touches that row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from connectors.errors import NotFound
from connectors.http import in_parallel
from connectors.magento.client import MagentoClient
from connectors.magento.mapping import moment
from connectors.magento.paging import Row
from connectors.sales import Activity, ActivityKind, Change, Entity, Mark

_FIELDS = "items[id,website_id,updated_at,extension_attributes[is_subscribed]],total_count"
_AT_ONCE = 20
_PARALLEL_CALLS = 4


class Newsletter:
    def __init__(self, client: MagentoClient, has_one_website: Callable[[], bool]) -> None:
        self._client = client
        self._has_one_website = has_one_website

    def walk(self, since: str) -> Iterator[Change]:
        """Every changed customer with his state, subscribed or not: so that a withdrawal shows.

        ``at`` is the customer's last change, for the day he subscribed is not told.
        """
        rows = self._client.walk_by_change("customers/search", since, fields=_FIELDS)
        while batch := list(islice(rows, _AT_ONCE)):
            yield from self._changes(batch)

    def _changes(self, rows: Sequence[Row]) -> Iterator[Change]:
        states = in_parallel(self._state, rows, _PARALLEL_CALLS)
        for row, is_subscribed in zip(rows, states, strict=True):
            if is_subscribed is not None:
                yield _change(row, is_valid=is_subscribed)

    def _state(self, row: Row) -> bool | None:
        """Lists look a subscriber up by address alone (magento2 ``Newsletter\\Model\\Plugin\\
        CustomerPlugin::afterGetList``): right where there is one website; the same address on
        another is another customer, so then each is asked for by itself, as in old versions,
        whose lists tell nothing. ``None``: the customer was deleted meanwhile."""
        told = _told(row)
        if told is not None and self._has_one_website():
            return told
        try:
            whole = self._client.get(f"customers/{row['id']}", [("fields", "extension_attributes")])
        except NotFound:
            return None
        return bool(_told(whole or {}))


def _told(row: Row) -> bool | None:
    extension = row.get("extension_attributes")
    value = extension.get("is_subscribed") if isinstance(extension, dict) else None
    return None if value is None else bool(value)


def _change(row: Row, *, is_valid: bool) -> Change:
    at, customer_id = moment(row["updated_at"]), str(row["id"])
    activity = Activity(
        id=customer_id,
        kind=ActivityKind.NEWSLETTER,
        at=at,
        is_valid=is_valid,
        customer_id=customer_id,
        store_id=str(row.get("website_id") or ""),
    )
    return Change(Entity.ACTIVITY, customer_id, Mark(at, customer_id), activity)
