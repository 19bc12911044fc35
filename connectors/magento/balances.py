"""Points in the shop: rows of the module's own table, one a customer.

No customer attribute: those a shopper can write himself (PLUGIN_FACTS Magento "Balances"). Without
the module there is no such place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from connectors.errors import AnswerLost, ConnectorError, NotFound, Rejected
from connectors.magento.client import MagentoClient, listed
from connectors.magento.faults import NoRoute
from connectors.magento.mapping import storable
from connectors.magento.module_seen import SERVICES, InstalledModule, not_there
from connectors.sales import Balance
from connectors.sentences import sentence

_PATH = f"{SERVICES}/balances"
_PER_CALL = 100
"""The module takes 500; ids of so many are too long for an address."""
_LONGEST_TIER = 255
_LARGEST_ID = 2**32 - 1
"""``customer_entity.entity_id``."""


class MagentoBalances:
    """See :class:`connectors.sales.Balances` and :class:`connectors.sales.HeldByPlugin`. Safe to
    share between threads. Where the module is not there, calls raise NotFound."""

    def __init__(self, client: MagentoClient, module: InstalledModule) -> None:
        self._client = client
        self._module = module

    def can_hold(self) -> bool:
        return self._module.can_be_told()

    def as_held(self, balance: Balance) -> Balance:
        """Magento's tables take no character outside of Unicode's first plane, such as most
        emoji: MySQL cuts the text there (magento2 issue 12058)."""
        tier = storable(balance.tier)[:_LONGEST_TIER].rstrip() or balance.tier_key
        return replace(balance, tier=tier)

    def prepare(self) -> None:
        """The module's table is there with it."""
        self._module.must_be_there()

    def read(self, customer_ids: Sequence[str]) -> dict[str, Balance | None]:
        found: dict[str, Balance | None] = {}
        for some in _parts([one for one in dict.fromkeys(customer_ids) if _is_id(one)]):
            query = [("customerIds", ",".join(some))]
            for row in listed(self._get(query), f"GET /rest/all/V1/{_PATH}"):
                found[str(row["customer_id"])] = _balance(row)
        return found

    def write(self, balances: Mapping[str, Balance]) -> dict[str, ConnectorError]:
        refused: dict[str, ConnectorError] = {
            one: _unknown(one) for one in balances if not _is_id(one)
        }
        rows = [
            {"customer_id": int(one), **asdict(self.as_held(balance))}
            for one, balance in balances.items()
            if one not in refused
        ]
        for told in self._client.in_pieces(rows, _PER_CALL, self._send):
            refused |= self._explained(told)
        return refused

    def remove(self) -> None:
        try:
            self._client.delete(_PATH)
        except NoRoute:
            return  # its table went with it, or will

    # -- calls ------------------------------------------------------------------------------

    def _get(self, query: Sequence[tuple[str, str | int]]) -> Any:
        try:
            return self._client.get(_PATH, query)
        except NoRoute:
            raise not_there() from None

    def _send(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """What is said of those refused, by customer."""
        try:
            answer = self._client.post(_PATH, {"balances": rows}, repeatable=True)
        except NoRoute:
            raise not_there() from None
        return {
            str(row["customer_id"]): str(row.get("message") or "")
            for row in listed(answer, f"POST /rest/all/V1/{_PATH}")
        }

    def _explained(self, told: Mapping[str, str]) -> dict[str, ConnectorError]:
        """One who is gone is told from one whose balance is not taken."""
        there = self.read(sorted(told)) if told else {}
        return {
            one: Rejected(message) if one in there else _unknown(one)
            for one, message in told.items()
        }


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _PER_CALL] for start in range(0, len(ids), _PER_CALL))


def _is_id(text: str) -> bool:
    return text.isdecimal() and text.isascii() and 0 < int(text) <= _LARGEST_ID


def _unknown(customer_id: str) -> NotFound:
    return NotFound(sentence("There is no customer with the id %(id)s in the shop", id=customer_id))


def _balance(row: Mapping[str, Any]) -> Balance | None:
    """Raises AnswerLost for what is no balance."""
    if not row.get("is_set"):
        return None
    try:
        return Balance(
            available=int(row["available"]),
            pending=int(row["pending"]),
            tier=str(row["tier"]),
            tier_key=str(row["tier_key"]),
            expiring=int(row["expiring"]),
            expires_on=str(row["expires_on"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerLost(
            sentence("The shop's answer is no balance"), where=f"GET /rest/all/V1/{_PATH}"
        ) from error
