"""A shop that tells at once, and a bridge that asks once an hour: over HTTP, in processes."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from engine_world import POINTS, Merchant, Process, programme, until
from sqlalchemy import func, select
from sqlmodel import col
from toyshop.world import KEY

from bridge.cli import main
from bridge.engine.once import work_once
from bridge.inbox.models import Cursor, InboxRow, InboxState, SignalState, StoredSignal
from bridge.kit.clock import utc_now
from bridge.points.models import Entry
from bridge.web import create_app, serve
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.app import APP_NAME
from connectors.shopware.app.manifests import APP_VERSION
from connectors.shopware.sandbox.admin import Admin
from connectors.shopware.sandbox.apps import AppSystem
from connectors.shopware.sandbox.identifiers import new_id
from connectors.shopware.sandbox.webhooks import exchange, php_json
from connectors.webhooks import signature

ANNA = "anna.albers@example.com"
LONG = 3600
ORDER_WRITTEN = {"type": "equals", "field": "eventName", "value": "order.written"}


@pytest.fixture
def merchant(merchants: Callable[..., Merchant]) -> Merchant:
    """With points for what is paid, at once."""
    found = merchants()
    found.load(programme(points={**POINTS, "ripen": {"after": "paid", "days": 0}}))
    return found


@pytest.fixture
def sandbox(served: dict[str, RunningSandbox]) -> RunningSandbox:
    return served["shopware"]


@pytest.fixture
def apps(sandbox: RunningSandbox) -> Iterator[AppSystem]:
    """The shop's app system; as of 6.6.10.15 it proves who it is when it registers again."""
    with closing(AppSystem(sandbox.state, sandbox.url, signs_again=True)) as system:
        yield system


