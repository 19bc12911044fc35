"""The Admin API in the shop's own terms: search, read, write, synchronise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from connectors.errors import AnswerLost, Forbidden, NotFound, Rejected
from connectors.http import HttpClient, Policy
from connectors.sentences import sentence
from connectors.shopware.auth import ClientCredentials
from connectors.shopware.failures import classify
from connectors.shopware.paging import Criteria, Page, Row, by_auto_increment, page_of, whole_list

SKIP_FLOWS = {"sw-skip-trigger-flow": "1"}
"""Without it, imported changes start flows and customers get mails (PLATFORM_FACTS 15)."""

INDEXING: Mapping[str, Mapping[str, str]] = {
    "queue": {"indexing-behavior": "use-queue-indexing"},
    "direct": {},
}
"""How product prices are indexed: by the shop's queue, or within the call, four times as slow
(recorded: sync_bulk.json). Only the index renews lists and cached product pages (shopware
``ProductIndexer::handle``, ``CacheInvalidationSubscriber::invalidateProduct``); carts do without.
Only for prices: rules must be indexed at once to be applied."""

PATIENT = Policy(slots=2, max_slots=4)


class ShopwareClient:
    """Safe to share between threads. Errors are those of :mod:`connectors.errors`.

    Reads may be repeated after a lost answer; writes never are.
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        client_secret: str,
        *,
        policy: Policy = PATIENT,
        public_only: bool = False,
        **for_tests: Any,
    ) -> None:
        """Sends nothing. Raises ValueError for an address that cannot be used."""
        self.client_id = client_id
        clock: dict[str, Callable[[], float]] = (
            {"clock": for_tests["clock"]} if "clock" in for_tests else {}
        )
        auth = ClientCredentials(client_id, client_secret, **clock)
        self.http = HttpClient(
            url,
            auth=auth,
            policy=policy,
            classify=classify,
            secrets=[client_secret],
            public_only=public_only,
            **for_tests,
        )
        auth.use(self.http)

    def search(self, entity: str, criteria: Criteria) -> Page:
        """``POST /api/search/<entity>``; ``entity`` with underscores, as Shopware names it."""
        answer = self.http.request(
            "POST", f"/api/search/{_path(entity)}", json=criteria, repeatable=True, reading=True
        )
        return page_of(answer.body, answer.where)

    def walk(self, entity: str, criteria: Mapping[str, Any]) -> Iterator[Row]:
        """Every row of an entity that has ``autoIncrement`` (product, customer, category)."""
        return by_auto_increment(lambda page: self.search(entity, page), criteria)

    def all(self, entity: str, criteria: Mapping[str, Any]) -> list[Row]:
        return whole_list(lambda page: self.search(entity, page), criteria)

    def one(self, entity: str, thing_id: str, criteria: Mapping[str, Any], label: str) -> Row:
        """One thing by its id. Raises NotFound, naming it by ``label``."""
        found = self.search(entity, {**criteria, "ids": [thing_id], "limit": 1})
        if not found.rows:
            raise NotFound(f"There is no {label} with the id {thing_id} in the shop")
        return found.rows[0]

    def get(self, path: str) -> Any:
        return self.http.get(path)

    def admin_worker(self) -> bool | None:
        """Whether the queue is run by open administrations alone, the shipped default; ``None``
        where the shop does not tell."""
        try:
            config = self.get("/api/_info/config")
        except (Forbidden, Rejected):
            return None
        worker = config.get("adminWorker") if isinstance(config, dict) else None
        enabled = worker.get("enableAdminWorker") if isinstance(worker, dict) else None
        return enabled if isinstance(enabled, bool) else None

    def create(self, entity: str, payload: Mapping[str, Any]) -> None:
        """Raises AlreadyExists when the id is taken."""
        self.http.request("POST", f"/api/{_path(entity)}", json=payload, headers=SKIP_FLOWS)

    def create_and_read(self, entity: str, payload: Mapping[str, Any]) -> Row:
        """Creates, and gives what the shop made of it (recorded: customer_groups.json #5)."""
        answer = self.http.request(
            "POST",
            f"/api/{_path(entity)}",
            params={"_response": "detail"},
            json=payload,
            headers=SKIP_FLOWS,
        )
        row = answer.body.get("data") if isinstance(answer.body, dict) else None
        if not isinstance(row, dict):
            raise AnswerLost(sentence("The shop does not show what it created"), where=answer.where)
        return row

    def update(self, entity: str, thing_id: str, payload: Mapping[str, Any]) -> None:
        """Raises NotFound when there is no such thing."""
        self.http.request(
            "PATCH", f"/api/{_path(entity)}/{thing_id}", json=payload, headers=SKIP_FLOWS
        )

    def delete(self, entity: str, thing_id: str) -> None:
        """Raises NotFound, or InUse while other things hang on it."""
        self.http.request("DELETE", f"/api/{_path(entity)}/{thing_id}", headers=SKIP_FLOWS)

    def sync(
        self,
        operations: Mapping[str, Mapping[str, Any]],
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """``POST /api/_action/sync``: all operations in one transaction, all or nothing
        (recorded: products_and_advanced_prices.json #16, #17)."""
        return self.http.request(
            "POST",
            "/api/_action/sync",
            json=operations,
            headers={**SKIP_FLOWS, **(headers or {})},
        ).body

    def close(self) -> None:
        self.http.close()


def operation(entity: str, action: str, payload: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"entity": entity, "action": action, "payload": list(payload)}


def any_of(field: str, values: Sequence[str]) -> dict[str, Any]:
    return {"type": "equalsAny", "field": field, "value": list(values)}


def equals(field: str, value: object) -> dict[str, Any]:
    return {"type": "equals", "field": field, "value": value}


def _path(entity: str) -> str:
    return entity.replace("_", "-")
