"""What rules that multiply add to what other rules give. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from bridge.earning.facts import Earned
from bridge.earning.lines import Lines
from bridge.earning.rounding import increments
from bridge.programme.earning_rules import EarningRule
from bridge.programme.points import PointsSettings

Exact = Mapping[str, Mapping[str, Fraction]]
"""Points by rule and line."""


def multiplied(settings: PointsSettings, lines: Lines, exact: Exact) -> dict[str, list[Earned]]:
    """By the multiplying rule, what it adds line by line.

    On one line of one rule the highest factor counts (the first of equal ones), and each that
    stacks multiplies on top, in file order. Each adds the rounding of the points with it, less
    that without it, so that all together are the rounding of the whole.
    """
    meant = {key: ids for key, rule in lines.multiplying.items() if (ids := lines.meant(rule))}
    if not meant:
        return {}
    found: dict[str, dict[str, tuple[int, list[str]]]] = {}
    for target, points in exact.items():
        reached = dict(points)
        winners = _winners(lines, meant, target, points)
        for key in meant:
            rule = lines.multiplying[key]
            if not _changes(rule, target, lines):
                continue
            factor = Fraction(rule.multiply or 1)
            after = {
                line: amount * factor if _applies(key, rule, line, meant[key], winners) else amount
                for line, amount in reached.items()
            }
            for line, extra in increments(reached, after, settings.rounding).items():
                if extra:
                    before, names = found.setdefault(key, {}).get(line, (0, []))
                    found[key][line] = (before + extra, [*names, target])
            reached = after
    return {
        key: [
            Earned(line, key, extra, _why(lines.multiplying[key], names))
            for line, (extra, names) in by_line.items()
        ]
        for key, by_line in found.items()
    }


def _changes(rule: EarningRule, target: str, lines: Lines) -> bool:
    if rule.rules:
        return target in rule.rules
    return lines.giving[target].per_amount is not None


def _winners(
    lines: Lines,
    meant: Mapping[str, frozenset[str]],
    target: str,
    points: Mapping[str, Fraction],
) -> dict[str, str]:
    """By line, the key of the one that counts among those that do not stack."""
    rivals = [
        (rule.multiply or 1, key)
        for key, rule in ((key, lines.multiplying[key]) for key in meant)
        if not rule.stack and _changes(rule, target, lines)
    ]
    rivals.sort(key=lambda rival: -rival[0])
    return {
        line: winner
        for line in points
        if (winner := next((key for _, key in rivals if line in meant[key]), None))
    }


def _applies(
    key: str,
    rule: EarningRule,
    line: str,
    meant: frozenset[str],
    winners: Mapping[str, str],
) -> bool:
    return line in meant if rule.stack else winners.get(line) == key


def _why(rule: EarningRule, targets: list[str]) -> dict[str, str | int]:
    return {"kind": "multiply", "factor": f"{rule.multiply}", "of": ", ".join(targets)}
