"""A plan for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from bridge.cli.output import Output
from bridge.plans.parts import Change, Effect, Remark, RemarkKind
from bridge.plans.summary import SAMPLE, PlanSummary, operation
from bridge.prices.codec import value_from_text
from bridge.promotions.showing import differences
from bridge.promotions.texts import is_waiting
from connectors.base import Amount, TierValue

NAMED = 3
"""Names that stand for many in one line."""

_HEADINGS = {
    RemarkKind.PROBLEM: "Problems: these are left as they are, the rest goes on",
    RemarkKind.CONFLICT: "Conflicts: changed in the shop too, `resolve` decides",
    RemarkKind.FOREIGN: "Not ours: shown, never touched",
    RemarkKind.NOTE: "Worth knowing",
}
_STYLES = {
    RemarkKind.PROBLEM: "red",
    RemarkKind.CONFLICT: "yellow",
    RemarkKind.FOREIGN: "cyan",
    RemarkKind.NOTE: "",
}


def show_plan(output: Output, summary: PlanSummary, *, everything: bool) -> None:
    for kind in RemarkKind:
        _show_remarks(output, summary, kind, everything)
    for store, count in summary.foreign.items():
        if count:
            output.line(f"{store}: {count:,} tier prices that are not ours are left alone.")
    if not summary.total:
        undecided = summary.of(RemarkKind.CONFLICT) or summary.of(RemarkKind.PROBLEM)
        output.line(
            "Nothing to send; what is named above is left as it is."
            if undecided
            else "Nothing to do: the shops hold what the programme says."
        )
        return
    output.table(
        ("store", "what", "add", "change", "remove"),
        [
            (store, what, *(f"{count:,}" for count in counts))
            for (store, what), counts in _counted(summary).items()
        ],
        right=("add", "change", "remove"),
    )
    for (store, currency), money in summary.money.items():
        percent = "" if money.percent is None else f", {money.percent:+.1f} % together"
        output.line(
            f"{store}: unit prices {money.lower:,} lower, {money.higher:,} higher, "
            f"{money.same:,} the same{percent}; "
            f"one piece of each: {money.before:,.2f} -> {money.after:,.2f} {currency}"
        )
    for change in summary.changes:
        output.line(change_line(change))
    hidden = summary.total - len(summary.changes)
    if hidden:
        output.line(f"… and {hidden:,} more; --all shows every one.")


def _show_remarks(output: Output, summary: PlanSummary, kind: RemarkKind, everything: bool) -> None:
    remarks = summary.of(kind)
    if not remarks:
        return
    output.line(f"{_HEADINGS[kind]} ({len(remarks):,})", "bold")
    lines = remark_lines(remarks, everything=everything)
    for line in lines if everything else lines[:SAMPLE]:
        output.line(f"  {line}", _STYLES[kind])
    if not everything and len(lines) > SAMPLE:
        output.line(f"  … and {len(lines) - SAMPLE:,} more; --all shows every one.")
    output.line()


def remark_lines(remarks: Sequence[Remark], *, everything: bool = False) -> list[str]:
    """One line each; the same said of many is one line with the first names."""
    if everything:
        return [remark_line(remark) for remark in remarks]
    alike: dict[tuple[str, str, str, str], list[Remark]] = {}
    for remark in remarks:
        apart = remark.key if remark.ours or remark.theirs else ""
        place = (remark.installation, remark.message, remark.source, apart)
        alike.setdefault(place, []).append(remark)
    return [
        remark_line(group[0]) if len(group) == 1 else _many_line(group) for group in alike.values()
    ]


def _many_line(remarks: Sequence[Remark]) -> str:
    first = remarks[0]
    names = list(dict.fromkeys(remark.label for remark in remarks))
    shown = ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")
    source = f" [{first.source}]" if first.source else ""
    return f"{first.installation}: {len(names):,} of them ({shown}): {first.message}{source}"


def remark_line(remark: Remark) -> str:
    held = ""
    if remark.kind == "price" and (remark.ours or remark.theirs):
        held = f" Programme: {said(remark.ours)}; shop: {said(remark.theirs)}."
    elif remark.kind == "promotion" and remark.theirs:
        held = _drift(remark)
    source = f" [{remark.source}]" if remark.source and remark.source != remark.label else ""
    place = dict.fromkeys((remark.installation, remark.label))  # a shop's own remark names it once
    return f"{': '.join([*place, remark.message])}{held}{source}"


def change_line(change: Change) -> str:
    sign = {"add": "+", "change": "~", "remove": "-"}[operation(change)]
    what = f"{sign} {change.installation} {change.kind} {change.label}"
    if change.kind == "price":
        return f"{what}: {said(change.before)} -> {said(change.after)}{_effect(change.effect)}"
    if change.kind == "promotion":
        return what + _rewritten(change.before, change.after)
    if change.kind in ("audience", "customer"):
        return what
    return f"{what}: {change.before or 'nothing'} -> {change.after or 'nothing'}"


def _drift(remark: Remark) -> str:
    """What the shop holds otherwise than the programme wants it; the shop's own words."""
    if remark.ours is None or remark.theirs is None or is_waiting(remark.ours):
        return ""
    return f" Programme -> shop: {'; '.join(differences(remark.ours, remark.theirs))}."


