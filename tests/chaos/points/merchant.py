"""A merchant with both shops: shoppers in the sandboxes, and a bridge in processes."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from points.ending import Ledger
from trial.command import Command, Process, Ran
from trial.shops import Shop

from bridge.plugins import sandboxes
from connectors.sandbox.shopper import Deed, shop_around

PLATFORMS = ("magento", "shopware")
HASTY = (sys.executable, str(Path(__file__).with_name("hasty.py")))
ARTICLES, CUSTOMERS = 60, 40
FAULTS = {"429": 0.04, "503": 0.03, "cut": 0.03}
"""Shares of all calls, 10 % together."""
PROGRAMME = """\
programme: Trial
currency: EUR
timezone: Europe/Berlin
rates:
  - {currency: USD, from: 2020-01-01, rate: 0.9}
points:
  ripen: {after: paid, days: 0}
  rounding: {to: nearest, per: order}
  rules:
    base: {per_amount: {points: 1, each: 2}}
    pieces: {per_item: 1}
    welcome: {first_order: 50}
    third: {nth_order: {every: 3, points: 20}}
    spend: {spend_steps: [{at: 500, points: 50}, {at: 3000, points: 200}]}
"""


@dataclass
class Shops:
    """The two shops; many bridges can read them."""

    shops: dict[str, Shop]
    changed_at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    """When somebody last shopped."""

    @classmethod
    def open(cls) -> Shops:
        return cls(
            {
                platform: Shop(
                    platform, sandboxes()[platform].serve(products=ARTICLES, customers=CUSTOMERS)
                )
                for platform in PLATFORMS
            }
        )

    def shop(self, seed: int, orders: int) -> list[Deed]:
        """``orders`` orders, half in each, with what becomes of them."""
        deeds = [
            deed
            for shop in self.shops.values()
            for deed in shop_around(shop.running, seed, orders // 2)
        ]
        self.changed_at = datetime.now(UTC)
        return deeds

    def misbehave(self, seed: int) -> None:
        for shop in self.shops.values():
            shop.running.faults.set(rates=FAULTS, retry_after=0, seed=seed)

    def behave(self) -> None:
        for shop in self.shops.values():
            shop.running.faults.set(rates={})

    @property
    def calls(self) -> int:
        return sum(shop.running.log.total for shop in self.shops.values())

    def close(self) -> None:
        for shop in self.shops.values():
            shop.running.stop()


@dataclass
class Bridge:
    """One bridge that knows both shops."""

    command: Command
    ledger: Ledger

    @classmethod
    def set_up(cls, shops: Shops, home: Path, database_url: str | None = None) -> Bridge:
        home.mkdir(parents=True)
        command = Command(home, database_url)
        command.ok("init")
        for shop in shops.shops.values():
            options = [f"--set={name}={value}" for name, value in shop.settings.items()]
            command.ok(
                *("store", "add", shop.platform, "--platform", shop.platform),
                *("--url", shop.url, "--credentials", "-", *options),
                stdin=json.dumps(dict(shop.credentials)),
            )
        programme = home / "programme.yaml"
        programme.write_text(PROGRAMME, "utf-8")
        command.ok("program", "load", str(programme))
        command.ok("pull")
        return cls(command, Ledger.of(home, database_url))

    def copy(self, home: Path) -> Bridge:
        """Another one that knows the same and has done nothing; of SQLite alone."""
        shutil.copytree(self.command.home, home)
        return Bridge(Command(home), Ledger.of(home, None))

    def start(self) -> Process:
        return self.command.start("work", "--once", program=HASTY)

    def work(self) -> Ran:
        return self.start().ended()

    def work_until_quiet(self, changed_at: datetime) -> list[str]:
        """As cron would call it, until it has read both shops past their last change, at
        ``changed_at``, and has nothing left to do; what is still open after many times."""
        for _ in range(16):
            self.work()
            left = self.ledger.left(changed_at)
            if not left:
                return []
        return left
