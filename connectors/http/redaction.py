"""Keeps secrets out of logs and errors.

Two nets: names (a field called ``password``, an ``Authorization`` header) and the known
values of the installation's own credentials, wherever they turn up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

MASK = "***"

_NAME = re.compile(
    r"authorization|password|passwd|secret|token|api[-_]?key|consumer_key|access_key"
    r"|signature|cookie|credential",
    re.IGNORECASE,
)
_FIELD = (
    r"(?:[\w-]*(?:password|passwd|secret|token|api[-_]?key|signature)[\w-]*"
    r"|oauth_consumer_key|consumer_key|access_key)"
)
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {MASK}"),
    (re.compile(r"(?i)\boauth\s+\w+=\"[^\r\n]*"), f"OAuth {MASK}"),
    (
        re.compile(rf'(?i)(["\']?\b{_FIELD}["\']?\s*[:=]\s*)"(?:[^"\\]|\\.)*"'),
        rf'\1"{MASK}"',
    ),
    (re.compile(rf"(?i)(['\"]?\b{_FIELD}['\"]?\s*[:=]\s*)'[^']*'"), rf"\1'{MASK}'"),
    (re.compile(rf"(?i)\b({_FIELD}=)[^\s&;,\"']+"), rf"\1{MASK}"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@"), rf"\1{MASK}@"),
)
_SHORTEST_SECRET = 4


class Redactor:
    """Masks secrets in text and in structures. ``secrets`` are values to mask anywhere."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        self._known = sorted(known, key=len, reverse=True)

    def __repr__(self) -> str:
        return f"Redactor({len(self._known)} known)"

    def text(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, MASK)
        for pattern, mask in _PATTERNS:
            text = pattern.sub(mask, text)
        return text

    def value(self, value: Any) -> Any:
        """A copy with the secrets masked; a field is masked whole when its name says so."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {
                key: MASK if _NAME.search(str(key)) else self.value(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(item) for item in value]
        return value


def redact(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Masks Authorization headers, tokens, secrets and passwords in text or structures."""
    return Redactor(secrets).value(value)
