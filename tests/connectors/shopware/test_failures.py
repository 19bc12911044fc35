"""Each recorded refusal, and what a merchant reads instead."""

from __future__ import annotations

import json

import pytest

from connectors.errors import (
    AlreadyExists,
    ConnectorError,
    Forbidden,
    InUse,
    NotAShop,
    NotFound,
    Rejected,
    ShopFault,
    TooMany,
    Unauthorized,
)
from connectors.http import Answer
from connectors.shopware.failures import InvalidRows, MissingReference, classify

from .conftest import Recordings


def failure(recorded: Recordings, scenario: str, number: int) -> ConnectorError:
    response = recorded(scenario, number)["response"]
    return classify(Answer(response["status"], {}, response["body"], "", "POST /api/x", 0.1))


@pytest.mark.parametrize(
    ("scenario", "number", "kind", "text"),
    [
        ("oauth", 4, Unauthorized, 'Missing "Authorization" header'),
        ("oauth", 7, NotFound, "No route found"),
        ("oauth", 9, Rejected, "The JSON payload is malformed"),
        ("customer_groups", 4, AlreadyExists, "is there already"),
        ("customer_groups", 6, InvalidRows, "name: This value should not be blank."),
        ("customer_groups", 7, InvalidRows, 'customerGroupId: The string "not-a-uuid"'),
        ("customer_groups", 13, NotFound, "There is no thing with this id"),
        ("customer_groups", 17, Rejected, 'Field "nope" in entity "customer_group"'),
        ("customer_groups", 19, NotFound, "was not found"),
        ("customer_groups", 20, InUse, "22 customers, 2 sales channels"),
        ("customers", 4, NotFound, "customer resource"),
        ("customers", 10, MissingReference, "The customer group it names is not in the shop"),
        ("products_and_advanced_prices", 11, MissingReference, "The product it names"),
        ("products_and_advanced_prices", 12, MissingReference, "The rule it names"),
        ("products_and_advanced_prices", 13, InvalidRows, "No price for default currency"),
        ("products_and_advanced_prices", 20, InUse, "4 advanced prices"),
        ("products_and_advanced_prices", 21, TooMany, "MAX_LIMIT"),
        ("app_configuration", 6, Forbidden, "lacks the privilege customer_group:create"),
    ],
)
def test_a_recorded_refusal(
    recorded: Recordings, scenario: str, number: int, kind: type[ConnectorError], text: str
) -> None:
    error = failure(recorded, scenario, number)
    assert type(error) is kind
    assert text in str(error)
    assert "SQLSTATE" not in str(error)
    assert not error.outcome_unknown


def test_a_refused_batch_names_its_rows(recorded: Recordings) -> None:
    error = failure(recorded, "customer_groups", 15)
    assert isinstance(error, InvalidRows)
    assert error.reasons == {1: "name: This value should not be blank."}


def test_all_that_is_wrong_with_a_row_is_told(recorded: Recordings) -> None:
    error = failure(recorded, "products_and_advanced_prices", 15)
    assert isinstance(error, InvalidRows)
    assert [reason.count("blank") for reason in error.reasons.values()] == [3]
    assert all(field in error.reasons[0] for field in ("ruleId", "price", "quantityStart"))


def test_missing_privileges_are_named_once(recorded: Recordings) -> None:
    error = failure(recorded, "app_configuration", 5)
    assert isinstance(error, Forbidden)
    assert error.privileges == ("customer_group:create",)


def test_the_limit_of_a_page_is_learnt(recorded: Recordings) -> None:
    error = failure(recorded, "products_and_advanced_prices", 21)
    assert isinstance(error, TooMany)
    assert error.limit == 500


def answered(status: int, **error: str) -> ConnectorError:
    body = json.loads(json.dumps({"errors": [error]}))
    return classify(Answer(status, {}, body, "", "POST /api/x", 0.1))


def test_a_duplicate_key_is_there_already() -> None:
    detail = "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry 'x' for key"
    assert type(answered(500, code="0", detail=detail)) is AlreadyExists


def test_an_unknown_fault_is_transient_and_shows_no_sql() -> None:
    error = answered(500, code="0", detail="SQLSTATE[40001]: deadlock in `shopware`.`product`")
    assert isinstance(error, ShopFault)
    assert "SQL" not in str(error)
    assert error.outcome_unknown


def test_json_of_another_product_is_no_shop() -> None:
    answer = Answer(404, {}, {"message": "Request does not match any route."}, "", "GET /", 0.1)
    assert isinstance(classify(answer), NotAShop)
