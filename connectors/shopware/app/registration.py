"""The handshake between a Shopware shop and the app it installs.

Recorded: app_system.json #0, #1, #22, #23. The shop signs its request with the app's secret
(which stands in the manifest), gets a secret of its own, and confirms with that one. A shop that
is registered signs with its present secret as well, in ``shopware-shop-signature`` and at the
confirmation in ``shopware-shop-signature-previous`` (Shopware 6.6.10.15 and 6.7.8.1 on). Without
that proof whoever knows the app's secret could register in the shop's place and receive its API
keys: CVE-2026-31889.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import parse_qsl

from connectors.shopware.app import archive, manifests
from connectors.shopware.app.manifests import APP_NAME
from connectors.shopware.webhooks import SIGNATURE, part
from connectors.webhooks import (
    Addresses,
    Confirmed,
    Forged,
    Headers,
    LifeCycle,
    ShopIdentity,
    Stage,
    TakeOver,
    Unreadable,
    is_signed,
    read_name,
    read_object,
    signature,
    signed_at,
)

APP_SIGNATURE = "shopware-app-signature"
PREVIOUS_SIGNATURE = "shopware-shop-signature-previous"

_STAGES = {f"app.{stage.value}": stage for stage in Stage}


class ShopwareRegistration:
    """A :class:`connectors.webhooks.Registration`."""

    def requested(
        self,
        app_secret: str,
        shop_secret: str,
        headers: Headers,
        query: bytes,
        now: datetime,
    ) -> ShopIdentity:
        if not is_signed([app_secret], query, headers.get(APP_SIGNATURE)):
            raise Forged("The request is not signed with the secret in the manifest.")
        if shop_secret and not is_signed([shop_secret], query, headers.get(SIGNATURE)):
            raise TakeOver(
                "A shop is registered here already, and this request is not signed with the "
                "secret it holds."
            )
        fields = _fields(query)
        signed_at(fields.get("timestamp"), now)
        return ShopIdentity(read_name(fields, "shop-id"), read_name(fields, "shop-url"))

    def answer(
        self, app_secret: str, shop: ShopIdentity, new_secret: str, confirmation_url: str
    ) -> dict[str, str]:
        message = f"{shop.shop_id}{shop.shop_url}{APP_NAME}".encode()
        return {
            "proof": signature(app_secret, message),
            "secret": new_secret,
            "confirmation_url": confirmation_url,
        }

    def confirmed(
        self,
        new_secret: str,
        shop_secret: str,
        headers: Headers,
        body: bytes,
        now: datetime,
    ) -> Confirmed:
        if not is_signed([new_secret], body, headers.get(SIGNATURE)):
            raise Forged("The confirmation is not signed with the secret that was handed out.")
        previous = headers.get(PREVIOUS_SIGNATURE)
        if shop_secret and previous is not None and not is_signed([shop_secret], body, previous):
            raise TakeOver("The confirmation comes from another shop than the one registered.")
        message = read_object(body)
        signed_at(message.get("timestamp"), now)
        return Confirmed(
            ShopIdentity(read_name(message, "shopId"), read_name(message, "shopUrl")),
            api_key=read_name(message, "apiKey"),
            api_secret=read_name(message, "secretKey"),
        )

    def life_cycle(self, body: bytes) -> LifeCycle | None:
        message = read_object(body)
        stage = _STAGES.get(str(part(message, "data").get("event")))
        if stage is None:
            return None
        source = part(message, "source")
        return LifeCycle(
            stage,
            ShopIdentity(read_name(source, "shopId"), read_name(source, "url")),
            app_version=str(source.get("appVersion") or ""),
        )

    def manifest(self, addresses: Addresses, app_secret: str) -> str:
        return manifests.manifest(addresses, app_secret)

    def package(self, manifest: str) -> bytes:
        return archive.package(manifest)


def _fields(query: bytes) -> dict[str, str]:
    """Shopware leaves ``:`` and ``/`` of the shop's address as they are (recorded: #0)."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise Unreadable("The request's query cannot be read.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unreadable("The request's query says something twice.")
    return fields
