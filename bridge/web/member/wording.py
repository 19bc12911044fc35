"""Entries of the book in a member's words: what :mod:`bridge.points.wording` says to the staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_of
from bridge.points.models import Place
from bridge.points.origins import Origin
from bridge.points.statement import Line
from bridge.web.speaking import _, lazy, speech

_A_MOMENT = datetime.resolution
_WHAT: dict[str, Any] = {
    "take_back_pending": lazy("Taken back before they could be spent"),
    "take_back": lazy("Taken back"),
    "take_back_expired": lazy("Taken back; they had expired"),
    "take_back_as_debt": lazy("Taken back; you owe them now"),
    "take_back_forgiven": lazy("You had spent them; you owe nothing"),
    "ripen": lazy("You can spend them now"),
    "expire": lazy("Expired"),
    "spend": lazy("Spent"),
    "reserve": lazy("Held"),
    "capture": lazy("Spent; they were held"),
    "release": lazy("No longer held"),
    "restore": lazy("Given back"),
    "spend_as_debt": lazy("Spent; you owe them now"),
    "spend_forgiven": lazy("You had spent them; you owe nothing"),
    "restore_owed": lazy("You do not owe them any more"),
    "restore_forgiven": lazy("Taken back"),
    "settle_debt": lazy("They pay for what you owed"),
    "move_out": lazy("Moved to another account"),
    "move_in": lazy("Moved here from another account"),
    "move_debt": lazy("What was owed was moved or paid"),
}
_WHENCE: dict[str, Any] = {
    "merge": lazy("Your accounts were joined"),
    "split": lazy("Accounts were parted"),
    "company": lazy("Your company"),
    "activity": lazy("For what you did"),
    "occasion": lazy("A gift for an occasion"),
    "campaign": lazy("A gift from us"),
    "referral": lazy("For a recommendation"),
    "partner": lazy("For an order through you"),
}
_OTHERWISE = lazy("Points")


@dataclass(frozen=True, slots=True)
class Said:
    """An entry, as its owner reads it."""

    id: int
    at: datetime
    whence: str
    """``Order 000000012``."""
    detail: str
    """Of an order: pieces and article; else what somebody wrote about it."""
    what: str
    """What became of the points."""
    points: str
    """``+95``; without a sign where what can be spent stays as it was."""
    change: int
    """Of what can be spent."""


def said(line: Line, origin: Origin) -> Said:
    points = speech().signed(line.change) if line.change else speech().number(line.points)
    return Said(
        line.id,
        line.at,
        _whence(origin, line),
        _detail(origin, line),
        _what(line),
        points,
        line.change,
    )


def _what(line: Line) -> str:
    if line.source_kind == "freeze" and line.effect == "reserve":
        return _("Held until we know how much of the order was given back")
    told = _WHAT.get(line.effect)
    if told is not None:
        return str(told)
    if line.debit is Place.DEBT or line.debit is Place.AVAILABLE:
        return _("Taken")
    return _("You can spend them later") if line.credit is Place.PENDING else _("For you")


def _whence(origin: Origin, line: Line) -> str:
    if origin.kind in ("order", "freeze"):
        return _("Order %(number)s", number=origin.number or origin.id)
    if origin.kind == "voucher" and line.why.get("basket"):
        return _("In the basket")
    if origin.kind == "voucher":
        return _("Voucher %(code)s", code=line.why.get("code") or f"#{origin.id}")
    if origin.kind == "reward":
        return _("Reward: %(name)s", name=line.why.get("reward") or f"#{origin.id}")
    if origin.kind == "adjustment":
        return _("From our staff")
    if origin.kind == "import":
        return _("Points from before")
    return str(_WHENCE.get(origin.kind, _OTHERWISE))


def _detail(origin: Origin, line: Line) -> str:
    if origin.kind in ("order", "freeze"):
        if line.source_line == "shipping":
            return _("Shipping")
        pieces, name = origin.lines.get(line.source_line, ("", ""))
        return f"{pieces} \N{MULTIPLICATION SIGN} {name}" if pieces else ""
    if origin.kind == "adjustment":
        return str(line.why.get("reason") or "")
    return ""


def last_day(until: datetime | None, zone: ZoneInfo) -> date | None:
    """On which it still holds; ``None``: it has no end."""
    return None if until is None else day_of(until - _A_MOMENT, zone)
