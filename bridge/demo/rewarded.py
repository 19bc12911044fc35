"""What members were given, read from the bridge's database."""

from __future__ import annotations

from sqlmodel import col, func, select

from bridge.application import Application
from bridge.members.finding import member_named
from bridge.points.models import Account
from bridge.referrals.codes import codes_of, link
from bridge.referrals.looking import Stats, stats_of
from bridge.vouchers.models import Voucher, VoucherKind


def newest(app: Application, email: str, kind: VoucherKind) -> Voucher | None:
    """The newest voucher of this kind of a member."""
    with app.database.reading() as session:
        member = member_named(session, app.workspace_id, email)
        return session.exec(
            select(Voucher)
            .where(
                col(Voucher.workspace_id) == app.workspace_id,
                col(Voucher.member_id) == member,
                col(Voucher.kind) == kind.value,
            )
            .order_by(col(Voucher.id).desc())
            .limit(1)
        ).first()


def again(app: Application, voucher: Voucher) -> Voucher:
    """The same voucher as it is now."""
    with app.database.reading() as session:
        return session.get_one(Voucher, voucher.id)


def vouchers(app: Application) -> dict[str, str]:
    """States by code."""
    with app.database.reading() as session:
        rows = session.exec(
            select(Voucher.code, Voucher.state).where(Voucher.workspace_id == app.workspace_id)
        )
        return dict(rows.all())


def of_friend(app: Application, email: str) -> Voucher | None:
    with app.database.reading() as session:
        return session.exec(
            select(Voucher).where(
                col(Voucher.workspace_id) == app.workspace_id,
                col(Voucher.kind) == VoucherKind.FRIEND.value,
                col(Voucher.email) == email,
            )
        ).first()


def reserved(app: Application) -> int:
    """Points of everybody that wait for a voucher to be used."""
    with app.database.reading() as session:
        return session.exec(
            select(func.coalesce(func.sum(col(Account.reserved)), 0)).where(
                col(Account.workspace_id) == app.workspace_id
            )
        ).one()


def referral_link(app: Application, email: str) -> str:
    """Of a member who has a code."""
    with app.database.reading() as session:
        member = member_named(session, app.workspace_id, email)
        (code,) = codes_of(session, app.workspace_id, member)
    return link(app.settings.public_url, code.code)


def referral_figures(app: Application, email: str) -> Stats:
    with app.database.reading() as session:
        member = member_named(session, app.workspace_id, email)
        return stats_of(session, app.workspace_id, member)
