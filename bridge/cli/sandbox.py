"""`sandbox`: a small shop on this machine, to try things on."""

from __future__ import annotations

import shlex
import sys
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import click

from bridge.cli.frame import Command, Invocation, json_option, with_invocation
from bridge.cli.output import Output, plural
from bridge.cli.stopping import stop_signals
from bridge.kit.errors import BridgeError
from bridge.plugins import sandboxes
from connectors.sandbox.gate import MOST_ORDERS
from connectors.sandbox.remote import buy_in, install_in, module_in, order_in
from connectors.sandbox.sandbox import Sandbox


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge sandbox magento --port 8001",
        "loyalty-bridge sandbox shopware --port 8002 --latency recorded",
        "loyalty-bridge sandbox magento --port 8001 --orders 20 --seed 7",
        "loyalty-bridge sandbox shopware --port 8002 --buy ada@example.com --item B2B-1010=2",
        "loyalty-bridge sandbox shopware --port 8002 --app LoyaltyBridge.zip",
        "loyalty-bridge sandbox magento --port 8001 --module install",
    ),
)
@click.argument("platform", metavar="magento|shopware")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Where it listens on 127.0.0.1; 0, the default: any free port.",
)
@click.option(
    "--products",
    type=click.IntRange(1, 100_000),
    default=None,
    help="How many products it has; left out: about 2,000.",
)
@click.option(
    "--latency",
    type=click.Choice(["none", "recorded"]),
    default="none",
    show_default=True,
    help="How slow it is: not at all, or as live shops were measured.",
)
@click.option(
    "--orders",
    type=click.IntRange(1, MOST_ORDERS),
    default=None,
    help="Start no shop: have shoppers place so many orders in the one that runs on --port.",
)
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="With --orders: another number, other orders.",
)
@click.option(
    "--buy",
    metavar="EMAIL",
    help="Start no shop: have this person order --item in the one that runs on --port, pay and get "
    "it; without an account there, as a guest.",
)
@click.option(
    "--item",
    "items",
    multiple=True,
    metavar="SKU[=PIECES]",
    help="With --buy: what; repeat it.",
)
@click.option(
    "--code", "codes", multiple=True, help="With --buy: a code that is entered; repeat it."
)
@click.option(
    "--app",
    "app",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help=(
        "Start no shop: install the app that `shopware-app build` wrote in the one that runs "
        "on --port; one that is there is removed first."
    ),
)
@click.option(
    "--module",
    type=click.Choice(["install", "switch off", "switch on", "remove"]),
    default=None,
    help=(
        "Start no shop: what a merchant does with the bridge's module in the one that runs on "
        "--port."
    ),
)
@json_option
@with_invocation
def sandbox(
    invocation: Invocation,
    platform: str,
    port: int,
    products: int | None,
    latency: str,
    orders: int | None,
    seed: int,
    buy: str | None,
    items: tuple[str, ...],
    codes: tuple[str, ...],
    app: Path | None,
    module: str | None,
    as_json: bool,
) -> None:
    """Run a small shop that answers like a real one, until Ctrl-C.

    It keeps everything in memory: each start begins anew. Its credentials are printed, the
    same each time, and guard nothing.

    With --orders, shoppers go to the one that runs already: they buy, pay, get parcels, give
    something back and cancel at random. With --buy, somebody buys just what you say. With --app,
    its admin installs an app, so that it tells the bridge at once what happens; with --module,
    the same in Magento.
    """
    chosen = sandboxes()[platform]
    if sum(one is not None for one in (app, module, orders, buy)) > 1:
        raise click.UsageError("Do one after the other: --app, --module, --orders or --buy.")
    if buy is None and (items or codes):
        raise click.UsageError("Say who buys: --buy EMAIL.")
    if buy is not None:
        _buy(invocation.output, port, buy, items, codes, as_json)
        return
    if app is not None:
        _install(invocation.output, port, app, as_json)
        return
    if module is not None:
        _module(invocation.output, port, module, as_json)
        return
    if orders is not None:
        _shop(invocation.output, port, orders, seed, as_json)
        return
    with stop_signals() as stop:
        try:
            size = {} if products is None else {"products": products}
            running = chosen.serve(port, **size, latency=latency)
        except OSError as error:
            raise BridgeError(
                f"Port {port} cannot be used: {error.strerror or error}. Choose another --port, "
                "or leave it out."
            ) from error
        with running:
            _announce(invocation.output, chosen, running.url, as_json)
            while not stop.wait(1):
                pass
    invocation.output.note("Stopped.")


def _install(output: Output, port: int, app: Path, as_json: bool) -> None:
    if not port:
        raise click.UsageError("Add --port: on which port is the sandbox to install it in?")
    try:
        done = install_in(port, _manifest(app))
    except ConnectionError as error:
        raise BridgeError(
            f"The app cannot be installed: {error}. Start one with `loyalty-bridge sandbox "
            "shopware` and --port."
        ) from error
    except LookupError as error:
        raise BridgeError(
            f"The shop refuses the app: {error} Is `loyalty-bridge run` reachable at the URL that "
            "the app was made with?"
        ) from error
    if as_json:
        output.json(done)
    else:
        output.line(
            f"{done['app']} {done['version']} is installed and active; the shop sends "
            f"{plural(done['webhooks'], 'webhook')}."
        )


