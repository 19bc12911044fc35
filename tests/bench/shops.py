"""Sandbox shops in processes of their own, and a bridge that knows them."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLATFORMS = ("magento", "shopware")


@dataclass(frozen=True)
class Shop:
    platform: str
    url: str
    credentials: Mapping[str, str]
    settings: Mapping[str, str]

    def set_faults(self, **switches: Any) -> None:
        self._control("PUT", "faults", switches)

    def calls(self) -> int:
        """Calls answered so far, those to the control routes not counted."""
        log = self._control("GET", "log")
        return int(log["total"])

    def _control(self, method: str, what: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - always the sandbox's own http address
            f"{self.url}/_sandbox/{what}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)


@contextmanager
def shop(platform: str, products: int) -> Iterator[Shop]:
    command = [sys.executable, "-m", "bridge.cli", "sandbox", platform]
    process = subprocess.Popen(
        [*command, "--products", str(products), "--json"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        text = ""
        while not text.rstrip().endswith("}") or not _is_json(text):
            line = process.stdout.readline()
            if not line:
                raise RuntimeError(f"The {platform} sandbox did not start.")
            text += line
        told = json.loads(text)
        yield Shop(platform, told["url"], told["credentials"], told["settings"])
    finally:
        process.terminate()
        process.wait(timeout=30)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


class BenchError(Exception):
    """A command ended otherwise than it should."""


@dataclass(frozen=True)
class Bridge:
    """The command line, in a home folder of its own."""

    home: Path

    def run(self, *arguments: str, stdin: str = "", expect: Sequence[int] = (0,)) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", "bridge.cli", "--home", str(self.home), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode not in expect:
            raise BenchError(f"{' '.join(arguments)} ended with {ran.returncode}: {ran.stderr}")
        return ran.stdout

    def add(self, shop: Shop) -> None:
        options = [f"--set={name}={value}" for name, value in shop.settings.items()]
        self.run(
            *("store", "add", shop.platform, "--platform", shop.platform),
            *("--url", shop.url, "--credentials", "-", *options),
            stdin=json.dumps(dict(shop.credentials)),
        )
