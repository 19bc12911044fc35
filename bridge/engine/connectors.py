"""Connectors that live as long as the process: one an installation, so that sessions are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bridge.application import Application
from bridge.installations.models import Installation
from connectors.base import Connector


@dataclass
class _Kept:
    made_from: Any
    connector: Connector
    users: int = 0
    is_outdated: bool = False


class Connectors:
    """Share it between threads."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._kept: dict[int, _Kept] = {}

    @contextmanager
    def using(self, installation: Installation) -> Iterator[Connector]:
        """The one there is, or a new one when the address, credentials or settings changed; the
        old one is closed when nobody uses it any more. Raises as Application.connect does."""
        kept = self._take(installation)
        try:
            yield kept.connector
        finally:
            self._give_back(kept)

    def close(self) -> None:
        """Also those that somebody still uses."""
        with self._lock:
            kept, self._kept = list(self._kept.values()), {}
        for one in kept:
            one.connector.close()

    def _take(self, installation: Installation) -> _Kept:
        assert installation.id is not None
        made_from = (
            installation.url,
            installation.is_public_only,
            installation.credentials,
            dict(installation.settings),
        )
        with self._lock:
            kept = self._kept.get(installation.id)
            outdated = kept if kept is not None and kept.made_from != made_from else None
            if kept is None or outdated is not None:
                kept = _Kept(made_from, self._app.connect(installation))
                self._kept[installation.id] = kept
            kept.users += 1
            closing = outdated is not None and outdated.users == 0
            if outdated is not None:
                outdated.is_outdated = True
        if outdated is not None and closing:
            outdated.connector.close()
        return kept

    def _give_back(self, kept: _Kept) -> None:
        with self._lock:
            kept.users -= 1
            closing = kept.is_outdated and kept.users == 0
        if closing:
            kept.connector.close()
