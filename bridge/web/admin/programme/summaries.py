"""What sections say that are one entry, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bridge.programme.document import Programme
from bridge.programme.giving import Lasting
from bridge.programme.points import After, CountedFrom, Debt, Guests, PointsSettings
from bridge.programme.rewards import Joining, Redemption, Referrals, Returned
from bridge.web.admin.programme.sentences import give_words, points_words
from bridge.web.speaking import _, lazy, ngettext, speech
from connectors.base import Basis

_SIDES = {Basis.NET: lazy("net: without tax"), Basis.GROSS: lazy("gross: with tax")}
_AFTER = {
    After.COMPLETED: lazy("Points can be spent %(days)s after the order is complete."),
    After.PAID: lazy("Points can be spent %(days)s after the order is paid."),
    After.PLACED: lazy("Points can be spent %(days)s after the order is placed."),
}
_AT_ONCE = {
    After.COMPLETED: lazy("Points can be spent as soon as the order is complete."),
    After.PAID: lazy("Points can be spent as soon as the order is paid."),
    After.PLACED: lazy("Points can be spent as soon as the order is placed."),
}
_RETURNED = {
    Returned.SHARE: lazy("What is returned gives back its share of the points."),
    Returned.WHOLE: lazy("Points come back when all of an order is returned."),
    Returned.NEVER: lazy("Points spent on what is returned are lost."),
}


def summary(section: str, programme: Programme) -> list[str]:
    """Empty: the section says nothing."""
    return list(_SECTIONS[section](programme))


def _general(programme: Programme) -> Iterator[str]:
    yield programme.name
    yield _("Amounts are in %(currency)s.", currency=programme.currency)
    yield _("Prices are %(side)s.", side=_SIDES[programme.prices_are])
    yield _("Days begin and end in %(zone)s.", zone=programme.timezone)
    if programme.identity.link_unconfirmed:
        yield _("Unconfirmed e-mail addresses link customers, too.")


def _points(programme: Programme) -> Iterator[str]:
    settings = programme.points
    if settings is None:
        return
    if settings.name != "points":
        yield _("They are called “%(name)s”.", name=settings.name)
    yield _("Amounts count %(side)s.", side=_SIDES[settings.basis.side])
    if settings.ripen.days:
        yield str(_AFTER[settings.ripen.after]) % {"days": _days(settings.ripen.days)}
    else:
        yield str(_AT_ONCE[settings.ripen.after])
    yield _expiry(settings)
    yield from _caps(settings)
    if settings.exclude != type(settings.exclude)():
        left_out = (*settings.exclude.group, *settings.exclude.category, *settings.exclude.sku)
        yield _("Nothing is earned by and for: %(what)s.", what=", ".join(left_out))
    if settings.guests is Guests.COLLECT:
        yield _("Orders of guests earn for who confirms the address later.")
    if settings.debt is Debt.FORGIVE:
        yield _("What a refund takes back beyond what is there is forgiven.")


def _caps(settings: PointsSettings) -> Iterator[str]:
    caps = settings.caps
    if caps.order is not None:
        yield _("At most %(points)s an order.", points=points_words(caps.order))
    if caps.day is not None:
        yield _("At most %(points)s a member and day.", points=points_words(caps.day))
    if caps.member is not None:
        yield _("At most %(points)s a member ever.", points=points_words(caps.member))


def _expiry(settings: PointsSettings) -> str:
    expire = settings.expire
    if expire is None:
        return _("Points are never lost.")
    if expire.yearly is not None:
        if expire.after_years == 1:
            return _("Points are lost on the next %(day)s.", day=expire.yearly)
        years = speech().number(expire.after_years)
        return _("Points are lost on %(day)s, %(years)s years on.", day=expire.yearly, years=years)
    span = _span(Lasting(days=expire.days, months=expire.months))
    if expire.counted_from is CountedFrom.EARNED:
        return _("Points are lost %(span)s after they were earned.", span=span)
    return _("Points are lost %(span)s after they can be spent.", span=span)


def _redemption(programme: Programme) -> Iterator[str]:
    found = programme.redemption
    if found is None:
        return
    say, currency = speech(), programme.currency
    yield _(
        "%(points)s are worth %(amount)s.",
        points=points_words(found.rate.points),
        amount=say.money(found.rate.amount, currency),
    )
    if found.step is not None:
        yield _(
            "A voucher is worth any multiple of %(amount)s.", amount=say.money(found.step, currency)
        )
    else:
        values = ", ".join(say.money(one, currency) for one in found.values)
        yield _("A voucher is worth one of: %(values)s.", values=values)
    yield from _bounds(found, currency)
    yield _("It is valid for %(span)s.", span=_span(found.valid))
    if found.automatic is not None:
        points = points_words(found.automatic.points)
        yield _("Full %(points)s become a voucher by themselves.", points=points)
    yield str(_RETURNED[found.returned])
    if not found.cancelled_gives_back:
        yield _("Points spent on an order that is cancelled are lost.")


def _bounds(found: Redemption, currency: str) -> Iterator[str]:
    say = speech()
    if found.minimum is not None:
        yield _("At least %(amount)s.", amount=say.money(found.minimum, currency))
    if found.maximum is not None:
        yield _("At most %(amount)s.", amount=say.money(found.maximum, currency))
    if found.of_order is not None:
        yield _("At most %(percent)s %% of an order.", percent=say.number(found.of_order))


def _referrals(programme: Programme) -> Iterator[str]:
    found = programme.referrals
    if found is None:
        return
    say, currency = speech(), programme.currency
    friend = give_words(found.friend.give, currency)
    yield _("The friend gets %(what)s for the first purchase.", what=friend)
    if found.friend.basket is not None:
        yield _(
            "It can be used from %(amount)s on.", amount=say.money(found.friend.basket, currency)
        )
    yield _("The member gets %(what)s.", what=give_words(found.referrer, currency))
    yield from _conditions(found, currency)


def _conditions(found: Referrals, currency: str) -> Iterator[str]:
    if found.order is not None:
        amount = speech().money(found.order, currency)
        yield _("The friend's first order has to be worth %(amount)s.", amount=amount)
    if found.after_days:
        days = _days(found.after_days)
        yield _("That order has to be complete, and its return period of %(days)s over.", days=days)
    else:
        yield _("That order has to be complete.")
    most = speech().number(found.most_a_month)
    yield _("More than %(most)s thanks in thirty days wait for a person.", most=most)
    if found.stores:
        yield _("It holds in: %(stores)s.", stores=", ".join(found.stores))


def _joining(programme: Programme) -> Iterator[str]:
    found: Joining | None = programme.joining
    if found is None:
        return
    if found.invited:
        yield _("Only whom a person took in takes part.")
    if found.product is not None:
        months = ngettext("%(number)s month", "%(number)s months", found.product.months)
        yield _(
            "Who bought %(sku)s takes part for %(months)s.", sku=found.product.sku, months=months
        )
    if found.when is not None:
        who = found.when
        named = (*who.group, *who.segment, *who.tier, *who.company)
        yield _("Who is in one of these takes part: %(who)s.", who=", ".join(named))


def _span(span: Lasting) -> str:
    if span.months is not None:
        return ngettext("%(number)s month", "%(number)s months", span.months)
    return _days(span.days or 0)


def _days(days: int) -> str:
    return ngettext("%(number)s day", "%(number)s days", days)


_SECTIONS: dict[str, Callable[[Programme], Iterator[str]]] = {
    "general": _general,
    "points": _points,
    "redemption": _redemption,
    "referrals": _referrals,
    "joining": _joining,
}
