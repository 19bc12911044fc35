"""What installed packages offer by entry point: platforms to connect to, sandboxes to try."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from connectors.base import Platform
from connectors.sandbox.sandbox import Sandbox
from connectors.sentences import sentence

Plugin = TypeVar("Plugin")

_loading = threading.RLock()
"""Two threads that first import packages which share a third may each see it half made."""


class UnknownPlugin(BridgeError, KeyError):
    """No installed package offers a thing of this name."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:  # KeyError would quote it
        return self.message


class Plugins(Mapping[str, Plugin], Generic[Plugin]):
    """Entry points of one group by name; each is imported when it is first asked for."""

    def __init__(self, group: str, kind: type[Plugin], noun: str) -> None:
        self._points: dict[str, EntryPoint] = {
            point.name: point for point in entry_points(group=group)
        }
        self._kind = kind
        self._noun = noun
        self._loaded: dict[str, Plugin] = {}

    def __getitem__(self, name: str) -> Plugin:
        if name not in self._points:
            hint = did_you_mean(name, self._points, nothing=sentence("None is installed."))
            raise UnknownPlugin(f"There is no {self._noun} `{name}`. {hint}")
        with _loading:
            if name not in self._loaded:
                self._loaded[name] = self._load(self._points[name])
            return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._points))

    def __len__(self) -> int:
        return len(self._points)

    def _load(self, point: EntryPoint) -> Plugin:
        try:
            found = point.load()
        except (ImportError, AttributeError) as error:
            raise BridgeError(
                f"The {self._noun} `{point.name}` ({point.value}) cannot be loaded: {error}."
            ) from error
        if not isinstance(found, self._kind):
            raise BridgeError(
                f"The {self._noun} `{point.name}` ({point.value}) is a {type(found).__name__}, "
                f"not a {self._kind.__name__}."
            )
        return found


def platforms() -> Plugins[Platform]:
    return Plugins("loyalty_bridge.connectors", Platform, "platform")


def sandboxes() -> Plugins[Sandbox]:
    return Plugins("loyalty_bridge.sandboxes", Sandbox, "sandbox")
