"""Figures that are kept ready. As in :mod:`bridge.engine.steps`, every step may run beside itself
and says why."""

from __future__ import annotations

from bridge.engine.bench import Bench
from bridge.engine.protocol import NOTHING_DONE, Done
from bridge.figures.overview import refresh_figures


def figures(bench: Bench) -> Done:
    """Works out anew what pages would take long for. Safe: what two work out at once is the same,
    or the later of two moments."""
    app = bench.app
    refresh_figures(app.database, app.workspace_id, app.now())
    return NOTHING_DONE
