"""What came back, and what it means when it is not what was asked for."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit

from connectors.errors import (
    AnswerLost,
    ConnectorError,
    Forbidden,
    NotAShop,
    NotFound,
    Rejected,
    ShopFault,
    Throttled,
    Unauthorized,
)
from connectors.http.json import loads
from connectors.sentences import sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. ``body`` is the parsed JSON (numbers with a fraction as Decimal), or
    ``None`` when it was empty or no JSON; ``text`` is then what came instead."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: Any = field(repr=False)
    text: str = field(repr=False)
    where: str
    """Method and path, without the query."""
    seconds: float
    is_json: bool = True

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def parsed(
    status: int, headers: Mapping[str, str], content: bytes, where: str, seconds: float
) -> Answer:
    """Builds an Answer; a body that is no JSON is kept as text."""
    lower = {name.lower(): value for name, value in headers.items()}
    try:
        body = loads(content) if content else None
        return Answer(status, lower, body, "", where, seconds)
    except (ValueError, RecursionError):
        text = content.decode("utf-8", "replace")
        return Answer(status, lower, None, text, where, seconds, is_json=False)


def transport_error(answer: Answer, *, reading: bool, empty_ok: bool) -> ConnectorError | None:
    """What any HTTP client must make of this answer, whatever the platform; ``None`` when it
    is for the platform to read. ``reading``: the call changes nothing in the shop."""
    if 300 <= answer.status < 400:
        return _redirected(answer)
    if answer.status == 429:
        return Throttled(
            sentence("The shop answered 429 (too many calls)"),
            where=answer.where,
            retry_after=retry_after(answer),
        )
    if answer.status == 503:
        return _unavailable(answer)
    if not answer.is_json:
        return _not_json(answer, reading=reading)
    if answer.status == 200 and answer.body is None and not answer.text and not empty_ok:
        return _empty(answer)
    return None


def default_error(answer: Answer) -> ConnectorError:
    """By status alone, for a platform that has nothing to add."""
    message = sentence("The shop answered %(status)s", status=answer.status)
    if answer.status == 401:
        return Unauthorized(sentence("The shop refused the credentials"), where=answer.where)
    if answer.status == 403:
        return Forbidden(sentence("The shop refused the call"), where=answer.where)
    if answer.status == 404:
        return NotFound(message, where=answer.where)
    if answer.status >= 500:
        return ShopFault(message, where=answer.where)
    return Rejected(message, where=answer.where)


def retry_after(answer: Answer, now: datetime | None = None) -> float | None:
    """Seconds from a ``Retry-After`` header, given as a number or as a date."""
    given = answer.headers.get("retry-after", "").strip()
    if not given:
        return None
    if given.isdecimal():
        return float(given)
    moment = _http_date(given)
    if moment is None:
        return None
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def clock_offset(answer: Answer, received_at: datetime) -> timedelta | None:
    """The shop's clock minus ours; ``Date`` has whole seconds and was written mid-way."""
    moment = _http_date(answer.headers.get("date", ""))
    if moment is None:
        return None
    return moment - (received_at - timedelta(seconds=answer.seconds / 2))


def _http_date(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _target(location: str) -> tuple[SplitResult, int | None]:
    """And its port; of what is no address, nothing."""
    try:
        found = urlsplit(location)
        return found, found.port
    except ValueError:
        return urlsplit(""), None


def _redirected(answer: Answer) -> NotAShop:
    target, at = _target(answer.headers.get("location", ""))
    if not target.hostname:
        return NotAShop(
            sentence("The shop answered with a redirect (%(status)s)", status=answer.status),
            where=answer.where,
        )
    port = f":{at}" if at else ""
    scheme = f"{target.scheme}://" if target.scheme else ""
    return NotAShop(
        sentence(
            "The shop sends calls on to %(scheme)s%(hostname)s%(port)s%(path)s",
            scheme=scheme,
            hostname=target.hostname,
            port=port,
            path=target.path,
        ),
        where=answer.where,
        advice=sentence(
            "Use the address behind the redirect (%(scheme)s%(hostname)s%(port)s) as URL.",
            scheme=scheme,
            hostname=target.hostname,
            port=port,
        ),
    )


def _unavailable(answer: Answer) -> ConnectorError:
    """503: nothing was done, unless a cache gave up waiting for a shop that was at work."""
    text = answer.text.lower()
    if "guru meditation" in text or "backend fetch failed" in text or "byte timeout" in text:
        return ShopFault(
            sentence("The cache in front of the shop got no answer from it (503)"),
            where=answer.where,
        )
    return Throttled(
        sentence("The shop is not available right now (503)"),
        where=answer.where,
        advice=sentence("It may be in maintenance mode or overloaded; it is tried again later."),
        retry_after=retry_after(answer),
    )


def _not_json(answer: Answer, *, reading: bool) -> ConnectorError:
    if answer.status >= 500:
        return ShopFault(
            sentence("The shop answered %(status)s with no reason", status=answer.status),
            where=answer.where,
        )
    if answer.status in {401, 403}:
        return NotAShop(
            sentence(
                "The web server in front of the shop refused the call (%(status)s)",
                status=answer.status,
            ),
            where=answer.where,
            advice=sentence(
                "Let the bridge pass the firewall or password protection in front of the shop."
            ),
        )
    html = _looks_like_html(answer)
    if answer.ok and (not reading or not html):
        return AnswerLost(sentence("The shop's answer is not readable JSON"), where=answer.where)
    kind = "a web page (HTML)" if html else "something that is not JSON"
    return NotAShop(
        sentence("The address answered %(status)s with %(kind)s", status=answer.status, kind=kind),
        where=answer.where,
    )


def _looks_like_html(answer: Answer) -> bool:
    if "json" in answer.headers.get("content-type", ""):
        return False
    return "html" in answer.headers.get("content-type", "") or answer.text.lstrip().startswith("<")


def _empty(answer: Answer) -> AnswerLost:
    return AnswerLost(sentence("The shop's answer is empty"), where=answer.where)
