"""Letting in whoever comes from a shop's administration, as nobody in particular.

The shop signs that somebody opened the app's page there, and says for certain only which shop it
is. A person decides, for each store, whether that is enough, and for which role. All who come from
one store share one account, without a password, which is signed in by this alone.

Locks are taken in one order: the app's registration, then the account. What ends sessions takes
the same, so that nobody slips in beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, func, select

from bridge.audit.service import Actor, Subject, record
from bridge.db import insert_or_ignore
from bridge.installations import service
from bridge.installations.administration import close, lock, sign_out
from bridge.installations.endpoints import Endpoint, Keys, read
from bridge.installations.models import AppRegistration, AppState, Installation
from bridge.kit.errors import BridgeError
from bridge.users.models import (
    AdministrationTicket,
    ShopAdministration,
    User,
    UserRole,
    UserSession,
)
from bridge.users.roles import Role
from bridge.users.service import grant, take_away
from bridge.users.sessions import IDLE
from bridge.users.tokens import new_token, token_hash
from bridge.workspaces.models import Workspace
from connectors.sentences import sentence
from connectors.webhooks import Stale

ROLES = (Role.VIEWER, Role.SUPPORT)
"""Nobody here knows who they are: they are no second person for a change that waits, change no
stores, prices or rules, and let nobody in."""
ADJUSTS = 1_000
"""Points that support gives or takes of a day unless an owner says otherwise: all who come from
one store together. A workspace may have no limit for people, who have names."""
LASTS = timedelta(hours=8)
TICKET_LASTS = timedelta(minutes=5)
"""A person may have to read a page on the way, and press its button."""


class NoSuchRole(BridgeError):
    def __init__(self) -> None:
        super().__init__(
            sentence("Whoever comes from a shop's administration can be a viewer or support only.")
        )


@dataclass(frozen=True, slots=True)
class Administration:
    """Of one store, whose administration lets people in."""

    installation_id: int
    store: str
    user_id: int
    role: Role
    adjust_limit: int | None
    """Points a day; ``None``: it adjusts none."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody who wants to come in has shown: the shop's signature."""

    target: str
    """The page he asked for: a path of ours."""
    shop_user: str
    """Empty: the shop does not say."""
    at: datetime
    """When the shop signed it."""


@dataclass(frozen=True, slots=True)
class Comer:
    """Who holds a ticket that is good now."""

    administration: Administration
    workspace_id: int
    workspace: str
    target: str
    shop_user: str


# -- what a person decides ------------------------------------------------------------------


def administrations(session: Session, workspace_id: int) -> list[Administration]:
    """Those that let people in, by the store's name."""
    rows = session.exec(
        select(ShopAdministration, UserRole, Installation.name)
        .join(
            UserRole,
            (col(UserRole.user_id) == col(ShopAdministration.user_id))
            & (col(UserRole.workspace_id) == col(ShopAdministration.workspace_id)),
        )
        .join(Installation, col(Installation.id) == col(ShopAdministration.installation_id))
        .where(
            col(ShopAdministration.workspace_id) == workspace_id,
            col(Installation.removed_at).is_(None),
        )
        .order_by(Installation.name)
    )
    return [
        Administration(row.installation_id, store, row.user_id, Role(has.role), has.adjust_limit)
        for row, has, store in rows
    ]


def administration_of(
    session: Session, workspace_id: int, installation_id: int
) -> Administration | None:
    """``None``: this store's lets nobody in."""
    found = administrations(session, workspace_id)
    return next((one for one in found if one.installation_id == installation_id), None)


def nobodies(session: Session, user_ids: Collection[int]) -> set[int]:
    """Those of these that are no person."""
    wanted = col(ShopAdministration.user_id).in_(user_ids)
    return set(session.exec(select(ShopAdministration.user_id).where(wanted)))


def set_role(
    session: Session,
    shop: Installation,
    role: Role | None,
    actor: Actor,
    now: datetime,
    *,
    adjust_limit: int = ADJUSTS,
) -> None:
    """``role``: ``None``: nobody is let in. Whoever is in is signed out, whatever the new role is.

    ``adjust_limit``: of support, points a day. Raises :class:`NoSuchRole`.
    """
    if role is not None and role not in ROLES:
        raise NoSuchRole
    assert shop.id is not None
    workspace_id, installation_id = shop.workspace_id, shop.id
    lock(session, installation_id)
    before = administration_of(session, workspace_id, installation_id)
    limit = adjust_limit if role is Role.SUPPORT else None
    was = (before.role, before.adjust_limit) if before is not None else (None, None)
    if was == (role, limit):
        return
    if role is None:
        assert before is not None
        take_away(session, workspace_id, before.user_id)
        close(session, workspace_id, installation_id, now)
    else:
        user_id = _account(session, shop, now)
        grant(session, workspace_id, user_id, role, actor.name, now, adjust_limit=limit)
        sign_out(session, workspace_id, installation_id)
    told = [_told(*was), _told(role, limit)]
    _record(session, shop, actor, "store.administration", now, before=told[0], after=told[1])


def sign_all_out(session: Session, shop: Installation, actor: Actor, now: datetime) -> None:
    """Who loads the shop's administration anew is let in again."""
    assert shop.id is not None
    close(session, shop.workspace_id, shop.id, now)
    _record(session, shop, actor, "store.administration-signed-out", now)


def open_sessions(session: Session, user_id: int, now: datetime) -> int:
    return session.exec(
        select(func.count())
        .select_from(UserSession)
        .where(
            col(UserSession.user_id) == user_id,
            col(UserSession.ends_at) > now,
            col(UserSession.seen_at) > now - IDLE,
        )
    ).one()


