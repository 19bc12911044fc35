"""Routes of members' pages, below ``/m/<workspace>``. A page that names nothing it needs cannot be
added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Endpoint = Callable[..., Any]
WORKSPACE = "/m/<workspace>"


class Needs(StrEnum):
    NOTHING = "nothing"
    """Anybody. The function takes a :class:`bridge.web.member.visit.Caller` first."""
    MEMBER = "member"
    """A member of this workspace who is signed in; the function takes a
    :class:`bridge.web.member.visit.Visit`."""


@dataclass(frozen=True, slots=True)
class Route:
    rule: str
    method: str
    name: str
    needs: Needs
    function: Endpoint
    is_signed: bool = False
    """What is sent proves by itself who sends it, from another site: no token of a form of ours
    is asked for."""


class Pages:
    def __init__(self) -> None:
        self.routes: list[Route] = []

    def get(self, rule: str, needs: Needs) -> Callable[[Endpoint], Endpoint]:
        return self._route("GET", rule, needs)

    def post(
        self, rule: str, needs: Needs, *, is_signed: bool = False
    ) -> Callable[[Endpoint], Endpoint]:
        return self._route("POST", rule, needs, is_signed=is_signed)

    def _route(
        self, method: str, rule: str, needs: Needs, *, is_signed: bool = False
    ) -> Callable[[Endpoint], Endpoint]:
        def add(function: Endpoint) -> Endpoint:
            self.routes.append(
                Route(f"{WORKSPACE}{rule}", method, function.__name__, needs, function, is_signed)
            )
            return function

        return add
