"""The command line in this process, and a platform that no package brings."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import bridge.application
from bridge.cli import main
from bridge.config import Settings
from bridge.db import Database
from connectors.base import (
    Connection,
    Connector,
    Credential,
    Currency,
    Finding,
    Platform,
    Question,
    Severity,
    ShopInfo,
    Store,
)
from connectors.errors import ConnectorError, Unauthorized, Unreachable

SECRET = "S3CR3T-5f2e9c-top"
URL = "https://shop.example"


def told(*codes: str) -> ShopInfo:
    stores = tuple(
        Store(id=str(number), code=code, name=code.title(), currency="EUR")
        for number, code in enumerate(codes, 1)
    )
    return ShopInfo(
        platform="orchard",
        version="3.1",
        stores=stores,
        currencies=(Currency("EUR", "1", is_default=True),),
        clock_offset=timedelta(0),
    )


@dataclass
class Shops:
    """What stands at each address; a test changes it."""

    url = URL
    token: str = SECRET
    at: dict[str, ShopInfo | ConnectorError] = field(default_factory=dict)
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    promotions: object | None = field(default_factory=object)
    """What a connector offers for vouchers."""
    seen: list[Connection] = field(default_factory=list)

    def up(self, url: str, *codes: str) -> str:
        """A shop with these stores stands there now."""
        self.at[url] = told(*codes)
        return url

    def connect(self, connection: Connection) -> Any:
        if connection.settings.get("peel") == "broken":
            raise ValueError("a peel cannot be broken")
        self.seen.append(connection)
        return _Shop(self, connection)


class _Shop:
    def __init__(self, shops: Shops, connection: Connection) -> None:
        self._shops = shops
        self._connection = connection

    def shop(self) -> ShopInfo:
        if self._connection.credentials["api_token"] != self._shops.token:
            # A careless connector that repeats what it was given.
            raise Unauthorized(f"Wrong token {self._connection.credentials['api_token']}")
        found = self._shops.at.get(self._connection.url, Unreachable("No connection to the shop"))
        if isinstance(found, ConnectorError):
            raise found
        return found

    def check(self) -> list[Finding]:
        self.shop()
        fine = [Finding(Severity.OK, "version", "3.1 is supported")]
        return self._shops.findings.get(self._connection.url, fine)

    @property
    def feed(self) -> None:
        self.shop()

    @property
    def promotions(self) -> object | None:
        return self._shops.promotions

    def close(self) -> None:
        pass


@pytest.fixture
def shops(monkeypatch: pytest.MonkeyPatch) -> Shops:
    """Shops of the platform ``orchard``; one of them is up at ``https://shop.example``."""
    shops = Shops(at={URL: told("main", "outlet")})

    def connect(connection: Connection) -> Connector:
        connector: Connector = shops.connect(connection)
        return connector

    platform = Platform(
        name="orchard",
        label="Orchard",
        credentials=(
            Credential("token", ("api_token",), "A token"),
            Credential("pair", ("client_id", "client_secret"), "A client's two keys."),
        ),
        questions=(
            Question("scope", "Where do prices hold?", ("global", "website"), "global"),
            Question("peel", "How thick is the peel?"),
        ),
        connect=connect,
        compile=lambda *_: pytest.fail("no prices are compiled here"),
        audience_id=lambda _mark, group: group,
        new_group_id=lambda _mark, _key: None,
    )
    monkeypatch.setattr(bridge.application, "platforms", lambda: {"orchard": platform})
    return shops


@dataclass
class Cli:
    """Runs commands in this process, with a home folder and a database of the test's own."""

    home: Path
    runner: CliRunner

    def __call__(self, *args: str, stdin: str | None = None) -> Result:
        return self.runner.invoke(main, args, input=stdin)

    def ok(self, *args: str, stdin: str | None = None) -> str:
        result = self(*args, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *args: str) -> Any:
        return json.loads(self(*args, "--json").stdout)

    def error(self, *args: str, stdin: str | None = None) -> str:
        """The one line of a command that fails."""
        result = self(*args, stdin=stdin)
        assert result.exit_code == 1, result.output
        lines = result.stderr.splitlines()
        assert len(lines) == 1, result.stderr
        assert lines[0].startswith("Error: ")
        return lines[0]

    def add(self, name: str = "shop", url: str = URL, *more: str, token: str = SECRET) -> str:
        return self.ok(
            *("store", "add", name, "--platform", "orchard", "--url", url),
            *("--credentials", "-", *more),
            stdin=f"api_token={token}\n",
        )


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cli]:
    """Before `init`; the database would be an SQLite file in the home folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"LOYALTY_BRIDGE_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    monkeypatch.setenv("LOYALTY_BRIDGE_HOME", str(home))
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield Cli(home, CliRunner())
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.fixture
def cli(bare: Cli, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """After `init`, on each kind of database."""
    monkeypatch.setenv("LOYALTY_BRIDGE_DATABASE_URL", database_url)
    with monkeypatch.context() as patched:
        # It is migrated already; that `init` migrates is for test_init.py.
        patched.setattr("bridge.cli.init.migrate", lambda _: None)
        bare.ok("init")
    return bare


@pytest.fixture
def opened(database_url: str, open_database: Callable[[str], Database]) -> Database:
    """The command line's database, to look behind it."""
    return open_database(database_url)
