"""Who came in from a shop's administration goes out again, when the shop's app does."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, delete, select, update

from bridge.installations.models import AppRegistration
from bridge.users.models import AdministrationTicket, ShopAdministration, UserRole, UserSession
from connectors.plugins import Plugin


def sign_out(session: Session, workspace_id: int, installation_id: int) -> None:
    """At once, everywhere; also who is on his way in. They may come again."""
    session.exec(
        delete(AdministrationTicket).where(
            col(AdministrationTicket.workspace_id) == workspace_id,
            col(AdministrationTicket.installation_id) == installation_id,
        )
    )
    session.exec(
        delete(UserSession).where(
            col(UserSession.user_id).in_(_user(workspace_id, installation_id))
        )
    )


def lock(session: Session, installation_id: int) -> None:
    """The app's registration, as who comes in locks it: he is in before what follows, or comes
    after it."""
    session.exec(
        select(AppRegistration.token)
        .where(col(AppRegistration.installation_id) == installation_id)
        .with_for_update()
    ).all()


def close(session: Session, workspace_id: int, installation_id: int, now: datetime) -> None:
    """Signs out, and who comes again needs what the shop signs from now on: a signed address is
    good for hours, and somebody may have taken it."""
    lock(session, installation_id)
    sign_out(session, workspace_id, installation_id)
    session.exec(
        update(ShopAdministration)
        .where(
            col(ShopAdministration.workspace_id) == workspace_id,
            col(ShopAdministration.installation_id) == installation_id,
        )
        .values(closed_at=now)
    )


def seen(session: Session, workspace_id: int, installation_id: int, plugin: Plugin | None) -> None:
    """What the shop shows of its app. It says itself when that is switched off, which may be
    lost."""
    if plugin is not None and not plugin.is_active:
        lock(session, installation_id)
        sign_out(session, workspace_id, installation_id)


def shut(session: Session, workspace_id: int, installation_id: int) -> str | None:
    """Until a person says so again: the store is removed, or no shop is registered any more, and
    the next one that registers may be another. The account stays, since the audit log names it.
    The role it had; ``None``: nobody was let in."""
    sign_out(session, workspace_id, installation_id)
    its = (
        col(UserRole.workspace_id) == workspace_id,
        col(UserRole.user_id).in_(_user(workspace_id, installation_id)),
    )
    role = session.exec(select(UserRole.role).where(*its)).first()
    session.exec(delete(UserRole).where(*its))
    return role


def _user(workspace_id: int, installation_id: int) -> Any:
    return select(ShopAdministration.user_id).where(
        col(ShopAdministration.workspace_id) == workspace_id,
        col(ShopAdministration.installation_id) == installation_id,
    )
