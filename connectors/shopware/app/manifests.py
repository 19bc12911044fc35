"""The app's manifest: what it is called, whom it registers with, what it listens to and may do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from connectors.webhooks import Addresses

APP_NAME = "LoyaltyBridge"
"""Part of the proof, and the name of the folder in the shop."""

APP_VERSION = "2.3.0"
"""Raised with every change of the app: a shop updates one only to a higher version, and the app
that only listened was 1.0.0. So it is not the bridge's own, which is lower."""

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

PERMISSIONS = (
    # A shop sends an event only to apps that may read what it holds, and all of these hold an
    # order or a customer (recorded: events.json).
    ("read", "customer"),
    ("read", "order"),
    # Without these the shop leaves them out of the token that says who a customer is
    # (PLUGIN_FACTS "Signed calls").
    ("read", "sales_channel"),
    ("read", "currency"),
    ("read", "language"),
    # Points and tiers into the customers' fields.
    ("update", "customer"),
    # Gift rules into the app's configuration, and out of it before the app goes.
    ("read", "system_config"),
    ("create", "system_config"),
    ("update", "system_config"),
    ("delete", "system_config"),
)
"""What the app may do, and nothing else."""

_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]|[0-9a-f:.]+")


@dataclass(frozen=True, slots=True)
class Doors:
    """Where the app in a shop knocks besides the events: siblings of their address."""

    module: str
    """Opened in the shop's administration. GET; the query is signed (``shopware-shop-signature``)
    as it stands, not percent-encoded (PLUGIN_FACTS "Signed calls")."""
    customer: str
    """The button on a customer. POST with ``data.ids``; the answer must be signed."""
    award: str
    """The flow's action: POST with ``customerId``, ``points`` and ``reason``, each a text."""


def doors(events: str) -> Doors:
    """``events``: where the shop sends its events."""
    room = events.rpartition("/")[0]
    return Doors(f"{room}/module", f"{room}/customer", f"{room}/award")


def manifest(addresses: Addresses, app_secret: str) -> str:
    """XML after Shopware's manifest-2.0.xsd. Raises ValueError for an address that is no
    absolute http or https URL."""
    for address in (addresses.register, addresses.events):
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
            raise ValueError(f"`{address}` is no address that a shop could send to.")
    template = resources.files(__package__).joinpath("manifest.xml").read_text("utf-8")
    knocks = doors(addresses.events)
    return template.format(
        name=APP_NAME,
        version=APP_VERSION,
        register=escape(addresses.register),
        secret=escape(app_secret),
        module=_quoted(knocks.module),
        customer=_quoted(knocks.customer),
        permissions="\n".join(
            f"        <{action}>{entity}</{action}>" for action, entity in PERMISSIONS
        ),
        webhooks="\n".join(_webhook(event, addresses.events) for event in (*EVENTS, *LIFE_CYCLE)),
    )


def flow(manifest_text: str) -> str:
    """The flow's action (``Resources/flow.xml``) that belongs to a manifest of ours."""
    root = ElementTree.fromstring(manifest_text)  # noqa: S314 - our own
    hook = root.find("webhooks/webhook")
    events = "" if hook is None else hook.get("url", "")
    template = resources.files(__package__).joinpath("Resources", "flow.xml").read_text("utf-8")
    # Not `format`: the file has braces of the shop's own.
    return template.replace("{award}", escape(doors(events).award))


def webhook_name(event: str) -> str:
    """Unique in the manifest: the event's own name, in the letters a name may have."""
    return "loyalty-bridge-" + re.sub(r"[^a-z]+", "-", event)


def _webhook(event: str, address: str) -> str:
    return (
        f'        <webhook name="{webhook_name(event)}" url="{_quoted(address)}" event="{event}"/>'
    )


def _quoted(address: str) -> str:
    return escape(address, {'"': "&quot;"})
