"""HTTP: from a request to the part of the shop that answers it, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from connectors.sandbox.faults import Faults
from connectors.sandbox.latency import note_work
from connectors.shopware.sandbox import errors
from connectors.shopware.sandbox.identifiers import HEX_ID
from connectors.shopware.sandbox.shop import Shop

Environ = dict[str, Any]

_JSON = "application/json"
_PAGE = (
    "<!DOCTYPE html><html><head><title>{title}</title></head>"
    "<body><h1>{title}</h1><p>B2B Demo</p></body></html>"
)


@dataclass(slots=True)
class Request:
    method: str
    path: str
    base: str
    """Scheme and host, as the client addressed the shop."""
    headers: Callable[[str], str | None]
    query: dict[str, Any]
    body: Any
    """The decoded JSON; an empty object where there was none."""
    environ: Environ

    @property
    def url(self) -> str:
        return self.base + self.path

    @property
    def fields(self) -> dict[str, Any]:
        """What the call asks for: the query of a GET, else the body."""
        given = self.query if self.method == "GET" else self.body
        return given if isinstance(given, dict) else {}

    def work(self, kind: str, rows: int = 0) -> None:
        note_work(self.environ, kind, rows)


@dataclass(slots=True)
class Response:
    body: Any = None
    """JSON; ``None``: no content."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[[Shop, Request, tuple[str, ...]], Response]


@dataclass(frozen=True, slots=True)
class Route:
    pattern: re.Pattern[str]
    handlers: dict[str, Handler]
    """By method."""


class Application:
    """The shop's WSGI application."""

    def __init__(self, shop: Shop, faults: Faults, routes: Iterable[Route]) -> None:
        self._shop = shop
        self._faults = faults
        self._routes = tuple(routes)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        if self._faults.shop["html"]:
            return _page(start_response, 200, "Maintenance")
        if not path.startswith(("/api/", "/store-api/")):
            return _page(start_response, 404, "Page not found")
        try:
            response = self._answer(environ, path)
        except errors.ShopError as error:
            response = Response({"errors": error.errors}, error.status)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # A payload of a form nobody expects is a fault of the shop, there as here.
            fault = errors.plain(500, f"{type(error).__name__}: {error}")
            response = Response({"errors": fault.errors}, fault.status)
        # As the shop does without queue workers: first its webhooks, then the answer.
        self._shop.database.happenings.tell()
        return _send(start_response, response)

    def _answer(self, environ: Environ, path: str) -> Response:
        request = _request(environ, path)
        allowed: list[str] = []
        for route in self._routes:
            match = route.pattern.fullmatch(path)
            if match is None:
                continue
            handler = route.handlers.get(request.method)
            if handler is not None:
                return handler(self._shop, request, match.groups())
            allowed += [one for one in route.handlers if one not in allowed]
        line = f'No route found for "{request.method} {request.url}"'
        if allowed:
            raise errors.plain(405, f"{line}: Method Not Allowed (Allow: {', '.join(allowed)})")
        raise errors.plain(404, line)


def _request(environ: Environ, path: str) -> Request:
    def header(name: str) -> str | None:
        return environ.get("HTTP_" + name.upper().replace("-", "_"))

    host = header("host") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return Request(
        method=environ["REQUEST_METHOD"],
        path=path,
        base=f"{environ.get('wsgi.url_scheme', 'http')}://{host}",
        headers=header,
        query=_nested(environ.get("QUERY_STRING", "")),
        body=_body(environ),
        environ=environ,
    )


def _body(environ: Environ) -> Any:
    raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    kind = environ.get("CONTENT_TYPE", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode("utf-8", "replace")))
    if not raw.strip() or "json" not in kind:
        return {}
    try:
        decoded = json.loads(raw)
    except ValueError:
        raise errors.plain(400, "The JSON payload is malformed.") from None
    return decoded if isinstance(decoded, list | dict) else {}


def _nested(query: str) -> dict[str, Any]:
    """``filter[name]=x`` as ``{"filter": {"name": "x"}}``, ``ids[]=x`` as ``{"ids": ["x"]}``."""
    values: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        head, bracket, rest = name.partition("[")
        place, last = values, head
        for part in re.findall(r"([^\[\]]*)\]", rest) if bracket else ():
            inner = place.setdefault(last, {})
            if not isinstance(inner, dict):
                break
            place, last = inner, part or str(len(inner))
        place[last] = value
    return {name: _as_list(value) for name, value in values.items()}


def _as_list(value: Any) -> Any:
    """PHP's arrays that count from 0 are lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: _as_list(one) for name, one in value.items()}
    counted = list(inner) == [str(place) for place in range(len(inner))]
    return list(inner.values()) if inner and counted else inner


def _send(start_response: Callable[..., Any], response: Response) -> list[bytes]:
    headers = dict(response.headers)
    if response.body is None:
        start_response(_status(response.status), list(headers.items()))
        return [b""]
    headers.setdefault("Content-Type", _JSON)
    body = json.dumps(response.body, separators=(",", ":")).encode()
    start_response(_status(response.status), list(headers.items()))
    return [body]


def refusal(status: int) -> tuple[str, bytes]:
    """Content type and body of a 429 or 503, in the form of the shop's other errors."""
    title = HTTPStatus(status).phrase
    error = {"code": "0", "status": str(status), "title": title, "detail": title}
    return _JSON, json.dumps({"errors": [error]}).encode()


def _page(start_response: Callable[..., Any], status: int, title: str) -> list[bytes]:
    start_response(_status(status), [("Content-Type", "text/html; charset=UTF-8")])
    return [_PAGE.format(title=title).encode()]


def _status(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase}"


def is_id(text: str) -> bool:
    return bool(HEX_ID.match(text))
