"""A client whose clock only moves when it is told to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses

from connectors.http import HttpClient, Policy

URL = "https://shop.test/shop"


class Time:
    """Stands in for both the clock and the wait."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def shop() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def client_of(time: Time) -> Callable[..., HttpClient]:
    def build(**options: Any) -> HttpClient:
        options.setdefault("policy", Policy())
        options.setdefault("jitter", lambda low, high: high)
        return HttpClient(options.pop("url", URL), sleep=time.sleep, clock=time.clock, **options)

    return build
