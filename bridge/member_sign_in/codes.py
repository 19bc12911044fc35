"""Asking for a code, and giving it.

The answer to who asks is the same whether the address is known or not, and so is the work but
for one row: the letter. A code works in the browser that asked for it alone: nobody can be talked
into reading one out to a stranger. So what another browser asks for ends no code of this one, and
a stranger who asks again and again keeps nobody out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select, update

from bridge.letters.models import LetterKind
from bridge.letters.queue import NewLetter, queue
from bridge.member_sign_in.limiting import (
    ASK_ADDRESS,
    ASK_HERE,
    ASK_NETWORK,
    GUESS_ADDRESS,
    GUESS_HERE,
    GUESS_NETWORK,
    Rate,
    count,
    forget,
    hold,
    subject,
)
from bridge.member_sign_in.models import MemberCode
from bridge.member_sign_in.secrets import address_hash, is_code, new_token, token_hash

LASTS = timedelta(minutes=10)
MOST_GUESSES = 5
_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asking:
    email: str
    """As :func:`bridge.programme.emails.normal_email` writes it."""
    member_id: int | None
    """Whom the address stands for; ``None``: nobody."""
    language: str
    """Of the page he asked on: the letter is written in it."""
    network: str
    """Where he comes from (:func:`bridge.web.limiting.visitor`)."""


@dataclass(frozen=True, slots=True)
class TooOften:
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Wrong:
    """Not this code; whether there is another try with it."""

    is_over: bool


@dataclass(frozen=True, slots=True)
class Right:
    member_id: int
    address_hash: str


def ask(session: Session, workspace_id: int, asking: Asking, now: datetime) -> str | TooOften:
    """The token for the asking browser's cookie. The code goes out as a letter, if the address
    stands for a member."""
    address = address_hash(workspace_id, asking.email)
    told = _asking(address, asking.network)
    wait = hold(session, workspace_id, told, now)
    if wait:
        return TooOften(wait)
    count(session, workspace_id, told, now)
    session.exec(
        delete(MemberCode).where(
            col(MemberCode.workspace_id) == workspace_id, col(MemberCode.ends_at) < now - _KEPT
        )
    )
    token = new_token()
    made = MemberCode(
        workspace_id=workspace_id,
        browser_hash=token_hash(token),
        address_hash=address,
        member_id=asking.member_id,
        nonce=new_token(),
        asked_at=now,
        ends_at=now + LASTS,
    )
    session.add(made)
    session.flush()
    if asking.member_id is not None:
        details = {"code": made.id, "language": asking.language}
        letter = NewLetter(str(made.id), asking.member_id, details)
        queue(session, workspace_id, LetterKind.SIGN_IN, [letter], now)
    return token


def give(
    session: Session,
    workspace_id: int,
    secret: bytes,
    browser: str,
    typed: str,
    network: str,
    now: datetime,
) -> Right | Wrong | TooOften:
    """``browser``: the token in its cookie. ``Right`` once: then the code is over."""
    found = session.exec(
        select(MemberCode)
        .where(
            col(MemberCode.workspace_id) == workspace_id,
            col(MemberCode.browser_hash) == token_hash(browser),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None or not is_open(found, now):
        return Wrong(is_over=True)
    told = _guessing(found.address_hash, network)
    wait = hold(session, workspace_id, told, now)
    if wait:
        return TooOften(wait)
    is_right = is_code(secret, workspace_id, found.nonce, typed)
    if is_right and found.member_id is not None:
        found.is_over = True
        session.add(found)
        forget(session, workspace_id, _of_address(found.address_hash, network))
        return Right(found.member_id, found.address_hash)
    count(session, workspace_id, told, now)
    found.guesses += 1
    found.is_over = found.guesses >= MOST_GUESSES
    session.add(found)
    return Wrong(found.is_over)


def end(session: Session, workspace_id: int, browser: str) -> None:
    """The browser asks for another one: the newest alone works."""
    session.exec(
        update(MemberCode)
        .where(
            col(MemberCode.workspace_id) == workspace_id,
            col(MemberCode.browser_hash) == token_hash(browser),
        )
        .values(is_over=True)
    )


def code_with_id(session: Session, workspace_id: int, code_id: int) -> MemberCode | None:
    return session.exec(
        select(MemberCode).where(
            col(MemberCode.workspace_id) == workspace_id, col(MemberCode.id) == code_id
        )
    ).first()


def is_open(code: MemberCode, now: datetime) -> bool:
    return not code.is_over and now < code.ends_at


def _asking(address: str, network: str) -> dict[str, Rate]:
    return {
        subject("asks for here", f"{address} {network}"): ASK_HERE,
        subject("asks for", address): ASK_ADDRESS,
        subject("asks from", network): ASK_NETWORK,
    }


def _guessing(address: str, network: str) -> dict[str, Rate]:
    return {
        subject("guesses of here", f"{address} {network}"): GUESS_HERE,
        subject("guesses of", address): GUESS_ADDRESS,
        subject("guesses from", network): GUESS_NETWORK,
    }


def _of_address(address: str, network: str) -> list[str]:
    """What a right code frees: a guesser's own address must not free his network."""
    told = _asking(address, network) | _guessing(address, network)
    return [one for one, rate in told.items() if rate not in (ASK_NETWORK, GUESS_NETWORK)]
