"""Points in a Corner Shop: a field of the customer, beside those of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from connectors.errors import ConnectorError, NotFound
from connectors.http import HttpClient
from connectors.sales import Balance

FIELD = "loyalty_bridge"


class CornerBalances:
    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def prepare(self) -> None:
        self._http.request("PUT", f"extras/fields/{FIELD}", repeatable=True)

    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        fields = self._send("extras/read", list(customer_ids), reading=True)
        return {
            customer: Balance(**held[FIELD]) if FIELD in held else None
            for customer, held in fields.items()
        }

    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        """Twice is the same as once: what is set is the whole balance."""
        given = {customer: {FIELD: asdict(balance)} for customer, balance in balances.items()}
        refused = self._send("extras/merge", given)
        return {customer: NotFound(reason) for customer, reason in refused.items()}

    def remove(self) -> None:
        self._http.request("DELETE", f"extras/fields/{FIELD}", repeatable=True)

    def _send(self, path: str, body: Any, *, reading: bool = False) -> Any:
        return self._http.request("POST", path, json=body, repeatable=True, reading=reading).body
