"""One tier price as Magento's bulk services take it, and whose each failure is. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.base import Basis, TierPrice
from connectors.errors import ConnectorError, NotFound, Rejected
from connectors.magento.mapping import (
    QUANTITY_STEP,
    exact,
    number,
    price_entry,
    website_of,
)
from connectors.magento.messages import expanded, parameters_by_name

_GROUP_GONE = "No such entity with Customer Group"
_UNKNOWN_SKU = "Invalid attribute SKU"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with what is sent for it."""

    row: TierPrice
    code: str
    body: Mapping[str, Any]

    def answers_to(self, named: Mapping[str, str]) -> bool:
        """Does a failure with these parameters mean this row? A parameter that is missing or
        empty says nothing (recorded: tier_prices.json #20), a missing SKU means no row."""
        key = self.row.key
        return (
            named.get("SKU", "").casefold() == key.product_id.casefold()
            and named.get("websiteId") in {None, "", str(website_of(key.store))}
            and named.get("customerGroup", "").casefold() in {"", self.code.casefold()}
            and _same_quantity(named.get("qty"), key.quantity)
        )


def _same_quantity(said: str | None, quantity: Decimal) -> bool:
    if not said:
        return True
    try:
        return exact(said, QUANTITY_STEP) == exact(quantity, QUANTITY_STEP)
    except InvalidOperation:
        return False


def entry(row: TierPrice, code: str, basis: Basis) -> Entry:
    """Raises Rejected when Magento has no way to keep this row."""
    try:
        price_type, price = price_entry(row.value, basis)
    except ValueError as error:
        raise Rejected(f"{row.key.product_id}: {error}") from None
    body = {
        "price": number(price),
        "price_type": price_type,
        "website_id": website_of(row.key.store),
        "sku": row.key.product_id,
        "customer_group": code,
        "quantity": number(row.key.quantity),
    }
    return Entry(row=row, code=code, body=body)


def attributed(
    failures: Iterable[Any], entries: Sequence[Entry]
) -> tuple[dict[int, list[str]], list[str]]:
    """Messages by the index of the row they are about, and those about no row that was sent."""
    by_row: dict[int, list[str]] = {}
    unclaimed: list[str] = []
    for failure in failures:
        template = str(failure.get("message", failure)) if isinstance(failure, Mapping) else "?"
        parameters = failure.get("parameters") if isinstance(failure, Mapping) else None
        said = expanded(template, parameters)
        named = parameters_by_name(template, parameters)
        owners = [at for at, one in enumerate(entries) if one.answers_to(named)]
        for at in owners:
            by_row.setdefault(at, []).append(said)
        if not owners:
            unclaimed.append(said)
    return by_row, unclaimed


def refusal(messages: Sequence[str], where: str) -> ConnectorError:
    """One error for all that was said about a row."""
    said = " ".join(dict.fromkeys(messages))
    if said.startswith((_GROUP_GONE, _UNKNOWN_SKU)):
        return NotFound(said, where=where)
    return Rejected(said, where=where)


def group_is_gone(error: ConnectorError) -> bool:
    """The shop did not know the code: the group was renamed or deleted."""
    return _GROUP_GONE in error.message
