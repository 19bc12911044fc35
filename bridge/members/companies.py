"""Companies: whose people they are, and whose points they hold.

A company that holds the points has one account into which all its people earn; what they had
goes there when it begins, and back to whoever earned it when it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select, update

from bridge.earning.models import HandledActivity
from bridge.kit.errors import BridgeError
from bridge.kit.suggestions import did_you_mean
from bridge.members.holding import (
    EARNING,
    HELD,
    SourceKey,
    account_holder,
    account_id,
    cause_of,
    ensure_account,
    move_earned,
    move_everything,
    tell_shops,
)
from bridge.members.models import Company, Member
from bridge.members.questions import Kind, ask_about_company, withdraw
from bridge.members.standing import identity, locked, locked_all, not_erased
from bridge.members.vat import normal_vat_id
from bridge.orders.models import HandledOrder
from bridge.points.book import Cause
from bridge.points.models import Account, Holder
from connectors.sentences import sentence


class CompanyError(BridgeError):
    """What was asked of a company cannot be done as things stand."""


class UnknownCompany(BridgeError):
    def __init__(self, name: str, known: Sequence[str]) -> None:
        hint = did_you_mean(
            name,
            known,
            nothing=sentence("There is none yet: loyalty-bridge members company add NAME"),
        )
        super().__init__(sentence("There is no company `%(name)s`. %(hint)s", name=name, hint=hint))


# -- finding --------------------------------------------------------------------------------


def companies(session: Session, workspace_id: int) -> list[Company]:
    """By name."""
    return list(
        session.exec(
            select(Company)
            .where(col(Company.workspace_id) == workspace_id)
            .order_by(col(Company.name), col(Company.id))
        )
    )


def company(session: Session, workspace_id: int, name: str) -> Company:
    """By name or VAT id. Raises :class:`UnknownCompany`; CompanyError when two are called so."""
    known = companies(session, workspace_id)
    wanted, vat_id = _plain(name), normal_vat_id(name)
    found = [one for one in known if _plain(one.name) == wanted]
    found = found or [one for one in known if one.vat_id and one.vat_id == vat_id]
    if not found:
        raise UnknownCompany(name, [one.name for one in known])
    if len(found) > 1:
        raise CompanyError(
            sentence(
                "%(count)s companies are called `%(name)s`: name its VAT id instead.",
                count=len(found),
                name=name,
            )
        )
    return found[0]


def people(session: Session, workspace_id: int, company_id: int) -> list[int]:
    """Ids of its members, ascending; merged ones are none any more."""
    found = session.exec(
        select(Member.id)
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.company_id) == company_id,
            col(Member.merged_into).is_(None),
        )
        .order_by(col(Member.id))
    )
    return [member_id for member_id in found if member_id is not None]


def head_counts(session: Session, workspace_id: int) -> dict[int, int]:
    """How many people each company has, by its id."""
    rows = session.exec(
        select(Member.company_id, func.count())
        .where(
            col(Member.workspace_id) == workspace_id,
            col(Member.company_id).is_not(None),
            col(Member.merged_into).is_(None),
        )
        .group_by(col(Member.company_id))
    )
    return {company_id: count for company_id, count in rows if company_id is not None}


# -- making and joining ---------------------------------------------------------------------


def make(session: Session, workspace_id: int, name: str, vat_id: str, now: datetime) -> Company:
    """A company without people. Raises :class:`CompanyError` when there is one of this VAT id,
    or one of this name and no VAT id tells them apart.

    Whoever bears the VAT id is asked about.
    """
    name, vat_id = " ".join(name.split()), normal_vat_id(vat_id)
    if not name:
        raise CompanyError(sentence("A company needs a name."))
    for one in companies(session, workspace_id):
        if vat_id and one.vat_id == vat_id:
            raise CompanyError(
                sentence(
                    "The company `%(name)s` has the VAT id %(vat_id)s already.",
                    name=one.name,
                    vat_id=f"{vat_id}",
                )
            )
        if one.name == name and not (vat_id and one.vat_id):
            raise CompanyError(
                sentence(
                    "There is a company `%(name)s` already. Two of one name need a VAT id each.",
                    name=name,
                )
            )
    made = Company(workspace_id=workspace_id, name=name, vat_id=vat_id or None, made_at=now)
    session.add(made)
    session.flush()
    if vat_id:
        ask_about_company(session, workspace_id, vat_id, now)
    return made


def add(session: Session, firm: Company, member: Member, by: str, now: datetime) -> None:
    """Makes the member one of the company's people; where it holds the points, his go there.

    Raises :class:`CompanyError` when he belongs to another company.
    """
    firm = _locked(session, firm)
    member = locked(session, firm.workspace_id, identity(member))
    not_erased(member)
    if member.company_id == firm.id:
        return
    if member.company_id is not None:
        raise CompanyError(
            sentence(
                "Member #%(member_id)s belongs to another company. Take him out of it first: "
                "loyalty-bridge members company remove",
                member_id=f"{member.id}",
            )
        )
    before = account_holder(session, member)
    member.company_id = firm.id
    session.flush()
    _change_holder(session, member, before, _cause(firm, member, by, now))
    withdraw(session, firm.workspace_id, Kind.COMPANY, str(member.id))


def remove(
    session: Session,
    firm: Company,
    member: Member,
    by: str,
    now: datetime,
    *,
    with_points: bool = False,
) -> None:
    """Takes the member out. What he earned for a company that holds the points stays there,
    unless ``with_points``: then what he earned and is still there goes with him.

    Raises :class:`CompanyError` when he is none of its people.
    """
    firm = _locked(session, firm)
    member = locked(session, firm.workspace_id, identity(member))
    if member.company_id != firm.id:
        raise CompanyError(
            sentence(
                "Member #%(member_id)s does not belong to %(firm_name)s.",
                member_id=f"{member.id}",
                firm_name=firm.name,
            )
        )
    before = account_holder(session, member)
    member.company_id = None
    session.flush()
    after = account_holder(session, member)
    if with_points:
        _take_earned(session, firm, member, before, by, now)
    ensure_account(session, firm.workspace_id, after, now)
    tell_shops(session, firm.workspace_id, after)


# -- holding the points ---------------------------------------------------------------------


def hold_points(session: Session, firm: Company, by: str, now: datetime) -> None:
    """From now on all its people earn into the company's account; what they have goes there."""
    firm = _locked(session, firm)
    if firm.holds_points:
        return
    members = _locked_people(session, firm)
    firm.holds_points = True
    session.flush()
    for member in members:
        before = (Holder.MEMBER, identity(member))
        _change_holder(session, member, before, _cause(firm, member, by, now))


