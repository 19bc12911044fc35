"""What changes that wait for a second person do, and how pages show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from bridge.approvals.models import WaitingChange
from bridge.web.admin.visit import Visit


def _nothing(_session: Session, _visit: Visit, _change: WaitingChange) -> None:
    pass


def _nowhere(_visit: Visit, _change: WaitingChange) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of them, such as ``points.adjust``."""

    title: Any
    perform: Callable[[Session, Visit, WaitingChange], None]
    """Does it, in the unit of work in which it is approved. Raises BridgeError when it cannot be
    done any more: then nothing changed, and it still waits."""
    told: Callable[[Visit, WaitingChange], list[tuple[Any, str]]]
    """What it would do: names and values, as the user reads them."""
    let_go: Callable[[Session, Visit, WaitingChange], None] = _nothing
    """It was refused or withdrawn."""
    where: Callable[[Visit, WaitingChange], str] = _nowhere
    """The page of what it is about."""
    then: Callable[[Visit, WaitingChange], str] = _nowhere
    """Once what :attr:`perform` did is committed: starts what takes long. The address to go to;
    empty: back to what waits."""
