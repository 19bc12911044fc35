"""`sandbox`: a small shop in a process of its own, that the bridge connects to as it is told."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bridge.plugins import sandboxes

COMMAND = str(Path(sys.executable).with_name("loyalty-bridge"))


@contextmanager
def running(*args: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [COMMAND, "sandbox", *args, "--products", "60"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def announced(process: subprocess.Popen[str]) -> Any:
    """The JSON that is printed once the shop answers."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line == "}\n":
            return json.loads(text)
    raise AssertionError(text)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_runs_until_it_is_told_to_stop(number: signal.Signals) -> None:
    with running("magento", "--json") as process:
        announced(process)
        process.send_signal(number)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0
    assert told == "Stopped.\n"


@pytest.mark.parametrize("platform", ["magento", "shopware"])
def test_the_bridge_connects_to_it(bare, tmp_path: Path, platform: str) -> None:
    bare.ok("init")
    with running(platform, "--json") as process:
        shop = announced(process)
        settings = [f"{name}={value}" for name, value in shop["settings"].items()]
        args = [part for setting in settings for part in ("--set", setting)]
        keys = tmp_path / "keys.json"
        keys.write_text(json.dumps(shop["credentials"]))
        bare.ok(
            *("store", "add", "try", "--platform", platform, "--url", shop["url"]),
            *("--credentials", str(keys), *args),
        )
        (checked,) = bare.json("store", "check")["stores"]
        assert checked["worst"] != "error", checked["findings"]
        wrong = dict.fromkeys(shop["credentials"], "wrong-value")
        keys.write_text(json.dumps(wrong))
        line = bare.error("store", "set", "try", "--credentials", str(keys))
        assert line.startswith(f"Error: try ({shop['url']}): ")
    result = bare("store", "check")
    assert result.exit_code == 1
    assert "No connection to the shop" in result.stdout
    assert "1 error" in result.stdout


def test_the_printed_line_connects_it(bare, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.ok("init")
    monkeypatch.setenv("PATH", str(Path(COMMAND).parent), prepend=":")
    with running("magento") as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "store add" in line)
        done = subprocess.run(
            ["/bin/sh", "-c", line], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    assert "connected to" in done.stdout
    assert shlex.split(line)[0] == "printf"


@pytest.mark.parametrize("platform", ["magento", "shopware"])
def test_shoppers_order_in_one_that_runs(bare, platform: str) -> None:
    with running(platform, "--json") as process:
        port = str(urlsplit(announced(process)["url"]).port)
        first = bare.json("sandbox", platform, "--port", port, "--orders", "12", "--seed", "7")
        assert first["ordered"] == 12
        assert set(first) <= {"ordered", "paid", "sent", "refunded", "cancelled"}
        said = bare.ok("sandbox", platform, "--port", port, "--orders", "1")
        assert said.startswith("1 ordered")
        shopping = ("sandbox", platform, "--port", port, "--buy")
        goods = ("--item", "B2B-1010=2", "--item", "B2B-1001", "--code", "NO-SUCH-CODE")
        known = bare.json(*shopping, "anna.albers@example.com", *goods)
        assert not known["guest"]
        assert Decimal(known["goods"]) - Decimal(known["off"]) <= Decimal(known["total"])
        assert "paid and sent" in bare.ok(*shopping, "frieda@example.com", "--item", "B2B-1010")
        line = bare.error(*shopping, "frieda@example.com", "--item", "B2B-0")
        assert "nobody sells B2B-0 here" in line
    line = bare.error("sandbox", platform, "--port", port, "--orders", "1")
    assert f"no sandbox answers on port {port}" in line


def test_a_merchant_has_the_module_in_one_that_runs(bare) -> None:
    with sandboxes()["magento"].serve(products=1, customers=1) as magento:
        told = ("sandbox", "magento", "--port", str(magento.port), "--module")
        assert "1.0.0 is installed and switched on" in bare.ok(*told, "install")
        assert "switched off" in bare.ok(*told, "switch off")
        assert bare.json(*told, "switch on")["active"] is True
        assert "not installed" in bare.ok(*told, "remove")
    assert "no sandbox answers" in bare.error(*told, "install")
    assert "Add --port" in bare("sandbox", "magento", "--module", "install").stderr
    with sandboxes()["shopware"].serve(products=1, customers=1) as shopware:
        told = ("sandbox", "shopware", "--port", str(shopware.port), "--module")
        assert "no such thing as module" in bare.error(*told, "install")


def test_shoppers_need_a_port_to_go_to(bare) -> None:
    assert "Add --port" in bare("sandbox", "magento", "--orders", "1").stderr
    buying = ("sandbox", "magento", "--buy", "frieda@example.com")
    assert "Add --port" in bare(*buying, "--item", "B2B-1010").stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--buy", "frieda@example.com"), "Say what is bought"),
        (("--buy", "frieda@example.com", "--item", "B2B-1010=two"), "not 'B2B-1010=two'"),
        (("--buy", "frieda@example.com", "--orders", "2"), "one after the other"),
        (("--item", "B2B-1010"), "Say who buys"),
    ],
)
def test_what_is_missing_to_buy_is_said(bare, options: tuple[str, ...], said: str) -> None:
    assert said in bare("sandbox", "magento", "--port", "8001", *options).stderr


def test_a_port_that_is_taken_is_one_line(bare) -> None:
    with running("magento", "--json") as process:
        port = urlsplit(announced(process)["url"]).port
        line = bare.error("sandbox", "shopware", "--port", str(port), "--products", "1")
    assert f"Port {port} cannot be used" in line
    assert "--port" in line


def test_an_unknown_platform_is_named_with_the_nearest(bare) -> None:
    assert "no sandbox `magneto`. Did you mean `magento`?" in bare.error("sandbox", "magneto")
