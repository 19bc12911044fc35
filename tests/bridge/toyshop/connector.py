"""The toy shop behind the port."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.base import (
    Audience,
    Capabilities,
    Category,
    Connection,
    Connector,
    Credential,
    Currency,
    Customer,
    CustomerGroup,
    Finding,
    GroupDraft,
    Platform,
    Product,
    Refusal,
    ShopInfo,
    TierPrice,
)
from connectors.content import ContentPages
from connectors.errors import AlreadyExists, InUse, NotFound, Rejected
from connectors.rewards import Carts, Promotions
from connectors.sales import Balances, Feed
from toyshop.baskets import ToyCarts
from toyshop.compiling import computes_percentages, keeps_percentages
from toyshop.content import ToyContent
from toyshop.promoting import ToyPromotions
from toyshop.selling import ToyFeed
from toyshop.shop import Style, ToyShop


def audience_id(mark: str, group_id: str) -> str:
    return f"rule:{mark}:{group_id}"


def new_group_id(mark: str, key: str) -> str:
    return f"group:{mark}:{key}"


class ToyConnector(Connector):
    def __init__(self, shop: ToyShop, mark: str) -> None:
        self._shop = shop
        self._mark = mark
        self._ruled = shop.is_ruled

    @property
    def feed(self) -> Feed | None:
        return ToyFeed(self._shop)

    @property
    def promotions(self) -> Promotions | None:
        return ToyPromotions(self._shop, self._mark)

    @property
    def carts(self) -> Carts | None:
        return None if self._ruled else ToyCarts(self._shop)

    @property
    def balances(self) -> Balances | None:
        return None

    @property
    def content_pages(self) -> ContentPages | None:
        return ToyContent(self._shop, self._mark)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            audience_is_group=not self._ruled,
            tier_rows_per_call=self._shop.rows_per_call,
            tier_products_per_call=self._shop.rows_per_call,
            tier_products_per_read=self._shop.rows_per_call,
            parallel_calls=self._shop.parallel_calls,
        )

    def shop(self) -> ShopInfo:
        info = ShopInfo(
            platform=self._shop.style.value,
            version="1",
            stores=self._shop.stores,
            currencies=tuple(
                Currency(code, code.lower(), is_default=code == self._shop.currencies[0])
                for code in self._shop.currencies
            ),
            clock_offset=self._shop.clock_offset,
        )
        answer: ShopInfo = self._shop.asked("shop", lambda: info)
        return answer

    def check(self) -> list[Finding]:
        return []

    # -- groups -----------------------------------------------------------------------------

    def groups(self) -> list[CustomerGroup]:
        answer: list[CustomerGroup] = self._shop.asked(
            "groups", lambda: list(self._shop.groups.values())
        )
        return answer

    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        def act() -> CustomerGroup:
            names = {group.name.casefold() for group in self._shop.groups.values()}
            if draft.name.casefold() in names:
                raise AlreadyExists(f"There is a group {draft.name} already")
            if draft.base_group_id not in self._shop.groups:
                raise NotFound(f"There is no group {draft.base_group_id}")
            id_ = new_group_id(self._mark, draft.key) if self._ruled else self._shop.number()
            tax = self._shop.groups[draft.base_group_id].tax
            self._shop.groups[id_] = CustomerGroup(id_, draft.name, tax)
            return self._shop.groups[id_]

        answer: CustomerGroup = self._shop.asked("create_group", act, (draft,))
        return answer

    def rename_group(self, group_id: str, name: str) -> CustomerGroup:
        def act() -> CustomerGroup:
            if group_id not in self._shop.groups:
                raise NotFound(f"There is no group {group_id}")
            self._shop.groups[group_id] = replace(self._shop.groups[group_id], name=name)
            return self._shop.groups[group_id]

        answer: CustomerGroup = self._shop.asked("rename_group", act, (group_id, name))
        return answer

    def delete_group(self, group_id: str) -> None:
        def act() -> None:
            if group_id not in self._shop.groups:
                raise NotFound(f"There is no group {group_id}")
            if any(one.group_id == group_id for one in self._shop.customers.values()):
                raise InUse("Customers are in it")
            audience = self.audience_id(group_id)
            if any(key.audience_id == audience for key, _ in self._shop.prices):
                raise InUse("Prices hang on it")
            del self._shop.groups[group_id]

        self._shop.asked("delete_group", act, (group_id,))

    def audiences(self) -> list[Audience]:
        def act() -> list[Audience]:
            if self._ruled:
                return list(self._shop.audiences.values())
            return [Audience(one.id, one.name, (one.id,)) for one in self._shop.groups.values()]

        answer: list[Audience] = self._shop.asked("audiences", act)
        return answer

    def audience_id(self, group_id: str) -> str:
        return audience_id(self._mark, group_id) if self._ruled else group_id

    def create_audience(self, group_id: str, group_name: str) -> Audience:
        def act() -> Audience:
            id_ = self.audience_id(group_id)
            made = Audience(id_, f"Rule of {group_name}", (group_id,), ours=True)
            return self._shop.audiences.setdefault(id_, made)

        answer: Audience = self._shop.asked("create_audience", act, (group_id,))
        return answer

    def delete_audience(self, audience_id: str) -> None:
        def act() -> None:
            if any(key.audience_id == audience_id for key, _ in self._shop.prices):
                raise InUse("Prices hang on it")
            if self._shop.audiences.pop(audience_id, None) is None:
                raise NotFound("There is no such rule")

        self._shop.asked("delete_audience", act, (audience_id,))

    # -- customers --------------------------------------------------------------------------

    def customers(self, since: datetime | None = None) -> Iterator[Customer]:
        def act() -> list[Customer]:
            found = self._shop.customers.values()
            return [one for one in found if since is None or one.updated_at >= since]

        yield from self._shop.asked("customers", act, (since,))

    def customer(self, customer_id: str) -> Customer:
        answer: Customer = self._shop.asked("customer", lambda: self._known(customer_id))
        return answer

    def _known(self, customer_id: str) -> Customer:
        if customer_id not in self._shop.customers:
            raise NotFound(f"There is no customer {customer_id}")
        return self._shop.customers[customer_id]

    def move_customer(self, customer_id: str, group_id: str) -> Customer:
        def act() -> Customer:
            customer = self._known(customer_id)
            if group_id not in self._shop.groups:
                raise NotFound(f"There is no group {group_id}")
            moved = replace(customer, group_id=group_id, updated_at=self._shop.clock())
            self._shop.customers[customer_id] = moved
            return moved

        answer: Customer = self._shop.asked("move_customer", act, (customer_id, group_id))
        return answer

    # -- catalogue --------------------------------------------------------------------------

    def products(self) -> Iterator[Product]:
        """Asks page by page, two products each."""
        ids = list(self._shop.products)
        for start in range(0, len(ids), 2):
            page = ids[start : start + 2]
            yield from self._shop.asked("products", lambda page=page: self._products(page))

    def _products(self, ids: Sequence[str]) -> list[Product]:
        return [self._shop.products[id_] for id_ in ids if id_ in self._shop.products]

    def categories(self) -> list[Category]:
        answer: list[Category] = self._shop.asked(
            "categories", lambda: list(self._shop.categories.values())
        )
        return answer

    # -- tier prices ------------------------------------------------------------------------

    def tier_prices(
        self, product_ids: Sequence[str], audience_ids: Sequence[str] | None = None
    ) -> list[TierPrice]:
        assert len(product_ids) <= self._shop.rows_per_call
        return self._shop.asked(
            "tier_prices",
            lambda: [
                row
                for row in self._shop.rows()
                if row.key.product_id in product_ids
                and (audience_ids is None or row.key.audience_id in audience_ids)
            ],
            tuple(product_ids),
        )

    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return self._shop.asked("write_tier_prices", lambda: self._written(rows), tuple(rows))

    def _written(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        refusals = self._refusals(rows)
        bad = {refusal.key for refusal in refusals}
        for row in rows:
            if row.key not in bad:
                native = row.native_id or self._native_id(row)
                self._shop.prices[row.key, native] = row.value
        return refusals

    def _refusals(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        refusals = []
        audiences: Any = self._shop.audiences if self._ruled else self._shop.groups
        for row in rows:
            reason = self._shop.refused.get(row.key.product_id)
            if row.key.audience_id not in audiences:
                reason = NotFound(f"There is no audience {row.key.audience_id}")
            if row.key.product_id not in self._shop.products:
                reason = NotFound(f"There is no product {row.key.product_id}")
            if reason is not None:
                refusals.append(Refusal(row.key, reason))
        if refusals and self._shop.refuses_whole_calls:
            raise Rejected("Something in this call is wrong")
        return refusals

    def _native_id(self, row: TierPrice) -> str:
        if not self._ruled:
            return ""
        return f"row:{self._mark}:{row.key.product_id}:{row.key.audience_id}:{row.key.quantity}"

    def remove_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        def act() -> list[Refusal]:
            for row in rows:
                self._shop.prices.pop((row.key, row.native_id), None)
            return []

        return self._shop.asked("remove_tier_prices", act, tuple(rows))

    def close(self) -> None:
        pass


def platforms(shops: dict[str, ToyShop]) -> dict[str, Platform]:
    """By style; ``shops`` says which shop stands at which address."""

    def connect(connection: Connection) -> Connector:
        return ToyConnector(shops[connection.url], connection.mark)

    credentials = (Credential("key", ("key",), "A key"),)
    return {
        Style.NUMBERED: Platform(
            name=Style.NUMBERED,
            label="Numbered",
            credentials=credentials,
            questions=(),
            connect=connect,
            compile=keeps_percentages,
            audience_id=lambda _mark, group_id: group_id,
            new_group_id=lambda _mark, _key: None,
        ),
        Style.RULED: Platform(
            name=Style.RULED,
            label="Ruled",
            credentials=credentials,
            questions=(),
            connect=connect,
            compile=computes_percentages,
            audience_id=audience_id,
            new_group_id=new_group_id,
        ),
    }
