"""How points are earned: each rule in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from fractions import Fraction

from bridge.programme.document import Programme
from bridge.programme.earning_rules import Discounts, EarningRule, PointsBasis
from bridge.programme.points import Guests, PointsSettings, RoundPer, RoundTo
from bridge.terms.blocks import Block, Bullets, Section, paragraph
from bridge.terms.conditions import category_name, is_told, of_rule
from bridge.terms.voice import Voice, lazy
from connectors.base import Basis


def section(v: Voice, programme: Programme, today: date) -> Section | None:
    """``None``: the programme gives no points."""
    _ = v.speech.text
    points = programme.points
    if points is None:
        return None
    items = [
        (v.text(said, _own_basis(v, rule, points), of_rule(v, rule, programme)),)
        for rule in points.rules.values()
        if is_told(rule.starts, rule.until, today)
        for said in rule_sentences(v, rule)
    ]
    if not items:
        return None
    blocks: list[Block] = [paragraph(_("You earn points like this:")), Bullets(tuple(items))]
    blocks += [
        paragraph(*part, gap=v.gap)
        for part in (_amounts(v, programme, points), _limits(v, points), _excluded(v, points))
        if part
    ]
    return Section("earning", _("Earning points"), tuple(blocks))


def rule_sentences(v: Voice, rule: EarningRule) -> list[str]:
    """What a rule gives, without its conditions; one for each step of it."""
    if rule.kind in _PLAIN:
        points = v.counted(getattr(rule, rule.kind))
        return [v.speech.text(_PLAIN[rule.kind], points=points)]
    return list(_TOLD[rule.kind](v, rule))


# --- rules ---------------------------------------------------------------------------------

_PLAIN = {
    "per_item": lazy("%(points)s for each piece."),
    "per_order": lazy("%(points)s for each order."),
    "first_order": lazy("%(points)s for your first order."),
    "review": lazy("%(points)s for reviewing a product."),
    "newsletter": lazy("%(points)s for subscribing to our newsletter."),
    "sign_up": lazy("%(points)s for joining."),
    "birthday": lazy("%(points)s on your birthday."),
}
"""What is a number of points and nothing else."""


def _per_amount(v: Voice, rule: EarningRule) -> Iterator[str]:
    """In whole points: 1.5 for each 10 is 3 for each 20."""
    _, given = v.speech.text, rule.per_amount
    assert given is not None
    scale = Fraction(given.points).denominator
    points = v.counted(int(given.points * scale))
    yield _("%(points)s for each %(amount)s.", points=points, amount=v.money(given.each * scale))


def _together(v: Voice, rule: EarningRule) -> Iterator[str]:
    _, given = v.speech.text, rule.bought_together
    assert given is not None
    points = v.counted(given.points)
    yield _("%(points)s for certain products that are bought together.", points=points)


def _multiplied(v: Voice, rule: EarningRule) -> Iterator[str]:
    _ = v.speech.text
    yield _("The points are multiplied by %(factor)s.", factor=v.speech.number(rule.multiply or 0))


def _nothing(v: Voice, rule: EarningRule) -> Iterator[str]:
    _ = v.speech.text
    yield _("No points are given.")


def _nth(v: Voice, rule: EarningRule) -> Iterator[str]:
    _, ngettext, given = v.speech.text, v.speech.count, rule.nth_order
    assert given is not None
    points = v.counted(given.points)
    if given.every is not None:
        yield ngettext(
            "%(points)s for every order.",
            "%(points)s each time %(number)s orders are full.",
            given.every,
            points=points,
        )
    else:
        number = v.speech.number(given.n or 0)
        yield _("%(points)s for your order number %(number)s.", points=points, number=number)


def _order_steps(v: Voice, rule: EarningRule) -> Iterator[str]:
    ngettext = v.speech.count
    for step in rule.order_steps:
        yield ngettext(
            "%(points)s once you have placed %(number)s order.",
            "%(points)s once you have placed %(number)s orders.",
            int(step.at),
            points=v.counted(step.points),
        )


def _item_steps(v: Voice, rule: EarningRule) -> Iterator[str]:
    ngettext = v.speech.count
    for step in rule.item_steps:
        yield ngettext(
            "%(points)s once you have bought %(number)s piece.",
            "%(points)s once you have bought %(number)s pieces.",
            int(step.at),
            points=v.counted(step.points),
        )


def _spend_steps(v: Voice, rule: EarningRule) -> Iterator[str]:
    _ = v.speech.text
    for step in rule.spend_steps:
        points, amount = v.counted(step.points), v.money(step.at)
        yield _("%(points)s once you have spent %(amount)s in all.", points=points, amount=amount)


def _activity(v: Voice, rule: EarningRule) -> Iterator[str]:
    _, given = v.speech.text, rule.activity
    assert given is not None
    points = v.counted(given.points)
    yield _("%(points)s for something else that we announce.", points=points)


def _years(v: Voice, rule: EarningRule) -> Iterator[str]:
    ngettext, given = v.speech.count, rule.membership_years
    assert given is not None
    yield ngettext(
        "%(points)s each year on the day on which you joined.",
        "%(points)s every %(number)s years on the day on which you joined.",
        given.every,
        points=v.counted(given.points),
    )


def _calendar(v: Voice, rule: EarningRule) -> Iterator[str]:
    _, given = v.speech.text, rule.calendar
    assert given is not None
    points, day = v.counted(given.points), v.day_of_year(given.day)
    yield _("%(points)s each year on %(day)s.", points=points, day=day)


_TOLD: dict[str, Callable[[Voice, EarningRule], Iterator[str]]] = {
    "per_amount": _per_amount,
    "bought_together": _together,
    "multiply": _multiplied,
    "nothing": _nothing,
    "nth_order": _nth,
    "order_steps": _order_steps,
    "item_steps": _item_steps,
    "spend_steps": _spend_steps,
    "activity": _activity,
    "membership_years": _years,
    "calendar": _calendar,
}


# --- what holds for all rules --------------------------------------------------------------

_SIDES = {
    Basis.NET: lazy("Amounts count without tax."),
    Basis.GROSS: lazy("Amounts count with tax."),
}
_DISCOUNTS = {
    Discounts.AFTER: lazy("Discounts are taken off first."),
    Discounts.BEFORE: lazy("Discounts are not taken off."),
}
_SHIPPING = {
    True: lazy("Shipping costs count too."),
    False: lazy("Shipping costs do not count."),
}
_ROUND = {
    RoundTo.DOWN: lazy("Fractions of points are rounded down."),
    RoundTo.NEAREST: lazy("Fractions of points are rounded to the nearest whole point."),
    RoundTo.UP: lazy("Fractions of points are rounded up."),
}
_PER = {
    RoundPer.LINE: lazy("That is done for each item of an order."),
    RoundPer.ORDER: lazy("That is done once for the whole order."),
}
_GUESTS = {
    Guests.IGNORE: lazy("Orders that you place as a guest earn no points."),
    Guests.COLLECT: lazy(
        "Orders that you place as a guest earn points as soon as you have an account and have "
        "confirmed the same e-mail address."
    ),
}


def _amounts(v: Voice, programme: Programme, points: PointsSettings) -> list[str]:
    """Only where something is earned for an amount."""
    _ = v.speech.text
    if not any(rule.per_amount for rule in points.rules.values()):
        return []
    basis = points.basis
    said = [_side(v, basis), _(_DISCOUNTS[basis.discounts]), _(_SHIPPING[basis.shipping])]
    said += [_(_ROUND[points.rounding.to]), _(_PER[points.rounding.per])]
    if programme.rates:
        said.append(_("Amounts in other currencies are converted at a rate that we set."))
    return said


def _side(v: Voice, basis: PointsBasis) -> str:
    return v.speech.text(_SIDES[basis.side])


def _own_basis(v: Voice, rule: EarningRule, points: PointsSettings) -> str:
    """What a rule counts otherwise than all others."""
    _, own, usual = v.speech.text, points.basis_of(rule), points.basis
    return v.text(
        _side(v, own) if own.side is not usual.side else "",
        _(_DISCOUNTS[own.discounts]) if own.discounts is not usual.discounts else "",
        _(_SHIPPING[own.shipping]) if own.shipping is not usual.shipping else "",
    )


def _limits(v: Voice, points: PointsSettings) -> list[str]:
    _, caps, said = v.speech.text, points.caps, []
    if caps.order is not None:
        said.append(_("At most %(points)s for one order.", points=v.counted(caps.order)))
    if caps.day is not None:
        said.append(_("At most %(points)s on one day.", points=v.counted(caps.day)))
    if caps.member is not None:
        said.append(_("At most %(points)s in all.", points=v.counted(caps.member)))
    return said


def _excluded(v: Voice, points: PointsSettings) -> list[str]:
    _, never = v.speech.text, points.exclude
    said = [_(_GUESTS[points.guests])]
    if never.category:
        names = v.either([category_name(one) for one in never.category])
        said.append(_("Products in these categories earn no points: %(names)s.", names=names))
    if never.sku:
        said.append(_("Some products earn no points."))
    if never.group:
        said.append(_("Customers of some groups earn no points."))
    return said
