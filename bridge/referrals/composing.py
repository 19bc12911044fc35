"""A letter's text, from what the database knows when it is sent."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlmodel import Session

from bridge.earning.batch import versions
from bridge.kit.calendar import day_of
from bridge.letters.message import Mail
from bridge.programme.document import Programme
from bridge.programme.giving import Give
from bridge.referrals import wording
from bridge.referrals.codes import link
from bridge.referrals.models import LetterKind, Referral, ReferralLetter
from bridge.referrals.offers import in_currency, merchant_name, place_title, terms_at
from bridge.referrals.tokens import token_of
from bridge.vouchers.models import Voucher


def composed(
    session: Session, letter: ReferralLetter, secret: bytes, public_url: str
) -> Mail | None:
    """``None``: there is nobody to send it to. Raises BridgeError when a link is needed and
    nobody said where it leads."""
    referral = session.get(Referral, letter.referral_id, populate_existing=True)
    assert referral is not None, "its letters go with it"
    newest = versions(session, letter.workspace_id).newest
    if newest is None:
        return None
    programme = newest.programme
    if letter.kind == LetterKind.CONFIRM:
        return _confirm(session, referral, programme, secret, public_url)
    return _code(session, referral, programme)


def _confirm(
    session: Session, referral: Referral, programme: Programme, secret: bytes, public_url: str
) -> Mail:
    token = token_of(secret, referral.workspace_id, referral.nonce)
    terms = terms_at(session, referral.workspace_id, referral.asked_at)
    worth = "" if terms is None else _offered(terms.referrals.friend.give, programme, referral)
    return _letter(
        referral.email,
        wording.CONFIRM[referral.language],
        merchant=merchant_name(session, referral.workspace_id, programme),
        worth=worth,
        link=link(public_url, f"confirm/{token}"),
    )


def _offered(give: Give, programme: Programme, referral: Referral) -> str:
    return wording.discount(
        referral.language,
        programme.currency,
        amount=give.amount,
        share=give.percent,
        most=give.maximum,
    )


def _code(session: Session, referral: Referral, programme: Programme) -> Mail:
    voucher = session.get(Voucher, referral.voucher_id)
    assert voucher is not None, "it was issued when the address was confirmed"
    language, zone = referral.language, ZoneInfo(programme.timezone)
    terms = terms_at(session, referral.workspace_id, voucher.made_at)
    basket = terms.referrals.friend.basket if terms is not None else None
    if basket is not None and terms is not None:
        day = day_of(voucher.made_at, zone)
        basket = in_currency(basket, terms.programme, voucher.currency, day)
    return _letter(
        referral.email,
        wording.CODE[language],
        merchant=merchant_name(session, voucher.workspace_id, programme),
        worth=wording.worth_of(voucher, language),
        code=voucher.code,
        store=place_title(session, voucher.workspace_id, voucher.installation_id, voucher.store_id),
        basket=wording.from_basket(basket, voucher.currency, language),
        until=wording.until(voucher.valid_until, zone, language),
    )


def _letter(to: str, words: wording.Wording, **values: str) -> Mail:
    return Mail(to, words.subject.format(**values), words.text.format(**values))
