"""Magento's REST services as calls: routes, searches, limits the shop makes known."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from connectors.errors import AnswerLost, Forbidden, NotAShop, TooMany, Unauthorized
from connectors.http import Answer, HttpClient
from connectors.magento.criteria import Criteria, Filter, where
from connectors.magento.paging import Page, Row, TimeStep, by_change, by_id, by_page
from connectors.sentences import sentence

T = TypeVar("T")
R = TypeVar("R")

ALL_VIEWS = "all"
LARGEST_PAGE = 300
"""What Magento allows per page where its input limits are on (PLATFORM_FACTS Magento 10)."""


class MagentoClient:
    """Paths are below ``/rest/all/V1``, the scope that holds for every store view, unless
    ``scope`` names one by its code."""

    def __init__(self, http: HttpClient, *, doubt_credentials: bool = True) -> None:
        """``doubt_credentials``: find out at a first refusal whether it is about the service or
        about the credentials, for which Magento has one and the same answer."""
        self.http = http
        self._doubtful = doubt_credentials
        self._lock = threading.Lock()
        self._page_size = LARGEST_PAGE
        self._most_items: int | None = None

    # -- calls ------------------------------------------------------------------------------

    def get(
        self,
        path: str,
        params: Sequence[tuple[str, str | int]] = (),
        *,
        scope: str = ALL_VIEWS,
        empty_ok: bool = False,
    ) -> Any:
        """``empty_ok``: ``null`` is an answer."""
        return self._send("GET", path, params, scope, empty_ok=empty_ok).body

    def post(
        self,
        path: str,
        body: Any,
        *,
        repeatable: bool = False,
        reading: bool = False,
        scope: str = ALL_VIEWS,
    ) -> Any:
        """``repeatable``: twice is the same as once. ``reading``: it changes nothing."""
        return self._send(
            "POST",
            path,
            scope=scope,
            json=body,
            repeatable=repeatable or reading,
            reading=reading,
        ).body

    def put(self, path: str, body: Any, *, repeatable: bool = False) -> Any:
        return self._send("PUT", path, json=body, repeatable=repeatable).body

    def delete(self, path: str, *, scope: str = ALL_VIEWS) -> Any:
        return self._send("DELETE", path, scope=scope).body

    def _send(
        self,
        method: str,
        path: str,
        params: Sequence[tuple[str, str | int]] = (),
        scope: str = ALL_VIEWS,
        **options: Any,
    ) -> Answer:
        try:
            answer = self.http.request(method, with_query(route(path, scope), params), **options)
        except Forbidden as refusal:
            if self._doubtful and self._let_in_nowhere(path):
                raise Unauthorized(
                    sentence(
                        "The shop refuses these credentials: they are wrong, or it does not take "
                        "integration tokens as they are (%(message)s)",
                        message=refusal.message,
                    ),
                    where=refusal.where,
                ) from None
            raise
        self._doubtful = False
        return answer

    def _let_in_nowhere(self, path: str) -> bool:
        """Asks for something that needs another privilege (recorded: auth.json #2, #3)."""
        other = "customerGroups/default" if path.startswith("store/") else "store/websites"
        try:
            self.http.request("GET", route(other))
        except Forbidden:
            return True
        self._doubtful = False
        return False

    # -- lists ------------------------------------------------------------------------------

    def search(self, path: str, criteria: Criteria, fields: str = "") -> Page:
        """One page. Raises TooMany when the page size is above the shop's limit."""
        answer = self._send("GET", path, criteria.params(fields))
        return _page(answer)

    def walk_by_id(
        self, path: str, *filters: Filter, fields: str = "", key: str = "entity_id"
    ) -> Iterator[Row]:
        """All rows, lowest id first. ``fields`` must name ``id`` (or ``key``, which is then told
        as ``id`` too) and ``total_count``."""

        def fetch(after: int) -> Page:
            above = Filter(key, str(after), "gt")
            return self._sized(
                lambda size: self.search(
                    path, where(*filters, above, sort=(key,), size=size), fields
                )
            )

        return by_id(fetch)

    def walk_by_page(self, path: str, *filters: Filter, fields: str = "") -> Iterator[Row]:
        def fetch(number: int) -> Page:
            return self._sized(
                lambda size: self.search(
                    path, where(*filters, sort=("id",), size=size, page=number), fields
                )
            )

        return by_page(fetch)

    def walk_by_change(
        self, path: str, since: str, *only: Filter, fields: str = ""
    ) -> Iterator[Row]:
        """Rows changed at or after ``since`` (the shop's text, UTC), oldest change first."""

        def fetch(step: TimeStep) -> Page:
            filters = [*only, Filter("updated_at", step.time, step.condition)]
            if step.condition == "eq":
                filters.append(Filter("entity_id", str(step.after), "gt"))
            return self._sized(
                lambda size: self.search(
                    path, where(*filters, sort=("updated_at", "entity_id"), size=size), fields
                )
            )

        return by_change(fetch, since)

    # -- learnt limits ----------------------------------------------------------------------

    def in_pieces(self, items: Sequence[T], most: int, call: Callable[[Sequence[T]], R]) -> list[R]:
        """``call`` for the items in as few pieces as the shop allows, which it says only when
        asked for too many ("Maximum items of type … is N", PLATFORM_FACTS Magento 10)."""
        answers: list[R] = []
        start = 0
        while start < len(items):
            size = min(most, self._most_items or most)
            piece = items[start : start + size]
            try:
                answers.append(call(piece))
            except TooMany as refusal:
                if len(piece) <= 1:
                    raise
                self._learn_items(min(refusal.limit, len(piece) - 1))
                continue
            start += len(piece)
        return answers

    def _learn_items(self, limit: int) -> None:
        with self._lock:
            self._most_items = min(limit, self._most_items or limit)

    def _sized(self, fetch: Callable[[int], Page]) -> Page:
        while True:
            size = self._page_size
            try:
                return fetch(size)
            except TooMany as refusal:
                if refusal.limit >= size:
                    raise
                with self._lock:
                    self._page_size = min(self._page_size, refusal.limit)


def route(path: str, scope: str = ALL_VIEWS) -> str:
    return f"rest/{scope}/V1/{path}"


def with_query(path: str, params: Sequence[tuple[str, str | int]]) -> str:
    """A space is sent as ``%20``, never as ``+``: when it checks a signature, Magento decodes
    the query by ``rawurldecode`` in some 2.4 versions, by ``urldecode`` in others (magento2
    ``Framework\\Oauth\\Helper\\Request::_extractQueryStringParams``), and every walk by change
    time has a space in it."""
    return f"{path}?{urlencode(params, quote_via=quote)}" if params else path


def encoded(part: str) -> str:
    """One path segment; a SKU may hold a slash (recorded: products.json #3)."""
    return quote(part, safe="")


def listed(body: Any, where_from: str) -> list[Any]:
    """The body as the list it must be."""
    if not isinstance(body, list):
        raise AnswerLost(sentence("The shop's answer is no list"), where=where_from)
    return body


_IDS = ("id", "entity_id", "coupon_id", "rule_id")


def _page(answer: Answer) -> Page:
    body = answer.body
    if not isinstance(body, dict) or "total_count" not in body:
        raise NotAShop(sentence("The address does not answer like Magento"), where=answer.where)
    items, total = body.get("items") or [], int(body["total_count"])
    return Page(items=[_identified(row) for row in items], total=total)


def _identified(row: Any) -> Row:
    """What is sold calls its id ``entity_id`` (recorded: orders.json #8 to #17), coupons and
    cart price rules name it after themselves (recorded: cart_price_rules.json #2, #10)."""
    name = next((name for name in _IDS if name in row), "")
    found: Row = {**row, "id": row[name]} if name else row
    return found
