"""One order as somebody wishes it, in a sandbox: bought, paid and sent."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.sandbox.shopper import NOTHING, OutOfStock, Sandbox, Till


def buy(sandbox: Sandbox, body: Mapping[str, Any]) -> dict[str, Any]:
    """``{email, items: {sku: pieces}, codes: [code]}``. Who has no account buys as a guest; codes
    that the shop does not take are left out.

    Raises ValueError for what cannot be bought, or is not asked for properly.
    """
    email, items, codes = _asked(body)
    till: Till = sandbox.state.till()
    unknown = sorted(items.keys() - set(till.skus()))
    if unknown:
        raise ValueError(f"nobody sells {', '.join(unknown)} here")
    try:
        sale = till.order(email, items, guest=email not in till.buyers(), codes=codes)
    except OutOfStock as error:
        raise ValueError(f"out of stock: {error}") from error
    till.pay(sale.order_id)
    till.send(sale.order_id)
    return {
        "number": sale.number,
        "guest": not sale.customer_id,
        "goods": _money(sum((line.gross for line in sale.lines), NOTHING)),
        "off": _money(sum((line.discount_gross for line in sale.lines), NOTHING)),
        "total": _money(sale.total),
    }


def _asked(body: Mapping[str, Any]) -> tuple[str, dict[str, int], list[str]]:
    email, items, codes = body.get("email"), body.get("items"), body.get("codes", [])
    if not isinstance(email, str) or "@" not in email:
        raise ValueError('"email" is the buyer\'s address')
    if not isinstance(items, dict) or not items or not all(map(_is_number, items.values())):
        raise ValueError('"items" are pieces, 1 or more, by SKU')
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        raise ValueError('"codes" is a list')
    return email, items, codes


def _is_number(pieces: object) -> bool:
    return isinstance(pieces, int) and not isinstance(pieces, bool) and pieces > 0


def _money(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.01")))
