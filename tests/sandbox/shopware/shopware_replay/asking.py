"""A client that sends exactly what it is told and hides nothing of the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    """By lower-case name."""
    raw: bytes

    @property
    def body(self) -> Any:
        """Decoded JSON; ``""`` for no content, as the recordings have it."""
        return json.loads(self.raw) if self.raw else ""

    @property
    def errors(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.body["errors"]
        return found

    @property
    def pointers(self) -> list[str]:
        return [one["source"]["pointer"] for one in self.errors]


class Client:
    def __init__(self, url: str) -> None:
        self.url = url
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.token = ""

    def close(self) -> None:
        self._connection.close()

    def sign_in(self, client_id: str, client_secret: str) -> Answer:
        answer = self.ask(
            "POST",
            "/api/oauth/token",
            {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": client_secret,
            },
            authorized=False,
        )
        if answer.status == 200:
            self.token = answer.body["access_token"]
        return answer

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        authorized: bool = True,
        raw: bytes | None = None,
    ) -> Answer:
        sent = {"Accept": "application/json", **(headers or {})}
        if authorized and self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
        if raw is not None:
            sent.setdefault("Content-Type", "application/json")
        target = path + (f"?{urlencode(query)}" if query else "")
        self._connection.request(method, target, raw, sent)
        response = self._connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read())

    def post(self, path: str, body: Any, **more: Any) -> Answer:
        return self.ask("POST", path, body, **more)

    def search(self, entity: str, **criteria: Any) -> Answer:
        named = {name.replace("_", "-"): value for name, value in criteria.items()}
        return self.post(f"/api/search/{entity}", named)

    def sync(self, **operations: Any) -> Answer:
        return self.post("/api/_action/sync", operations)
