"""A suite that nothing fails proves nothing: each wrong connector has to fail its test."""

from __future__ import annotations

import pytest
from cornershop.broken import ALL, BROKEN

pytest_plugins = ["pytester"]

SUITE = """
import pytest
from cornershop.broken import BROKEN
from cornershop.sandbox import serve
from cornershop.testing import shop_on

from connectors.conformance import Ability, ConnectorConformance


@pytest.fixture(scope="module")
def sandbox():
    with serve() as running:
        yield running


def suite_for(broken):
    class TestBroken(ConnectorConformance):
        lacks = {Ability.VARIANTS, Ability.BUNDLES, Ability.OWN_AUDIENCES, Ability.CONTENT}
        cannot = frozenset(lacks | {Ability.OWNERS, Ability.ADDRESSES, Ability.PLUGIN})

        @pytest.fixture
        def shop(self, sandbox):
            return shop_on(sandbox, broken.platform)

    for name in dir(TestBroken):  # of thousands of tests, the one that is meant is made
        if name.startswith("test_") and name != broken.noticed_by:
            setattr(TestBroken, name, None)
    return TestBroken


globals().update({f"Test{name}": suite_for(broken) for name, broken in BROKEN.items()})
"""


def test_no_broken_connector_hides_another() -> None:
    """They are told apart by name."""
    assert len(BROKEN) == len(ALL)


@pytest.mark.long
def test_every_broken_connector_is_noticed(pytester: pytest.Pytester) -> None:
    """It fails in the body of the test that is there for it, not for want of a fixture."""
    module = pytester.makepyfile(SUITE)
    result = pytester.inline_run(
        "--tb=no",
        *(f"{module}::Test{name}::{broken.noticed_by}" for name, broken in BROKEN.items()),
    )
    _, _, failed = result.listoutcomes()
    assert {report.when for report in failed} == {"call"}
    noticed = {report.nodeid.split("::")[1].removeprefix("Test") for report in failed}
    assert noticed == set(BROKEN)
