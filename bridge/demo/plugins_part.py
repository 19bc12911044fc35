"""The story of the plugins: the shops themselves tell, give, guard and take points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from bridge.demo import by_hand, plugged, rewarded, standings
from bridge.demo.at_work import AtWork, at_work
from bridge.demo.codes_part import CodesPart
from bridge.demo.friend import Friend
from bridge.demo.part import Step
from bridge.demo.sample import (
    ALONE,
    COLLEAGUE,
    GIFT,
    HEARD,
    MAGENTO,
    PAID,
    RUSHED,
    SHOPWARE,
    TWICE,
    WINDOWS,
    Redeemed,
)
from bridge.plans.gift_levels import Level, gift_levels
from bridge.shop_plugins.checklist import Mark
from bridge.vouchers.models import Voucher, VoucherState
from connectors.sandbox.basket import Basket, GuestBasket, OrderRefused

NOTHING = Decimal(0)
SELDOM = 3600
"""Seconds between two polls."""
WITH_BOTH = ("installed", "active", "told", "events", "links")
"""What works of either plugin as soon as it is there; gifts follow with the plan."""


@dataclass
class PluginsPart(CodesPart):
    until_the_end: ExitStack
    work: AtWork = field(init=False)

    def steps(self) -> list[Step]:
        return [
            Step(
                "Put the bridge into both shops",
                "All that was shown works without; what follows only a shop itself can do.",
                self.install,
            ),
            Step(
                f"Buy in {HEARD.store}, and look in both shops",
                "The shop tells the bridge, and signs it. By itself the bridge asks once an hour "
                "here.",
                self.hear,
            ),
            Step(
                "The gift moves to the plugins",
                "Planned and applied like every change: a basket never gets two.",
                self.move,
            ),
            Step(
                "It comes and goes in both shops",
                "With the basket itself, and nobody looks into it from outside.",
                self.come_and_go,
            ),
            Step(
                f"A voucher is its owner's in both shops, and is used once in {TWICE.shop}",
                "A code used to work for whoever knew it; there as often as he was quick.",
                self.guard,
            ),
            Step(
                f"Points pay in the basket of {PAID.store}",
                "The bridge holds them first. The order costs what it took off, no more.",
                self.pay,
            ),
            Step(
                f"The app is switched off in {SHOPWARE}, and on again",
                "Gifts come by themselves no more. The shop's own promotion, which stands beside, "
                "keeps those free that lie in baskets.",
                self.switch,
            ),
        ]

    # -- there, and heard ----------------------------------------------------------------------

    def install(self) -> None:
        self.work = self.until_the_end.enter_context(at_work(self.stage, poll_seconds=SELDOM))
        self.work.engine.start()
        self._rest()
        app = str(self.stage.folder / "LoyaltyBridge.zip")
        self.run("shopware-app", "build", SHOPWARE, "--url", self.work.url, "--out", app)
        ports = {shop.name: str(shop.running.port) for shop in self.shops()}
        self.run("sandbox", "shopware", "--port", ports[SHOPWARE], "--app", app)
        self.run("sandbox", "magento", "--port", ports[MAGENTO], "--module", "install")
        plugged.watch(self.work.app, MAGENTO)
        self.work.engine.wake("plugins")
        done = dict.fromkeys(WITH_BOTH, Mark.DONE)
        for store in self.stage.shops:
            self.wait_for(f"what works in {store}", done, partial(self._works, store))
            self.run("plugin", "show", store)
            self._wait_for_gifts(store, by_plugin=True)
        self._rest()
        self.teller.passed("both know the bridge, and what they send arrives")

    def hear(self) -> None:
        one = HEARD
        polled = plugged.polled(self.work.app)
        before = self._shown(one.buyer)
        sale = self.shopping.order(one.store, one.buyer, one.wanted)
        self.shopping.pay_and_send(one.store, sale)
        self.teller.say(f"{one.buyer} orders in {one.store}: order {sale.number}, paid and sent")
        owed = dict.fromkeys(self.stage.shops, tuple(self.shopping.owed()[one.buyer]))
        seconds = self.wait_for("what the shops show him", owed, lambda: self._shown(one.buyer))
        self.teller.table(
            ("asked as the shopper", "points", "pending"),
            [(store, *_changes(before[store], both)) for store, both in owed.items()],
            ("points", "pending"),
        )
        self.teller.passed(f"both shops show it {seconds:.1f} seconds later")
        self.check(
            "no shop was asked what changed meanwhile", polled, plugged.polled(self.work.app)
        )
        self.check_book("the balances are right")

    # -- gifts ---------------------------------------------------------------------------------

    def move(self) -> None:
        self.run("plan", code=2)
        self.run("apply", "--yes")
        self.run("gifts", "status")
        self._check_in_shops()
        for store in self.stage.shops:
            self.check_quietly(f"gifts in {store}", Mark.DONE, self._marks(store)["gifts"])
        self.teller.passed("both plugins hold the rule")

    def come_and_go(self) -> None:
        one = GIFT
        for store in self.stage.shops:
            with self.shopping.open_basket(store, one.buyer) as basket:
                basket.put(one.goods, 1)
                self._check_gift(basket, f"{store}: below {one.basket} there is no gift", 0)
                basket.put(one.more, 1)
                self._check_gift(basket, f"{store}: from {one.basket} on it is there, free", 1)
                self.work.engine.wake("gifts")
                self._rest()
                self._check_gift(basket, f"{store}: the bridge looks, and gives no second", 1)
                basket.take_out(one.more)
                self._check_gift(basket, f"{store}: the basket is worth less: it is gone", 0)

    # -- vouchers ------------------------------------------------------------------------------

    def guard(self) -> None:
        for request, one in (("demo-3", TWICE), ("demo-4", ALONE)):
            self._use_alone(one, request)
        self._rush(self._bring_a_friend())
        self.check_book("each was paid once")

    def _use_alone(self, one: Redeemed, request: str) -> None:
        voucher = self.exchange(one, request=request)
        with self.shopping.open_basket(one.shop, COLLEAGUE) as basket:
            self._fill(basket, one.wanted)
            entered = basket.enter(voucher.code)
            what = f"{COLLEAGUE} has the code: {one.shop} refuses it"
            self.check(what, False, entered)
        with self.shopping.open_basket(one.shop, one.buyer) as basket:
            self._fill(basket, one.wanted)
            self.enter(basket, voucher.code, one.face)
        self.shopping.order(one.shop, one.buyer, one.wanted, codes=[voucher.code])
        self.shopping.beside[one.buyer] -= by_hand.cost(one.face)
        self._wait_for_use(voucher, f"{one.buyer} orders with it")

    def _bring_a_friend(self) -> Voucher:
        """Who gets a code for his first order."""
        one = RUSHED
        friend, letters = Friend(one.friend), self.stage.mailbox
        with self.open() as app:
            link = rewarded.referral_link(app, one.referrer)
        friend.accept(link, one.store)
        self.wait_for("letters to him", 1, lambda: len(letters.to(one.friend)))
        friend.confirm(letters.to(one.friend)[0])
        self.wait_for("his code is in the shop", True, self._friend_has_a_code)
        with self.open() as app:
            found = rewarded.of_friend(app, one.friend)
        assert found is not None
        return found

    def _rush(self, voucher: Voucher) -> None:
        one = RUSHED
        with ExitStack() as stack:
            windows = [stack.enter_context(self._open_as_guest()) for _ in range(WINDOWS)]
            for basket in windows:
                self._fill(basket, one.wanted)
                basket.go_to_checkout()
                self.check_quietly("the shop takes the code", True, basket.enter(voucher.code))
            self.teller.say(f"{one.friend} orders with his code in {WINDOWS} windows at once")
            with ThreadPoolExecutor(WINDOWS) as pool:
                said = list(pool.map(_ordered, windows))
        refused = [one for one in said if one]
        self.check(f"one order, {WINDOWS - 1} refusals", WINDOWS - 1, len(refused))
        self.teller.say(f"  the shop: {refused[0]}")
        self._wait_for_use(voucher, "the one order")

    # -- points in the basket ------------------------------------------------------------------

    def pay(self) -> None:
        one = PAID
        shop, before = self.stage.shops[one.store], self._available(one.buyer)
        assert shop.sandbox.shopper_token is not None
        with self.shopping.open_basket(one.store, one.buyer) as basket:
            self._fill(basket, one.wanted)
            (goods,) = basket.lines()
            most = by_hand.percent_of(goods.price, one.share)
            token = shop.sandbox.shopper_token(shop.url, one.buyer)
            url = plugged.redeem_url(self.work.app, one.store)
            told = plugged.pay_with(url, token, one.points, shop)
            self.teller.say(f"{one.buyer}: {one.points:,} points, worth {told['shown']}")
            self.check_quietly("the shop has it", "done", told["state"])
            held = before - self._available(one.buyer)
            self.check(f"{one.points:,} points are held for it", one.points, held)
            lines = basket.lines()
            self.teller.table(
                ("in the basket", "pieces", "price"),
                [(line.sku, str(line.pieces), f"{line.price:.2f}") for line in lines],
                ("pieces", "price"),
            )
            off = -sum((line.price for line in lines if line.price < 0), NOTHING)
            self.check(f"{one.share} % of the goods are paid with points, no more", most, off)
        self.shopping.order(one.store, one.buyer, one.wanted)
        cost = by_hand.cost(most)
        self.shopping.beside[one.buyer] -= cost
        self.wait_for("points that are held", 0, self._reserved)
        self.check_book(f"the order cost {cost:,} points, {one.points - cost:,} are free again")

    # -- without the app -----------------------------------------------------------------------

    def switch(self) -> None:
        shop, one = self.stage.shops[SHOPWARE], GIFT
        with self._basket_of_worth() as basket:
            self._check_gift(basket, "a basket with the gift in it", 1)
            plugged.switch_app(shop, on=False)
            self._check_own_promotion(basket, "the app is off: the gift in it stays free")
        with self._basket_of_worth() as basket:
            self._check_gift(basket, "no gift comes by itself", 0)
            basket.put(one.sku, 1)
            self._check_own_promotion(basket, "the shop's own promotion makes it free once added")
        self._wait_for_gifts(SHOPWARE, by_plugin=False)
        self.run("plugin", "show", SHOPWARE)
        self.check("the bridge says so", Mark.MEND, self._marks(SHOPWARE)["active"])
        self.run("plan")
        plugged.switch_app(shop, on=True)
        self._wait_for_gifts(SHOPWARE, by_plugin=True)
        with self._basket_of_worth() as basket:
            self._check_gift(basket, "it is on: the gift comes again", 1)
        self._check_in_shops()
        self._rest()
        self.run("reconcile")
        self.teller.passed("books and shops agree")

    def _check_own_promotion(self, basket: Basket, what: str) -> None:
        (line,) = [line for line in basket.lines() if line.sku == GIFT.sku]
        self.check_quietly("the gift has a price", True, line.price > 0)
        self.check(what, line.price, line.off)

    # -- shopping ------------------------------------------------------------------------------

    @contextmanager
    def _basket_of_worth(self) -> Iterator[Basket]:
        """Of somebody who gets the gift where it is given."""
        one = GIFT
        with self.shopping.open_basket(SHOPWARE, one.buyer) as basket:
            self._fill(basket, {one.goods: 1, one.more: 1})
            yield basket

    def _open_as_guest(self) -> GuestBasket:
        shop = self.stage.shops[RUSHED.shop]
        assert shop.sandbox.open_guest_basket is not None
        return shop.sandbox.open_guest_basket(shop.url, RUSHED.friend)

    @staticmethod
    def _fill(basket: Basket, wanted: Mapping[str, int]) -> None:
        for sku, pieces in wanted.items():
            basket.put(sku, pieces)

    def _shown(self, email: str) -> dict[str, tuple[int, int] | None]:
        """What each shop tells him himself."""
        found = {}
        for shop in self.shops():
            assert shop.sandbox.shopper_points is not None
            found[shop.name] = shop.sandbox.shopper_points(shop.url, email)
        return found

    # -- waiting and checking ------------------------------------------------------------------

    def _rest(self) -> None:
        self.wait_for("the bridge is idle", True, self.work.engine.is_idle)

    def _wait_for_gifts(self, store: str, *, by_plugin: bool) -> None:
        """Until the bridge knows who gives them, and has read the shop anew."""
        app = self.work.app
        what = f"gifts of the plugin in {store}"
        self.wait_for(what, by_plugin, lambda: plugged.gives_gifts(app, store))

    def _wait_for_use(self, voucher: Voucher, who: str) -> None:
        used = VoucherState.USED.value
        seconds = self.wait_for("the voucher", used, lambda: self._again(voucher).state)
        self.teller.passed(f"{who}: the bridge knows {seconds:.1f} seconds later")

    def _again(self, voucher: Voucher) -> Voucher:
        return rewarded.again(self.work.app, voucher)

    def _friend_has_a_code(self) -> bool:
        found = rewarded.of_friend(self.work.app, RUSHED.friend)
        return found is not None and found.is_there

    def _works(self, store: str) -> dict[str, Mark]:
        found = self._marks(store)
        return {topic: found[topic] for topic in WITH_BOTH}

    def _marks(self, store: str) -> dict[str, Mark]:
        return plugged.marks(self.work.app, store)

    def _available(self, email: str) -> int:
        return standings.points(self.work.app)[email].available

    def _reserved(self) -> int:
        return rewarded.reserved(self.work.app)

    def _check_in_shops(self) -> None:
        """The gift is given in each, by the plugin."""
        found = {one.store: (one.level, one.is_in_shop) for one in gift_levels(self.work.app)}
        wanted = dict.fromkeys(GIFT.stores, (Level.ADDED, True))
        self.check_quietly("how far the gift goes", wanted, found)

    def _check_gift(self, basket: Basket, what: str, pieces: int) -> None:
        """There are so many of it, and they cost nothing."""
        gifts = [line for line in basket.lines() if line.sku == GIFT.sku]
        self.check_quietly("what the gift costs", [], [one for one in gifts if one.price])
        self.check(what, pieces, sum(one.pieces for one in gifts))


def _changes(before: tuple[int, int] | None, after: tuple[int, ...]) -> Iterator[str]:
    return (f"{was:,} -> {now:,}" for was, now in zip(before or (0, 0), after, strict=True))


def _ordered(basket: GuestBasket) -> str:
    """Why not; empty: it was."""
    try:
        basket.order()
    except OrderRefused as refusal:
        return str(refusal)
    return ""
