"""How many pieces of a product can be bought at once (Shopware ProductMaxPurchaseCalculator)."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.shopware.sandbox.database import Row
from connectors.shopware.sandbox.definitions import definitions
from connectors.shopware.sandbox.values import Reader

MAX_QUANTITY = 100
"""Of one position, where neither product nor shop says otherwise (recorded:
variants_and_prices_seen.json #8)."""


@dataclass(frozen=True, slots=True)
class Quantities:
    least: int
    most: int
    steps: int

    def nearest(self, wanted: int) -> int:
        """What the shop makes of a quantity."""
        within = max(min(wanted, self.most), self.least)
        return self.least + (within - self.least) // self.steps * self.steps


def quantities(reader: Reader, product: Row) -> Quantities:
    definition = definitions()["product"]
    least = reader.value(definition, product, "minPurchase") or 1
    steps = reader.value(definition, product, "purchaseSteps") or 1
    most = reader.value(definition, product, "maxPurchase") or MAX_QUANTITY
    if reader.value(definition, product, "isCloseout"):
        most = min(most, product.values.get("stock") or 0)
    return Quantities(least, max(0, (most - least) // steps * steps + least), steps)
