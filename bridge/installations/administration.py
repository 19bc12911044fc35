"""Who came in from a shop's administration goes out again, when the shop's app does."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, col, delete, select

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


def seen(session: Session, workspace_id: int, installation_id: int, plugin: Plugin | None) -> None:
    """What the shop shows of its app. It says itself when that is switched off, which may be
    lost."""
    if plugin is not None and not plugin.is_active:
        sign_out(session, workspace_id, installation_id)


def shut(session: Session, workspace_id: int, installation_id: int) -> None:
    """For good: the store is removed. The account stays, since the audit log names it."""
    sign_out(session, workspace_id, installation_id)
    session.exec(
        delete(UserRole).where(
            col(UserRole.workspace_id) == workspace_id,
            col(UserRole.user_id).in_(_user(workspace_id, installation_id)),
        )
    )


def _user(workspace_id: int, installation_id: int) -> Any:
    return select(ShopAdministration.user_id).where(
        col(ShopAdministration.workspace_id) == workspace_id,
        col(ShopAdministration.installation_id) == installation_id,
    )
