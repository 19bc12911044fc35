"""Everything due of letters to members: noticed, written, sent; and one to try it."""

from __future__ import annotations

from sqlmodel import Session

from bridge.application import Application
from bridge.kit.errors import BridgeError
from bridge.languages.speech import Speech
from bridge.letters import sending
from bridge.letters.mail import Mailer, NotSent, mail_server
from bridge.letters.message import Mail
from bridge.letters.models import OFFERED, Letter, LetterKind
from bridge.letters.sending import Compose, Composed, Sent
from bridge.mailing import wording
from bridge.mailing.composing import composer
from bridge.mailing.noticing import notice
from bridge.mailing.sampling import sample
from bridge.mailing.wording import Tongue
from bridge.preferences.sections import Branding, Letters
from bridge.preferences.service import preferences
from bridge.programme.service import current
from bridge.referrals.addresses import invited_address
from bridge.vouchers.codes import workspace_secret


def send_letters(app: Application, owner: str) -> Sent:
    """``owner`` names the worker, for its leases. Raises UnreadableSecret."""
    notice(app)
    if not sending.has_due(app):
        return Sent()
    return sending.send_letters(app, owner, _composer(app))


def send_codes(app: Application, owner: str) -> Sent:
    """The codes that members asked for, before anything else: they wait in front of a page."""
    if not sending.has_due(app, urgent=True):
        return Sent()
    return sending.send_letters(app, owner, _composer(app), urgent=True)


def written(app: Application, letter: Letter) -> Composed:
    """What this letter says, or would say now; or why it is not sent. Sends nothing. Raises
    BridgeError when nobody said where links shall lead, or when it is for its reader's eyes alone;
    LookupError when the member is gone."""
    if letter.kind not in OFFERED:
        raise BridgeError(f"Letter {letter.id} is shown to nobody but its reader.")
    compose = _composer(app)
    with app.database.reading() as session:
        return compose(session, letter)


def send_test(app: Application, address: str, language: str, kind: LetterKind | None = None) -> str:
    """Sends a letter to try the mail server, and says what that answered; of a ``kind``: as
    :func:`bridge.mailing.sampling.sample` makes it. Raises BridgeError: the address or the
    settings cannot be read, or the letter did not go out."""
    try:
        to = invited_address(address)
    except ValueError as error:
        raise BridgeError(str(error)) from None
    with app.database.reading() as session:
        if kind is None:
            mail = _test(session, app, to, language)
        else:
            mail = sample(session, app, kind, language, to)
    with Mailer(mail_server(app.settings)) as mailer:
        try:
            return mailer.send(mail, app.now())
        except NotSent as error:
            raise BridgeError(f"The letter was not sent: {error}.") from None


def _test(session: Session, app: Application, to: str, language: str) -> Mail:
    letters = preferences(session, app.workspace_id, Letters)
    branding = preferences(session, app.workspace_id, Branding)
    found = current(session, app.workspace_id)
    name = branding.name or (found[1].name if found else app.workspace)
    content = wording.test(Tongue(Speech(language or letters.language, wording.DOMAIN), name))
    text = "\n\n".join((*content.paragraphs, letters.imprint)).strip() + "\n"
    return Mail(to, content.subject, text, reply_to=letters.reply_to)


def _composer(app: Application) -> Compose:
    with app.database.writing() as session:
        secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
    return composer(secret, app.settings.public_url, app.now)
