"""How long work reports how far it is, without knowing who listens."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self


class Task(Protocol):
    """One piece of work, from ``with`` to its end. Safe to advance from several threads."""

    def advance(self, count: int = 1) -> None: ...

    def expect(self, total: int) -> None:
        """The total became known, or changed."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Progress(Protocol):
    def task(self, label: str, total: int | None = None, unit: str = "") -> Task:
        """``label``: what is done, as in "shop-de: reading products"; ``unit``: what is counted.

        Several tasks may run at once.
        """
        ...


class _Untold:
    def advance(self, count: int = 1) -> None:
        pass

    def expect(self, total: int) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


class NoProgress:
    """Reports to nobody."""

    def task(self, label: str, total: int | None = None, unit: str = "") -> Task:
        return _Untold()
