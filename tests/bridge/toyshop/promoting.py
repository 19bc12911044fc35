"""Promotions and codes in a toy shop, behind the port and by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.errors import AlreadyExists, ConnectorError, Mismatch, NotFound, Rejected, Unsafe
from connectors.rewards import (
    Discount,
    HeldCode,
    HeldPromotion,
    Promotion,
    PromotionKind,
    Promotions,
    Threshold,
)

if TYPE_CHECKING:
    from toyshop.shop import ToyShop

NOBODY = ""
"""The mark of what a person made in the shop's admin."""


@dataclass
class ShopPromotion:
    """As the shop holds it. ``mark`` and ``key`` are empty for one that a person made."""

    native_id: str
    mark: str
    key: str
    native: str

    @property
    def promotion(self) -> Promotion:
        return said(self.native, self.key)


@dataclass
class ShopCode:
    code: str
    native_id: str
    promotion_id: str
    is_used: bool = False
    """The shop has counted it. Where it counts late, orders may have used it all the same."""
    order_id: str = ""


# -- native text --------------------------------------------------------------------------------


def text_of(promotion: Promotion) -> str:
    """Everything but the key, in one form for equal values."""
    held = {name: value for name, value in asdict(promotion).items() if name != "key"}
    return json.dumps(held, default=_as_text, sort_keys=True)


def _as_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    assert isinstance(value, datetime), value
    return value.isoformat()


def said(native: str, key: str = "") -> Promotion:
    """What a native text says. The toy shop looks in; the bridge never does."""
    given = json.loads(native)
    discount, threshold = given["discount"], given["threshold"]
    amounts = {name: value and Decimal(value) for name, value in discount.items()}
    given["discount"] = Discount(**amounts)
    if threshold:
        given["threshold"] = Threshold(**{**threshold, "amount": Decimal(threshold["amount"])})
    for name in ("starts_at", "ends_at"):
        given[name] = datetime.fromisoformat(given[name]) if given[name] else None
    for field in fields(Promotion):
        if isinstance(given.get(field.name), list):
            given[field.name] = tuple(given[field.name])
    return Promotion(key=key, **{**given, "kind": PromotionKind(given["kind"])})


# -- by hand ------------------------------------------------------------------------------------


def promote(shop: ToyShop, promotion: Promotion, *codes: str) -> str:
    """A person makes a promotion in the shop's admin, with codes; its native id."""
    with shop.lock:
        id_ = shop.number()
        shop.promotions[id_] = ShopPromotion(id_, NOBODY, "", text_of(promotion))
        for code in codes:
            shop.codes[code.casefold()] = ShopCode(code, shop.number(), id_)
        return id_


def change_by_hand(shop: ToyShop, key: str, **values: Any) -> None:
    """A person changes fields of a promotion of ours."""
    with shop.lock:
        (held,) = (one for one in shop.promotions.values() if one.key == key)
        given = {**json.loads(held.native), **json.loads(json.dumps(values, default=_as_text))}
        held.native = json.dumps(given, sort_keys=True)


def delete_by_hand(shop: ToyShop, native_id: str) -> None:
    """With its codes."""
    with shop.lock:
        del shop.promotions[native_id]
        for name in [name for name, one in shop.codes.items() if one.promotion_id == native_id]:
            del shop.codes[name]


# -- behind the port ----------------------------------------------------------------------------


