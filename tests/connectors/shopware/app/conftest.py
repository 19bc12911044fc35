"""The app's scripts in real Twig. Where PHP and Twig are not installed, tests with it are skipped
and say so; where ``LOYALTY_BRIDGE_TEST_TWIG`` is set, they fail instead."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = str(resources.files("connectors.shopware.app").joinpath("Resources", "scripts"))
REQUIRED = "LOYALTY_BRIDGE_TEST_TWIG"
_TWIG = Path("/usr/share/php/Twig/autoload.php")


class Thrown(Exception):
    """What would be a 500 of every call of the shop."""


class RealTwig:
    """One PHP for all tests: it answers within a millisecond, and takes long to start."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def cart(self, shop: dict[str, Any]) -> Any:
        return self._ask({"kind": "cart", "folder": f"{SCRIPTS}/cart", "shop": shop})

    def condition(self, name: str, scope: Any, values: dict[str, Any]) -> Any:
        asked = {"name": name, "scope": scope, "values": values}
        return self._ask({"kind": "condition", "folder": f"{SCRIPTS}/rule-conditions", **asked})

    def endpoint(self, hook: str, name: str, context: Any, config: Any = None) -> Any:
        asked = {"name": name, "context": context, "config": config or {}}
        return self._ask({"kind": "endpoint", "folder": f"{SCRIPTS}/{hook}", **asked})

    def template(self, name: str, parent: str, values: dict[str, Any]) -> Any:
        folder = str(resources.files("connectors.shopware.app").joinpath("Resources", "views"))
        asked = {"name": name, "parent": parent, "values": values}
        return self._ask({"kind": "template", "folder": folder, **asked})

    def _ask(self, asked: dict[str, Any]) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "thrown" in answer:
            raise Thrown(answer["thrown"])
        return answer["is"]


@pytest.fixture(scope="session")
def twig() -> Iterator[RealTwig]:
    php = shutil.which("php")
    if php is None or not _TWIG.exists():
        if REQUIRED in os.environ:
            pytest.fail(f"There is no PHP with Twig, and {REQUIRED} wants both.")
        pytest.skip("PHP with Twig is not installed (Debian: php-cli, php-twig)")
    command = [php, str(Path(__file__).with_name("shop.php"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield RealTwig(process)
        assert process.stdin is not None
        process.stdin.close()
