"""Webhooks that are really sent: signed, with the recorded headers, once or with repetitions.

With the admin worker (the shop's default) a message is sent once, before the request that caused
it is answered. Without it messages wait in a queue for :meth:`Queue.consume`, and each is tried
again after 1, 2 and 4 seconds (recorded: app_system.json #15 to #18), with a new ``timestamp``
and the same ``eventId``. A webhook whose messages failed for good ten times is switched off
(PLATFORM_FACTS Shopware 1). The life cycle of an app is never queued.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox import sending
from connectors.shopware.sandbox.database import Database
from connectors.shopware.sandbox.definitions import SYSTEM_LANGUAGE
from connectors.webhooks import signature

CONNECT_SECONDS = 10
TOTAL_SECONDS = 20
RETRIES = (1, 2, 4)
"""Seconds before each further try."""
FAILURES_TO_SWITCH_OFF = 10

_NOWHERE = "http://127.0.0.1:9/"
_CONTEXT = {"sw-context-language": SYSTEM_LANGUAGE, "sw-user-language": "en-GB"}


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook's message goes, as it was when the event happened: also when the app is
    taken out while the message is on its way."""

    name: str
    event: str
    url: str


class Webhook:
    """One subscription of one app: a row of the shop's ``webhook``, which the Admin API shows
    and can switch on again."""

    def __init__(self, database: Database, key: str) -> None:
        self._database = database
        self.key = key

    @property
    def name(self) -> str:
        return str(self._values["name"])

    @property
    def event(self) -> str:
        return str(self._values["eventName"])

    @property
    def url(self) -> str:
        return str(self._values["url"])

    @property
    def is_active(self) -> bool:
        """Never once its row is gone, as after a reset of the shop."""
        return bool(self._values.get("active"))

    def target(self, event: str) -> Target | None:
        """``None`` when it does not listen to that event, is switched off, or gone."""
        values = self._values
        if not values.get("active") or values["eventName"] != event:
            return None
        return Target(str(values["name"]), event, str(values["url"]))

    @property
    def error_count(self) -> int:
        """Messages in a row that failed for good; only a queue counts."""
        return int(self._values.get("errorCount", 0))

    def set(self, **values: object) -> None:
        """Nothing once its row is gone."""
        with self._database.lock:
            row = self._database["webhook"].by_id(self.key)
            if row is None:
                return
            row = row.copy()
            row.values |= {**values, "updatedAt": self._database.now()}
            self._database.put("webhook", self.key, row, heard=False)

    @property
    def _values(self) -> dict[str, Any]:
        with self._database.lock:
            row = self._database["webhook"].by_id(self.key)
            return row.values if row else {}


@dataclass(frozen=True, slots=True)
class Message:
    """What is signed and sent, but for the time of sending."""

    webhook: Webhook
    target: Target
    content: dict[str, Any]
    secret: str = field(repr=False)
    version: str
    """Shopware's."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one try."""

    webhook: str
    event: str
    event_id: str
    timestamp: int
    status: int
    """0: no answer."""


class Sender:
    """Sends messages and remembers what became of them."""

    def __init__(self, seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self.deliveries: list[Delivery] = []
        self.lost = 0
        """How many tries from now on find nobody who listens."""

    def send(self, message: Message) -> bool:
        """One try; whether the receiver took it."""
        content = {**message.content, "timestamp": int(self._seconds())}
        body = php_json(content)
        headers = {
            "content-type": "application/json",
            **context_headers(message.version),
            "shopware-shop-signature": signature(message.secret, body),
        }
        status, _ = exchange("POST", self._address(message.target), headers, body)
        source = content["source"]
        self.deliveries.append(
            Delivery(
                message.target.name,
                message.target.event,
                source["eventId"],
                content["timestamp"],
                status,
            )
        )
        return 200 <= status < 300

    def _address(self, target: Target) -> str:
        if not self.lost:
            return target.url
        self.lost -= 1
        return _NOWHERE


class Queue:
    """Messages that wait for a worker. ``pause`` waits between the tries."""

    def __init__(self, sender: Sender, pause: Callable[[float], object] = time.sleep) -> None:
        self._sender = sender
        self._waiting: deque[Message] = deque()
        self._lock = threading.Lock()
        self.pause = pause

    def add(self, message: Message) -> None:
        self._waiting.append(message)

    def __len__(self) -> int:
        return len(self._waiting)

    def consume(self) -> int:
        """Sends all that waits, in order, with all repetitions; how many messages there were."""
        count = 0
        with self._lock:
            while self._waiting:
                self._deliver(self._waiting.popleft())
                count += 1
        return count

    def _deliver(self, message: Message) -> None:
        webhook = message.webhook
        taken = self._sender.send(message)
        for seconds in RETRIES:
            if taken:
                break
            self.pause(seconds)
            taken = self._sender.send(message)
        if taken:
            webhook.set(errorCount=0)
        elif webhook.error_count + 1 >= FAILURES_TO_SWITCH_OFF:
            webhook.set(active=False, errorCount=0)
        else:
            webhook.set(errorCount=webhook.error_count + 1)


# -- the wire -------------------------------------------------------------------------------


def context_headers(version: str) -> dict[str, str]:
    return {"sw-version": version, **_CONTEXT}


def php_json(content: Any) -> bytes:
    """As PHP's ``json_encode`` writes it: no blanks, slashes escaped, ASCII only."""
    return json.dumps(content, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def exchange(
    method: str, url: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, bytes]:
    """Status and body of the answer; 0 when there was none (recorded: app_system.json)."""
    return sending.exchange(
        method,
        url,
        headers,
        body,
        agent="GuzzleHttp/7",
        connect_seconds=CONNECT_SECONDS,
        total_seconds=TOTAL_SECONDS,
    )
