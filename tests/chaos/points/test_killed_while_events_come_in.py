"""The module in a Magento shop tells the bridge of every order at once, and tells it again until
it is answered; meanwhile the process of ``loyalty-bridge run`` is killed again and again. Each
event is kept once, each order's points are booked once, and nothing is lost: the book is that of a
bridge that only asked the shop in the end.

The bridge asks the shop by itself at each start and then once an hour. What is told after the last
start comes in by events alone.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from points.ending import unlike
from points.merchant import Bridge, Shops
from sound_book import assert_sound
from sqlalchemy import text
from trial.command import Process

from bridge.db import Database
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.magento.sandbox.module_events import Outbox
from connectors.sandbox.shopper import shop_around

SEED = 11
HASTE = 600
"""The module's first pause between tries, of a minute, is a tenth of a second."""
AT_ONCE = 4
"""Orders between two looks."""


@dataclass
class Told:
    """What the module ever put into its outbox."""

    tokens: list[str] = field(default_factory=list)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    told, note = Told(), Outbox.note

    def noted(outbox: Outbox, event: str, entity: str, ids: Sequence[str], token: str = "") -> None:
        told.tokens.append(token or f"event-{len(told.tokens)}")
        note(outbox, event, entity, ids, told.tokens[-1])

    monkeypatch.setattr(Outbox, "note", noted)
    yield told


@dataclass
class Heard:
    """A bridge whose process can be killed, and the shop that tells it."""

    shops: Shops
    bridge: Bridge
    port: int
    placed: int = 0
    process: Process | None = None

    @property
    def outbox(self) -> Outbox:
        outbox: Outbox = self.shops.shops["magento"].running.state.module.outbox
        return outbox

    def start(self) -> Process:
        self.process = self.bridge.command.start("run", "--port", str(self.port))
        return self.process

    def count(self, query: str) -> int:
        with self.bridge.ledger.engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())

    @property
    def signals(self) -> int:
        return self.count("SELECT count(*) FROM signals WHERE event <> 'hello'")

    def sell(self, orders: int) -> None:
        shop_around(self.shops.shops["magento"].running, SEED + self.placed, orders)
        self.placed += orders

    def is_all_booked(self) -> bool:
        return (
            not len(self.outbox)
            and self.count("SELECT count(*) FROM orders") == self.placed
            and not self.count("SELECT count(*) FROM signals WHERE state = 'new'")
            and not self.count("SELECT count(*) FROM inbox WHERE state = 'queued'")
        )


@pytest.fixture
def heard(shops: Shops, tmp_path: Path) -> Iterator[Callable[[str | None], Heard]]:
    made: list[Heard] = []

    def begin(database_url: str | None) -> Heard:
        running = shops.shops["magento"].running
        running.faults.set(shop={"events_sped_up": HASTE})
        ModuleDesk(running.state).install()
        bridge = Bridge.set_up(shops, tmp_path / "killed", database_url)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        bridge.command.extra = {
            "LOYALTY_BRIDGE_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "LOYALTY_BRIDGE_POLL_SECONDS": "3600",
        }
        made.append(Heard(shops, bridge, port))
        return made[-1]

    yield begin
    for one in made:
        if one.process is not None:
            one.process.popen.kill()
            one.process.popen.wait()
        one.bridge.ledger.close()


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_while_events_come_in(
    database: str,
    shops: Shops,
    heard: Callable[[str | None], Heard],
    told: Told,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    url = None if database == "sqlite" else request.getfixturevalue("postgresql_url")
    calm = Bridge.set_up(shops, tmp_path / "calm")
    one, chance = heard(url), random.Random(SEED)
    assert one.start().wait_until(lambda: one.count("SELECT count(*) FROM signals") > 0), "no hello"
    kills = mid_work = 0
    while kills < 12:
        assert one.process is not None
        before = one.signals
        one.sell(AT_ONCE)
        one.process.wait_until(lambda before=before: one.signals > before)  # type: ignore[misc]
        one.process.ends_within(chance.uniform(0, 0.2))
        waiting = len(one.outbox) + one.count("SELECT count(*) FROM signals WHERE state = 'new'")
        assert one.process.kill().was_killed
        kills, mid_work = kills + 1, mid_work + bool(waiting)
        one.sell(AT_ONCE)  # nobody listens
        one.start()
    one.sell(AT_ONCE)
    assert one.process is not None
    one.process.wait_until(one.is_all_booked)
    assert one.is_all_booked()
    one.process.kill()
    print(f"{database}: {kills} kills, {mid_work} with events on their way")  # noqa: T201
    assert mid_work > kills / 2

    tokens = set(told.tokens)
    assert len(tokens) == len(told.tokens) > 2 * one.placed
    with one.bridge.ledger.engine.connect() as connection:
        kept = [row[0] for row in connection.execute(text("SELECT event_id FROM signals"))]
    assert sorted(kept) == sorted(tokens), "each once, none lost"

    assert calm.work_until_quiet(shops.changed_at) == []
    assert one.bridge.work_until_quiet(shops.changed_at) == []
    assert unlike(one.bridge.ledger.books(), calm.ledger.books()) == []
    book = Database(one.bridge.ledger.engine.url.render_as_string(hide_password=False))
    assert_sound(book, 1)
    book.close()
    calm.ledger.close()
