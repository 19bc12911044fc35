"""Which promotions a programme wants in one installation: gifts, and discounts that need no code.
Pure.

Each rule becomes one promotion a store. What cannot be said in a store is a fault of that rule
there, and what stands in the shop under its keys is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from bridge.kit.calendar import day_end, day_of, day_start
from bridge.kit.money import exponent
from bridge.programme.document import Programme
from bridge.programme.giving import Offer, Who
from bridge.programme.loyalty import rate_on
from bridge.programme.rewards import Campaign, Gift
from connectors.base import Basis, Store
from connectors.rewards import Discount, Promotion, PromotionKind, Threshold

GIFT_PREFIX = "gift:"
AUTOMATIC_PREFIX = "auto:"
LONGEST_NAME = 100
"""Of names and labels: a shop's order shows them beside others."""
ALL_OF_IT = Decimal(100)


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """A product of the installation, as last pulled."""

    id: str
    name: str
    is_parent: bool = False
    """Sold through its variants alone."""
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class BuyerGroup:
    """A customer group of the installation; its id may be a placeholder."""

    id: str
    name: str
    audience_id: str


@dataclass(frozen=True)
class Place:
    """What of one installation promotions are made from."""

    installation: str
    stores: Sequence[Store]
    products: Mapping[str, SoldProduct]
    """By SKU; those the programme names are enough."""
    groups_named: Callable[[str], Sequence[BuyerGroup]]
    """The programme's group with this key, else the shop's with this name; none: it has none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A promotion that shall be there."""

    promotion: Promotion
    source: str
    """The rule, as the programme writes it: ``gifts.mug``."""
    rate: Decimal | None = None
    """At which its amounts were converted; ``None``: the store has the programme's currency."""
    groups: tuple[BuyerGroup, ...] = ()
    note: str = ""
    """Why nobody gets anything of it at present, though the shop can be told."""

    @property
    def key(self) -> str:
        return self.promotion.key


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Why a rule is no promotion in a store; what is there under its key stays as it is."""

    source: str
    message: str
    store: str = ""
    """The store's code; empty: the rule as a whole, in this installation."""
    key: str = ""
    """The promotion's key; empty with an empty ``store``."""


@dataclass(frozen=True)
class Wishes:
    wanted: tuple[Wanted, ...] = ()
    unsaid: tuple[Unsaid, ...] = ()
    ended: frozenset[str] = frozenset()
    """Keys whose time is over."""

    def holds(self, key: str) -> bool:
        """Whether what is there under a key that is not wanted is to stay as it is."""
        return any(
            one.key == key if one.key else key.startswith(prefix_of(one.source))
            for one in self.unsaid
        )


class CannotBeSaid(Exception):
    """Its text is for the person who wrote the rule."""


def wishes(programme: Programme, place: Place, now: datetime) -> Wishes:
    """Everything the programme wants in the stores of one installation at this moment."""
    wanted: list[Wanted] = []
    unsaid: list[Unsaid] = []
    ended: set[str] = set()
    for rule in _rules(programme):
        unsaid += _unknown_stores(rule, place)
        for store in _stores_of(rule.offer, place):
            key = f"{prefix_of(rule.source)}{store.id}"
            if _is_over(rule.offer, programme, now):
                ended.add(key)
                continue
            try:
                wanted.append(_wanted(rule, store, key, programme, place, now))
            except CannotBeSaid as fault:
                unsaid.append(Unsaid(rule.source, str(fault), store.code, key))
    return Wishes(tuple(wanted), tuple(unsaid), frozenset(ended))


def skus_named(programme: Programme) -> set[str]:
    """SKUs that promotions of this programme are about."""
    return {
        *(gift.sku for gift in programme.gifts.values()),
        *(sku for one in programme.campaigns.values() for sku in one.together),
    }


def prefix_of(source: str) -> str:
    """Begins the keys of a rule's promotions; the store's id ends them, which a shop does not
    change as it may the store's code."""
    section, _, rule = source.partition(".")
    return f"{GIFT_PREFIX if section == 'gifts' else AUTOMATIC_PREFIX}{rule}:"


def source_of(key: str) -> str:
    """The rule that a promotion of this key comes from."""
    kind, _, rest = key.partition(":")
    rule = rest.partition(":")[0]
    return f"gifts.{rule}" if f"{kind}:" == GIFT_PREFIX else f"campaigns.{rule}"


