"""The Magento module: its PHP is well-formed, in the field's style, and does what it should.

Runs ``php``, ``phpcs`` and ``phpunit`` where they are installed, and skips where they are not; with
LOYALTY_BRIDGE_TEST_PHP=1 a missing one is a failure. No Magento is needed: stubs/ stands for it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bridge.member_sign_in import links
from connectors.magento.readiness import PROBES
from connectors.magento.webhooks import MagentoWebhooks
from connectors.sales import Entity

HERE = Path(__file__).parent
MODULE = HERE.parents[3] / "connectors" / "magento" / "module"
STUBS = HERE / "stubs"
OURS = "LoyaltyBridge\\Loyalty\\"
MAGENTOS = frozenset((HERE / "magento_names.txt").read_text("utf-8").split())
"""Names in Magento's source that need no stub."""
_NAME = re.compile(r"(?:LoyaltyBridge|Magento)(?:\\{1,2}[A-Z]\w*)+")
_USED = re.compile(r"^use ((?:Magento|Psr|LoyaltyBridge)\\[\w\\]+)", re.MULTILINE)
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"

# --- running PHP ---------------------------------------------------------------------------


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        if os.environ.get("LOYALTY_BRIDGE_TEST_PHP") == "1":
            pytest.fail(f"{name} is not installed.")
        pytest.skip(f"{name} is not installed")
    return found


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [tool(name), *arguments], capture_output=True, text=True, check=False, cwd=HERE
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def php_files() -> list[Path]:
    return sorted([*MODULE.rglob("*.php"), *MODULE.rglob("*.phtml")])


def test_every_file_is_php() -> None:
    code = (
        "foreach (array_slice($argv, 1) as $file) {"
        " try { token_get_all(file_get_contents($file), TOKEN_PARSE); }"
        " catch (ParseError $e) { echo $file, ':', $e->getLine(), ' ', $e->getMessage(), \"\\n\"; }"
        "}"
    )
    assert run("php", "-r", code, "--", *map(str, php_files())) == ""


def test_every_file_is_in_the_fields_style() -> None:
    run("phpcs", "--standard=" + str(HERE / "phpcs.xml"), "--report=emacs", str(MODULE))


def test_the_module_does_what_it_should() -> None:
    run("phpunit", "--configuration", str(HERE / "phpunit.xml"))


def test_the_bridge_believes_what_the_module_signs() -> None:
    now = datetime(2026, 11, 23, 8, tzinfo=UTC)
    told = json.loads(run("php", str(HERE / "sign.php"), str(int(now.timestamp()))))
    headers = {name.lower(): value for name, value in told["headers"].items()}
    assert headers["content-type"] == "application/json"
    signal = MagentoWebhooks().verify(["event-secret"], headers, told["body"].encode(), now)
    assert (signal.event, signal.entity, signal.ids) == (
        "sales_order_save_after",
        Entity.ORDER,
        ("17",),
    )
    query = urlsplit(told["link"]).query.encode()
    assert links.is_genuine("link-secret", query)
    asked = links.read(query)
    assert asked is not None
    assert (asked.customer_id, asked.page) == ("17", "redeem")
    assert links.is_fresh(asked, now)


# --- what its files name -------------------------------------------------------------------


def xml_files() -> list[Path]:
    return sorted(MODULE.rglob("*.xml"))


