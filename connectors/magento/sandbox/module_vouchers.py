"""Whose vouchers these are, and which basket has claimed which: the module's table of codes.

A code that is not in it is none of the module's business: merchants' own coupons are untouched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.values import collated

if TYPE_CHECKING:
    from connectors.magento.sandbox.carts import Cart
    from connectors.magento.sandbox.shop import Shop

NOT_HIS = "The voucher has been used already, or it is not yours. Take it out and try again."


@dataclass(slots=True)
class Voucher:
    code: str
    """In capitals."""
    customer_ids: tuple[int, ...] = ()
    """Empty: whoever has the address. 0 is nobody: not even a guest."""
    email: str = ""
    """In lower case; empty as well: anybody."""
    quote_id: int = 0
    """The basket that claimed it; 0: none."""
    order: str = ""
    """The number of the order that took it."""

    def belongs_to(self, customer_id: int, emails: Iterable[str]) -> bool:
        if self.customer_ids:
            return customer_id != 0 and customer_id in self.customer_ids
        return not self.email or self.email in {email.strip().lower() for email in emails}

    def is_free_for(self, quote_id: int) -> bool:
        return self.quote_id in (0, quote_id)


@dataclass(slots=True)
class Vouchers:
    _rows: dict[str, Voucher] = field(default_factory=dict)
    """By code, as the database compares them: it takes "é" for "e", as it does for coupons."""

    def of(self, code: str) -> Voucher | None:
        return self._rows.get(collated(code.strip()))

    def own(self, code: str, customer_ids: Sequence[int], email: str) -> None:
        """A claim stays."""
        row = self._rows.setdefault(collated(code.strip()), Voucher(code.strip().upper()))
        row.customer_ids, row.email = tuple(dict.fromkeys(customer_ids)), email.strip().lower()

    def forget(self, codes: Iterable[str]) -> None:
        for code in codes:
            self._rows.pop(collated(code.strip()), None)

    def release(self, order_number: str) -> None:
        """What this order took: it was cancelled."""
        for row in self._rows.values():
            if row.order == order_number:
                row.quote_id, row.order = 0, ""

    def clear(self) -> None:
        self._rows.clear()

    def as_json(self) -> list[dict[str, Any]]:
        return [shown(row) for _, row in sorted(self._rows.items())]


def may_use(shop: Shop, cart: Cart, code: str) -> bool:
    """Whether the shop's own rules may look at this coupon at all."""
    voucher = _guarded(shop, code)
    if voucher is None:
        return True
    customer = shop.customers.rows.get(cart.customer_id)
    billing = (cart.billing or {}).get("email") or ""
    emails = [customer["email"] if customer else cart.email, str(billing)]
    return voucher.belongs_to(cart.customer_id, emails) and voucher.is_free_for(cart.id)


def check_coupon(shop: Shop, cart: Cart) -> None:
    """Before an order is made of the cart: a voucher that is not his, or that another cart has,
    does not silently drop out of what he agreed to pay. Raises Refused."""
    if cart.coupon and not may_use(shop, cart, cart.coupon):
        raise Refused(400, NOT_HIS)


def claim(shop: Shop, cart: Cart, order_number: str) -> None:
    """After :func:`check_coupon`, under the same lock."""
    voucher = _guarded(shop, cart.coupon)
    if voucher is not None:
        voucher.quote_id, voucher.order = cart.id, order_number


def release(shop: Shop, order_number: str) -> None:
    """The order was cancelled; whether the module is switched on does not matter."""
    if shop.module.is_installed:
        shop.module.vouchers.release(order_number)


def _guarded(shop: Shop, code: str) -> Voucher | None:
    return shop.module.vouchers.of(code) if code and shop.module.works else None


def shown(row: Voucher) -> dict[str, Any]:
    return {
        "code": row.code,
        "customer_ids": list(row.customer_ids),
        "email": row.email,
        "is_claimed": bool(row.quote_id),
        "order_increment": row.order,
    }
