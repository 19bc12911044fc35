"""One HTTP call that a shop makes by itself, with just the headers it is given, in their order."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    status: int
    """0: there was none."""
    body: bytes
    headers: dict[str, str]
    """By their names in lower case."""


def exchange(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes = b"",
    *,
    agent: str,
    connect_seconds: float,
    total_seconds: float,
) -> tuple[int, bytes]:
    """Status and body of the answer; 0 when there was none. No redirect is followed."""
    found = answer(
        method,
        url,
        headers,
        body,
        agent=agent,
        connect_seconds=connect_seconds,
        total_seconds=total_seconds,
    )
    return found.status, found.body


def answer(
    method: str,
    url: str,
    headers: dict[str, str],
    body: bytes = b"",
    *,
    agent: str,
    connect_seconds: float,
    total_seconds: float,
) -> Answer:
    """The same with its headers.

    Host and agent come first and the length last, as PHP's clients send them.
    """
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.netloc, timeout=connect_seconds)
    try:
        connection.connect()
        connection.sock.settimeout(total_seconds)
        connection.putrequest(method, target or "/", skip_accept_encoding=True)
        connection.putheader("user-agent", agent)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body:
            connection.putheader("content-length", str(len(body)))
        connection.endheaders(body or None)
        got = connection.getresponse()
        told = {name.lower(): value for name, value in got.getheaders()}
        return Answer(got.status, got.read(), told)
    except (OSError, HTTPException):
        return Answer(0, b"", {})
    finally:
        connection.close()
