"""Tables and figures of the documentation say what the code does."""

from __future__ import annotations

import re

import pytest
from documents import DOCS, ROOT, blocks, table_below

from bridge.cli.failing import FAILED, INTERRUPTED
from bridge.cli.plan import CHANGES
from bridge.cli.reference import pages
from bridge.config import Settings
from bridge.models import TABLES
from bridge.outbox.delivering import FAILURES_BEFORE_STOP, LONGEST_PAUSE
from bridge.outbox.judging import MOST_ATTEMPTS
from bridge.outbox.models import DeliveryState
from bridge.outbox.snapshots import Base
from bridge.plans.parts import Stage
from bridge.plans.three_way import Action, decide
from bridge.plugins import platforms, sandboxes
from bridge.programme.document import Policy
from bridge.programme.rewards import Returned
from bridge.vouchers.models import VoucherState
from bridge.vouchers.pooling import CODES_PER_POOL
from connectors import errors
from connectors.base import Connection, Finding, Severity
from connectors.errors import ConnectorError
from connectors.magento.readiness import SALES_PROBES
from connectors.shopware.privileges import FEATURES, NEEDED

# -- how a plan is made ---------------------------------------------------------------------

PLAN = DOCS / "explanation" / "plan.md"
THREE_WAY = table_below(PLAN, "| last agreed | programme | shop | policy | then |")


def value(cell: str) -> str | None:
    return None if cell == "\N{EN DASH}" else cell


@pytest.mark.parametrize("row", THREE_WAY, ids="-".join)
def test_the_comparison_is_as_the_table_says(row: list[str]) -> None:
    agreed, ours, theirs, policies, then = row
    base = None
    if not agreed.startswith("never"):
        ours_then, _, adopted = agreed.partition(", shop's ")
        base = Base(ours_then, adopted.removesuffix(" adopted") or ours_then)
    for policy in Policy if policies == "any" else (Policy(policies),):
        found = decide(value(ours), value(theirs), base, policy, take_over="take_over" in agreed)
        assert found is Action(then)


def test_every_outcome_and_policy_is_in_the_table() -> None:
    assert {row[4] for row in THREE_WAY} == {action.value for action in Action}
    assert {row[3] for row in THREE_WAY} == {"any", *(policy.value for policy in Policy)}


# -- delivering -----------------------------------------------------------------------------


def test_figures_of_delivering() -> None:
    text = (DOCS / "explanation" / "delivery.md").read_text("utf-8")
    assert f"at most {MOST_ATTEMPTS} tries" in text
    assert f"pauses of up to {LONGEST_PAUSE:.0f} seconds" in text
    assert f"after {FAILURES_BEFORE_STOP} calls in a row" in text
    steps = re.findall(r"(\d)\. [a-z]", text[text.index("## Order") :])
    assert [int(step) for step in steps] == list(range(1, len(Stage) + 1))


def test_every_state_of_a_delivery_is_explained_where_a_person_looks() -> None:
    shown = {row[0] for row in table_below(DOCS / "operations.md", "| state | what to do |")}
    over = {DeliveryState.DONE.value, DeliveryState.CANCELLED.value}
    assert shown == {state.value for state in DeliveryState} - over


# -- vouchers -------------------------------------------------------------------------------

VOUCHERS = DOCS / "explanation" / "vouchers.md"


def test_every_state_of_a_voucher_is_explained() -> None:
    head = "| state | the code in the shop | the points |"
    assert {row[0] for row in table_below(VOUCHERS, head)} == {one.value for one in VoucherState}


def test_figures_of_vouchers() -> None:
    said = f"{CODES_PER_POOL:,}"
    assert f"{said} at most" in VOUCHERS.read_text("utf-8")
    table = table_below(DOCS / "explanation" / "native-rewards.md", "| | Magento 2 | Shopware 6 |")
    (row,) = (row for row in table if "how many codes" in row[0])
    assert row[1:] == [f"{said} at most"] * 2
    for platform in ("magento", "shopware"):
        assert _codes_per_promotion(platform) >= CODES_PER_POOL


def _codes_per_promotion(platform: str) -> int:
    sandbox = sandboxes()[platform]
    answers = {one.name: one.default for one in platforms()[platform].questions}
    connection = Connection(
        "https://shop.example",
        sandbox.credentials,
        {**answers, **sandbox.settings},
        "docs/shop",
    )
    connector = platforms()[platform].connect(connection)
    try:
        assert connector.promotions is not None
        return connector.promotions.codes_per_promotion
    finally:
        connector.close()


def test_what_becomes_of_points_when_an_order_is_returned() -> None:
    text = VOUCHERS.read_text("utf-8")
    assert all(f"`{'returned: ' * (one is Returned.SHARE)}{one.value}`" in text for one in Returned)


# -- reference ------------------------------------------------------------------------------


def test_exit_codes() -> None:
    page = DOCS / "reference" / "exit-codes.md"
    shown = {int(row[0]) for row in table_below(page, "| code | when |")}
    assert shown == {0, FAILED, CHANGES, INTERRUPTED}


