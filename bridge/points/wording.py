"""Entries in the words of those who read them. Pure."""

from __future__ import annotations

from bridge.points.models import Place
from bridge.points.origins import Origin
from bridge.points.statement import Line

_SHIPPING = "shipping"
"""The line id of what shipping earned (:data:`bridge.earning.facts.SHIPPING`)."""
_SAYS_NO_RULE = frozenset({"", "ripen"})

_WORDS = {
    "earn": "{gained}",
    "take_back_pending": "{lost} pending, taken back",
    "take_back": "{lost} taken back",
    "take_back_expired": "{points} taken back that had expired",
    "take_back_as_debt": "{points} taken back that are owed now",
    "take_back_forgiven": "{points} taken back were spent; they are let go",
    "ripen": "{points} available now",
    "expire": "{lost} expired",
    "spend": "{lost} spent",
    "reserve": "{lost} held",
    "capture": "{points} that were held are spent",
    "release": "+{points} no longer held",
    "restore": "+{points} given back",
    "spend_as_debt": "{points} spent that are owed now",
    "spend_forgiven": "{points} spent that were not there; they are let go",
    "restore_owed": "{points} owed for it are given back",
    "restore_forgiven": "{points} let go before are taken back",
    "settle_debt": "{lost} paid for what was owed",
    "write_off": "{points} written off",
    "move_out": "{lost}{pending} moved away",
    "move_in": "+{points}{pending} moved here",
    "move_debt": "{points} owed: moved or paid",
    "import": "{gained}",
    "adjust": "{gained}",
}
"""By effect. One that is not here is said by its own name."""

_MOVES = {"merge": "Members became one", "split": "A member was split", "company": "A company"}


def sentence(line: Line, origin: Origin) -> str:
    """``Order 000000012 in magento-de, 2 x B2B-1200: +95 (rule base)``."""
    rule = "" if line.rule in _SAYS_NO_RULE else f" (rule {line.rule})"
    return f"{source(origin, line)}: {_change(line)}{rule}"


def source(origin: Origin, line: Line | None = None) -> str:
    """What the points come from, or what made them move; with the order's line, where ``line``
    names one."""
    if origin.kind in ("order", "freeze"):
        text = f"Order {origin.number or f'with the id {origin.id}'}{_in(origin)}"
        return text + (_order_line(origin, line.source_line) if line else "")
    if origin.kind == "activity":
        name, _, id_ = origin.id.partition("/")
        return f"{name.capitalize()} {id_}{_in(origin)}"
    if origin.kind in ("occasion", "campaign"):
        _, _, rest = origin.id.partition("/")
        return f"{origin.kind.capitalize()} " + rest.strip("/").replace("/", " ")
    if origin.kind == "reward":
        return f"Reward {origin.id}" + _told(line, "reward")
    if origin.kind == "voucher":
        return _voucher(origin, line)
    if origin.kind == "adjustment":
        return "Adjustment" + _told(line, "reason")
    if origin.kind == "import":
        return "Opening balance" + _told(line, "note")
    if origin.kind == "erasure":
        return f"Erasure #{origin.id}"
    if origin.kind in _MOVES:
        return f"{_MOVES[origin.kind]} ({origin.id})"
    return f"{origin.kind.capitalize()} {origin.id}{_in(origin)}"


def _in(origin: Origin) -> str:
    return f" in {origin.store}" if origin.store else ""


def _order_line(origin: Origin, line_id: str) -> str:
    if line_id == _SHIPPING:
        return ", shipping"
    if line_id not in origin.lines:
        return ""
    pieces, sku = origin.lines[line_id]
    return f", {pieces} \N{MULTIPLICATION SIGN} {sku}"


def _told(line: Line | None, field: str) -> str:
    text = line.why.get(field) if line is not None else None
    return f" ({text})" if text else ""


def _voucher(origin: Origin, line: Line | None) -> str:
    why = line.why if line is not None else {}
    name = why.get("code") or f"#{origin.id}"
    return f"Basket ({name})" if why.get("basket") else f"Voucher {name}"


def _change(line: Line) -> str:
    if line.source_kind == "freeze" and line.effect == "reserve":
        return f"-{line.points:,} held until somebody tells what a refund came to"
    template = _WORDS.get(line.effect, f"{{points}} {line.effect.replace('_', ' ')}")
    return template.format(
        points=f"{line.points:,}",
        lost=f"-{line.points:,}",
        pending=" pending" if Place.PENDING in (line.debit, line.credit) else "",
        gained=_gained(line),
    )


def _gained(line: Line) -> str:
    if line.debit is Place.DEBT:
        return f"-{line.points:,} owed"
    if line.debit is Place.AVAILABLE:
        return f"-{line.points:,}"
    return f"+{line.points:,}{' pending' if line.credit is Place.PENDING else ''}"
