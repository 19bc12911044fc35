"""A shop and a bridge that has pulled it and loaded a programme, to begin from many times."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from bridge.plugins import sandboxes
from connectors.base import TierPrice
from trial import programmes
from trial.command import Command
from trial.merchant import Merchant, Size
from trial.shops import Dump, Shop, foreign_rows

CUSTOMERS = 12


@dataclass
class Prepared:
    platform: str
    size: Size
    shop: Shop
    home: Path
    """Never used by a test: copied."""
    foreign: list[TierPrice]
    at_first: Dump = field(repr=False)

    @classmethod
    def make(cls, platform: str, size: Size, folder: Path) -> Prepared:
        serve = sandboxes()[platform].serve
        shop = Shop(platform, serve(products=size.articles, customers=CUSTOMERS))
        skus = [article.sku for article in programmes.sold(size.articles)][: size.articles // 2]
        foreign = foreign_rows(platform, skus)
        shop.begin(foreign)
        command = Command(folder / "home")
        command.home.mkdir()
        set_up(command, shop)
        program = programmes.write(folder, platform, size.articles, size.rows_each)
        command.ok("program", "load", str(program))
        return cls(platform, size, shop, command.home, foreign, shop.dump())

    def begin(self, folder: Path, database_url: str | None = None) -> Merchant:
        folder.mkdir(parents=True)
        home = folder / "home"
        shutil.copytree(self.home, home)
        self.shop.begin(self.foreign)
        return Merchant(
            self.platform, self.size, self.shop, Command(home, database_url), self.at_first
        )

    def close(self) -> None:
        self.shop.running.stop()


def set_up(command: Command, shop: Shop) -> None:
    """init, store add, pull."""
    command.ok("init")
    connect(command, shop)
    command.ok("pull")


def connect(command: Command, shop: Shop) -> None:
    options = [f"--set={name}={value}" for name, value in shop.settings.items()]
    command.ok(
        *("store", "add", shop.platform, "--platform", shop.platform),
        *("--url", shop.url, "--credentials", "-", *options),
        stdin=json.dumps(dict(shop.credentials)),
    )