def test_every_table_column_setting_and_error_is_in_the_reference() -> None:
    made = pages()
    for model in TABLES:
        (section,) = re.findall(
            rf"^## {model.__tablename__}$(.*?)(?=^## |\Z)", made["tables.md"], re.M | re.S
        )
        assert all(f"| `{name}` |" in section for name in model.model_fields)
    for name in Settings.model_fields:
        assert f"`LOYALTY_BRIDGE_{name.upper()}`" in made["settings.md"]
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, ConnectorError):
            assert f"| `{name}`" in made["errors.md"]


def test_policies_are_explained() -> None:
    page = DOCS / "how-to" / "resolve-conflicts.md"
    head = "| `policy` of a price list | a row that only the shop changed |"
    assert {row[0] for row in table_below(page, head)} == {policy.value for policy in Policy}


# -- connecting -----------------------------------------------------------------------------

MAGENTO = DOCS / "how-to" / "connect-magento.md"
RESOURCES = [row[0] for row in table_below(MAGENTO, "| resource | for |")]


def findings(missing: list[str]) -> list[Finding]:
    sandbox = sandboxes()["magento"]
    with sandbox.serve(products=5, customers=5) as shop:
        shop.faults.set(shop={"missing_privileges": missing})
        connection = Connection(shop.url, sandbox.credentials, sandbox.settings, "docs/magento")
        connector = platforms()["magento"].connect(connection)
        try:
            return connector.check()
        finally:
            connector.close()


@pytest.mark.parametrize("resource", RESOURCES)
def test_each_resource_of_magento_is_needed(resource: str) -> None:
    said = [one.found for one in findings([resource]) if one.severity is Severity.ERROR]
    assert any(resource in text for text in said)


FOR_POINTS = [row[0] for row in table_below(MAGENTO, "| resource | for points |")]


def test_every_resource_of_magento_that_points_need_is_named() -> None:
    assert len(FOR_POINTS) == len(SALES_PROBES)


@pytest.mark.parametrize("resource", FOR_POINTS)
def test_without_it_magento_earns_no_points_and_the_rest_works(resource: str) -> None:
    found = findings([resource])
    assert [one for one in found if one.severity is Severity.ERROR] == []
    said = [one.found for one in found if one.severity is Severity.WARNING]
    assert any(resource in text and "earns points" in text for text in said)


def test_no_other_resource_of_magento_is_needed() -> None:
    """Those of every other route that the sandbox has are missing, and nothing is complained of."""
    others = ["Magento_Backend::admin", "Magento_Tax::manage_tax", "Magento_Cart::manage"]
    assert not set(others) & set(RESOURCES)
    assert [one for one in findings(others) if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize("name", ["magento", "shopware"])
def test_what_a_platform_asks_at_set_up_is_explained(name: str) -> None:
    page = DOCS / "how-to" / f"connect-{name}.md"
    shown = {row[0]: row[1] for row in table_below(page, "| answer | default | |")}
    assert shown == {one.name: one.default for one in platforms()[name].questions}


def test_the_privileges_of_shopware() -> None:
    page = DOCS / "how-to" / "connect-shopware.md"
    (block,) = (one for one in blocks(page) if one.about == "privileges")
    assert block.text.split() == list(NEEDED)
    (more,) = (one for one in blocks(page) if one.about == "points")
    assert more.text.split() == [name for one in FEATURES for name in one.privileges]


# -- README and decisions -------------------------------------------------------------------


def test_the_commands_of_the_readme_are_eight() -> None:
    (block,) = (one for one in blocks(ROOT / "README.md") if "loyalty-bridge" in one.text)
    assert len(block.text.splitlines()) == 8


def test_decisions_have_all_their_parts_and_are_listed() -> None:
    listed = (DOCS / "decisions" / "index.md").read_text("utf-8")
    records = sorted((DOCS / "decisions").glob("0*.md"))
    for number, record in enumerate(records, 1):
        text = record.read_text("utf-8")
        assert text.startswith(f"# {number}. ")
        assert f"({record.name})" in listed
        assert re.findall(r"^## (.+)$", text, re.M) == [
            "Context",
            "Decision",
            "Consequences",
            "What else was looked at",
        ]


def test_every_package_is_given_or_has_a_reason() -> None:
    given = (
        "requests flask sqlmodel apscheduler responses pytest pydantic pydantic-settings alembic "
        "psycopg requests-oauthlib tenacity pyrate-limiter cryptography structlog click rich"
    )
    lines = (ROOT / "pyproject.toml").read_text("utf-8")
    named = set(re.findall(r'^    "([a-z][a-z0-9.-]*?)(?:\[\w+\])?[>=<]', lines, re.M))
    extra = {name for name in named - set(given.split()) if not name.startswith("types-")}
    reasons = (DOCS / "decisions" / "0001-dependencies.md").read_text("utf-8")
    assert extra
    assert {name for name in extra if f"**{name}**" not in reasons} == set()
