"""One Magento installation behind the port."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from connectors.base import (
    ALL_STORES,
    Audience,
    Capabilities,
    Category,
    Connection,
    Customer,
    CustomerGroup,
    Finding,
    GroupDraft,
    Product,
    Refusal,
    ShopInfo,
    TierPrice,
)
from connectors.content import ContentPages
from connectors.errors import ConnectorError, Rejected
from connectors.http import NO_AUTH, Authentication, HttpClient, Policy, Token
from connectors.magento.applied_rules import AppliedRules
from connectors.magento.auth import (
    ADMIN,
    OAUTH,
    AdminToken,
    Bearer,
    OAuthSignature,
    admin_token,
    credential_kind,
    not_signed_in,
)
from connectors.magento.balances import MagentoBalances
from connectors.magento.carts import MagentoCarts
from connectors.magento.catalogue import PARALLEL_CALLS, Catalogue
from connectors.magento.client import MagentoClient, route
from connectors.magento.content import MagentoContent
from connectors.magento.customers import Customers
from connectors.magento.faults import classify
from connectors.magento.feed import MagentoFeed
from connectors.magento.groups import GroupCodes, Groups
from connectors.magento.module_gifts import ModuleGifts
from connectors.magento.module_seen import InstalledModule
from connectors.magento.module_told import OWNERS_PER_CALL, ToldModule
from connectors.magento.own_rules import OwnRules
from connectors.magento.promotions import MagentoPromotions
from connectors.magento.readiness import Readiness
from connectors.magento.settings import Settings, settings_from
from connectors.magento.shop import base_currency, read_shop
from connectors.magento.tiers import PRODUCTS_PER_READ, ROWS_PER_CALL, TierPrices
from connectors.magento.views import Views
from connectors.plugins import NOBODY_ELSE, Former, Owner, Plugin, PluginSettings
from connectors.rewards import Carts, Promotions
from connectors.sales import Balances, Feed

CAPABILITIES = Capabilities(
    audience_is_group=True,
    tier_rows_per_call=ROWS_PER_CALL,
    tier_products_per_call=450,
    tier_products_per_read=PRODUCTS_PER_READ,
    parallel_calls=PARALLEL_CALLS,
)


def connect(connection: Connection) -> MagentoConnector:
    """Sends nothing. Raises ValueError naming what is missing or wrong."""
    kind = credential_kind(connection.credentials)
    settings = settings_from(connection.settings)
    http = HttpClient(
        connection.url,
        policy=Policy(slots=PARALLEL_CALLS),
        classify=classify,
        secrets=_secrets(connection.credentials),
        public_only=connection.public_only,
    )
    http.auth = _authentication(kind.kind, connection.credentials, http)
    return MagentoConnector(http, settings, credential=kind.kind, mark=connection.mark)


def _secrets(credentials: Mapping[str, str]) -> list[str]:
    return [value for name, value in credentials.items() if name != "username"]


def _authentication(kind: str, keys: Mapping[str, str], http: HttpClient) -> Authentication:
    if kind == OAUTH.kind:
        return OAuthSignature(keys)
    if kind == ADMIN.kind:
        return AdminToken(lambda: _sign_in(http, keys))
    return Bearer(keys["access_token"])


def _sign_in(http: HttpClient, keys: Mapping[str, str]) -> Token:
    try:
        answer = http.request(
            "POST",
            route("integration/admin/token"),
            json={"username": keys["username"], "password": keys["password"]},
            auth=NO_AUTH,
            reading=True,
        )
    except Rejected as refused:
        raise not_signed_in(refused.message, refused.where) from None
    return admin_token(answer)


class MagentoConnector:
    """See :class:`connectors.base.Connector`. Safe to share between threads."""

    def __init__(self, http: HttpClient, settings: Settings, *, credential: str, mark: str) -> None:
        self.http = http
        self.settings = settings
        self._credential = credential
        self._client = MagentoClient(http)
        self._groups = Groups(self._client)
        self._customers = Customers(self._client)
        self._catalogue = Catalogue(self._client, settings)
        self._codes = GroupCodes(self._groups.all)
        self._views = Views(self._client)
        self._rules = OwnRules(self._client, mark)
        self._feed = MagentoFeed(self._client, AppliedRules(self._rules))
        self._module = InstalledModule(self._client)
        self._told = ToldModule(self._client, self._module)
        self._balances = MagentoBalances(self._client, self._module)
        self._promotions = MagentoPromotions(
            self._client,
            self._rules,
            self._views,
            self._groups.all,
            ModuleGifts(self._client, self._module, mark),
        )
        self._carts = MagentoCarts(self._client, self._views)
        self._content = MagentoContent(self._client, self._views, mark)
        self._tiers = TierPrices(
            self._client,
            self._codes,
            currency_of=self._currency_of,
            basis=settings.basis,
        )
        self._lock = threading.Lock()
        self._known: ShopInfo | None = None

    def __repr__(self) -> str:
        return f"MagentoConnector({self.http.base_url!r})"

    @property
    def feed(self) -> Feed | None:
        return self._feed

    @property
    def promotions(self) -> Promotions | None:
        return self._promotions

    @property
    def carts(self) -> Carts | None:
        return self._carts

    @property
    def balances(self) -> Balances | None:
        """The module holds them: see :class:`connectors.sales.HeldByPlugin`."""
        return self._balances

    @property
    def content_pages(self) -> ContentPages | None:
        return self._content

    # -- the bridge's module in the shop ----------------------------------------------------

    def plugin(self) -> Plugin | None:
        return self._module.seen()

    def told(self) -> str:
        return self._told.told()

    def tell(self, settings: PluginSettings) -> None:
        self._told.tell(settings)

    def knock(self, nonce: str) -> bool:
        return self._told.knock(nonce)

    def forget(self) -> None:
        self._told.forget()

    @property
    def owners_per_call(self) -> int:
        return OWNERS_PER_CALL

    @property
    def knows_addresses(self) -> bool:
        return True

    def has_to_know(self) -> bool:
        """What it was told goes with it."""
        plugin = self._module.seen()
        return plugin is not None and plugin.guards_codes

    def own(
        self, owners: Mapping[str, Owner], former: Former = NOBODY_ELSE
    ) -> dict[str, ConnectorError]:
        return self._told.own(owners)

    def disown(self, codes: Sequence[str], former: Former = NOBODY_ELSE) -> None:
        self._told.disown(codes)

    def guard_promotions(self, keys: Collection[str]) -> None:
        """Each code by itself, once its owner is told."""

    def release(self) -> None:
        """Each code by itself, until it is disowned."""

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def shop(self) -> ShopInfo:
        info = read_shop(self._client)
        with self._lock:
            self._known = info
        return info

    def check(self) -> list[Finding]:
        client = MagentoClient(self.http, doubt_credentials=False)
        return Readiness(client, self.settings, self._credential).findings()

    # -- groups -----------------------------------------------------------------------------

    def groups(self) -> list[CustomerGroup]:
        return self._groups.all()

    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        with self._new_codes():
            return self._groups.create(draft)

    def rename_group(self, group_id: str, name: str) -> CustomerGroup:
        with self._new_codes():
            return self._groups.rename(group_id, name)

    def delete_group(self, group_id: str) -> None:
        with self._new_codes():
            self._groups.delete(group_id, self._uses)

    @contextmanager
    def _new_codes(self) -> Iterator[None]:
        """A name that one group gave up and another took must not take prices along."""
        try:
            yield
        finally:
            self._codes.forget()

    def _uses(self, group: CustomerGroup) -> Iterable[str]:
        if self._customers.any_in_group(group.id):
            yield "customers are in it"
        skus = list(self._catalogue.skus())
        for start in range(0, len(skus), PRODUCTS_PER_READ):
            rows = self._tiers.read(skus[start : start + PRODUCTS_PER_READ], [group.id])
            if rows:
                yield f"tier prices name it (SKU {rows[0].key.product_id})"

    def audiences(self) -> list[Audience]:
        return self._groups.audiences()

    def audience_id(self, group_id: str) -> str:
        return group_id

    def create_audience(self, group_id: str, group_name: str) -> Audience:
        return self._groups.audience(group_id)

    def delete_audience(self, audience_id: str) -> None:
        """A Magento audience is the group itself: nothing to remove."""

    # -- customers --------------------------------------------------------------------------

    def customers(self, since: datetime | None = None) -> Iterator[Customer]:
        return self._customers.walk(since)

    def customer(self, customer_id: str) -> Customer:
        return self._customers.get(customer_id)

    def move_customer(self, customer_id: str, group_id: str) -> Customer:
        return self._customers.move(customer_id, group_id)

    # -- catalogue --------------------------------------------------------------------------

    def products(self) -> Iterator[Product]:
        return self._catalogue.walk(self._currency_of(ALL_STORES))

    def categories(self) -> list[Category]:
        return self._catalogue.categories()

    # -- tier prices ------------------------------------------------------------------------

    def tier_prices(
        self, product_ids: Sequence[str], audience_ids: Sequence[str] | None = None
    ) -> list[TierPrice]:
        return self._tiers.read(product_ids, audience_ids)

    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return self._tiers.write(rows)

    def remove_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return self._tiers.remove(rows)

    def close(self) -> None:
        self.http.close()

    def _currency_of(self, store: str) -> str:
        with self._lock:
            known = self._known
        info = known or self.shop()
        own = next((one.currency for one in info.stores if one.id == store), "")
        return own or base_currency(info)
