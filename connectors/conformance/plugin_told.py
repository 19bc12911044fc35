"""What a plugin in the shop is told: where the bridge is, and whose codes are whose."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.base import Connector
from connectors.conformance.addresses import dead_address
from connectors.conformance.base import Suite, given
from connectors.conformance.offers import CODES, Offers, OfferSuite, Shoppers
from connectors.conformance.shop import Ability, PluginDesk, PromotionDesk, Shop, needs
from connectors.errors import NotFound
from connectors.plugins import GuardsCodes, HasPlugin, Owner, PluginSettings, TellsPlugin, plugin_of
from connectors.sales import HeldByPlugin, can_hold

SETTINGS = PluginSettings(
    events_url="https://bridge.example/hooks/1",
    events_secret="s" * 40,
    member_url="https://bridge.example/members/acme/from-shop/1",
    link_secret="l" * 40,
    sign_in_url="https://bridge.example/members/acme/from-app/1",
    redeem_url="https://bridge.example/redeem/1",
    points_label="Äpfel & <b>Stars</b>",
    told="state-1",
)
MINE, BY_MAIL, ANYBODYS = CODES


@needs(Ability.PLUGIN)
class PluginToldTests(Suite):
    @pytest.fixture
    def telling(self, connector: Connector) -> TellsPlugin:
        assert isinstance(connector, TellsPlugin)
        return connector

    def test_one_that_is_not_there_is_told_nothing(self, telling: TellsPlugin) -> None:
        assert telling.told() == ""
        with pytest.raises(NotFound):
            telling.tell(SETTINGS)
        telling.forget()
        assert telling.told() == ""

    def test_it_says_what_it_was_told_last(self, telling: TellsPlugin, plugin: PluginDesk) -> None:
        """Also while it is switched off: then it knows once it is on again."""
        plugin.install()
        assert telling.told() == ""
        for _ in range(2):
            telling.tell(SETTINGS)
            assert telling.told() == "state-1"
        plugin.switch(on=False)
        telling.tell(PluginSettings(told="state-2"))
        assert telling.told() == "state-2"

    def test_it_forgets(self, telling: TellsPlugin, plugin: PluginDesk) -> None:
        """Twice is once, and it can be told again."""
        plugin.install()
        telling.tell(SETTINGS)
        for _ in range(2):
            telling.forget()
            assert telling.told() == ""
        telling.tell(SETTINGS)
        assert telling.told() == "state-1"

    def test_a_knock_is_heard_or_not_needed(self, telling: TellsPlugin, plugin: PluginDesk) -> None:
        plugin.install()
        telling.tell(replace(SETTINGS, events_url=f"{dead_address()}/hooks"))
        assert telling.knock("nonce-0123_abc") in (True, False)


@needs(Ability.PLUGIN, Ability.OWNERS)
class OwnerTests(OfferSuite):
    @pytest.fixture
    def guarding(self, connector: Connector, plugin: PluginDesk) -> GuardsCodes:
        plugin.install()
        assert isinstance(connector, GuardsCodes)
        return connector

    @pytest.fixture
    def other(self, shop: Shop, shoppers: Shoppers) -> str:
        """The e-mail of another customer."""
        return next(one for one in shoppers.shopping.till.buyers() if one != shop.customer_email)

    @pytest.fixture
    def his(self, shop: Shop, connector: Connector) -> Owner:
        found = (one.id for one in connector.customers() if one.email == shop.customer_email)
        return Owner((next(found),))

    @pytest.fixture
    def owned(self, offers: Offers, guarding: GuardsCodes, his: Owner) -> GuardsCodes:
        """Codes of the customer, of who has an address, and of anybody; told before they hang in
        the shop, and after."""
        owners = {MINE: his, BY_MAIL: Owner(email="eva@example.com"), ANYBODYS: Owner()}
        assert guarding.has_to_know()
        assert guarding.own(owners) == {}
        offers.make(offers.vouchers())
        for _ in range(2):
            guarding.guard_promotions([offers.vouchers().key])
        offers.make(offers.vouchers(), *CODES)
        assert guarding.own(owners) == {}
        return guarding

    def test_it_is_seen_to_guard_them(self, connector: Connector, plugin: PluginDesk) -> None:
        plugin.install()
        found = plugin_of(connector)
        assert found is not None
        assert found.guards_codes
        plugin.switch(on=False)
        found = plugin_of(connector)
        assert found is not None
        assert not found.guards_codes

    def test_a_code_is_its_owners(self, owned: GuardsCodes, shoppers: Shoppers, other: str) -> None:
        for typed in (MINE, MINE.lower()):
            assert shoppers.saves(typed) > 0
            assert shoppers.saves(typed, email=other) == 0
        assert shoppers.saves(MINE, email="eva@example.com", guest=True) == 0

    def test_who_owned_it_before_does_not_any_more(
        self, owned: GuardsCodes, connector: Connector, shoppers: Shoppers, other: str, his: Owner
    ) -> None:
        found = (one.id for one in connector.customers() if one.email == other)
        for owner, former in ((Owner((next(found),)), his), (his, Owner()), (Owner(), his)):
            assert owned.own({MINE: owner}, {MINE: former.customer_ids}) == {}
            is_his = owner in (his, Owner())
            assert (shoppers.saves(MINE) > 0) is is_his
        assert shoppers.saves(MINE, email=other) > 0, "it is anybody's"

    def test_one_whose_owner_has_no_account_there_can_be_used_by_him(
        self, owned: GuardsCodes, shoppers: Shoppers
    ) -> None:
        assert shoppers.saves(BY_MAIL, email="Eva@Example.com", guest=True) > 0

    def test_nothing_is_guarded_once_it_is_released(
        self, owned: GuardsCodes, shoppers: Shoppers, plugin: PluginDesk, other: str
    ) -> None:
        owned.disown(CODES)
        for _ in range(2):
            owned.release()
        assert shoppers.saves(MINE, email=other) > 0
        plugin.uninstall()
        assert not owned.has_to_know()

    @needs(Ability.ADDRESSES)
    def test_one_of_an_address_is_of_who_gives_it(
        self, owned: GuardsCodes, shoppers: Shoppers, other: str
    ) -> None:
        assert shoppers.saves(BY_MAIL, email="Eva@Example.com", guest=True) > 0
        assert shoppers.saves(BY_MAIL, email="adam@example.com", guest=True) == 0
        assert shoppers.saves(BY_MAIL, email=other) == 0

    def test_one_of_nobody_is_anybodys(
        self, owned: GuardsCodes, shoppers: Shoppers, other: str
    ) -> None:
        assert shoppers.saves(ANYBODYS, email=other) > 0

    def test_a_code_is_used_once(self, owned: GuardsCodes, shoppers: Shoppers) -> None:
        """Without what works off the shop's queues, and whatever the bridge repeats."""
        shoppers.buy(MINE)
        assert shoppers.saves(MINE) == 0

    def test_what_is_disowned_is_nobodys(
        self, owned: GuardsCodes, shoppers: Shoppers, other: str, his: Owner
    ) -> None:
        """Taken out of the shop, it is of no use to anybody; left there, no more to him."""
        for _ in range(2):
            owned.disown([MINE, "LB-NEVER-KNOWN"], {MINE: his.customer_ids})
        assert (shoppers.saves(MINE) > 0) is (shoppers.saves(MINE, email=other) > 0)
        assert shoppers.saves(ANYBODYS) > 0
        owned.disown([])
        assert owned.own({}) == {}

    def test_codes_of_the_shops_own_are_left_alone(
        self, owned: GuardsCodes, desk: PromotionDesk, shoppers: Shoppers, other: str
    ) -> None:
        desk.make("Summer", 10, ["SUMMER10"])
        assert shoppers.saves("SUMMER10", email=other) > 0

    def test_without_the_plugin_a_code_is_whose_it_always_was(
        self, owned: GuardsCodes, shoppers: Shoppers, plugin: PluginDesk, other: str
    ) -> None:
        plugin.switch(on=False)
        assert shoppers.saves(MINE, email=other) > 0
        plugin.uninstall()
        assert shoppers.saves(MINE, email=other) > 0
        owned.disown([MINE])


@needs(Ability.PLUGIN, Ability.BALANCES)
class PluginBalanceTests(Suite):
    def test_they_come_and_go_with_it(self, connector: Connector, plugin: PluginDesk) -> None:
        """Where the shop cannot hold them otherwise."""
        balances = given(connector.balances, Ability.BALANCES)
        assert isinstance(connector, HasPlugin)
        without = not isinstance(balances, HeldByPlugin)
        for _ in range(2):
            assert can_hold(balances) is without
            plugin.install()
            assert can_hold(balances)
            plugin.switch(on=False)
            assert can_hold(balances)
            plugin.uninstall()
