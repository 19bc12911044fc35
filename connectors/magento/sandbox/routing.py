"""Which service answers a call, found the way Magento's REST front finds it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from connectors.magento.sandbox.errors import Refused
from connectors.magento.sandbox.query import php_query
from connectors.magento.sandbox.values import whole

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop


@dataclass(slots=True)
class Work:
    """What the call amounted to, for latency and log."""

    kind: str = ""
    rows: int = 0
    skus: int = 0


@dataclass
class Call:
    """One REST call, its body still unread."""

    method: str
    url: str
    """As it was sent, with host and query."""
    path: str
    """What follows ``/V1/``, still encoded: a SKU may hold a slash."""
    store: str
    query_string: str
    authorization: str
    content_type: str
    raw: bytes
    base_url: str
    referral: str = ""
    """A friend's code in the shopper's cookie (:mod:`.storefront`)."""
    params: dict[str, Any] = field(default_factory=dict)
    customer_id: int | None = None
    work: Work = field(default_factory=Work)

    @cached_property
    def query(self) -> dict[str, Any]:
        return php_query(self.query_string)

    def body(self) -> dict[str, Any]:
        """The named parameters of the service. Raises Refused for what is no JSON object."""
        if not self.raw:
            return {}
        self._check_content_type()
        try:
            decoded = json.loads(self.raw)
        except ValueError:
            raise Refused(400, "Decoding error.") from None
        return decoded if isinstance(decoded, dict) else {}

    def _check_content_type(self) -> None:
        """As Magento\\Framework\\Webapi\\Rest\\Request::getContentType."""
        if not self.content_type:
            raise Refused(400, "Content-Type header is empty.")
        found = re.fullmatch(r"([a-zA-Z\d/\-+.]+)(?:; *charset=(.+))?", self.content_type)
        if found is None:
            raise Refused(400, "Content-Type header is invalid.")
        if found[2] and found[2].lower() != "utf-8":
            raise Refused(400, "UTF-8 is the only supported charset.")
        if found[1].lower() != "application/json":
            raise Refused(
                400, f"Server cannot understand Content-Type HTTP header media type {found[1]}"
            )


Handler = Callable[["Shop", Call], Any]


@dataclass(frozen=True, slots=True)
class Route:
    """``template`` is the path below ``/V1/`` with ``{name}`` or ``{name:int}`` parts."""

    method: str
    template: str
    resource: str
    """The privilege it needs; ``anonymous``: none; ``self``: a signed-in shopper."""
    handler: Handler


@dataclass(frozen=True, slots=True)
class _Compiled:
    route: Route
    parts: tuple[tuple[str, str], ...]
    """Name and type of a parameter, or the literal text and ``""``."""

    def match(self, segments: Sequence[str]) -> dict[str, str] | None:
        found = {}
        for (name, kind), segment in zip(self.parts, segments, strict=True):
            if kind:
                found[name] = unquote(segment)
            elif name != segment:
                return None
        return found


class Router:
    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_shape: dict[tuple[str, int], list[_Compiled]] = {}
        compiled = [_Compiled(route, _parts(route.template)) for route in routes]
        compiled.sort(key=lambda one: [bool(kind) for _, kind in one.parts])
        for one in compiled:
            shape = (one.route.method, len(one.parts))
            self._by_shape.setdefault(shape, []).append(one)

    def find(self, call: Call) -> Route:
        """The route, with ``call.params`` still as text. Raises Refused when there is none."""
        segments = call.path.strip("/").split("/")
        for one in self._by_shape.get((call.method, len(segments)), ()):
            found = one.match(segments)
            if found is not None:
                call.params = dict(found)
                return one.route
        raise Refused(404, "Request does not match any route.")


def typed(route: Route, call: Call) -> None:
    """Turns numbers of the path into numbers. Raises Refused for what is none."""
    for name, kind in _parts(route.template):
        if kind == "int":
            call.params[name] = whole(call.params[name])


def _parts(template: str) -> tuple[tuple[str, str], ...]:
    parts = []
    for piece in template.split("/"):
        found = re.fullmatch(r"\{(\w+)(?::(\w+))?\}", piece)
        parts.append((found[1], found[2] or "str") if found else (piece, ""))
    return tuple(parts)
