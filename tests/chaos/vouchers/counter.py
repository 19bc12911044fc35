"""Both shops, a bridge in processes, and members who redeem, buy, give back and change their
minds; what they did is kept apart from what the bridge makes of it."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import text
from sqlmodel import select
from trial.command import Command, Process
from trial.shops import Shop
from vouchers.hasty import haste

from bridge.application import Application
from bridge.cli import main
from bridge.config import Settings
from bridge.engine.once import work_once
from bridge.installations.service import installation
from bridge.kit.errors import BridgeError
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.finding import member_named
from bridge.plugins import sandboxes
from bridge.reconciling.findings import Finding
from bridge.reconciling.service import reconcile
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import withdraw
from bridge.vouchers.exchanging import exchange
from bridge.vouchers.models import Voucher
from bridge.vouchers.stores import store_named
from connectors.sandbox.shopper import Sale, SoldLine

STORES = {"magento": "magento", "shopware": "shopware/B2B Demo"}
"""Where the sandboxes' customers buy."""
HASTY = (sys.executable, str(Path(__file__).with_name("hasty.py")))
REDEEMER = (sys.executable, str(Path(__file__).with_name("redeemer.py")))
FAULTS = {"429": 0.03, "503": 0.02, "drop_before": 0.01, "drop_after": 0.02, "cut": 0.02}
"""Shares of all calls, 10 % together; half of them after the shop did what it was told."""
POINTS = 500
PIECES = 4
PROGRAMME = """\
programme: Trial
currency: EUR
timezone: Europe/Berlin
rates:
  - {currency: USD, from: 2020-01-01, rate: 0.9}
redemption:
  rate: {points: 100, amount: 1}
  step: 1
"""
"""Orders earn nothing: points move for vouchers alone."""


@dataclass
class Bought:
    """An order that carries a voucher."""

    shop: str
    sale: Sale
    kept: Decimal = Decimal(1)
    """The share of it that was not undone."""


