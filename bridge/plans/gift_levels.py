"""How far each gift rule goes in each store: added, and by whom; free once added; not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import func, select
from sqlmodel import Session, col

from bridge.application import Application
from bridge.gifts.models import CartGift, GiftState
from bridge.installations.models import Installation
from bridge.installations.service import selected
from bridge.plans.context import Site, read_site
from bridge.plans.groups import GroupPlan
from bridge.plans.promotion_texts import Compiled, Texts, compile_promotions, wishes_of
from bridge.programme.service import current
from bridge.promotions.models import ShopPromotion
from bridge.promotions.texts import meanings
from bridge.promotions.wanted import GIFT_PREFIX, Unsaid, Wanted, Wishes, prefix_of

GIFTS = "gifts."


class Level(StrEnum):
    ADDED = "added"
    """It comes into open baskets by itself, and leaves them again: see :attr:`GiftLevel.by`."""
    FREE = "free once added"
    """The shopper puts it into his basket, and pays nothing for it."""
    NONE = "not possible"


@dataclass(frozen=True, slots=True)
class GiftLevel:
    """One rule in one store."""

    rule: str
    store: str
    """``installation/store``, or the installation alone where the rule has no store there."""
    level: Level
    by: str = ""
    """Who adds it: ``bridge``, or as the plugin in the shop is called (``app``, ``module``)."""
    why: str = ""
    """Why it goes no further."""
    is_in_shop: bool = False
    """The shop holds the promotion as the programme wants it, as last pulled."""
    to_do: str = ""
    """What a person has to do before it is in the shop."""
    baskets: dict[GiftState, int] = field(default_factory=dict)
    """How many baskets the bridge has put it into, by what became of it."""

    @property
    def said(self) -> str:
        """The level in words."""
        return f"{self.level.value} by the {self.by}" if self.by else self.level.value

    @property
    def open_gifts(self) -> int:
        """In baskets that are not ordered yet."""
        return sum(
            self.baskets.get(state, 0)
            for state in (GiftState.ADDING, GiftState.ADDED, GiftState.REMOVING)
        )


def gift_levels(app: Application) -> list[GiftLevel]:
    """Every gift rule of the programme in every store it is for. Asks no shop what it holds."""
    with app.database.reading() as session:
        installations = selected(session, app.workspace_id, ())
    compiled = compile_promotions(app, installations)
    with app.database.reading() as session:
        found = current(session, app.workspace_id)
        if found is None or not found[1].gifts:
            return []
        names = frozenset(one.name for one in installations)
        levels: list[GiftLevel] = []
        for installation in installations:
            if installation.pulled_at is None:
                levels += _unknown(installation, list(found[1].gifts))
                continue
            platform = app.platforms[installation.platform]
            site = read_site(session, installation, platform, app.workspace, found[1], names)
            levels += _Shop(session, site, compiled).levels()
    return sorted(levels, key=lambda one: (one.rule, one.store))


def _unknown(installation: Installation, rules: list[str]) -> Iterator[GiftLevel]:
    why = f"Nothing is known of it yet. Run `loyalty-bridge pull {installation.name}` first."
    for rule in rules:
        yield GiftLevel(rule, installation.name, Level.NONE, why=why)


class _Shop:
    def __init__(self, session: Session, site: Site, compiled: Compiled) -> None:
        groups = GroupPlan(session, site)
        for _ in groups.parts():
            pass  # which groups there are is known once it was asked for all of them
        self._session = session
        self._site = site
        self._texts = compiled.texts.get(site.installation_id, Texts())
        self._wishes: Wishes = wishes_of(session, site, groups.resolved, compiled.now)
        self._held = _held(session, site)
        self._baskets = _baskets(session, site)

    def levels(self) -> Iterator[GiftLevel]:
        for one in self._wishes.wanted:
            if one.source.startswith(GIFTS):
                yield self._wanted(one)
        for unsaid in self._wishes.unsaid:
            if unsaid.source.startswith(GIFTS):
                yield self._unsaid(unsaid)
        for rule in self._site.programme.gifts:
            for store in self._site.pricing.stores:
                if f"{prefix_of(GIFTS + rule)}{store.id}" in self._wishes.ended:
                    name = f"{self._site.name}/{store.code}"
                    yield GiftLevel(rule, name, Level.NONE, why="Its last day is over.")

    def _wanted(self, one: Wanted) -> GiftLevel:
        promotion = one.promotion
        rule, store = one.source.removeprefix(GIFTS), self._named(promotion.store_id)
        if self._texts.why_none or promotion in self._texts.refused:
            return GiftLevel(rule, store, Level.NONE, why=self._texts.why_not(promotion))
        to_do, by = self._to_do(one), self._by(one)
        return GiftLevel(
            rule,
            store,
            Level.ADDED if by else Level.FREE,
            by,
            one.note or ("" if by else self._why_free()),
            not to_do,
            to_do,
            self._baskets.get((rule, promotion.store_id), {}),
        )

    def _by(self, one: Wanted) -> str:
        """Empty: nobody puts it in."""
        package, native = self._site.platform.plugin, self._texts.of(one.promotion)
        # What waits for a group to be made is given by the plugin as well, as far as is known.
        if package and self._texts.has_plugin and (native is None or package.gives(native)):
            return package.kind
        return "bridge" if self._texts.has_carts else ""

    def _why_free(self) -> str:
        package = self._site.platform.plugin
        why = "This shop lets nobody change a shopper's basket."
        if package is None or self._texts.has_plugin:
            return why
        return f"{why} With the bridge's {package.kind} at work in the shop it comes by itself."

    def _unsaid(self, one: Unsaid) -> GiftLevel:
        store = f"{self._site.name}/{one.store}" if one.store else self._site.name
        return GiftLevel(one.source.removeprefix(GIFTS), store, Level.NONE, why=one.message)

    def _to_do(self, one: Wanted) -> str:
        held = self._held.get(one.key)
        if held is not None and held == self._texts.of(one.promotion):
            return ""
        if held is None:
            return "It is not in the shop yet: run `loyalty-bridge apply`."
        place = (self._site.workspace_id, self._site.installation_id)
        if meanings(self._session, *place, {one.key: held}):
            return "The shop holds an earlier version: run `loyalty-bridge apply`."
        return "It was changed in the shop: `loyalty-bridge plan` shows how, `resolve` decides."

    def _named(self, store_id: str) -> str:
        codes = (one.code for one in self._site.pricing.stores if one.id == store_id)
        return f"{self._site.name}/{next(codes, store_id)}"


def _held(session: Session, site: Site) -> dict[str, str]:
    rows = session.execute(
        select(col(ShopPromotion.key), col(ShopPromotion.native)).where(
            col(ShopPromotion.workspace_id) == site.workspace_id,
            col(ShopPromotion.installation_id) == site.installation_id,
            col(ShopPromotion.key).startswith(GIFT_PREFIX, autoescape=True),
        )
    )
    return {row[0]: row[1] for row in rows}


def _baskets(session: Session, site: Site) -> dict[tuple[str, str], dict[GiftState, int]]:
    """By rule and store."""
    rows = session.execute(
        select(col(CartGift.rule), col(CartGift.store_id), col(CartGift.state), func.count())
        .where(
            col(CartGift.workspace_id) == site.workspace_id,
            col(CartGift.installation_id) == site.installation_id,
        )
        .group_by(col(CartGift.rule), col(CartGift.store_id), col(CartGift.state))
    )
    found: dict[tuple[str, str], Counter[GiftState]] = {}
    for rule, store_id, state, count in rows:
        found.setdefault((rule, store_id), Counter())[GiftState(state)] += count
    return {place: dict(counts) for place, counts in found.items()}
