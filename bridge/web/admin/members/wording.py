"""Entries of the book in the user's language: what :mod:`bridge.points.wording` says in English."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge.earning.waiting import DUE, FROZEN, HAPPENS, NO_DATE, UNDECIDED
from bridge.points.models import Place
from bridge.points.origins import Origin
from bridge.points.statement import Line
from bridge.programme.points import After
from bridge.web.speaking import _, lazy, speech

_A_MOMENT = datetime.resolution
_CHANGES = {
    "take_back_pending": lazy("%(minus)s pending, taken back"),
    "take_back": lazy("%(minus)s taken back"),
    "take_back_expired": lazy("%(points)s taken back that had expired"),
    "take_back_as_debt": lazy("%(points)s taken back that are owed now"),
    "take_back_forgiven": lazy("%(points)s taken back were spent; they are let go"),
    "ripen": lazy("%(points)s available now"),
    "expire": lazy("%(minus)s expired"),
    "spend": lazy("%(minus)s spent"),
    "reserve": lazy("%(minus)s held"),
    "capture": lazy("%(points)s that were held are spent"),
    "release": lazy("%(plus)s no longer held"),
    "restore": lazy("%(plus)s given back"),
    "spend_as_debt": lazy("%(points)s spent that are owed now"),
    "spend_forgiven": lazy("%(points)s spent that were not there; they are let go"),
    "restore_owed": lazy("%(points)s owed for it are given back"),
    "restore_forgiven": lazy("%(points)s let go before are taken back"),
    "settle_debt": lazy("%(minus)s paid for what was owed"),
    "move_debt": lazy("%(points)s owed: moved or paid"),
    "write_off": lazy("%(points)s written off"),
}
_PENDING = {
    ("move_out", True): lazy("%(minus)s pending moved away"),
    ("move_out", False): lazy("%(minus)s moved away"),
    ("move_in", True): lazy("%(plus)s pending moved here"),
    ("move_in", False): lazy("%(plus)s moved here"),
}
_SOURCES = {
    "merge": lazy("Members became one"),
    "split": lazy("A member was split"),
    "company": lazy("A company"),
    "activity": lazy("Activity"),
    "occasion": lazy("Occasion"),
    "campaign": lazy("Campaign"),
    "referral": lazy("Referral"),
    "partner": lazy("Partner"),
    "erasure": lazy("Erasure"),
}
_WAITS = {
    FROZEN: lazy("somebody to tell what a refund came to"),
    UNDECIDED: lazy("news from every store up to the day of the order"),
    DUE: lazy("the next round of the bridge"),
    NO_DATE: lazy("a day: none was told when it was imported"),
    HAPPENS[After.PLACED]: lazy("the order to be placed"),
    HAPPENS[After.PAID]: lazy("the order to be paid"),
    HAPPENS[After.COMPLETED]: lazy("the order to be complete"),
}
PLACES = {
    Place.PENDING: lazy("pending"),
    Place.AVAILABLE: lazy("available"),
    Place.RESERVED: lazy("reserved"),
    Place.DEBT: lazy("owed"),
    Place.ISSUED: lazy("issued"),
    Place.REDEEMED: lazy("redeemed"),
    Place.EXPIRED: lazy("expired"),
    Place.ADJUSTED: lazy("adjusted"),
    Place.MOVED: lazy("moved"),
}


def change(line: Line) -> str:
    """``+95 pending``."""
    points = speech().number(line.points)
    parts = {"points": points, "plus": f"+{points}", "minus": f"-{points}"}
    if line.source_kind == "freeze" and line.effect == "reserve":
        return _("%(minus)s held until somebody tells what a refund came to", **parts)
    is_pending = Place.PENDING in (line.debit, line.credit)
    told = _CHANGES.get(line.effect) or _PENDING.get((line.effect, is_pending))
    return str(told) % parts if told is not None else _gained(line, parts)


def _gained(line: Line, parts: dict[str, str]) -> str:
    if line.debit is Place.DEBT:
        return _("%(minus)s owed", **parts)
    if line.debit is Place.AVAILABLE:
        return parts["minus"]
    if line.credit is Place.PENDING:
        return _("%(plus)s pending", **parts)
    return parts["plus"]


def source(origin: Origin, line: Line | None = None) -> str:
    """What the points come from, or what made them move: ``Order 000000012 in shop-de``."""
    if origin.kind in ("order", "freeze"):
        return _order(origin, line)
    why: dict[str, Any] = dict(line.why) if line is not None else {}
    if origin.kind == "voucher" and why.get("basket"):
        return _("Basket (%(key)s)", key=why.get("code") or f"#{origin.id}")
    if origin.kind == "voucher":
        return _("Voucher %(code)s", code=why.get("code") or f"#{origin.id}")
    if origin.kind == "reward":
        return _("Reward %(name)s", name=why.get("reward") or f"#{origin.id}")
    if origin.kind == "adjustment":
        return _with(_("Adjustment"), str(why.get("reason") or ""))
    if origin.kind == "import":
        return _with(_("Opening balance"), str(why.get("note") or ""))
    told = _SOURCES.get(origin.kind)
    detail = origin.id.replace("/", " ").strip()
    name = str(told) if told is not None else origin.kind.capitalize()
    return _with(name, detail if not origin.store else f"{detail}, {origin.store}")


def _order(origin: Origin, line: Line | None) -> str:
    number = origin.number or origin.id
    if not origin.store:
        told = _("Order %(number)s", number=number)
    else:
        told = _("Order %(number)s in %(store)s", number=number, store=origin.store)
    if line is None:
        return told
    if line.source_line == "shipping":
        return _("%(order)s, shipping", order=told)
    if line.source_line in origin.lines:
        pieces, sku = origin.lines[line.source_line]
        return f"{told}, {pieces} \N{MULTIPLICATION SIGN} {sku}"
    return told


def _with(name: str, detail: str) -> str:
    if detail.isdecimal():
        return f"{name} #{detail}"
    return f"{name}: {detail}" if detail else name


def waits_for(text: str, ripens_at: datetime | None) -> str:
    """What :func:`bridge.earning.waiting.waits_for` says of a lot."""
    if text in _WAITS:
        return str(_WAITS[text])
    return speech().moment(ripens_at) if ripens_at is not None else text


def last_day(until: datetime | None, zone: ZoneInfo) -> str:
    """The last day on which it holds; empty: it has no end."""
    if until is None:
        return ""
    return speech().day((until - _A_MOMENT).astimezone(zone).date())
