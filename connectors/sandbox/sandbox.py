"""What an entry point of the group ``loyalty_bridge.sandboxes`` names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from connectors.sandbox.basket import OpenBasket, OpenGuestBasket
from connectors.sandbox.server import RunningSandbox


class Serve(Protocol):
    def __call__(
        self,
        port: int = 0,
        *,
        products: int = ...,
        customers: int = ...,
        seed: int = ...,
        latency: str = ...,
    ) -> RunningSandbox:
        """Starts the shop in background threads on loopback; port 0: the system chooses.

        ``products``: articles of the shared catalogue, by default as many as make the shop
        about as large as a real one; ``customers``: made-up ones, the shared shoppers first;
        ``seed``: of faults; ``latency``: ``none`` or ``recorded``.

        Raises OSError when the port is taken.
        """
        ...


class ShopperPrice(Protocol):
    def __call__(self, url: str, email: str, sku: str, quantity: int) -> Decimal:
        """Signs in as the shopper over HTTP and asks what one piece costs at ``quantity``.

        Net, in the shop's currency. Raises LookupError for an unknown shopper or SKU.
        """
        ...


class ShopperPoints(Protocol):
    def __call__(self, url: str, email: str) -> tuple[int, int] | None:
        """Signs in as the shopper over HTTP and asks the shop for his points: available, pending.

        ``None``: it tells him of none. Raises LookupError for an unknown shopper.
        """
        ...


class ShopperToken(Protocol):
    def __call__(self, url: str, email: str) -> str:
        """Signs in as the shopper over HTTP and has the shop sign for the bridge who he is.

        Raises LookupError for an unknown shopper, and for a shop without the bridge's app.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A platform's small shop, with what ``store add`` needs to connect to it."""

    name: str
    label: str
    serve: Serve
    credentials: Mapping[str, str]
    """Fixed throw-away values, documented in the open; they guard nothing."""
    settings: Mapping[str, str]
    """Answers to the platform's set-up questions that are true for this shop."""
    shopper_price: ShopperPrice
    shoppers: tuple[str, ...]
    """E-mails of customers that exist, with the same address, in the sandboxes of all
    platforms."""
    open_basket: OpenBasket | None = None
    """``None``: nobody can shop here over HTTP."""
    open_guest_basket: OpenGuestBasket | None = None
    """``None``: nor can a guest."""
    shopper_points: ShopperPoints | None = None
    """``None``: the shop tells nobody of points."""
    shopper_token: ShopperToken | None = None
    """``None``: the shop signs nothing for the bridge."""
    also: Mapping[str, str] = field(default_factory=dict)
    """Other throw-away values that open the shop: further ways in, and a shopper's own."""
