"""What the module in the shop is told of the bridge, and whose vouchers are whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from connectors.errors import ConnectorError, Forbidden, Rejected
from connectors.magento.client import MagentoClient, listed
from connectors.magento.faults import NoRoute
from connectors.magento.mapping import storable
from connectors.magento.module_seen import SERVICES, InstalledModule, not_there
from connectors.plugins import Owner, PluginSettings

OWNERS_PER_CALL = 500
_VOUCHERS = f"{SERVICES}/vouchers"


class ToldModule:
    """See :class:`connectors.plugins.TellsPlugin` and :class:`connectors.plugins.GuardsCodes`.
    Safe to share between threads."""

    def __init__(self, client: MagentoClient, module: InstalledModule) -> None:
        self._client = client
        self._module = module

    def told(self) -> str:
        try:
            row = self._module.row()
        except Forbidden:
            return ""
        return "" if row is None else str(row.get("told") or "")

    def tell(self, settings: PluginSettings) -> None:
        """The module takes what it has a use for; an empty secret leaves the stored one."""
        self._module.must_be_there()
        body = {
            "events_url": settings.events_url,
            "events_secret": settings.events_secret,
            "member_url": settings.member_url,
            "link_secret": settings.link_secret,
            "points_label": storable(settings.points_label),
            "told": settings.told,
        }
        self._client.put(f"{SERVICES}/settings", {"settings": body}, repeatable=True)

    def knock(self, nonce: str) -> bool:
        self._post(f"{SERVICES}/hello", {"nonce": nonce})
        return True

    def forget(self) -> None:
        """Takes away settings, gift rules, owners, balances and events that wait."""
        with suppress(NoRoute):
            self._client.delete(f"{SERVICES}/settings")

    # -- whose codes ------------------------------------------------------------------------

    def own(self, owners: Mapping[str, Owner]) -> dict[str, ConnectorError]:
        _check_count(len(owners))
        refused: dict[str, ConnectorError] = {}
        rows: list[Mapping[str, Any]] = []
        for code, owner in owners.items():
            if all(one.isdecimal() for one in owner.customer_ids):
                rows.append(_row(code, owner))
            else:
                named = ", ".join(owner.customer_ids)
                refused[code] = Rejected(f"Magento's customers have numbers, not {named}")
        for told in self._client.in_pieces(rows, OWNERS_PER_CALL, self._send):
            refused |= _refused(told, owners)
        return refused

    def _send(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        answer = self._post(_VOUCHERS, {"vouchers": rows})
        return listed(answer, f"POST /rest/all/V1/{_VOUCHERS}")

    def disown(self, codes: Sequence[str]) -> None:
        wanted = list(dict.fromkeys(codes))
        with suppress(NoRoute):  # nothing is known there any more
            for start in range(0, len(wanted), OWNERS_PER_CALL):
                some = wanted[start : start + OWNERS_PER_CALL]
                body = {"codes": some}
                self._client.post(f"{_VOUCHERS}/forget", body, repeatable=True)

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        try:
            return self._client.post(path, body, repeatable=True)
        except NoRoute:
            raise not_there() from None


def _row(code: str, owner: Owner) -> Mapping[str, Any]:
    ids = sorted({int(one) for one in owner.customer_ids})
    return {"code": code, "customer_ids": ids, "email": owner.email.casefold()}


def _refused(told: Sequence[Any], owners: Mapping[str, Owner]) -> dict[str, ConnectorError]:
    """By code as it was asked for: the module tells them in capital letters."""
    asked = {code.upper(): code for code in owners}
    found: dict[str, ConnectorError] = {}
    for row in told:
        code = str(row.get("code") or "")
        found[asked.get(code.upper(), code)] = Rejected(str(row.get("message") or "Refused"))
    return found


def _check_count(count: int) -> None:
    if count > OWNERS_PER_CALL:
        raise ValueError(f"At most {OWNERS_PER_CALL} codes at once, not {count}")
