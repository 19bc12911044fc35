"""A shop of three routes, served with everything the sandboxes share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask, jsonify, request

from connectors.sandbox.faults import Faults
from connectors.sandbox.latency import Cost, Latency, note_work
from connectors.sandbox.server import RunningSandbox, start


class Counter:
    """Counts what was added; the smallest state a shop can have."""

    def __init__(self) -> None:
        self.sum = 0

    def dump(self) -> dict[str, Any]:
        return {"sum": self.sum}

    def reset(self) -> None:
        self.sum = 0


def counting_app(counter: Counter) -> Flask:
    app = Flask("counter")

    @app.post("/add")
    def add() -> Any:
        rows = request.get_json()
        counter.sum += len(rows)
        note_work(request.environ, "write", len(rows), len(set(map(str, rows))))
        return jsonify(added=len(rows), padding="x" * 500)

    @app.get("/sum")
    def total() -> Any:
        return jsonify(sum=counter.sum)

    @app.get("/name/<path:name>")
    def name(name: str) -> Any:
        return jsonify(name=name, raw=request.environ["RAW_URI"])

    return app


RECORDED = Latency({"": Cost(per_call_ms=1), "write": Cost(per_call_ms=2)}, (1.0,))


@pytest.fixture
def shop() -> Iterator[RunningSandbox]:
    counter = Counter()
    faults = Faults(seed=7, recorded=RECORDED, shop={"open": True})
    with start(counting_app(counter), counter, faults) as running:
        yield running


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session
