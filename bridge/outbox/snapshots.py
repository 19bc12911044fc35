"""A binding's content as text, so that a delivery can carry what to go back to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bridge.outbox.models import Binding


@dataclass(frozen=True, slots=True)
class Base:
    """What both sides said when they last agreed."""

    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    ours: str | None
    theirs: str | None
    original: str | None
    owned: bool
    native_id: str
    source: str

    @property
    def base(self) -> Base:
        return Base(self.ours, self.theirs)

    def to_text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_text(cls, text: str) -> Snapshot:
        return cls(**json.loads(text))

    @classmethod
    def of(cls, binding: Binding) -> Snapshot:
        return cls(
            binding.ours,
            binding.theirs,
            binding.original,
            binding.owned,
            binding.native_id,
            binding.source,
        )