def release_points(
    session: Session,
    firm: Company,
    by: str,
    now: datetime,
    *,
    rest_to: Member | None = None,
) -> None:
    """From now on its people earn for themselves.

    What orders and activities of its present people earned and is still there goes back to them;
    all else (points of those who left, adjustments, what is owed) to ``rest_to``, and with it
    whatever becomes of the orders of those who left; where there is no rest, those follow
    whoever placed them. Raises :class:`CompanyError` when there is a rest and nobody to take it.
    """
    firm = _locked(session, firm)
    if not firm.holds_points:
        return
    members = _locked_people(session, firm)
    firm.holds_points = False
    session.flush()
    holder = (Holder.COMPANY, _id(firm))
    for member in members:
        _take_earned(session, firm, member, holder, by, now)
    _hand_over_rest(session, firm, members, rest_to, by, now)


def _hand_over_rest(
    session: Session,
    firm: Company,
    members: Sequence[Member],
    rest_to: Member | None,
    by: str,
    now: datetime,
) -> None:
    left = _left(session, firm)
    takers = {identity(member) for member in members}
    taker = rest_to if rest_to is not None and identity(rest_to) in takers else None
    if not left and taker is None:
        _follow_buyers(session, firm, now)
        return
    if taker is None:
        raise CompanyError(
            sentence(
                "%(firm_name)s holds points that none of its people earned: %(left)s. Say "
                "which of its people takes them: --rest-to EMAIL",
                firm_name=firm.name,
                left=left,
            )
        )
    move_everything(
        session,
        firm.workspace_id,
        (Holder.COMPANY, _id(firm)),
        (Holder.MEMBER, identity(taker)),
        None,
        _cause(firm, taker, by, now),
    )


