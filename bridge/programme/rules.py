"""From price lists to the ladders one installation shall have. Pure.

For each product and group the first of these that says something wins: the product's own
prices, those of the product it is a variant of, the first rule that matches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from bridge.programme.catalogue import Catalogue, CatalogueProduct, ProductIndex
from bridge.programme.conflicts import settle
from bridge.programme.document import PriceList, Programme
from bridge.programme.issues import Issue, Loc, Place, field_path
from bridge.programme.resolved import HeldLadder, Origin, Resolved, WantedLadder
from bridge.programme.rule_matching import Match, MatchedRule, matched_rule
from bridge.programme.tiers import Tier, split
from connectors.base import Severity, Step

NAMED_SUGGESTIONS = 20
"""For so many unknown SKUs a similar one is looked up; it takes milliseconds each."""

Steps = tuple[Step, ...]
ByCurrency = tuple[tuple[str, Steps], ...]
"""What one group pays, by currency; empty: nothing is decided, the shops keep theirs."""

NO_PLACES: Mapping[str, Place] = {}


def ladders(
    programme: Programme,
    catalogue: Catalogue,
    installation: str,
    places: Mapping[str, Place] = NO_PLACES,
) -> Resolved:
    """Resolves every price list that holds in ``installation``.

    ``places`` (:attr:`~bridge.programme.loading.LoadedProgramme.places`) adds file and line to
    messages. A catalogue without products gives one error and no ladder: do not read that as
    "nothing is wanted".
    """
    index = ProductIndex(catalogue.products(installation))
    if not index:
        message = f"no product of {installation} is known yet: pull its catalogue first"
        return Resolved(problems=(Issue(Severity.ERROR, "", None, "", message),))
    work = _Resolution(programme, index, installation, places)
    for key in programme.price_lists:
        work.resolve(key)
    return settle(work.ladders, work.held, work.problems)


class _Source:
    """What one SKU entry or rule says, by group."""

    __slots__ = ("by_group", "origin")

    def __init__(self, origin: Origin, by_group: dict[str, ByCurrency]) -> None:
        self.origin = origin
        self.by_group = by_group


class _RuleSource:
    """A rule, and what it says."""

    __slots__ = ("held", "is_broad", "matched", "says")

    def __init__(
        self, matched: MatchedRule, says: _Source, groups: Iterable[str], is_broad: bool
    ) -> None:
        self.matched = matched
        self.says = says
        self.held = _Source(says.origin, dict.fromkeys(groups, ()))
        self.is_broad = is_broad
        """It names no category: a catch-all."""


class _Resolution:
    def __init__(
        self,
        programme: Programme,
        index: ProductIndex,
        installation: str,
        places: Mapping[str, Place],
    ) -> None:
        self.ladders: list[WantedLadder] = []
        self.held: list[HeldLadder] = []
        self.problems: list[Issue] = []
        self._programme = programme
        self._index = index
        self._installation = installation
        self._places = places
        self._shared: dict[tuple[tuple[int, Decimal | None, Decimal | None], ...], Steps] = {}

    def resolve(self, key: str) -> None:
        entry = self._programme.price_lists[key]
        stores = entry.stores_in(self._installation)
        if not stores:
            return
        own = self._own_prices(key, entry)
        rules = self._rules(key, entry)
        emit = _Emitter(self, key, entry, stores)
        for product in self._index.sold():
            sources = [
                source
                for sku in (product.sku, product.parent_sku)
                if (source := own.get(sku)) is not None
            ]
            emit.product(product, sources, _matching(product, rules))

    # -- a SKU's own prices -----------------------------------------------------------------

    def _own_prices(self, key: str, entry: PriceList) -> dict[str, _Source]:
        own: dict[str, _Source] = {}
        written: dict[str, str] = {}
        unknown = 0
        for sku in _named_skus(entry):
            loc: Loc = ("price_lists", key, "prices", sku)
            product, unknown = self._product(loc, sku, unknown)
            if product is None:
                continue
            tiers = entry.prices.get(sku, ())
            if product.sku in own:
                first = self.origin(("price_lists", key, "prices", written[product.sku]))
                self._say(loc, f"is the same product as {first}: keep one; both are left out")
                own[product.sku].by_group = dict.fromkeys(entry.groups, ())
                continue
            by_group = self._by_group(tiers, entry)
            for group in _held_groups(entry, sku):
                by_group[group] = ()
            own[product.sku] = _Source(self.origin(loc), by_group)
            written[product.sku] = sku
        return own

    def _product(self, loc: Loc, sku: str, unknown: int) -> tuple[CatalogueProduct | None, int]:
        found = self._index.find(sku)
        if found is None:
            near = self._index.nearest(sku) if unknown < NAMED_SUGGESTIONS else ""
            self._say(loc, f'there is no product "{sku}" in {self._installation}.{near}')
            return None, unknown + 1
        if self._index.is_childless_parent(found.product):
            message = f"is sold through variants, and {self._installation} has none of them"
            self._say(loc, message)
            return None, unknown
        if not found.exact:
            message = f"{self._installation} writes this SKU {found.product.sku}; it is used"
            self._say(loc, message, Severity.NOTE)
        return found.product, unknown

    def _by_group(self, tiers: Sequence[Tier], entry: PriceList) -> dict[str, ByCurrency]:
        currency = entry.currency or self._programme.currency
        found: dict[str | None, list[tuple[str, Steps]]] = {}
        for (group, other), ladder in split(tiers).items():
            found.setdefault(group, []).append((other or currency, self._steps(ladder)))
        general = found.get(None)
        chosen = ((group, found.get(group, general)) for group in entry.groups)
        return {group: tuple(steps) for group, steps in chosen if steps is not None}

    def _steps(self, ladder: Sequence[Tier]) -> Steps:
        key = tuple((tier.quantity, tier.price, tier.percent) for tier in ladder)
        steps = self._shared.get(key)
        if steps is None:
            steps = tuple(Step(*parts) for parts in key)
            self._shared[key] = steps
        return steps

    # -- rules ------------------------------------------------------------------------------

    def _rules(self, key: str, entry: PriceList) -> list[_RuleSource]:
        found = []
        for position, rule in enumerate(entry.rules):
            loc: Loc = ("price_lists", key, "rules", position)
            matched = matched_rule(rule, self._index, self._installation)
            for fault in matched.faults:
                self._say((*loc, *fault.loc), fault.message, fault.severity)
            by_group = self._by_group(rule.tiers, entry)
            if rule.hold:
                by_group = dict.fromkeys(entry.groups, ())
            says = _Source(self.origin(loc), by_group)
            found.append(_RuleSource(matched, says, by_group, is_broad=not rule.category))
        return found

    # -- messages ---------------------------------------------------------------------------

    def origin(self, loc: Loc) -> Origin:
        path = field_path(loc)
        return Origin(path, self._places.get(path))

    def _say(self, loc: Loc, message: str, severity: Severity = Severity.ERROR) -> None:
        place = self._nearest(loc)
        self.problems.append(Issue(severity, place.file, place.line, field_path(loc), message))

    def _nearest(self, loc: Loc) -> Place:
        for length in range(len(loc), 0, -1):
            place = self._places.get(field_path(loc[:length]))
            if place is not None:
                return place
        return Place("")


class _Emitter:
    """Writes down the ladders of one price list."""

    def __init__(
        self,
        work: _Resolution,
        key: str,
        entry: PriceList,
        stores: Sequence[str | None],
    ) -> None:
        self._work = work
        self._key = key
        self._entry = entry
        self._stores = stores
        self._basis = entry.prices_are or work._programme.prices_are

    def product(
        self,
        product: CatalogueProduct,
        own: Sequence[_Source],
        rules: Sequence[tuple[Match, _RuleSource]],
    ) -> None:
        for group in self._entry.groups:
            source = _first(group, own) or _first_rule(group, rules)
            if source is not None:
                self._emit(product.sku, group, source)

    def _emit(self, sku: str, group: str, source: _Source) -> None:
        says = source.by_group[group]
        for store in self._stores:
            if not says:
                held = HeldLadder(sku, group, store, self._key, source.origin)
                self._work.held.append(held)
            for currency, steps in says:
                self._work.ladders.append(
                    WantedLadder(
                        sku,
                        group,
                        store,
                        currency,
                        self._basis,
                        steps,
                        self._key,
                        self._entry.policy,
                        self._entry.take_over,
                        source.origin,
                    )
                )


def _named_skus(entry: PriceList) -> Iterable[str]:
    return dict.fromkeys([*entry.prices, *(hold.sku for hold in entry.hold)])


def _held_groups(entry: PriceList, sku: str) -> set[str]:
    groups: set[str] = set()
    for hold in entry.hold:
        if hold.sku == sku:
            groups.update(entry.groups if hold.group is None else (hold.group,))
    return groups


def _first(group: str, sources: Iterable[_Source]) -> _Source | None:
    return next((source for source in sources if group in source.by_group), None)


def _matching(
    product: CatalogueProduct, rules: Sequence[_RuleSource]
) -> list[tuple[Match, _RuleSource]]:
    judged = ((rule.matched.judge(product), rule) for rule in rules)
    return [(match, rule) for match, rule in judged if match is not Match.NO]


def _first_rule(group: str, rules: Sequence[tuple[Match, _RuleSource]]) -> _Source | None:
    """The first rule that says something for a group.

    A rule whose category is not in the shop may have meant this product (a category that was
    renamed there): then a rule for a category may still speak, a catch-all may not, and what
    the shop has stays.
    """
    unsure: _Source | None = None
    for match, rule in rules:
        if group not in rule.says.by_group:
            continue
        if match is Match.MAYBE:
            unsure = unsure or rule.held
        elif unsure is None or not rule.is_broad:
            return rule.says
    return unsure
