"""Walks by change time, without a word of HTTP.

Keyset over (time, id), in a way that never compares ids in the shop: ranges over ids are unproved
(:mod:`connectors.shopware.paging`), and so is that the shop orders them as their text. A full page
is cut before its last time, which is asked for again with all that follows; a time that fills a
whole page is read on its own, by a list that is counted. Among equal times *this* side sorts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from connectors.errors import NotAShop, TooMany
from connectors.sales import Mark
from connectors.sentences import sentence
from connectors.shopware.mapping import moment
from connectors.shopware.paging import MAX_LIMIT, Row, Search

WholeList = Callable[[Mapping[str, Any]], Sequence[Row]]
Marked = tuple[Mark, Row]


def by_time(
    search: Search, whole: WholeList, criteria: Mapping[str, Any], field: str, since: Mark
) -> Iterator[list[Marked]]:
    """Pages of rows after ``since`` by ``field`` (``createdAt``, ``updatedAt``: milliseconds),
    oldest first. ``whole`` gives every row of a list, however long."""
    start, how, limit = _milliseconds(since.at), "gte", MAX_LIMIT
    while True:
        asked = _after(criteria, field, how, start, limit)
        try:
            rows = search(asked).rows
        except TooMany as refusal:
            if refusal.limit >= limit:
                raise
            limit = refusal.limit
            continue
        found = _marked(rows, field)
        if len(rows) < limit:
            yield _past(found, since)
            return
        first, last = found[0][0].at, found[-1][0].at
        if first < last:
            yield _past([one for one in found if one[0].at < last], since)
            start, how = last, "gte"
        else:
            yield _past(_marked(whole(exactly_at(criteria, field, last)), field), since)
            start, how = last, "gt"


def _after(
    criteria: Mapping[str, Any], field: str, how: str, start: datetime, limit: int
) -> dict[str, Any]:
    return {
        **criteria,
        "filter": [*criteria.get("filter", ()), _range(field, {how: in_database(start)})],
        "sort": [{"field": field, "order": "ASC"}, {"field": "id", "order": "ASC"}],
        "limit": limit,
        "total-count-mode": 0,
    }


def exactly_at(criteria: Mapping[str, Any], field: str, when: datetime) -> dict[str, Any]:
    """The criteria, narrowed to this millisecond."""
    only = _range(field, {"gte": in_database(when), "lte": in_database(when)})
    return {**criteria, "filter": [*criteria.get("filter", ()), only]}


def _range(field: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "range", "field": field, "parameters": dict(parameters)}


def _marked(rows: Sequence[Row], field: str) -> list[Marked]:
    found = []
    for row in rows:
        at = moment(row.get(field))
        if at is None:
            raise NotAShop(sentence("The shop lists by %(field)s what has none", field=field))
        found.append((Mark(at, str(row["id"])), row))
    found.sort(key=lambda one: one[0])
    return found


def _past(found: Sequence[Marked], since: Mark) -> list[Marked]:
    return [one for one in found if one[0] > since]


def _milliseconds(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def in_database(at: datetime) -> str:
    """As the shop's database writes a time: UTC and unmarked. A range reaches it as it is sent
    (shopware ``SqlQueryParser::parseRangeFilter``), and MySQL turns one with an offset into its
    session's time zone, which is UTC only where Shopware may set it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond // 1000:03}"
