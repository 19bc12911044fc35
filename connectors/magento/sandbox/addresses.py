"""Addresses of customers, with the flags that make one the default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from connectors.magento.sandbox.errors import all_required
from connectors.magento.sandbox.inputs import Type

REGION = Type(
    "Magento\\Customer\\Api\\Data\\RegionInterface",
    {
        "region_code": "string",
        "region": "string",
        "region_id": "int",
        "extension_attributes": "any",
    },
)
ADDRESS = Type(
    "Magento\\Customer\\Api\\Data\\AddressInterface",
    {
        "id": "int",
        "customer_id": "int",
        "region": REGION,
        "region_id": "int",
        "country_id": "string",
        "street": "string[]",
        "company": "string",
        "telephone": "string",
        "fax": "string",
        "postcode": "string",
        "city": "string",
        "firstname": "string",
        "lastname": "string",
        "middlename": "string",
        "prefix": "string",
        "suffix": "string",
        "vat_id": "string",
        "default_shipping": "bool",
        "default_billing": "bool",
        "extension_attributes": "any",
        "custom_attributes": "any",
    },
)
_PLAIN = (
    "country_id",
    "street",
    "company",
    "telephone",
    "fax",
    "postcode",
    "city",
    "firstname",
    "lastname",
    "middlename",
    "prefix",
    "suffix",
    "vat_id",
)


_REQUIRED = ("firstname", "lastname", "street", "city", "telephone", "postcode", "country_id")
"""Of every country the sandbox knows; in the shop's order (Customer Address validators)."""
COUNTRIES = frozenset(
    ("AT", "BE", "CA", "CH", "CZ", "DE", "DK", "ES", "FR", "GB", "IT", "LU", "NL", "PL", "SE", "US")
)


def check(given: Iterable[dict[str, Any]]) -> None:
    """Raises Refused for the first address that lacks what it must have."""
    for one in given:
        missing = [name for name in _REQUIRED if not _filled(one.get(name))]
        if missing:
            raise all_required(["countryId" if name == "country_id" else name for name in missing])


def allowed(given: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that a new account keeps: others are of countries the shop does not sell to."""
    return [one for one in given if one.get("country_id") in COUNTRIES]


def _filled(value: Any) -> bool:
    return any(value) if isinstance(value, list) else bool(value)


@dataclass(slots=True)
class Addresses:
    next_id: int = 1

    def assign(self, customer: dict[str, Any], given: list[dict[str, Any]]) -> None:
        """Makes ``given`` the customer's addresses; those that are not in it are gone."""
        customer["addresses"] = [self._address(customer["id"], one) for one in given]
        for kind in ("billing", "shipping"):
            flagged = [one["id"] for one in customer["addresses"] if one.get(f"default_{kind}")]
            customer.pop(f"default_{kind}", None)
            if flagged:
                customer[f"default_{kind}"] = str(flagged[-1])

    def _address(self, customer_id: int, given: dict[str, Any]) -> dict[str, Any]:
        address_id = given.get("id")
        if not address_id:
            address_id, self.next_id = self.next_id, self.next_id + 1
        region = given.get("region") or {}
        row: dict[str, Any] = {"id": address_id, "customer_id": customer_id}
        row["region"] = {
            "region_code": region.get("region_code"),
            "region": region.get("region"),
            "region_id": region.get("region_id") or 0,
        }
        if region.get("region_id") is not None:
            row["region_id"] = region["region_id"]
        row |= {name: given[name] for name in _PLAIN if given.get(name) is not None}
        for flag in ("default_shipping", "default_billing"):
            if given.get(flag):
                row[flag] = True
        return row
