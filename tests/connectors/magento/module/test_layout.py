"""The places of Magento's pages that the module hangs on: each is there in Magento's own source.

Read in magento/magento2 (2.3 to its present development branch). A place that a theme took away
leaves our block out and harms nothing.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

MODULE = Path(__file__).parents[4] / "connectors" / "magento" / "module"
VIEW = MODULE / "view"
LAYOUTS = sorted((VIEW / "frontend" / "layout").glob("*.xml"))

CUSTOMER = "app/code/Magento/Customer/view/frontend/layout"
THEME = "app/code/Magento/Theme/view/frontend/layout/default.xml"
CATALOG = "app/code/Magento/Catalog/view/frontend/layout/catalog_product_view.xml"
LUMA = "app/design/frontend/Magento/luma/Magento_Theme/layout/default.xml"

PLACES = {
    ("default", "header.links"): LUMA,
    ("customer_account", "customer_account_navigation"): f"{CUSTOMER}/customer_account.xml",
    ("customer_account_index", "content"): THEME,
    ("customer_account_create", "content"): THEME,
    ("loyaltybridge_points_index", "content"): THEME,
    ("catalog_product_view", "product.info.main"): CATALOG,
}
"""(page, place): the file of Magento's source that defines the place."""
NEIGHBOURS = {
    "customer_account_dashboard_info": f"{CUSTOMER}/customer_account_index.xml",
    "customer_form_register": f"{CUSTOMER}/customer_account_create.xml",
    "product.price.tier": CATALOG,
}
"""What a block of ours stands before or after."""
CORE_BLOCKS = {"Magento\\Framework\\View\\Element\\Template"}
OF_A_PERSON = {"LoyaltyBridge\\Loyalty\\ViewModel\\Points"}
"""View models that hold a person's numbers: on pages that are never cached alone."""


def parsed(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()  # noqa: S314 (our own files)


def blocks(path: Path) -> list[ElementTree.Element]:
    return list(parsed(path).iter("block"))


def view_models(block: ElementTree.Element) -> set[str]:
    kind = "{http://www.w3.org/2001/XMLSchema-instance}type"
    return {
        (argument.text or "").strip()
        for argument in block.iter("argument")
        if argument.get(kind) == "object"
    }


def source(name: str) -> Path:
    path = name.removeprefix("LoyaltyBridge\\Loyalty\\").replace("\\", "/")
    return MODULE / f"{path}.php"


def test_every_place_is_one_of_magento() -> None:
    hung = {
        (path.stem, str(place.get("name")))
        for path in LAYOUTS
        for tag in ("referenceBlock", "referenceContainer")
        for place in parsed(path).iter(tag)
    }
    neighbours = {
        str(block.get(side))
        for path in LAYOUTS
        for block in blocks(path)
        for side in ("before", "after")
        if block.get(side) is not None
    }

    assert hung == set(PLACES)
    assert neighbours == set(NEIGHBOURS)


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda path: path.stem)
def test_what_a_page_names_is_there(path: Path) -> None:
    for block in blocks(path):
        name, template = str(block.get("class")), block.get("template")
        assert name in CORE_BLOCKS or source(name).is_file(), name
        if template is not None:
            module, _, file = template.partition("::")
            assert module == "LoyaltyBridge_Loyalty"
            assert (VIEW / "frontend" / "templates" / file).is_file(), template
        for model in view_models(block):
            assert source(model).is_file(), model
    for style in parsed(path).iter("css"):
        module, _, file = str(style.get("src")).partition("::")
        assert module == "LoyaltyBridge_Loyalty"
        assert (VIEW / "frontend" / "web" / file).is_file()


def test_names_of_blocks_are_ours_and_used_once() -> None:
    names = [str(block.get("name")) for path in LAYOUTS for block in blocks(path)]

    assert len(names) == len(set(names))
    assert all(name.startswith("loyalty_bridge.") for name in names)


def test_a_persons_numbers_are_on_pages_that_are_never_cached_alone() -> None:
    """One block that says cacheable="false" keeps the whole page out of the page cache; on a page
    of everybody it would switch the cache off, and must not be there."""
    private = {
        path.stem for path in LAYOUTS for block in blocks(path) if block.get("cacheable") == "false"
    }

    assert private == {"customer_account_index", "loyaltybridge_points_index"}
    for path in LAYOUTS:
        for block in blocks(path):
            if view_models(block) & OF_A_PERSON:
                assert block.get("cacheable") == "false", block.get("name")


def test_scripts_are_modules_that_the_pages_name() -> None:
    """No script within a page: a strict content policy (Magento 2.4.7) would stop it."""
    named = {
        found
        for path in (MODULE / "ViewModel").glob("*.php")
        for found in re.findall(r"LoyaltyBridge_Loyalty/(js/[a-z]+)", path.read_text("utf-8"))
    }
    scripts = VIEW / "frontend" / "web" / "js"

    assert named == {f"js/{path.stem}" for path in scripts.glob("*.js")}
    for path in scripts.glob("*.js"):
        text = path.read_text("utf-8")
        assert not re.search(r"innerHTML|\beval\b|new Function|\.html\(", text), path.name


def test_styles_read_from_right_to_left_as_well() -> None:
    style = (VIEW / "frontend" / "web" / "css" / "loyalty-bridge.css").read_text("utf-8")

    assert not re.search(r"\b(left|right)\b|@import|url\(", style)
    classes = {
        name
        for rule in re.findall(r"([^{}]+)\{", style)
        for name in re.findall(r"\.([a-z-]+)", rule)
    }
    templates = "".join(path.read_text("utf-8") for path in VIEW.rglob("*.phtml"))
    templates += "".join(path.read_text("utf-8") for path in VIEW.rglob("*.js"))
    assert {name for name in classes if name not in templates} == set()


def test_the_admins_tab_is_put_where_magentos_own_tabs_are() -> None:
    """As app/code/Magento/Newsletter/view/base/ui_component/customer_form.xml does it."""
    form = parsed(VIEW / "base" / "ui_component" / "customer_form.xml")
    (block,) = form.findall("htmlContent/block")

    assert form.tag == "form"
    assert source(str(block.get("class"))).is_file()
    assert "implements TabInterface" in source(str(block.get("class"))).read_text("utf-8")
    template = str(block.get("template")).partition("::")[2]
    assert (VIEW / "adminhtml" / "templates" / template).is_file()


def test_the_customer_section_is_the_one_that_the_script_asks_for() -> None:
    text = (MODULE / "etc" / "frontend" / "di.xml").read_text("utf-8")
    script = (VIEW / "frontend" / "web" / "js" / "points.js").read_text("utf-8")

    (name,) = set(re.findall(r'<item name="(loyalty-[a-z]+)"', text))
    assert f"SECTION = '{name}'" in script
