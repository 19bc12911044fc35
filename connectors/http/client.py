"""One installation's HTTP client: pooled, bounded, patient, and silent about secrets."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception

from connectors.errors import AnswerLost, ConnectorError, ShopFault, Throttled, Unreachable
from connectors.http import json as exact_json
from connectors.http.answers import (
    Answer,
    clock_offset,
    default_error,
    parsed,
    transport_error,
)
from connectors.http.auth import NO_AUTH, Authentication
from connectors.http.concurrency import Concurrency, Slot
from connectors.http.deadline import TimedAdapter, until
from connectors.http.policy import Policy
from connectors.http.public_only import PublicOnlyAdapter
from connectors.http.rate import CallRate
from connectors.http.redaction import Redactor
from connectors.http.session import Session
from connectors.http.transport import FAILURES, read_whole, translated
from connectors.sentences import sentence

log = structlog.get_logger(__name__)

Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]]
_NOTHING: Any = object()
_GATEWAY_FAULTS = frozenset({502, 503, 504})


@dataclass(slots=True)
class _Call:
    """One request with its retries."""

    method: str
    url: str
    where: str
    repeatable: bool
    reading: bool
    empty_ok: bool
    any_body: bool
    auth: Authentication
    deadline: float
    arguments: dict[str, Any] = field(repr=False)
    status: int = 0
    renewed: bool = False
    signing: bool = False
    """While the call gets its token, whose request has retries of its own."""


class HttpClient:
    """Safe to share between threads; each gets a session of its own over one pool.

    ``classify`` reads the platform's error bodies (status 400 and above, JSON); answers that no
    platform sends (redirects, HTML, 429, 503) are classed here. ``secrets`` are masked in logs and
    errors. ``public_only`` refuses private addresses. ``sleep``, ``clock``, ``now``: for tests.
    """

    def __init__(
        self,
        base_url: str,
        *,
        auth: Authentication = NO_AUTH,
        policy: Policy | None = None,
        classify: Callable[[Answer], ConnectorError] = default_error,
        secrets: Iterable[str] = (),
        public_only: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        """Sends nothing. Raises ValueError for an address that cannot be used."""
        self.base_url = checked_base_url(base_url)
        self.policy = policy or Policy()
        self.auth = auth
        self.redactor = Redactor(secrets)
        self.concurrency = Concurrency(self.policy.slots, self.policy.max_slots)
        self.calls = 0
        """HTTP requests sent so far, retries and token requests included."""
        self.clock_offset: timedelta | None = None
        """The shop's clock minus ours, from the last answer with a ``Date``."""
        self._classify = classify
        self._sleep, self._clock, self._now, self._jitter = sleep, clock, now, jitter
        self._adapter = (PublicOnlyAdapter if public_only else TimedAdapter)(
            pool_connections=2, pool_maxsize=self.policy.max_slots, pool_block=False
        )
        self._local = threading.local()
        self._lock = threading.Lock()
        self._rate = CallRate(self.policy.calls_per_second)

    def __repr__(self) -> str:
        return f"HttpClient({self.base_url!r})"

    @property
    def total_timeout(self) -> float:
        """The longest one :meth:`request` can take, in seconds."""
        return self.policy.total_timeout

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = _NOTHING,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        reading: bool | None = None,
        empty_ok: bool = False,
        any_body: bool = False,
        auth: Authentication | None = None,
    ) -> Answer:
        """Sends and returns the answer when its status is below 300; raises otherwise.

        ``path`` is already URL-encoded. ``repeatable`` (default: GET and HEAD) says that doing
        it twice is the same as once, so that a lost answer may be asked for again; a call that
        was surely not carried out (no connection, 429, 503) is repeated in any case.
        ``reading`` (default: GET and HEAD) says it changes nothing. ``any_body`` takes an
        answer that is no JSON, as :attr:`Answer.text`.
        """
        read_only = method in {"GET", "HEAD"} if reading is None else reading
        arguments: dict[str, Any] = {"params": params, "headers": dict(headers or {})}
        arguments["headers"].setdefault("Accept", "application/json")
        if json is not _NOTHING:
            arguments["data"] = exact_json.dumps(json).encode()
            arguments["headers"].setdefault("Content-Type", "application/json")
        elif form is not None:
            arguments["data"] = dict(form)
        call = _Call(
            method=method,
            url=self.base_url + "/" + path.lstrip("/"),
            where=f"{method} /{path.partition('?')[0].lstrip('/')}",
            repeatable=read_only if repeatable is None else repeatable,
            reading=read_only,
            empty_ok=empty_ok,
            any_body=any_body,
            auth=auth or self.auth,
            deadline=self._clock() + self.policy.total_timeout,
            arguments=arguments,
        )
        return self._with_retries(call)

    def get(self, path: str, params: Params | None = None) -> Any:
        """The parsed JSON body of a GET."""
        return self.request("GET", path, params=params).body

    def close(self) -> None:
        self._adapter.close()

    # -- retries ----------------------------------------------------------------------------

    def _with_retries(self, call: _Call) -> Answer:
        retrying = Retrying(
            sleep=self._sleep,
            wait=self._wait,
            stop=lambda state: self._must_stop(call, state),
            retry=retry_if_exception(lambda error: _may_repeat(call, error)),
            reraise=True,
        )
        answer: Answer = retrying(self._attempt, call)
        return answer

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, Throttled) else None
        cap = self.policy.backoff_cap
        jitter = self._jitter(
            0.0, min(cap, self.policy.backoff_base * 2.0 ** (state.attempt_number - 1))
        )
        return jitter if asked is None else asked + min(jitter, 1.0)

    def _must_stop(self, call: _Call, state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, Throttled) and (error.retry_after or 0) > self.policy.retry_after_cap:
            return True
        if state.attempt_number >= self.policy.attempts:
            return True
        pauses = state.idle_for + state.upcoming_sleep
        if not call.reading and pauses > self.policy.longest_pause_of_a_change:
            return True
        return self._clock() + state.upcoming_sleep >= call.deadline

    # -- one attempt ------------------------------------------------------------------------

    def _attempt(self, call: _Call) -> Answer:
        call.signing = True
        prepared = self._prepare(call)
        call.signing = False
        header = _header_text(prepared)
        answer = self._send(call, prepared)
        call.status = answer.status
        if answer.is_json and answer.status != 401:
            call.auth.accepted(header)
        error = None
        if not (call.any_body and answer.ok):
            error = transport_error(answer, reading=call.reading, empty_ok=call.empty_ok)
        if error is None and answer.status == 401 and self._renewed(call, header, answer):
            return self._attempt(call)
        if error is None and answer.status >= 400:
            error = self._classify(answer)
        if error is not None:
            raise self._clean(error)
        return answer

    def _renewed(self, call: _Call, header: str, answer: Answer) -> bool:
        if call.renewed:
            call.auth.renew(header, answer)
            return False
        call.renewed = True
        return call.auth.renew(header, answer)

    def _prepare(self, call: _Call) -> requests.PreparedRequest:
        request = requests.Request(call.method, call.url, auth=call.auth, **call.arguments)
        return self._session().prepare_request(request)

    def _send(self, call: _Call, prepared: requests.PreparedRequest) -> Answer:
        self._obey_rate(call)
        try:
            with self.concurrency.slot(timeout=max(0.0, call.deadline - self._clock())) as slot:
                return self._exchange(call, prepared, slot)
        except TimeoutError:
            raise Throttled(
                sentence("The calls before this one took too long; it was not sent"),
                where=call.where,
            ) from None

    def _exchange(self, call: _Call, prepared: requests.PreparedRequest, slot: Slot) -> Answer:
        started = self._clock()
        remaining = max(1.0, call.deadline - started)
        connect, read = self.policy.timeouts
        with self._lock:
            self.calls += 1
        call.status = 0
        try:
            with until(time.monotonic() + remaining):
                response = self._session().send(
                    prepared,
                    timeout=(min(connect, remaining), min(read, remaining)),
                    allow_redirects=False,
                    stream=True,
                    **self._environment(prepared),
                )
                content = read_whole(response, lambda: self._clock() >= call.deadline)
        except FAILURES as failure:
            slot.overloaded()
            error = translated(failure, call.where)
            self._note(call, type(error).__name__, started)
            raise error from None
        answer = parsed(
            response.status_code,
            response.headers,
            content,
            call.where,
            self._clock() - started,
        )
        self._learn(answer, slot)
        self._note(call, answer.status, started)
        return answer

    def _learn(self, answer: Answer, slot: Slot) -> None:
        offset = clock_offset(answer, self._now())
        if offset is not None:
            self.clock_offset = offset
        if answer.status in {429, 503, 504}:
            slot.overloaded()
        elif answer.status < 500:
            slot.succeeded(fast=answer.seconds < self.policy.slow_after)

    def _obey_rate(self, call: _Call) -> None:
        while True:
            pause = self._rate.pause(self._clock())
            if pause <= 0:
                return
            if self._clock() + pause >= call.deadline:
                raise Throttled(
                    sentence("The rate limit left no time to send this"), where=call.where
                )
            self._sleep(pause)

    # -- sessions, log ----------------------------------------------------------------------

    def _session(self) -> Session:
        session: Session | None = getattr(self._local, "session", None)
        if session is None:
            session = Session()
            session.mount("https://", self._adapter)
            session.mount("http://", self._adapter)
            session.headers["User-Agent"] = "loyalty-bridge"
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
            self._local.session = session
        return session

    def _environment(self, prepared: requests.PreparedRequest) -> dict[str, Any]:
        settings = self._session().merge_environment_settings(
            prepared.url or "", {}, None, None, None
        )
        return {name: settings[name] for name in ("proxies", "verify", "cert")}

    def _note(self, call: _Call, outcome: int | str, started: float) -> None:
        log.debug(
            "http call",
            method=call.method,
            path=self.redactor.text(call.where.partition(" ")[2]),
            outcome=outcome,
            ms=round((self._clock() - started) * 1000),
        )

    def _clean(self, error: ConnectorError) -> ConnectorError:
        error.message = self.redactor.text(error.message)
        error.where = self.redactor.text(error.where)
        error.args = (error.message,)
        return error


def checked_base_url(url: str) -> str:
    """The address without a slash at its end. Raises ValueError, naming what is wrong."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("The URL must begin with https:// (or http://) and name a host.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The URL must not hold a user name or password.")
    if parts.query or parts.fragment:
        raise ValueError("The URL must end with the shop's path: no ? and no #.")
    return url.strip().rstrip("/")


def _may_repeat(call: _Call, error: BaseException) -> bool:
    if call.signing:
        return False
    if isinstance(error, ShopFault):
        return call.repeatable and call.status in _GATEWAY_FAULTS
    if isinstance(error, AnswerLost):
        return call.repeatable
    return isinstance(error, Throttled | Unreachable) and error.transient


def _header_text(prepared: requests.PreparedRequest) -> str:
    value = prepared.headers.get("Authorization", "")
    return value.decode("latin-1") if isinstance(value, bytes) else value
