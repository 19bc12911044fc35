"""Tier prices: read, write, remove. ``PUT products/tier-prices`` is never used: it deletes
every row of the products it names (PLATFORM_FACTS Magento 1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from connectors.base import Basis, Refusal, TierKey, TierPrice
from connectors.errors import ConnectorError, Mismatch, Rejected, Unsafe
from connectors.magento.batches import Batches
from connectors.magento.client import MagentoClient, listed
from connectors.magento.entries import Entry, entry, group_is_gone
from connectors.magento.groups import GroupCodes
from connectors.magento.mapping import (
    price_entry,
    store_of,
    tier_key,
    tier_value,
)

ROWS_PER_CALL = 1000
PRODUCTS_PER_READ = 500
_READ = "products/tier-prices-information"
_Reach = tuple[str, str, Decimal, Decimal]


class TierPrices:
    def __init__(
        self,
        client: MagentoClient,
        codes: GroupCodes,
        *,
        currency_of: Callable[[str], str],
        basis: Basis,
    ) -> None:
        """``currency_of`` gives the base currency of a store id (or of all stores)."""
        self._client = client
        self._codes = codes
        self._currency_of = currency_of
        self._basis = basis
        self._writes = Batches(client, "products/tier-prices", ROWS_PER_CALL)
        self._removals = Batches(client, "products/tier-prices-delete", ROWS_PER_CALL)

    # -- read -------------------------------------------------------------------------------

    def read(
        self, skus: Sequence[str], audience_ids: Sequence[str] | None = None
    ) -> list[TierPrice]:
        """Rows under the SKUs as they were asked for: Magento does not mind their case."""
        asked = {sku.casefold(): sku for sku in skus}
        wanted = None if audience_ids is None else set(audience_ids)
        pieces = self._client.in_pieces(list(asked.values()), PRODUCTS_PER_READ, self._read_piece)
        rows = [self._row(raw, asked) for piece in pieces for raw in piece]
        return [row for row in rows if wanted is None or row.key.audience_id in wanted]

    def _read_piece(self, skus: Sequence[str]) -> list[dict[str, object]]:
        body = {"skus": list(skus)}
        return listed(self._client.post(_READ, body, reading=True), f"POST /rest/all/V1/{_READ}")

    def _row(self, raw: dict[str, object], asked: dict[str, str]) -> TierPrice:
        sku = str(raw["sku"])
        return TierPrice(
            key=tier_key(
                raw,
                sku=asked.get(sku.casefold(), sku),
                audience_id=self._codes.audience_id(str(raw["customer_group"])),
            ),
            value=tier_value(
                raw,
                currency=self._currency_of(store_of(raw["website_id"])),
                basis=self._basis,
            ),
        )

    # -- write ------------------------------------------------------------------------------

    def write(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return self._deliver(self._writes, rows)

    def _deliver(self, batches: Batches, rows: Sequence[TierPrice]) -> list[Refusal]:
        """Sends rows; those whose group the shop did not know go once more with codes that are
        read anew, since a rename may have come between."""
        entries, refusals = self._entries(rows)
        refused = batches.send(entries) if entries else []
        gone = [one for one in refused if group_is_gone(one.error)]
        if not gone:
            return refusals + refused
        refusals += [one for one in refused if not group_is_gone(one.error)]
        self._codes.forget()
        sent = {one.row.key: one for one in entries}
        again, unnamed = self._entries([sent[one.key].row for one in gone])
        renamed = [one for one in again if one.code != sent[one.row.key].code]
        answered = {one.row.key for one in renamed} | {one.key for one in unnamed}
        refusals += unnamed + [one for one in gone if one.key not in answered]
        return refusals + (batches.send(renamed) if renamed else [])

    def _entries(self, rows: Iterable[TierPrice]) -> tuple[list[Entry], list[Refusal]]:
        entries: list[Entry] = []
        refusals: list[Refusal] = []
        for row in rows:
            try:
                entries.append(entry(row, self._codes.code(row.key.audience_id), self._basis))
            except (Rejected, Unsafe) as error:
                refusals.append(Refusal(row.key, error))
        return entries, refusals

    # -- remove -----------------------------------------------------------------------------

    def remove(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        """Magento finds what to delete by group, quantity and value and takes the **first** row
        that fits, on whatever website (magento2 ``TierPriceStorage::retrievePriceId``,
        PLATFORM_FACTS Magento 4): so the rows are read first, one whose twin was not asked for
        stays, twins go one call after another, and what is gone is read back."""
        todo, refusals = removable(rows, self._of_products(rows), self._basis)
        while todo:
            said = self._remove_some(todo)
            left, changed = removable(todo, self._of_products(todo), self._basis)
            stuck = self._stuck(todo, left)
            refusals += changed + [_kept(row, said.get(_reach(row, self._basis))) for row in stuck]
            todo = [row for row in left if row not in stuck]
        return refusals

    def _of_products(self, rows: Sequence[TierPrice]) -> list[TierPrice]:
        return self.read(sorted({row.key.product_id for row in rows}))

    def _remove_some(self, rows: Sequence[TierPrice]) -> dict[_Reach, ConnectorError]:
        """One of each set of twins; what the shop said against it."""
        once = {_reach(row, self._basis): row for row in rows}
        refused = self._deliver(self._removals, list(once.values()))
        said = {one.key: one.error for one in refused}
        return {reach: said[row.key] for reach, row in once.items() if row.key in said}

    def _stuck(self, before: Sequence[TierPrice], after: Sequence[TierPrice]) -> list[TierPrice]:
        """Rows of whose twins not a single one went."""
        there = Counter(_reach(row, self._basis) for row in before)
        left = Counter(_reach(row, self._basis) for row in after)
        return [
            row
            for row in after
            if left[_reach(row, self._basis)] == there[_reach(row, self._basis)]
        ]


def _kept(row: TierPrice, said: ConnectorError | None) -> Refusal:
    """A fixed price of 0 is never found (magento2 ``TierPriceStorage::isCorrectPriceValue``)."""
    free = any(not (amount.net or amount.gross) for amount in row.value.amounts)
    advice = "Its service does not delete a price of 0: remove it in the admin." if free else ""
    kept = Mismatch(f"The shop kept the tier price of {row.key.product_id}", advice=advice)
    return Refusal(row.key, said or kept)


def removable(
    rows: Sequence[TierPrice], there: Sequence[TierPrice], basis: Basis
) -> tuple[list[TierPrice], list[Refusal]]:
    """The rows that can go without another one going too, and why others cannot. Rows that are
    not there are neither."""
    present = {row.key: row for row in there}
    asked = {row.key for row in rows if _unchanged(row, present)}
    twins: dict[_Reach, list[TierKey]] = {}
    for row in there:
        twins.setdefault(_reach(row, basis), []).append(row.key)
    safe: list[TierPrice] = []
    refusals: list[Refusal] = []
    for row in rows:
        found = present.get(row.key)
        if found is None:
            continue
        error = _obstacle(row, found, twins[_reach(found, basis)], asked)
        if error is None:
            safe.append(found)
        else:
            refusals.append(Refusal(row.key, error))
    return safe, refusals


def _obstacle(
    row: TierPrice, found: TierPrice, twins: Sequence[TierKey], asked: set[TierKey]
) -> ConnectorError | None:
    if found.value != row.value:
        return Mismatch(f"The tier price of {row.key.product_id} was changed since it was read")
    strangers = [key for key in twins if key not in asked]
    if strangers:
        places = ", ".join(f"website {key.store or 'All'}" for key in strangers)
        return Unsafe(
            f"Removing this tier price of {row.key.product_id} would remove the same price of "
            f"{places} too",
            advice="Remove it in the shop's admin, or change the price there first.",
        )
    return None


def _unchanged(row: TierPrice, present: dict[TierKey, TierPrice]) -> bool:
    found = present.get(row.key)
    return found is not None and found.value == row.value


def _reach(row: TierPrice, basis: Basis) -> _Reach:
    """What one delete call cannot tell apart."""
    return (
        row.key.product_id.casefold(),
        row.key.audience_id,
        row.key.quantity,
        price_entry(row.value, basis)[1],
    )
