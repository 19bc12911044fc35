"""The app's manifest: what it is called, whom it registers with, what it listens to."""

from __future__ import annotations

import re
from importlib import resources
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from connectors.webhooks import Addresses

APP_NAME = "LoyaltyBridge"
"""Part of the proof, and the name of the folder in the shop."""

APP_VERSION = "1.0.0"
"""Raised with every change of the manifest: a shop updates an app only to a higher one."""

EVENTS = (
    "order.written",
    "customer.written",
    "checkout.order.placed",
    "checkout.customer.register",
    "state_enter.order.state.completed",
    "state_enter.order.state.cancelled",
    "state_enter.order_transaction.state.paid",
    "state_enter.order_transaction.state.paid_partially",
    "state_enter.order_transaction.state.refunded",
    "state_enter.order_transaction.state.refunded_partially",
    "state_enter.order_transaction.state.cancelled",
    "state_enter.order_delivery.state.shipped",
    "state_enter.order_delivery.state.returned",
    "state_enter.order_delivery.state.returned_partially",
)
"""What the bridge fetches an order or a customer for (recorded: events.json). A payment does
not change the order's own time, nor is there a hook on transactions (PLATFORM_FACTS Shopware 5,
contracts/README.md): hence the states."""

LIFE_CYCLE = ("app.activated", "app.deactivated", "app.updated", "app.deleted")

PERMISSIONS = ("customer", "order")
"""What the app may read: a shop sends an event only to apps that may read what it holds, and all
of these hold an order or a customer (recorded: events.json)."""

_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]|[0-9a-f:.]+")


def manifest(addresses: Addresses, app_secret: str) -> str:
    """XML after Shopware's manifest-2.0.xsd. Raises ValueError for an address that is no
    absolute http or https URL."""
    for address in (addresses.register, addresses.events):
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
            raise ValueError(f"`{address}` is no address that a shop could send to.")
    template = resources.files(__package__).joinpath("manifest.xml").read_text("utf-8")
    return template.format(
        name=APP_NAME,
        version=APP_VERSION,
        register=escape(addresses.register),
        secret=escape(app_secret),
        permissions="\n".join(f"        <read>{entity}</read>" for entity in PERMISSIONS),
        webhooks="\n".join(_webhook(event, addresses.events) for event in (*EVENTS, *LIFE_CYCLE)),
    )


def webhook_name(event: str) -> str:
    """Unique in the manifest: the event's own name, in the letters a name may have."""
    return "loyalty-bridge-" + re.sub(r"[^a-z]+", "-", event)


def _webhook(event: str, address: str) -> str:
    url = escape(address, {'"': "&quot;"})
    return f'        <webhook name="{webhook_name(event)}" url="{url}" event="{event}"/>'
