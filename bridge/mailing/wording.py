"""What members read in letters, in their language. Pure.

Each sentence is a text of the catalogues ``letters``; the English one is the key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bridge.languages.speech import Speech
from bridge.letters.models import LetterKind
from bridge.mailing.content import Content, Scale

DOMAIN = "letters"


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language, and the merchant's own words in it."""

    speech: Speech
    programme: str
    point: str = ""
    """Empty: the language's own word for points."""
    points: str = ""

    def counted(self, number: int) -> str:
        """``1,200 points``."""
        if self.points:
            return f"{self.speech.number(number)} {self.point if number == 1 else self.points}"
        ngettext = self.speech.count
        return ngettext("%(number)s point", "%(number)s points", number)


@dataclass(frozen=True, slots=True)
class Worth:
    """Of a voucher: an amount, or a share of at most some amount."""

    currency: str
    amount: Decimal | None = None
    percent: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A voucher as its owner needs it."""

    code: str
    worth: Worth
    store: str
    """Empty: its shop does not tell what it is called."""
    basket: Decimal | None = None
    """The least the basket must be worth."""
    last_day: date | None = None
    """``None``: it does not end."""


def welcome(tongue: Tongue, balance: int, *, earns: bool) -> Content:
    """``earns``: whether the programme gives points at all."""
    _ = tongue.speech.text
    paragraphs = [_("You now take part in %(programme)s.", programme=tongue.programme)]
    if earns:
        paragraphs.append(_("What you buy in any of our shops earns you points."))
    if balance:
        paragraphs.append(_balance(tongue, balance))
    return Content(
        _("Welcome to %(programme)s", programme=tongue.programme),
        tuple(paragraphs),
        named={"balance": tongue.counted(balance)},
    )


def earned(tongue: Tongue, points: int, balance: int) -> Content:
    _ = tongue.speech.text
    told = tongue.counted(points)
    return Content(
        _("You can spend %(points)s more", points=told),
        (_("From now on you can spend %(points)s more.", points=told), _balance(tongue, balance)),
        named={"points": told, "balance": tongue.counted(balance)},
    )


def expiring(tongue: Tongue, points: int, last_day: date, balance: int) -> Content:
    _ = tongue.speech.text
    parts = {"points": tongue.counted(points), "day": tongue.speech.day(last_day)}
    return Content(
        _("Use %(points)s until %(day)s", **parts),
        (
            _("%(day)s is the last day on which you can spend %(points)s.", **parts),
            _balance(tongue, balance),
        ),
        named={
            "points": parts["points"],
            "last_day": parts["day"],
            "balance": tongue.counted(balance),
        },
    )


def tier(tongue: Tongue, name: str) -> Content:
    _ = tongue.speech.text
    return Content(
        _("You have reached %(tier)s", tier=name),
        (
            _(
                "Congratulations: in %(programme)s you have reached the level %(tier)s.",
                programme=tongue.programme,
                tier=name,
            ),
        ),
        closing=(_("Thank you for your loyalty."),),
        named={"tier": name},
    )


def voucher(tongue: Tongue, code: Code) -> Content:
    _ = tongue.speech.text
    worth = worth_of(tongue, code.worth)
    return Content(
        _("Your voucher: %(worth)s", worth=worth),
        (_("This voucher is for you: %(worth)s.", worth=worth), *_use(tongue, code)),
        code.code,
        named={"worth": worth},
    )


def referral(tongue: Tongue, points: int, code: Code | None) -> Content:
    """``code``: the voucher he gets; ``None``: he gets points."""
    _ = tongue.speech.text
    worth = tongue.counted(points) if code is None else worth_of(tongue, code.worth)
    thanks = _(
        "A friend to whom you recommended us has bought for the first time. Thank you: you get "
        "%(worth)s.",
        worth=worth,
    )
    subject = _("Thank you for your recommendation")
    named = {"worth": worth}
    if code is None:
        return Content(subject, (thanks,), named=named)
    return Content(subject, (thanks, *_use(tongue, code)), code.code, named=named)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a survey asks of somebody, in his language."""

    title: str
    intro: str
    """Empty: the merchant wrote none."""
    question: str
    """The standard one; empty: it is not asked."""
    scale: Scale | None
    """For ``question``."""
    link: str
    last_day: date


def survey(tongue: Tongue, opinion: Opinion) -> Content:
    _ = tongue.speech.text
    day = tongue.speech.day(opinion.last_day)
    return Content(
        opinion.title,
        tuple(one for one in (opinion.intro, opinion.question) if one),
        scale=opinion.scale,
        button=(_("Answer until %(day)s", day=day), opinion.link),
        opening=(_("Thank you for your order. We would like to know what you think."),),
        named={"survey": opinion.title, "last_day": day},
    )


