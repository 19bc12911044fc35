"""How a request proves who sends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from requests import PreparedRequest
from requests.auth import AuthBase

from connectors.errors import Unauthorized
from connectors.http.answers import Answer
from connectors.sentences import sentence


class Authentication(AuthBase):
    """Signs requests. The base class signs nothing.

    Subclasses override ``__call__`` to add headers. Signing may itself call the shop (with
    ``auth=NO_AUTH``), before the request's own slot and clock start.
    """

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request

    def renew(self, refused: str, answer: Answer) -> bool:
        """Asked after a 401: is it worth one more try? ``refused`` is the Authorization header
        that was sent. Must not say yes for ever."""
        return False

    def accepted(self, header: str) -> None:
        """Told that the shop took this Authorization header."""

    def __repr__(self) -> str:
        return type(self).__name__


NO_AUTH = Authentication()


@dataclass(frozen=True, slots=True)
class Token:
    value: str = field(repr=False)
    lifetime: float
    """Seconds from now on."""


class TokenAuth(Authentication):
    """A bearer token that is fetched when needed and kept until shortly before its end.

    A token that the shop refuses is fetched anew once. Where the shop refuses the credentials,
    or a fresh token, nothing more is sent for ``pause`` seconds: login limiters count per
    account or address, and a loop would lock the merchant out (Magento: 6 failures lock for 30
    minutes; Shopware: limiter per IP).
    """

    def __init__(
        self,
        fetch: Callable[[], Token],
        *,
        early: float = 30.0,
        pause: float = 1800.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``fetch`` gets a token from the shop; it raises Unauthorized when refused."""
        self._fetch = fetch
        self._early = early
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._ends = 0.0
        self._fetched_at = 0.0
        self._proven = False
        self._refusal: Unauthorized | None = None
        self._refused_until = 0.0

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._current()}"
        return request

    def renew(self, refused: str, answer: Answer) -> bool:
        with self._lock:
            if self._token is None or refused != f"Bearer {self._token.value}":
                return True
            fresh_one_refused = not self._proven
            self._token = None
            if fresh_one_refused:
                self._remember(
                    Unauthorized(
                        sentence("The shop gives out a token and then refuses it"),
                        where=answer.where,
                    )
                )
            return not fresh_one_refused

    def forget(self, refused: str, *, older_than: float) -> bool:
        """Drops the token that was refused when it is older than that; says whether another
        one is worth a try."""
        with self._lock:
            if self._token is None or refused != f"Bearer {self._token.value}":
                return True
            if self._clock() - self._fetched_at <= older_than:
                return False
            self._token = None
            return True

    def accepted(self, header: str) -> None:
        with self._lock:
            if self._token is not None and header == f"Bearer {self._token.value}":
                self._proven = True

    def _current(self) -> str:
        with self._lock:
            if self._refusal is not None and self._clock() < self._refused_until:
                raise Unauthorized(
                    self._refusal.message, where=self._refusal.where, advice=self._refusal.advice
                )
            if self._token is None or self._clock() >= self._ends:
                self._token = self._fetched()
                self._fetched_at = self._clock()
                self._ends = self._fetched_at + max(0.0, self._token.lifetime - self._early)
                self._proven = False
                self._refusal = None
            return self._token.value

    def _fetched(self) -> Token:
        try:
            return self._fetch()
        except Unauthorized as refusal:
            self._remember(refusal)
            raise

    def _remember(self, refusal: Unauthorized) -> None:
        self._refusal = refusal
        self._refused_until = self._clock() + self._pause
