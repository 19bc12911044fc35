"""How fast webhooks are answered, beside a Flask route that only verifies and inserts (see
:mod:`tests.bench.webhook_server`); real HTTP, both behind the same server."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from connectors.webhooks import signature
from tests.bench.points import databases
from tests.bench.shops import BenchError
from tests.bench.webhook_server import SHOP, SIGNATURE

ROUNDS = 3
CLIENTS = 8
"""Connections that are kept open and send one message after the other."""
WARM_UP = 100


@dataclass(frozen=True)
class Answered:
    per_second: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True)
class Compared:
    database: str
    messages: int
    bridge: Answered
    bare: Answered
    load: float

    @property
    def ratio(self) -> float:
        return self.bridge.per_second / self.bare.per_second


def measure(kind: str, messages: int) -> Compared:
    """The two take turns, so that a noisy machine hits both; medians count."""
    taken: dict[str, list[Answered]] = {"bridge": [], "bare": []}
    with databases(kind) as make:
        for _ in range(ROUNDS):
            for which in taken:
                with _server(which, make()) as told:
                    _send(told, WARM_UP)
                    taken[which].append(_send(told, messages))
    ours, theirs = (_median(taken[which]) for which in ("bridge", "bare"))
    return Compared(kind, messages, ours, theirs, os.getloadavg()[0])


def _median(rounds: Sequence[Answered]) -> Answered:
    return Answered(
        *(
            median(getattr(one, name) for one in rounds)
            for name in ("per_second", "p50_ms", "p99_ms")
        )
    )


@contextmanager
def _server(which: str, url: str) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.webhook_server", which, home, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise BenchError(f"the {which} server did not start")
            yield json.loads(line)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=60)


def _send(told: dict[str, Any], messages: int) -> Answered:
    """Distinct events, signed beforehand."""
    shares = [[_signed(told["secret"]) for _ in range(messages // CLIENTS)] for _ in range(CLIENTS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        parts = pool.map(lambda share: list(_client(told, share)), shares)
        times = sorted(seconds for part in parts for seconds in part)
    seconds = time.perf_counter() - began
    return Answered(len(times) / seconds, _at(times, 0.5) * 1000, _at(times, 0.99) * 1000)


def _at(times: Sequence[float], share: float) -> float:
    return times[min(int(len(times) * share), len(times) - 1)]


def _client(told: dict[str, Any], share: Sequence[tuple[bytes, str]]) -> Iterator[float]:
    connection = http.client.HTTPConnection("127.0.0.1", told["port"], timeout=60)
    for body, signed in share:
        began = time.perf_counter()
        connection.request("POST", told["path"], body, {SIGNATURE: signed})
        answer = connection.getresponse()
        answer.read()
        yield time.perf_counter() - began
        if answer.status != 202:
            raise BenchError(f"a webhook was answered with {answer.status}")
    connection.close()


def _signed(secret: str) -> tuple[bytes, str]:
    """``order.written`` as recorded (app_system.json)."""
    row = {
        "entity": "order",
        "operation": "update",
        "primaryKey": uuid.uuid4().hex,
        "updatedFields": ["stateId", "updatedAt", "versionId"],
        "versionId": "0fa91ce3e96a4bc2be4bd9ce752c3425",
    }
    message = {
        "data": {"payload": [row], "event": "order.written"},
        "source": {
            "url": SHOP,
            "eventId": uuid.uuid4().hex,
            "shopId": "S1",
            "appVersion": "1.0.0",
        },
        "timestamp": int(time.time()),
    }
    body = json.dumps(message).encode()
    return body, signature(secret, body)


def lines(compared: Compared) -> list[str]:
    return [
        f"{compared.database}: {compared.messages:,} webhooks over {CLIENTS} connections, medians "
        f"of {ROUNDS} rounds (load {compared.load:.1f})",
        *(
            f"  {name:<29}{one.per_second:8.0f} answers/s   half within {one.p50_ms:.1f} ms, "
            f"99 % within {one.p99_ms:.1f} ms"
            for name, one in (("bridge", compared.bridge), ("bare route", compared.bare))
        ),
        f"  bridge / bare route          {compared.ratio:8.2f}   (goal: at least 0.7; the bare "
        "route is tests/bench/webhook_server.py: bare_route)",
    ]


def record(compared: Compared) -> dict[str, object]:
    return asdict(compared) | {"ratio": compared.ratio}
