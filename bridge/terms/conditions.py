"""For whom, for what and for how long something holds, in whole sentences. Pure.

What is internal is told without its name: segments, companies, groups, SKUs, stores.
"""

from __future__ import annotations

from datetime import date

from bridge.programme.document import Programme
from bridge.programme.earning_rules import EarningRule, When
from bridge.programme.giving import Lasting, Offer, Who
from bridge.terms.voice import Voice

_ANY = ("*",)


def is_told(starts: date | None, until: date | None, today: date) -> bool:
    """What is over is not; what is to come is announced."""
    return until is None or today <= until


def of_rule(v: Voice, rule: EarningRule, programme: Programme) -> str:
    """All sentences on when an earning rule holds."""
    when = rule.when
    return v.text(
        _members(v, when, programme, is_for_some=rule.share < 100) if when else _some(v, rule),
        *(_lines(v, when) if when else ()),
        _stores(v, bool(when and when.store)),
        days(v, rule.starts, rule.until),
    )


def of_offer(v: Voice, offer: Offer, programme: Programme) -> str:
    return v.text(
        _members(v, offer.when, programme) if offer.when else "",
        _stores(v, bool(offer.stores)),
        days(v, offer.starts, offer.until),
    )


def days(v: Voice, first: date | None, last: date | None) -> str:
    _ = v.speech.text
    if first is not None and last is not None:
        return _("From %(first)s to %(last)s.", first=v.day(first), last=v.day(last))
    if first is not None:
        return _("From %(day)s on.", day=v.day(first))
    return "" if last is None else _("Until %(day)s.", day=v.day(last))


def lasting(v: Voice, valid: Lasting) -> str:
    """How long a voucher can be used."""
    ngettext = v.speech.count
    if valid.days is not None:
        return ngettext(
            "The voucher can be used for %(number)s day.",
            "The voucher can be used for %(number)s days.",
            valid.days,
        )
    return ngettext(
        "The voucher can be used for %(number)s month.",
        "The voucher can be used for %(number)s months.",
        valid.months or 0,
    )


def _some(v: Voice, rule: EarningRule) -> str:
    _ = v.speech.text
    return _("Only for selected members.") if rule.share < 100 else ""


def _members(v: Voice, when: When | Who, programme: Programme, *, is_for_some: bool = False) -> str:
    _ = v.speech.text
    said = ""
    if when.group or when.segment or is_for_some or when.company not in ((), _ANY):
        said = _("Only for selected members.")
    elif when.company:
        said = _("Only for members who buy for a company.")
    names = [programme.tiers[key].name for key in when.tier if key in programme.tiers]
    if when.tier:
        told = _("Only for these levels: %(names)s.", names=v.either(names))
        return v.text(said, told)
    return said


def _lines(v: Voice, when: When) -> list[str]:
    _ = v.speech.text
    said = []
    if when.category:
        names = v.either([category_name(one) for one in when.category])
        said.append(_("Only for products in these categories: %(names)s.", names=names))
    if when.sku:
        said.append(_("Only for selected products."))
    if when.exclude:
        said.append(_("Some products are excluded."))
    if when.worth is not None:
        said.append(_("Only from a value of %(amount)s on.", amount=v.money(when.worth)))
    return said


def _stores(v: Voice, is_for_some: bool) -> str:
    _ = v.speech.text
    return _("Only in some of our shops.") if is_for_some else ""


def category_name(said: str) -> str:
    """The last part of a path, as customers know it from the menu."""
    return said.rpartition("/")[2].strip()
