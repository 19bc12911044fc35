"""Gifts that a plugin in the shop puts into baskets: never two, wherever a rule stands."""

from __future__ import annotations

import pytest

from connectors.base import Connector
from connectors.conformance.offers import CODES, Offers, OfferSuite, Shoppers
from connectors.conformance.shop import Ability, PluginDesk, needs
from connectors.errors import ConnectorError
from connectors.plugins import HasPlugin, Plugin, TellsPlugin
from connectors.rewards import GivenByPlugin, Promotion, Promotions

Goods = tuple[str, str]


@needs(Ability.PLUGIN)
class PluginGiftTests(OfferSuite):
    @pytest.fixture
    def pair(self, shoppers: Shoppers) -> Goods:
        """What is bought, and the SKU that is given, which costs less."""
        lines = shoppers.lines(wanted=dict.fromkeys(shoppers.shopping.skus[:3], 1))
        ranked = [line.sku for line in sorted(lines, key=lambda line: line.net)]
        return ranked[-1], ranked[0]

    @pytest.fixture
    def gift(self, offers: Offers, shoppers: Shoppers, pair: Goods) -> Promotion:
        """For who buys two."""
        bought, given_away = pair
        threshold = shoppers.threshold(shoppers.shown(shoppers.goods(wanted={bought: 2})))
        return offers.gift(offers.product(given_away), threshold=threshold)

    def seen(self, connector: Connector) -> Plugin | None:
        assert isinstance(connector, HasPlugin)
        return connector.plugin()

    def free(self, shoppers: Shoppers, pair: Goods, *, bought: int = 2, own: int = 0) -> int:
        """Pieces of the gift that cost nothing."""
        more = {pair[1]: own} if own else {}
        lines = shoppers.lines(wanted={pair[0]: bought, **more})
        given_away = [line for line in lines if line.sku == pair[1]]
        free = [one.quantity for one in given_away if one.gross == one.discount_gross]
        return int(sum(free))

    def test_it_is_seen_as_it_is(self, connector: Connector, plugin: PluginDesk) -> None:
        assert self.seen(connector) is None
        plugin.install()
        found = self.seen(connector)
        assert found is not None
        assert found.version
        assert (found.is_active, found.puts_gifts_in) == (True, True)
        plugin.switch(on=False)
        found = self.seen(connector)
        assert found is not None
        assert (found.is_active, found.puts_gifts_in) == (False, False)
        plugin.uninstall()
        assert self.seen(connector) is None

    def test_what_it_is_told_is_read(
        self, offers: Offers, promotions: Promotions, gift: Promotion, plugin: PluginDesk
    ) -> None:
        """To the letter, with what holds for groups and times; beside what is no gift."""
        plugin.install()
        vouchers = offers.make(offers.vouchers(), CODES[0])
        for promotion in (gift, offers.gift(offers.two_products()[0], "gift.2")):
            native = promotions.compile(promotion)
            held = promotions.write(promotion.key, native)
            assert held.native == native
            assert promotions.read([promotion.key]) == {promotion.key: held}
            assert held in list(promotions.all())
            promotions.remove(promotion.key)
            promotions.remove(promotion.key)
            assert list(promotions.all()) == [vouchers]

    def test_it_comes_by_itself_and_goes(
        self, offers: Offers, gift: Promotion, pair: Goods, shoppers: Shoppers, plugin: PluginDesk
    ) -> None:
        plugin.install()
        offers.make(gift)
        assert self.free(shoppers, pair) == 1
        assert self.free(shoppers, pair, bought=1) == 0
        assert self.free(shoppers, pair, own=1) == 1
        order = shoppers.shopping.told(shoppers.buy(wanted={pair[0]: 2}))
        assert {line.sku: line.is_gift for line in order.lines} == {pair[0]: False, pair[1]: True}
        offers.promotions.remove(gift.key)
        assert self.free(shoppers, pair) == 0

    def test_wherever_a_rule_stands_nobody_gets_two(
        self,
        offers: Offers,
        promotions: Promotions,
        gift: Promotion,
        pair: Goods,
        shoppers: Shoppers,
        plugin: PluginDesk,
    ) -> None:
        """Also who has put one into his basket himself, and when the plugin comes back. Switched
        off, it leaves his free where there is nothing to plan, else once the plan is applied."""
        native = offers.make(gift).native
        plugin.install()
        assert self.free(shoppers, pair, own=1) == 1
        moved = offers.make(gift)
        assert moved.by_plugin
        assert moved.native != native
        assert (self.free(shoppers, pair), self.free(shoppers, pair, own=1)) == (1, 1)
        plugin.switch(on=False)
        stays = promotions.compile(gift) == moved.native
        assert self.free(shoppers, pair, own=1) == int(stays)
        assert promotions.read([gift.key]) == {gift.key: moved}
        offers.make(gift)
        assert promotions.read([gift.key])[gift.key].native == (moved.native if stays else native)
        assert (self.free(shoppers, pair), self.free(shoppers, pair, own=1)) == (0, 1)
        plugin.switch(on=True)
        assert (self.free(shoppers, pair), self.free(shoppers, pair, own=1)) == (int(stays), 1)

    def test_one_that_was_taken_out_and_comes_back_gives_nothing_of_old(
        self, offers: Offers, gift: Promotion, pair: Goods, shoppers: Shoppers, plugin: PluginDesk
    ) -> None:
        plugin.install()
        offers.make(gift)
        plugin.uninstall()
        offers.make(gift)
        plugin.install()
        assert (self.free(shoppers, pair), self.free(shoppers, pair, own=1)) == (0, 1)

    def test_what_needs_it_is_refused_without_it(
        self, offers: Offers, promotions: Promotions, gift: Promotion, plugin: PluginDesk
    ) -> None:
        """An undo to a time when it was there; what stands there instead goes on."""
        plugin.install()
        by_plugin = promotions.compile(gift)
        plugin.uninstall()
        there = offers.make(gift)
        with pytest.raises(ConnectorError):
            promotions.write(gift.key, by_plugin)
        assert promotions.read([gift.key]) == {gift.key: there}

    def test_one_that_is_to_be_told_nothing_gets_no_rule(
        self,
        connector: Connector,
        offers: Offers,
        promotions: Promotions,
        gift: Promotion,
        pair: Goods,
        shoppers: Shoppers,
        plugin: PluginDesk,
    ) -> None:
        """It was made to forget the bridge, and is switched on."""
        native = offers.make(gift).native
        plugin.install()
        by_plugin = offers.make(gift).native
        assert isinstance(connector, TellsPlugin) and isinstance(promotions, GivenByPlugin)
        connector.forget()
        alone = promotions.without_plugin()
        assert alone.compile(gift) == native
        with pytest.raises(ConnectorError):
            alone.write(gift.key, by_plugin)
        assert alone.write(gift.key, native).native == native
        assert (self.free(shoppers, pair), self.free(shoppers, pair, own=1)) == (0, 1)
