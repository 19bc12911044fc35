"""Rows in the outbox, made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlmodel import col
from toyshop import Style, World

from bridge.db import Database
from bridge.outbox.leases import Stage
from bridge.outbox.models import Delivery, DeliveryState, Run
from bridge.plans.parts import Stage as Step

LEASE = timedelta(seconds=60)


@dataclass
class Outbox:
    """One workspace with one store; ``fill`` puts deliveries there."""

    world: World
    run_id: int = 0
    number: int = 0
    stages: dict[str, int] = field(
        default_factory=lambda: {
            "group": Step.MAKE_GROUPS,
            "audience": Step.MAKE_AUDIENCES,
            "price": Step.WRITE_PRICES,
            "customer": Step.MOVE_CUSTOMERS,
        }
    )

    @property
    def database(self) -> Database:
        return self.world.app.database

    @property
    def home(self) -> Path:
        return self.world.app.settings.home

    @property
    def workspace_id(self) -> int:
        return self.world.app.workspace_id

    @property
    def installation_id(self) -> int:
        found = self.world.installations()["shop1"].id
        assert found is not None
        return found

    @property
    def stage(self) -> Stage:
        """Of the newest run's prices."""
        return self.stage_of("price")

    def stage_of(self, kind: str) -> Stage:
        return Stage(self.workspace_id, self.installation_id, self.run_id, self.stages[kind], kind)

    def start_run(self) -> int:
        self.number += 1
        with self.database.writing() as session:
            made = session.execute(
                insert(Run)
                .values(
                    workspace_id=self.workspace_id,
                    number=self.number,
                    kind="apply",
                    created_at=self.world.clock(),
                )
                .returning(col(Run.id))
            )
            self.run_id = int(made.scalar_one())
        return self.run_id

    def fill(self, *rows: dict[str, Any]) -> list[int]:
        """One delivery for each: ``key`` at least; in the newest run. Their ids."""
        if not self.run_id:
            self.start_run()
        common = {
            "workspace_id": self.workspace_id,
            "installation_id": self.installation_id,
            "run_id": self.run_id,
            "kind": "price",
            "state": DeliveryState.QUEUED.value,
            "attempts": 0,
            "fence": 0,
            "error": "",
            "lease_owner": "",
            "after": "new",
            "label": "",
            "native_id": "",
            "source": "list",
            "hints": "",
            "releases": False,
        }
        ids = []
        with self.database.writing() as session:
            for row in rows:
                values = common | row
                values.setdefault("batch", values["key"])
                values.setdefault("stage", int(self.stages[values["kind"]]))
                made = session.execute(insert(Delivery).values(values).returning(col(Delivery.id)))
                ids.append(int(made.scalar_one()))
        return ids

    def row(self, id_: int) -> Delivery:
        with self.database.reading() as session:
            return session.execute(select(Delivery).where(col(Delivery.id) == id_)).scalar_one()

    def now(self) -> datetime:
        return self.world.clock.now


@pytest.fixture
def outbox(worlds: Callable[..., World]) -> Outbox:
    return Outbox(worlds(Style.NUMBERED))
