"""Connections that are only made to public addresses, wherever a name leads at that moment."""

from __future__ import annotations

import socket
from typing import Any

import urllib3.exceptions as pool
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.addresses import is_public
from connectors.http.deadline import TimedAdapter, TimedHTTP, TimedHTTPS, is_over


class NotPublic(pool.HTTPError):
    """The name leads to an address that is not public; nothing was sent."""


class _Guarded:
    """Looks the name up itself and connects to what it found: a name that leads elsewhere with
    the next look-up gains nothing."""

    def _new_conn(self) -> socket.socket:
        connection: Any = self
        name, failure = connection._dns_host, None
        for address in _public_addresses(connection, name, connection.port):
            connection._dns_host = address
            try:
                return super()._new_conn()  # type: ignore[misc, no-any-return]
            except (pool.NewConnectionError, pool.ConnectTimeoutError) as error:
                failure = error
                if is_over():
                    break  # a name may have a hundred addresses, all of them silent
            finally:
                connection._dns_host = name
        raise failure or pool.NewConnectionError(connection, "The name has no address")


def _public_addresses(connection: Any, name: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(name.strip("[]"), port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise pool.NewConnectionError(connection, "The name was not found") from error
    addresses = [str(one[4][0]) for one in found]
    if not all(is_public(address) for address in addresses):
        raise NotPublic
    return addresses


class _HTTP(_Guarded, TimedHTTP):
    pass


class _HTTPS(_Guarded, TimedHTTPS):
    pass


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _HTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPS


class PublicOnlyAdapter(TimedAdapter):
    """Behind a proxy of the environment the proxy looks names up: there it has to refuse."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
