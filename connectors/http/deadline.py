"""Exchanges that end by a moment, however slowly the other side speaks.

A time-out on a socket bounds one silence. Who sends one byte of a header now and then is never
silent so long, and would hold a thread for ever: here each wait for more ends by the moment too.
"""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_here = threading.local()


@contextmanager
def until(ends: float) -> Iterator[None]:
    """In this thread what is read over a :class:`TimedAdapter` ends by this moment of
    :func:`time.monotonic`, as though the socket had timed out."""
    before = getattr(_here, "ends", None)
    _here.ends = ends
    try:
        yield
    finally:
        _here.ends = before


def is_over() -> bool:
    ends: float | None = getattr(_here, "ends", None)
    return ends is not None and time.monotonic() >= ends


class _Until(io.RawIOBase):
    """A socket's bytes, as long as there is time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, ends: float) -> None:
        self._raw, self._sock, self._ends = raw, sock, ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        silence = self._sock.gettimeout()
        self._sock.settimeout(left if silence is None else min(silence, left))
        try:
            return self._raw.readinto(buffer)
        finally:
            if self._sock.fileno() >= 0:
                self._sock.settimeout(silence)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        ends: float | None = getattr(_here, "ends", None)
        if ends is not None:
            fp: Any = self.fp
            self.fp = io.BufferedReader(_Until(fp.detach(), sock, ends))


class TimedHTTP(HTTPConnection):
    response_class = _TimedResponse


class TimedHTTPS(HTTPSConnection):
    response_class = _TimedResponse


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = TimedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = TimedHTTPS


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class TimedAdapter(HTTPAdapter):
    """Outside of :func:`until` as any other. Share it between threads."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager
