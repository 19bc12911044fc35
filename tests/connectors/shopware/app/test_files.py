"""The zip is one that a shop and Shopware's store take, and that works there."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from xml.etree import ElementTree

import pytest

from connectors.shopware.app import ShopwareRegistration
from connectors.webhooks import Addresses

REGISTRATION = ShopwareRegistration()
MANIFEST = REGISTRATION.manifest(
    Addresses("https://bridge.example/x/register", "https://bridge.example/x/events"), "secret"
)
with zipfile.ZipFile(io.BytesIO(REGISTRATION.package(MANIFEST))) as archive:
    FILES = {name.removeprefix("LoyaltyBridge/"): archive.read(name) for name in archive.namelist()}
ROOT = ElementTree.fromstring(MANIFEST)  # noqa: S314 - our own
FLOW = ElementTree.fromstring(FILES["Resources/flow.xml"])  # noqa: S314 - our own

ALLOWED = {
    "manifest": "meta setup admin permissions custom-fields webhooks rule-conditions",
    "meta": "name label description author copyright version icon license compatibility",
    "setup": "registrationUrl secret",
    "admin": "action-button module",
    "action-button": "label",
    "module": "label",
    "permissions": "read create update delete",
    "custom-fields": "custom-field-set",
    "custom-field-set": "name label related-entities fields",
    "related-entities": "customer",
    "fields": "text float int",
    "text": "label position required",
    "float": "label position required",
    "int": "label position required",
    "webhooks": "webhook",
    "rule-conditions": "rule-condition",
    "rule-condition": "identifier name group script constraints",
    "constraints": "single-select text int",
    "single-select": "label required options",
    "options": "option",
    "option": "name",
}
"""What Shopware's manifest-2.0.xsd lets stand in each element, as far as the app has it."""


def test_the_manifest_holds_nothing_that_its_schema_does_not_know() -> None:
    for element in ROOT.iter():
        known = ALLOWED.get(element.tag, "").split()
        assert {child.tag for child in element} <= set(known), element.tag
    for element in ROOT.iterfind(".//*[@lang]"):
        # A shop refuses to install what is told in a language that it does not have.
        assert element.get("lang") == "de-DE"


def test_the_store_finds_what_it_asks_for_and_no_php() -> None:
    assert not [name for name in FILES if name.endswith((".php", ".phtml", ".phar"))]
    assert not [name for name, content in FILES.items() if b"<?php" in content]
    assert re.fullmatch(r"\d+\.\d+\.\d+", ROOT.findtext("meta/version") or "")
    icon = FILES[ROOT.findtext("meta/icon") or ""]
    assert icon.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", icon[16:24]) == (256, 256)


def test_who_opens_it_reads_how_to_install_it_and_finds_nothing_else() -> None:
    beside = {name for name in FILES if not name.startswith("Resources/")}
    assert beside == {"LICENSE", "README.md", "manifest.xml"}
    told = FILES["README.md"].decode()
    assert "Upload extension" in told
    assert b"MIT License" in FILES["LICENSE"]


@pytest.mark.parametrize("path", ["meta/label", "meta/description", "admin//label"])
def test_merchants_read_it_in_english_and_german(path: str) -> None:
    found = ROOT.findall(path)
    languages = [element.get("lang") for element in found]
    assert languages == [None, "de-DE"] * (len(found) // 2)
    assert all((element.text or "").strip() for element in found)


def test_conditions_and_scripts_are_where_the_shop_looks_for_them() -> None:
    scripts = [found.text for found in ROOT.findall("rule-conditions/rule-condition/script")]
    assert [f"Resources/scripts/rule-conditions/{name}" in FILES for name in scripts] == [True] * 2
    assert {name.split("/")[2] for name in FILES if name.startswith("Resources/scripts/")} == {
        "cart",
        "rule-conditions",
        "storefront-loyalty-bridge-points",
        "storefront-loyalty-bridge-referral",
    }


def test_the_flows_action_has_what_a_shop_insists_on() -> None:
    """``<config>`` and ``<headers>`` are mandatory, parameters are texts (PLUGIN_FACTS "Flow
    actions")."""
    (action,) = FLOW.findall("flow-actions/flow-action")
    assert [element.tag for element in action] == ["meta", "headers", "parameters", "config"]
    assert all(len(element) for element in action)
    assert re.fullmatch("[a-z][a-z.]*[a-z]", action.findtext("meta/name") or "")
    assert action.findtext("meta/url") == "https://bridge.example/x/award"
    parameters = action.findall("*/parameter")
    assert {parameter.get("type") for parameter in parameters} == {"string"}
    asked = {field.findtext("name") for field in action.findall("config/input-field")}
    used = {str(parameter.get("value")) for parameter in action.findall("parameters/parameter")}
    assert used == {"{{ customer.id }}"} | {f"{{{{ {name} }}}}" for name in asked}


def test_pages_load_only_what_the_app_brings_and_nothing_from_elsewhere() -> None:
    assets = {
        f"Resources/public/{name}"
        for content in FILES.values()
        for name in re.findall(rb"asset\('bundles/loyaltybridge/([\w.-]+)', 'asset'\)", content)
        for name in [name.decode()]
    }
    assert assets == {name for name in FILES if name.startswith("Resources/public/")}
    for name, content in FILES.items():
        if name.endswith((".twig", ".js", ".css")):
            assert b"http://" not in content and b"https://" not in content, name
            assert b"|raw" not in content or name.endswith("buy-widget-price.html.twig"), name
