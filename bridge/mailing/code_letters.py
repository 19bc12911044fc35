"""The letter with the code by which a member comes to his pages.

He asked for it: it is written whether he takes part or not, and whatever letters he refused. It
bears no link, so that nobody learns to click on one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from bridge.languages.catalogues import MEMBER_NAMES
from bridge.languages.speech import Speech
from bridge.letters.message import Mail
from bridge.letters.models import Letter
from bridge.letters.sending import Nobody
from bridge.mailing import wording
from bridge.mailing.addressee import addressee, addresses
from bridge.mailing.content import Frame
from bridge.mailing.rendering import as_html, as_text
from bridge.mailing.wording import Tongue
from bridge.member_sign_in.codes import code_with_id, is_open
from bridge.member_sign_in.secrets import address_hash, code_of
from bridge.preferences.sections import Branding, Letters
from bridge.preferences.service import preferences
from bridge.programme.service import current
from bridge.referrals.addresses import invited_address

_OVER = "the code is over"
_MINUTE = timedelta(minutes=1)


def code_letter(session: Session, letter: Letter, secret: bytes, now: datetime) -> Mail | Nobody:
    """``secret``: :func:`bridge.vouchers.codes.workspace_secret`."""
    workspace_id = letter.workspace_id
    code = code_with_id(session, workspace_id, int(letter.details["code"]))
    if code is None or not is_open(code, now):
        return Nobody(_OVER)
    letters = preferences(session, workspace_id, Letters)
    him = addressee(session, workspace_id, letter.member_id, letters)
    assert him.member.id is not None
    to = next(
        (
            email
            for email in addresses(session, workspace_id, him.member.id)
            if address_hash(workspace_id, email) == code.address_hash
        ),
        "",
    )
    if not _can_be_sent_to(to):
        return Nobody("no shop says that the address is his any more")
    told = str(letter.details["language"])
    language = told if told in MEMBER_NAMES else him.language
    branding = preferences(session, workspace_id, Branding)
    programme = current(session, workspace_id)
    name = branding.name or (programme[1].name if programme else "")
    tongue = Tongue(Speech(language, wording.DOMAIN), name)
    content = wording.sign_in(
        tongue,
        code_of(secret, workspace_id, code.nonce),
        max(1, (code.ends_at - now) // _MINUTE),
    )
    frame = _frame(tongue, letters, branding)
    key = f"{workspace_id}/{letter.kind}/{letter.cause}"
    return Mail(
        to,
        content.subject,
        as_text(content, frame),
        as_html(content, frame),
        letters.reply_to,
        key=key,
    )


def _can_be_sent_to(email: str) -> bool:
    try:
        invited_address(email)
    except ValueError:
        return False
    return True


def _frame(tongue: Tongue, letters: Letters, branding: Branding) -> Frame:
    speech = tongue.speech
    return Frame(
        tongue.programme,
        wording.greeting(speech),
        wording.why_sign_in(speech),
        "",
        "",
        letters.imprint,
        speech.language,
        speech.direction,
        branding.header,
        branding.on_header,
        branding.colour,
    )
