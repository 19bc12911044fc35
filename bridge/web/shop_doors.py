"""What everything that shops and their pages send to has in common."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from werkzeug.exceptions import NotFound

from bridge.application import Application
from bridge.installations.endpoints import Endpoint
from bridge.web.counting import Counting
from bridge.web.directory import Directory
from connectors.shop_pages import ShopPages
from connectors.webhooks import Forged

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ShopDoors:
    """Share it between threads."""

    application: Application
    directory: Directory
    counting: Counting
    on_signal: Callable[[int], None]
    """Told the installation of each new signal, once it is stored."""
    wake: Callable[[str], None]
    """Told the engine's step that there is work for."""

    def pages(self, found: Endpoint | None, platform: str) -> tuple[Endpoint, ShopPages]:
        """Raises NotFound where the address is of no shop, of another platform's, or of one
        without pages."""
        if found is None or found.platform != platform:
            raise NotFound
        pages = self.application.platforms[platform].pages
        if pages is None:
            raise NotFound
        return found, pages

    def verified(self, found: Endpoint, read: Callable[[Endpoint], T]) -> tuple[Endpoint, T]:
        """``read`` raises Forged for what is not signed with a secret of the endpoint it gets."""
        try:
            return found, read(found)
        except Forged:
            # Another process may have registered the shop anew a moment ago.
            renewed = self.directory.look_again(found.token)
            if renewed is None:
                raise
            return renewed, read(renewed)

    def count(self, found: Endpoint, outcome: str) -> None:
        self.counting.count(found.installation_id, outcome, self.application.now())
