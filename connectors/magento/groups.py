"""Customer groups: the bridge keys on the id, tier prices on the code (PLATFORM_FACTS 5)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from connectors.base import Audience, CustomerGroup, GroupDraft
from connectors.errors import AlreadyExists, InUse, Mismatch, NotFound, Rejected, Unsafe
from connectors.magento.client import MagentoClient
from connectors.magento.criteria import Filter, where
from connectors.magento.mapping import ALL_GROUPS_CODE, ALL_GROUPS_ID, group

CODE_LENGTH = 32
"""Magento cuts a longer code without a word (recorded: customer_groups.json #6)."""


def checked_code(name: str) -> str:
    """Raises Rejected for a name that Magento would cut or refuse."""
    code = name.strip()
    if not code:
        raise Rejected("A Magento customer group needs a name", advice="")
    if code.casefold() == ALL_GROUPS_CODE.casefold():
        raise Rejected(f"{code!r} means every group to Magento: its prices would be everyone's")
    if len(code) > CODE_LENGTH:
        raise Rejected(
            f"The group name {code!r} has {len(code)} characters, Magento keeps {CODE_LENGTH}",
            advice="Choose a shorter name for this shop.",
        )
    return code


class Groups:
    """Customer groups of one shop."""

    def __init__(self, client: MagentoClient) -> None:
        self._client = client

    def all(self) -> list[CustomerGroup]:
        rows = self._client.walk_by_page("customerGroups/search")
        return [group(row) for row in rows]

    def get(self, group_id: str) -> CustomerGroup:
        return group(self._row(group_id))

    def audiences(self) -> list[Audience]:
        groups = self.all()
        return [_audience(one) for one in groups] + [
            Audience(ALL_GROUPS_ID, ALL_GROUPS_CODE, tuple(one.id for one in groups))
        ]

    def audience(self, group_id: str) -> Audience:
        return _audience(self.get(group_id))

    def create(self, draft: GroupDraft) -> CustomerGroup:
        code = checked_code(draft.name)
        self._refuse_twin(code)
        base = self.get(draft.base_group_id)
        body = {"group": {"code": code, "tax_class_id": int(base.tax)}}
        made = group(self._client.post("customerGroups", body))
        if made.name != code:
            raise Mismatch(f"The shop named the new group {made.name!r} instead of {code!r}")
        return made

    def rename(self, group_id: str, name: str) -> CustomerGroup:
        code = checked_code(name)
        row = dict(self._row(group_id))
        if row["code"] == code:
            return group(row)
        self._refuse_twin(code, besides=group_id)
        row["code"] = code
        row.pop("tax_class_name", None)
        named = group(self._client.put(f"customerGroups/{group_id}", {"group": row}))
        if named.name != code:
            raise Mismatch(f"The shop named the group {named.name!r} instead of {code!r}")
        return named

    def delete(self, group_id: str, uses: Callable[[CustomerGroup], Iterable[str]]) -> None:
        """``uses`` names what hangs on the group. Magento itself would move its customers to
        the default group and drop its tier prices with it."""
        found = self.get(group_id)
        for use in uses(found):
            raise InUse(f"Customer group {found.name!r} cannot be deleted: {use}")
        self._client.delete(f"customerGroups/{group_id}")

    def _row(self, group_id: str) -> dict[str, Any]:
        if not group_id.isdecimal():
            raise NotFound(f"The shop has no customer group {group_id!r}")
        row: dict[str, Any] = self._client.get(f"customerGroups/{group_id}")
        return row

    def _refuse_twin(self, code: str, besides: str = "") -> None:
        page = self._client.search("customerGroups/search", where(Filter("code", code)))
        for row in page.items:
            if str(row["id"]) != besides and str(row["code"]).casefold() == code.casefold():
                raise AlreadyExists(f"The shop has a customer group {row['code']!r} already")


def _audience(one: CustomerGroup) -> Audience:
    return Audience(id=one.id, name=one.name, group_ids=(one.id,))


class GroupCodes:
    """Codes by id and ids by code, read anew when they are old: a rename breaks them, and a
    code that was given to another group would move prices there."""

    def __init__(
        self,
        read: Callable[[], list[CustomerGroup]],
        *,
        max_age: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._max_age = max_age
        self._clock = clock
        self._lock = threading.Lock()
        self._code: dict[str, str] = {}
        self._id: dict[str, str] = {}
        self._read_at: float | None = None

    def code(self, audience_id: str) -> str:
        """Raises NotFound for a group that is not there, Unsafe for one whose name would make
        its prices everyone's (magento2 ``TierPriceFactory::retrievePriceForAllGroupsValue``)."""
        found = self._lookup("_code", audience_id)
        if found is None:
            raise NotFound(f"The shop has no customer group with id {audience_id}")
        if audience_id != ALL_GROUPS_ID and found.casefold() == ALL_GROUPS_CODE.casefold():
            raise Unsafe(f"The name {found!r} means every group to Magento", advice="Rename it.")
        return found

    def audience_id(self, code: str) -> str:
        """Raises NotFound for a code that is not there."""
        found = self._lookup("_id", code.casefold())
        if found is None:
            raise NotFound(f"The shop names a customer group {code!r} and does not list it")
        return found

    def forget(self) -> None:
        with self._lock:
            self._read_at = None

    def _lookup(self, table: str, name: str) -> str | None:
        with self._lock:
            was_fresh = self._is_fresh()
            if not was_fresh:
                self._load()
            names: dict[str, str] = getattr(self, table)
            if name not in names and was_fresh:
                self._load()
                names = getattr(self, table)
            return names.get(name)

    def _is_fresh(self) -> bool:
        return self._read_at is not None and self._clock() - self._read_at < self._max_age

    def _load(self) -> None:
        groups = self._read()
        self._code = {one.id: one.name for one in groups} | {ALL_GROUPS_ID: ALL_GROUPS_CODE}
        self._id = {code.casefold(): one for one, code in self._code.items()}
        self._read_at = self._clock()
