"""What friends and referrers read in letters, in their language. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from bridge.kit.money import exponent, from_millionths, from_minor
from bridge.vouchers.models import Voucher

ENGLISH, GERMAN = "en", "de"
LANGUAGES = (ENGLISH, GERMAN)


@dataclass(frozen=True, slots=True)
class Wording:
    subject: str
    text: str


CONFIRM = {
    ENGLISH: Wording(
        "{merchant}: please confirm your address",
        """Hello,

somebody recommended {merchant} to you, and this address was given to get {worth} on a first
purchase. If that was you, confirm that the address is yours:

{link}

The link holds for 14 days. If it was not you, do nothing: the address is forgotten then, and
nobody writes to you again.

{merchant}
""",
    ),
    GERMAN: Wording(
        "{merchant}: Bitte bestätigen Sie Ihre Adresse",
        """Guten Tag,

jemand hat Ihnen {merchant} empfohlen, und diese Adresse wurde angegeben, um {worth} auf den
ersten Einkauf zu bekommen. Waren Sie das, dann bestätigen Sie bitte, dass es Ihre Adresse ist:

{link}

Der Link gilt 14 Tage. Waren Sie es nicht, brauchen Sie nichts zu tun: Die Adresse wird danach
gelöscht, und niemand schreibt Ihnen mehr.

{merchant}
""",
    ),
}

CODE = {
    ENGLISH: Wording(
        "{merchant}: your code for {worth}",
        """Hello,

welcome. This is your code for {worth}:

    {code}

Enter it at the checkout of {store}. It works once{basket}{until}.

{merchant}
""",
    ),
    GERMAN: Wording(
        "{merchant}: Ihr Code für {worth}",
        """Guten Tag,

willkommen. Das ist Ihr Code für {worth}:

    {code}

Geben Sie ihn an der Kasse von {store} ein. Er gilt einmal{basket}{until}.

{merchant}
""",
    ),
}

_PARTS = {
    ENGLISH: {
        "basket": ", for a basket of at least {amount}",
        "until": ", until {day}",
        "off": "{amount} off",
        "most": "{amount} off, at most {most}",
    },
    GERMAN: {
        "basket": ", ab einem Warenkorb von {amount}",
        "until": ", bis {day}",
        "off": "{amount} Rabatt",
        "most": "{amount} Rabatt, höchstens {most}",
    },
}


def money(amount: Decimal, currency: str, language: str) -> str:
    """``10.00 EUR``, ``10,00 EUR``; whole amounts without their zeros."""
    places = 0 if amount == amount.to_integral_value() else exponent(currency)
    text = f"{amount:,.{places}f}"
    return f"{_decimal(text, language)} {currency}"


def percent(value: Decimal, language: str) -> str:
    return f"{_decimal(format(value.normalize(), 'f'), language)} %"


def discount(
    language: str,
    currency: str,
    *,
    amount: Decimal | None = None,
    share: Decimal | None = None,
    most: Decimal | None = None,
) -> str:
    """``10 % off, at most 20 EUR``."""
    parts = _PARTS[language]
    if amount is not None:
        return parts["off"].format(amount=money(amount, currency, language))
    told = percent(share or Decimal(0), language)
    if most is None:
        return parts["off"].format(amount=told)
    return parts["most"].format(amount=told, most=money(most, currency, language))


def worth_of(voucher: Voucher, language: str) -> str:
    minor, millionths = voucher.amount_minor, voucher.percent_millionths
    most = voucher.maximum_minor
    return discount(
        language,
        voucher.currency,
        amount=None if minor is None else from_minor(minor, voucher.currency),
        share=None if millionths is None else from_millionths(millionths),
        most=None if most is None else from_minor(most, voucher.currency),
    )


def until(moment: datetime | None, zone: ZoneInfo, language: str) -> str:
    """The last day, after a comma; empty: there is none."""
    if moment is None:
        return ""
    return _PARTS[language]["until"].format(day=last_day(moment, zone, language))


def last_day(moment: datetime, zone: ZoneInfo, language: str) -> str:
    day = (moment - timedelta(microseconds=1)).astimezone(zone)
    if language == GERMAN:
        return f"{day:%d.%m.%Y}"
    return f"{day.day} {day:%B %Y}"


def from_basket(amount: Decimal | None, currency: str, language: str) -> str:
    if amount is None:
        return ""
    return _PARTS[language]["basket"].format(amount=money(amount, currency, language))


def _decimal(text: str, language: str) -> str:
    if language != GERMAN:
        return text
    return text.translate(str.maketrans(",.", ".,"))
