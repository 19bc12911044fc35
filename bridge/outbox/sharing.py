"""How the rows of a stage are shared out among threads. Pure."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST_BATCH = 20
"""Rows below which a batch is not split further: a call has its own cost."""


@dataclass(frozen=True, slots=True)
class Share:
    threads: int
    rows: int
    """Of one batch, at most."""
    keys: int
    """Distinct batch keys (products) of one batch, at most."""


def share_out(rows: int, keys: int, threads: int, most: tuple[int, int]) -> Share:
    """Batches as large as ``most`` = (rows, keys) allows, but as many for each thread, so that
    all of them end together. ``keys`` are the distinct batch keys among the ``rows``.

    Examples: ``tests/bridge/outbox/test_sharing.py``.
    """
    most_rows, most_keys = most
    batches = max(_up(rows, most_rows), _up(keys, most_keys), 1)
    batches = _up(batches, threads) * threads
    batches = max(1, min(batches, rows // SMALLEST_BATCH))
    return Share(min(threads, batches), most_rows, max(1, min(most_keys, _up(keys, batches))))


def _up(whole: int, part: int) -> int:
    return -(-whole // part)
