"""What the plugins in the shops cost, as ratios within one run.

- The Shopware app's cart scripts in real Twig over a basket of five lines, beside empty scripts. A
  shop runs them in each pass of a call, and there are two at least: the call is what counts.
- The Magento module's plugin around the collecting of totals (``collect.php``), beside the bare
  collecting.
- From an order in one shop to the balance that the other one shows, through the real engine: what
  the shops tell goes over HTTP, nobody is asked what changed.
- Balances pushed to Magento's module, beside one by one; the bridge's own limit of calls a second
  is lifted, or it would be the limit that is measured.

The first two need PHP, the first Twig as well (Debian: php-cli, php-twig); without them they are
passed over. Neither is a shop: its own work and its database are not in these figures.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from statistics import median
from threading import Event
from typing import Any

from bridge import logging
from bridge.application import Application
from bridge.config import Settings
from bridge.engine.bench import open_bench
from bridge.engine.embedded import EmbeddedEngine
from bridge.engine.schedule import steps
from bridge.plugins import platforms, sandboxes
from bridge.web import create_app, serve
from connectors.base import Connection
from connectors.http.rate import CallRate
from connectors.magento.sandbox.module_desk import ModuleDesk
from connectors.sales import Balance
from connectors.sandbox.server import RunningSandbox
from connectors.shopware.sandbox.apps import AppSystem
from tests.bench.shops import PLATFORMS, BenchError, Bridge, Shop
from tests.connectors.shopware.app.baskets import (
    BOUGHT,
    CHANNEL,
    EUR,
    MUG,
    context,
    customer,
    given,
    line,
    rule,
    shop,
)

TWIG = Path("/usr/share/php/Twig/autoload.php")
SCRIPTS = resources.files("connectors.shopware.app").joinpath("Resources", "scripts", "cart")
ROOT = Path(__file__).parents[1]
SHOP_PHP = ROOT / "connectors" / "shopware" / "app" / "shop.php"
COLLECT_PHP = Path(__file__).with_name("collect.php")
CALLS = 300
WARM_UP = 30
ROUNDS = 20
"""Orders in each direction."""
CUSTOMERS = 2500
_NO_LIMIT = 10**6
"""Calls a second."""
BUYER = "anna.albers@example.com"
POINTS = "loyalty_bridge_points"
LONGEST = 60.0
"""Seconds that a balance may take."""
SELDOM = 3600
"""Seconds between two times that the bridge asks a shop by itself."""
PROGRAMME = """\
programme: Bench
currency: EUR
timezone: Europe/Berlin
points:
  ripen: {after: placed, days: 0}
  rules:
    base: {per_amount: {points: 1, each: 1}}