def is_planned(key: str) -> bool:
    """Whether promotions of this key come from rules of the programme; vouchers' do not."""
    return key.startswith((GIFT_PREFIX, AUTOMATIC_PREFIX))


# --- rules ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    source: str
    key: str
    offer: Gift | Campaign


def _rules(programme: Programme) -> Iterator[_Rule]:
    for key, gift in programme.gifts.items():
        yield _Rule(f"gifts.{key}", key, gift)
    for key, campaign in programme.campaigns.items():
        if campaign.occasion in ("instant", "together"):
            yield _Rule(f"campaigns.{key}", key, campaign)


def _stores_of(offer: Offer, place: Place) -> list[Store]:
    return [
        store
        for store in place.stores
        if any(offer.holds_in(place.installation, name) for name in _names(store))
    ]


def _names(store: Store) -> tuple[str, ...]:
    return store.code, store.name, store.id


def _unknown_stores(rule: _Rule, place: Place) -> Iterator[Unsaid]:
    known = {name for store in place.stores for name in _names(store)}
    for written in rule.offer.stores:
        installation, slash, name = written.partition("/")
        if slash and installation == place.installation and name not in known:
            there = ", ".join(store.code for store in place.stores) or "none that is known"
            yield Unsaid(rule.source, f'There is no store "{written}". The stores are: {there}.')


def _is_over(offer: Offer, programme: Programme, now: datetime) -> bool:
    return offer.until is not None and now >= day_end(offer.until, ZoneInfo(programme.timezone))


def _wanted(
    rule: _Rule, store: Store, key: str, programme: Programme, place: Place, now: datetime
) -> Wanted:
    zone = ZoneInfo(programme.timezone)
    offer = rule.offer
    groups = _groups(offer.when, programme, place)
    exchange = _Exchange(programme, store, now)
    made = _gift if isinstance(offer, Gift) else _automatic
    common = _Common(
        key=key,
        store=store,
        name=_cut(f"{programme.name}: {rule.key}"),
        starts_at=None if offer.starts is None else day_start(offer.starts, zone),
        ends_at=None if offer.until is None else day_end(offer.until, zone),
        groups=groups,
    )
    promotion = made(rule, common, exchange, programme, place)
    return Wanted(promotion, rule.source, exchange.rate, groups, _switched_off(offer, place))


@dataclass(frozen=True, slots=True)
class _Common:
    key: str
    store: Store
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    groups: tuple[BuyerGroup, ...]

    def promotion(
        self, kind: PromotionKind, label: str, discount: Discount, threshold: Threshold | None
    ) -> Promotion:
        return Promotion(
            key=self.key,
            kind=kind,
            name=self.name,
            label=_cut(label),
            store_id=self.store.id,
            currency=self.store.currency,
            discount=discount,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            group_ids=tuple(sorted(group.id for group in self.groups)),
            audience_ids=tuple(sorted(group.audience_id for group in self.groups)),
            threshold=threshold,
        )


def _gift(
    rule: _Rule, common: _Common, exchange: _Exchange, programme: Programme, place: Place
) -> Promotion:
    gift = rule.offer
    assert isinstance(gift, Gift)
    product = _product(gift.sku, place)
    is_gross = programme.prices_are is Basis.GROSS if gift.gross is None else gift.gross
    threshold = Threshold(exchange.threshold(gift.basket), is_gross, gift.after_discounts)
    found = common.promotion(
        PromotionKind.GIFT, product.name or gift.sku, Discount(percent=ALL_OF_IT), threshold
    )
    return _about(found, [product], most_pieces=gift.quantity)


def _automatic(
    rule: _Rule, common: _Common, exchange: _Exchange, programme: Programme, place: Place
) -> Promotion:
    campaign = rule.offer
    assert isinstance(campaign, Campaign)
    give = campaign.give
    maximum = None if give.maximum is None else exchange.face(give.maximum)
    discount = (
        Discount(percent=give.percent, maximum=maximum)
        if give.amount is None
        else Discount(amount=exchange.face(give.amount))
    )
    threshold = None
    if campaign.basket is not None:
        is_gross = programme.prices_are is Basis.GROSS
        threshold = Threshold(exchange.threshold(campaign.basket), is_gross)
    found = common.promotion(
        PromotionKind.AUTOMATIC, campaign.label or _said(rule.key), discount, threshold
    )
    found = replace(found, first_order_only=campaign.first_order_only)
    if not campaign.together:
        return found
    products = [_product(sku, place) for sku in campaign.together]
    needs = tuple(sorted(product.id for product in products))
    # One set: else a single piece of one would make a hundred of the other cheaper.
    return replace(_about(found, products, most_pieces=1), needs_product_ids=needs)