class ToyPromotions(Promotions):
    """Calls are ``all_promotions``, ``read_promotions``, ``write_promotion``,
    ``remove_promotion``, ``add_codes``, ``codes``, ``codes_of`` and ``remove_codes``."""

    def __init__(self, shop: ToyShop, mark: str) -> None:
        assert mark
        self._shop = shop
        self._mark = mark

    @property
    def codes_per_promotion(self) -> int:
        return self._shop.codes_per_promotion

    @property
    def codes_per_call(self) -> int:
        return self._shop.codes_per_call

    @property
    def keeps_used_codes(self) -> bool:
        return self._shop.keeps_used_codes

    def compile(self, promotion: Promotion) -> str:
        if (promotion.discount.percent is None) == (promotion.discount.amount is None):
            raise Rejected("A promotion takes off either a percentage or an amount")
        if promotion.store_id not in {store.id for store in self._shop.stores}:
            raise Rejected(f"There is no store {promotion.store_id}")
        return text_of(promotion)

    # -- promotions -------------------------------------------------------------------------

    def all(self) -> Iterator[HeldPromotion]:
        yield from self._shop.asked("all_promotions", lambda: self._ours())

    def read(self, keys: Sequence[str]) -> dict[str, HeldPromotion]:
        assert len(keys) <= 100
        found = self._shop.asked(
            "read_promotions",
            lambda: {one.key: one for one in self._ours() if one.key in keys},
            tuple(keys),
        )
        return dict(found)

    def write(self, key: str, native: str) -> HeldPromotion:
        def act() -> None:
            held = self._held(key)
            if held is None:
                id_ = self._native_id(key)
                held = self._shop.promotions[id_] = ShopPromotion(id_, self._mark, key, native)
            held.native = native

        self._shop.asked("write_promotion", act, (key, native))
        held = self._held(key)
        if held is None or held.native != native:
            raise Mismatch(f"The shop made something else of promotion {key}")
        return _shown(held)

    def remove(self, key: str) -> None:
        def act() -> None:
            held = self._held(key)
            if held is not None:
                delete_by_hand(self._shop, held.native_id)

        self._shop.asked("remove_promotion", act, (key,))

    def _ours(self) -> list[HeldPromotion]:
        return [_shown(one) for one in self._shop.promotions.values() if one.mark == self._mark]

    def _held(self, key: str) -> ShopPromotion | None:
        with self._shop.lock:
            found = self._shop.promotions.values()
            return next((one for one in found if (one.mark, one.key) == (self._mark, key)), None)

    def _native_id(self, key: str) -> str:
        return f"promotion:{self._mark}:{key}" if self._shop.is_ruled else self._shop.number()

    # -- codes ------------------------------------------------------------------------------

    def add_codes(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        assert len(codes) <= self.codes_per_call

        def act() -> dict[str, ConnectorError]:
            held = self._held(key)
            if held is None:
                raise NotFound(f"There is no promotion {key}")
            refused = {code: self._why_not(code, held) for code in codes}
            return {code: error for code, error in refused.items() if error is not None}

        return dict(self._shop.asked("add_codes", act, (key, *codes)))

    def _why_not(self, code: str, held: ShopPromotion) -> ConnectorError | None:
        """Adds it, unless there is a reason not to."""
        if code in self._shop.refused_codes:
            return self._shop.refused_codes[code]
        there = self._shop.codes.get(code.casefold())
        if there is None:
            made = ShopCode(code, self._shop.number(), held.native_id)
            self._shop.codes[code.casefold()] = made
        elif there.promotion_id != held.native_id:
            return AlreadyExists(f"There is a code {code} already")
        return None

    def codes(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        assert len(codes) <= self.codes_per_call
        found = self._shop.asked(
            "codes",
            lambda: {
                code: _code(self._shop.codes[code.casefold()])
                for code in codes
                if code.casefold() in self._shop.codes
            },
            tuple(codes),
        )
        return dict(found)

    def codes_of(self, key: str) -> Iterator[HeldCode]:
        def act() -> list[HeldCode]:
            held = self._held(key)
            found = self._shop.codes.values()
            return [_code(one) for one in found if held and one.promotion_id == held.native_id]

        yield from self._shop.asked("codes_of", act, (key,))

    def remove_codes(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        assert len(codes) <= self.codes_per_call

        def act() -> dict[str, ConnectorError]:
            refused: dict[str, ConnectorError] = {}
            for code in codes:
                there = self._shop.codes.get(code.casefold())
                if there is None:
                    continue
                if self._shop.promotions[there.promotion_id].mark != self._mark:
                    refused[code] = Unsafe(f"The code {code} is somebody else's")
                else:
                    del self._shop.codes[code.casefold()]
            return refused

        return dict(self._shop.asked("remove_codes", act, tuple(codes)))


def _shown(held: ShopPromotion) -> HeldPromotion:
    promotion = held.promotion
    return HeldPromotion(
        held.key, held.native_id, held.native, promotion.name, is_active=promotion.is_active
    )


def _code(held: ShopCode) -> HeldCode:
    return HeldCode(held.code, held.native_id, held.promotion_id, held.is_used, held.order_id)
