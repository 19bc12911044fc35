"""What rules and rewards give, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from bridge.programme.earning_rules import EarningRule, StepUp
from bridge.programme.giving import Give
from bridge.programme.loyalty import Reach
from bridge.web.speaking import _, lazy, ngettext, speech


def give_words(give: Give, currency: str) -> str:
    say = speech()
    if give.points is not None:
        return points_words(give.points)
    if give.amount is not None:
        return _("a voucher of %(amount)s", amount=say.money(give.amount, currency))
    percent = say.number(give.percent or give.share or Decimal(0))
    most = "" if give.maximum is None else say.money(give.maximum, currency)
    if give.share is not None:
        if most:
            return _(
                "%(percent)s %% of the order back, at most %(most)s", percent=percent, most=most
            )
        return _("%(percent)s %% of the order back", percent=percent)
    off = _("%(percent)s %% off", percent=percent)
    return _("%(what)s, at most %(most)s", what=off, most=most) if most else off


def points_words(points: int) -> str:
    return ngettext("%(number)s point", "%(number)s points", points)


def reach_words(reach: Reach, currency: str) -> str:
    say, parts = speech(), []
    if reach.spend is not None:
        parts.append(_("%(amount)s spent", amount=say.money(reach.spend, currency)))
    if reach.orders is not None:
        parts.append(ngettext("%(number)s order", "%(number)s orders", reach.orders))
    if reach.items is not None:
        parts.append(ngettext("%(number)s piece", "%(number)s pieces", reach.items))
    if reach.membership_months is not None:
        months = reach.membership_months
        parts.append(ngettext("%(number)s month a member", "%(number)s months a member", months))
    return " + ".join(parts)


def rule_words(rule: EarningRule, currency: str) -> str:
    """What a rule gives, without its conditions."""
    if rule.kind in _PLAIN:
        return str(_PLAIN[rule.kind] % {"points": points_words(getattr(rule, rule.kind))})
    return _WORDS[rule.kind](rule, currency)


def _per_amount(rule: EarningRule, currency: str) -> str:
    assert rule.per_amount is not None
    given, amount = rule.per_amount.points, speech().money(rule.per_amount.each, currency)
    if given == int(given):
        return _("%(points)s for each %(amount)s", points=points_words(int(given)), amount=amount)
    points = speech().number(given)
    return _("%(points)s points for each %(amount)s", points=points, amount=amount)


def _nth(rule: EarningRule, currency: str) -> str:
    assert rule.nth_order is not None
    points = points_words(rule.nth_order.points)
    if rule.nth_order.every is not None:
        count = speech().number(rule.nth_order.every)
        return _("%(points)s each time %(count)s orders are full", points=points, count=count)
    number = speech().number(rule.nth_order.n or 0)
    return _("%(points)s for order number %(number)s", points=points, number=number)


def _steps(steps: tuple[StepUp, ...], unit: Callable[[Decimal], str]) -> str:
    return ", ".join(
        _("%(points)s at %(what)s", points=points_words(one.points), what=unit(one.at))
        for one in steps
    )


def _years(rule: EarningRule, currency: str) -> str:
    assert rule.membership_years is not None
    points = points_words(rule.membership_years.points)
    every = rule.membership_years.every
    if every == 1:
        return _("%(points)s each year on the day of joining", points=points)
    years = speech().number(every)
    return _("%(points)s every %(years)s years on the day of joining", points=points, years=years)


def _together(rule: EarningRule, currency: str) -> str:
    assert rule.bought_together is not None
    what = ", ".join((*rule.bought_together.sku, *rule.bought_together.category))
    points = points_words(rule.bought_together.points)
    return _("%(points)s for %(what)s bought together", points=points, what=what)


def _calendar(rule: EarningRule, currency: str) -> str:
    assert rule.calendar is not None
    points = points_words(rule.calendar.points)
    return _("%(points)s each year on %(day)s", points=points, day=rule.calendar.day)


def _activity(rule: EarningRule, currency: str) -> str:
    assert rule.activity is not None
    points = points_words(rule.activity.points)
    return _("%(points)s for “%(what)s”", points=points, what=rule.activity.name)


def _multiply(rule: EarningRule, currency: str) -> str:
    return _("%(factor)s times the points", factor=speech().number(rule.multiply or 0))


_PLAIN = {
    "per_item": lazy("%(points)s for each piece"),
    "per_order": lazy("%(points)s for each order"),
    "first_order": lazy("%(points)s for the first order"),
    "review": lazy("%(points)s for a review"),
    "newsletter": lazy("%(points)s for the newsletter"),
    "sign_up": lazy("%(points)s for joining"),
    "birthday": lazy("%(points)s for the birthday"),
}
"""What is a number of points and nothing else."""
_WORDS: dict[str, Callable[[EarningRule, str], str]] = {
    "per_amount": _per_amount,
    "bought_together": _together,
    "multiply": _multiply,
    "nothing": lambda rule, _c: _("no points"),
    "nth_order": _nth,
    "order_steps": lambda rule, _c: _steps(
        rule.order_steps, lambda at: ngettext("%(number)s order", "%(number)s orders", int(at))
    ),
    "item_steps": lambda rule, _c: _steps(
        rule.item_steps, lambda at: ngettext("%(number)s piece", "%(number)s pieces", int(at))
    ),
    "spend_steps": lambda rule, currency: _steps(
        rule.spend_steps, lambda at: _("%(amount)s spent", amount=speech().money(at, currency))
    ),
    "activity": _activity,
    "membership_years": _years,
    "calendar": _calendar,
}
