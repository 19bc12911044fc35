"""Offers, their codes and what they take off, in a Corner Shop to try things on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any
from uuid import uuid4

from cornershop.refused import Refused

Row = dict[str, Any]
TAX = Decimal("1.19")
CENT = Decimal("0.01")
AT_ONCE = 20


@dataclass(frozen=True)
class Buyer:
    group: str
    """Empty: a guest."""
    at: datetime
    is_new: bool


class Offers:
    """Nothing here says whose an offer is but its note, which the shop does not read."""

    def __init__(self) -> None:
        self.offers: dict[str, Row] = {}
        self.codes: dict[str, Row] = {}
        self.largest_page = 50

    # -- what a client asks -----------------------------------------------------------------

    def page(self, after: str) -> list[Row]:
        found = [row for id_, row in sorted(self.offers.items()) if id_ > after]
        return found[: self.largest_page]

    def read(self, ids: Sequence[str]) -> list[Row]:
        return [self.offers[id_] for id_ in ids if id_ in self.offers]

    def put(self, id_: str, offer: Row) -> Row:
        self.offers[id_] = {"id": id_, "note": offer["note"], "terms": offer["terms"]}
        return self.offers[id_]

    def drop(self, id_: str) -> Row:
        """With its codes."""
        self.offers.pop(id_, None)
        for code in [code for code, row in self.codes.items() if row["offer"] == id_]:
            del self.codes[code]
        return {}

    def add(self, offer: str, codes: Sequence[str]) -> dict[str, str]:
        """Says which hang on another offer."""
        _few(codes)
        if offer not in self.offers:
            raise Refused(404, "gone", f"No offer {offer}")
        refused = {}
        for code in codes:
            row = {"id": uuid4().hex, "code": code, "offer": offer, "order": ""}
            if self.codes.setdefault(code, row)["offer"] != offer:
                refused[code] = f"{code} hangs on another offer"
        return refused

    def read_codes(self, codes: Sequence[str]) -> list[Row]:
        _few(codes)
        return [self.codes[code] for code in codes if code in self.codes]

    def page_of_codes(self, offer: str, after: str) -> list[Row]:
        found = [
            row
            for code, row in sorted(self.codes.items())
            if code > after and row["offer"] == offer
        ]
        return found[: self.largest_page]

    def remove(self, codes: Sequence[str]) -> list[str]:
        _few(codes)
        return [code for code in codes if self.codes.pop(code, None)]

    # -- by hand ----------------------------------------------------------------------------

    def make(self, name: str, percent: int, codes: Sequence[str]) -> str:
        id_ = uuid4().hex
        blank = dict.fromkeys(("amount", "maximum", "starts", "ends", "from", "pieces"))
        lists: Row = {"groups": [], "skus": [], "needs": []}
        said = {"kind": "codes", "name": name, "label": name, "store": "north"}
        flags = {"first": False, "active": True}
        terms = {**blank, **lists, **said, **flags, "percent": str(percent)}
        self.put(id_, {"note": "", "terms": terms})
        self.add(id_, codes)
        return id_

    def seen(self, native_id: str) -> object:
        codes = [row for row in self.codes.values() if row["offer"] == native_id]
        return deepcopy([self.offers[native_id], *codes])

    def switch_off(self, native_id: str) -> None:
        self.offers[native_id]["terms"]["active"] = False

    def count_uses(self) -> None:
        """It does so when an order is placed."""

    # -- in baskets -------------------------------------------------------------------------

    def take_off(self, lines: Sequence[Row], buyer: Buyer, codes: Sequence[str]) -> list[Row]:
        """Lowers the lines; says which codes did, and by how much. Gifts come first, so that no
        code is wasted on them."""
        offers = [row["terms"] for _, row in sorted(self.offers.items())]
        for kind in ("gift", "automatic"):
            for terms in offers:
                if terms["kind"] == kind and _holds(terms, lines, buyer):
                    _lower(terms, lines)
        used = []
        for code in dict.fromkeys(codes):
            row = self.codes.get(code)
            terms = self.offers[row["offer"]]["terms"] if row and not row["order"] else None
            if terms and terms["kind"] == "codes" and _holds(terms, lines, buyer):
                net, gross = _lower(terms, lines)
                used.append({"code": code, "net": str(net), "gross": str(gross)})
        return used

    def use(self, codes: Sequence[Row], order: str) -> None:
        for used in codes:
            self.codes[used["code"]]["order"] = order


def _few(codes: Sequence[str]) -> None:
    if len(codes) > AT_ONCE:
        raise Refused(400, "", f"At most {AT_ONCE} codes at once")


def _holds(terms: Mapping[str, Any], lines: Sequence[Row], buyer: Buyer) -> bool:
    there = {line["sku"] for line in lines}
    return (
        terms["active"]
        and terms["store"] == "north"
        and (not terms["starts"] or datetime.fromisoformat(terms["starts"]) <= buyer.at)
        and (not terms["ends"] or buyer.at < datetime.fromisoformat(terms["ends"]))
        and (not terms["groups"] or buyer.group in terms["groups"])
        and (not terms["first"] or buyer.is_new)
        and set(terms["needs"]) <= there
        and (not terms["skus"] or bool(set(terms["skus"]) & there))
        and _is_reached(terms["from"], lines)
    )


def _is_reached(wanted: Mapping[str, Any] | None, lines: Sequence[Row]) -> bool:
    if not wanted:
        return True
    side = "gross" if wanted["gross"] else "net"
    return sum(Decimal(line[side]) for line in lines) >= Decimal(wanted["amount"])


def _lower(terms: Mapping[str, Any], lines: Sequence[Row]) -> tuple[Decimal, Decimal]:
    meant = [line for line in lines if not terms["skus"] or line["sku"] in terms["skus"]]
    worths = [_worth(line, terms["pieces"]) for line in meant]
    whole = sum(worths, Decimal(0))
    off = _off(terms, whole)
    net = gross = Decimal(0)
    for place, line in enumerate(meant):
        share = (off * worths[place] / whole).quantize(CENT, ROUND_DOWN) if whole else Decimal(0)
        if place == len(meant) - 1:
            share = off - net
        net += share
        gross += _take(line, share)
        line["gift"] = line["gift"] or (terms["kind"] == "gift" and _left(line) == 0)
    return net, gross


def _off(terms: Mapping[str, Any], whole: Decimal) -> Decimal:
    if terms["amount"]:
        return min(Decimal(terms["amount"]), whole)
    off = (whole * Decimal(terms["percent"]) / 100).quantize(CENT, ROUND_HALF_UP)
    return min(off, Decimal(terms["maximum"])) if terms["maximum"] else off


def _left(line: Row) -> Decimal:
    return Decimal(line["net"]) - Decimal(line["off_net"])


def _worth(line: Row, pieces: int | None) -> Decimal:
    part = Decimal(line["net"]) * min(pieces or line["pieces"], line["pieces"]) / line["pieces"]
    return min(part.quantize(CENT, ROUND_HALF_UP), _left(line))


def _take(line: Row, net: Decimal) -> Decimal:
    """Off one line, net; what that is with tax."""
    left = Decimal(line["gross"]) - Decimal(line["off_gross"])
    gross = left if net == _left(line) else (net * TAX).quantize(CENT, ROUND_HALF_UP)
    line["off_net"] = str(Decimal(line["off_net"]) + net)
    line["off_gross"] = str(Decimal(line["off_gross"]) + gross)
    return gross
