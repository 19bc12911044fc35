"""The bridge's own cart price rules: found by the mark that is their description.

Nothing is remembered between calls: a rule whose description was changed by hand is no longer
ours, from the next look on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connectors.magento.client import MagentoClient
from connectors.magento.criteria import Filter
from connectors.magento.paging import Row

RULES = "salesRules/search"
KEYS_PER_CALL = 40
"""Marks in one address: web servers refuse one above 8 KB."""
IDS_PER_CALL = 200
OWNER_FIELDS = "rule_id,description"


class OwnRules:
    """``mark``: workspace and installation (:attr:`connectors.base.Connection.mark`)."""

    def __init__(self, client: MagentoClient, mark: str) -> None:
        self._client = client
        self._prefix = f"{mark}:"

    def description(self, key: str) -> str:
        """Raises ValueError for a key that a search could not ask for."""
        if not key or "," in key or key != key.strip():
            raise ValueError(f"{key!r} cannot be the key of a promotion")
        return self._prefix + key

    def key_of(self, row: Row) -> str:
        """Empty: the rule is not ours."""
        description = str(row.get("description") or "")
        if not description.startswith(self._prefix):
            return ""
        return description.removeprefix(self._prefix)

    def all(self, fields: str = "") -> Iterator[tuple[str, Row]]:
        """Lowest id first. ``_`` and ``%`` of a mark match anything: what came along is left
        out."""
        ours = Filter("description", f"{self._prefix}%", "like")
        for row in self._walk(ours, fields):
            if key := self.key_of(row):
                yield key, row

    def by_key(self, keys: Sequence[str], fields: str = "") -> dict[str, list[Row]]:
        """The rules under each of these keys, lowest id first; more than one only where a lost
        answer or a restored backup left a twin."""
        found: dict[str, list[Row]] = {}
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), KEYS_PER_CALL):
            marks = [self.description(key) for key in wanted[start : start + KEYS_PER_CALL]]
            for row in self._walk(Filter("description", ",".join(marks), "in"), fields):
                # MySQL does not mind case and trailing spaces, marks do.
                if str(row.get("description") or "") in marks:
                    found.setdefault(self.key_of(row), []).append(row)
        return found

    def by_id(self, rule_ids: Iterable[int], fields: str) -> dict[int, Row]:
        """Rules of these ids, whoever made them. ``fields`` must name :data:`OWNER_FIELDS`."""
        wanted = sorted(set(rule_ids))
        found: dict[int, Row] = {}
        for start in range(0, len(wanted), IDS_PER_CALL):
            some = ",".join(map(str, wanted[start : start + IDS_PER_CALL]))
            found.update(
                (int(row["rule_id"]), row)
                for row in self._walk(Filter("rule_id", some, "in"), fields)
            )
        return found

    def _walk(self, among: Filter, fields: str) -> Iterator[Row]:
        shown: dict[str, Any] = {"fields": f"items[{fields}],total_count"} if fields else {}
        return self._client.walk_by_id(RULES, among, key="rule_id", **shown)
