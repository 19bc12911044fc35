"""One toy shop on each kind of database, and hands to poll it and to handle what came in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import Session, SQLModel, col
from structlog.testing import capture_logs
from toyshop import Style, ToyShop, World

from bridge.db import Database
from bridge.inbox.handling import Arrived, HandleResult, Outcome, handle_queue
from bridge.inbox.models import Cursor, InboxRow
from bridge.inbox.polling import PollResult, poll
from connectors.base import Connector


@dataclass
class Desk:
    """Where what comes in is looked at. ``handled`` holds, in order, what a handler was given."""

    world: World
    handled: list[Arrived] = field(default_factory=list)
    fails: Callable[[Arrived], None] = lambda arrived: None

    @property
    def database(self) -> Database:
        return self.world.app.database

    @property
    def workspace_id(self) -> int:
        return self.world.app.workspace_id

    @property
    def shop(self) -> ToyShop:
        return self.world.shop

    @property
    def installation_id(self) -> int:
        (installation,) = self.world.installations().values()
        assert installation.id is not None
        return installation.id

    @property
    def connector(self) -> Connector:
        (installation,) = self.world.installations().values()
        return self.world.app.connect(installation)

    def later(self, **time: float) -> None:
        self.world.clock.pause(timedelta(**time).total_seconds())

    def poll(self, **options: Any) -> PollResult:
        return poll(
            self.database,
            self.workspace_id,
            self.installation_id,
            self.connector,
            self.world.clock,
            **options,
        )

    def handle(self, **options: Any) -> HandleResult:
        handlers = dict.fromkeys(("order", "customer", "activity"), self.handler)
        return handle_queue(self.database, self.workspace_id, handlers, self.world.clock, **options)

    def handler(self, session: Session, arrived: Arrived, now: datetime) -> Outcome:
        self.fails(arrived)
        self.handled.append(arrived)
        return Outcome.HANDLED

    def last(self) -> dict[tuple[str, str], Any]:
        """What each entity was when it was last handled."""
        return {(type(one.record).__name__, one.record.id): one.record for one in self.handled}

    def all_of(self, table: type[SQLModel]) -> list[Any]:
        with self.database.reading() as session:
            rows = session.execute(select(table)).scalars().all()
        return sorted(rows, key=lambda row: getattr(row, "id", None) or 0)

    def rows(self, resource: str = "order", **fields: Any) -> list[InboxRow]:
        return [
            row
            for row in self.all_of(InboxRow)
            if row.resource == resource
            and all(getattr(row, name) == value for name, value in fields.items())
        ]

    def cursor(self, resource: str = "orders") -> Cursor:
        with self.database.reading() as session:
            return session.execute(
                select(Cursor).where(col(Cursor.resource) == resource)
            ).scalar_one()


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What was logged, instead of on the screen."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def desk(worlds: Callable[..., World]) -> Iterator[Desk]:
    yield Desk(worlds(Style.NUMBERED))
