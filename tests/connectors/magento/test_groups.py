"""Customer groups: made once, renamed whole, deleted only when nothing hangs on them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from connectors.base import Audience, CustomerGroup, GroupDraft
from connectors.errors import AlreadyExists, AnswerLost, InUse, Mismatch, NotFound, Rejected
from connectors.magento import PLATFORM
from connectors.magento.connector import MagentoConnector

SEARCH = "customerGroups/search"
GOLD = {"id": 4, "code": "Gold", "tax_class_id": 3, "tax_class_name": "Retail Customer"}
GENERAL = {**GOLD, "id": 1, "code": "General", "tax_class_id": 5}
NONE = {"items": [], "total_count": 0}


def test_recorded_groups(shop: Any, groups: None, magento: MagentoConnector) -> None:
    assert magento.groups() == [
        CustomerGroup("0", "NOT LOGGED IN", "3"),
        CustomerGroup("1", "General", "3"),
        CustomerGroup("2", "Wholesale", "3"),
        CustomerGroup("3", "Retailer", "3"),
    ]


def test_a_page_limit_is_learnt(shop: Any, recorded: Any, magento: MagentoConnector) -> None:
    limit = {"message": "Maximum SearchCriteria pageSize is %max", "parameters": {"max": 50}}
    shop.answers("GET", SEARCH, limit, status=400)
    shop.replays(recorded("customer_groups", 0))
    assert len(magento.groups()) == 4
    sizes = [one["searchCriteria[pageSize]"] for one in shop.requests(SEARCH)]
    assert sizes == ["300", "50"]


def test_a_group_copies_its_bases_tax_class(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", SEARCH, NONE)
    shop.answers("GET", "customerGroups/1", GENERAL)
    shop.answers("POST", "customerGroups", {**GOLD, "tax_class_id": 5})
    made = magento.create_group(GroupDraft("gold", "Gold", "1"))
    assert made == CustomerGroup("4", "Gold", "5")
    assert shop.requests("customerGroups") == [{"group": {"code": "Gold", "tax_class_id": 5}}]


def test_a_group_of_that_name_is_found_before_anything_is_sent(
    shop: Any, recorded: Any, magento: MagentoConnector
) -> None:
    shop.replays(recorded("customer_groups", 9))
    with pytest.raises(AlreadyExists):
        magento.create_group(GroupDraft("gold", "gold 359563", "1"))
    assert shop.paths == [f"GET {SEARCH}"]


def test_a_group_that_was_made_meanwhile_is_there_already(
    shop: Any, recorded: Any, magento: MagentoConnector
) -> None:
    shop.answers("GET", SEARCH, NONE)
    shop.answers("GET", "customerGroups/1", GENERAL)
    shop.replays(recorded("customer_groups", 3))
    with pytest.raises(AlreadyExists):
        magento.create_group(GroupDraft("gold", "Gold 359563", "1"))


def test_a_group_is_never_made_twice(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", SEARCH, NONE)
    shop.answers("GET", "customerGroups/1", GENERAL)
    url = "https://shop.test/rest/all/V1/customerGroups"
    shop.mock.post(url, body=requests.ConnectionError("cut"))
    with pytest.raises(AnswerLost):
        magento.create_group(GroupDraft("gold", "Gold", "1"))
    assert shop.paths.count("POST customerGroups") == 1


@pytest.mark.parametrize("name", ["Gold 359563 with a code of 33 cha", "", "   ", "All groups"])
def test_a_name_that_magento_would_cut_is_refused_unsent(
    shop: Any, magento: MagentoConnector, name: str
) -> None:
    with pytest.raises(Rejected):
        magento.create_group(GroupDraft("gold", name, "1"))
    with pytest.raises(Rejected):
        magento.rename_group("4", name)
    assert shop.paths == []


def test_a_name_the_shop_changed_is_noticed(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", SEARCH, NONE)
    shop.answers("GET", "customerGroups/1", GENERAL)
    shop.answers("POST", "customerGroups", {**GOLD, "code": "Go"})
    with pytest.raises(Mismatch):
        magento.create_group(GroupDraft("gold", "Gold", "1"))


def test_an_unknown_base_is_named(shop: Any, recorded: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", SEARCH, NONE)
    shop.replays(recorded("customer_groups", 12))
    with pytest.raises(NotFound, match="No such entity with id = 99999"):
        magento.create_group(GroupDraft("gold", "Gold", "99999"))


def test_a_rename_keeps_the_rest(shop: Any, magento: MagentoConnector) -> None:
    """The PUT overwrites everything (PLATFORM_FACTS Magento 17)."""
    extra = {"extension_attributes": {"exclude_website_ids": [2]}}
    shop.answers("GET", "customerGroups/4", {**GOLD, **extra})
    shop.answers("GET", SEARCH, NONE)
    shop.answers("PUT", "customerGroups/4", {**GOLD, "code": "Platin"})
    assert magento.rename_group("4", "Platin").name == "Platin"
    assert shop.requests("customerGroups/4", "PUT") == [
        {"group": {"id": 4, "code": "Platin", "tax_class_id": 3, **extra}}
    ]


def test_a_rename_to_the_same_name_writes_nothing(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", "customerGroups/4", GOLD)
    magento.rename_group("4", "Gold")
    assert shop.paths == ["GET customerGroups/4"]


def test_an_empty_group_is_deleted(shop: Any, recorded: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", "customerGroups/4", GOLD)
    shop.answers("GET", "customers/search", NONE)
    shop.answers("GET", "products", {"items": [{"id": 1, "sku": "A"}], "total_count": 1})
    shop.answers("POST", "products/tier-prices-information", [])
    shop.replays(recorded("customer_groups", 13))
    magento.delete_group("4")
    assert shop.paths[-1] == "DELETE customerGroups/4"


def test_a_group_with_customers_stays(shop: Any, magento: MagentoConnector) -> None:
    """Magento itself would move them to the default group."""
    shop.answers("GET", "customerGroups/4", GOLD)
    shop.answers("GET", "customers/search", {"items": [{"id": 7}], "total_count": 1})
    with pytest.raises(InUse, match="customers"):
        magento.delete_group("4")
    assert not [path for path in shop.paths if path.startswith("DELETE")]


def test_a_group_with_prices_stays(shop: Any, websites: None, magento: MagentoConnector) -> None:
    """Magento itself would drop them."""
    shop.answers("GET", "customerGroups/4", GOLD)
    shop.answers("GET", SEARCH, {"items": [GOLD], "total_count": 1})
    shop.answers("GET", "customers/search", NONE)
    shop.answers("GET", "products", {"items": [{"id": 1, "sku": "A"}], "total_count": 1})
    row = {"sku": "A", "customer_group": "Gold", "website_id": 0, "quantity": 1}
    shop.answers(
        "POST", "products/tier-prices-information", [{**row, "price_type": "fixed", "price": 1}]
    )
    with pytest.raises(InUse, match="SKU A"):
        magento.delete_group("4")
    assert not [path for path in shop.paths if path.startswith("DELETE")]


def test_the_default_group_stays(shop: Any, recorded: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", "customerGroups/1", GENERAL)
    shop.answers("GET", "customers/search", NONE)
    shop.answers("GET", "products", NONE)
    shop.replays(recorded("customer_groups", 16))
    with pytest.raises(InUse, match="Cannot delete group"):
        magento.delete_group("1")


def test_a_group_is_its_own_audience(shop: Any, groups: None, magento: MagentoConnector) -> None:
    found = {one.id: one for one in magento.audiences()}
    assert found["2"] == Audience("2", "Wholesale", ("2",))
    assert found["32000"] == Audience("32000", "ALL GROUPS", ("0", "1", "2", "3"))
    assert magento.audience_id("2") == "2" == PLATFORM.audience_id("acme/shop", "2")
    assert PLATFORM.new_group_id("acme/shop", "gold") is None


def test_nothing_is_made_for_an_audience(shop: Any, magento: MagentoConnector) -> None:
    shop.answers("GET", "customerGroups/4", GOLD)
    assert magento.create_audience("4", "Gold") == Audience("4", "Gold", ("4",))
    magento.delete_audience("4")
    assert shop.paths == ["GET customerGroups/4"]
