"""Letters to members: which were sent, which were not and why, and sending those once more."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from sqlmodel import Session

from bridge.kit.errors import BridgeError
from bridge.letters.looking import UnknownLetter, letter_with_id, listed, retry
from bridge.letters.message import Mail
from bridge.letters.models import Letter, LetterState
from bridge.mailing.sending import written
from bridge.members.addressees import names_of
from bridge.points.models import Holder
from bridge.users.roles import Permission
from bridge.web.admin.asked import number, numbers
from bridge.web.admin.letters.form import kind_name
from bridge.web.admin.routes import Pages
from bridge.web.admin.shown import page
from bridge.web.admin.visit import Visit
from bridge.web.admin.work.pages import EACH, noted, try_again
from bridge.web.speaking import _, lazy, said

pages = Pages()

STATES = {
    LetterState.WAITING.value: lazy("waits for its turn"),
    LetterState.SENT.value: lazy("sent"),
    LetterState.FAILED.value: lazy("could not be sent"),
    LetterState.DROPPED.value: lazy("not to be sent any more"),
}


@pages.get("/work/letters", Permission.SEE_MEMBERS)
def letters_out(visit: Visit) -> Any:
    """Newest first, of all states."""
    told, below = request.args.get("state", ""), number("below")
    state = LetterState(told) if told in STATES else None
    member = number("member")
    with visit.app.database.reading() as session:
        found = listed(
            session,
            visit.app.workspace_id,
            state=state,
            member_id=member,
            before=below or 0,
            most=EACH + 1,
        )
        rows = found[:EACH]
        names = _names(session, visit, rows)
    return page(
        "work_letters.html",
        rows=rows,
        names=names,
        below=rows[-1].id if len(found) > EACH else None,
        chosen={"state": state.value if state else "", "member": member or ""},
        states=STATES,
        kind_name=kind_name,
        failed=LetterState.FAILED.value,
    )


@pages.get("/work/letters/<int:letter_id>", Permission.SEE_MEMBERS)
def one_letter(visit: Visit, letter_id: int) -> Any:
    """Its text as it would go out now."""
    with visit.app.database.reading() as session:
        try:
            letter = letter_with_id(session, visit.app.workspace_id, letter_id)
        except UnknownLetter:
            abort(404)
        names = _names(session, visit, [letter])
    mail, why = _text(visit, letter)
    return page(
        "work_letter.html",
        letter=letter,
        name=names[letter.member_id],
        mail=mail,
        why=why,
        kind=kind_name(letter.kind),
        states=STATES,
    )


@pages.post("/work/letters/retry", Permission.RETRY)
def retry_letters(visit: Visit) -> Any:
    """What is ticked; all that failed where ``all`` is sent."""
    ids = None if "all" in request.form else numbers("id")
    with visit.app.database.writing() as session:
        now, workspace_id = visit.app.now(), visit.app.workspace_id
        chosen = [None] if ids is None else ids[:EACH]
        count = sum(retry(session, workspace_id, now, one) for one in chosen)
        noted(session, visit, "letters.retried", _("Letters"), count, ids)
    return try_again(visit, count, "letters_out", ("letters",))


def _text(visit: Visit, letter: Letter) -> tuple[Mail | None, str]:
    """The letter, or why there is none."""
    try:
        found = written(visit.app, letter)
    except (BridgeError, LookupError) as error:
        return None, said(error)
    return (found, "") if isinstance(found, Mail) else (None, found.why)


def _names(session: Session, visit: Visit, rows: Any) -> dict[int, str]:
    ids = sorted({one.member_id for one in rows})
    found = names_of(session, visit.app.workspace_id, [(Holder.MEMBER, one) for one in ids])
    return {one: found[Holder.MEMBER, one] for one in ids}
