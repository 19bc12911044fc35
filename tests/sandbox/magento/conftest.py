"""A Magento sandbox and someone to talk to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from connectors.magento.sandbox import SANDBOX
from connectors.sandbox.server import RunningSandbox


@dataclass
class Client:
    """Calls below ``/rest/all/V1`` with an integration's token."""

    shop: RunningSandbox
    session: requests.Session

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.session.request(
            method, f"{self.shop.url}/rest/all/V1/{path}", json=body, params=query, timeout=20
        )

    def get(self, path: str, **query: Any) -> Any:
        answer = self("GET", path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self("POST", path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def found(
        self,
        path: str,
        *filters: tuple[str, str, str] | list[tuple[str, str, str]],
        fields: str = "",
        **more: Any,
    ) -> Any:
        """Searches; each filter is (field, condition, value) and all must hold; a list of
        filters holds when one of them does."""
        query: dict[str, Any] = {"searchCriteria": "", **more}
        for group, one in enumerate(filters):
            for place, (name, condition, value) in enumerate(
                one if isinstance(one, list) else [one]
            ):
                at = f"searchCriteria[filter_groups][{group}][filters][{place}]"
                query |= {
                    f"{at}[field]": name,
                    f"{at}[condition_type]": condition,
                    f"{at}[value]": value,
                }
        if len(query) > 1:
            del query["searchCriteria"]
        if fields:
            query["fields"] = fields
        return self.get(path, **query)

    def tiers(self, *skus: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.post(
            "products/tier-prices-information", {"skus": list(skus)}
        )
        return rows


@pytest.fixture
def shop() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=400, customers=12) as running:
        yield running


@pytest.fixture
def client(shop: RunningSandbox) -> Iterator[Client]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {SANDBOX.credentials['access_token']}"
        yield Client(shop, session)