@dataclass
class Counter:
    shops: dict[str, Shop]
    command: Command
    app: Application
    emails: list[str]
    bought: dict[str, list[Bought]] = field(default_factory=dict)
    """By code."""

    @classmethod
    def open(cls, members: int, home: Path, database_url: str | None) -> Counter:
        shops = {
            one: Shop(one, sandboxes()[one].serve(products=20, customers=members)) for one in STORES
        }
        home.mkdir()
        done = partial(_done, home, database_url)
        done("init")
        for shop in shops.values():
            options = [f"--set={name}={value}" for name, value in shop.settings.items()]
            done(
                *("store", "add", shop.platform, "--platform", shop.platform),
                *("--url", shop.url, "--credentials", "-", *options),
                stdin=json.dumps(dict(shop.credentials)),
            )
        (home / "programme.yaml").write_text(PROGRAMME, "utf-8")
        done("program", "load", str(home / "programme.yaml"))
        app = Application.open(Settings(home=home, database_url=database_url))
        counter = cls(shops, Command(home, database_url), app, [])
        assert work_once(app).problems == {}
        counter._give_points(members)
        return counter

    def _give_points(self, members: int) -> None:
        buyers = [set(shop.running.state.till().buyers()) for shop in self.shops.values()]
        self.emails = sorted(set.intersection(*buyers))[:members]
        with self.app.database.writing() as session:
            for email in self.emails:
                member = member_named(session, self.app.workspace_id, email)
                told = Adjustment(f"start-{member}", POINTS, "a start", "test")
                adjust(session, self.app.workspace_id, member, told, self.app.now())

    def close(self) -> None:
        self.app.close()
        for shop in self.shops.values():
            shop.running.stop()

    # -- processes --------------------------------------------------------------------------

    def work(self) -> Process:
        return self.command.start("work", "--once", program=HASTY)

    def redeemer(self, wishes: Sequence[Mapping[str, Any]]) -> Process:
        told = {
            "home": str(self.command.home),
            "database_url": self.command.database_url,
            "wishes": list(wishes),
            "threads": 8,
        }
        return self.command.start(program=REDEEMER, stdin=json.dumps(told))

    def work_until_quiet(self) -> list[str]:
        """As cron would, in this process; what is still open after many times."""
        left = ["nothing was looked at"]
        with haste():
            for _ in range(30):
                if not left:
                    break
                work_once(self.app)
                left = self.left()
        return left

    def left(self) -> list[str]:
        waits = {
            "codes": "SELECT count(*) FROM vouchers WHERE is_wanted AND NOT is_there OR"
            " NOT is_wanted AND intended_at IS NOT NULL AND removed_at IS NULL",
            "ending vouchers": "SELECT count(*) FROM vouchers WHERE state = 'ending'",
            "rows of the inbox": "SELECT count(*) FROM inbox WHERE state NOT IN"
            " ('handled', 'stale')",
            "walks that failed": "SELECT count(*) FROM cursors WHERE error <> ''",
        }
        return [f"{n} {what}" for what, query in waits.items() if (n := self.number(query))]

    def misbehave(self, seed: int) -> None:
        for shop in self.shops.values():
            shop.running.faults.set(rates=FAULTS, retry_after=0, seed=seed)

    def behave(self) -> None:
        for shop in self.shops.values():
            shop.running.faults.set(rates={})

    # -- what members and merchant do -------------------------------------------------------

    def buys(
        self, voucher: Voucher, chance: random.Random, *, guest: bool = False
    ) -> Bought | None:
        """``None``: the shop did not take the code."""
        shop = self._shop_of(voucher)
        till = self.shops[shop].running.state.till()
        email = "guest@example.com" if guest else self._email(voucher)
        goods = {chance.choice(till.skus()[:12]): PIECES}
        plain = till.price(email, goods, guest=guest)
        sale = till.order(email, goods, guest=guest, codes=[voucher.code])
        taken = {_off(sale.lines, way) - _off(plain, way) for way in ("net", "gross")}
        if taken == {Decimal(0)}:
            return None
        face = Decimal(voucher.amount_minor or 0) / 100
        assert face in taken, f"{voucher.code} is worth {face}, and took off {taken}"
        found = Bought(shop, sale)
        self.bought.setdefault(voucher.code, []).append(found)
        return found

    def cancels(self, bought: Bought) -> None:
        self.shops[bought.shop].running.state.till().cancel(bought.sale.order_id)
        bought.kept = Decimal(0)

    def gives_back(self, bought: Bought, pieces: int) -> None:
        till = self.shops[bought.shop].running.state.till()
        till.pay(bought.sale.order_id)
        till.send(bought.sale.order_id)
        (line,) = bought.sale.lines
        till.give_back(bought.sale.order_id, {line.line_id: pieces}, shipping=False)
        bought.kept = 1 - Decimal(pieces) / PIECES

    def withdraws(self, voucher: Voucher) -> None:
        """Where the bridge heard of its use already, it says no."""
        app = self.app
        try:
            with app.database.writing() as session:
                withdraw(session, app.workspace_id, voucher.id or 0, "a mistake", app.now())
        except BridgeError as error:
            assert "was used" in str(error)

    def exchanges(self, voucher: Voucher) -> None:
        app = self.app
        other = next(one for one in STORES if one != self._shop_of(voucher))
        try:
            with app.database.writing() as session:
                store = store_named(session, app.workspace_id, STORES[other])
                secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
                exchange(
                    session, app.workspace_id, secret, voucher.id or 0, store, "moved", app.now()
                )
        except BridgeError as error:
            assert "used" in str(error)

    # -- looking ----------------------------------------------------------------------------

    def vouchers(self) -> list[Voucher]:
        with self.app.database.reading() as session:
            return list(session.scalars(select(Voucher).order_by(Voucher.id)))  # type: ignore[arg-type]

    def number(self, query: str) -> int:
        with self.app.database.reading() as session:
            return int(session.execute(text(query)).scalar() or 0)

    def booked(self) -> dict[int, tuple[int, int]]:
        """Held and spent by voucher, by where the points went."""
        sums = ", ".join(
            f"sum(CASE WHEN credit = '{place}' THEN points WHEN debit = '{place}' THEN -points"
            " ELSE 0 END)"
            for place in ("reserved", "redeemed")
        )
        query = f"SELECT source_id, {sums} FROM entries WHERE source_kind = 'voucher' GROUP BY 1"
        with self.app.database.reading() as session:
            return {int(row[0]): (int(row[1]), int(row[2])) for row in session.execute(text(query))}

    def in_shops(self) -> dict[str, list[str]]:
        """Every code on every promotion of vouchers, as each shop lists them."""
        return {name: self._codes_in(name) for name in self.shops}

    def _codes_in(self, name: str) -> list[str]:
        with self.app.database.reading() as session:
            shop = installation(session, self.app.workspace_id, name)
        with closing(self.app.connect(shop)) as connector:
            promotions = connector.promotions
            assert promotions is not None
            keys = [one.key for one in promotions.all()]
            assert len(set(keys)) == len(keys), "a promotion was made twice"
            return sorted(held.code for key in keys for held in promotions.codes_of(key))

    def found(self) -> list[Finding]:
        report = reconcile(self.app)
        assert report.unasked == {}
        return report.left

    def shop_names(self) -> dict[int, str]:
        with self.app.database.reading() as session:
            rows = session.execute(text("SELECT id, name FROM installations"))
            return {row[0]: row[1] for row in rows}

    def _shop_of(self, voucher: Voucher) -> str:
        return self.shop_names()[voucher.installation_id]

    def _email(self, voucher: Voucher) -> str:
        with self.app.database.reading() as session:
            found: str = session.execute(
                text("SELECT email FROM member_emails WHERE member_id = :m AND email <> ''"),
                {"m": voucher.member_id},
            ).scalar_one()
            return found


def _done(home: Path, database_url: str | None, *arguments: str, stdin: str = "") -> None:
    """A command, in this process."""
    variables = {"LOYALTY_BRIDGE_DATABASE_URL": database_url}
    ran = CliRunner().invoke(main, ["--home", str(home), *arguments], input=stdin, env=variables)
    assert ran.exit_code == 0, ran.output


def _off(lines: Sequence[SoldLine], way: str) -> Decimal:
    return sum((getattr(line, f"discount_{way}") for line in lines), Decimal(0))
