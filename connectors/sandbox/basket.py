"""A signed-in shopper's basket, filled and looked at over HTTP as a shop window does it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Protocol, Self


@dataclass(frozen=True, slots=True)
class BasketLine:
    """Amounts are of the whole line, on the side (net, gross) that the shopper is shown."""

    sku: str
    pieces: int
    price: Decimal
    """Before discounts."""
    off: Decimal
    """What all discounts take off."""


class Basket(Protocol):
    """Begins with nothing in it. Close it, or use it as a context manager: what is left in it is
    taken out then."""

    def put(self, sku: str, pieces: int) -> None:
        """Raises LookupError for what the shop does not sell."""
        ...

    def take_out(self, sku: str) -> None:
        """The whole line. Raises LookupError when there is none."""
        ...

    def enter(self, code: str) -> bool:
        """Whether the shop takes the code for this basket."""
        ...

    def lines(self) -> list[BasketLine]:
        """In the order of the shop."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class GuestBasket(Basket, Protocol):
    """Of somebody who does not sign in."""

    def go_to_checkout(self) -> None:
        """Says who he is and where it shall be sent. Raises LookupError for an empty basket."""
        ...

    def order(self) -> str:
        """The order's id. Raises :class:`OrderRefused`."""
        ...


class OrderRefused(Exception):
    """In the shop's own words."""


class OpenBasket(Protocol):
    def __call__(self, url: str, email: str) -> Basket:
        """Signs in. Raises LookupError for an unknown shopper."""
        ...


class OpenGuestBasket(Protocol):
    def __call__(self, url: str, email: str) -> GuestBasket: ...
