"""Points shown in the shop: written beside what others keep there, read back, taken away."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.errors import Mismatch, NotFound, Rejected, Unauthorized
from connectors.sales import Balance, Balances
from connectors.shopware import ids
from connectors.shopware.balances import FIELDS, SET_NAME, balance_of, fields_of
from connectors.shopware.connector import ShopwareConnector

from .conftest import MARK, FakeShop, Recordings

SYNC = "/api/_action/sync"
CUSTOMERS = "/api/search/customer"
SET_ID = ids.derived_id(MARK, "custom-field-set", SET_NAME)
GOLD = Balance(120, 30, "Gold", "gold", 20, "2026-12-31")
NONE_YET = Balance(0, 0)
Row = dict[str, Any]


def field_id(name: str) -> str:
    return ids.derived_id(MARK, "custom-field", name)


@pytest.fixture
def balances(connector: ShopwareConnector) -> Balances:
    assert connector.balances is not None
    return connector.balances


class Shelf:
    """Customers and fields of a shop that merges custom fields by key, as recorded."""

    def __init__(self, shop: FakeShop, recorded: Recordings) -> None:
        self.customers: dict[str, Row] = {}
        self.fields: list[Row] = []
        self.sets: list[Row] = []
        self._refusal = recorded.body("customers", 19)
        self._wrong = recorded.body("customers", 15)
        shop.on("POST", CUSTOMERS, self._search)
        shop.on("POST", "/api/search/custom-field", lambda _: (200, listed(self.fields)))
        shop.on("POST", "/api/search/custom-field-set", lambda _: (200, listed(self.sets)))
        shop.on("POST", SYNC, self._sync)

    def add(self, name: str, fields: Any = None) -> None:
        number = len(self.customers) + 1
        self.customers[name] = {"id": name, "autoIncrement": number, "customFields": fields}

    def _search(self, criteria: Row) -> tuple[int, Any]:
        rows = [r for r in self.customers.values() if r["id"] in criteria.get("ids", [r["id"]])]
        for one in criteria.get("filter", ()):
            rows = [r for r in rows if r["autoIncrement"] > one["parameters"]["gt"]]
        return 200, listed(rows[: criteria["limit"]])

    def _sync(self, body: Row) -> tuple[int, Any]:
        for key, one in body.items():
            if one["entity"] == "custom_field_set":
                self.sets = one["payload"]
                self.fields += one["payload"][0]["customFields"]
            elif one["entity"] == "customer":
                answer = self._upsert(key, one["payload"])
                if answer:
                    return answer
        return 200, {"extensions": [], "data": {}, "notFound": [], "deleted": []}

    def _upsert(self, key: str, rows: list[Row]) -> tuple[int, Any] | None:
        for index, row in enumerate(rows):
            if row["id"] not in self.customers:
                return 400, self._pointing(self._refusal, key, index)
            if row["customFields"].get("loyalty_bridge_points") == 666:
                return 400, self._pointing(self._wrong, key, index)
        for row in rows:
            there = self.customers[row["id"]]
            there["customFields"] = {**(there["customFields"] or {}), **row["customFields"]}
        return None

    @staticmethod
    def _pointing(refusal: Row, key: str, index: int) -> Row:
        errors = []
        for error in refusal["errors"]:
            field = error["source"]["pointer"].rpartition("/")[2]
            errors.append({**error, "source": {"pointer": f"/{key}/{index}/{field}"}})
        return {"errors": errors}


def listed(rows: list[Row]) -> Row:
    return {"total": len(rows), "data": rows, "aggregations": []}


@pytest.fixture
def shelf(shop: FakeShop, recorded: Recordings) -> Shelf:
    return Shelf(shop, recorded)


# --- the fields ----------------------------------------------------------------------------


def test_the_set_of_fields(shop: FakeShop, shelf: Shelf, balances: Balances) -> None:
    balances.prepare()
    (sent,) = shop.sent(SYNC)
    (payload,) = sent["set"]["payload"]
    assert sent["set"]["entity"] == "custom_field_set"
    assert (payload["id"], payload["name"]) == (SET_ID, "loyalty_bridge")
    assert [one["entityName"] for one in payload["relations"]] == ["customer"]
    assert payload["config"]["label"].keys() == {"en-GB", "de-DE"}
    assert {one["name"]: one["type"] for one in payload["customFields"]} == {
        "loyalty_bridge_points": "int",
        "loyalty_bridge_pending": "int",
        "loyalty_bridge_tier": "text",
        "loyalty_bridge_tier_key": "text",
        "loyalty_bridge_expiring": "int",
        "loyalty_bridge_expires_on": "text",
    }
    for one in payload["customFields"]:
        assert one["allowCustomerWrite"] is False
        assert one["config"]["label"].keys() == {"en-GB", "de-DE"}
        assert one["id"] == field_id(one["name"])
    assert shop.headers(SYNC)[0]["sw-skip-trigger-flow"] == "1"


def test_preparing_twice_leaves_what_an_administrator_arranged(
    shop: FakeShop, shelf: Shelf, balances: Balances
) -> None:
    balances.prepare()
    balances.prepare()
    first, second = (sent["set"]["payload"][0] for sent in shop.sent(SYNC))
    assert second["id"] == first["id"]
    assert second["customFields"] == []
    assert "config" not in second


def test_a_field_that_somebody_removed_is_made_again(
    shop: FakeShop, shelf: Shelf, balances: Balances
) -> None:
    balances.prepare()
    del shelf.fields[2]
    balances.prepare()
    again = shop.sent(SYNC)[1]["set"]["payload"][0]["customFields"]
    assert [one["name"] for one in again] == ["loyalty_bridge_tier"]


def test_fields_of_another_programme_are_not_taken_over(
    shop: FakeShop, shelf: Shelf, balances: Balances
) -> None:
    shelf.fields = [{"id": "f" * 32, "name": "loyalty_bridge_points", "type": "int"}]
    with pytest.raises(Mismatch, match="loyalty_bridge_points"):
        balances.prepare()
    assert shop.sent(SYNC) == []


# --- reading and writing -------------------------------------------------------------------


@pytest.mark.parametrize("balance", [GOLD, NONE_YET, Balance(5, 0, "Bronze", "bronze")])
def test_what_is_written_is_read_back(shelf: Shelf, balances: Balances, balance: Balance) -> None:
    shelf.add("c")
    assert balances.write({"c": balance}) == {}
    assert balances.read(["c"]) == {"c": balance}


def test_what_others_keep_there_stays(
    shop: FakeShop, shelf: Shelf, balances: Balances, recorded: Recordings
) -> None:
    """Neither is the field ever sent empty or null, which would wipe it."""
    others = recorded.body("customers", 17)["data"][0]["customFields"]
    shelf.add("c", dict(others))
    balances.write({"c": GOLD})
    balances.write({"c": NONE_YET})
    assert others.items() <= shelf.customers["c"]["customFields"].items()
    for sent in shop.sent(SYNC):
        (row,) = sent["customers"]["payload"]
        assert row.keys() == {"id", "customFields"}
        assert row["customFields"].keys() == FIELDS.keys()
    assert {h["sw-skip-trigger-flow"] for h in shop.headers(SYNC)} == {"1"}


@pytest.mark.parametrize("fields", [None, [], {}, {"loyalty_bridge_points": None}, {"x": 1}])
def test_a_customer_without_points_is_told_from_one_who_is_gone(
    shelf: Shelf, balances: Balances, fields: Any
) -> None:
    shelf.add("c", fields)
    assert balances.read(["c", "gone"]) == {"c": None}


def test_nobody_is_asked_for_or_written(shop: FakeShop, shelf: Shelf, balances: Balances) -> None:
    assert (balances.read([]), balances.write({})) == ({}, {})
    assert len(shop.mock.calls) == 0


def test_a_bad_row_does_not_hide_the_good_ones(shelf: Shelf, balances: Balances) -> None:
    for name in "abcd":
        shelf.add(name)
    wanted = dict.fromkeys("abcd", GOLD) | {"gone": GOLD, "b": Balance(666, 0)}
    refused = balances.write(wanted)
    assert refused.keys() == {"gone", "b"}
    assert isinstance(refused["gone"], NotFound)
    assert "gone" in refused["gone"].message
    assert type(refused["b"]) is Rejected
    assert balances.read(["a", "b", "c", "d"]) == {"a": GOLD, "b": None, "c": GOLD, "d": GOLD}


def test_a_shop_that_lets_nobody_in_refuses_no_customer(
    shop: FakeShop, balances: Balances, recorded: Recordings
) -> None:
    shop.mock.reset()
    shop.add("POST", "/api/oauth/token", 401, recorded.body("oauth", 1))
    with pytest.raises(Unauthorized):
        balances.write({"c": GOLD})


def test_every_field_is_there_and_back() -> None:
    fields = fields_of(GOLD)
    assert fields.keys() == FIELDS.keys()
    assert balance_of({"customFields": fields}) == GOLD


# --- leaving -------------------------------------------------------------------------------


def test_leaving_takes_values_and_fields_away(
    shop: FakeShop, shelf: Shelf, balances: Balances
) -> None:
    for number in range(230):
        shelf.add(f"c{number}", {"theirs": number})
    shelf.customers["c0"]["customFields"]["loyalty_bridge_redeem_key"] = "0123456789abcdef"
    shop.add("DELETE", f"/api/custom-field-set/{SET_ID}", 204, "")
    balances.write({f"c{number}": NONE_YET for number in range(0, 230, 2)})
    before = len(shop.sent(SYNC))
    balances.remove()
    for number in range(230):
        left = shelf.customers[f"c{number}"]["customFields"]
        assert {name: value for name, value in left.items() if value is not None} == {
            "theirs": number
        }
    cleared = [sent["customers"]["payload"] for sent in shop.sent(SYNC)[before:]]
    assert [len(rows) for rows in cleared] == [100, 15]
    assert shop.mock.calls[-1].request.method == "DELETE"


def test_leaving_twice(
    shop: FakeShop, shelf: Shelf, balances: Balances, recorded: Recordings
) -> None:
    shop.add("DELETE", f"/api/custom-field-set/{SET_ID}", 404, recorded.body("customers", 22))
    balances.remove()
    assert shop.sent(SYNC) == []


def test_leaving_does_not_touch_the_points_of_another_programme(
    shop: FakeShop, shelf: Shelf, balances: Balances, recorded: Recordings
) -> None:
    shelf.fields = [{"id": "f" * 32, "name": "loyalty_bridge_points", "type": "int"}]
    shelf.add("c", fields_of(GOLD))
    shop.add("DELETE", f"/api/custom-field-set/{SET_ID}", 404, recorded.body("customers", 22))
    balances.remove()
    assert balances.read(["c"]) == {"c": GOLD}
