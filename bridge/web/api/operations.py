"""Operations of the API, each with all that its description says: path, scope, what it takes and
answers. The description is made of the same values that are checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from bridge.api_tokens.scopes import Scope
from bridge.api_tokens.service import Holder
from bridge.application import Application

PREFIX = "/api/v1"
_PLACE = re.compile(r"{(\w+)}")


class Sent(BaseModel):
    """What comes in: a misspelt field is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class Nothing(Sent):
    """No fields."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request: in which workspace, by whom."""

    app: Application
    holder: Holder
    wake: Callable[[str], None]
    """Told the engine's step that has work now, after the unit of work."""


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    """Like ``/members/{member}``; places are numbers."""
    scope: Scope
    answers: type[BaseModel]
    does: Callable[..., BaseModel]
    """Reads: ``(call, query, **places)``. Changes: ``(call, session, body, **places)`` within a
    unit of work that is committed with the answer."""
    query: type[BaseModel]
    body: type[BaseModel] | None
    status: int
    topic: str
    wakes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.does.__name__

    @property
    def places(self) -> list[str]:
        return _PLACE.findall(self.path)

    @property
    def rule(self) -> str:
        """As Flask writes paths."""
        return PREFIX + _PLACE.sub(r"<int:\1>", self.path)

    @property
    def summary(self) -> str:
        return (self.does.__doc__ or self.name).strip().splitlines()[0]

    @property
    def description(self) -> str:
        lines = (self.does.__doc__ or "").strip().splitlines()[1:]
        return "\n".join(line.strip() for line in lines).strip()


Does = Callable[..., BaseModel]


@dataclass
class Operations:
    """Those of one topic."""

    topic: str
    all: list[Operation] = field(default_factory=list)

    def get(
        self,
        path: str,
        scope: Scope,
        answers: type[BaseModel],
        *,
        query: type[BaseModel] = Nothing,
    ) -> Callable[[Does], Does]:
        def add(does: Does) -> Does:
            self.all.append(
                Operation("GET", path, scope, answers, does, query, None, 200, self.topic)
            )
            return does

        return add

    def post(
        self,
        path: str,
        scope: Scope,
        answers: type[BaseModel],
        *,
        body: type[BaseModel] = Nothing,
        status: int = 200,
        wakes: tuple[str, ...] = (),
    ) -> Callable[[Does], Does]:
        """Takes an ``Idempotency-Key``: under it, it is done once."""

        def add(does: Does) -> Does:
            self.all.append(
                Operation(
                    "POST", path, scope, answers, does, Nothing, body, status, self.topic, wakes
                )
            )
            return does

        return add
