"""Reads a response whole, and says of a failed exchange whether anything was sent."""

from __future__ import annotations

from collections.abc import Callable

import requests
import urllib3.exceptions as pool

from connectors.errors import AnswerLost, ConnectorError, Unreachable
from connectors.http.public_only import NotPublic
from connectors.sentences import sentence

_CHUNK = 65536
LARGEST = 128 * 2**20
"""Bytes of an answer, unpacked: ten times what a shop has any reason to say at once."""
_UNCONNECTED = (pool.NewConnectionError, pool.NameResolutionError)


class TransportFailure(Exception):
    """The answer did not come whole in time."""


class TooLarge(pool.HTTPError):
    """The rest of the answer was left where it is."""


FAILURES = (requests.RequestException, pool.HTTPError, TransportFailure, OSError)
"""All that an exchange can end with but an answer."""


def read_whole(response: requests.Response, too_late: Callable[[], bool]) -> bytes:
    """The body. A time-out on the socket bounds one silence; ``too_late`` bounds the sum, so
    that a shop that drips bytes cannot hold a call for ever: hence what has come is read, not
    what was asked for. A few packed bytes can be very many unpacked ones: those are counted."""
    parts, size = [], 0
    try:
        while part := response.raw.read1(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > LARGEST:
                raise TooLarge
            if too_late():
                raise TransportFailure("the answer took too long")
    except pool.ReadTimeoutError:
        raise TransportFailure("the answer stopped") from None
    finally:
        response.close()
    return b"".join(parts)


def translated(failure: Exception, where: str) -> ConnectorError:
    """Names nothing of the failure's own text: it can hold the whole URL."""
    if _caused_by(failure, NotPublic):
        return _not_public(where)
    if isinstance(failure, requests.exceptions.SSLError) and _no_handshake(failure):
        return _untrusted(where)
    if isinstance(failure, requests.ConnectTimeout):
        return Unreachable(sentence("The shop did not accept a connection in time"), where=where)
    if isinstance(failure, requests.exceptions.ProxyError) or _caused_by(failure, *_UNCONNECTED):
        return Unreachable(sentence("No connection to the shop"), where=where)
    if isinstance(failure, requests.ReadTimeout | TransportFailure):
        return AnswerLost(sentence("The shop did not answer in time"), where=where)
    if isinstance(failure, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return Unreachable(sentence("The address cannot be used"), where=where)
    return AnswerLost(
        sentence("The connection was cut before the whole answer was there"), where=where
    )


def _no_handshake(failure: Exception) -> bool:
    """TLS also fails in mid-answer, when the call was sent already."""
    text = str(failure).lower()
    return any(word in text for word in ("certificate", "handshake", "wrong_version_number"))


def _untrusted(where: str) -> Unreachable:
    error = Unreachable(
        sentence("No trusted connection (TLS) to the shop"),
        where=where,
        advice=sentence("Check the host name, http or https, and that the certificate is valid."),
    )
    error.transient = False
    return error


def _not_public(where: str) -> Unreachable:
    error = Unreachable(
        sentence("The shop's address is not public, and only public ones are called for it"),
        where=where,
        advice=sentence(
            "Whoever runs the bridge can allow it: LOYALTY_BRIDGE_ALLOW_PRIVATE_STORES=true."
        ),
    )
    error.transient = False
    return error


def _caused_by(failure: BaseException, *kinds: type[BaseException]) -> bool:
    """requests wraps a refused connection and a cut one in the same ConnectionError."""
    seen: BaseException | None = failure
    for _ in range(5):
        if seen is None:
            return False
        if isinstance(seen, kinds):
            return True
        inner = seen.args[0] if seen.args and isinstance(seen.args[0], BaseException) else None
        seen = getattr(seen, "reason", None) or inner
    return False
