"""The conformance suite: what the bridge relies on, as tests that every connector inherits.

Needs ``pytest``. A connector's own tests subclass :class:`ConnectorConformance` and override
one fixture, which gives each test a shop in a known state::

    class TestWooCommerce(ConnectorConformance):
        cannot = frozenset({Ability.STORE_ROWS})

        @pytest.fixture
        def shop(self) -> Shop: ...

How, from the first line on: ``docs/how-to/write-a-connector.md``.
"""

import pytest

pytest.register_assert_rewrite(
    *(
        f"{__name__}.{module}"
        for module in (
            "balances",
            "base",
            "baskets",
            "carts",
            "catalogue",
            "codes",
            "codes_trouble",
            "customers",
            "declared",
            "feed",
            "feed_trouble",
            "groups",
            "ladders",
            "offers",
            "orders",
            "orders_later",
            "orders_money",
            "plugin_gifts",
            "promotions",
            "promotions_text",
            "sharing",
            "shopping",
            "tier_prices",
            "trouble",
            "used_codes",
        )
    )
)

from connectors.conformance.sandboxes import SandboxFaults  # noqa: E402 - rewritten first
from connectors.conformance.shop import (  # noqa: E402
    Ability,
    Faults,
    KnownProduct,
    Notes,
    PluginDesk,
    PromotionDesk,
    Shop,
    Target,
    Trouble,
    needs,
)
from connectors.conformance.suite import ConnectorConformance  # noqa: E402

__all__ = [
    "Ability",
    "ConnectorConformance",
    "Faults",
    "KnownProduct",
    "Notes",
    "PluginDesk",
    "PromotionDesk",
    "SandboxFaults",
    "Shop",
    "Target",
    "Trouble",
    "needs",
]