def _rewritten(before: str | None, after: str | None) -> str:
    if before is None or after is None or is_waiting(after):
        return ""
    return f" ({'; '.join(differences(before, after))})"


def said(value: str | None) -> str:
    """A tier price in words: ``8.90 EUR net``, ``15 % off``, ``nothing``."""
    if value is None:
        return "nothing"
    parsed: TierValue = value_from_text(value)
    text = (
        f"{parsed.percent.normalize():f} % off"
        if parsed.percent is not None
        else ", ".join(_amount(amount) for amount in parsed.amounts)
    )
    return text if parsed.until is None else f"{text} (up to {parsed.until})"


def _amount(amount: Amount) -> str:
    sides = [
        f"{_money(side)} {name}"
        for side, name in ((amount.net, "net"), (amount.gross, "gross"))
        if side is not None
    ]
    return f"{amount.currency} {' / '.join(sides)}"


def _money(value: Decimal) -> str:
    return f"{value:.2f}" if value == value.quantize(Decimal("0.01")) else f"{value:f}"


def _effect(effect: Effect | None) -> str:
    if effect is None or effect.before == effect.after:
        return ""
    return f" ({effect.after - effect.before:+.2f} {effect.currency} a piece)"


def _counted(summary: PlanSummary) -> dict[tuple[str, str], list[int]]:
    columns = ["add", "change", "remove"]
    rows: dict[tuple[str, str], list[int]] = {}
    for (store, what, how), count in summary.counts.items():
        rows.setdefault((store, what), [0, 0, 0])[columns.index(how)] += count
    return rows


# -- for scripts ----------------------------------------------------------------------------


def plan_record(summary: PlanSummary) -> dict[str, Any]:
    return {
        "changes": [change_record(change) for change in summary.changes],
        "counts": [
            {"store": store, "kind": kind, "operation": how.value, "count": count}
            for (store, kind, how), count in summary.counts.items()
        ],
        "money": [
            {
                "store": store,
                "currency": currency,
                "lower": money.lower,
                "higher": money.higher,
                "same": money.same,
                "before": str(money.before),
                "after": str(money.after),
            }
            for (store, currency), money in summary.money.items()
        ],
        "foreign": summary.foreign,
        "remarks": [remark_record(remark) for remark in summary.remarks],
    }


def change_record(change: Change) -> dict[str, Any]:
    return {
        "store": change.installation,
        "kind": change.kind,
        "operation": operation(change).value,
        "label": change.label,
        "source": change.source,
        "before": value_record(change.kind, change.before),
        "after": value_record(change.kind, change.after),
    }


def remark_record(remark: Remark) -> dict[str, Any]:
    return {
        "remark": remark.remark.value,
        "store": remark.installation,
        "kind": remark.kind,
        "label": remark.label,
        "message": remark.message,
        "source": remark.source,
        "programme": value_record(remark.kind, remark.ours),
        "shop": value_record(remark.kind, remark.theirs),
    }


def value_record(kind: str, value: str | None) -> Any:
    """Money as decimal text, never a JSON number that a reader would make a float of."""
    if value is None or kind != "price":
        return value
    parsed = value_from_text(value)
    record: dict[str, Any] = {"until": parsed.until}
    if parsed.percent is not None:
        return record | {"percent": str(parsed.percent)}
    return record | {
        "amounts": [
            {
                "currency": amount.currency,
                "net": None if amount.net is None else str(amount.net),
                "gross": None if amount.gross is None else str(amount.gross),
            }
            for amount in parsed.amounts
        ]
    }
