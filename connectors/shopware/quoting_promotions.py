"""What promotions of the bridge take off a basket, read from their native text. Pure.

Those that apply by themselves come first, then that of the code; of all of them the highest
priority first. Each is reckoned on the goods' full prices; none takes more than what is left of
the basket (shopware ``PromotionCalculator``; recorded: promotions.json #13 to #32). The conditions
are those that :mod:`connectors.shopware.promotion_rules` makes of the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from typing import Any

from connectors.base import Audience
from connectors.errors import Rejected
from connectors.quotes import Basket, Offer, Outcome, Refused, below
from connectors.sales import NO_MONEY, Money
from connectors.shopware.mapping import EVERYONE
from connectors.shopware.promotion_text import BY_APP, Said, beside, moment_text, read_text
from connectors.shopware.quoting_prices import View, shared_tax

_NOTHING = Decimal(0)
_CENT = Decimal("0.01")
_BY_APP_ALONE = Refused(Outcome.IS_OFF, "the app in the shop gives it, and is not at work")


@dataclass(frozen=True, slots=True)
class Good:
    """A line of the basket, priced; ``ids``: its product's, and that of what it is a variant
    of."""

    ids: frozenset[str]
    sku: str
    unit: Decimal
    quantity: int
    price: Money
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Discount:
    """What one discount of a promotion takes off."""

    key: str
    has_code: bool
    money: Money
    weights: Mapping[int, Decimal]
    """By the line's place: its part, not rounded (recorded: promotions.json #18)."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    basket: Basket
    group_id: str
    audiences: Sequence[Audience]
    seen: View


def applied(
    offers: Sequence[Offer], goods: Sequence[Good], around: Surroundings
) -> tuple[list[Discount], dict[str, Refused]]:
    """What is taken off, in order; and why others take nothing off, by key."""
    refused: dict[str, Refused] = {}
    texts: list[tuple[Offer, Said]] = []
    for offer in sorted(offers, key=lambda one: (bool(one.code), one.native_id)):
        try:
            said = read_text(offer.native)
            if said["codes"] is not bool(offer.code):
                raise Rejected("It is another kind of promotion by now")
            held = _in_force(said, around.basket)
            if held is None:
                refused[offer.key] = _BY_APP_ALONE
            else:
                texts.append((offer, held))
        except (Rejected, KeyError):
            refused[offer.key] = Refused(Outcome.UNREADABLE)
    texts.sort(key=lambda one: -int(one[1]["priority"]))
    found: list[Discount] = []
    for offer, said in texts:
        try:
            done = _Promotion(offer, said, goods, around, tuple(found)).taken()
        except (InvalidOperation, TypeError, KeyError, ValueError):
            done = Refused(Outcome.UNREADABLE)
        if isinstance(done, Refused):
            refused[offer.key] = done
        else:
            found += done
    return found, refused


def _in_force(said: Said, basket: Basket) -> Said | None:
    """While the app is off, the promotion beside its rule holds; ``None``: there is none."""
    return beside(said) if BY_APP in said and not basket.has_plugin else said


