"""Platforms come from installed packages, and a broken package is one clear error."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from bridge.kit.errors import BridgeError
from bridge.plugins import platforms, sandboxes


def test_both_platforms_and_their_sandboxes_are_installed() -> None:
    assert list(platforms()) == ["magento", "shopware"]
    assert list(sandboxes()) == ["magento", "shopware"]
    for name in platforms():
        assert platforms()[name].name == name
        assert sandboxes()[name].name == name


def test_an_unknown_platform_names_the_nearest() -> None:
    with pytest.raises(BridgeError, match=r"no platform `shopwear`\. Did you mean `shopware`"):
        platforms()["shopwear"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("no_such_package:PLATFORM", "cannot be loaded"),
        ("connectors.base:NO_SUCH_NAME", "cannot be loaded"),
        ("connectors.base:ALL_STORES", "is a str, not a Platform"),
    ],
)
def test_a_broken_package_is_named(
    monkeypatch: pytest.MonkeyPatch, value: str, message: str
) -> None:
    point = EntryPoint("broken", value, "loyalty_bridge.connectors")
    monkeypatch.setattr("bridge.plugins.entry_points", lambda group: [point])
    with pytest.raises(BridgeError, match=message):
        platforms()["broken"]
