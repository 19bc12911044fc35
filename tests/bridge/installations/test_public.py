"""Addresses that a person types into the web app: only shops that everybody can reach."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bridge.installations.public import NotPublic, UnknownHost, require_public
from bridge.installations.setting_up import needs_credentials
from bridge.kit.errors import BridgeError

NAMES = {
    "shop.example": ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"],
    "inside.example": ["10.0.0.7"],
    "both.example": ["93.184.215.14", "127.0.0.1"],
    "cloud.example": ["169.254.169.254"],
    "mapped.example": ["::ffff:192.168.0.1"],
    "nothing.example": [],
}


def resolve(host: str) -> Sequence[str]:
    if host[:1].isdigit() or ":" in host:
        return [host]
    if host not in NAMES:
        raise OSError
    return NAMES[host]


def test_a_shop_in_the_internet_may_be_called() -> None:
    require_public("https://shop.example:8443/de", resolve)
    require_public("http://93.184.215.14", resolve)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("https://inside.example", NotPublic),
        ("https://both.example", NotPublic),
        ("http://cloud.example/latest/meta-data", NotPublic),
        ("https://mapped.example", NotPublic),
        ("http://127.0.0.1:8080", NotPublic),
        ("http://[::1]", NotPublic),
        ("http://[fe80::1]", NotPublic),
        ("http://0.0.0.0", NotPublic),
        ("https://nowhere.example", UnknownHost),
        ("https://nothing.example", UnknownHost),
        ("https://", UnknownHost),
    ],
)
def test_what_only_the_bridge_can_reach_is_refused(url: str, error: type[BridgeError]) -> None:
    with pytest.raises(error):
        require_public(url, resolve)


@pytest.mark.parametrize(
    ("before", "after", "needed"),
    [
        ("https://shop.example", "https://shop.example", False),
        ("http://shop.example", "http://shop.example", False),
        ("http://shop.example", "https://shop.example", False),
        ("https://shop.example", "http://shop.example", True),
        ("https://shop.example", "https://other.example", True),
        ("https://shop.example", "https://shop.example.evil.example", True),
        ("https://shop.example", "https://shop.example:8443", True),
        ("https://shop.example", "https://shop.example/other", True),
    ],
)
def test_stored_credentials_go_nowhere_but_where_they_went(
    before: str, after: str, needed: bool
) -> None:
    assert needs_credentials(before, after) is needed