@dataclass(frozen=True, slots=True)
class _Promotion:
    offer: Offer
    said: Said
    goods: Sequence[Good]
    around: Surroundings
    before: Sequence[Discount]

    @property
    def so_far(self) -> Money:
        """The basket after the promotions before this one."""
        goods = sum((good.price for good in self.goods), NO_MONEY)
        return goods - sum((one.money for one in self.before), NO_MONEY)

    def taken(self) -> list[Discount] | Refused:
        return self._not_open() or self._unmet() or self._put_in() or self._discounts()

    # -- whether it applies -------------------------------------------------------------------

    def _not_open(self) -> Refused | None:
        said, basket = self.said, self.around.basket
        now = moment_text(basket.at) or ""
        if not said["active"]:
            return Refused(Outcome.IS_OFF)
        if said["store"] != basket.store.id:
            return Refused(Outcome.OTHER_STORE)
        if now < (said["from"] or ""):
            return Refused(Outcome.NOT_YET, f"from {said['from']} on")
        if said["until"] and now >= said["until"]:
            return Refused(Outcome.IS_OVER, f"until {said['until']}")
        return self._not_meant()

    def _not_meant(self) -> Refused | None:
        if not self.said["groups"]:
            return None
        known = {one.id: one.group_ids for one in self.around.audiences}
        named = [known.get(rule, ()) for rule in self.said["groups"]]
        if any({self.around.group_id, EVERYONE} & {*groups} for groups in named):
            return None
        if not all(named):
            why = "it hangs on a rule that is about more than customer groups"
            return Refused(Outcome.UNREADABLE, why)
        return Refused(Outcome.OTHER_GROUP)

    def _unmet(self) -> Refused | None:
        asked = self.said["basket"] or {}
        there = frozenset().union(*(good.ids for good in self.goods))
        threshold = asked.get("threshold")
        reason = _below(threshold, self) if threshold else None
        if reason is not None:
            return reason
        missing = tuple(product for product in asked.get("needs", ()) if product not in there)
        if missing:
            return Refused(Outcome.NEEDS_PRODUCTS, missing=missing)
        basket = self.around.basket
        if asked.get("first_order") and (not basket.group_id or basket.earlier_orders):
            why = "" if basket.group_id else "only who is signed in can be known to be new"
            return Refused(Outcome.NOT_FIRST_ORDER, why)
        return None

    def _put_in(self) -> Refused | None:
        """The app gives another piece beside what is bought."""
        return Refused(Outcome.PUT_IN) if BY_APP in self.said else None

    # -- what comes off -----------------------------------------------------------------------

    def _discounts(self) -> list[Discount] | Refused:
        seen = self.around.seen
        left = seen.shown(self.so_far)
        found, is_there = [], False
        # In the order of ids that derive from their place, which the cap alone could tell apart.
        for said in self.said["discounts"]:
            pieces = self._pieces(said)
            total = sum((count * good.unit for _, good, count in pieces), _NOTHING)
            is_there = is_there or bool(pieces)
            off = min(_worth(said, total), left) if total else _NOTHING
            if off > 0:
                found.append(self._discount(off, total, pieces))
                left -= seen.rounded(off)
        if found:
            return found
        return Refused(Outcome.NOTHING_LEFT if is_there else Outcome.NOT_IN_BASKET)

    def _discount(
        self, off: Decimal, total: Decimal, pieces: Sequence[tuple[int, Good, int]]
    ) -> Discount:
        seen = self.around.seen
        worth: dict[Decimal, Decimal] = {}
        for _, good, count in pieces:
            worth[good.rate] = worth.get(good.rate, _NOTHING) + count * good.unit
        shown = seen.rounded(off)
        return Discount(
            self.offer.key,
            bool(self.offer.code),
            seen.money(shown, shared_tax(shown, worth, seen)),
            {place: off * count * good.unit / total for place, good, count in pieces},
        )

    def _pieces(self, said: Mapping[str, Any]) -> list[tuple[int, Good, int]]:
        """Lines with how many pieces of each; where pieces are counted, the cheapest first."""
        named = set(said["products"])
        meant = [(i, good) for i, good in enumerate(self.goods) if not named or named & good.ids]
        most = said["pieces"]
        if most is None:
            return [(place, good, good.quantity) for place, good in meant]
        counts: dict[int, int] = {}
        for place, good in sorted(meant, key=lambda one: one[1].unit):
            counts[place] = min(good.quantity, most)
            most -= counts[place]
        return [(place, good, counts[place]) for place, good in meant if counts[place]]


def _worth(said: Mapping[str, Any], total: Decimal) -> Decimal:
    value = Decimal(said["value"])
    if said["type"] == "absolute":
        return min(value, total)
    off = total * min(value, Decimal(100)) / 100
    return off if said["maximum"] is None else min(off, Decimal(said["maximum"]))


# -- thresholds -----------------------------------------------------------------------------


def _below(threshold: Mapping[str, Any], one: _Promotion) -> Refused | None:
    """As :func:`connectors.shopware.promotion_rules.basket_conditions` says it: by what the buyer
    sees, reckoned from the other side by the shop's highest or lowest rate where need be."""
    seen, basket = one.around.seen, one.around.basket
    is_gross, amount = threshold["basis"] == "gross", Decimal(threshold["amount"])
    given = frozenset(threshold.get("but_for") or ())
    if threshold.get("after_discounts"):
        compares_gross, money, when = is_gross or seen.is_gross, one.so_far, ", after discounts"
    elif is_gross and not given and not seen.is_gross:
        compares_gross, money, when = True, one.so_far, ", so far"
    else:
        others = [good.price for good in one.goods if not given & good.ids]
        compares_gross, money, when = seen.is_gross, sum(others, NO_MONEY), ""
    needed = amount
    if is_gross is not compares_gross:
        early = threshold.get("early") is True
        needed = _on_other_side(amount, basket, wants_gross=compares_gross, early=early)
    there = money.gross if compares_gross else money.net
    if there >= needed:
        return None
    side = f"{'with' if compares_gross else 'without'} tax{when}"
    return below(there, needed, basket.store.currency, side)


def _on_other_side(amount: Decimal, basket: Basket, *, wants_gross: bool, early: bool) -> Decimal:
    """``early``: rather too little than too much."""
    rates = basket.tax_rates or (_NOTHING,)
    rate = 1 + (max(rates) if wants_gross is not early else min(rates)) / 100
    other = amount * rate if wants_gross else amount / rate
    return other.quantize(_CENT, ROUND_FLOOR if early else ROUND_CEILING)


def reckons_other_side(offers: Sequence[Offer], *, is_gross: bool) -> bool:
    """Whether a threshold is on another side than what the buyer sees."""
    for offer in offers:
        try:
            threshold = (read_text(offer.native).get("basket") or {}).get("threshold")
        except Rejected:
            continue
        if threshold and (threshold["basis"] == "gross") is not is_gross:
            return True
    return False
