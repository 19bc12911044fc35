"""What stands between the wire and the shop: control routes, holds, faults, latency, log."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qs

from connectors.sandbox.buying import buy
from connectors.sandbox.faults import Faults
from connectors.sandbox.hold import Holds
from connectors.sandbox.latency import WORK, Work, Workbench
from connectors.sandbox.log import Call, RequestLog
from connectors.sandbox.shopper import shop_around

CONTROL = "/_sandbox/"
MOST_ORDERS = 10_000
"""Placed by one call."""

Refusal = Callable[[int], tuple[str, bytes]]
"""Content type and body the platform answers with a 429 or 503."""


class ShopState(Protocol):
    """What the control routes need of a shop."""

    def dump(self) -> dict[str, Any]:
        """Everything a client can change, in a deterministic order, JSON types only."""
        ...

    def reset(self) -> None: ...


@dataclass(slots=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    sent: int | None = None
    """How many bytes of the body go out before the line is cut; ``None``: all of them."""


def plain_refusal(status: int) -> tuple[str, bytes]:
    text = {429: "Too many requests.", 503: "Service unavailable."}[status]
    return "application/json", json.dumps({"message": text}).encode()


Control = Callable[[dict[str, Any]], Any]
"""Answers a control route that only one platform has; a ValueError becomes a 400."""


class Gate:
    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        state: ShopState,
        faults: Faults,
        refusal: Refusal,
        control: Mapping[str, Control] | None = None,
    ) -> None:
        self._app = app
        self._refusal = refusal
        self.routes = {**_ROUTES, **{name: _own(one) for name, one in (control or {}).items()}}
        self._bench = Workbench()
        self.state = state
        self.faults = faults
        self.holds = Holds()
        self.log = RequestLog()

    def reset(self) -> None:
        self.holds.release(discard=True)
        self.faults.clear()
        self.state.reset()
        self.log.clear()

    def answer(self, environ: dict[str, Any]) -> Answer | None:
        """The answer to one call; ``None`` means: close the connection without one."""
        if environ["PATH_INFO"].startswith(CONTROL):
            return control(self, environ)
        began = time.monotonic()
        call = self.log.open(
            environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]
        )
        answer = self._pass(call, environ)
        call.ms = (time.monotonic() - began) * 1000
        call.status = answer.status if answer else 0
        return answer

    def _pass(self, call: Call, environ: dict[str, Any]) -> Answer | None:
        call.fault = self.faults.draw(f"{call.method} {call.path}")
        if not self.holds.stop_here(call.seq, call.method, call.path, "before"):
            return None
        if call.fault in ("429", "503"):
            return self._refuse(int(call.fault))
        if call.fault == "drop_before":
            return None
        answer = self._handle(call, environ)
        if not self.holds.stop_here(call.seq, call.method, call.path, "after"):
            return None
        return _damaged(answer, call.fault)

    def _handle(self, call: Call, environ: dict[str, Any]) -> Answer:
        began = time.monotonic()
        answer = _call(self._app, environ)
        call.handled = True
        work: Work = environ.get(WORK) or Work()
        call.rows = work.rows
        latency = self.faults.latency
        spent = (time.monotonic() - began) * 1000
        self._bench.spend(latency, latency.cost_ms(work) - spent)
        return answer

    def _refuse(self, status: int) -> Answer:
        kind, body = self._refusal(status)
        headers = [("Content-Type", kind)]
        if self.faults.retry_after is not None:
            headers.append(("Retry-After", str(self.faults.retry_after)))
        return Answer(status, headers, body)


def _call(app: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Answer:
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        started.append((status, headers))

    chunks = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close:
            close()
    status, headers = started[-1]
    return Answer(int(status[:3]), headers, body)


def _damaged(answer: Answer, fault: str) -> Answer | None:
    half = len(answer.body) // 2
    if fault == "drop_after":
        return None
    if fault == "truncate":
        answer.body = answer.body[:half]
    if fault == "cut":
        answer.sent = half
    return answer


# -- control routes -------------------------------------------------------------------------


def control(gate: Gate, environ: dict[str, Any]) -> Answer:
    """Answers ``/_sandbox/…``; a mistake is a 400 that says what is wrong."""
    name = environ["PATH_INFO"].removeprefix(CONTROL)
    route = gate.routes.get(f"{environ['REQUEST_METHOD']} {name}")
    if route is None:
        return _json(404, {"error": "no such route", "routes": sorted(gate.routes)})
    try:
        raw = environ["wsgi.input"].read()
        body = json.loads(raw) if raw else {}
        if not isinstance(body, dict):
            raise ValueError("an object is expected")
        query = {key: values[-1] for key, values in parse_qs(environ["QUERY_STRING"]).items()}
        return _json(200, route(gate, body, query))
    except (ValueError, TypeError) as error:
        return _json(400, {"error": str(error)})


def _json(status: int, value: Any) -> Answer:
    return Answer(status, [("Content-Type", "application/json")], json.dumps(value).encode())


def _put_faults(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    gate.faults.set(**body)
    return gate.faults.as_json()


def _clear_faults(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    gate.faults.clear()
    return gate.faults.as_json()


def _log(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    calls = gate.log.calls(int(query.get("since", 0)))
    return {"total": gate.log.total, "calls": [call.as_json() for call in calls]}


def _reset(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    gate.reset()
    return {"reset": True}


def _hold(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    pattern = body.get("pattern")
    if not isinstance(pattern, str):
        raise ValueError('"pattern" must be a regular expression on "METHOD /path"')
    gate.holds.hold(pattern, body.get("when", "before"), body.get("times"))
    return {"holding": pattern}


def _held(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    return {"held": [call.as_json() for call in gate.holds.held()]}


def _release(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    return {"released": gate.holds.release(discard=bool(body.get("discard")))}


def _orders(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    """Shoppers at random; the same seed on the same shop does the same."""
    orders, seed = body.get("orders", 1), body.get("seed", 1)
    if not isinstance(seed, int) or not isinstance(orders, int) or not 0 < orders <= MOST_ORDERS:
        raise ValueError(f'"orders" is a number from 1 to {MOST_ORDERS}, "seed" any number')
    try:
        deeds = shop_around(gate, seed, orders)
    except LookupError as error:
        raise ValueError(str(error)) from error
    return Counter(deed.kind for deed in deeds)


def _buy(gate: Gate, body: dict[str, Any], query: dict[str, str]) -> Any:
    return buy(gate, body)


_Route = Callable[[Gate, dict[str, Any], dict[str, str]], Any]


def _own(control: Control) -> _Route:
    return lambda gate, body, query: control(body)


_ROUTES: dict[str, _Route] = {
    "GET faults": lambda gate, body, query: gate.faults.as_json(),
    "PUT faults": _put_faults,
    "DELETE faults": _clear_faults,
    "GET log": _log,
    "GET dump": lambda gate, body, query: gate.state.dump(),
    "POST orders": _orders,
    "POST buy": _buy,
    "POST reset": _reset,
    "PUT hold": _hold,
    "GET held": _held,
    "POST release": _release,
}
