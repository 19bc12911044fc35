"""From ladders of a price list to native tier prices. Pure: no shop, no clock.

A ladder's steps become rows as they are: Magento implies the ranges, keeps percentages itself,
and starts at any quantity. What this module decides is where each row goes (which SKU, which
website) and which ladders cannot be said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.base import (
    ALL_STORES,
    Compiled,
    CompiledRow,
    Family,
    Ladder,
    PricingFacts,
    Problem,
    Product,
    ProductKind,
    TierKey,
    TierPrice,
    TierValue,
)
from connectors.magento.mapping import ALL_GROUPS_ID
from connectors.magento.settings import Settings, settings_from
from connectors.magento.values import (
    Unsayable,
    dearer_than_own,
    rounded_percent,
    value_of,
    worth,
)

_Steps = Mapping[Decimal, TierValue]


@dataclass(frozen=True, slots=True)
class _Plan:
    """One ladder on one SKU."""

    product: Product
    ladder: Ladder
    """Its ``store`` is where the rows go."""
    asked_store: str
    steps: _Steps

    def rows(self) -> Iterator[CompiledRow]:
        ladder = self.ladder
        for quantity, value in self.steps.items():
            key = TierKey(self.product.id, ladder.store, ladder.audience_id, quantity)
            yield CompiledRow(key, value, ladder.source)


def compile_family(
    family: Family,
    ladders: Sequence[Ladder],
    present: Sequence[TierPrice],
    facts: PricingFacts,
) -> Compiled:
    """See :attr:`connectors.base.Platform.compile`. ``present`` are the family's rows now."""
    settings = settings_from(facts.settings)
    plans: list[_Plan] = []
    problems: list[Problem] = []
    for product, ladder in _targets(family, ladders, settings, problems):
        try:
            plans.append(_plan(product, ladder, facts, settings))
        except Unsayable as error:
            problems.append(_problem(product, ladder, str(error)))
    sound = [
        plan
        for plan in _without_conflicts(plans, problems)
        if not _shut_out(plan, present, problems)
    ]
    notes = [note for plan in sound for note in _notes(plan, present, facts, settings)]
    return Compiled(rows=_rows(sound), problems=tuple(problems), notes=tuple(notes))


# -- which SKU --------------------------------------------------------------------------------


def _targets(
    family: Family, ladders: Sequence[Ladder], settings: Settings, problems: list[Problem]
) -> Iterator[tuple[Product, Ladder]]:
    """A tier price on a configurable does nothing: its ladder goes to each variant, except where
    the variant has one of its own for the same group and place, or for all places."""
    members = {one.id.casefold(): one for one in (family.head, *family.variants)}
    own = {
        (ladder.product_id.casefold(), ladder.audience_id, _effective_store(ladder, settings))
        for ladder in ladders
    }
    for ladder in ladders:
        product = members.get(ladder.product_id.casefold())
        if product is None or product.kind is ProductKind.OTHER:
            message = "Magento keeps no tier prices for this kind of product."
            problems.append(Problem(ladder.product_id, ladder.source, message))
        elif product.kind is not ProductKind.PARENT:
            yield product, ladder
        elif not family.variants:
            message = f"{product.sku} is sold through variants and has none."
            problems.append(Problem(product.id, ladder.source, message))
        else:
            places = {_effective_store(ladder, settings), ALL_STORES}
            for variant in family.variants:
                name = variant.id.casefold()
                if not any((name, ladder.audience_id, place) in own for place in places):
                    yield variant, ladder


def _effective_store(ladder: Ladder, settings: Settings) -> str:
    """With price scope global every row holds for all websites."""
    return ladder.store if settings.website_prices else ALL_STORES


# -- one ladder on one SKU --------------------------------------------------------------------


def _plan(product: Product, ladder: Ladder, facts: PricingFacts, settings: Settings) -> _Plan:
    store = _effective_store(ladder, settings)
    if store != ALL_STORES and all(one.id != store for one in facts.stores):
        raise Unsayable(f"The shop has no website with id {store}.")
    fixed = any(step.price is not None for step in ladder.steps)
    if fixed and product.kind is ProductKind.BUNDLE:
        raise Unsayable(f"{product.sku} is a bundle: Magento allows percentages only.")
    currency = _currency(ladder, store, facts)
    if fixed and currency != ladder.currency:
        raise Unsayable(
            f"The price list is in {ladder.currency}, but {_place(ladder, facts)} keeps prices in "
            f"{currency or 'no known currency'}."
        )
    steps = {
        Decimal(step.quantity): value_of(step, product, ladder.basis, currency, settings)
        for step in ladder.steps
    }
    return _Plan(product, replace(ladder, store=store), ladder.store, steps)


def _currency(ladder: Ladder, store: str, facts: PricingFacts) -> str:
    """The base currency of the store that is meant; rows for all websites are in the shop's."""
    if store != ALL_STORES:
        return next((one.currency for one in facts.stores if one.id == store), "")
    return next((one.code for one in facts.currencies if one.is_default), "")


def _place(ladder: Ladder, facts: PricingFacts) -> str:
    named = next((one.code for one in facts.stores if one.id == ladder.store), "")
    return f"website {named}" if named else "the shop"


# -- ladders that want the same row -----------------------------------------------------------


def _without_conflicts(plans: Sequence[_Plan], problems: list[Problem]) -> list[_Plan]:
    groups: dict[tuple[str, str], list[_Plan]] = {}
    for plan in plans:
        groups.setdefault((plan.product.id, plan.ladder.audience_id), []).append(plan)
    sound: list[_Plan] = []
    for rivals in groups.values():
        bad = _conflicting(rivals)
        for place, plan in enumerate(rivals):
            if place in bad:
                problems.append(_problem(plan.product, plan.ladder, bad[place]))
            else:
                sound.append(plan)
    return sound


