"""The manifest is one that a shop accepts, and asks for no more than the app needs."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connectors.shopware.app import ShopwareRegistration
from connectors.shopware.app.manifests import EVENTS, LIFE_CYCLE
from connectors.shopware.balances import FIELDS
from connectors.webhooks import Addresses

ADDRESSES = Addresses("https://bridge.example/a?b=1&c", 'https://bridge.example/"e"')
EVENT_NAMES = {
    event["name"]
    for event in json.loads(
        (Path(__file__).parents[2] / "contracts/shopware-6.6.7.1/events.json").read_text()
    )
}
MANIFEST = ElementTree.fromstring(ShopwareRegistration().manifest(ADDRESSES, "s<cr>et&"))  # noqa: S314 - our own


def texts(path: str) -> list[str]:
    return [found.text or "" for found in MANIFEST.findall(path)]


def test_it_says_all_that_a_shop_and_the_store_ask_for() -> None:
    for name in ("name", "author", "copyright", "version", "license"):
        assert [text for text in texts(f"meta/{name}") if text] != [], name
    for name in ("label", "description"):
        languages = [found.get("lang") for found in MANIFEST.findall(f"meta/{name}")]
        assert languages == [None, "de-DE"]
    assert all(150 <= len(text) <= 185 for text in texts("meta/description"))
    assert texts("meta/license") == ["MIT"]


def test_addresses_and_secret_arrive_as_they_are() -> None:
    assert texts("setup/registrationUrl") == [ADDRESSES.register]
    assert texts("setup/secret") == ["s<cr>et&"]
    assert {hook.get("url") for hook in MANIFEST.findall("webhooks/webhook")} == {ADDRESSES.events}


def test_it_listens_only_to_events_that_there_are_each_under_a_name_of_its_own() -> None:
    hooks = MANIFEST.findall("webhooks/webhook")
    assert [hook.get("event") for hook in hooks] == [*EVENTS, *LIFE_CYCLE]
    assert len({hook.get("name") for hook in hooks}) == len(hooks)
    assert {name for name in EVENTS if not name.endswith(".written")} <= EVENT_NAMES


def test_it_may_change_customers_and_its_configuration_and_nothing_else() -> None:
    asked = {(found.tag, found.text) for found in MANIFEST.findall("permissions/*")}
    changing = {entity for action, entity in asked if action != "read"}
    assert changing == {"customer", "system_config"}
    assert ("create", "customer") not in asked and ("delete", "customer") not in asked


def test_no_shopper_can_write_a_field_of_it() -> None:
    fields = MANIFEST.findall("custom-fields/custom-field-set/fields/*")
    assert fields
    assert all(str(field.get("name")).startswith("loyalty_bridge_") for field in fields)
    assert MANIFEST.findall(".//allow-customer-write") == []


def test_it_leaves_the_fields_of_the_balances_to_the_connector_which_makes_them() -> None:
    """A name is unique in a shop: declared twice, neither could be installed."""
    fields = MANIFEST.findall("custom-fields/custom-field-set/fields/*")
    assert not {field.get("name") for field in fields} & set(FIELDS)


def test_doors_stand_beside_the_events() -> None:
    module = MANIFEST.find("admin/module")
    button = MANIFEST.find("admin/action-button")
    assert module is not None and button is not None
    assert module.get("source") == "https://bridge.example/module"
    assert button.get("url") == "https://bridge.example/customer"
    assert (button.get("entity"), button.get("view")) == ("customer", "detail")


def test_the_archive_has_one_folder_with_the_apps_name_and_is_the_same_each_time() -> None:
    registration = ShopwareRegistration()
    packed = registration.package(registration.manifest(ADDRESSES, "secret"))
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"LoyaltyBridge"}
        found = ElementTree.fromstring(archive.read("LoyaltyBridge/manifest.xml"))  # noqa: S314 - our own
        flow = ElementTree.fromstring(archive.read("LoyaltyBridge/Resources/flow.xml"))  # noqa: S314 - our own
    assert found.findtext("meta/name") == "LoyaltyBridge"
    assert flow.findtext(".//meta/url") == "https://bridge.example/award"
    assert packed == registration.package(registration.manifest(ADDRESSES, "secret"))


@pytest.mark.parametrize("address", ["", "bridge.example/x", "ftp://bridge.example", "https://"])
def test_an_address_nobody_can_send_to_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        ShopwareRegistration().manifest(Addresses(address, address), "secret")
