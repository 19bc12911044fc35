"""The port for Shopware 6; each topic lives in a module of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from connectors.base import (
    Audience,
    Capabilities,
    Category,
    Connection,
    Customer,
    CustomerGroup,
    Finding,
    GroupDraft,
    Product,
    Question,
    Refusal,
    ShopInfo,
    TierPrice,
)
from connectors.content import ContentPages
from connectors.errors import ConnectorError, Forbidden
from connectors.http import Policy
from connectors.plugins import NOBODY_ELSE, Former, HeldPoints, Owner, Plugin, PluginSettings
from connectors.rewards import Carts, Promotions
from connectors.sales import Balances, Feed
from connectors.sentences import sentence
from connectors.shopware import ids, readiness, subscriptions
from connectors.shopware.app_settings import AppSettings
from connectors.shopware.audiences import Audiences
from connectors.shopware.balances import ShopwareBalances
from connectors.shopware.catalogue import Catalogue
from connectors.shopware.client import INDEXING, PATIENT, ShopwareClient
from connectors.shopware.code_owners import OWNERS_PER_CALL, ShopwareCodeOwners
from connectors.shopware.content import ShopwareContent
from connectors.shopware.customers import Customers
from connectors.shopware.feed import ShopwareFeed
from connectors.shopware.groups import Groups
from connectors.shopware.installed_app import InstalledApp
from connectors.shopware.points_held import ShopwarePointsHeld
from connectors.shopware.prices import AUTO, PRODUCTS_PER_READ, ROWS_PER_CALL, Prices
from connectors.shopware.promotions import ShopwarePromotions

CAPABILITIES = Capabilities(
    audience_is_group=False,
    tier_rows_per_call=ROWS_PER_CALL,
    tier_products_per_call=ROWS_PER_CALL,
    tier_products_per_read=PRODUCTS_PER_READ,
    parallel_calls=2,
)
"""2,000 prices took 0.97 s in calls of 500, 0.55 s with two threads, 0.65 s with four (measured
on Shopware 6.6.7.1)."""


CREDENTIAL_FIELDS = ("client_id", "client_secret")

INDEXING_QUESTION = Question(
    name="price_indexing",
    text=(
        sentence(
            "How are prices indexed? queue: by a queue worker that runs all the time "
            "(messenger:consume), fast; direct: within each call, for shops whose queue "
            "runs only while someone has the administration open; auto: as the shop says "
            "it runs its queue."
        )
    ),
    choices=(AUTO, *INDEXING),
    default=AUTO,
)

_HASTY = Policy(slots=2, max_slots=2, attempts=2, read_timeout=30.0, total_timeout=45.0)


class ShopwareConnector:
    """One Shopware installation. Safe to share between threads."""

    def __init__(
        self, open_client: Callable[[Policy], ShopwareClient], mark: str, indexing: str = AUTO
    ) -> None:
        self._open = open_client
        self._client = client = open_client(PATIENT)
        self._mark = mark
        self._catalogue = Catalogue(client)
        self._groups = Groups(client, mark)
        self._audiences = Audiences(client, mark)
        self._customers = Customers(client)
        self._prices = Prices(client, self._catalogue, mark, indexing)
        self._feed = ShopwareFeed(client)
        self._balances = ShopwareBalances(client, mark)
        self._app = InstalledApp(client)
        self._settings = AppSettings(client, self._app)
        self._promotions = ShopwarePromotions(client, self._catalogue, self._app, mark)
        self._content = ShopwareContent(client, mark)
        self._points = ShopwarePointsHeld(client)
        self._owners = ShopwareCodeOwners(client, self._app, mark)

    @property
    def feed(self) -> Feed | None:
        return self._feed

    @property
    def promotions(self) -> Promotions | None:
        return self._promotions

    @property
    def carts(self) -> Carts | None:
        return None

    @property
    def balances(self) -> Balances | None:
        return self._balances

    @property
    def content_pages(self) -> ContentPages | None:
        return self._content

    def plugin(self) -> Plugin | None:
        return self._app.seen()

    def told(self) -> str:
        return self._settings.told()

    def tell(self, settings: PluginSettings) -> None:
        self._settings.tell(settings)

    def knock(self, nonce: str) -> bool:
        """The app registered with a proof of its own, and the shop tells of its life."""
        return False

    def forget(self) -> None:
        """Balances stand in fields of the customers, with or without the app: they are taken away
        by themselves (:attr:`balances`)."""
        self._promotions.forget_app()
        with suppress(Forbidden):  # as far as can be seen it is not installed
            self._owners.release()
        self._settings.forget()

    def hold(self, customer_id: str, held: HeldPoints | None) -> None:
        self._points.hold(customer_id, held)

    def held(self, customer_id: str) -> str:
        return self._points.held(customer_id)

    @property
    def owners_per_call(self) -> int:
        return OWNERS_PER_CALL

    @property
    def knows_addresses(self) -> bool:
        """Addresses of people have no place in a shop's configuration."""
        return False

    def has_to_know(self) -> bool:
        return self._owners.has_to_know()

    def own(
        self, owners: Mapping[str, Owner], former: Former = NOBODY_ELSE
    ) -> dict[str, ConnectorError]:
        return self._owners.own(owners, former)

    def disown(self, codes: Sequence[str], former: Former = NOBODY_ELSE) -> None:
        self._owners.disown(codes, former)

    def guard_promotions(self, keys: Collection[str]) -> None:
        self._owners.guard_promotions(keys)

    def release(self) -> None:
        self._owners.release()

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def shop(self) -> ShopInfo:
        return self._catalogue.shop()

    def check(self) -> list[Finding]:
        """With a client of its own that gives up early: somebody waits for the answer."""
        client = self._open(_HASTY)
        try:
            return readiness.check(client, Catalogue(client), Audiences(client, self._mark))
        finally:
            client.close()

    def check_webhooks(self, address: str) -> list[Finding]:
        client = self._open(_HASTY)
        try:
            return subscriptions.check_webhooks(client, address)
        finally:
            client.close()

    def groups(self) -> list[CustomerGroup]:
        return self._groups.all()

    def create_group(self, draft: GroupDraft) -> CustomerGroup:
        return self._groups.create(draft)

    def rename_group(self, group_id: str, name: str) -> CustomerGroup:
        return self._groups.rename(group_id, name)

    def delete_group(self, group_id: str) -> None:
        self._groups.delete(group_id)

    def audiences(self) -> list[Audience]:
        return self._audiences.all()

    def audience_id(self, group_id: str) -> str:
        return ids.rule_id(self._mark, group_id)

    def create_audience(self, group_id: str, group_name: str) -> Audience:
        return self._audiences.create(group_id, group_name)

    def delete_audience(self, audience_id: str) -> None:
        self._audiences.delete(audience_id)

    def customers(self, since: datetime | None = None) -> Iterator[Customer]:
        return self._customers.changed(since)

    def customer(self, customer_id: str) -> Customer:
        return self._customers.one(customer_id)

    def move_customer(self, customer_id: str, group_id: str) -> Customer:
        return self._customers.move(customer_id, group_id)

    def products(self) -> Iterator[Product]:
        return self._catalogue.products()

    def categories(self) -> list[Category]:
        return self._catalogue.categories()

    def tier_prices(
        self, product_ids: Sequence[str], audience_ids: Sequence[str] | None = None
    ) -> list[TierPrice]:
        return self._prices.read(product_ids, audience_ids)

    def write_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return self._prices.write(rows)

    def remove_tier_prices(self, rows: Sequence[TierPrice]) -> list[Refusal]:
        return self._prices.remove(rows)

    def close(self) -> None:
        self._client.close()


def connect(connection: Connection) -> ShopwareConnector:
    """Sends nothing. Raises ValueError naming what is missing or wrong."""
    values = {name: connection.credentials.get(name, "").strip() for name in CREDENTIAL_FIELDS}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise ValueError(f"The credentials lack {' and '.join(missing)}.")
    if not connection.mark:
        raise ValueError("A connection needs a mark (workspace/installation).")

    def open_client(policy: Policy) -> ShopwareClient:
        return ShopwareClient(
            connection.url, **values, policy=policy, public_only=connection.public_only
        )

    indexing = connection.settings.get(INDEXING_QUESTION.name) or INDEXING_QUESTION.default
    if indexing not in INDEXING_QUESTION.choices:
        raise ValueError(
            f"{INDEXING_QUESTION.name} is {indexing!r}; it can be "
            f"{' or '.join(INDEXING_QUESTION.choices)}."
        )
    return ShopwareConnector(open_client, connection.mark, indexing)
