"""`run`: webhooks, the clock and the workers in one process, until it is told to stop."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import closing

import click

from bridge.application import Application
from bridge.cli.frame import Command, with_application
from bridge.cli.output import Output, plural
from bridge.cli.stopping import stop_signals
from bridge.engine.bench import open_bench
from bridge.engine.embedded import EmbeddedEngine
from bridge.engine.protocol import Engine
from bridge.engine.schedule import steps
from bridge.installations.service import installations
from bridge.kit.errors import BridgeError
from bridge.programme.service import current
from bridge.users.links import owner_link
from bridge.web.app import create_app
from bridge.web.serving import Serving, serve


@click.command(
    cls=Command,
    example=(
        "loyalty-bridge run",
        "loyalty-bridge run --host 0.0.0.0 --port 8080",
        "loyalty-bridge run --no-web",
    ),
)
@click.option("--host", help="Where it listens for webhooks; default: LOYALTY_BRIDGE_HOST.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="The port for webhooks, 0: any free one; default: LOYALTY_BRIDGE_PORT.",
)
@click.option("--no-web", is_flag=True, help="Do not listen: poll the stores only.")
@with_application
def run(app: Application, output: Output, host: str | None, port: int | None, no_web: bool) -> None:
    """Work until stopped: read the stores, take their webhooks, keep the book, deliver.

    SIGTERM and Ctrl-C let running work come to a good place and end with exit code 0; a second
    one ends at once. However it ends, nothing is lost: the next start goes on. Several may run
    on one database.
    """
    settings = app.settings
    with stop_signals() as stop, closing(open_bench(app)) as bench:
        engine = EmbeddedEngine(bench, steps(settings))
        web = None if no_web else _serve(app, engine, host or settings.host, port)
        engine.start()
        _announce(app, output, web)
        stop.wait()
        output.note("Stopping: what runs comes to an end. A second signal ends at once.")
        _end(engine, web, settings.grace_seconds)
    output.note("Stopped.")


def _serve(app: Application, engine: Engine, host: str, port: int | None) -> Serving:
    number = app.settings.port if port is None else port

    def on_signal(installation_id: int) -> None:
        engine.wake("fetch", installation_id)

    try:
        web = create_app(app, on_signal=on_signal, problem=engine.problem, wake=engine.wake)
        return serve(web, host, number, trusted_proxy=app.settings.trusted_proxy)
    except OSError as error:
        raise BridgeError(
            f"Cannot listen on {host} port {number}: {error.strerror or error}. Choose another "
            "--port, or --no-web."
        ) from error


def _announce(app: Application, output: Output, web: Serving | None) -> None:
    with app.database.reading() as session:
        shops = [shop.name for shop in installations(session, app.workspace_id)]
        has_programme = current(session, app.workspace_id) is not None
    if web is not None:
        output.line(f"Listening on {web.url}: web app, webhooks, /healthz, /readyz.")
        _welcome(app, output, web)
    every = plural(app.settings.poll_seconds, "second")
    names = f": {', '.join(shops)}" if shops else ""
    output.line(f"Reading {plural(len(shops), 'store')} every {every}{names}.")
    output.line("Orders become points, points ripen and expire, tiers and balances go out.")
    if not shops:
        output.warn("No store is connected: see `loyalty-bridge store add --help`.")
    if not has_programme:
        output.warn("No programme is loaded: nobody earns. See `loyalty-bridge program load`.")
    sys.stdout.flush()


def _welcome(app: Application, output: Output, web: Serving) -> None:
    """Whoever can read this terminal becomes the owner, as long as there is none."""
    with app.database.writing() as session:
        token = owner_link(session, app.workspace_id, app.now())
    if token is not None:
        base = app.settings.public_url or web.url
        output.line("Nobody can sign in yet. Open this once, within a day, to become the owner:")
        output.line(f"  {base.rstrip('/')}/welcome/{token}")


def _end(engine: Engine, web: Serving | None, grace: float) -> None:
    """Ends the process itself when something does not come to its end in time: whatever that
    was, the next start takes it up."""
    deadline = time.monotonic() + grace
    closing = threading.Thread(target=web.stop, daemon=True) if web is not None else None
    if closing is not None:
        closing.start()
    ended = engine.stop(grace)
    if closing is not None:
        closing.join(max(0.0, deadline - time.monotonic()))
        ended = ended and not closing.is_alive()
    if ended:
        return
    sys.stdout.flush()
    sys.stderr.write("Stopped; what had not ended is taken up at the next start.\n")
    sys.stderr.flush()
    os._exit(0)
