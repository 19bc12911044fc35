"""Headers that anybody could send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.http.answers import Answer, clock_offset, retry_after, transport_error

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
HUGE = "9" * 30


def answer(**headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(503, told, None, "", "", 0.0, is_json=False)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7.0),
        (HUGE, float(HUGE)),
        ("Fri, 01 May 2026 12:00:30 GMT", 30.0),
        ("Fri, 01 May 2026 11:00:00 GMT", 0.0),
        (f"Fri, 01 May {HUGE} 12:00:00 GMT", None),
        (f"Fri, 01 May 2026 {HUGE}:00:00 GMT", None),
        (f"Fri, 01 May 2026 12:00:00 +{HUGE}", None),
        ("-7", None),
        ("nan", None),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_to_wait(told: str, seconds: float | None) -> None:
    assert retry_after(answer(retry_after=told), NOW) == seconds


def test_a_clock_that_tells_nonsense_tells_nothing() -> None:
    assert clock_offset(answer(date="Fri, 01 May 2026 12:02:00 GMT"), NOW) == timedelta(minutes=2)
    assert clock_offset(answer(date=f"Fri, 01 May {HUGE} 12:00:00 GMT"), NOW) is None


@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("https://shop.example:8443/x?token=1", "sends calls on to https://shop.example:8443/x"),
        ("//shop.example", "sends calls on to shop.example"),
        ("/elsewhere", "with a redirect"),
        ("", "with a redirect"),
        ("http://[nowhere", "with a redirect"),
        ("http://shop.example:99999/", "with a redirect"),
    ],
)
def test_where_a_shop_sends_calls_on_to(location: str, says: str) -> None:
    moved = Answer(302, {"location": location}, None, "", "", 0.0, is_json=False)
    error = transport_error(moved, reading=True, empty_ok=False)
    assert error is not None
    assert says in str(error)
    assert "token" not in str(error)
