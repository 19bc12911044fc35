"""Whatever is logged, a line of the log is a line of ours."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from bridge.logging import configure


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure("info", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_what_a_shop_says_begins_no_line(written: io.StringIO) -> None:
    structlog.get_logger("a test").error(
        "work failed", reason="no\r\n2026-01-01 level=info event='all is well'\x1b[2J\u2028"
    )
    (line,) = written.getvalue().splitlines()
    assert r"reason=no\r\n2026-01-01 level" in line
    assert r"\x1b[2J\u2028" in line


def test_a_trace_keeps_its_lines(written: io.StringIO) -> None:
    log = structlog.get_logger("a test")
    try:
        raise ValueError("told")
    except ValueError as error:
        log.error("a connector failed", exc_info=error)
    assert "Traceback (most recent call last):\n" in written.getvalue()


def test_an_address_with_its_query_is_in_no_log(written: io.StringIO) -> None:
    """It may hold a token of whom it belongs to."""
    configure("debug", written)
    logging.getLogger("urllib3.connectionpool").debug("POST /hook?token=of-its-own")
    assert "of-its-own" not in written.getvalue()
