"""``store check``: probes each service the bridge needs and says in words what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.base import Basis, Finding, Severity, ShopInfo
from connectors.errors import (
    ConnectorError,
    Forbidden,
    NotAShop,
    Rejected,
    ShopFault,
    Unauthorized,
    Unreachable,
)
from connectors.magento.auth import ADMIN, OAUTH, TOKEN
from connectors.magento.client import MagentoClient
from connectors.magento.criteria import where
from connectors.magento.discarding import discarding
from connectors.magento.feed import MagentoFeed
from connectors.magento.module_seen import InstalledModule
from connectors.magento.probes import (
    CONTENT_PROBES,
    PROBES,
    REWARD_PROBES,
    SALES_PROBES,
    Probe,
)
from connectors.magento.proving import proof
from connectors.magento.settings import Settings
from connectors.magento.shop import UNTOLD, read_shop
from connectors.sentences import joined, sentence

CLOCK_TOLERANCE = timedelta(seconds=60)
_SAMPLE = 100
_BEARER = sentence(
    "Either the token is wrong or the shop does not take integration tokens as "
    "bearer tokens. Check the token under System > Extensions > Integrations; then set Stores > "
    "Configuration > Services > OAuth > Consumer Settings > 'Allow OAuth Access "
    "Tokens to be used as standalone Bearer tokens' to Yes (bin/magento config:set "
    "oauth/consumer/enable_integration_as_bearer 1), or give all four keys of the "
    "integration instead: then each call is signed with OAuth 1.0a."
)
_CREDENTIAL_MENDS = {
    TOKEN.kind: _BEARER,
    OAUTH.kind: sentence(
        "Check that all four keys are from the same, activated integration (System > "
        "Extensions > Integrations) and that it has access to the resources the bridge needs."
    ),
    ADMIN.kind: sentence(
        "Check user name and password. After 6 failures Magento locks the user for 30 "
        "minutes; with two-factor sign-in an admin user cannot be used: create an integration."
    ),
}
_GRANT = sentence(
    "Grant it under System > Extensions > Integrations, API (or to the admin user's role), and "
    "save: it holds at once. Do not choose Reauthorize, which makes new keys."
)


_NO_POINTS = sentence("Without it no order of this shop earns points or takes any back.")
_NO_REWARDS = sentence(
    "Without it this shop has no vouchers and discounts, or puts no gifts into carts."
)
_NO_CONTENT = sentence("Without it this shop cannot show the terms of the programme.")
_CONSUMERS = sentence(
    "Have the consumers of the message queue run (bin/magento cron:run does, "
    "unless cron_consumers_runner is off in app/etc/env.php; or bin/magento "
    "queue:consumers:start sales.rule.update.coupon.usage): else a coupon works "
    "again until the bridge has seen the first order and deleted it."
)


class Readiness:
    def __init__(self, client: MagentoClient, settings: Settings, credential: str) -> None:
        self._client = client
        self._settings = settings
        self._credential = credential

    def findings(self) -> list[Finding]:
        found: list[Finding] = list(self._transport())
        refused: list[tuple[Probe, Forbidden]] = []
        for probe in PROBES:
            error = self._outcome(probe)
            if isinstance(error, Forbidden):
                refused.append((probe, error))
            elif error is not None:
                return [*found, _stopped(error, self._credential)]
        found += _access(refused, self._credential)
        if len(refused) < len(PROBES):
            found += self._sales()
            found += self._rewards()
            found += self._content()
            found += InstalledModule(self._client).findings()
        found += self._clock()
        if not refused:
            found += self._shop()
        return found

    def _sales(self) -> Iterator[Finding]:
        outcomes = [(probe, self._outcome(probe)) for probe in SALES_PROBES]
        missing = [(probe, error) for probe, error in outcomes if error is not None]
        if not missing:
            text = sentence(
                "Orders, invoices, shipments and credit memos can be read: points can be earned."
            )
            yield Finding(Severity.OK, "sales", text)
            yield from proof(MagentoFeed(self._client))
        for probe, error in missing:
            yield _lacking(probe, error, "sales", _NO_POINTS)

    def _rewards(self) -> Iterator[Finding]:
        outcomes = [(probe, self._outcome(probe)) for probe in REWARD_PROBES]
        missing = [(probe, error) for probe, error in outcomes if error is not None]
        if not missing:
            text = sentence(
                "Cart price rules, coupons and open carts can be used: vouchers and gifts work."
            )
            yield Finding(Severity.OK, "rewards", text)
            text = sentence(
                "Magento counts the uses of coupons in a queue, and does not tell whether."
            )
            yield Finding(Severity.NOTE, "rewards", text, _CONSUMERS)
            yield from discarding(self._client)
        for probe, error in missing:
            yield _lacking(probe, error, "rewards", _NO_REWARDS)

    def _content(self) -> Iterator[Finding]:
        outcomes = [(probe, self._outcome(probe)) for probe in CONTENT_PROBES]
        missing = [(probe, error) for probe, error in outcomes if error is not None]
        if not missing:
            text = sentence("CMS pages can be made: the shop can show the terms of the programme.")
            yield Finding(Severity.OK, "content", text)
        for probe, error in missing:
            yield _lacking(probe, error, "content", _NO_CONTENT)

    def _outcome(self, probe: Probe) -> ConnectorError | None:
        """``None`` when the service let us in; a refusal of the empty input is just that."""
        try:
            probe.call(self._client)
        except (Rejected, ShopFault) as error:
            return None if probe.empty_input else error
        except ConnectorError as error:
            return error
        return None

    def _transport(self) -> Iterator[Finding]:
        parts = urlsplit(self._client.http.base_url)
        if parts.scheme == "http" and not _is_local(parts.hostname or ""):
            yield Finding(
                Severity.WARNING,
                "transport",
                sentence(
                    "The shop is called over http: credentials and customers' data travel readably."
                ),
                sentence("Use the https address of the shop."),
            )

    def _clock(self) -> Iterator[Finding]:
        offset = self._client.http.clock_offset
        if offset is None:
            yield Finding(Severity.NOTE, "clock", sentence("The shop does not tell its time."))
        elif abs(offset) > CLOCK_TOLERANCE:
            seconds = round(abs(offset.total_seconds()))
            yield Finding(
                Severity.WARNING,
                "clock",
                sentence("The shop's clock is %(seconds)s s ahead of this one.", seconds=seconds)
                if offset > timedelta(0)
                else sentence(
                    "The shop's clock is %(seconds)s s behind this one.", seconds=seconds
                ),
                sentence(
                    "Set both by NTP: changes are found by time, and signed calls fail when too "
                    "far."
                ),
            )
        else:
            yield Finding(Severity.OK, "clock", sentence("The clocks agree."))

    def _shop(self) -> Iterator[Finding]:
        try:
            info = read_shop(self._client)
            rows = self._sample()
        except ConnectorError as error:
            yield Finding(Severity.ERROR, "shop", error.message, error.advice)
            return
        yield _version(info)
        yield from _websites(info)
        yield from told(self._settings)
        yield from contradictions(self._settings, info, rows)
        yield from self._modules()

    def _sample(self) -> list[dict[str, Any]]:
        """Tier prices of some products: enough to see whether the price scope was told right."""
        page = self._client.search(
            "products", where(sort=("entity_id",), size=_SAMPLE), fields="items[id,sku],total_count"
        )
        skus = [str(row["sku"]) for row in page.items]
        rows: list[dict[str, Any]] = (
            self._client.post("products/tier-prices-information", {"skus": skus}, reading=True)
            if skus
            else []
        )
        return rows

    def _modules(self) -> Iterator[Finding]:
        try:
            modules = set(self._client.get("modules", [("searchCriteria[pageSize]", 0)]))
        except ConnectorError:
            return
        if "Magento_SharedCatalog" in modules:
            yield Finding(
                Severity.NOTE,
                "shared-catalogues",
                sentence(
                    "Adobe's B2B shared catalogues are there: they own tier prices of their groups."
                ),
                sentence("Leave groups that belong to a shared catalogue out of the programme."),
            )


def _is_local(host: str) -> bool:
    return host == "localhost" or host == "::1" or host.startswith("127.")


def _stopped(error: ConnectorError, credential: str) -> Finding:
    """What keeps the check from going on."""
    if isinstance(error, Unauthorized):
        return Finding(Severity.ERROR, "credentials", error.message, _CREDENTIAL_MENDS[credential])
    topic = "url" if isinstance(error, NotAShop | Unreachable) else "shop"
    return Finding(
        Severity.ERROR, topic, str(error).removesuffix(error.advice).strip(), error.advice
    )


def _access(refused: Sequence[tuple[Probe, Forbidden]], credential: str) -> Iterator[Finding]:
    """Magento gives a wrong token the same answer as a missing privilege (recorded: auth.json
    #2, #3): refused everywhere means the credentials, refused in places the privileges."""
    if len(refused) == len(PROBES):
        yield Finding(
            Severity.ERROR,
            "credentials",
            sentence("The shop refuses these credentials for every service."),
            _CREDENTIAL_MENDS[credential],
        )
        return
    yield Finding(Severity.OK, "credentials", sentence("The shop takes the credentials."))
    if not refused:
        yield Finding(Severity.OK, "privileges", sentence("All needed privileges are there."))
    for probe, error in refused:
        yield Finding(
            Severity.ERROR,
            "privileges",
            sentence(
                "To %(purpose)s, the privilege %(privileges)s is missing.",
                purpose=probe.purpose,
                privileges=", ".join(error.privileges),
            ),
            _GRANT,
        )


def _lacking(probe: Probe, error: ConnectorError, topic: str, loss: str) -> Finding:
    if isinstance(error, Forbidden):
        need = sentence(
            "To %(purpose)s, the privilege %(privileges)s is missing.",
            purpose=probe.purpose,
            privileges=", ".join(error.privileges),
        )
        return Finding(Severity.WARNING, topic, joined(need, loss), _GRANT)
    found = sentence(
        "The probe to %(purpose)s failed: %(message)s. %(loss)s",
        purpose=probe.purpose,
        message=error.message,
        loss=loss,
    )
    return Finding(Severity.WARNING, topic, found, error.advice)


def _version(info: ShopInfo) -> Finding:
    if info.version != UNTOLD:
        return Finding(
            Severity.OK, "version", sentence("Magento %(version)s.", version=info.version)
        )
    return Finding(
        Severity.NOTE,
        "version",
        sentence("Magento does not tell its version through its API."),
        sentence("Tried with 2.4.4; other 2.4 versions should do."),
    )


def _websites(info: ShopInfo) -> Iterator[Finding]:
    for store in info.stores:
        if store.currency:
            text = sentence(
                "Website %(store_code)s (%(store_name)s, id %(store_id)s) in %(currency)s.",
                store_code=store.code,
                store_name=store.name,
                store_id=f"{store.id}",
                currency=store.currency,
            )
            yield Finding(Severity.OK, "websites", text)
        else:
            yield Finding(
                Severity.WARNING,
                "websites",
                sentence(
                    "Website %(store_code)s (%(store_name)s, id %(store_id)s) has no active store "
                    "view.",
                    store_code=store.code,
                    store_name=store.name,
                    store_id=f"{store.id}",
                ),
                sentence("Leave it out of the programme, or give it a store view."),
            )


def told(settings: Settings) -> Iterator[Finding]:
    """What only the admin knows, as he told it."""
    yield Finding(
        Severity.NOTE,
        "settings",
        sentence("As told by the admin: prices are kept for each website.")
        if settings.website_prices
        else sentence("As told by the admin: prices are kept for all websites together."),
    )
    yield Finding(
        Severity.NOTE,
        "settings",
        sentence("As told by the admin: catalogue prices are net.")
        if settings.basis is Basis.NET
        else sentence("As told by the admin: catalogue prices are gross."),
    )


def contradictions(
    settings: Settings, info: ShopInfo, tier_rows: Sequence[dict[str, Any]]
) -> Iterator[Finding]:
    """Where the shop's data disprove what was told. Pure."""
    if settings.website_prices:
        return
    mend = sentence(
        "Check Stores > Configuration > Catalog > Price > Catalog Price Scope and set price_scope."
    )
    currencies = sorted({store.currency for store in info.stores if store.currency})
    if len(currencies) > 1:
        yield Finding(
            Severity.ERROR,
            "settings",
            sentence(
                "price_scope was told as global, but the websites have different base "
                "currencies (%(currencies)s), which needs prices for each website.",
                currencies=", ".join(currencies),
            ),
            mend,
        )
    odd = [row for row in tier_rows if int(row["website_id"]) != 0]
    if odd:
        yield Finding(
            Severity.WARNING,
            "settings",
            sentence(
                "price_scope was told as global, but there are tier prices for single "
                "websites, for example of %(sku)s on website %(website)s.",
                sku=odd[0]["sku"],
                website=str(odd[0]["website_id"]),
            ),
            mend,
        )
