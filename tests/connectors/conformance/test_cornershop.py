"""The suite on a connector that knows nothing of it: as a third party would run it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cornershop.sandbox import serve
from cornershop.testing import shop_on

from connectors.conformance import Ability, ConnectorConformance, Shop
from connectors.sandbox.server import RunningSandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with serve() as running:
        yield running


class TestCornerShop(ConnectorConformance):
    cannot = frozenset(
        {
            Ability.VARIANTS,
            Ability.BUNDLES,
            Ability.OWN_AUDIENCES,
            Ability.CONTENT,
            Ability.OWNERS,
            Ability.ADDRESSES,
            Ability.PLUGIN,
        }
    )

    @pytest.fixture
    def shop(self, sandbox: RunningSandbox) -> Shop:
        return shop_on(sandbox)
