"""Whether who opens the bridge from a shop's administration is signed in, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, request

from bridge.installations.models import Installation
from bridge.users import administrations
from bridge.users.models import UserSession
from bridge.users.roles import Permission, Role
from bridge.users.sessions import sessions_of
from bridge.web.admin.routes import Pages
from bridge.web.admin.stores.pages import store_of
from bridge.web.admin.stores.texts import ROLE_NAMES
from bridge.web.admin.visit import Visit
from bridge.web.speaking import _, lazy

pages = Pages()

NOBODY = "nobody"
_MOST = 1_000_000_000
CHOICES: tuple[tuple[str, Any, Any], ...] = (
    (NOBODY, lazy("Nobody"), lazy("The bridge's own sign-in decides.")),
    (
        Role.VIEWER.value,
        ROLE_NAMES[Role.VIEWER],
        lazy(
            "Sees every store and every member of this workspace with the codes of his vouchers, "
            "changes nothing."
        ),
    ),
    (
        Role.SUPPORT.value,
        ROLE_NAMES[Role.SUPPORT],
        lazy(
            "Sees the same and adjusts points within a limit. Redeems anybody's points for "
            "vouchers, whose codes are shown, and hands out rewards, both without a limit."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """For the page of the plugin."""

    choices: tuple[tuple[str, Any, Any], ...]
    """The role, its name, and what it may do."""
    chosen: str
    adjust_limit: int
    """Of support: points a day."""
    most: int
    sessions: list[UserSession]
    """Of who is in."""


def administration_told(visit: Visit, shop: Installation) -> Told:
    with visit.app.database.reading() as session:
        found = administrations.administration_of(session, visit.app.workspace_id, shop.id or 0)
        sessions = sessions_of(session, found.user_id, visit.app.now()) if found else []
    limit = found.adjust_limit if found is not None else None
    return Told(
        CHOICES,
        found.role.value if found else NOBODY,
        administrations.ADJUSTS if limit is None else limit,
        _MOST,
        sessions,
    )


@pages.post("/stores/<int:store_id>/plugin/administration", Permission.CHANGE_USERS)
def let_administration_in(visit: Visit, store_id: int) -> Any:
    shop = _shop(visit, store_id)
    told = request.form.get("role", "")
    if told not in {name for name, _label, _what in CHOICES}:
        abort(400)
    role, limit = None if told == NOBODY else Role(told), _limit()
    with visit.app.database.writing() as session:
        administrations.set_role(
            session, shop, role, visit.actor, visit.app.now(), adjust_limit=limit
        )
    flash(_("Saved. Whoever was in from there is signed out."), "success")
    return redirect(visit.url("store_plugin", store_id=store_id), 303)


@pages.post("/stores/<int:store_id>/plugin/administration/end", Permission.CHANGE_USERS)
def sign_administration_out(visit: Visit, store_id: int) -> Any:
    shop = _shop(visit, store_id)
    with visit.app.database.writing() as session:
        administrations.sign_all_out(session, shop, visit.actor, visit.app.now())
    flash(_("Whoever was in from there is signed out."), "success")
    return redirect(visit.url("store_plugin", store_id=store_id), 303)


def _limit() -> int:
    """As the page's own field lets through."""
    told = request.form.get("adjust_limit", str(administrations.ADJUSTS))
    if not (told.isascii() and told.isdigit() and len(told) < 12 and int(told) <= _MOST):
        abort(400)
    return int(told)


def _shop(visit: Visit, store_id: int) -> Installation:
    """404 where the bridge has no page in the shop's administration."""
    shop = store_of(visit, store_id)
    if visit.app.platforms[shop.platform].pages is None:
        abort(404)
    return shop
