"""How a Corner Shop says no."""

from __future__ import annotations


class Refused(Exception):
    def __init__(self, status: int, code: str, error: str) -> None:
        super().__init__(error)
        self.status, self.code, self.error = status, code, error
