"""One sandbox shop: its data, its tokens, its switches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.sandbox.faults import Faults
from connectors.shopware.sandbox.access import TOKEN_SECONDS, Tokens
from connectors.shopware.sandbox.database import Database, Row, Table, system_clock
from connectors.shopware.sandbox.executing import key_text
from connectors.shopware.sandbox.happenings import Listener
from connectors.shopware.sandbox.seed import STOREFRONT_DOMAIN, seed
from connectors.shopware.sandbox.storefront import Sessions
from connectors.shopware.sandbox.till import ShopwareTill

if TYPE_CHECKING:
    from connectors.shopware.sandbox.apps import AppSystem

VERSION = "6.6.7.1"

SWITCHES: dict[str, Any] = {
    "html": False,
    "token_seconds": TOKEN_SECONDS,
    "token_epoch": 0,
    "privileges": None,
    "admin_worker": True,
    "version": VERSION,
}
"""The shop's own fault switches, with their defaults:

- ``html``: every call is answered with a web page;
- ``token_seconds``: how long tokens really last, whatever ``expires_in`` says; 0: not at all;
- ``token_epoch``: a new value ends every token issued before;
- ``privileges``: a list replaces what any integration may do;
- ``admin_worker``: what ``/api/_info/config`` tells about it;
- ``version``: what ``/api/_info/version`` tells.
"""

_TIMES = {"createdAt", "updatedAt", "lastLogin"}
_NOT_DUMPED = frozenset(_TIMES | {"autoIncrement", "password", "secretAccessKey"})


class Shop:
    """The state behind the control routes, and what handlers share."""

    def __init__(self, faults: Faults, *, products: int, customers: int) -> None:
        self.faults = faults
        self.database = Database()
        self.tokens = Tokens(self.database)
        self.sessions = Sessions()
        self.apps: AppSystem | None = None
        """Where apps were installed last; ``None``: nowhere yet."""
        self._size = {"products": products, "customers": customers}
        self._url = ""
        self.reset()

    @property
    def listeners(self) -> list[Listener]:
        """Called with all that happens; see :mod:`.happenings`. A reset keeps them."""
        return self.database.happenings.listeners

    @property
    def now(self) -> Callable[[], datetime]:
        """The shop's clock; set another one to let orders be placed last month."""
        return self.database.clock

    @now.setter
    def now(self, clock: Callable[[], datetime]) -> None:
        self.database.clock = clock

    def reset(self) -> None:
        """As it was at the start, with the system's clock. Tokens stay good."""
        with self.database.lock, self._unheard():
            self.database.clear()
            self.sessions.clear()
            self.database.clock = system_clock
            seed(self.database, **self._size)
            self.open_at(self._url)

    def till(self) -> ShopwareTill:
        """Where :func:`connectors.sandbox.shopper.shop_around` shops."""
        return ShopwareTill(self)

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        listening = list(self.listeners)
        self.listeners.clear()
        try:
            yield
        finally:
            self.listeners.extend(listening)

    @property
    def url(self) -> str:
        """The address it is reached at; empty before it is."""
        return self._url

    def open_at(self, url: str) -> None:
        """Gives the storefront the address the shop is really reached at."""
        self._url = url
        with self.database.lock:
            domain = self.database[STOREFRONT_DOMAIN[0]].rows.get(STOREFRONT_DOMAIN[1])
            if url and domain is not None:
                moved = domain.copy()
                moved.values["url"] = url
                self.database.put(*STOREFRONT_DOMAIN, moved)

    def dump(self) -> dict[str, Any]:
        """Every row of every table by key, without times, passwords and running numbers."""
        with self.database.lock:
            tables = {
                entity: _dumped(table)
                for entity, table in sorted(self.database.tables.items())
                if table.rows
            }
            return {**tables, "system_config": dict(sorted(self.database.config.items()))}


def _dumped(table: Table) -> dict[str, Any]:
    return {key_text(key): _dumped_row(table.rows[key]) for key in table.keys()}  # noqa: SIM118


def _dumped_row(row: Row) -> dict[str, Any]:
    values = {name: row.values[name] for name in sorted(row.values) if name not in _NOT_DUMPED}
    if row.translations:
        values["translations"] = dict(sorted(row.translations.items()))
    return values