"""


@dataclass(frozen=True)
class Cost:
    case: str
    ours_ms: float
    bare_ms: float


@dataclass(frozen=True)
class Pushed:
    customers: int
    together_seconds: float
    calls: int
    singly_seconds: float

    @property
    def ratio(self) -> float:
        return self.singly_seconds / self.together_seconds


@dataclass(frozen=True)
class Measured:
    script: tuple[Cost, ...]
    """Milliseconds of one call of a basket."""
    module: tuple[Cost, ...]
    shown: Mapping[str, float]
    """Seconds from an order in this shop to the balance in the other."""
    pushed: Pushed
    missing: tuple[str, ...] = field(default=())


def measure() -> Measured:
    logging.configure("error")
    missing = []
    script: tuple[Cost, ...] = ()
    module: tuple[Cost, ...] = ()
    php = shutil.which("php")
    if php is not None and TWIG.exists():
        script = tuple(_script(php))
    else:
        missing.append("the app's scripts: PHP with Twig is not installed")
    if php is not None:
        module = tuple(_module(php))
    else:
        missing.append("the module's plugin: PHP is not installed")
    return Measured(script, module, _shown(), _pushed(), tuple(missing))


def lines(measured: Measured) -> list[str]:
    told = [*_costs("Shopware app, one call of a basket of 5 lines", measured.script)]
    told += _costs("Magento module, one collecting of 5 lines", measured.module)
    for platform, seconds in measured.shown.items():
        told.append(
            f"an order in {platform} is in the other shop's balance after {seconds:.2f} s "
            f"(median of {ROUNDS})"
        )
    pushed = measured.pushed
    told += [
        f"{pushed.customers:,} balances to the module: {pushed.together_seconds:.2f} s in "
        f"{pushed.calls} calls, one by one {pushed.singly_seconds:.2f} s",
        f"  one by one / together        {pushed.ratio:8.1f}",
    ]
    return [*told, *(f"passed over: {one}" for one in measured.missing)]


def record(measured: Measured) -> dict[str, object]:
    return asdict(measured)


def _costs(what: str, costs: tuple[Cost, ...]) -> Iterator[str]:
    if costs:
        yield f"{what} (medians)"
    for one in costs:
        more = one.ours_ms - one.bare_ms
        yield (
            f"  {one.case:<29}{one.ours_ms:8.3f} ms   bare {one.bare_ms:.3f} ms   "
            f"{more:+.3f} ms   ratio {one.ours_ms / one.bare_ms:.2f}"
        )


# --- the app's scripts ---------------------------------------------------------------------


def _script(php: str) -> Iterator[Cost]:
    with tempfile.TemporaryDirectory() as empty:
        for name in ("gifts.twig", "points.twig"):
            Path(empty, name).touch()
        with subprocess.Popen(
            [php, str(SHOP_PHP)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            for case, basket in _baskets().items():
                ours, bare = [], []
                for _ in range(CALLS + WARM_UP):  # in turns, so that a noisy machine hits both
                    ours.append(_call(process, str(SCRIPTS), basket))
                    bare.append(_call(process, empty, basket))
                yield Cost(case, *(median(one[WARM_UP:]) for one in (ours, bare)))
            assert process.stdin is not None
            process.stdin.close()


def _call(process: subprocess.Popen[str], folder: str, basket: Mapping[str, Any]) -> float:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(json.dumps({"kind": "cart", "folder": folder, "shop": basket}) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "thrown" in answer:
        raise BenchError(answer["thrown"])
    is_given = folder == str(SCRIPTS) and bool(basket["config"]["gifts"])
    if bool(given(answer["is"])) is not is_given:
        raise BenchError("the gift is not where it belongs")
    return float(answer["is"]["milliseconds"])


def _baskets() -> dict[str, dict[str, Any]]:
    bought = [BOUGHT, *(f"{number}" * 32 for number in range(1, 5))]
    products = {one: {"price": 60, "rate": 19} for one in [*bought, MUG]}
    many = [rule(product=f"{number:032x}", amount=9999, base=9999) for number in range(49)]
    held = {
        "redeem_key": "r1234567",
        "redeem_worth": 12.5,
        "redeem_until": 99_999_999_999,
        "redeem_channel": CHANNEL,
        "redeem_currency": EUR,
    }
    there = [line(one) for one in bought]
    cases: dict[str, dict[str, Any]] = {
        "idle": {"told": []},
        "one gift": {"told": [rule()]},
        "51 rules, one gift": {"told": [rule(), *many, rule(rule="more")]},
        "points": {"told": [], "context": context(customer=customer(**held))},
    }
    return {
        case: shop(values.pop("told"), *there, products=products, **values)
        for case, values in cases.items()
    }


# --- the module's plugin -------------------------------------------------------------------


def _module(php: str) -> Iterator[Cost]:
    ran = subprocess.run(
        [php, str(COLLECT_PHP), "500"], capture_output=True, text=True, check=False
    )
    if ran.returncode != 0:
        raise BenchError(f"{ran.stdout}\n{ran.stderr}")
    for case, found in json.loads(ran.stdout).items():
        yield Cost(case, found["plugin"], found["bare"])


# --- from one shop to the other ------------------------------------------------------------


@dataclass(frozen=True)
class _Both:
    running: Mapping[str, RunningSandbox]

    def shown(self, platform: str) -> int:
        state = self.running[platform].state
        if platform == "magento":
            customer_id = state.customers.by_email(BUYER)["id"]
            return int(state.module.balances.get(customer_id, {}).get("available", 0))
        table = state.database["customer"]
        (key,) = table.where("email", BUYER)
        return int((table.rows[key].values.get("customFields") or {}).get(POINTS) or 0)


def _shown() -> dict[str, float]:
    with _at_work() as both:
        found = {}
        for platform, other in (PLATFORMS, PLATFORMS[::-1]):
            till = both.running[platform].state.till()
            sku, seconds = till.skus()[0], []
            for _ in range(ROUNDS):
                before = both.shown(other)
                began = time.perf_counter()
                till.order(BUYER, {sku: 1}, guest=False)
                _until(lambda other=other, before=before: both.shown(other) > before)  # type: ignore[misc]
                seconds.append(time.perf_counter() - began)
            found[platform] = median(seconds)
        return found


@contextmanager
def _at_work() -> Iterator[_Both]:
    """Both shops with their plugins, and a bridge in this process that knows them."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bridge = Bridge(home)
        bridge.run("init")
        running = {}
        for platform in PLATFORMS:
            sandbox = sandboxes()[platform]
            running[platform] = stack.enter_context(sandbox.serve(products=60, customers=12))
            place = running[platform].url, sandbox.credentials, sandbox.settings
            bridge.add(Shop(platform, *place))
        (home / "programme.yaml").write_text(PROGRAMME, "utf-8")
        bridge.run("program", "load", str(home / "programme.yaml"))
        bridge.run("pull")
        ModuleDesk(running["magento"].state).install()
        engine, url = _engine(stack, home)
        bridge.run("shopware-app", "manifest", "shopware", "--url", url, "--out", f"{home}/m.xml")
        state = running["shopware"].state
        apps = stack.enter_context(closing(AppSystem(state, running["shopware"].url)))
        apps.install((home / "m.xml").read_text("utf-8"))
        engine.start()
        module = running["magento"].state.module
        _until(lambda: module.tells and not len(module.outbox))
        yield _Both(running)


