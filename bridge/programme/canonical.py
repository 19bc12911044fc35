"""The one form in which a programme is stored and compared."""

from __future__ import annotations

import hashlib

from bridge.programme.document import Programme


def canonical_text(programme: Programme) -> str:
    """JSON with every setting spelled out, defaults too: a stored version keeps its meaning
    when a later release has other defaults. Prices are texts, never floats."""
    return programme.model_dump_json(by_alias=True, exclude_none=True)


def parse_canonical(text: str) -> Programme:
    """Reads what :func:`canonical_text` wrote. Raises pydantic.ValidationError."""
    return Programme.model_validate_json(text, by_alias=True, by_name=False)


def digest(text: str) -> str:
    """SHA-256 of a canonical text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()
