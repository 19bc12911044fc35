"""Which installation is behind an address, kept in memory for moments.

A webhook must be answered in milliseconds, and reading and decrypting its secrets takes as long
as all the rest. What this process changes, it forgets at once. What another one changed (a shop
registered, was removed) is seen after :data:`KEPT_SECONDS` at most, and when a signature does
not check, at once, but not more often than every :data:`LOOK_SECONDS`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from bridge.application import Application
from bridge.installations import endpoints
from bridge.installations.endpoints import Endpoint
from bridge.kit.encryption import UnreadableSecret
from bridge.logging import hide

KEPT_SECONDS = 5.0
LOOK_SECONDS = 1.0
"""A flood of forged messages makes us look again no more often than this."""


@dataclass(frozen=True, slots=True)
class _Entry:
    endpoint: Endpoint
    read_at: float
    looked_at: float | None = None
    """When a signature that did not check made us look again."""


class Directory:
    """Share it between threads."""

    def __init__(
        self, application: Application, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._application = application
        self._seconds = seconds
        self._entries: dict[str, _Entry] = {}
        self._changes = 0

    def find(self, token: str) -> Endpoint | None:
        """Raises UnreadableSecret. Unknown addresses are not kept: there is no end of them."""
        entry = self._entries.get(token)
        if entry is not None and self._seconds() - entry.read_at < KEPT_SECONDS:
            return entry.endpoint
        return self.read(token)

    def find_named(self, name: str) -> Endpoint | None:
        """By the installation's name, which anybody may know. Raises UnreadableSecret."""
        if "\0" in name:
            return None
        application = self._application
        with application.database.reading() as session:
            token = endpoints.token_of(session, application.workspace_id, name)
        return None if token is None else self.find(token)

    def look_again(self, token: str) -> Endpoint | None:
        """The endpoint as it is now; ``None`` when that was looked up a moment ago already."""
        entry, now = self._entries.get(token), self._seconds()
        looked_at = entry.looked_at if entry is not None else None
        if looked_at is not None and now - looked_at < LOOK_SECONDS:
            return None
        found = self.read(token)
        if found is not None and (fresh := self._entries.get(token)) is not None:
            self._entries[token] = replace(fresh, looked_at=now)
        return found

    def read(self, token: str) -> Endpoint | None:
        """As it is in the database now."""
        changes, read_at = self._changes, self._seconds()
        found = self._read(token)
        if found is None:
            self._entries.pop(token, None)
        elif changes == self._changes:  # else it may have been read before the change
            hide({**found.secrets, "token": token})
            self._entries[token] = _Entry(found, read_at)
        return found

    def forget(self, token: str) -> None:
        self._changes += 1
        self._entries.pop(token, None)

    def _read(self, token: str) -> Endpoint | None:
        if "\0" in token:
            return None  # PostgreSQL would not even look for one
        try:
            return self._read_once(token)
        except UnreadableSecret:
            # The keys may have been rotated between reading the row and reading them.
            return self._read_once(token)

    def _read_once(self, token: str) -> Endpoint | None:
        application = self._application
        with application.database.reading() as session:
            return endpoints.endpoint(session, application.workspace_id, token, application.keyring)
