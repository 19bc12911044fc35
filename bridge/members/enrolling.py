"""Companies that the programme names: made, renamed, and told whether they hold the points."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from bridge.members import companies
from bridge.members.companies import CompanyError
from bridge.members.models import Company
from bridge.members.questions import ask_about_company
from bridge.members.vat import normal_vat_id
from bridge.programme.loyalty import CompanyEntry

BY = "programme"


def enrol(
    session: Session, workspace_id: int, entries: Iterable[CompanyEntry], now: datetime
) -> list[str]:
    """Brings the companies in line with the programme; says what a person has to do first.

    An entry is the company of its VAT id, else of its name. Companies that the programme does
    not name stay as they are, and nobody is made one of its people. Doing it again changes
    nothing.
    """
    problems = []
    for entry in entries:
        try:
            with session.begin_nested():
                _enrol(session, workspace_id, entry, now)
        except CompanyError as error:
            problems.append(str(error))
    return problems


def _enrol(session: Session, workspace_id: int, entry: CompanyEntry, now: datetime) -> None:
    vat_id = normal_vat_id(entry.vat_id or "")
    firm = _known(session, workspace_id, entry.name, vat_id)
    if firm is None:
        firm = companies.make(session, workspace_id, entry.name, vat_id, now)
    if firm.name != entry.name or (vat_id and firm.vat_id != vat_id):
        firm.name, firm.vat_id = entry.name, vat_id or firm.vat_id
        session.flush()
        if firm.vat_id:
            ask_about_company(session, workspace_id, firm.vat_id, now)
    if entry.holds_points:
        companies.hold_points(session, firm, BY, now)
    else:
        companies.release_points(session, firm, BY, now)


def _known(session: Session, workspace_id: int, name: str, vat_id: str) -> Company | None:
    known = companies.companies(session, workspace_id)
    same_id = [one for one in known if vat_id and one.vat_id == vat_id]
    plain = " ".join(name.split()).casefold()
    same_name = [
        one
        for one in known
        if " ".join(one.name.split()).casefold() == plain and not (vat_id and one.vat_id)
    ]
    return next(iter((*same_id, *same_name)), None)
