"""One Corner Shop behind the port."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from connectors.base import (
    Amount,
    Audience,
    Capabilities,
    Category,
    Connection,
    Currency,
    Customer,
    CustomerGroup,
    Finding,
    GroupDraft,
    Product,
    ProductKind,
    Refusal,
    Severity,
    ShopInfo,
    Store,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.errors import AlreadyExists, ConnectorError, InUse, NotFound, Rejected
from connectors.http import Answer, HttpClient, Policy, Token, TokenAuth, default_error
from cornershop.balances import CornerBalances
from cornershop.carts import CornerCarts
from cornershop.feed import CornerFeed
from cornershop.promotions import CornerPromotions

LONGEST_NAME = 40
REASONS = {"gone": NotFound, "taken": AlreadyExists, "in use": InUse}
PATIENCE = Policy(attempts=3, backoff_base=0.01, backoff_cap=0.02)


def connect(connection: Connection) -> CornerShop:
    key = connection.credentials.get("api_key", "")
    if not key:
        raise ValueError("The credentials lack api_key.")
    return CornerShop(
        HttpClient(
            connection.url,
            auth=TokenAuth(lambda: Token(key, lifetime=math.inf)),
            classify=classify,
            secrets=[key],
            public_only=connection.public_only,
            policy=PATIENCE,
        ),
        connection.mark,
    )


def classify(answer: Answer) -> ConnectorError:
    """The shop says in the body why it refused; the status alone does not tell."""
    body = answer.body if isinstance(answer.body, dict) else {}
    if answer.status not in {400, 404, 409}:
        return default_error(answer)
    return REASONS.get(body.get("code"), Rejected)(
        str(body.get("error", answer.status)), where=answer.where
    )


class CornerShop:
    content_pages = None
    capabilities = Capabilities(
        audience_is_group=True,
        tier_rows_per_call=60,
        tier_products_per_call=20,
        tier_products_per_read=20,
        parallel_calls=2,
    )

    def __init__(self, http: HttpClient, mark: str) -> None:
        self._http = http
        self.feed = CornerFeed(http)
        self.balances = CornerBalances(http)
        self.promotions = CornerPromotions(http, mark)
        self.carts = CornerCarts(http)

    def __repr__(self) -> str:
        return f"CornerShop({self._http.base_url!r})"

    def shop(self) -> ShopInfo:
        said = self._http.get("shop")
        return ShopInfo(
            platform="cornershop",
            version=said["version"],
            stores=tuple(Store(s["id"], s["id"], s["name"], "EUR") for s in said["stores"]),
            currencies=(Currency("EUR", "eur", is_default=True),),
            clock_offset=self._http.clock_offset,
        )

    def check(self) -> list[Finding]:
        try:
            version = self.shop().version
        except ConnectorError as error:
            return [Finding(Severity.ERROR, "credentials", error.message, error.advice)]
        return [Finding(Severity.OK, "version", f"Corner Shop {version} answers.")]

    # -- groups -----------------------------------------------------------------------------

    def groups(self) -> list[CustomerGroup]:
        return [group_from(row) for row in self._http.get("groups")]

    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        if not 0 < len(draft.name) <= LONGEST_NAME:
            raise Rejected(f"A group's name has 1 to {LONGEST_NAME} characters")
        body = {"name": draft.name, "like": draft.base_group_id}
        return group_from(self._http.request("POST", "groups", json=body).body)

    def rename_group(self, group_id: str, name: str) -> CustomerGroup:
        path = f"groups/{quote(group_id, safe='')}"
        return group_from(self._http.request("PATCH", path, json={"name": name}).body)

    def delete_group(self, group_id: str) -> None:
        self._http.request("DELETE", f"groups/{quote(group_id, safe='')}")

    def audiences(self) -> list[Audience]:
        return [Audience(group.id, group.name, (group.id,)) for group in self.groups()]

    def audience_id(self, group_id: str) -> str:
        return group_id

    def create_audience(self, group_id: str, group_name: str) -> Audience:
        return next(each for each in self.audiences() if each.id == group_id)

    def delete_audience(self, audience_id: str) -> None:
        """The audience is the group itself: there is nothing to remove."""

    # -- customers --------------------------------------------------------------------------

    def customers(self, since: datetime | None = None) -> Iterator[Customer]:
        after = ""
        while True:
            page = self._http.get("customers", {"after": after, "limit": 2})
            yield from (
                customer
                for customer in map(customer_from, page)
                if since is None or customer.updated_at >= since
            )
            if not page:
                return
            after = page[-1]["id"]

    def customer(self, customer_id: str) -> Customer:
        return customer_from(self._http.get(f"customers/{quote(customer_id, safe='')}"))

    def move_customer(self, customer_id: str, group_id: str) -> Customer:
        path = f"customers/{quote(customer_id, safe='')}"
        return customer_from(self._http.request("PATCH", path, json={"group": group_id}).body)

    # -- catalogue --------------------------------------------------------------------------

    def products(self) -> Iterator[Product]:
        return map(product_from, self._http.get("products"))

    def categories(self) -> list[Category]:
        return [Category("all", "All")]

    # -- tier prices ------------------------------------------------------------------------

    def tier_prices(
        self, product_ids: Sequence[str], audience_ids: Sequence[str] | None = None
    ) -> list[TierPrice]:
        body = {"skus": list(product_ids)}
        read = self._http.request(
            "POST", "prices/read", json=body, repeatable=True, reading=True
        ).body
        rows = map(tier_from, read)
        return [r for r in rows if audience_ids is None or r.key.audience_id in audience_ids]

    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return self._send("prices/set", rows)

    def remove_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return self._send("prices/remove", rows)

    def _send(self, path: str, rows: Sequence[TierPrice]) -> list[Refusal]:
        """In calls as large as the shop takes. It answers with what it refused, by position."""
        refusals: list[Refusal] = []
        for start in range(0, len(rows), self.capabilities.tier_rows_per_call):
            batch = rows[start : start + self.capabilities.tier_rows_per_call]
            answer = self._http.request("POST", path, json=[tier_body(row) for row in batch])
            refusals += [
                Refusal(batch[bad["row"]].key, Rejected(bad["error"], where=answer.where))
                for bad in answer.body
            ]
        return refusals

    def close(self) -> None:
        self._http.close()


def group_from(row: Mapping[str, Any]) -> CustomerGroup:
    return CustomerGroup(id=row["id"], name=row["name"], tax=row["tax"])


def customer_from(row: Mapping[str, Any]) -> Customer:
    return Customer(
        id=row["id"],
        email=row["email"],
        group_id=row["group"],
        store_id=row["store"],
        created_at=datetime.fromisoformat(row["created"]),
        updated_at=datetime.fromisoformat(row["updated"]),
    )


def product_from(row: Mapping[str, Any]) -> Product:
    return Product(
        id=row["sku"],
        sku=row["sku"],
        name=row["name"],
        kind=ProductKind.SIMPLE,
        prices=(Amount("EUR", net=Decimal(row["net"])),),
        category_ids=("all",),
    )


def tier_from(row: Mapping[str, Any]) -> TierPrice:
    key = TierKey(row["sku"], row["store"], row["group"], Decimal(row["from"]))
    if "percent" in row:
        return TierPrice(key, TierValue(percent=Decimal(row["percent"])))
    return TierPrice(key, TierValue(amounts=(Amount("EUR", net=Decimal(row["net"])),)))


def tier_body(row: TierPrice) -> dict[str, object]:
    key, value = row.key, row.value
    body: dict[str, object] = {
        "sku": key.product_id,
        "store": key.store,
        "group": key.audience_id,
        "from": key.quantity,
    }
    if value.percent is not None:
        return {**body, "percent": value.percent}
    return {**body, "net": value.amounts[0].net}
