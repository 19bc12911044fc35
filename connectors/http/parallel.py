"""Independent calls side by side, in a bounded number of threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_parallel(work: Callable[[T], R], items: Iterable[T], workers: int) -> Iterator[R]:
    """Yields ``work(item)`` for each item, in order. The first error stops what has not begun
    and is raised; the client's own slots bound what reaches the shop."""
    todo = list(items)
    if len(todo) < 2 or workers < 2:
        yield from map(work, todo)
        return
    pool = ThreadPoolExecutor(max_workers=min(workers, len(todo)))
    try:
        yield from pool.map(work, todo)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
