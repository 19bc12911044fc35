"""What a toy shop holds, and what can be made to happen when it is asked."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connectors.base import (
    Amount,
    Audience,
    Category,
    Customer,
    CustomerGroup,
    Product,
    ProductKind,
    Store,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.errors import ConnectorError
from connectors.sales import Change, Order

if TYPE_CHECKING:
    from toyshop.baskets import Basket
    from toyshop.content import ShopPage
    from toyshop.promoting import ShopCode, ShopPromotion

OPENED = datetime(2026, 1, 1, tzinfo=UTC)


def sorted_by_mark(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: change.mark)


class Style(StrEnum):
    NUMBERED = "numbered"
    """As Magento: the shop numbers groups, prices hang on them, a key has one row."""
    RULED = "ruled"
    """As Shopware: we choose ids, prices hang on rules, rows have ids of their own."""


@dataclass(frozen=True)
class Call:
    name: str
    rows: tuple[Any, ...] = ()


# -- what a scripted call does instead of, or besides, answering -----------------------------


@dataclass(frozen=True)
class Raises:
    """Nothing is done."""

    error: ConnectorError


@dataclass(frozen=True)
class Lost:
    """It is done, and nobody hears of it."""

    error: ConnectorError


@dataclass(frozen=True)
class When:
    """Somebody else acts right before or right after it is done."""

    before: Callable[[], object] = lambda: None
    after: Callable[[], object] = lambda: None


@dataclass(frozen=True)
class Instead:
    """Something else than what was asked is done, without an error."""

    act: Callable[[], object]


Event = Raises | Lost | When | Instead | None


@dataclass
class ToyShop:
    style: Style
    groups: dict[str, CustomerGroup] = field(default_factory=dict)
    audiences: dict[str, Audience] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    prices: dict[tuple[TierKey, str], TierValue] = field(default_factory=dict)
    """By key and native id."""
    currencies: tuple[str, ...] = ("EUR",)
    clock: Callable[[], datetime] = lambda: OPENED
    calls: list[Call] = field(default_factory=list)
    events: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    """What happens at the next calls of a name, first come first served."""
    always: dict[str, Event] = field(default_factory=dict)
    """What happens at every call of a name that no event is left for."""
    mood: Callable[[str], Event] = lambda name: None
    """What happens at calls that nothing was said about."""
    refused: dict[str, ConnectorError] = field(default_factory=dict)
    """Rows of these products are refused, with these reasons."""
    refuses_whole_calls: bool = False
    """One bad row and nothing of the call is done."""
    rows_per_call: int = 50
    parallel_calls: int = 2
    lock: threading.RLock = field(default_factory=threading.RLock)
    numbers: int = 100
    clock_offset: timedelta | None = timedelta(0)
    """How far the shop's clock is ahead; ``None``: it does not tell its time."""
    resources: tuple[str, ...] = ("orders", "refunds", "activities")
    orders: dict[str, Order] = field(default_factory=dict)
    told: dict[tuple[str, str], Change] = field(default_factory=dict)
    """The latest change of each row of a resource, by resource and row id."""
    arranged: Callable[[list[Change]], list[Change]] = sorted_by_mark
    """In which order a walk tells."""
    per_page: int = 10
    """Changes of one page of a walk."""
    stores: tuple[Store, ...] = (Store("s1", "main", "Main", "EUR"),)
    tax: Decimal = Decimal(0)
    """On all goods that are put into baskets, in percent."""
    in_stock: dict[str, int] = field(default_factory=dict)
    """Pieces by SKU; of all others there is plenty."""
    promotions: dict[str, ShopPromotion] = field(default_factory=dict)
    """By native id."""
    codes: dict[str, ShopCode] = field(default_factory=dict)
    """By the code in lower case."""
    refused_codes: dict[str, ConnectorError] = field(default_factory=dict)
    """These codes are refused when they are added, with these reasons."""
    codes_per_promotion: int = 9000
    codes_per_call: int = 50
    counts_late: bool = False
    """A used code can be used again until :func:`toyshop.baskets.count_uses`, as in a Magento
    whose consumers do not run."""
    uncounted: dict[str, str] = field(default_factory=dict)
    """Codes in lower case that were used and not counted yet, with the order."""
    baskets: dict[str, Basket] = field(default_factory=dict)
    locales: tuple[str, ...] = ("en_GB",)
    """That each store speaks."""
    pages: dict[str, ShopPage] = field(default_factory=dict)
    """Of text, by native id."""

    def __post_init__(self) -> None:
        assert not (self.is_ruled and self.counts_late), "only a numbered shop counts late"
        for id_, name, tax in (("1", "General", "net"), ("2", "Wholesale", "gross")):
            self.groups[id_] = CustomerGroup(id_, name, tax)

    @property
    def is_ruled(self) -> bool:
        return self.style is Style.RULED

    @property
    def keeps_used_codes(self) -> bool:
        """A numbered shop counts uses, and nobody can tell when."""
        return self.is_ruled

    # -- what the merchant and his staff do -------------------------------------------------

    def stock(self, sku: str, price: str = "10.00", parent: str = "", category: str = "c1") -> str:
        """A product; its id, which is its SKU in a numbered shop."""
        id_ = self.product_id(sku)
        parent_id = self.product_id(parent) if parent else ""
        if parent:
            self.products[parent_id] = replace(self.products[parent_id], kind=ProductKind.PARENT)
        self.products[id_] = Product(
            id=id_,
            sku=sku,
            name=f"Product {sku}",
            kind=ProductKind.VARIANT if parent else ProductKind.SIMPLE,
            parent_id=parent_id,
            prices=(Amount("EUR", net=Decimal(price)),),
            category_ids=(category,),
        )
        self.categories.setdefault(category, Category(category, f"Category {category}"))
        return id_

    def product_id(self, sku: str) -> str:
        return sku if self.style is Style.NUMBERED else f"id-of-{sku}"

    def reprice(self, sku: str, price: str) -> None:
        product = self.products[self.product_id(sku)]
        amount = Amount("EUR", net=Decimal(price))
        self.products[product.id] = replace(product, prices=(amount,))

    def register(self, email: str, group_id: str = "1", **more: Any) -> str:
        id_ = self.number()
        now = self.clock()
        self.customers[id_] = Customer(
            id_, email, group_id, "", created_at=now, updated_at=now, **more
        )
        return id_

    def move(self, email: str, group_id: str) -> None:
        customer = self.customer_named(email)
        self.customers[customer.id] = replace(customer, group_id=group_id, updated_at=self.clock())

    def write(
        self, sku: str, audience_id: str, quantity: int, price: str, native_id: str = ""
    ) -> TierKey:
        """Someone types a price into the shop's admin."""
        key = TierKey(self.product_id(sku), "", audience_id, Decimal(quantity))
        if self.style is Style.RULED:
            native_id = native_id or next(self._native_ids(key), f"by-hand-{self.number()}")
        self.prices[key, native_id] = TierValue(amounts=(Amount("EUR", net=Decimal(price)),))
        return key

    def erase(self, sku: str, audience_id: str, quantity: int) -> None:
        key = TierKey(self.product_id(sku), "", audience_id, Decimal(quantity))
        for native_id in list(self._native_ids(key)):
            del self.prices[key, native_id]

    def _native_ids(self, key: TierKey) -> Any:
        return (native_id for other, native_id in self.prices if other == key)

    def add_group(self, name: str, tax: str = "net") -> str:
        id_ = self.number()
        self.groups[id_] = CustomerGroup(id_, name, tax)
        return id_

    def number(self) -> str:
        self.numbers += 1
        return str(self.numbers)

    # -- looking ----------------------------------------------------------------------------

    def group_named(self, name: str) -> CustomerGroup:
        return next(group for group in self.groups.values() if group.name == name)

    def customer_named(self, email: str) -> Customer:
        return next(one for one in self.customers.values() if one.email == email)

    def group_of(self, email: str) -> str:
        return self.groups[self.customer_named(email).group_id].name

    def audience_of(self, group_name: str) -> str:
        id_ = self.group_named(group_name).id
        if self.style is Style.NUMBERED:
            return id_
        return next(one.id for one in self.audiences.values() if one.group_ids == (id_,))

    def ladder(self, sku: str, group_name: str) -> dict[int, str]:
        """What a group pays, by quantity: ``{10: "8.50"}``, ``{10: "-15%"}``."""
        audience_id = self.audience_of(group_name)
        return {
            int(key.quantity): _said(value)
            for (key, _), value in sorted(self.prices.items())
            if key.product_id == self.product_id(sku) and key.audience_id == audience_id
        }

    def rows(self) -> list[TierPrice]:
        return [TierPrice(key, value, native) for (key, native), value in self.prices.items()]

    def dump(self) -> dict[str, Any]:
        """All that a customer or an admin could notice."""
        return {
            "groups": dict(self.groups),
            "audiences": dict(self.audiences),
            "customers": {one.id: (one.email, one.group_id) for one in self.customers.values()},
            "prices": dict(self.prices),
            "promotions": {one.native_id: one.native for one in self.promotions.values()},
            "codes": {one.code: one.promotion_id for one in self.codes.values()},
            "baskets": {one.id: dict(one.items) for one in self.baskets.values()},
        }

    def count(self, *names: str) -> int:
        return sum(call.name in names for call in self.calls)

    WRITES = (
        "create_group",
        "rename_group",
        "delete_group",
        "create_audience",
        "delete_audience",
        "move_customer",
        "write_tier_prices",
        "remove_tier_prices",
        "write_promotion",
        "remove_promotion",
        "add_codes",
        "remove_codes",
        "add_to_cart",
        "remove_from_cart",
    )

    def writes(self) -> list[Call]:
        return [call for call in self.calls if call.name in self.WRITES]

    # -- being asked ------------------------------------------------------------------------

    def asked(self, name: str, act: Callable[[], Any], rows: tuple[Any, ...] = ()) -> Any:
        with self.lock:
            self.calls.append(Call(name, rows))
            waiting = self.events[name]
            event = waiting.pop(0) if waiting else self.always.get(name) or self.mood(name)
        if isinstance(event, Raises):
            raise event.error
        if isinstance(event, Instead):
            event.act()
            return []
        if isinstance(event, When):
            event.before()
        with self.lock:
            answer = act()
        if isinstance(event, Lost):
            raise event.error
        if isinstance(event, When):
            event.after()
        return answer


def _said(value: TierValue) -> str:
    if value.percent is not None:
        return f"-{value.percent:f}%"
    return f"{value.amounts[0].net:.2f}"


def later(moment: datetime, seconds: float) -> datetime:
    return moment + timedelta(seconds=seconds)
