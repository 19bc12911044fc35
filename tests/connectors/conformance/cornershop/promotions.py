"""Vouchers, gifts and discounts in a Corner Shop: its offers, and the codes that hang on them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from connectors.errors import (
    AlreadyExists,
    ConnectorError,
    Mismatch,
    NotFound,
    Rejected,
    Unsafe,
)
from connectors.http import HttpClient
from connectors.rewards import HeldCode, HeldPromotion, Promotion, Threshold

Row = Mapping[str, Any]


class CornerPromotions:
    """The shop lets its clients choose ids, and keeps a note with each offer: ours says whose it
    is. What does not carry the note is nobody's business here, whatever its id or name."""

    codes_per_promotion = 1000
    codes_per_call = 20
    keeps_used_codes = True

    def __init__(self, http: HttpClient, mark: str) -> None:
        self._http = http
        self._mark = mark

    def compile(self, promotion: Promotion) -> str:
        """The terms of an offer, in one spelling."""
        discount = promotion.discount
        if (discount.percent is None) == (discount.amount is None):
            raise Rejected("An offer takes off either a percentage or an amount")
        terms = {
            "kind": promotion.kind.value,
            "name": promotion.name,
            "label": promotion.label,
            "store": promotion.store_id,
            "percent": plain(discount.percent),
            "amount": plain(discount.amount),
            "maximum": plain(discount.maximum),
            "starts": promotion.starts_at and promotion.starts_at.isoformat(),
            "ends": promotion.ends_at and promotion.ends_at.isoformat(),
            "groups": sorted(promotion.group_ids),
            "from": threshold_of(promotion.threshold),
            "skus": sorted(promotion.product_ids),
            "needs": sorted(promotion.needs_product_ids),
            "pieces": promotion.most_pieces,
            "first": promotion.first_order_only,
            "active": promotion.is_active,
        }
        return json.dumps(terms, sort_keys=True)

    # -- promotions -------------------------------------------------------------------------

    def all(self) -> Iterator[HeldPromotion]:
        after = ""
        while page := self._http.get("offers", {"after": after}):
            yield from (held for row in page if (held := self._ours(row)))
            after = page[-1]["id"]

    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        rows = self._ask("offers/read", [self._id(key) for key in keys])
        return {held.key: held for row in rows if (held := self._ours(row))}

    def write(self, key: str, native: str) -> HeldPromotion:
        """The id derives from mark and key: putting it twice is putting it once."""
        self._require_ours(key)
        offer = {"note": self._note(key), "terms": json.loads(native)}
        self._http.request("PUT", f"offers/{self._id(key)}", json=offer, repeatable=True)
        held = self.read([key]).get(key)
        if held is None or held.native != native:
            raise Mismatch(f"The shop made something else of the offer {key}")
        return held

    def remove(self, key: str) -> None:
        if self.read([key]):
            self._http.request("DELETE", f"offers/{self._id(key)}", repeatable=True)

    def _id(self, key: str) -> str:
        return uuid5(NAMESPACE_URL, self._note(key)).hex

    def _note(self, key: str) -> str:
        return f"{self._mark}#{key}"

    def _ours(self, row: Row) -> HeldPromotion | None:
        mark, _, key = row["note"].partition("#")
        if mark != self._mark or row["id"] != self._id(key):
            return None
        native = json.dumps(row["terms"], sort_keys=True)
        terms = row["terms"]
        return HeldPromotion(key, row["id"], native, terms["name"], is_active=terms["active"])

    def _require_ours(self, key: str) -> None:
        for row in self._ask("offers/read", [self._id(key)]):
            if self._ours(row) is None:
                raise Unsafe(f"The offer {row['id']} lost the note that says it is ours")

    # -- codes ------------------------------------------------------------------------------

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        """A set: what hangs there already is not hung there again."""
        if not self.read([key]):
            raise NotFound(f"There is no offer of ours with the key {key}")
        body = {"offer": self._id(key), "codes": list(codes)}
        refused = self._http.request("POST", "codes/add", json=body, repeatable=True).body
        return {code: AlreadyExists(reason) for code, reason in refused.items()}

    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        rows = {row["code"]: row for row in self._ask("codes/read", codes)}
        return {code: code_from(rows[code]) for code in codes if code in rows}

    def codes_of(self, key: str) -> Iterator[HeldCode]:
        after = ""
        while page := self._http.get("codes", {"offer": self._id(key), "after": after}):
            yield from map(code_from, page)
            after = page[-1]["code"]

    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        """Only those whose offer is looked at first, and carries our note."""
        there = self.codes(codes)
        offers = self._ask("offers/read", sorted({held.promotion_id for held in there.values()}))
        ours = {row["id"] for row in offers if self._ours(row)}
        gone = [code for code, held in there.items() if held.promotion_id in ours]
        self._http.request("POST", "codes/remove", json=gone, repeatable=True)
        return {code: Unsafe(f"{code} is not ours") for code in there if code not in gone}

    def _ask(self, path: str, body: Sequence[str]) -> list[Row]:
        return list(
            self._http.request("POST", path, json=list(body), repeatable=True, reading=True).body
        )


def plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def threshold_of(threshold: Threshold | None) -> dict[str, Any] | None:
    if threshold is None:
        return None
    if threshold.after_discounts:
        raise Rejected(
            "A Corner Shop asks for a value before discounts",
            advice="Leave `after discounts` out for this store.",
        )
    return {"amount": plain(threshold.amount), "gross": threshold.is_gross}


def code_from(row: Row) -> HeldCode:
    return HeldCode(
        code=row["code"],
        native_id=row["id"],
        promotion_id=row["offer"],
        is_used=bool(row["order"]),
        order_id=row["order"],
    )