def _engine(stack: ExitStack, home: Path) -> tuple[EmbeddedEngine, str]:
    settings = Settings(home=home, poll_seconds=SELDOM)
    app = stack.enter_context(Application.open(settings))
    bench = stack.enter_context(closing(open_bench(app)))
    engine = EmbeddedEngine(bench, steps(settings))
    web = create_app(
        app,
        on_signal=lambda one: engine.wake("fetch", one),
        problem=engine.problem,
        wake=engine.wake,
    )
    serving = stack.enter_context(serve(web))
    app.settings = settings.model_copy(update={"public_url": serving.url})
    stack.callback(engine.stop, 10)
    return engine, serving.url


def _until(is_so: Callable[[], bool]) -> None:
    tick, deadline = Event(), time.monotonic() + LONGEST
    while not is_so():
        if time.monotonic() > deadline:
            raise BenchError(f"it did not happen within {LONGEST:.0f} s")
        tick.wait(0.002)


# --- balances ------------------------------------------------------------------------------


def _pushed() -> Pushed:
    sandbox = sandboxes()["magento"]
    with sandbox.serve(products=5, customers=CUSTOMERS) as running:
        ModuleDesk(running.state).install()
        connection = Connection(running.url, sandbox.credentials, sandbox.settings, "bench/bench")
        with closing(platforms()["magento"].connect(connection)) as connector:
            assert connector.balances is not None
            connector._client.http._rate = CallRate(_NO_LIMIT)  # type: ignore[attr-defined]
            push = connector.balances.write
            ids = [str(one) for one in running.state.customers.rows][:CUSTOMERS]
            all_of_them = {one: Balance(5, 1) for one in ids}
            push({ids[0]: Balance(1, 0)})
            before = running.log.total
            together = _seconds(lambda: push(all_of_them))
            calls = running.log.total - before
            singly = _seconds(lambda: [push({one: Balance(7, 0)}) for one in ids])
            if {row["available"] for row in running.state.module.balances.values()} != {7}:
                raise BenchError("not every balance is there")
    return Pushed(len(ids), together, calls, singly)


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
