"""What connectors make of the promotions that a programme wants. It is asked before a plan opens
its transaction, for a connector may have to look something up in its shop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from bridge.application import Application
from bridge.catalogue.models import ShopProduct
from bridge.installations import plugin_states
from bridge.installations.models import Installation
from bridge.installations.service import selected
from bridge.kit.errors import BridgeError
from bridge.outbox.placeholders import is_placeholder
from bridge.plans.context import Site, read_site
from bridge.plans.groups import GroupPlan, ResolvedGroup
from bridge.programme.document import Programme
from bridge.programme.service import current
from bridge.promotions.samples import Sample, samples
from bridge.promotions.texts import Meaning
from bridge.promotions.wanted import (
    BuyerGroup,
    Place,
    SoldProduct,
    Wishes,
    skus_named,
    wishes,
)
from connectors.base import Connector, ProductKind
from connectors.errors import ConnectorError, Rejected
from connectors.plugins import plugin_of
from connectors.rewards import Promotion, Promotions, without_plugin

NOT_ASKED = "It changed while the plan was made. Plan again."
NOTHING_THERE = "Nothing can be given in the baskets of this store: its connector cannot do it."


@dataclass(frozen=True)
class Texts:
    """Of one installation."""

    made: Mapping[Promotion, Meaning] = field(default_factory=dict)
    refused: Mapping[Promotion, str] = field(default_factory=dict)
    """Why the shop cannot say it."""
    why_none: str = ""
    """Why nothing could be compiled at all."""
    has_carts: bool = False
    """Whether the bridge puts gifts into baskets: the shop lets an integration change open ones."""
    has_plugin: bool = False
    """Whether a plugin in the shop puts in those that it is told of."""
    no_vouchers: Sequence[tuple[Sample, str]] = ()
    """Vouchers the shop cannot make, and why."""

    def of(self, promotion: Promotion) -> str | None:
        meaning = self.made.get(promotion)
        return None if meaning is None else meaning.native

    def why_not(self, promotion: Promotion) -> str:
        return self.why_none or self.refused.get(promotion, NOT_ASKED)


@dataclass(frozen=True)
class Compiled:
    """Everything a plan must know of promotions that no transaction may ask for."""

    now: datetime
    texts: Mapping[int, Texts] = field(default_factory=dict)
    """By installation."""


def compile_promotions(app: Application, installations: Sequence[Installation]) -> Compiled:
    """Asks the connectors of those installations whose programme wants promotions there."""
    now = app.now()
    texts = {}
    for installation, asked in _wanted(app, installations, now):
        assert installation.id is not None
        texts[installation.id] = _texts(app, installation, asked)
    return Compiled(now, texts)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one connector is asked for."""

    wishes: Wishes
    samples: tuple[Sample, ...]


def _wanted(
    app: Application, installations: Sequence[Installation], now: datetime
) -> list[tuple[Installation, _Asked]]:
    with app.database.reading() as session:
        found = current(session, app.workspace_id)
        if found is None:
            return []
        names = frozenset(one.name for one in selected(session, app.workspace_id, ()))
        pulled = [one for one in installations if one.pulled_at is not None]
        wanted: list[tuple[Installation, _Asked]] = []
        if not _gives(found[1]):
            return wanted
        for installation in pulled:
            platform = app.platforms[installation.platform]
            site = read_site(session, installation, platform, app.workspace, found[1], names)
            groups = GroupPlan(session, site)
            for _ in groups.parts():
                pass  # which groups there are is known once it was asked for all of them
            asked = _Asked(
                wishes_of(session, site, groups.resolved, now),
                samples(site.programme, site.name, site.pricing.stores),
            )
            wanted.append((installation, asked))
    return [pair for pair in wanted if pair[1].wishes.wanted or pair[1].samples]


def _gives(programme: Programme) -> bool:
    return bool(
        programme.gifts or programme.campaigns or programme.next_purchase or programme.referrals
    )


def wishes_of(
    session: Session, site: Site, groups: Mapping[str, ResolvedGroup], now: datetime
) -> Wishes:
    """What the programme wants in one installation, as it was last pulled."""

    def groups_named(name: str) -> list[BuyerGroup]:
        if name in site.programme.groups:
            made = groups.get(name)
            return [BuyerGroup(made.group_id, made.name, made.audience_id)] if made else []
        return [
            BuyerGroup(group.id, group.name, site.platform.audience_id(site.mark, group.id))
            for group in site.groups_named(name)
        ]

    products = dict(_products(session, site))
    place = Place(site.name, site.pricing.stores, products, groups_named)
    return wishes(site.programme, place, now)


def _products(session: Session, site: Site) -> Iterator[tuple[str, SoldProduct]]:
    rows = session.execute(
        select(
            col(ShopProduct.sku),
            col(ShopProduct.product_id),
            col(ShopProduct.name),
            col(ShopProduct.kind),
            col(ShopProduct.is_active),
        ).where(
            col(ShopProduct.workspace_id) == site.workspace_id,
            col(ShopProduct.installation_id) == site.installation_id,
            col(ShopProduct.sku).in_(skus_named(site.programme)),
        )
    )
    for sku, product_id, name, kind, is_active in rows:
        yield sku, SoldProduct(product_id, name, kind == ProductKind.PARENT.value, is_active)


def _texts(app: Application, installation: Installation, asked: _Asked) -> Texts:
    assert installation.id is not None
    with app.database.reading() as session:
        state = plugin_states.state_of(session, app.workspace_id, installation.id)
    try:
        with closing(app.connect(installation)) as connector:
            return _compiled(connector, asked, tells_plugin=not state.is_forgotten)
    except (ConnectorError, BridgeError) as error:
        return Texts(why_none=str(error))


def _compiled(connector: Connector, asked: _Asked, *, tells_plugin: bool) -> Texts:
    promotions: Promotions | None = connector.promotions
    if promotions is None:
        return Texts(why_none=NOTHING_THERE)
    if not tells_plugin:
        promotions = without_plugin(promotions)
    made: dict[Promotion, Meaning] = {}
    refused: dict[Promotion, str] = {}
    for one in asked.wishes.wanted:
        if any(map(is_placeholder, one.promotion.group_ids)):
            continue
        try:
            native = promotions.compile(one.promotion)
        except Rejected as error:
            refused[one.promotion] = str(error)
        else:
            made[one.promotion] = Meaning(native, one.promotion, one.rate)
    return Texts(
        made,
        refused,
        has_carts=connector.carts is not None,
        has_plugin=tells_plugin and _has_plugin(connector),
        no_vouchers=list(_impossible(promotions, asked.samples)),
    )


def _has_plugin(connector: Connector) -> bool:
    plugin = plugin_of(connector)
    return plugin is not None and plugin.puts_gifts_in


def _impossible(promotions: Promotions, tried: Sequence[Sample]) -> Iterator[tuple[Sample, str]]:
    for sample in tried:
        try:
            promotions.compile(sample.promotion)
        except Rejected as error:
            yield sample, str(error)
