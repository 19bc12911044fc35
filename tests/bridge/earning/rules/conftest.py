from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from bridge.earning.facts import Buyer
from bridge.programme.points import PointsSettings
from connectors.sales import LineKind, Money, Order, OrderLine, Refund, RefundLine

PLACED = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def line() -> Callable[..., OrderLine]:
    """``line("a", "29.90")``: one line, untaxed unless ``gross`` says more."""

    def line(
        key: str, net: str | int = 0, *, gross: str | int | None = None, **more: Any
    ) -> OrderLine:
        discount = Decimal(more.pop("discount", 0))
        fields: dict[str, Any] = {
            "kind": LineKind.PRODUCT,
            "product_id": f"p-{key}",
            "sku": key.upper(),
            "name": f"Product {key}",
            "quantity": Decimal(more.pop("quantity", 1)),
            "price": Money(Decimal(net), Decimal(net if gross is None else gross)),
            "discount": Money(discount, discount),
        }
        return OrderLine(id=key, **(fields | more))

    return line


@pytest.fixture
def order() -> Callable[..., Order]:
    def order(*lines: OrderLine, **more: Any) -> Order:
        basic = Order("1", "100001", "de", "EUR", PLACED, PLACED, customer_id="7", lines=lines)
        return replace(basic, **more)

    return order


@pytest.fixture
def refund() -> Callable[..., Refund]:
    """``refund(a=("1", "50"))``: one piece of line a and 50 of money; ``unnamed="10"``."""

    def refund(
        *,
        key: str = "r",
        unnamed: str | None = "0",
        shipping: str = "0",
        whole: bool = False,
        **lines: tuple[str, str],
    ) -> Refund:
        return Refund(
            key,
            PLACED,
            tuple(
                RefundLine(line, Decimal(pieces), Money(Decimal(money), Decimal(money)))
                for line, (pieces, money) in lines.items()
            ),
            Money(Decimal(shipping), Decimal(shipping)),
            None if unnamed is None else Money(Decimal(unnamed), Decimal(unnamed)),
            whole,
        )

    return refund


@pytest.fixture
def points() -> Callable[..., PointsSettings]:
    """Settings as the programme's file has them: ``points({"base": …}, caps={"day": 5})``."""

    def points(rules: dict[str, Any] | None = None, **more: Any) -> PointsSettings:
        fields = {"rules": rules or {}, **more}
        return PointsSettings.model_validate(fields, by_alias=True, by_name=False)

    return points


@pytest.fixture
def buyer() -> Buyer:
    return Buyer(
        installation="magento-de",
        store="base",
        group_name="Wholesale",
        group_key="gold",
        segments=frozenset({"regulars"}),
        tier="silver",
        company="Muster GmbH",
        member_number=7,
    )
