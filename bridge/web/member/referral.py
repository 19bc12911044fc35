"""Bringing friends: the member's link, what it gives to both, and what became of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from urllib.parse import quote, urlencode

import segno
from flask import abort, flash, make_response, redirect, request
from sqlmodel import Session

from bridge.audit.service import Subject, record
from bridge.kit.calendar import day_of
from bridge.languages.speech import Speech
from bridge.programme.document import Programme
from bridge.programme.rewards import Referrals
from bridge.referrals.codes import codes_of, link
from bridge.referrals.giving import own_code
from bridge.referrals.looking import Friend, Stats, friends_of, stats_of
from bridge.referrals.models import ReferralCode, ReferralState
from bridge.terms.extras import given, of_friends_voucher, of_thanks
from bridge.terms.voice import DOMAIN as TERMS
from bridge.terms.voice import Voice
from bridge.web.admin.asked import LARGEST, number
from bridge.web.member.routes import Needs, Pages
from bridge.web.member.shown import counted, page, protect
from bridge.web.member.visit import Visit
from bridge.web.member.wording import last_day
from bridge.web.speaking import _, speech

pages = Pages()

EACH = 25
_ICONS = {
    ReferralState.CONFIRMED: "hourglass",
    ReferralState.ORDERED: "hourglass",
    ReferralState.REVIEW: "hourglass",
    ReferralState.REWARDED: "circle-check",
}
_FILES = {"svg": "image/svg+xml", "png": "image/png"}


@dataclass(frozen=True, slots=True)
class Way:
    """Of telling a friend, without a script of whom it goes through."""

    name: str
    """A proper name; empty: by e-mail."""
    icon: str
    url: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A link, and what is told with it."""

    code: ReferralCode
    link: str
    text: str
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """What both get, in the member's language."""

    friend: str
    friend_terms: str
    referrer: str
    referrer_terms: str
    is_on: bool
    """Otherwise nothing is given to friends today."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """As a partner: his code credits him for every order of whom it brings."""

    shared: Shared
    credit: str
    """Empty: the programme does not have it any more."""


@dataclass(frozen=True, slots=True)
class Met:
    """A friend, without anything that tells who it is."""

    at: datetime
    text: str
    icon: str
    is_good: bool
    """It brought something."""


@pages.get("/referral", Needs.MEMBER)
def referral(visit: Visit) -> Any:
    programme, section = _section(visit)
    before, app = number("before") or 0, visit.app
    with app.database.reading() as session:
        codes = codes_of(session, app.workspace_id, visit.member_id)
        stats = stats_of(session, app.workspace_id, visit.member_id) if codes else None
        found = friends_of(session, app.workspace_id, visit.member_id, before, EACH + 1)
    promise = _promise(visit, programme, section)
    own = next((one for one in codes if not one.partner), None)
    return page(
        "referral.html",
        promise=promise,
        own=_shared(visit, own, promise.friend) if own else None,
        agreements=[_agreement(visit, programme, one) for one in codes if one.partner],
        stats=stats,
        numbers=_numbers(stats) if stats else (),
        friends=[_met(visit, one) for one in found[:EACH]],
        before=found[EACH - 1].id if len(found) > EACH else None,
        is_first=not before,
    )


@pages.post("/referral", Needs.MEMBER)
def make_referral_link(visit: Visit) -> Any:
    _section(visit)
    if not visit.takes_part:
        flash(_("You take no part in the programme at the moment."), "warning")
        return redirect(visit.url("referral"), 303)
    app, now = visit.app, visit.app.now()
    with app.database.writing() as session:
        is_new = not _has_own(session, visit)
        code = own_code(session, app.workspace_id, visit.member_id, now)
        if is_new:
            subject, after = Subject("member", str(visit.member_id), code.code), {"code": code.code}
            record(
                session,
                app.workspace_id,
                visit.actor,
                "referral.code-made",
                subject,
                now,
                after=after,
            )
    flash(_("This is your link. Send it to friends."), "success")
    return redirect(visit.url("referral"), 303)


@pages.get("/referral/<int:code_id>/code.<kind>", Needs.MEMBER)
def referral_picture(visit: Visit, code_id: int, kind: str) -> Any:
    """A QR code of the link, to print or to show to somebody."""
    _section(visit)
    if kind not in _FILES or code_id > LARGEST:
        abort(404)
    with visit.app.database.reading() as session:
        codes = codes_of(session, visit.app.workspace_id, visit.member_id)
    code = next((one for one in codes if one.id == code_id), None)
    if code is None:
        abort(404)
    drawn = io.BytesIO()
    segno.make(_link(visit, code), error="m").save(
        drawn, kind=kind, scale=10, border=4, dark="#000", light="#fff"
    )
    answer = make_response(drawn.getvalue())
    answer.mimetype = _FILES[kind]
    return protect(answer)


# -- what it is made of ---------------------------------------------------------------------


def _section(visit: Visit) -> tuple[Programme, Referrals]:
    """404 where the programme has no referrals."""
    programme = visit.merchant.programme
    if programme is None or programme.referrals is None:
        abort(404)
    return programme, programme.referrals


def _has_own(session: Session, visit: Visit) -> bool:
    codes = codes_of(session, visit.app.workspace_id, visit.member_id)
    return any(not one.partner for one in codes)


def _voice(visit: Visit, programme: Programme) -> Voice:
    branding = visit.merchant.branding
    spoken = Speech(speech().language, TERMS)
    return Voice(spoken, programme.currency, branding.point, branding.points)


def _promise(visit: Visit, programme: Programme, section: Referrals) -> Promise:
    v = _voice(visit, programme)
    today = day_of(visit.app.now(), visit.merchant.zone)
    return Promise(
        given(v, section.friend.give),
        of_friends_voucher(v, section, programme),
        given(v, section.referrer),
        of_thanks(v, section),
        section.friend.holds_on(today),
    )


def _link(visit: Visit, code: ReferralCode) -> str:
    return link(visit.app.settings.public_url or request.host_url, code.code)


def _shared(visit: Visit, code: ReferralCode, gift: str) -> Shared:
    url = _link(visit, code)
    text = _(
        "I can recommend %(merchant)s. By this link you get for your first order: %(gift)s.",
        merchant=visit.merchant.name,
        gift=gift,
    )
    subject = _("A recommendation: %(merchant)s", merchant=visit.merchant.name)
    return Shared(code, url, text, ways(url, subject, text))


def ways(url: str, subject: str, text: str) -> tuple[Way, ...]:
    """Where a link can be told, each opened by nothing but a link. Pure."""
    whole = f"{text} {url}"

    def query(**told: str) -> str:
        return urlencode(told, quote_via=quote)

    return (
        Way("", "mail", f"mailto:?{query(subject=subject, body=whole)}"),
        Way("WhatsApp", "brand-whatsapp", f"https://wa.me/?{query(text=whole)}"),
        Way("Telegram", "brand-telegram", f"https://t.me/share/url?{query(url=url, text=text)}"),
        Way("X", "brand-x", f"https://x.com/intent/post?{query(text=text, url=url)}"),
        Way(
            "Facebook",
            "brand-facebook",
            f"https://www.facebook.com/sharer/sharer.php?{query(u=url)}",
        ),
        Way(
            "LinkedIn",
            "brand-linkedin",
            f"https://www.linkedin.com/sharing/share-offsite/?{query(url=url)}",
        ),
    )


def _agreement(visit: Visit, programme: Programme, code: ReferralCode) -> Agreement:
    partner = programme.partners.get(code.partner)
    credit = ""
    if partner is not None:
        whole = Fraction(partner.points).denominator  # nobody understands half a point
        credit = _(
            "You get %(points)s for each %(amount)s that customers spend whom you brought.",
            points=counted(int(partner.points * whole)),
            amount=speech().money(partner.each * whole, programme.currency),
        )
    promise = _promise(visit, programme, _section(visit)[1])
    return Agreement(_shared(visit, code, promise.friend), credit)


# -- friends --------------------------------------------------------------------------------


def _met(visit: Visit, friend: Friend) -> Met:
    return Met(
        friend.at,
        _state(visit, friend),
        _ICONS.get(friend.state, "info-circle"),
        friend.state is ReferralState.REWARDED,
    )


def _state(visit: Visit, friend: Friend) -> str:
    """Why it came to nothing is told only where it says nothing about the friend that his
    referrer must not know: whether the shop knew him before, say."""
    if friend.state is ReferralState.CONFIRMED:
        return _("Signed up; has not bought yet")
    if friend.state is ReferralState.ORDERED:
        return _bought(visit, friend)
    if friend.state is ReferralState.REVIEW:
        return _("Bought; we look at it")
    if friend.state is ReferralState.REWARDED:
        if friend.reward_points:
            return _("Bought; you got %(points)s", points=counted(friend.reward_points))
        return _("Bought; you got a voucher") if friend.has_voucher else _("Bought")
    if friend.state is ReferralState.RETURNED:
        return _("The order was cancelled or given back")
    return _("This brought nothing")


def _bought(visit: Visit, friend: Friend) -> str:
    if friend.due_at is None:
        return _("Bought; your thanks come when the order is complete and cannot be given back")
    day = last_day(friend.due_at, visit.merchant.zone)
    assert day is not None
    return _("Bought; your thanks come after %(day)s", day=speech().day(day))


def _numbers(stats: Stats) -> Sequence[tuple[str, int]]:
    """The way of his friends, each step smaller than the one before."""
    return (
        (_("Visits of your link"), stats.clicks),
        (_("Signed up"), stats.sign_ups),
        (_("Bought"), stats.first_orders),
        (_("You were thanked"), stats.rewards),
    )
