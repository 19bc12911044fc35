"""When points can be used, when they expire, what they are worth, and what returns do. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.programme.document import Programme
from bridge.programme.points import After, CountedFrom, Debt, Expiry, PointsSettings, Ripening
from bridge.programme.rewards import Redemption, Returned
from bridge.terms.blocks import Section, paragraph
from bridge.terms.conditions import lasting, of_offer
from bridge.terms.voice import Voice, lazy


def validity(v: Voice, programme: Programme) -> Section | None:
    _, points = v.speech.text, programme.points
    if points is None or not points.rules:
        return None
    said = paragraph(_ripening(v, points.ripen), _expiry(v, points.expire), gap=v.gap)
    return Section("validity", _("When points can be used and when they expire"), (said,))


def redeeming(v: Voice, programme: Programme) -> Section | None:
    _, redemption = v.speech.text, programme.redemption
    if redemption is None:
        return None
    said = paragraph(*_redemption(v, redemption, programme), gap=v.gap)
    return Section("redeeming", _("What points are worth"), (said,))


def returns(v: Voice, programme: Programme) -> Section | None:
    _ = v.speech.text
    said = [*_taken_back(v, programme.points), *_given_back(v, programme.redemption)]
    if not said:
        return None
    return Section("returns", _("Cancellations and returns"), (paragraph(*said, gap=v.gap),))


# --- when ----------------------------------------------------------------------------------

_AT_ONCE = {
    After.PLACED: lazy("Points can be used as soon as the order is placed."),
    After.PAID: lazy("Points can be used as soon as the order is paid."),
    After.COMPLETED: lazy("Points can be used as soon as the order is complete."),
}


def _ripening(v: Voice, ripen: Ripening) -> str:
    _, ngettext = v.speech.text, v.speech.count
    if not ripen.days:
        return _(_AT_ONCE[ripen.after])
    if ripen.after is After.PLACED:
        return ngettext(
            "Points can be used %(number)s day after the order was placed.",
            "Points can be used %(number)s days after the order was placed.",
            ripen.days,
        )
    if ripen.after is After.PAID:
        return ngettext(
            "Points can be used %(number)s day after the order was paid.",
            "Points can be used %(number)s days after the order was paid.",
            ripen.days,
        )
    return ngettext(
        "Points can be used %(number)s day after the order was complete.",
        "Points can be used %(number)s days after the order was complete.",
        ripen.days,
    )


_FROM = {
    CountedFrom.AVAILABLE: lazy("It is counted from the day on which they can be used."),
    CountedFrom.EARNED: lazy("It is counted from the day on which they are earned."),
}


def _expiry(v: Voice, expire: Expiry | None) -> str:
    _, ngettext = v.speech.text, v.speech.count
    if expire is None:
        return _("Points do not expire.")
    counted = _(_FROM[expire.counted_from])
    if expire.months is not None:
        said = ngettext(
            "Points expire after %(number)s month.",
            "Points expire after %(number)s months.",
            expire.months,
        )
    elif expire.days is not None:
        said = ngettext(
            "Points expire after %(number)s day.",
            "Points expire after %(number)s days.",
            expire.days,
        )
    else:
        said = _yearly(v, expire)
    return v.text(said, counted)


def _yearly(v: Voice, expire: Expiry) -> str:
    _, ngettext = v.speech.text, v.speech.count
    day = v.day_of_year(expire.yearly or "")
    if not expire.after_years:
        return _("Points expire at the end of the next %(day)s.", day=day)
    return ngettext(
        "Points expire at the end of %(day)s. The first such day is let pass.",
        "Points expire at the end of %(day)s. The first %(number)s such days are let pass.",
        expire.after_years,
        day=day,
    )


# --- what for ------------------------------------------------------------------------------


def _redemption(v: Voice, redemption: Redemption, programme: Programme) -> Iterator[str]:
    _, ngettext = v.speech.text, v.speech.count
    rate = redemption.rate
    yield ngettext(
        "%(points)s is worth %(amount)s.",
        "%(points)s are worth %(amount)s.",
        rate.points,
        points=v.counted(rate.points),
        amount=v.money(rate.amount),
    )
    yield _("You exchange points for vouchers.")
    yield _faces(v, redemption)
    if redemption.minimum is not None:
        yield _("A voucher is worth at least %(amount)s.", amount=v.money(redemption.minimum))
    if redemption.maximum is not None:
        yield _("A voucher is worth at most %(amount)s.", amount=v.money(redemption.maximum))
    if redemption.of_order is not None:
        share = v.percent(redemption.of_order)
        yield _("A voucher pays at most %(share)s of an order.", share=share)
    yield _("A voucher holds in one shop and can be used once.")
    yield lasting(v, redemption.valid)
    if redemption.automatic is not None:
        points = v.counted(redemption.automatic.points)
        yield _(
            "As soon as you have %(points)s, they become a voucher by themselves.", points=points
        )
    yield of_offer(v, redemption, programme)


def _faces(v: Voice, redemption: Redemption) -> str:
    _ = v.speech.text
    if redemption.step is not None:
        return _("Vouchers come in steps of %(amount)s.", amount=v.money(redemption.step))
    amounts = v.either([v.money(value) for value in redemption.values])
    return _("There are vouchers for %(amounts)s.", amounts=amounts)


# --- and back ------------------------------------------------------------------------------

_RETURNED = {
    Returned.SHARE: lazy(
        "If you return goods that a voucher paid for, you get back the same share of its points."
    ),
    Returned.WHOLE: lazy(
        "If you return everything that a voucher paid for, you get back its points."
    ),
    Returned.NEVER: lazy(
        "If you return goods that a voucher paid for, you do not get back its points."
    ),
}


def _taken_back(v: Voice, points: PointsSettings | None) -> Iterator[str]:
    _ = v.speech.text
    if points is None or not points.rules:
        return
    yield _("If an order is cancelled or goods are returned, the points for them are taken back.")
    if points.debt is Debt.CARRY:
        yield _("If you have used them already, they are taken from points that you earn later.")
    else:
        yield _("If you have used them already, you owe nothing.")


def _given_back(v: Voice, redemption: Redemption | None) -> Iterator[str]:
    _ = v.speech.text
    if redemption is None:
        return
    if redemption.cancelled_gives_back:
        yield _("If an order that a voucher paid for is cancelled, you get back its points.")
    else:
        yield _("If an order that a voucher paid for is cancelled, you do not get back its points.")
    yield _(_RETURNED[redemption.returned])
