"""What of points, segments, tiers and rates can only be judged with the whole programme in
view. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from bridge.programme.document import Programme
from bridge.programme.earning_rules import EarningRule, When
from bridge.programme.issues import Fault, Loc, unknown
from bridge.programme.loyalty import LoyaltyTier
from connectors.base import Severity
from connectors.sentences import sentence

_CHANGEABLE = ("per_amount", "per_item", "per_order", "bought_together")
"""The rules that others can multiply or switch off."""


def loyalty_faults(programme: Programme) -> list[Fault]:
    """Everything that is wrong between these sections; warnings for what is hardly meant."""
    checks: Sequence[Callable[[Programme], Iterator[Fault]]] = (
        _rule_faults,
        _tier_faults,
        _company_faults,
        _rate_faults,
    )
    return [fault for check in checks for fault in check(programme)]


# --- points --------------------------------------------------------------------------------


def _rule_faults(programme: Programme) -> Iterator[Fault]:
    if programme.points is None:
        return
    rules = programme.points.rules
    if not rules:
        message = "has no rules: nothing earns points yet"
        yield Fault(("points",), message, Severity.WARNING)
    for key, rule in rules.items():
        loc: Loc = ("points", "rules", key)
        yield from _changed_faults((*loc, "rules"), key, rule, rules)
        if rule.when is not None:
            yield from _when_faults((*loc, "when"), rule.when, programme)


def _changed_faults(
    loc: Loc, key: str, rule: EarningRule, rules: Mapping[str, EarningRule]
) -> Iterator[Fault]:
    for position, name in enumerate(rule.rules):
        if name not in rules:
            yield unknown((*loc, position), "rule", name, rules)
        elif rules[name].kind not in _CHANGEABLE:
            message = f"{name} gives no points for lines that {key} could change"
            yield Fault((*loc, position), message)
    if rule.kind != "multiply" or rule.rules:
        return
    if not any(other.kind == "per_amount" for other in rules.values()):
        message = "has nothing to multiply: there is no rule per_amount, and rules names no other"
        yield Fault(loc[:-1], message, Severity.WARNING)


def _when_faults(loc: Loc, when: When, programme: Programme) -> Iterator[Fault]:
    for position, name in enumerate(when.segment):
        if name not in programme.segments:
            yield unknown((*loc, "segment", position), "segment", name, programme.segments)
    for position, name in enumerate(when.tier):
        if name not in programme.tiers:
            yield unknown((*loc, "tier", position), "tier", name, programme.tiers)


# --- tiers ---------------------------------------------------------------------------------


def _tier_faults(programme: Programme) -> Iterator[Fault]:
    names: dict[str, str] = {}
    for key, tier in programme.tiers.items():
        if tier.group is not None and tier.group not in programme.groups:
            yield unknown(("tiers", key, "group"), "group", tier.group, programme.groups)
        other = names.setdefault(tier.name.casefold(), key)
        if other != key:
            message = f'"{tier.name}" is also the name of the tier {other}: each needs its own'
            yield Fault(("tiers", key, "name"), message)
        yield from _keep_faults(key, tier)
    for (lower, below), (higher, above) in combinations(programme.tiers.items(), 2):
        if _is_passed_over(below, above):
            yield Fault(
                ("tiers", higher, "reach"),
                sentence(
                    "is reached by everyone who reaches %(lower)s, which stands below it: write "
                    "tiers from the lowest to the highest, each asking for more",
                    lower=lower,
                ),
            )


def _is_passed_over(below: LoyaltyTier, above: LoyaltyTier) -> bool:
    """Whether nobody can be in the lower one, for he would be in the higher one already."""
    if not below.reach or not above.reach or below.window != above.window:
        return False
    return all(any(way.covers(easier) for easier in above.reach) for way in below.reach)


def _keep_faults(key: str, tier: LoyaltyTier) -> Iterator[Fault]:
    if tier.keep and all(any(way.covers(asked) for asked in tier.reach) for way in tier.keep):
        message = "asks for no less than reach: leave it out, or ask for less"
        yield Fault(("tiers", key, "keep"), message)


# --- companies, rates ----------------------------------------------------------------------


def _company_faults(programme: Programme) -> Iterator[Fault]:
    names: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for key, company in programme.companies.items():
        other = names.setdefault(" ".join(company.name.split()).casefold(), key)
        if other != key:
            message = f'"{company.name}" is also the name of the company {other}'
            yield Fault(("companies", key, "name"), message)
        if company.vat_id is None:
            continue
        other = numbers.setdefault(re.sub(r"\W|_", "", company.vat_id).upper(), key)
        if other != key:
            message = f"{company.vat_id} is also the VAT id of the company {other}"
            yield Fault(("companies", key, "vat_id"), message)


def _rate_faults(programme: Programme) -> Iterator[Fault]:
    taken: dict[tuple[str, object], int] = {}
    for position, rate in enumerate(programme.rates):
        if rate.currency == programme.currency:
            message = f"{rate.currency} is the programme's own currency: leave it out"
            yield Fault(("rates", position, "currency"), message)
        first = taken.setdefault((rate.currency, rate.starts), position)
        if first != position:
            message = f"{rate.currency} has a rate from {rate.starts} already: keep one of them"
            yield Fault(("rates", position, "from"), message)