def _about(promotion: Promotion, products: Sequence[SoldProduct], *, most_pieces: int) -> Promotion:
    ids = tuple(sorted(product.id for product in products))
    return replace(promotion, product_ids=ids, most_pieces=most_pieces)


def _product(sku: str, place: Place) -> SoldProduct:
    product = place.products.get(sku)
    if product is None:
        raise CannotBeSaid(
            f'{place.installation} sells nothing with the SKU "{sku}", as far as it was pulled.'
        )
    if product.is_parent:
        raise CannotBeSaid(f'"{sku}" is sold through its variants: name the SKU of one of them.')
    return product


def _switched_off(offer: Gift | Campaign, place: Place) -> str:
    named = (offer.sku,) if isinstance(offer, Gift) else offer.together
    found = [sku for sku in named if sku in place.products and not place.products[sku].is_active]
    if not found:
        return ""
    skus = ", ".join(f'"{sku}"' for sku in found)
    return f"{skus} is switched off in {place.installation}: until it is on, nobody gets it."


# --- who -----------------------------------------------------------------------------------


def _groups(who: Who | None, programme: Programme, place: Place) -> tuple[BuyerGroup, ...]:
    """Empty: everyone."""
    if who is None:
        return ()
    if who.segment or who.company:
        what = "segments" if who.segment else "companies"
        raise CannotBeSaid(
            f"A basket knows its buyer's customer group and nothing more: {what} cannot be a "
            "condition here. Write group or tier."
        )
    named = [_union(who.group, place)] if who.group else []
    if who.tier:
        named.append(_union([_group_of_tier(tier, programme) for tier in who.tier], place))
    first, *others = named
    both = {id_: group for id_, group in first.items() if all(id_ in other for other in others)}
    if not both:
        names = ", ".join((*who.group, *who.tier))
        raise CannotBeSaid(f"{place.installation} has no customer group that is meant: {names}.")
    return tuple(both[id_] for id_ in sorted(both))


def _union(names: Sequence[str], place: Place) -> dict[str, BuyerGroup]:
    return {group.id: group for name in names for group in place.groups_named(name)}


def _group_of_tier(key: str, programme: Programme) -> str:
    tier = programme.tiers.get(key)
    if tier is None or tier.group is None:
        raise CannotBeSaid(
            f"A basket knows its buyer's customer group only, and the tier {key} leads to none. "
            "Give the tier a group."
        )
    return tier.group


# --- money ---------------------------------------------------------------------------------


class _Exchange:
    """From the programme's currency to a store's, at the rate of the day."""

    def __init__(self, programme: Programme, store: Store, now: datetime) -> None:
        self._currency = store.currency
        self.rate: Decimal | None = None
        if store.currency == programme.currency:
            return
        today = day_of(now, ZoneInfo(programme.timezone))
        self.rate = rate_on(programme.rates, store.currency, today)
        if self.rate is None:
            raise CannotBeSaid(
                f"The store {store.code} sells in {store.currency or 'a currency it does not tell'}"
                f" and there is no rate for {today}. Add one to rates."
            )

    def threshold(self, amount: Decimal) -> Decimal:
        return self._converted(amount, ROUND_HALF_UP)

    def face(self, amount: Decimal) -> Decimal:
        """Never more than the programme promises."""
        return self._converted(amount, ROUND_DOWN)

    def _converted(self, amount: Decimal, rounding: str) -> Decimal:
        rated = amount if self.rate is None else amount / self.rate
        found = rated.quantize(Decimal(1).scaleb(-exponent(self._currency)), rounding)
        if not found:
            raise CannotBeSaid(f"{amount} is less than the smallest coin of {self._currency}.")
        return found


# --- texts ---------------------------------------------------------------------------------


def _said(key: str) -> str:
    """``summer-sale`` as a buyer reads it."""
    return key.replace("-", " ").capitalize()


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1] + "…"
