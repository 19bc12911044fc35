"""Points that are held back for a customer's basket, in his custom fields.

The app's script takes them off his baskets (``app/Resources/scripts/cart/points.twig``). Fields are
merged by the shop (recorded: customers.json #11, #16, #17), and no shopper can write them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.errors import NotFound, Rejected
from connectors.plugins import HeldPoints
from connectors.sentences import sentence
from connectors.shopware.client import ShopwareClient
from connectors.shopware.mapping import number
from connectors.shopware.paging import Row

PREFIX = "loyalty_bridge_redeem_"
FIELDS = ("key", "worth", "until", "channel", "currency", "share")
_KEY, _WORTH, _UNTIL, _CHANNEL, _CURRENCY, _SHARE = (f"{PREFIX}{name}" for name in FIELDS)
_NOTHING: Mapping[str, Any] = {f"{PREFIX}{name}": None for name in FIELDS}
_FINEST = Decimal("0.00000001")
"""Of what they are worth in the shop's default currency: turned back into the basket's, not a
cent is lost."""


class ShopwarePointsHeld:
    """See :class:`connectors.plugins.TakesPoints`. Safe to share between threads."""

    def __init__(self, client: ShopwareClient) -> None:
        self._client = client

    def hold(self, customer_id: str, held: HeldPoints | None) -> None:
        fields = dict(_NOTHING) if held is None else self._fields(held)
        self._client.update("customer", customer_id, {"customFields": fields})

    def held(self, customer_id: str) -> str:
        criteria = {
            "ids": [customer_id],
            "limit": 1,
            "includes": {"customer": ["id", "customFields"]},
        }
        rows = self._client.search("customer", criteria).rows
        if not rows:
            raise NotFound(f"There is no customer with the id {customer_id} in the shop")
        fields = rows[0].get("customFields")
        return str(fields.get(_KEY) or "") if isinstance(fields, dict) else ""

    def _fields(self, held: HeldPoints) -> dict[str, Any]:
        channel = self._one("sales_channel", held.store_id, "currencyId")
        currency_id = str(channel["currencyId"])
        currency = self._one("currency", currency_id, "factor", "isoCode")
        if currency.get("isoCode") != held.currency:
            raise Rejected(
                sentence(
                    "The sales channel's currency is %(now)s, and the points were held back in "
                    "%(then)s",
                    now=str(currency.get("isoCode")),
                    then=held.currency,
                )
            )
        factor = number(currency.get("factor"))
        if not factor or factor <= 0:
            raise Rejected(f"The factor of {held.currency} is {currency.get('factor')}")
        return {
            _KEY: held.key,
            _WORTH: (held.worth / factor).quantize(_FINEST, ROUND_HALF_UP),
            _UNTIL: int(held.until.timestamp()),
            _CHANNEL: held.store_id,
            _CURRENCY: currency_id,
            _SHARE: Decimal(100) if held.share is None else held.share,
        }

    def _one(self, entity: str, id_: str, *fields: str) -> Row:
        includes = {"includes": {entity: ["id", *fields]}}
        return self._client.one(entity, id_, includes, entity.replace("_", " "))