def worth_of(tongue: Tongue, worth: Worth) -> str:
    _, speech = tongue.speech.text, tongue.speech
    if worth.amount is not None:
        return _("%(amount)s off", amount=speech.money(worth.amount, worth.currency))
    share = speech.percent((worth.percent or Decimal(0)) / 100, digits=2)
    if worth.most is None:
        return _("%(amount)s off", amount=share)
    most = speech.money(worth.most, worth.currency)
    return _("%(amount)s off, at most %(most)s", amount=share, most=most)


def _use(tongue: Tongue, code: Code) -> list[str]:
    _, speech = tongue.speech.text, tongue.speech
    if code.store:
        lines = [_("Enter the code at the checkout of %(store)s.", store=code.store)]
    else:
        lines = [_("Enter the code at the checkout.")]
    if code.basket is not None:
        least = speech.money(code.basket, code.worth.currency)
        lines.append(_("It needs a basket of at least %(amount)s.", amount=least))
    if code.last_day is None:
        lines.append(_("It can be used once."))
    else:
        lines.append(_("It can be used once, until %(day)s.", day=speech.day(code.last_day)))
    return lines


def _balance(tongue: Tongue, balance: int) -> str:
    _ = tongue.speech.text
    return _("Your balance: %(points)s", points=tongue.counted(balance))


def test(tongue: Tongue) -> Content:
    """What `letters test` sends."""
    _ = tongue.speech.text
    told = _("This is a test letter of %(programme)s.", programme=tongue.programme)
    return Content(told, (told, _("Whoever reads this can get letters.")))


def sign_in(tongue: Tongue, code: str, minutes: int) -> Content:
    """The code by which he comes to his pages."""
    _ = tongue.speech.text
    return Content(
        _("%(code)s is your code for %(programme)s", code=code, programme=tongue.programme),
        (
            _("This is your code for your pages of %(programme)s:", programme=tongue.programme),
            _(
                "It works for %(minutes)s minutes, once, in the browser in which you asked for it.",
                minutes=tongue.speech.number(minutes),
            ),
            _("Never tell it to anybody: we never ask for it."),
        ),
        code,
    )


# -- around it ------------------------------------------------------------------------------


def greeting(speech: Speech) -> str:
    _ = speech.text
    return _("Hello,")


def why(tongue: Tongue) -> str:
    _ = tongue.speech.text
    return _(
        "You get this letter because you take part in %(programme)s.", programme=tongue.programme
    )


def why_sign_in(speech: Speech) -> str:
    _ = speech.text
    return _(
        "You get this letter because somebody asked for a code with your address. If it was not "
        "you, you need not do anything."
    )


def stop(speech: Speech) -> str:
    _ = speech.text
    return _("No more letters like this one")


# -- the page behind the link ----------------------------------------------------------------


def about(speech: Speech, kind: LetterKind) -> str:
    """What letters of a kind are about."""
    _ = speech.text
    return {
        LetterKind.WELCOME: _("Welcome"),
        LetterKind.EARNED: _("Points you can spend"),
        LetterKind.EXPIRING: _("Points that expire soon"),
        LetterKind.TIER: _("Levels you reach"),
        LetterKind.VOUCHER: _("Vouchers for you"),
        LetterKind.REFERRAL: _("Thanks for your recommendations"),
        LetterKind.SURVEY: _("Your opinion"),
    }[kind]


@dataclass(frozen=True, slots=True)
class Page:
    """The texts of one page."""

    title: str
    lines: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...] = ()
    """What each sends, and what stands on it."""


KIND, NONE, AGAIN = "kind", "none", "again"
"""What the buttons send."""


def ask_page(tongue: Tongue, kind: LetterKind) -> Page:
    _ = tongue.speech.text
    return Page(
        _("Letters from %(programme)s", programme=tongue.programme),
        (
            _("Which letters do you not want any more?"),
            _("The letter was about: %(about)s", about=about(tongue.speech, kind)),
        ),
        ((KIND, _("No more letters like this one")), (NONE, _("No more letters at all"))),
    )


def refused_page(tongue: Tongue, kind: LetterKind, *, is_all: bool) -> Page:
    _ = tongue.speech.text
    line = _("You get no more letters from us.")
    if not is_all:
        line = _("You get no more letters about this: %(about)s", about=about(tongue.speech, kind))
    buttons = [] if is_all else [(NONE, _("No more letters at all"))]
    return Page(
        _("Letters from %(programme)s", programme=tongue.programme),
        (line,),
        (*buttons, (AGAIN, _("I do want letters like this one"))),
    )


def allowed_page(tongue: Tongue, kind: LetterKind) -> Page:
    _ = tongue.speech.text
    return Page(
        _("Letters from %(programme)s", programme=tongue.programme),
        (_("You get letters about this again: %(about)s", about=about(tongue.speech, kind)),),
        ((KIND, _("No more letters like this one")),),
    )


def unknown_page(speech: Speech) -> Page:
    _ = speech.text
    return Page(
        _("This link leads nowhere"),
        (_("Perhaps a part of it is missing. Take the whole link from the letter."),),
    )


def later_page(speech: Speech) -> Page:
    _ = speech.text
    return Page(_("Please try again later"), (_("This does not work at the moment."),))
