"""Two price lists that want the same row: one value is enough, two are nobody's decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from bridge.programme.issues import Issue, Place, listed
from bridge.programme.resolved import HeldLadder, Origin, Resolved, WantedLadder
from connectors.base import Severity

_RowKey = tuple[str, str]
_Clash = tuple[Origin, Origin]


def settle(
    ladders: Sequence[WantedLadder], held: Sequence[HeldLadder], problems: Iterable[Issue]
) -> Resolved:
    """Keeps one of equal ladders and holds those that differ, with a message for each pair.

    A ladder for a whole installation and one for a store of it are about the same row: shops
    do not agree on which of two such rows wins.
    """
    contested = _contested(ladders, held)
    if not contested:
        return Resolved(tuple(ladders), tuple(held), tuple(problems))
    work = _Settlement(held, contested)
    kept = [ladder for ladder in ladders if _key(ladder) not in contested]
    for key, rivals in _rivals(ladders, contested).items():
        kept += work.settle(key, rivals)
    return Resolved(tuple(kept), tuple(work.held), (*problems, *work.problems()))


def _key(ladder: WantedLadder | HeldLadder) -> _RowKey:
    return ladder.sku, ladder.group_key


def _contested(ladders: Sequence[WantedLadder], held: Sequence[HeldLadder]) -> set[_RowKey]:
    """Product and group pairs that more than one price list speaks of."""
    lists: dict[_RowKey, str] = {}
    found: set[_RowKey] = set()
    entries: chain[WantedLadder | HeldLadder] = chain(ladders, held)
    for entry in entries:
        if lists.setdefault(_key(entry), entry.list_key) != entry.list_key:
            found.add(_key(entry))
    return found


def _rivals(
    ladders: Sequence[WantedLadder], contested: set[_RowKey]
) -> dict[_RowKey, list[WantedLadder]]:
    rivals: dict[_RowKey, list[WantedLadder]] = {}
    for ladder in ladders:
        if _key(ladder) in contested:
            rivals.setdefault(_key(ladder), []).append(ladder)
    return rivals


class _Settlement:
    def __init__(self, held: Sequence[HeldLadder], contested: set[_RowKey]) -> None:
        self.held = list(held)
        self._held_by_key: dict[_RowKey, list[HeldLadder]] = {}
        for entry in held:
            if _key(entry) in contested:
                self._held_by_key.setdefault(_key(entry), []).append(entry)
        self._clashes: dict[_Clash, tuple[dict[str, None], dict[str, None]]] = {}

    def settle(self, key: _RowKey, rivals: list[WantedLadder]) -> list[WantedLadder]:
        held = self._held_by_key.get(key, [])
        # Widest first, so that of equal ladders the one for the whole installation stays.
        rivals.sort(key=lambda ladder: ladder.store_code is not None)
        losers: set[int] = set()
        repeated: set[int] = set()
        for position, ladder in enumerate(rivals):
            if any(_overlap(ladder, other) for other in held):
                losers.add(position)
            for before in range(position):
                self._compare(rivals, before, position, losers, repeated)
        for position in sorted(losers):
            ladder = rivals[position]
            self.held.append(HeldLadder(*key, ladder.store_code, ladder.list_key, ladder.origin))
        gone = losers | repeated
        return [ladder for position, ladder in enumerate(rivals) if position not in gone]

    def _compare(
        self,
        rivals: Sequence[WantedLadder],
        before: int,
        position: int,
        losers: set[int],
        repeated: set[int],
    ) -> None:
        first, second = rivals[before], rivals[position]
        if first.list_key == second.list_key or first.currency != second.currency:
            return
        if not _overlap(first, second):
            return
        if first.steps == second.steps and first.basis == second.basis:
            repeated.add(position)
            return
        losers.update((before, position))
        clash = (first.origin, second.origin)
        skus, groups = self._clashes.setdefault(clash, ({}, {}))
        skus[first.sku] = None
        groups[first.group_key] = None

    def problems(self) -> list[Issue]:
        return [
            _problem(first, second, list(skus), list(groups))
            for (first, second), (skus, groups) in self._clashes.items()
        ]


def _overlap(one: WantedLadder, other: WantedLadder | HeldLadder) -> bool:
    if one.store_code is None or other.store_code is None:
        return True
    return one.store_code == other.store_code


def _problem(first: Origin, second: Origin, skus: list[str], groups: list[str]) -> Issue:
    place = second.place or Place("")
    message = (
        f"wants other prices than {first} for {listed(skus)} (group {listed(groups)}): "
        "keep one of the two; until then the shops keep what they have"
    )
    return Issue(Severity.ERROR, place.file, place.line, second.field, message)
