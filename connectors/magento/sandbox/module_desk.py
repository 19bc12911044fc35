"""A merchant with the bridge's module: on his server he installs, upgrades and removes it, in the
admin he switches it off. It is not there at first.

Over HTTP: ``POST /_sandbox/module`` with ``{"do": "install"}``, ``"switch off"``, ``"switch on"``
or ``"remove"``; with ``install`` goes ``"version"`` and ``"api"``, for another one than today's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.magento.sandbox.module import API, VERSION

if TYPE_CHECKING:
    from connectors.magento.sandbox.shop import Shop


class ModuleDesk:
    """Also a :class:`connectors.conformance.PluginDesk`."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def install(self, *, version: str = VERSION, api: int = API) -> None:
        """Switched on. One that is there is upgraded, and keeps what it has."""
        with self._shop.lock:
            module = self._shop.module
            module.is_installed, module.is_on = True, True
            module.version, module.api = version, api

    def switch(self, *, on: bool) -> None:
        with self._shop.lock:
            self._shop.module.is_on = on
            self._shop.module.outbox.nudge()

    def uninstall(self) -> None:
        """``module:disable`` and ``setup:upgrade``: its tables go, and its columns of the shop's
        own; settings stay, and gifts in carts, at their price and with their option."""
        shop = self._shop
        with shop.lock:
            shop.module.is_installed = False
            shop.module.drop_tables()
            for cart in shop.carts.rows.values():
                cart.declined.clear()
                cart.referral = ""
            for order in shop.orders.entries.rows.values():
                order.referral = ""
                for row in order.rows:
                    row.gift = ""

    def told(self, body: dict[str, Any]) -> dict[str, Any]:
        """For who has only HTTP. Raises ValueError."""
        deeds = {
            "install": lambda: self.install(**_which(body)),
            "switch on": lambda: self.switch(on=True),
            "switch off": lambda: self.switch(on=False),
            "remove": self.uninstall,
        }
        deed = deeds.get(str(body.get("do")))
        if deed is None:
            raise ValueError(f'"do" is one of {", ".join(deeds)}')
        deed()
        module = self._shop.module
        return {
            "installed": module.is_installed,
            "version": module.version,
            "api": module.api,
            "active": module.works,
        }


def _which(body: dict[str, Any]) -> dict[str, Any]:
    version, api = body.get("version", VERSION), body.get("api", API)
    if not isinstance(version, str) or not isinstance(api, int):
        raise ValueError('"version" is a text, "api" a number')
    return {"version": version, "api": api}
