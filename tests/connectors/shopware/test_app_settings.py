"""What the app is told of the bridge, and what is left of it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Forbidden, NotFound
from connectors.plugins import PluginSettings, TellsPlugin
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app.manifests import APP_NAME, APP_VERSION
from connectors.shopware.app_configuration import (
    DOMAIN,
    GIFTS,
    MEMBER_URL,
    POINTS_LABEL,
    REDEEM_URL,
)
from connectors.shopware.app_settings import TOLD
from connectors.shopware.connector import ShopwareConnector
from connectors.shopware.sandbox import SANDBOX, settings
from connectors.shopware.sandbox.records import insert
from connectors.shopware.sandbox.seed import SALES_CHANNEL

SIGN_IN = "https://bridge.example/m/acme/from-shop/t"
WHOLE = PluginSettings(
    events_url="https://bridge.example/events",
    events_secret="not for this app",
    member_url="https://bridge.example/m/acme/from/t",
    sign_in_url=SIGN_IN,
    redeem_url="https://bridge.example/shopware/t/redeem",
    points_label="Äpfel",
    told="state-1",
)


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with SANDBOX.serve(products=20, customers=10) as sandbox:
        yield sandbox


def install(sandbox: RunningSandbox) -> None:
    app = {"id": "f" * 32, "name": APP_NAME, "version": APP_VERSION, "active": True}
    insert(sandbox.state.database, "app", app)


def held(sandbox: RunningSandbox) -> dict[str, Any]:
    found = settings.all_of(sandbox.state.database)
    return {name: value for name, value in found if name.startswith(DOMAIN)}


def test_it_is_told_what_the_storefront_has_a_use_for(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    assert isinstance(live, TellsPlugin)
    install(sandbox)
    assert live.told() == ""
    live.tell(WHOLE)
    live.tell(WHOLE)
    told = held(sandbox)
    assert told.pop(TOLD).startswith("state-1 ")
    assert told == {
        MEMBER_URL: SIGN_IN,
        REDEEM_URL: "https://bridge.example/shopware/t/redeem",
        POINTS_LABEL: "Äpfel",
    }
    assert live.told() == "state-1"
    assert not live.knock("nonce-12345")

    live.tell(PluginSettings(sign_in_url=SIGN_IN, told="state-2"))
    assert held(sandbox).keys() == {MEMBER_URL, TOLD}
    assert live.told() == "state-2"


@pytest.mark.parametrize("name", [MEMBER_URL, REDEEM_URL, POINTS_LABEL, TOLD])
@pytest.mark.parametrize("value", ["https://evil.example", None, 7, ["x"]])
def test_a_hand_in_it_makes_it_untold(
    sandbox: RunningSandbox, live: ShopwareConnector, name: str, value: Any
) -> None:
    install(sandbox)
    live.tell(WHOLE)
    settings.store(sandbox.state.database, name, value)
    assert live.told() == ""


def test_without_the_app_nothing_is_told(sandbox: RunningSandbox, live: ShopwareConnector) -> None:
    with pytest.raises(NotFound):
        live.tell(WHOLE)
    assert live.told() == "" and held(sandbox) == {}


def test_nothing_of_ours_is_left_also_after_the_app(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    install(sandbox)
    live.tell(WHOLE)
    product = next(one.id for one in live.products() if one.sku)
    gift = Promotion(
        key="gift:mug:main",
        kind=PromotionKind.GIFT,
        name="Acme: mug",
        label="Mug",
        store_id=SALES_CHANNEL,
        currency="EUR",
        discount=Discount(percent=Decimal(100)),
        threshold=Threshold(Decimal(50), is_gross=True),
        product_ids=(product,),
        most_pieces=1,
    )
    assert live.promotions is not None
    live.promotions.write(gift.key, live.promotions.compile(gift))
    database = sandbox.state.database
    theirs = {"product": product, "rule": "by hand"}
    rules = settings.value(database, GIFTS, SALES_CHANNEL)
    settings.store(database, GIFTS, [theirs, *rules], SALES_CHANNEL)
    settings.store(database, f"{DOMAIN}.theirs", "stays")

    database.put("app", "f" * 32, None, heard=False)  # uninstalled before anybody thought of it
    live.forget()
    live.forget()
    assert held(sandbox) == {f"{DOMAIN}.theirs": "stays"}
    assert settings.value(database, GIFTS, SALES_CHANNEL) == [theirs]


def test_who_may_not_look_is_told_so_only_where_the_app_is(
    sandbox: RunningSandbox, live: ShopwareConnector
) -> None:
    sandbox.state.faults.shop["privileges"] = ["app:read", "sales_channel:read"]
    live.forget()
    install(sandbox)
    with pytest.raises(Forbidden):
        live.forget()
    with pytest.raises(Forbidden):
        live.told()
