"""Individual codes: single-use, each a row under its promotion.

An order writes itself into the ``payload`` of the code it used, and from then on the code is not
found any more (recorded: promotions.json #24, #25).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.errors import AlreadyExists, ConnectorError, NotFound, Unsafe
from connectors.rewards import HeldCode
from connectors.sales import Mark
from connectors.shopware import ids
from connectors.shopware.batches import send_all
from connectors.shopware.client import ShopwareClient, any_of, equals, operation
from connectors.shopware.paging import MAX_LIMIT, Criteria, Row, parts
from connectors.shopware.promotion_rows import OWN, key_of
from connectors.shopware.walks import by_time

CODES_PER_CALL = MAX_LIMIT
_ENTITY = "promotion_individual_code"
_FIELDS: Criteria = {"includes": {_ENTITY: ["id", "code", "promotionId", "payload", "createdAt"]}}
_BEGINNING = Mark(datetime(1970, 1, 1, tzinfo=UTC), "")
_COUNTERS_ASIDE = {"indexing-skip": "promotion.redemption,promotion.exclusion"}
"""A code is part of its promotion, and a write to it counts the promotion's orders anew, over all
order lines of the shop (shopware ``PromotionRedemptionUpdater::update``). No code changes them."""


class Codes:
    def __init__(self, client: ShopwareClient, mark: str) -> None:
        self._client = client
        self._mark = mark

    def add(self, key: str, codes: Sequence[str]) -> dict[str, ConnectorError]:
        """Looks first: a code that is there is a fault of the shop's database and fails the whole
        call (recorded: promotions.json #7). One that came in between is found by halving."""
        promotion_id = ids.promotion_id(self._mark, key)
        self._require(key, promotion_id)
        wanted = list(dict.fromkeys(codes))
        there = self.held(wanted)
        refused = self._elsewhere(there, promotion_id)
        rows = [
            {"id": ids.code_id(self._mark, key, code), "promotionId": promotion_id, "code": code}
            for code in wanted
            if code not in there
        ]
        taken = {row["code"]: error for row, error in self._send("upsert", rows)}
        if any(isinstance(error, AlreadyExists) for error in taken.values()):
            now = self.held(list(taken))
            on_it = {c for c, one in now.items() if one.promotion_id == promotion_id}
            taken = {c: error for c, error in taken.items() if c not in on_it}
        return {**refused, **taken}

    def held(self, codes: Sequence[str]) -> dict[str, HeldCode]:
        """By code as asked for: the shop does not mind case."""
        found: dict[str, HeldCode] = {}
        for some in parts(list(dict.fromkeys(codes)), CODES_PER_CALL):
            asked = {code.casefold(): code for code in some}
            criteria = {**_FIELDS, "filter": [any_of("code", some)]}
            for row in self._client.all(_ENTITY, criteria):
                code = asked.get(str(row.get("code")).casefold())
                if code is not None:
                    found[code] = held_code(row)
        return found

    def of(self, key: str) -> Iterator[HeldCode]:
        """By the time they were made, so that codes that come and go meanwhile shift nothing."""
        hanging = equals("promotionId", ids.promotion_id(self._mark, key))
        pages = by_time(
            lambda criteria: self._client.search(_ENTITY, criteria),
            lambda criteria: self._client.all(_ENTITY, criteria),
            {**_FIELDS, "filter": [hanging]},
            "createdAt",
            _BEGINNING,
        )
        for page in pages:
            for _, row in page:
                yield held_code(row)

    def remove(self, codes: Sequence[str]) -> dict[str, ConnectorError]:
        """By id alone, of what hangs on promotions of ours. An id that is gone comes back as
        ``notFound`` with a 200 and is no refusal (recorded: customer_groups.json #21)."""
        there = self.held(codes)
        ours = self._ours({one.promotion_id for one in there.values()})
        refused: dict[str, ConnectorError] = {
            code: Unsafe(f"The code {code} hangs on a promotion that the bridge did not make")
            for code, one in there.items()
            if one.promotion_id not in ours
        }
        by_id = {one.native_id: code for code, one in there.items() if code not in refused}
        for row, error in self._send("delete", [{"id": native} for native in by_id]):
            if not isinstance(error, NotFound):
                refused[by_id[row["id"]]] = error
        return refused

    # -- means ------------------------------------------------------------------------------

    def _require(self, key: str, promotion_id: str) -> None:
        if promotion_id not in self._ours([promotion_id]):
            raise NotFound(f"There is no promotion of the bridge with the key {key} in the shop")

    def _ours(self, promotion_ids: Sequence[str] | set[str]) -> set[str]:
        ours: set[str] = set()
        for some in parts(sorted(set(promotion_ids)), MAX_LIMIT):
            rows = self._client.search("promotion", {**OWN, "ids": list(some), "limit": len(some)})
            ours |= {str(row["id"]) for row in rows.rows if key_of(row, self._mark) is not None}
        return ours

    def _elsewhere(
        self, there: Mapping[str, HeldCode], promotion_id: str
    ) -> dict[str, ConnectorError]:
        return {
            code: AlreadyExists(f"The code {code} hangs on another promotion")
            for code, one in there.items()
            if one.promotion_id != promotion_id
        }

    def _send(self, action: str, rows: Sequence[Row]) -> list[tuple[Row, ConnectorError]]:
        def send(batch: Sequence[Row]) -> None:
            self._client.sync({"codes": operation(_ENTITY, action, batch)}, _COUNTERS_ASIDE)

        return send_all(rows, send, CODES_PER_CALL, lambda row, _: str(row["id"]))


def held_code(row: Row) -> HeldCode:
    """PHP writes an empty payload as a list."""
    use = row.get("payload")
    order = use.get("orderId") if isinstance(use, dict) else None
    return HeldCode(
        code=str(row.get("code")),
        native_id=str(row["id"]),
        promotion_id=str(row.get("promotionId")),
        is_used=bool(use),
        order_id=str(order or ""),
    )
