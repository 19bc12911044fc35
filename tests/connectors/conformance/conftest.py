"""Makes ``cornershop`` importable, as a package that is installed would be; and shortens waits."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from connectors.http import HttpClient

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def eager_client() -> Callable[..., HttpClient]:
    """A client as a connector builds it, that tries again without a pause of its own.

    It still waits where the shop asks it to.
    """
    return partial(HttpClient, jitter=lambda low, high: 0.0)
