"""The switches that make a sandbox misbehave, from Python or over HTTP while it runs."""

from __future__ import annotations

import random
import re
import threading
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connectors.sandbox.latency import NO_LATENCY, Latency, latency_from

KINDS = ("429", "503", "drop_before", "drop_after", "truncate", "cut")
"""What can happen to a call:

- ``429``, ``503``: refused without being handled;
- ``drop_before``: the connection closes, nothing was done;
- ``drop_after``: it was done, and the connection closes without an answer;
- ``truncate``: it was done, the answer is whole for HTTP but its JSON ends half-way;
- ``cut``: it was done, the connection closes in the middle of the answer's body.
"""


class Faults:
    """All switches of one sandbox. Everything random comes from one seeded generator.

    ``shop`` holds the platform's own switches; its keys and defaults are the platform's.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        recorded: Latency = NO_LATENCY,
        latency: object = "none",
        shop: Mapping[str, Any] | None = None,
    ) -> None:
        """``latency``: what it is at the start and after :meth:`clear`, as in :meth:`set`."""
        self._recorded = recorded
        self._first_latency = latency_from(latency, recorded)
        self._shop_defaults = dict(shop or {})
        self._lock = threading.Lock()
        self._seed = seed
        self.clear()

    def clear(self) -> None:
        """Back to the start: no faults, the first latency, the generator at its seed."""
        self.latency: Latency = self._first_latency
        self.rates: dict[str, float] = {}
        self.retry_after: int | None = None
        self.paths = ""
        self.poison_every = 0
        self.poisoned_skus: frozenset[str] = frozenset()
        self.shop: dict[str, Any] = dict(self._shop_defaults)
        self._script: list[str] = []
        self._random = random.Random(self._seed)  # noqa: S311 - faults, not secrets

    # -- settings ---------------------------------------------------------------------------

    def set(self, **switches: Any) -> None:
        """Sets the named switches and leaves the others. Nothing is set when one is wrong.

        - ``latency``: ``"none"``, ``"recorded"`` or explicit (see :func:`latency_from`);
        - ``rates``: share of calls (0 to 1) by fault kind, see :data:`KINDS`;
        - ``retry_after``: seconds named in the Retry-After of a 429 or 503, or None;
        - ``paths``: a regular expression on ``"METHOD /path"``; other calls are spared;
        - ``script``: fault kinds (``""``: none) for the next calls, before any rate;
        - ``poison_every``: every n-th row, by a stable hash of its SKU, is refused; 0: none;
        - ``poisoned_skus``: rows of these SKUs are refused;
        - ``shop``: the platform's own switches, merged;
        - ``seed``: starts the generator anew.

        Raises ValueError naming the wrong switch.
        """
        setters = [(name, self._checked(name, value)) for name, value in switches.items()]
        with self._lock:
            for name, value in setters:
                self._assign(name, value)

    def _assign(self, name: str, value: Any) -> None:
        if name == "script":
            self._script = value
        elif name == "seed":
            self._seed = value
            self._random = random.Random(value)  # noqa: S311 - faults, not secrets
        elif name == "shop":
            self.shop = {**self.shop, **value}
        else:
            setattr(self, name, value)

    def _checked(self, name: str, value: Any) -> Any:
        check = _CHECKS.get(name)
        if name == "latency":
            return latency_from(value, self._recorded)
        if name == "shop":
            return self._checked_shop(value)
        if check is None:
            raise ValueError(f"there is no switch {name!r}")
        try:
            return check(value)
        except (TypeError, ValueError, re.error) as error:
            raise ValueError(f"{name}: {error}") from error

    def _checked_shop(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError("shop must be an object")
        unknown = sorted(set(value) - set(self._shop_defaults))
        if unknown:
            raise ValueError(f"shop: no switch {unknown[0]!r}; it has {list(self._shop_defaults)}")
        return dict(value)

    def as_json(self) -> dict[str, Any]:
        return {
            "latency": self.latency.as_json(),
            "rates": self.rates,
            "retry_after": self.retry_after,
            "paths": self.paths,
            "script": self._script,
            "poison_every": self.poison_every,
            "poisoned_skus": sorted(self.poisoned_skus),
            "shop": self.shop,
            "seed": self._seed,
        }

    # -- asked while calls run --------------------------------------------------------------

    def draw(self, line: str) -> str:
        """The fault this call (``"METHOD /path"``) meets, or ``""``."""
        if not self.rates and not self._script:
            return ""
        if self.paths and not re.search(self.paths, line):
            return ""
        with self._lock:
            if self._script:
                return self._script.pop(0)
            point = self._random.random()
        for kind, rate in self.rates.items():
            if point < rate:
                return kind
            point -= rate
        return ""

    def poisoned(self, sku: str) -> bool:
        """Whether the shop shall refuse a row of this SKU. The same answer every time."""
        if sku in self.poisoned_skus:
            return True
        if not self.poison_every:
            return False
        return zlib.crc32(f"{self._seed}:{sku}".encode()) % self.poison_every == 0


def _rates(value: Mapping[str, Any]) -> dict[str, float]:
    rates = {kind: float(rate) for kind, rate in value.items()}
    unknown = sorted(set(rates) - set(KINDS))
    if unknown:
        raise ValueError(f"no fault {unknown[0]!r}; there are {', '.join(KINDS)}")
    if any(rate < 0 for rate in rates.values()) or sum(rates.values()) > 1:
        raise ValueError("shares lie between 0 and 1, together too")
    return rates


def _script(value: Iterable[str]) -> list[str]:
    script = list(value)
    unknown = sorted(set(script) - {*KINDS, ""})
    if unknown:
        raise ValueError(f"no fault {unknown[0]!r}; there are {', '.join(KINDS)}")
    return script


def _pattern(value: str) -> str:
    re.compile(value)
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"a whole number is needed, not {value!r}")
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "rates": _rates,
    "script": _script,
    "paths": _pattern,
    "poison_every": _whole,
    "seed": _whole,
    "retry_after": lambda value: None if value is None else _whole(value),
    "poisoned_skus": lambda value: frozenset(map(str, value)),
}
