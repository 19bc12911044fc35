"""Logs, to standard error, with secrets masked whoever wrote the line."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from bridge.kit.errors import BridgeError

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}

MASK = "***"
_PUBLIC_FIELDS = frozenset({"username", "user", "email"})
_SHORTEST = 4
_CONTROLS = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_known_secrets: set[str] = set()


def hide(credentials: Mapping[str, str]) -> None:
    """These values are masked from now on, wherever they turn up in a log or in an output.

    Names people sign in with stay visible: masking every "admin" would only make text unreadable.
    """
    _known_secrets.update(
        value
        for name, value in credentials.items()
        if name not in _PUBLIC_FIELDS and len(value) >= _SHORTEST
    )


def without_credentials(text: str) -> str:
    """The text with the known values masked, and nothing else."""
    for secret in sorted(_known_secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def redacted(text: str) -> str:
    """The text with the known values masked, and whatever looks like a secret."""
    return str(_redact(text))


def configure(level: str, stream: TextIO | None = None) -> None:
    """Sends all logs of the process, of the bridge and of its libraries, to ``stream``.

    Raises BridgeError for an unknown level.
    """
    if level.lower() not in LEVELS:
        raise BridgeError(f"Unknown log level {level!r}. There are: {', '.join(LEVELS)}.")
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Handler(stream if stream is not None else sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _mask,
                _on_one_line,
                structlog.processors.KeyValueRenderer(
                    key_order=["timestamp", "level", "event"], repr_native_str=False
                ),
            ],
        )
    )
    root = logging.getLogger()
    for former in [found for found in root.handlers if isinstance(found, _Handler)]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(LEVELS[level.lower()])
    if LEVELS[level.lower()] > logging.DEBUG:  # at info it tells of each look at the database
        logging.getLogger("alembic").setLevel(logging.WARNING)
    else:
        logging.getLogger("alembic").setLevel(logging.NOTSET)
    # At debug it tells each address with its query, where subscribers may have a token.
    logging.getLogger("urllib3").setLevel(logging.INFO)


class _Handler(logging.StreamHandler[TextIO]):
    """Ours: configured anew, it is replaced, and handlers of others stay."""


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _redact(value) for key, value in event.items()} if event else event


def _on_one_line(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """What a shop says must not look like a line of ours. Only a trace of our own has several."""
    return {
        key: value.translate(_CONTROLS) if isinstance(value, str) and key != "exception" else value
        for key, value in event.items()
    }


def _redact(value: Any) -> Any:
    # Imported when a line is really written: the HTTP stack makes the first import slow.
    from connectors.http import redact

    return redact(value, _known_secrets)
