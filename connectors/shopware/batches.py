"""A batch the shop takes whole or not at all: find the bad rows, write all others.

``_action/sync`` runs in one transaction (PLATFORM_FACTS Shopware 11). Where the shop names the
rows to blame they are taken out at once; where it names what they refer to, they are told apart
by that; else the batch is halved down to single rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from connectors.errors import ConnectorError, Rejected, ShopFault
from connectors.shopware.failures import InvalidRows, MissingReference

T = TypeVar("T")
Refused = list[tuple[T, ConnectorError]]
Parts = list[Sequence[T]]

_FAULTS_BORNE = 24
"""Unexplained failures after which the shop, not a row, is taken to be broken. Finding one bad
row among 500 takes 10."""


def send_all(
    rows: Sequence[T],
    send: Callable[[Sequence[T]], None],
    size: int,
    refers_to: Callable[[T, str], str],
) -> Refused[T]:
    """Sends every row in batches of at most ``size``; returns those the shop refused, with its
    reason. Any other error is raised: what was sent before it stays.

    ``refers_to(row, field)`` is the id that a row holds in a field such as ``ruleId``, or
    anything that tells rows apart when it is not known.
    """
    bad: Refused[T] = []
    faults = 0
    todo = [rows[start : start + size] for start in range(0, len(rows), size)]
    todo.reverse()
    while todo:
        batch = todo.pop()
        try:
            send(batch)
        except (Rejected, ShopFault) as refusal:
            faults += isinstance(refusal, ShopFault)
            if faults > _FAULTS_BORNE:
                raise
            refused, parts = _told_apart(batch, refusal, refers_to)
            bad += refused
            todo += [part for part in reversed(parts) if part]
    return bad


def _told_apart(
    batch: Sequence[T], refusal: Rejected | ShopFault, refers_to: Callable[[T, str], str]
) -> tuple[Refused[T], Parts[T]]:
    """The rows known to be bad, and what to send again in which parts."""
    if isinstance(refusal, InvalidRows):
        named = {index: why for index, why in refusal.reasons.items() if index < len(batch)}
        if named:
            left = [row for index, row in enumerate(batch) if index not in named]
            where = refusal.where
            return [(batch[i], Rejected(named[i], where=where)) for i in sorted(named)], [left]
    if isinstance(refusal, MissingReference):
        return _by_reference(batch, refusal, refers_to)
    if len(batch) == 1:
        return [(batch[0], refusal)], []
    middle = len(batch) // 2
    return [], [batch[:middle], batch[middle:]]


def _by_reference(
    batch: Sequence[T], refusal: MissingReference, refers_to: Callable[[T, str], str]
) -> tuple[Refused[T], Parts[T]]:
    referred = list(dict.fromkeys(refers_to(row, refusal.field) for row in batch))
    if len(referred) == 1:
        return [(row, refusal.naming(referred[0])) for row in batch], []
    first = set(referred[: len(referred) // 2])
    return [], [
        [row for row in batch if refers_to(row, refusal.field) in first],
        [row for row in batch if refers_to(row, refusal.field) not in first],
    ]
