"""Which products of an installation a rule of a price list means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bridge.programme.catalogue import (
    CatalogueProduct,
    Path,
    ProductIndex,
    is_pattern,
    sku_matcher,
)
from bridge.programme.document import Rule
from bridge.programme.issues import Fault, did_you_mean, listed
from connectors.base import Severity
from connectors.sentences import sentence


class Match(Enum):
    NO = 0
    YES = 1
    MAYBE = 2
    """It may be in a category that the rule names and the installation does not have (any
    more, under this name)."""


@dataclass(frozen=True, slots=True)
class MatchedRule:
    judge: Callable[[CatalogueProduct], Match]
    faults: tuple[Fault, ...]


def matched_rule(rule: Rule, index: ProductIndex, installation: str) -> MatchedRule:
    """Prepares one rule and says what of it is not in the installation."""
    by_sku = sku_matcher(rule.sku) if rule.sku else None
    excluded = sku_matcher(rule.exclude) if rule.exclude else None
    inside, faults = _categories(rule, index, installation)
    elsewhere = Match.MAYBE if any(_is_error(fault) for fault in faults) else Match.NO

    def judge(product: CatalogueProduct) -> Match:
        if by_sku is not None and not by_sku(product):
            return Match.NO
        if excluded is not None and excluded(product):
            return Match.NO
        if not rule.category or not inside.isdisjoint(index.paths(product)):
            return Match.YES
        return elsewhere

    faults += _exclusions(rule, index, installation)
    if all(judge(product) is Match.NO for product in index.sold()):
        faults.append(
            Fault(
                (),
                sentence("matches no product in %(installation)s", installation=installation),
                Severity.WARNING,
            )
        )
    return MatchedRule(judge, tuple(faults))


def _is_error(fault: Fault) -> bool:
    return fault.severity is Severity.ERROR


def _categories(
    rule: Rule, index: ProductIndex, installation: str
) -> tuple[frozenset[Path], list[Fault]]:
    inside: frozenset[Path] = frozenset()
    faults: list[Fault] = []
    for name in rule.category:
        match = index.categories(name)
        inside |= match.inside
        if not match.inside:
            near = did_you_mean(name.rpartition("/")[2].strip(), index.category_names())
            faults.append(
                Fault(
                    ("category",),
                    sentence(
                        'there is no category "%(name)s" with products in %(installation)s.'
                        "%(near)s Products it may mean, and that no other category's rule "
                        "matches, stay as they are",
                        name=name,
                        installation=installation,
                        near=near,
                    ),
                )
            )
        elif len(match.heads) > 1:
            paths = listed(["/".join(head) for head in match.heads])
            message = (
                f'"{name}" is the name of {len(match.heads)} categories in {installation} '
                f"({paths}); all are taken: write the path to mean one"
            )
            faults.append(Fault(("category",), message, Severity.WARNING))
    return inside, faults


def _exclusions(rule: Rule, index: ProductIndex, installation: str) -> list[Fault]:
    return [
        Fault(
            ("exclude",),
            sentence(
                'there is no product "%(sku)s" in %(installation)s to leave out.%(nearest)s',
                sku=sku,
                installation=installation,
                nearest=index.nearest(sku),
            ),
            Severity.WARNING,
        )
        for sku in rule.exclude
        if not is_pattern(sku) and index.find(sku) is None
    ]