# -- coming in ------------------------------------------------------------------------------


def offer(
    session: Session,
    workspace_id: int,
    token: str,
    keys: Keys,
    verify: Callable[[Endpoint, AppRegistration], Shown],
    now: datetime,
) -> str | None:
    """A ticket for who opened the page of the app whose address holds ``token``; ``None``: this
    store's administration lets nobody in.

    ``verify`` is given the registration as it is, locked. What it raises is raised, and Stale for
    what the shop signed before this was closed.
    """
    found = _registered(session, col(AppRegistration.token) == token, workspace_id)
    if found is None or found[1].removed_at is not None:
        return None
    row, shop = found
    assert shop.id is not None
    shown = verify(read(row, shop, keys), row)
    if administration_of(session, workspace_id, shop.id) is None:
        return None
    if row.state != AppState.ACTIVE.value or _is_off(session, workspace_id, shop.id):
        return None
    account = session.get_one(ShopAdministration, shop.id)
    if account.closed_at is not None and shown.at < account.closed_at:
        raise Stale("The shop signed this before everybody was signed out.")
    session.exec(
        delete(AdministrationTicket).where(
            col(AdministrationTicket.workspace_id) == workspace_id,
            col(AdministrationTicket.ends_at) < now,
        )
    )
    ticket = new_token()
    session.add(
        AdministrationTicket(
            token_hash=token_hash(ticket),
            workspace_id=workspace_id,
            installation_id=shop.id,
            target=shown.target,
            shop_user=shown.shop_user,
            made_at=now,
            ends_at=now + TICKET_LASTS,
        )
    )
    session.flush()
    return ticket


def look(session: Session, ticket: str, now: datetime) -> Comer | None:
    """Uses nothing up; locks the app's registration until the end of this unit of work. ``None``:
    used, over, or nobody is let in any more."""
    row = session.exec(
        select(AdministrationTicket).where(
            col(AdministrationTicket.token_hash) == token_hash(ticket),
            col(AdministrationTicket.ends_at) > now,
        )
    ).first()
    if row is None:
        return None
    which = col(AppRegistration.installation_id) == row.installation_id
    found = _registered(session, which, row.workspace_id)
    if found is None:
        return None
    registration, _shop = found
    since = registration.registered_at
    if registration.state != AppState.ACTIVE.value or since is None or since > row.made_at:
        return None
    if _is_off(session, row.workspace_id, row.installation_id):
        return None
    one = administration_of(session, row.workspace_id, row.installation_id)
    if one is None:
        return None
    workspace = session.exec(
        select(Workspace.key).where(col(Workspace.id) == row.workspace_id)
    ).one()
    return Comer(one, row.workspace_id, workspace, row.target, row.shop_user)


def use(session: Session, ticket: str) -> bool:
    """Whether it was there: of two at once, one."""
    done = session.exec(
        delete(AdministrationTicket).where(
            col(AdministrationTicket.token_hash) == token_hash(ticket)
        )
    )
    return bool(done.rowcount)


def came_in(session: Session, comer: Comer, address: str, now: datetime) -> None:
    """For the audit log, with who he is in his shop, where that says so."""
    one = comer.administration
    told = {"signed in as": one.role.value}
    if comer.shop_user:
        told["user in the shop"] = comer.shop_user
    record(
        session,
        comer.workspace_id,
        Actor(name_of(one.store), one.user_id, address),
        "store.administration-came-in",
        Subject("store", str(one.installation_id), one.store),
        now,
        after=told,
    )


def name_of(store: str) -> str:
    """Of the account, wherever somebody's name stands."""
    return f"Administration of {store}"


# -- parts ----------------------------------------------------------------------------------


def _registered(
    session: Session, which: object, workspace_id: int
) -> tuple[AppRegistration, Installation] | None:
    """Locked, as :mod:`bridge.installations.app_registration` locks it."""
    row = session.exec(
        select(AppRegistration)
        .where(which, col(AppRegistration.workspace_id) == workspace_id)  # type: ignore[arg-type]
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        return None
    shop = session.exec(
        select(Installation).where(
            col(Installation.id) == row.installation_id,
            col(Installation.workspace_id) == workspace_id,
        )
    ).one()
    return row, shop


def _is_off(session: Session, workspace_id: int, installation_id: int) -> bool:
    """Whether the shop showed the app switched off when it was looked at last: what it says itself
    may have been lost."""
    facts = service.facts(session, workspace_id).get(installation_id)
    return facts is not None and facts.plugin is not None and not facts.plugin["is_active"]


def _account(session: Session, shop: Installation, now: datetime) -> int:
    """Its address is none: nobody can be invited to it, or sign in with it."""
    assert shop.id is not None
    email = f"store:{shop.id}"
    fresh = User(email=email, name=name_of(shop.name), created_at=now)
    insert_or_ignore(session, User, [fresh.model_dump(exclude={"id"})], ["email"])
    user_id = session.exec(select(User.id).where(col(User.email) == email)).one()
    assert user_id is not None
    row = ShopAdministration(
        installation_id=shop.id, workspace_id=shop.workspace_id, user_id=user_id
    )
    insert_or_ignore(session, ShopAdministration, [row.model_dump()])
    return user_id


def _told(role: Role | None, limit: int | None) -> dict[str, Any]:
    return {"signed in as": role.value if role else "nobody", "adjust limit": limit}


def _record(
    session: Session,
    shop: Installation,
    actor: Actor,
    action: str,
    now: datetime,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    subject = Subject("store", str(shop.id), shop.name)
    record(session, shop.workspace_id, actor, action, subject, now, before=before, after=after)
