"""One run of one step, whatever comes of it."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from bridge.engine.bench import Bench, Stopped
from bridge.engine.protocol import NOTHING_DONE, Done, Scope, Step
from bridge.inbox.conflicts import is_conflict, pause_after
from bridge.installations.models import Installation
from bridge.installations.service import installations
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from connectors.errors import ConnectorError

log = structlog.get_logger(__name__)

CONFLICTS = 5
"""How often a step is begun anew when another worker got in its way."""
_EXPECTED = (BridgeError, ConnectorError, UnreadableSecret)


def run_step(bench: Bench, step: Step, shop: Installation | None) -> Done:
    """Never raises: what went wrong is among the problems, and in the log."""
    try:
        return _until_undisturbed(bench, step, shop)
    except Stopped:
        return NOTHING_DONE
    except _EXPECTED as error:
        return _failed(str(error))
    except SQLAlchemyError as error:
        # The error's whole text would repeat the statement and its values.
        cause = error.orig if isinstance(error, DBAPIError) else error
        reason = (str(cause).strip().splitlines() or [""])[0]
        log.error("the database failed", step=step.name, reason=reason)
        return _failed(f"The database cannot be used: {reason}")
    except Exception as error:  # a defect in one step must not stop the others
        log.exception("a step failed", step=step.name, store=shop.name if shop else None)
        return _failed(f"Internal error: {type(error).__name__}: {error}. See the log.")


def shop_of(bench: Bench, installation_id: int) -> Installation | None:
    """As it is stored now; ``None``: it was removed."""
    with bench.app.database.reading() as session:
        found = installations(session, bench.app.workspace_id)
    return next((one for one in found if one.id == installation_id), None)


def _until_undisturbed(bench: Bench, step: Step, shop: Installation | None) -> Done:
    for conflicts in range(1, CONFLICTS + 1):
        try:
            return _act(bench, step, shop)
        except DBAPIError as error:
            if conflicts == CONFLICTS or not is_conflict(error):
                raise
            bench.pause(pause_after(conflicts))
    raise AssertionError("the last round returns or raises")


def _act(bench: Bench, step: Step, shop: Installation | None) -> Done:
    if step.scope is Scope.SHOP:
        assert step.shop is not None
        assert shop is not None
        return step.shop(bench, shop)
    assert step.workspace is not None
    return step.workspace(bench)


def _failed(problem: str) -> Done:
    return Done(problems=(problem,), failed=True)