def _module(output: Output, port: int, deed: str, as_json: bool) -> None:
    if not port:
        raise click.UsageError("Add --port: on which port is the sandbox with the module?")
    try:
        done = module_in(port, deed)
    except (ConnectionError, LookupError) as error:
        raise BridgeError(
            f"Nothing was done: {error}. Start one with `loyalty-bridge sandbox magento` and "
            "--port."
        ) from error
    if as_json:
        output.json(done)
    elif done["installed"]:
        state = "switched on" if done["active"] else "switched off"
        output.line(f"The module {done['version']} is installed and {state}.")
    else:
        output.line("The module is not installed.")


def _manifest(path: Path) -> str:
    """The text of a manifest, bare or packed as a shop wants it. Raises BridgeError."""
    try:
        if not zipfile.is_zipfile(path):
            return path.read_text("utf-8")
        with zipfile.ZipFile(path) as archive:
            found = [name for name in archive.namelist() if name.endswith("/manifest.xml")]
            return archive.read(found[0]).decode()
    except (OSError, UnicodeDecodeError, zipfile.BadZipFile, IndexError) as error:
        raise BridgeError(
            f"{path} is no app. Make one with `loyalty-bridge shopware-app build`."
        ) from error


def _shop(output: Output, port: int, orders: int, seed: int, as_json: bool) -> None:
    if not port:
        raise click.UsageError("Add --port: on which port is the sandbox to order in?")
    try:
        done = order_in(port, orders, seed)
    except (ConnectionError, LookupError) as error:
        raise BridgeError(
            f"Nobody could order: {error}. Start one with `loyalty-bridge sandbox` and --port."
        ) from error
    if as_json:
        output.json(done)
    else:
        output.line(", ".join(f"{count:,} {kind}" for kind, count in done.items()))


def _buy(
    output: Output,
    port: int,
    email: str,
    items: tuple[str, ...],
    codes: tuple[str, ...],
    as_json: bool,
) -> None:
    if not port:
        raise click.UsageError("Add --port: on which port is the sandbox to buy in?")
    try:
        done = buy_in(port, email, _pieces(items), codes)
    except ConnectionError as error:
        raise BridgeError(
            f"Nobody could buy: {error}. Start one with `loyalty-bridge sandbox` and --port."
        ) from error
    except LookupError as error:
        raise BridgeError(f"Nobody could buy: {error}.") from error
    if as_json:
        output.json(done)
    else:
        off = f" - {done['off']}" if Decimal(done["off"]) else ""
        refused = " The shop took no code." if codes and not off else ""
        output.line(
            f"Order {done['number']}: {done['goods']}{off} with tax; paid and sent.{refused}"
        )


def _pieces(items: tuple[str, ...]) -> dict[str, int]:
    """From ``SKU=PIECES``; one piece where no number stands."""
    if not items:
        raise click.UsageError("Say what is bought: --item SKU=PIECES.")
    found: dict[str, int] = {}
    for item in items:
        sku, _, pieces = item.partition("=")
        if not sku or (pieces and not pieces.isdecimal()):
            raise click.UsageError(f"--item is SKU=PIECES, like B2B-1010=2, not {item!r}.")
        found[sku] = found.get(sku, 0) + int(pieces or 1)
    return found


def _announce(output: Output, sandbox: Sandbox, url: str, as_json: bool) -> None:
    if as_json:
        output.json(
            {
                "platform": sandbox.name,
                "url": url,
                "credentials": dict(sandbox.credentials),
                "settings": dict(sandbox.settings),
                "also": dict(sandbox.also),
                "shoppers": list(sandbox.shoppers),
            }
        )
    else:
        output.line(f"{sandbox.label} sandbox: {url}")
        output.line("Its credentials, which guard nothing:")
        for name, value in sandbox.credentials.items():
            output.line(f"  {name}={value}")
        if sandbox.also:
            output.line("Other ways in, and a shopper's account:")
        for name, value in sandbox.also.items():
            output.line(f"  {name}={value}")
        output.line("Connect it, in another terminal:")
        output.line(f"  {connecting_command(sandbox.name, url, sandbox)}")
        output.line("Have shoppers order there, in another terminal:")
        output.line(
            f"  loyalty-bridge sandbox {sandbox.name} --port {urlsplit(url).port} --orders 20"
        )
        output.line("Ctrl-C stops it.")
    sys.stdout.flush()


def connecting_command(name: str, url: str, sandbox: Sandbox) -> str:
    """A shell line that connects the sandbox as a store of this name."""
    lines = "\\n".join(f"{field}={value}" for field, value in sandbox.credentials.items())
    return (
        f"printf {shlex.quote(lines)} | loyalty-bridge store add {name} "
        f"--platform {sandbox.name} --url {url} --credentials -{_settings(sandbox.settings)}"
    )


def _settings(settings: Mapping[str, str]) -> str:
    return "".join(f" --set {shlex.quote(f'{key}={value}')}" for key, value in settings.items())
