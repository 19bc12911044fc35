"""Whose codes are whose, for the app's script (``app/Resources/scripts/cart/codes.twig``).

A customer has a field of its own for each code that is his: the shop merges fields by name
(recorded: customers.json #11, #16, #17), so two who write at once take nothing from each other. A
field that no set declares takes any value, and no shopper can write it (shopware
``JsonFieldSerializer::validateMapping``, ``StoreApiCustomFieldMapper``). Promotions that are
guarded, and codes that are anybody's, have a value each in the app's configuration, for the same
reason.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors.errors import ConnectorError, Forbidden, NotFound, Rejected
from connectors.plugins import NOBODY_ELSE, Former, Owner
from connectors.shopware import ids
from connectors.shopware.app_configuration import GUARDED, OPEN_CODE
from connectors.shopware.batches import send_all
from connectors.shopware.client import ShopwareClient, operation
from connectors.shopware.installed_app import InstalledApp
from connectors.shopware.paging import Criteria, Row

OWNERS_PER_CALL = 100
FIELD = "loyalty_bridge_code_"
_CODE = re.compile(r"[0-9a-z_]{4,64}")
_CUSTOMER_ID = re.compile(r"[0-9a-f]{32}")
_CUSTOMER: Criteria = {"includes": {"customer": ["id"]}}
_MOST_TIMES = 5
_HIS = 1
"""Anything but nothing."""


def name_of(code: str) -> str:
    """As the script writes it: the shop takes codes without regard to case. Raises Rejected."""
    name = code.strip().lower().replace("-", "_")
    if not _CODE.fullmatch(name):
        raise Rejected(f"{code} cannot be guarded: letters, digits and dashes alone, 4 to 64")
    return name


class ShopwareCodeOwners:
    """See :class:`connectors.plugins.GuardsCodes`. Safe to share between threads."""

    def __init__(self, client: ShopwareClient, app: InstalledApp, mark: str) -> None:
        self._client = client
        self._app = app
        self._mark = mark
        self._lock = threading.Lock()
        """Around the configuration: a value that two write at once is there twice, and taken away
        once (shopware ``SystemConfigService``: no channel is no hindrance to its unique key)."""

    def has_to_know(self) -> bool:
        """Also of an app that is switched off, or was removed and left what it was told: it guards
        by that as soon as it is there again. Raises Forbidden where neither may be looked at."""
        return self._app.knows_owners or any(
            name.startswith(GUARDED) for name in self._app.configuration_of_all()
        )

    def own(
        self, owners: Mapping[str, Owner], former: Former = NOBODY_ELSE
    ) -> dict[str, ConnectorError]:
        """Who may use a code may do so at every moment: he is told first, and who may not any more
        last. A code whose owner has no account here is anybody's."""
        if len(owners) > OWNERS_PER_CALL:
            raise ValueError(f"At most {OWNERS_PER_CALL} codes at once, not {len(owners)}")
        names, refused = _named(owners)
        his = {code: _accounts(owners[code]) for code in names}
        failed = self._write(his, names, _HIS)
        anybodys: list[str] = []
        for code, accounts in his.items():
            errors = [failed[one] for one in accounts if one in failed]
            if failing := [one for one in errors if not isinstance(one, NotFound)]:
                refused[code] = failing[0]
            elif len(errors) == len(accounts):
                anybodys.append(code)
        told = [code for code in names if code not in refused]
        self._open([names[code] for code in told if code in anybodys], [names[c] for c in told])
        self._no_more(
            {code: set(former.get(code, ())) - set(his[code]) for code in told},
            names,
        )
        return refused

    def disown(self, codes: Sequence[str], former: Former = NOBODY_ELSE) -> None:
        names, _ = _named(codes)
        self._no_more({code: set(former.get(code, ())) for code in names}, names)
        self._open([], list(names.values()))

    def guard_promotions(self, keys: Collection[str]) -> None:
        """Nothing where the configuration may not be written: then no code is guarded."""
        wanted = {f"{GUARDED}{ids.promotion_id(self._mark, key)}" for key in keys}
        with self._lock, suppress(Forbidden):
            missing = sorted(wanted - set(self._guarding())) if wanted else []
            self._app.configure_all(dict.fromkeys(missing, True))

    def release(self) -> None:
        """Promotions first, else codes that are anybody's would be nobody's. Raises Forbidden where
        the configuration may not be looked at."""
        with self._lock:
            for start in (GUARDED, OPEN_CODE):
                for _ in range(_MOST_TIMES):
                    held = self._app.configuration_of_all()
                    left = [name for name in held if name.startswith(start)]
                    if not left:
                        break
                    self._app.configure_all(dict.fromkeys(left))

    # -- the configuration --------------------------------------------------------------------

    def _guarding(self) -> Iterable[str]:
        return [name for name in self._held() if name.startswith(GUARDED)]

    def _held(self) -> Mapping[str, Any]:
        try:
            return self._app.configuration_of_all()
        except Forbidden:
            return {}

    def _open(self, opened: Collection[str], told: Sequence[str]) -> None:
        """Those that are anybody's of those that were told."""
        with self._lock:
            there = self._held()
            values: dict[str, Any] = {}
            for name in told:
                key = f"{OPEN_CODE}{name}"
                if (name in opened) is not (key in there):
                    values[key] = True if name in opened else None
            try:
                self._app.configure_all(values)
            except Forbidden:
                if any(name.startswith(GUARDED) for name in there):
                    raise

    # -- customers ----------------------------------------------------------------------------

    def _no_more(self, not_his: Mapping[str, Collection[str]], names: Mapping[str, str]) -> None:
        """A field that is emptied stays behind as an empty one."""
        failed = self._write(
            {
                code: [one for one in many if _CUSTOMER_ID.fullmatch(one)]
                for code, many in not_his.items()
            },
            names,
            None,
        )
        for error in failed.values():
            if not isinstance(error, NotFound):
                raise error

    def _write(
        self, customers: Mapping[str, Collection[str]], names: Mapping[str, str], value: int | None
    ) -> dict[str, ConnectorError]:
        """Those refused, by customer; NotFound for who is gone."""
        fields: dict[str, dict[str, Any]] = {}
        for code, accounts in customers.items():
            for account in accounts:
                fields.setdefault(account, {})[f"{FIELD}{names[code]}"] = value
        rows: list[Row] = [{"id": one, "customFields": fields[one]} for one in sorted(fields)]
        return self._explained(
            {
                str(row["id"]): error
                for row, error in send_all(
                    rows, self._upsert, OWNERS_PER_CALL, lambda row, _: str(row["id"])
                )
            }
        )

    def _upsert(self, rows: Sequence[Row]) -> None:
        self._client.sync({"customers": operation("customer", "upsert", rows)})

    def _explained(self, refused: dict[str, ConnectorError]) -> dict[str, ConnectorError]:
        """An upsert of a customer who is gone is an attempt to make one (recorded: customers.json
        #19)."""
        if not refused:
            return refused
        criteria = {**_CUSTOMER, "ids": sorted(refused), "limit": len(refused)}
        there = {str(row["id"]) for row in self._client.search("customer", criteria).rows}
        return {
            one: error if one in there else NotFound(f"There is no customer with the id {one}")
            for one, error in refused.items()
        }


def _accounts(owner: Owner) -> list[str]:
    """Whom the bridge knows here; it names one that no shop has for who is known nowhere."""
    return [one for one in owner.customer_ids if _CUSTOMER_ID.fullmatch(one)]


def _named(codes: Iterable[str]) -> tuple[dict[str, str], dict[str, ConnectorError]]:
    names: dict[str, str] = {}
    refused: dict[str, ConnectorError] = {}
    for code in codes:
        try:
            names[code] = name_of(code)
        except Rejected as error:
            refused[code] = error
    return names, refused
