"""A letter's text, from what the database knows when it is sent: what is over by then is not told.

Reads only. Nobody is written to who takes no part in the programme, who wants no such letters, or
of whom no shop says that an address is his.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from bridge.kit.calendar import day_of
from bridge.kit.clock import Clock
from bridge.languages.speech import Speech
from bridge.letters.message import Mail
from bridge.letters.models import Letter, LetterKind, LetterState
from bridge.letters.refusing import Link, is_refused, refused, token_of
from bridge.letters.sending import Compose, Composed, Later, Nobody
from bridge.mailing import points, wording
from bridge.mailing.addressee import Addressee, addressee
from bridge.mailing.code_letters import code_letter
from bridge.mailing.codes import code_of, is_ready, voucher_with_id
from bridge.mailing.content import Content, Frame
from bridge.mailing.links import unsubscribe_link
from bridge.mailing.own_texts import in_own_words
from bridge.mailing.rendering import as_html, as_text
from bridge.mailing.rules import pause_of
from bridge.mailing.survey_letters import survey_letter
from bridge.mailing.wording import Tongue
from bridge.members.joining import taking_part
from bridge.preferences.letter_texts import LetterTexts
from bridge.preferences.sections import Branding, Letters
from bridge.preferences.service import preferences
from bridge.programme.document import Programme
from bridge.programme.service import current
from bridge.referrals.models import Referral
from bridge.vouchers.models import VoucherState

_NEW_FOR = timedelta(days=30)
"""Who takes part for longer needs no welcome any more."""


@dataclass(frozen=True, slots=True)
class _Writing:
    """One letter that is being written."""

    session: Session
    letter: Letter
    to: Addressee
    tongue: Tongue
    programme: Programme
    zone: ZoneInfo
    since: datetime
    """Since when he takes part."""
    now: datetime
    secret: bytes
    public_url: str

    @property
    def details(self) -> Mapping[str, Any]:
        return self.letter.details

    @property
    def age(self) -> timedelta:
        return self.now - self.letter.made_at


def composer(secret: bytes, public_url: str, clock: Clock) -> Compose:
    """``secret``: :func:`bridge.vouchers.codes.workspace_secret`. What it gives raises BridgeError
    when nobody said where links shall lead."""

    def compose(session: Session, letter: Letter) -> Composed:
        now = clock()
        kind = LetterKind(letter.kind)
        if kind is LetterKind.SIGN_IN:
            return code_letter(session, letter, secret, now)
        letters = preferences(session, letter.workspace_id, Letters)
        found = current(session, letter.workspace_id)
        if found is None or kind not in letters.kinds:
            return Nobody("letters of this kind are not sent any more")
        to = addressee(session, letter.workspace_id, letter.member_id, letters)
        if is_refused(refused(session, letter.workspace_id, to.everyone), kind):
            return Nobody("the member does not want it")
        waits = Later(pause_of(now - letter.made_at), "no shop says that an address is his")
        if not to.email:
            return waits if kind is LetterKind.WELCOME else Nobody(waits.why)
        assert to.member.id is not None
        since = taking_part(session, letter.workspace_id, [to.member.id], now).get(to.member.id)
        if since is None:
            why = "the member takes no part in the programme"
            return Later(waits.pause, why) if kind is LetterKind.WELCOME else Nobody(why)
        zone = ZoneInfo(found[1].timezone)
        branding = preferences(session, letter.workspace_id, Branding)
        tongue = Tongue(
            Speech(to.language, wording.DOMAIN, zone),
            branding.name or found[1].name,
            branding.point,
            branding.points,
        )
        writing = _Writing(
            session, letter, to, tongue, found[1], zone, since, now, secret, public_url
        )
        content = _WRITERS[kind](writing)
        if not isinstance(content, Content):
            return content
        link = unsubscribe_link(
            public_url, token_of(secret, Link(letter.workspace_id, to.member.id, kind))
        )
        said = _in_own_words(writing, kind, content)
        return _mail(letter, to, said, frame(tongue, letters, branding, link), letters)

    return compose


def _in_own_words(writing: _Writing, kind: LetterKind, content: Content) -> Content:
    texts = preferences(writing.session, writing.letter.workspace_id, LetterTexts)
    own = texts.of(kind, writing.to.language)
    return in_own_words(content, own, writing.tongue, day_of(writing.since, writing.zone))


def frame(tongue: Tongue, letters: Letters, branding: Branding, link: str) -> Frame:
    """What stands around a letter. `link`: where letters like it are ended."""
    speech = tongue.speech
    return Frame(
        tongue.programme,
        wording.greeting(speech),
        wording.why(tongue),
        wording.stop(speech),
        link,
        letters.imprint,
        speech.language,
        speech.direction,
        branding.header,
        branding.on_header,
        branding.colour,
    )


def _mail(letter: Letter, to: Addressee, content: Content, around: Frame, letters: Letters) -> Mail:
    return Mail(
        to.email,
        content.subject,
        as_text(content, around),
        as_html(content, around),
        letters.reply_to,
        around.link,
        f"{letter.workspace_id}/{letter.kind}/{letter.cause}",
    )


# -- each kind ------------------------------------------------------------------------------


def _welcome(writing: _Writing) -> Content | Nobody:
    if writing.since < writing.now - _NEW_FOR:
        return Nobody("the member has taken part for long")
    if _was_welcomed(writing):
        return Nobody("the member was welcomed before")
    balance = points.balance(writing.session, writing.to.member)
    return wording.welcome(writing.tongue, balance, earns=writing.programme.points is not None)


def _was_welcomed(writing: _Writing) -> bool:
    """As one of those he was before he was merged."""
    letter = writing.letter
    return (
        writing.session.exec(
            select(Letter.id).where(
                col(Letter.workspace_id) == letter.workspace_id,
                col(Letter.member_id).in_(writing.to.everyone),
                col(Letter.kind) == LetterKind.WELCOME.value,
                col(Letter.state) == LetterState.SENT.value,
                col(Letter.id) != letter.id,
            )
        ).first()
        is not None
    )


def _earned(writing: _Writing) -> Content | Nobody:
    gained = points.gained(writing.session, writing.letter.workspace_id, writing.details)
    if gained <= 0:
        return Nobody("the points were taken back, or paid what was owed")
    balance = points.balance(writing.session, writing.to.member)
    return wording.earned(writing.tongue, gained, balance)


def _expiring(writing: _Writing) -> Content | Nobody:
    day = points.day_in(writing.details)
    left = points.expiring(writing.session, writing.to.member, day, writing.zone, writing.now)
    if not left:
        return Nobody("nothing expires any more")
    balance = points.balance(writing.session, writing.to.member)
    return wording.expiring(writing.tongue, left, day, balance)


def _tier(writing: _Writing) -> Content | Nobody:
    key = str(writing.details["tier"])
    tier = writing.programme.tiers.get(key)
    if tier is None or writing.to.member.tier != key:
        return Nobody("the member has another tier by now")
    return wording.tier(writing.tongue, tier.name)


def _voucher(writing: _Writing) -> Content | Later | Nobody:
    voucher = voucher_with_id(writing.session, writing.letter, int(writing.details["voucher"]))
    if voucher is None or voucher.state != VoucherState.OPEN:
        return Nobody("the voucher was used or has ended")
    if not is_ready(voucher):
        return Later(pause_of(writing.age), "the voucher's code is not in the shop yet")
    return wording.voucher(writing.tongue, code_of(writing.session, voucher, writing.zone))


def _referral(writing: _Writing) -> Content | Later | Nobody:
    found = writing.session.get(Referral, int(writing.details["referral"]), populate_existing=True)
    if found is None or found.workspace_id != writing.letter.workspace_id:
        return Nobody("the friend was forgotten")
    if found.reward_voucher_id is None:
        return wording.referral(writing.tongue, found.reward_points, None)
    voucher = voucher_with_id(writing.session, writing.letter, found.reward_voucher_id)
    if voucher is None or voucher.state != VoucherState.OPEN:
        return Nobody("the voucher was used or has ended")
    if not is_ready(voucher):
        return Later(pause_of(writing.age), "the voucher's code is not in the shop yet")
    return wording.referral(writing.tongue, 0, code_of(writing.session, voucher, writing.zone))


def _survey(writing: _Writing) -> Content | Nobody:
    return survey_letter(
        writing.session,
        writing.letter,
        writing.to,
        writing.tongue,
        writing.secret,
        writing.public_url,
        writing.now,
    )


_WRITERS: dict[LetterKind, Callable[[_Writing], Content | Later | Nobody]] = {
    LetterKind.WELCOME: _welcome,
    LetterKind.EARNED: _earned,
    LetterKind.EXPIRING: _expiring,
    LetterKind.TIER: _tier,
    LetterKind.VOUCHER: _voucher,
    LetterKind.REFERRAL: _referral,
    LetterKind.SURVEY: _survey,
}