def parsed(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()  # noqa: S314 (our own files)


def named() -> Iterator[tuple[Path, str]]:
    """Each class that a file names."""
    for path in xml_files():
        for node in parsed(path).iter():
            for text in [*node.attrib.values(), node.text or ""]:
                yield from ((path, name) for name in _NAME.findall(text.strip()))
    graphql = MODULE / "etc" / "schema.graphqls"
    for name in _NAME.findall(graphql.read_text("utf-8")):
        yield graphql, name.replace("\\\\", "\\")
    for path in php_files():
        yield from ((path, name) for name in _USED.findall(path.read_text("utf-8")))


def is_there(name: str) -> bool:
    generated = ("Factory", "ExtensionInterface")
    for end in generated:
        if name.startswith(OURS) and name.endswith(end) and is_there(name.removesuffix(end)):
            return True
    if name.startswith(OURS):
        path = MODULE / (name.removeprefix(OURS).replace("\\", "/") + ".php")
        kind = rf"\b(?:class|interface|trait|enum) {path.stem}\b"
        return path.is_file() and re.search(kind, path.read_text("utf-8")) is not None
    stub = STUBS / (name.replace("\\", "/") + ".php")
    return name in MAGENTOS or stub.is_file()


def test_every_name_is_there() -> None:
    names = set(named())
    assert len(names) > 100
    assert {(path.name, name) for path, name in names if not is_there(name)} == set()


def test_every_file_holds_the_class_of_its_place() -> None:
    for path in MODULE.rglob("*.php"):
        if path.name == "registration.php":
            continue
        place = path.relative_to(MODULE).with_suffix("")
        text = path.read_text("utf-8")
        wanted = (OURS + "\\".join(place.parts[:-1])).rstrip("\\")
        assert f"\nnamespace {wanted};\n" in text, path
        assert "\ndeclare(strict_types=1);\n" in text, path
        assert is_there(OURS + "\\".join(place.parts)), path


def test_every_service_and_job_has_its_method() -> None:
    for node in [
        *parsed(MODULE / "etc" / "webapi.xml").iter("service"),
        *parsed(MODULE / "etc" / "crontab.xml").iter("job"),
    ]:
        name = node.get("class") or node.get("instance") or ""
        text = (MODULE / (name.removeprefix(OURS).replace("\\", "/") + ".php")).read_text("utf-8")
        assert f"public function {node.get('method')}(" in text


def test_the_whitelist_covers_the_schema() -> None:
    told = json.loads((MODULE / "etc" / "db_schema_whitelist.json").read_text("utf-8"))
    wanted: dict[str, dict[str, dict[str, bool]]] = {}
    for table in parsed(MODULE / "etc" / "db_schema.xml"):
        kinds = wanted.setdefault(table.get("name", ""), {})
        for part in table:
            name = part.get("name") or part.get("referenceId") or ""
            kinds.setdefault(part.tag, {})[name] = True
            if part.get(_XSI) == "foreign":
                columns = [part.get(key, "") for key in ("table", "column")]
                columns += [part.get(key, "") for key in ("referenceTable", "referenceColumn")]
                assert name == "_".join(columns).upper()
            elif part.tag == "index" or part.get(_XSI) == "unique":
                columns = [column.get("name", "") for column in part]
                assert name == "_".join([table.get("name", ""), *columns]).upper()
            assert len(name) <= 64, "Magento shortens longer names in ways of its own"
    assert told == wanted


def test_comments_of_the_schema_need_no_quoting() -> None:
    # A changed one is put between single quotes as it is (DbSchemaWriter::modifyTableOption), and
    # the adapter makes a bound parameter, in the midst of DDL, of any text with one of these.
    for node in parsed(MODULE / "etc" / "db_schema.xml").iter():
        assert not set(node.get("comment", "")) & set("'\":?\\"), node.get("comment")


def test_the_integration_may_do_what_the_bridge_needs() -> None:
    integration = parsed(MODULE / "etc" / "integration.xml")
    granted = {node.get("name") for node in integration.iter("resource")}
    guide = HERE.parents[3] / "docs" / "how-to" / "connect-magento.md"
    needed = set(re.findall(r"^\| `(Magento_\w+::\w+)`", guide.read_text("utf-8"), re.MULTILINE))
    assert len(needed) >= len(PROBES)
    assert granted == needed | {"LoyaltyBridge_Loyalty::bridge"}
    names = {node.get("name") for node in integration.iter("integration")}
    # setup:upgrade deletes an integration of the same name and makes it anew, without its keys
    # (Magento\Integration\Model\ConfigBasedIntegrationManager).
    assert names == {"Loyalty Bridge (made by its module)"}
    defined = {node.get("id") for node in parsed(MODULE / "etc" / "acl.xml").iter("resource")}
    assert {name for name in granted if str(name).startswith("LoyaltyBridge")} <= defined


def test_one_version_is_told_everywhere() -> None:
    told = json.loads((MODULE / "composer.json").read_text("utf-8"))["version"]
    code = (MODULE / "Model" / "Version.php").read_text("utf-8")
    assert f"NUMBER = '{told}'" in code


def test_composer_requires_what_is_used() -> None:
    required = json.loads((MODULE / "composer.json").read_text("utf-8"))["require"]
    used = {name.split("\\")[1] for _, name in named() if name.startswith("Magento\\")}
    for module in used - {"Framework"}:
        package = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", module).lower()
        assert f"magento/module-{package}" in required


def test_secrets_are_marked_as_such_wherever_they_are_declared() -> None:
    encrypted = "Magento\\Config\\Model\\Config\\Backend\\Encrypted"
    default = parsed(MODULE / "etc" / "config.xml").find("default/loyalty_bridge/bridge")
    system = parsed(MODULE / "etc" / "adminhtml" / "system.xml")
    sensitive = {node.get("name") for node in parsed(MODULE / "etc" / "di.xml").iter("item")}
    assert default is not None
    for secret in ("events_secret", "link_secret"):
        node = default.find(secret)
        field = system.find(f".//field[@id='{secret}']")
        assert node is not None
        assert field is not None
        assert node.get("backend_model") == encrypted
        assert (field.get("type"), field.findtext("backend_model")) == ("obscure", encrypted)
        assert f"loyalty_bridge/bridge/{secret}" in sensitive
