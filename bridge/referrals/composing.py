"""A letter's text, from what the database knows when it is sent."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.earning.batch import versions
from bridge.kit.calendar import day_of
from bridge.letters.message import Mail
from bridge.members.finding import member_named
from bridge.members.models import MemberCustomer, MemberEmail, ShopCustomer
from bridge.programme.document import Programme
from bridge.programme.giving import Give
from bridge.referrals import wording
from bridge.referrals.addresses import invited_address
from bridge.referrals.codes import everyone_he_is, link
from bridge.referrals.models import LetterKind, Referral, ReferralCode, ReferralLetter
from bridge.referrals.offers import in_currency, place_title, terms_at
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
    if letter.kind == LetterKind.CODE:
        return _code(session, referral, programme)
    return _reward(session, referral, programme)


def _confirm(
    session: Session, referral: Referral, programme: Programme, secret: bytes, public_url: str
) -> Mail:
    token = token_of(secret, referral.workspace_id, referral.nonce)
    terms = terms_at(session, referral.workspace_id, referral.asked_at)
    worth = "" if terms is None else _offered(terms.referrals.friend.give, programme, referral)
    return _letter(
        referral.email,
        wording.CONFIRM[referral.language],
        merchant=programme.name,
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
        merchant=programme.name,
        worth=wording.worth_of(voucher, language),
        code=voucher.code,
        store=place_title(session, voucher.workspace_id, voucher.installation_id, voucher.store_id),
        basket=wording.from_basket(basket, voucher.currency, language),
        until=wording.until(voucher.valid_until, zone, language),
    )


def _reward(session: Session, referral: Referral, programme: Programme) -> Mail | None:
    to = _address_of(session, referral)
    if to is None:
        return None
    language, zone = referral.language, ZoneInfo(programme.timezone)
    worth, code = wording.points(referral.reward_points, language), ""
    if referral.reward_voucher_id is not None:
        voucher = session.get(Voucher, referral.reward_voucher_id)
        assert voucher is not None
        worth = wording.worth_of(voucher, language)
        store = place_title(
            session, voucher.workspace_id, voucher.installation_id, voucher.store_id
        )
        ends = wording.until(voucher.valid_until, zone, language)
        code = wording.reward_code(language, voucher.code, store, ends)
    return _letter(to, wording.REWARD[language], merchant=programme.name, worth=worth, code=code)


def _address_of(session: Session, referral: Referral) -> str | None:
    """Of the referrer: one that he confirmed, else one that a shop has of him."""
    code = session.get(ReferralCode, referral.code_id)
    assert code is not None
    now = member_named(session, referral.workspace_id, f"#{code.member_id}")
    him = everyone_he_is(session, referral.workspace_id, now)
    standing = session.execute(
        select(col(MemberEmail.email))
        .where(
            col(MemberEmail.workspace_id) == referral.workspace_id,
            col(MemberEmail.member_id).in_(him),
        )
        .order_by(col(MemberEmail.is_confirmed).desc(), col(MemberEmail.email))
    ).scalars()
    told = session.execute(
        select(col(ShopCustomer.email))
        .join(
            MemberCustomer,
            (col(MemberCustomer.installation_id) == col(ShopCustomer.installation_id))
            & (col(MemberCustomer.customer_id) == col(ShopCustomer.customer_id)),
        )
        .where(
            col(MemberCustomer.workspace_id) == referral.workspace_id,
            col(MemberCustomer.member_id).in_(him),
        )
        .order_by(col(ShopCustomer.email))
    ).scalars()
    for address in (*standing, *told):
        try:
            return invited_address(address)
        except ValueError:
            continue
    return None


def _letter(to: str, words: wording.Wording, **values: str) -> Mail:
    return Mail(to, words.subject.format(**values), words.text.format(**values))
