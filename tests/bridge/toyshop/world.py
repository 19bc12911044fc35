"""A merchant with stores, and what he does with the bridge."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bridge.application import Application
from bridge.config import Settings
from bridge.db import Database
from bridge.installations.models import Installation
from bridge.installations.service import NewInstallation, add
from bridge.kit.encryption import generate_key
from bridge.outbox.models import Binding, Delivery
from bridge.outbox.snapshots import Snapshot
from bridge.plans import service
from bridge.plans.parts import RemarkKind
from bridge.plans.resolving import Choice
from bridge.plans.service import ApplyResult, PullResult
from bridge.plans.summary import PlanSummary
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.document import Programme
from bridge.programme.loading import LoadedProgramme
from bridge.programme.service import store
from bridge.workspaces.models import Workspace
from connectors.base import Platform
from toyshop.connector import platforms
from toyshop.shop import OPENED, Style, ToyShop

KEY = generate_key()

BASE: dict[str, Any] = {
    "programme": "Acme B2B",
    "currency": "EUR",
    "groups": {"gold": {"name": "Gold", "base": "General"}},
    "price_lists": {
        "list": {
            "groups": ["gold"],
            "prices": {"A": [{"from": 1, "price": "9.00"}, {"from": 10, "price": "8.00"}]},
        }
    },
}


def programme(**changes: Any) -> dict[str, Any]:
    """The base programme with whole parts replaced: ``groups``, ``price_lists``…"""
    return {**BASE, **changes}


class Clock:
    """Goes on a little with each look at it, and by the time that somebody waits."""

    def __init__(self) -> None:
        self.now = OPENED
        self.waits: list[float] = []
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            self.now += timedelta(milliseconds=1)
            return self.now

    def pause(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self.now += timedelta(seconds=seconds)


class World:
    """One workspace. Its stores stand in toy shops; waiting costs no time."""

    def __init__(
        self,
        database: Database,
        home: Path,
        workspace: str = "acme",
        more_platforms: Mapping[str, Platform] | None = None,
    ) -> None:
        self.clock = Clock()
        self.addresses: dict[str, ToyShop] = {}
        settings = Settings(home=home, keys=KEY, workspace=workspace, lease_seconds=60)
        with database.writing() as session:
            made = Workspace(key=workspace, created_at=self.clock())
            session.add(made)
            session.flush()
            assert made.id is not None
            id_ = made.id
        found = {**platforms(self.addresses), **(more_platforms or {})}
        self.app = Application(settings, database, id_, platforms=found, now=self.clock)

    @property
    def shop(self) -> ToyShop:
        """The only one."""
        (shop,) = self.addresses.values()
        return shop

    def open(self, style: Style, name: str = "") -> ToyShop:
        """A new store, with products A, B and C and a customer."""
        name = name or f"shop{len(self.addresses) + 1}"
        shop = ToyShop(style, clock=self.clock)
        for sku in "ABC":
            shop.stock(sku)
        shop.register("mia@example.com")
        url = f"https://{name}.{self.app.workspace}.example"
        self.addresses[url] = shop
        self.connect(name, style, url, {"key": "x"})
        return shop

    def connect(
        self,
        name: str,
        platform: str,
        url: str,
        credentials: Mapping[str, str],
        settings: Mapping[str, str] | None = None,
    ) -> None:
        new = NewInstallation(name, platform, url, credentials, settings or {})
        with self.app.database.writing() as session:
            add(session, self.app.workspace_id, new, self.app.keyring().encrypt, self.clock())

    def load(self, raw: Mapping[str, Any]) -> None:
        document = Programme.model_validate(raw, by_alias=True, by_name=False)
        text = canonical_text(document)
        loaded = LoadedProgramme(document, (), text, digest(text), {})
        with self.app.database.writing() as session:
            store(session, self.app.workspace_id, loaded, (), self.clock())

    # -- what the merchant does --------------------------------------------------------------

    def pull(self, *names: str) -> PullResult:
        result = service.pull_all(self.app, names)
        assert not result.failures, result.failures
        return result

    def plan(self, *names: str) -> PlanSummary:
        return service.make_plan(self.app, names, keep_all=True)

    def apply(self, *names: str) -> ApplyResult:
        return service.apply(self.app, names, pause=self.clock.pause)

    def undo(self, number: int) -> ApplyResult:
        return service.undo_run(self.app, number, pause=self.clock.pause)

    def resolve(self, choice: Choice, matching: str = "") -> int:
        return len(service.resolve(self.app, choice, matching=matching))

    def set_up(self, raw: Mapping[str, Any]) -> ApplyResult:
        """Loads, pulls and applies, and expects that it all arrives."""
        self.load(raw)
        self.pull()
        result = self.apply()
        open_ = [one for one in self.deliveries() if one.state != "done"]
        assert not open_, [(one.label, one.state, one.error) for one in open_]
        return result

    # -- looking behind it -------------------------------------------------------------------

    def deliveries(self, **fields: Any) -> list[Delivery]:
        """Those whose columns have these values, oldest first."""
        query = select(Delivery).where(col(Delivery.workspace_id) == self.app.workspace_id)
        for name, value in fields.items():
            query = query.where(getattr(Delivery, name) == value)
        with self.app.database.reading() as session:
            return list(session.execute(query.order_by(col(Delivery.id))).scalars())

    def states(self, **fields: Any) -> dict[str, int]:
        found: dict[str, int] = {}
        for one in self.deliveries(**fields):
            found[one.state] = found.get(one.state, 0) + 1
        return found

    def bindings(self, kind: str) -> dict[str, Snapshot]:
        with self.app.database.reading() as session:
            rows = session.execute(
                select(Binding).where(
                    col(Binding.workspace_id) == self.app.workspace_id, col(Binding.kind) == kind
                )
            ).scalars()
            return {row.key: Snapshot.of(row) for row in rows}

    def installations(self) -> dict[str, Installation]:
        with self.app.database.reading() as session:
            rows = session.execute(
                select(Installation).where(col(Installation.workspace_id) == self.app.workspace_id)
            ).scalars()
            return {row.name: row for row in rows}

    def said(self, kind: RemarkKind, *names: str) -> list[str]:
        """What the plan remarks: ``label: message``."""
        return [f"{one.label}: {one.message}" for one in self.plan(*names).of(kind)]
