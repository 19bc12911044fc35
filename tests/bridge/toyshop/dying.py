"""A process that is killed at one exact place: around a call to a shop, or around a commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlmodel import Session

from bridge.db import Database


class Killed(BaseException):
    """The process ends here: nothing of it runs any more."""


class Boundaries:
    """Kills at the n-th point where something could be half done; never, where that is below 1.
    ``look`` is called at each."""

    def __init__(self, left: int, look: Callable[[], object] = lambda: None) -> None:
        self.left = left
        self._look = look

    def pass_one(self) -> None:
        self._look()
        self.left -= 1
        if self.left == 0:
            raise Killed


class MortalDatabase:
    def __init__(self, database: Database, boundaries: Boundaries) -> None:
        self._database = database
        self._boundaries = boundaries

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._database.writing() as session:
            yield session
            self._boundaries.pass_one()
        self._boundaries.pass_one()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)
