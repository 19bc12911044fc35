"""Routes that name what they need. A page that names nothing cannot be added.

A *page of a workspace* (:class:`Pages`) is reached below ``/w/<workspace>`` by users who have a
role there. A *door* (:class:`Doors`) is reached without one: signing in, following a link; or by
anybody who is signed in: his own account.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bridge.users.roles import Permission

Endpoint = Callable[..., Any]
WORKSPACE = "/w/<workspace>"


class Needs(StrEnum):
    """What a door asks for."""

    NOTHING = "nothing"
    SIGN_IN = "sign-in"
    PERSON = "person"
    """Signed in as himself: whoever comes from a shop's administration has no account to look
    after."""


@dataclass(frozen=True, slots=True)
class Route:
    rule: str
    method: str
    name: str
    needs: Permission | Needs
    function: Endpoint
    largest: int | None = None
    """Bytes of what is sent to it; ``None``: as everywhere."""
    is_signed: bool = False
    """What is sent shows by itself who sends it, so the form has no token."""


class Pages:
    """Pages of a workspace. Their functions take a :class:`bridge.web.admin.visit.Visit` first."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def get(self, rule: str, needs: Permission) -> Callable[[Endpoint], Endpoint]:
        return self._route("GET", rule, needs)

    def post(
        self, rule: str, needs: Permission, *, largest: int | None = None
    ) -> Callable[[Endpoint], Endpoint]:
        """``largest``: for files; in bytes."""
        return self._route("POST", rule, needs, largest)

    def _route(
        self, method: str, rule: str, needs: Permission, largest: int | None = None
    ) -> Callable[[Endpoint], Endpoint]:
        def add(function: Endpoint) -> Endpoint:
            self.routes.append(
                Route(f"{WORKSPACE}{rule}", method, function.__name__, needs, function, largest)
            )
            return function

        return add


class Doors:
    """Pages without a workspace."""

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
                Route(rule, method, function.__name__, needs, function, is_signed=is_signed)
            )
            return function

        return add
