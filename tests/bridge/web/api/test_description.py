"""The API keeps to its own description, whatever is sent: no fault, no undescribed answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import schemathesis
from caller import Merchant
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from toyshop import Style, World

from bridge.api_tokens.scopes import Scope
from bridge.db import Database
from bridge.web.api.serving import operations

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_every_operation_is_described_and_says_its_scope(merchant: Merchant) -> None:
    told = merchant.app.test_client().get("/api/v1/openapi.json").json
    for one in operations():
        described = told["paths"][f"/api/v1{one.path}"][one.method.lower()]
        assert (
            described["summary"].endswith(".")
            and f"`{one.scope.value}`" in described["description"]
        )
    names = [one.name for one in operations()]
    assert len(names) == len(set(names))


def test_people_can_read_it_too(merchant: Merchant) -> None:
    page = merchant.app.test_client().get("/api/v1/")
    assert page.status_code == 200
    assert all(f"/api/v1{one.path}" in page.text for one in operations())
    assert {scope.value for scope in Scope} >= {one.scope.value for one in operations()}


@pytest.fixture
def fuzzed(sqlite_url: str, open_database: Callable[[str], Database], tmp_path: Path) -> Merchant:
    world = World(open_database(sqlite_url), tmp_path / "home")
    world.open(Style.NUMBERED)
    return Merchant(world)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_sent_nothing_breaks(fuzzed: Merchant, mode: GenerationMode) -> None:
    fuzzed.member()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", fuzzed.app)
    headers = {"Authorization": f"Bearer {fuzzed.make_token().token}"}
    seen: list[str] = []
    for found in schema.get_all_operations():
        operation = found.ok()
        seen.append(operation.label)

        @given(case=operation.as_strategy(mode))
        @settings(max_examples=5, database=None, suppress_health_check=list(HealthCheck))
        def check(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, checks=CHECKS)

        check()
    assert len(seen) == len(operations())
