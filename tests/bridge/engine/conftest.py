"""Sandboxes of the platforms, and a merchant with stores in them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from engine_world import Merchant

from bridge.db import Database
from bridge.plugins import sandboxes
from connectors.sandbox.server import RunningSandbox


@pytest.fixture(scope="session")
def served() -> Iterator[dict[str, RunningSandbox]]:
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(sandbox.serve(products=40, customers=9))
            for name, sandbox in sandboxes().items()
        }


@pytest.fixture
def merchants(
    database: Database,
    database_url: str,
    tmp_path: Path,
    served: dict[str, RunningSandbox],
) -> Callable[..., Merchant]:
    for running in served.values():
        running.reset()

    def make(key: str = "acme") -> Merchant:
        merchant = Merchant(database, database_url, tmp_path / key, key)
        for name, running in served.items():
            merchant.connect(sandboxes()[name], running)
        return merchant

    return make