def _follow_buyers(session: Session, firm: Company, now: datetime) -> None:
    """Nothing is left in the company's account, and nothing comes into it any more: what
    becomes of what those who left earned is theirs."""
    account = account_id(session, firm.workspace_id, (Holder.COMPANY, _id(firm)))
    if account is None:
        return
    for table in (*EARNING, *HELD):
        theirs = (
            col(table.workspace_id) == firm.workspace_id,
            col(table.account_id) == account,
            col(table.member_id).is_not(None),
        )
        for member_id in session.exec(select(table.member_id).where(*theirs).distinct()).all():
            holder = account_holder(session, session.get_one(Member, member_id))
            session.exec(
                update(table)
                .where(*theirs, col(table.member_id) == member_id)
                .values(account_id=ensure_account(session, firm.workspace_id, holder, now))
            )


def _left(session: Session, firm: Company) -> str:
    """What is still in the company's account, in words; empty: nothing."""
    account = account_id(session, firm.workspace_id, (Holder.COMPANY, _id(firm)))
    if account is None:
        return ""
    row = session.exec(
        select(Account.available, Account.pending, Account.debt).where(
            col(Account.workspace_id) == firm.workspace_id, col(Account.id) == account
        )
    ).one()
    words = zip(row, ("available", "pending", "owed"), strict=True)
    return ", ".join(f"{points:,} {word}" for points, word in words if points)


# -- parts ----------------------------------------------------------------------------------


def _change_holder(
    session: Session, member: Member, before: tuple[Holder, int], cause: Cause
) -> None:
    after = account_holder(session, member)
    move_everything(session, member.workspace_id, before, after, [identity(member)], cause)


def _cause(firm: Company, member: Member, by: str, now: datetime) -> Cause:
    return cause_of("company", f"{firm.id}+{member.id}", by, now)


def _locked(session: Session, firm: Company) -> Company:
    return session.exec(
        select(Company)
        .where(col(Company.workspace_id) == firm.workspace_id, col(Company.id) == firm.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def _locked_people(session: Session, firm: Company) -> list[Member]:
    """Whoever earns at this moment holds the lock of his row: what he earns is waited for."""
    ids = people(session, firm.workspace_id, _id(firm))
    found = locked_all(session, firm.workspace_id, ids)
    return [found[member_id] for member_id in ids if found[member_id].company_id == firm.id]


def _take_earned(
    session: Session,
    firm: Company,
    member: Member,
    holder: tuple[Holder, int],
    by: str,
    now: datetime,
) -> None:
    """What the member's orders and activities earned goes into his own account."""
    move_earned(
        session,
        firm.workspace_id,
        holder,
        (Holder.MEMBER, identity(member)),
        _sources(session, member, HandledOrder, HandledOrder.order_id),
        _sources(session, member, HandledActivity, HandledActivity.activity_id),
        _cause(firm, member, by, now),
    )


def _sources(session: Session, member: Member, table: Any, source_id: Any) -> list[SourceKey]:
    rows = session.execute(
        select(col(table.installation_id), col(source_id)).where(
            col(table.workspace_id) == member.workspace_id, col(table.member_id) == member.id
        )
    )
    return [(installation_id, key) for installation_id, key in rows]


def _id(firm: Company) -> int:
    assert firm.id is not None
    return firm.id


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
