"""Every error that can be expected, as one line for the one who can act."""

from __future__ import annotations

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from bridge.cli.failing import Failure
from bridge.kit.encryption import UnreadableSecret
from bridge.kit.errors import BridgeError
from bridge.programme.issues import ProgrammeError
from connectors.errors import ConnectorError

_log = structlog.stdlib.get_logger(__name__)


def failure(error: Exception) -> Failure:
    """The one line for this error; its trace goes to the log, at level debug."""
    _log.debug("command_failed", exc_info=error)
    return Failure(explanation(error))


def explanation(error: Exception) -> str:
    if isinstance(error, BridgeError | ConnectorError | UnreadableSecret):
        return str(error)
    if isinstance(error, ProgrammeError):
        return _first_problem(error)
    if isinstance(error, SQLAlchemyError):
        return _of_the_database(error)
    if isinstance(error, ValidationError):
        return _of_a_setting(error)
    if isinstance(error, OSError):
        return _of_the_system(error)
    if isinstance(error, ValueError):
        return _first_line(error)
    return (
        f"Something went wrong inside the bridge: {type(error).__name__}: {_first_line(error)}. "
        "Run it again with --verbose for the details, and report them."
    )


def _first_problem(error: ProgrammeError) -> str:
    if not error.problems:
        return "The programme cannot be used."
    more = len(error.problems) - 1
    tail = f" (and {more} more: see `loyalty-bridge program validate FILE`)" if more else ""
    return f"{error.problems[0]}{tail}"


def _of_the_database(error: SQLAlchemyError) -> str:
    # The whole text of such an error repeats the statement and its values.
    cause = _first_line(error.orig) if isinstance(error, DBAPIError) else _first_line(error)
    if "database is locked" in cause:
        return "The database is busy: another process writes to it. Try again when it is done."
    if isinstance(error, OperationalError):
        return f"The database cannot be used: {cause}. Check its address and that it is up."
    return f"The database refused a statement: {type(error).__name__}: {cause}"


def _of_a_setting(error: ValidationError) -> str:
    # Without the value: it may be a secret.
    first = error.errors(include_input=False, include_url=False)[0]
    name = "_".join(str(part) for part in first["loc"]).upper()
    return f"LOYALTY_BRIDGE_{name}: {first['msg']}."


def _of_the_system(error: OSError) -> str:
    reason = error.strerror or _first_line(error)
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
