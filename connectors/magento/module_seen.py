"""The bridge's module in the shop (``LoyaltyBridge_Loyalty``), as it is at this moment.

Its services stand below ``V1/loyalty-bridge``. A shop without it answers 404 and "Request does not
match any route"; one whose integration lacks the module's resource, 401 and the resource's name
(recorded: auth.json #2 and #3 for resources of Magento's own).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.base import Finding, Severity
from connectors.errors import AnswerLost, ConnectorError, Forbidden, NotFound
from connectors.magento.client import MagentoClient
from connectors.magento.faults import NoRoute
from connectors.plugins import Plugin
from connectors.sentences import sentence

SERVICES = "loyalty-bridge"
RESOURCE = "LoyaltyBridge_Loyalty::bridge"
API = 1
"""Of the services, as this connector speaks them."""
TOPIC = "module"
WAITS_TOO_LONG = 15 * 60
"""Seconds after which an event that was not sent shows that something is broken: cron sends every
minute, and its retries begin with half a minute."""

Row = Mapping[str, Any]


class InstalledModule:
    """Asks each time: a module comes and goes. Safe to share between threads. Every method but
    :meth:`findings` raises ConnectorError when the shop cannot be asked."""

    def __init__(self, client: MagentoClient) -> None:
        self._client = client

    def row(self) -> Row | None:
        """What it says of itself; ``None``: it is not there. Raises Forbidden where these
        credentials may not use it."""
        try:
            body = self._client.get(f"{SERVICES}/module")
        except NoRoute:
            return None
        if not isinstance(body, dict):
            raise AnswerLost(
                sentence("The shop's answer is no record"),
                where=f"GET /rest/all/V1/{SERVICES}/module",
            )
        return body

    def seen(self) -> Plugin | None:
        """``None`` also where it may not be looked for. One that speaks another version of the
        services does nothing, as far as the bridge is concerned."""
        row = self._let_in()
        if row is None:
            return None
        is_active = bool(row.get("is_active")) and speaks(row)
        return Plugin(
            str(row.get("version") or ""),
            is_active,
            puts_gifts_in=is_active,
            guards_codes=is_active,
        )

    def can_be_told(self) -> bool:
        """Whether it takes what it is told, switched on or not."""
        row = self._let_in()
        return row is not None and speaks(row)

    def gives_gifts(self) -> bool:
        plugin = self.seen()
        return plugin is not None and plugin.puts_gifts_in

    def must_be_there(self) -> None:
        """Raises NotFound where it is not, Forbidden where it may not be used."""
        row = self.row()
        if row is None:
            raise not_there()
        if not speaks(row):
            raise NotFound(
                sentence(
                    "The bridge's module in the shop (%(version)s) is of another generation than "
                    "this bridge",
                    version=str(row.get("version") or "?"),
                ),
                advice=sentence("Bring both to the newest version."),
            )

    def _let_in(self) -> Row | None:
        try:
            return self.row()
        except Forbidden:
            return None

    # -- `store check` ----------------------------------------------------------------------

    def findings(self) -> Iterator[Finding]:
        try:
            row = self.row()
        except Forbidden:
            yield _closed()
            return
        except ConnectorError as error:
            found = sentence(
                "Whether the bridge's module is in the shop cannot be told: %(message)s",
                message=error.message,
            )
            yield Finding(Severity.WARNING, TOPIC, found, error.advice)
            return
        yield from [_missing()] if row is None else _about(row)


def api_of(row: Row) -> int:
    """0 for what is no number."""
    try:
        return int(row.get("api") or 0)
    except (TypeError, ValueError):
        return 0


def speaks(row: Row) -> bool:
    return api_of(row) == API


def not_there() -> NotFound:
    return NotFound(
        sentence("The bridge's module is not in the shop"),
        advice=sentence("Install it (docs/how-to/magento-module.md), or do without."),
    )


def _missing() -> Finding:
    """Everything works without it, too."""
    return Finding(
        Severity.NOTE,
        TOPIC,
        sentence("The bridge's module is not installed in the shop: everything works without it"),
        sentence(
            "To hear of orders at once and show customers their points there, make it with "
            "`loyalty-bridge magento-module build` and install it in the shop."
        ),
    )


def _closed() -> Finding:
    return Finding(
        Severity.WARNING,
        TOPIC,
        sentence(
            "The bridge's module is in the shop, and these credentials may not use it: the "
            "privilege %(privilege)s is missing.",
            privilege=RESOURCE,
        ),
        sentence(
            "Grant the resource “Loyalty Bridge” under System > Extensions > Integrations, API "
            "(or to the admin user's role), and save: it holds at once. Do not choose Reauthorize, "
            "which makes new keys."
        ),
    )


def _about(row: Row) -> Iterator[Finding]:
    version, api = str(row.get("version") or "?"), api_of(row)
    if api > API:
        yield Finding(
            Severity.WARNING,
            TOPIC,
            sentence(
                "The bridge's module in the shop (%(version)s) is too new for this bridge, which "
                "makes no use of it.",
                version=version,
            ),
            sentence("Update the bridge."),
        )
    elif api < API:
        yield Finding(
            Severity.WARNING,
            TOPIC,
            sentence(
                "The bridge's module in the shop (%(version)s) is too old for this bridge, which "
                "makes no use of it.",
                version=version,
            ),
            sentence("Update the module: `loyalty-bridge magento-module build`."),
        )
    else:
        yield Finding(
            Severity.OK,
            TOPIC,
            sentence(
                "The bridge's module in the shop (%(version)s) can be told balances, gifts and "
                "owners of vouchers.",
                version=version,
            ),
        )
        yield from _waiting(row)


def _waiting(row: Row) -> Iterator[Finding]:
    waiting, seconds = _count(row, "waiting"), _count(row, "oldest_waiting")
    if waiting and seconds >= WAITS_TOO_LONG:
        yield Finding(
            Severity.WARNING,
            TOPIC,
            sentence(
                "The module could not send %(waiting)s events; the oldest waits for "
                "%(minutes)s minutes. The bridge asks the shop meanwhile, which takes longer.",
                waiting=waiting,
                minutes=seconds // 60,
            ),
            sentence(
                "Look whether Magento's cron runs (bin/magento cron:run --group loyalty_bridge) "
                "and whether the shop reaches the bridge's address."
            ),
        )


def _count(row: Row, name: str) -> int:
    try:
        return int(row.get(name) or 0)
    except (TypeError, ValueError):
        return 0
