"""Customers: only what is needed is read; a move changes the group and nothing else."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connectors.base import Customer
from connectors.errors import AnswerLost, Mismatch, NotFound, Rejected
from connectors.magento.connector import MagentoConnector
from connectors.magento.customers import differences

PATH = "customers/2"


@pytest.fixture
def before(recorded: Any) -> dict[str, Any]:
    found: dict[str, Any] = recorded("customers", 4)["response"]["body"]
    return found


@pytest.fixture
def after(recorded: Any) -> dict[str, Any]:
    found: dict[str, Any] = recorded("customers", 12)["response"]["body"]
    return found


def test_a_recorded_customer(shop: Any, recorded: Any, magento: MagentoConnector) -> None:
    shop.replays(recorded("customers", 4))
    assert magento.customer("2") == Customer(
        id="2",
        email="buyer359563@example.com",
        group_id="1",
        store_id="1",
        created_at=datetime(2026, 11, 22, 14, 59, 26, tzinfo=UTC),
        updated_at=datetime(2026, 11, 22, 14, 59, 26, tzinfo=UTC),
        company="Muster GmbH",
        vat_id="DE123456789",
    )


def test_an_unconfirmed_address_is_known(
    shop: Any, before: dict[str, Any], magento: MagentoConnector
) -> None:
    shop.answers("GET", PATH, {**before, "confirmation": "4f3a"})
    assert not magento.customer("2").is_confirmed


def test_an_unknown_customer(shop: Any, recorded: Any, magento: MagentoConnector) -> None:
    shop.replays(recorded("customers", 5))
    with pytest.raises(NotFound, match="No such entity with customerId = 999999"):
        magento.customer("999999")


def test_only_needed_fields_of_a_person_are_fetched(
    shop: Any, recorded: Any, magento: MagentoConnector
) -> None:
    shop.replays(recorded("customers", 7))
    assert [one.id for one in magento.customers()] == ["1", "2"]
    [asked] = shop.requests("customers/search")
    for private in ("firstname", "lastname", "dob", "telephone", "street", "gender"):
        assert private not in asked["fields"]


def test_the_walk_begins_at_the_change_time_in_utc(
    shop: Any, recorded: Any, magento: MagentoConnector
) -> None:
    shop.replays(recorded("customers", 7))
    since = datetime.fromisoformat("2026-11-22T16:00:00+02:00")
    list(magento.customers(since))
    [asked] = shop.requests("customers/search")
    prefix = "searchCriteria[filter_groups][0][filters][0]"
    assert asked[f"{prefix}[field]"] == "updated_at"
    assert asked[f"{prefix}[value]"] == "2026-11-22 14:00:00"
    assert asked[f"{prefix}[condition_type]"] == "gteq"
    assert asked["searchCriteria[sortOrders][1][field]"] == "entity_id"


def test_a_move_sends_back_all_but_addresses_and_newsletter(
    shop: Any, recorded: Any, before: dict[str, Any], after: dict[str, Any],
    magento: MagentoConnector,
) -> None:  # fmt: skip
    shop.answers("GET", PATH, before, after)
    shop.replays(recorded("customers", 12))
    assert magento.move_customer("2", "2").group_id == "2"
    whole = recorded("customers", 12)["request"]["body"]["customer"]
    del whole["addresses"], whole["extension_attributes"]
    assert whole["default_billing"] == "2"
    assert shop.requests(PATH, "PUT") == [{"customer": whole}]
    assert shop.paths == [f"GET {PATH}", f"PUT {PATH}", f"GET {PATH}"]


def test_a_move_to_the_same_group_writes_nothing(
    shop: Any, before: dict[str, Any], magento: MagentoConnector
) -> None:
    shop.answers("GET", PATH, before)
    assert magento.move_customer("2", "1").group_id == "1"
    assert shop.paths == [f"GET {PATH}"]


def test_a_move_that_changed_more_is_reported_without_personal_data(
    shop: Any, before: dict[str, Any], after: dict[str, Any], magento: MagentoConnector
) -> None:
    broken = copy.deepcopy(after)
    broken["default_billing"] = None
    broken["addresses"][0]["city"] = "Bonn"
    shop.answers("GET", PATH, before, broken)
    shop.answers("PUT", PATH, broken)
    with pytest.raises(Mismatch, match="addresses, default_billing") as caught:
        magento.move_customer("2", "2")
    assert "Bonn" not in str(caught.value)
    assert "Berlin" not in str(caught.value)


def test_a_group_that_did_not_stick_is_reported(
    shop: Any, before: dict[str, Any], magento: MagentoConnector
) -> None:
    shop.answers("GET", PATH, before, {**before, "group_id": 3})
    shop.answers("PUT", PATH, before)
    with pytest.raises(Mismatch, match="group 3 instead of 2"):
        magento.move_customer("2", "2")


def test_a_move_is_never_sent_twice(
    shop: Any, before: dict[str, Any], magento: MagentoConnector
) -> None:
    """It would undo what the customer changed between the two."""
    shop.answers("GET", PATH, before)
    url = "https://shop.test/rest/all/V1/customers/2"
    shop.mock.put(url, body=requests.ConnectionError("cut"))
    with pytest.raises(AnswerLost):
        magento.move_customer("2", "2")
    assert shop.paths.count(f"PUT {PATH}") == 1


def test_a_move_to_an_unknown_group(
    shop: Any, recorded: Any, before: dict[str, Any], magento: MagentoConnector
) -> None:
    shop.answers("GET", PATH, before)
    shop.replays(recorded("customers", 15))
    with pytest.raises(Rejected, match="group id does not exist"):
        magento.move_customer("2", "999")


@pytest.mark.parametrize("bad", ["", "../orders", "new:gold", "1?x=1"])
def test_an_id_that_is_none_is_not_sent(shop: Any, magento: MagentoConnector, bad: str) -> None:
    with pytest.raises(NotFound):
        magento.customer(bad)
    with pytest.raises(NotFound):
        magento.move_customer("2", bad)
    assert shop.paths == []


def test_what_a_recorded_save_adds_is_no_difference(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert "region_id" not in before["addresses"][0]
    assert after["addresses"][0]["region_id"] == 0
    assert differences(before, after) == []


@pytest.mark.parametrize(
    ("where", "name"),
    [("customer", "taxvat"), ("customer", "custom_attributes"), ("address", "region_id")],
)
def test_any_other_difference_counts(
    before: dict[str, Any], after: dict[str, Any], where: str, name: str
) -> None:
    changed = copy.deepcopy(after)
    (changed if where == "customer" else changed["addresses"][0])[name] = 99
    assert differences(before, changed) == ["addresses" if where == "address" else name]
