"""Sending something to an address that is no shop's: once, without retries or redirects."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import requests

from connectors.errors import AnswerLost, ConnectorError, Unreachable
from connectors.http.answers import Answer, retry_after
from connectors.http.auth import NO_AUTH
from connectors.http.deadline import TimedAdapter, until
from connectors.http.public_only import PublicOnlyAdapter
from connectors.http.session import Session
from connectors.http.transport import FAILURES, translated

LONGEST = 30.0
"""Seconds after which nothing more is waited for: neither another address nor more of an answer.
A connection that is begun right before then takes three times ``connect`` more at most."""
_MOST_READ = 4096
"""Bytes of an answer; nobody needs more of it than its beginning."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of it."""

    status: int | None
    """``None``: no answer came."""
    error: str = ""
    """Why not. Names nothing of the address."""
    retry_after: float | None = None
    """Seconds."""
    text: str = ""
    """The beginning of the answer."""


class Poster:
    """Sends to one address. Share it between threads; close it at the end.

    ``public_only`` refuses private addresses, wherever a name leads at that moment.
    ``connect`` and ``read``: the longest silences, in seconds; ``longest``: see :data:`LONGEST`.
    """

    def __init__(
        self,
        url: str,
        *,
        public_only: bool,
        connect: float = 5.0,
        read: float = 15.0,
        longest: float = LONGEST,
    ) -> None:
        self._url = url
        self._timeouts, self._longest = (connect, read), longest
        self._adapter = (PublicOnlyAdapter if public_only else TimedAdapter)(
            pool_connections=1, pool_maxsize=8, pool_block=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def post(self, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Raises nothing: what went wrong is in the answer."""
        try:
            with until(time.monotonic() + self._longest):
                return self._send(body, headers)
        except FAILURES as failure:
            return Posted(None, _reason(translated(failure, "")))
        except (ValueError, UnicodeError):
            return Posted(None, "The address cannot be used")

    def close(self) -> None:
        self._adapter.close()

    def _send(self, body: bytes, headers: Mapping[str, str]) -> Posted:
        session = Session()
        session.mount("https://", self._adapter)
        session.mount("http://", self._adapter)
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.headers["User-Agent"] = "loyalty-bridge"
        # Not without any: requests would look for a password in the machine's .netrc.
        request = requests.Request("POST", self._url, headers, data=body, auth=NO_AUTH)
        prepared = session.prepare_request(request)
        found = session.merge_environment_settings(self._url, {}, None, None, None)
        settings: dict[str, Any] = {name: found[name] for name in ("proxies", "verify", "cert")}
        began = time.monotonic()
        response = session.send(
            prepared,
            timeout=self._timeouts,
            allow_redirects=False,
            stream=True,
            **settings,
        )
        seconds = time.monotonic() - began
        text = _beginning(response, began + sum(self._timeouts))
        lower = {name.lower(): value for name, value in response.headers.items()}
        answer = Answer(response.status_code, lower, None, text, "", seconds, is_json=False)
        return Posted(answer.status, "", retry_after(answer), text)


def is_address(url: str) -> bool:
    """Whether something can be sent there: http or https, a host, and no user or password."""
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    has_user = parts.username is not None or parts.password is not None
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    return is_web and not has_user and not parts.fragment and not any(map(str.isspace, url))


def _beginning(response: requests.Response, deadline: float) -> str:
    """The status has come: what is wrong with the rest is of no matter."""
    read = b""
    try:
        while len(read) < _MOST_READ and time.monotonic() < deadline:
            part = response.raw.read1(_MOST_READ, decode_content=True)
            if not part:
                break
            read += part
    except FAILURES:
        pass
    finally:
        response.close()
    return read[:_MOST_READ].decode("utf-8", "replace")


def _reason(error: ConnectorError) -> str:
    """In words for an address that is no shop's."""
    if isinstance(error, Unreachable):
        if not error.transient and "public" in error.message:
            return "The address is not public, and only public ones are called"
        if "TLS" in error.message:
            return "No trusted connection (TLS): look at the certificate, and at http or https"
        return "No connection: nothing listens there, or the name is not known"
    if isinstance(error, AnswerLost) and "in time" in error.message:
        return "No answer in time"
    return "The connection was cut before an answer was there"