def command(merchant: Merchant, *words: str) -> str:
    """What `loyalty-bridge` prints, beside what else runs."""
    result = invoked(merchant, *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(merchant: Merchant, *words: str) -> str:
    result = invoked(merchant, *words)
    assert result.exit_code == 1
    return result.stderr


def invoked(merchant: Merchant, *words: str) -> Result:
    settings = {
        "LOYALTY_BRIDGE_HOME": str(merchant.home),
        "LOYALTY_BRIDGE_DATABASE_URL": merchant.url,
        "LOYALTY_BRIDGE_KEYS": KEY,
        "LOYALTY_BRIDGE_WORKSPACE": merchant.key,
    }
    return CliRunner().invoke(main, list(words), env=settings)


def manifest(merchant: Merchant, url: str, folder: Path) -> str:
    """What an admin installs, for a bridge that is reached there."""
    out = folder / "manifest.xml"
    command(merchant, "shopware-app", "manifest", "shopware", "--url", url, "--out", str(out))
    return out.read_text()


def counted(merchant: Merchant) -> dict[str, int]:
    shown = json.loads(command(merchant, "webhooks", "--json"))["webhooks"]
    (messages,) = [one["messages"] for one in shown if one["store"] == "shopware"]
    found: dict[str, int] = messages
    return found


def is_quiet(merchant: Merchant) -> bool:
    """Whether every signal was followed, and all that came in was handled."""
    states: tuple[tuple[Any, Any], ...] = (
        (StoredSignal, SignalState.NEW),
        (InboxRow, InboxState.QUEUED),
    )
    with merchant.database.reading() as session:
        waiting = [
            session.scalar(
                select(func.count())
                .select_from(table)
                .where(
                    col(table.workspace_id) == merchant.app.workspace_id,
                    col(table.state) == state.value,
                )
            )
            for table, state in states
        ]
    return not any(waiting)


def entries(merchant: Merchant) -> int:
    with merchant.database.reading() as session:
        mine = col(Entry.workspace_id) == merchant.app.workspace_id
        return session.scalar(select(func.count()).select_from(Entry).where(mine)) or 0


def polls(merchant: Merchant) -> list[datetime]:
    """When each shop was last asked for each thing that may have changed."""
    with merchant.database.reading() as session:
        found = session.scalars(
            select(col(Cursor.polled_at)).where(
                col(Cursor.workspace_id) == merchant.app.workspace_id
            )
        )
        return [at for at in found if at is not None]


@contextmanager
def running(merchant: Merchant) -> Iterator[tuple[Process, str]]:
    """`run`, and where it listens, once it has asked every shop: it does so again in an hour."""
    began = utc_now()
    with merchant.start("--port", "0", poll_seconds=LONG) as process:
        url = process.url
        until(lambda: min(polls(merchant)) > began)
        until(lambda: is_quiet(merchant))
        yield process, url


def ended(process: Process) -> None:
    process.signal(signal.SIGTERM)
    code, errors = process.end()
    assert code == 0, errors


@dataclass(frozen=True)
class Told:
    """A message of the shop's, whoever sends it and however often."""

    url: str
    content: dict[str, object]
    secret: str

    def status(self, *, ago: timedelta = timedelta(0)) -> int:
        """What the bridge answers when it was signed now, or ``ago``."""
        seconds = int((datetime.now(UTC) - ago).timestamp())
        body = php_json({**self.content, "timestamp": seconds})
        headers = {"shopware-shop-signature": signature(self.secret, body)}
        return exchange("POST", self.url, headers, body)[0]


def about(order_id: str, system: AppSystem) -> Told:
    """That an order was written, as the app's webhook tells it."""
    app = system.apps[APP_NAME]
    hook = next(one for one in app.webhooks if one.event == "order.written")
    row = {"entity": "order", "operation": "update", "primaryKey": order_id, "updatedFields": []}
    source = {
        "url": system.url,
        "eventId": new_id(),
        "shopId": system.shop_id,
        "appVersion": app.manifest.version,
    }
    data = {"payload": [row], "event": hook.event}
    return Told(hook.url, {"data": data, "source": source}, app.shop_secret)


def test_an_order_is_in_the_book_long_before_the_next_poll(
    merchant: Merchant, apps: AppSystem, tmp_path: Path
) -> None:
    work_once(merchant.app)
    till = merchant.till("shopware")
    with running(merchant) as (process, url):
        apps.install(manifest(merchant, url, tmp_path))
        polled = polls(merchant)
        sale = till.order(ANNA, {"B2B-1001": 1}, guest=False)
        until(lambda: merchant.handled() == 1)
        till.pay(sale.order_id)
        until(lambda: merchant.points(ANNA) == (116, 0))
        until(lambda: is_quiet(merchant))
        book, posted = merchant.book(), entries(merchant)
        message = about(sale.order_id, apps)
        assert [message.status() for _ in range(3)] == [202, 202, 202]
        assert replace(message, secret="guessed").status() == 401
        assert message.status(ago=timedelta(minutes=6)) == 401
        until(lambda: is_quiet(merchant))
        assert (merchant.book(), entries(merchant)) == (book, posted)
        assert polls(merchant) == polled
        ended(process)
    # Some are echoes of what the bridge wrote itself: how many points Anna has.
    sent = list(apps.sender.deliveries)
    taken = sum(one.status == 202 for one in sent)
    assert counted(merchant) == {
        "registered": 1,
        "confirmed": 1,
        "accepted": taken + 1,
        "replayed": 2,
        "forged": 1,
        "stale": 1,
    }

    # Nobody listens now. The shop goes on selling, and the first poll finds it.
    second = till.order(ANNA, {"B2B-1001": 1}, guest=False)
    till.pay(second.order_id)
    assert {one.status for one in apps.sender.deliveries[len(sent) :]} == {0}
    with running(merchant) as (process, _):
        until(lambda: merchant.points(ANNA) == (232, 0))
        ended(process)
    assert merchant.handled() == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_shop_renews_its_secret_while_run_goes_on(
    merchant: Merchant, apps: AppSystem, tmp_path: Path
) -> None:
    """The minute's end: tests/bridge/web, with a clock that can be set."""
    work_once(merchant.app)
    till = merchant.till("shopware")
    with running(merchant) as (process, url):
        text = manifest(merchant, url, tmp_path)
        old = apps.install(text).shop_secret
        apps.register_again(APP_NAME)
        new = apps.apps[APP_NAME].shop_secret
        assert old != new
        sale = till.order(ANNA, {"B2B-1001": 1}, guest=False)
        until(lambda: merchant.handled() == 1)
        message = about(sale.order_id, apps)
        assert (message.status(), replace(message, secret=old).status()) == (202, 202)

        # Taken out, it holds no secret; installed anew, it registers like the first time.
        apps.delete(APP_NAME)
        assert [replace(message, secret=one).status() for one in (old, new)] == [401, 401]
        apps.install(text)
        assert about(sale.order_id, apps).status() == 202
        ended(process)
    # The shop may have had something on its way at the moment when its app was taken out.
    late = [one for one in apps.sender.deliveries if one.status == 401]
    assert {one.status for one in apps.sender.deliveries} - {401} == {202}
    messages = counted(merchant)
    assert {name: messages[name] for name in ("registered", "confirmed", "forged")} == {
        "registered": 3,
        "confirmed": 3,
        "forged": 2 + len(late),
    }
    assert {one.event for one in late} <= {"customer.written", "order.written"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_tried_by_hand_as_the_guide_says_and_looked_after(
    merchant: Merchant, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    """Only the command line: the app goes into a running sandbox; `store check` tells how it is."""
    out, port = str(tmp_path / "LoyaltyBridge.zip"), str(sandbox.port)

    def found() -> tuple[str, str]:
        checked = json.loads(command(merchant, "store", "check", "shopware", "--json"))
        (finding,) = [
            (one["severity"], one["found"])
            for one in checked["stores"][0]["findings"]
            if one["topic"] == "webhooks"
        ]
        return finding

    assert found()[0] == "note"
    with serve(create_app(merchant.app)) as serving:
        made = ("shopware-app", "build", "shopware", "--url", serving.url, "--out", out)
        command(merchant, *made)
        assert found()[0] == "note" and "is not installed" in found()[1]
        install = ("sandbox", "shopware", "--port", port, "--app", out)
        assert f"LoyaltyBridge {APP_VERSION} is installed and active" in command(merchant, *install)
        assert found() == ("ok", f"The shop sends its webhooks to {serving.url}")
        command(merchant, "sandbox", "shopware", "--port", port, "--orders", "2")
        work_once(merchant.app)
        assert merchant.handled() == 2

        admin = Admin(sandbox.state.database)
        (hook,) = admin.search("webhook", {"filter": [ORDER_WRITTEN]})["data"]
        admin.update("webhook", hook["id"], {"active": False})
        assert "switched off 1 of" in found()[1]
        # As the finding says: installed anew, all is well.
        command(merchant, *install)
        assert found()[0] == "ok"
        command(merchant, "shopware-app", "release", "shopware", "--yes")
        assert "its app is not registered here" in found()[1]
    assert "reachable at the URL" in refused(merchant, *install)
    assert counted(merchant)["accepted"] > 4
