"""A person's decision about a conflict, as a move of the binding's base."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.outbox.models import Binding
from bridge.outbox.snapshots import Snapshot
from bridge.plans.parts import Agreement, Remark


class Choice(StrEnum):
    PROGRAMME = "programme"
    """The next plan writes what the programme says."""
    SHOP = "shop"
    """The shop's value stays until the programme changes its own."""


def resolution(
    session: Session,
    workspace_id: int,
    installation_id: int | None,
    conflict: Remark,
    choice: Choice,
) -> Agreement:
    binding = session.execute(
        select(Binding).where(
            col(Binding.workspace_id) == workspace_id,
            col(Binding.installation_id) == installation_id,
            col(Binding.kind) == conflict.kind,
            col(Binding.key) == conflict.key,
        )
    ).scalar_one()
    return Agreement(
        binding.installation_id,
        conflict.installation,
        binding.kind,
        binding.key,
        binding.batch,
        _decided(binding, conflict, choice),
    )


def _decided(binding: Binding, conflict: Remark, choice: Choice) -> Snapshot | None:
    base = Snapshot.of(binding)
    if binding.kind == "promotion" and conflict.ours is None and choice is Choice.SHOP:
        # It carries our mark: forgotten, it would be taken for ours again.
        return replace(base, ours=None, theirs=conflict.theirs, owned=False)
    return decided(base, conflict.ours, conflict.theirs, choice)


def decided(
    base: Snapshot, ours: str | None, theirs: str | None, choice: Choice
) -> Snapshot | None:
    """The base after the decision; ``None``: the thing is no longer ours. Pure."""
    if choice is Choice.PROGRAMME:
        return replace(base, ours=None, theirs=theirs)
    return None if ours is None else replace(base, ours=ours, theirs=theirs)