def _conflicting(rivals: Sequence[_Plan]) -> dict[int, str]:
    bad: dict[int, str] = {}
    for first in range(len(rivals)):
        for second in range(first + 1, len(rivals)):
            message = _conflict(rivals[first], rivals[second])
            if message:
                bad.setdefault(first, message)
                bad.setdefault(second, message)
    return bad


def _conflict(one: _Plan, other: _Plan) -> str:
    """Two ladders for one SKU and group; empty when both can be said."""
    sku = one.product.sku
    if one.ladder.store == other.ladder.store:
        if one.steps == other.steps:
            return ""
        sources = f"{one.ladder.source} and {other.ladder.source}"
        if one.asked_store != other.asked_store:
            return (
                f"{sources} want different prices of {sku} for one group on different websites, "
                "but the shop keeps one price for all of them (price scope global)."
            )
        return f"{sources} want different prices of {sku} for one group."
    shared = sorted(one.steps.keys() & other.steps.keys())
    if shared and ALL_STORES in {one.ladder.store, other.ladder.store}:
        return (
            f"{one.ladder.source} and {other.ladder.source} have a price of {sku} from {shared[0]} "
            "on, one for all websites and one for a single website: Magento takes one of the two."
        )
    return ""


def _shut_out(plan: _Plan, present: Sequence[TierPrice], problems: list[Problem]) -> bool:
    """Magento refuses a row for all websites where one website has a row of the same group and
    quantity, and the other way round (PLATFORM_FACTS Magento 6). Where both are there already,
    they live side by side."""
    rows = [row.key for row in present if row.key.product_id == plan.product.id]
    own = {
        key.quantity
        for key in rows
        if (key.audience_id, key.store) == (plan.ladder.audience_id, plan.ladder.store)
    }
    new = [key for key in _crossing(plan, rows) if key.quantity not in own]
    if new:
        theirs = f"website {new[0].store}" if new[0].store else "all websites"
        ours = f"website {plan.ladder.store}" if plan.ladder.store else "all websites"
        message = (
            f"{plan.product.sku} has a tier price of this group from {new[0].quantity} on for "
            f"{theirs}: Magento then takes none for {ours}. Remove it in the shop first."
        )
        problems.append(_problem(plan.product, plan.ladder, message))
    return bool(new)


def _crossing(plan: _Plan, rows: Iterable[TierKey]) -> list[TierKey]:
    """Rows of the same group and quantity, of which one is for all websites, the other for one."""
    return [
        key
        for key in rows
        if key.audience_id == plan.ladder.audience_id
        and key.quantity in plan.steps
        and key.store != plan.ladder.store
        and ALL_STORES in {key.store, plan.ladder.store}
    ]


def _rows(plans: Iterable[_Plan]) -> tuple[CompiledRow, ...]:
    rows: dict[TierKey, CompiledRow] = {}
    for plan in plans:
        for row in plan.rows():
            rows.setdefault(row.key, row)
    return tuple(rows[key] for key in sorted(rows))


# -- true but worth knowing -------------------------------------------------------------------


def _notes(
    plan: _Plan, present: Sequence[TierPrice], facts: PricingFacts, settings: Settings
) -> Iterator[Problem]:
    product, ladder = plan.product, plan.ladder
    for step in ladder.steps:
        value = plan.steps[Decimal(step.quantity)]
        if dearer_than_own(value, product):
            yield _problem(
                product,
                ladder,
                f"The price from {step.quantity} on is above the price of {product.sku} itself: "
                "Magento then takes the lower one.",
            )
        if rounded_percent(step, value):
            yield _problem(
                product,
                ladder,
                f"Magento keeps {value.percent} % instead of {step.percent} % (two decimals).",
            )
    yield from _rising(plan)
    if plan.asked_store != ALL_STORES and not settings.website_prices and len(facts.stores) > 1:
        yield _problem(
            product,
            ladder,
            "The shop keeps one price for all websites (price scope global): this holds for all.",
        )
    yield from _neighbours(plan, present)


def _rising(plan: _Plan) -> Iterator[Problem]:
    """Magento goes through all rows up to the quantity and takes the lowest price, so a step that
    is dearer than one before it is never charged."""
    lowest: Decimal | None = None
    for quantity in sorted(plan.steps):
        price = worth(plan.steps[quantity], plan.product)
        if price is None:
            return
        if lowest is not None and price > lowest:
            yield _problem(
                plan.product,
                plan.ladder,
                f"The price of {plan.product.sku} from {quantity} on is above that of fewer "
                "pieces: Magento then takes the lower one.",
            )
        lowest = price if lowest is None else min(lowest, price)


def _neighbours(plan: _Plan, present: Sequence[TierPrice]) -> Iterator[Problem]:
    """Rows that are in the shop already and meet ours in the shopper's price."""
    product, ladder = plan.product, plan.ladder
    rows = [row.key for row in present if row.key.product_id == product.id]
    if ladder.audience_id != ALL_GROUPS_ID and any(
        key.audience_id == ALL_GROUPS_ID for key in rows
    ):
        yield _problem(
            product,
            ladder,
            f"{product.sku} also has tier prices for ALL GROUPS: lists show the lowest of them.",
        )
    if _crossing(plan, rows):
        yield _problem(
            product,
            ladder,
            f"{product.sku} has tier prices for the same group and quantity both for all websites "
            "and for a single one: the single website's holds there.",
        )


def _problem(product: Product, ladder: Ladder, message: str) -> Problem:
    return Problem(product_id=product.id, source=ladder.source, message=message)
