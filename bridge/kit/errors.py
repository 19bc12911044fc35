"""What a person asked for cannot be done, and what that person can do about it."""

from __future__ import annotations


class BridgeError(Exception):
    """An expected error. ``str`` is one line for the one who can act, and holds no secret."""
