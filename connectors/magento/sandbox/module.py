"""The bridge's module in this shop: what it was told, and what it keeps.

Installed it is a matter of the shop's server (:mod:`.module_desk`), switched on one of its admin.
Tables go with the module when it is taken out; settings are configuration, and stay (PLUGIN_FACTS
Magento, "Packaging").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.magento.sandbox.module_events import Outbox
from connectors.magento.sandbox.module_vouchers import Vouchers

Row = dict[str, Any]
API = 1
VERSION = "1.0.0"
SECRETS = ("events_secret", "link_secret")
"""Never shown; an empty one leaves what is stored."""
SETTINGS = ("events_url", "member_url", "points_label", "told", *SECRETS)


@dataclass(slots=True)
class Module:
    outbox: Outbox
    is_installed: bool = False
    is_on: bool = True
    """The admin's own switch, ``loyalty_bridge/general/enabled``."""
    version: str = VERSION
    api: int = API
    settings: dict[str, str] = field(default_factory=dict)
    balances: dict[int, Row] = field(default_factory=dict)
    """By customer."""
    gifts: dict[str, Row] = field(default_factory=dict)
    """By key: ``website_id`` and ``rule``, the text as it came."""
    vouchers: Vouchers = field(default_factory=Vouchers)

    @property
    def works(self) -> bool:
        return self.is_installed and self.is_on

    @property
    def tells(self) -> bool:
        """Whether it knows where to send its events, and what to sign them with."""
        return self.works and bool(self.setting("events_url") and self.setting("events_secret"))

    def setting(self, name: str) -> str:
        return self.settings.get(name, "")

    def rules(self, website_id: int) -> dict[str, str]:
        """Their texts by key, in the order of their keys."""
        rows = sorted(self.gifts.items())
        return {key: row["rule"] for key, row in rows if row["website_id"] == website_id}

    def drop_tables(self) -> None:
        """The configuration stays, but for the name of what was told."""
        self.settings.pop("told", None)
        self.balances.clear()
        self.gifts.clear()
        self.vouchers.clear()
        self.outbox.clear()

    def forget(self) -> None:
        """Everything the bridge told it."""
        self.settings.clear()
        self.drop_tables()

    def hears(self, event: str, entity: str) -> Callable[[int], None]:
        """For who saves such entities: notes each, as the observer does in the same
        transaction."""

        def note(entity_id: int) -> None:
            if self.tells:
                self.outbox.note(event, entity, [str(entity_id)])

        return note

    def as_json(self) -> Row | None:
        """For who compares two states of the shop; without secrets and waiting events."""
        if not self.is_installed:
            return None
        return {
            "version": self.version,
            "api": self.api,
            "is_on": self.is_on,
            "settings": {n: v for n, v in sorted(self.settings.items()) if n not in SECRETS},
            "balances": [row for _, row in sorted(self.balances.items())],
            "gifts": [{"key": key, **row} for key, row in sorted(self.gifts.items())],
            "vouchers": self.vouchers.as_json(),
        }
