"""Tier prices as text: one spelling for one key and one value.

Equal texts mean equal things, so that a hundred thousand unchanged rows are compared without
building a record for any of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal

from bridge.kit.money import from_millionths, to_millionths
from connectors.base import Amount, TierKey, TierPrice, TierValue

_SEPARATOR = "\t"


def key_text(key: TierKey) -> str:
    """``product, store, audience, quantity`` separated by tabs; a tab is in none of them."""
    return _SEPARATOR.join((key.product_id, key.store, key.audience_id, _plain(key.quantity)))


def key_from_text(text: str) -> TierKey:
    product_id, store, audience_id, quantity = text.split(_SEPARATOR)
    return TierKey(product_id, store, audience_id, Decimal(quantity))


def _plain(number: Decimal) -> str:
    if not number:
        return "0"  # minus nought is nought
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_text(value: TierValue) -> str:
    """JSON with unit prices in millionths: ``{"amounts":[["EUR",net,gross]],"until":9}``, or
    ``{"percent":15000000}``."""
    if value.percent is not None:
        return f'{{"percent":{to_millionths(value.percent)}{_until(value)}}}'
    amounts = ",".join(
        f'["{amount.currency}",{_side(amount.net)},{_side(amount.gross)}]'
        for amount in sorted(value.amounts, key=_currency)
    )
    return f'{{"amounts":[{amounts}]{_until(value)}}}'


def value_from_text(text: str) -> TierValue:
    fields = json.loads(text)
    until = fields.get("until")
    if "percent" in fields:
        return TierValue(percent=from_millionths(fields["percent"]), until=until)
    return TierValue(amounts=amounts_from(fields["amounts"]), until=until)


def amounts_text(amounts: Iterable[Amount]) -> str:
    """A product's own prices: ``[["EUR",net,gross]]`` in millionths."""
    return json.dumps(
        [
            [
                amount.currency,
                None if amount.net is None else to_millionths(amount.net),
                None if amount.gross is None else to_millionths(amount.gross),
            ]
            for amount in sorted(amounts, key=_currency)
        ],
        separators=(",", ":"),
    )


def amounts_from(rows: Iterable[tuple[str, int | None, int | None]]) -> tuple[Amount, ...]:
    return tuple(
        Amount(
            currency,
            None if net is None else from_millionths(net),
            None if gross is None else from_millionths(gross),
        )
        for currency, net, gross in rows
    )


def tier_price(key: str, value: str, native_id: str = "") -> TierPrice:
    return TierPrice(key_from_text(key), value_from_text(value), native_id)


def _currency(amount: Amount) -> str:
    return amount.currency


def _side(side: Decimal | None) -> str:
    return "null" if side is None else str(to_millionths(side))


def _until(value: TierValue) -> str:
    return "" if value.until is None else f',"until":{value.until}'
