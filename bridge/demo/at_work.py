"""The bridge at work, as `run` has it: it listens, and does what it hears of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask

from bridge.application import Application
from bridge.demo.stage import Stage
from bridge.engine.bench import open_bench
from bridge.engine.embedded import EmbeddedEngine
from bridge.engine.schedule import steps
from bridge.web import Serving, create_app, serve

_GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class AtWork:
    app: Application
    engine: EmbeddedEngine
    """Start it."""
    url: str


@contextmanager
def at_work(scene: Stage, **changes: Any) -> Iterator[AtWork]:
    """Until the block ends. ``changes``: settings that differ from the scene's."""
    settings = scene.settings.model_copy(update=changes)
    with ExitStack() as stack:
        app = stack.enter_context(Application.open(settings))
        bench = stack.enter_context(closing(open_bench(app)))
        engine = EmbeddedEngine(bench, steps(settings))
        web = create_app(
            app,
            on_signal=lambda installation_id: engine.wake("fetch", installation_id),
            problem=engine.problem,
            wake=engine.wake,
        )
        serving = stack.enter_context(_served(web, scene.port))
        scene.is_reached_at(serving.url, serving.port)
        app.settings = app.settings.model_copy(update={"public_url": serving.url})
        stack.callback(engine.stop, _GRACE_SECONDS)
        yield AtWork(app, engine, serving.url)


def _served(web: Flask, port: int) -> Serving:
    """Where it was before, so that what plugins were told stays true; elsewhere when somebody has
    taken that meanwhile."""
    try:
        return serve(web, port=port)
    except OSError:
        return serve(web)
