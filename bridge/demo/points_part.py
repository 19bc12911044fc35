"""The story of points: orders in two shops, one book, a tier that lowers a price, refunds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial

from bridge.demo import by_hand, standings
from bridge.demo.book_part import BookPart
from bridge.demo.part import Step
from bridge.demo.sample import CURRENCY, ORDERS, PROMOTION, RETURN, SEEDS, SHOWS_POINTS
from bridge.engine.once import work_once
from connectors.sandbox.shopper import Sale


@dataclass
class PointsPart(BookPart):
    def steps(self) -> list[Step]:
        return [
            Step(
                "Put the prices in force again",
                "Points lead to tiers, tiers to customer groups, and groups to these prices.",
                self.apply,
            ),
            Step(
                f"{ORDERS} orders in each shop",
                "People buy, pay, give back and cancel at random, the same each time.",
                self.shop,
            ),
            Step(
                "Read the orders, book the points",
                "One book over both shops: the same confirmed address is the same member.",
                self.book,
            ),
            Step(
                f"Ask {SHOWS_POINTS} what it shows its customers",
                "Shopware has fields for it: points count there wherever they were earned.",
                self.ask,
            ),
            Step(
                "Buy in one shop, pay less in the other",
                f"1,000 pieces over all shops reach {PROMOTION.tier_name}, whose group pays less.",
                self.promote,
            ),
            Step(
                "Give something back, cancel an order",
                "That takes back what those pieces earned, and every entry can be explained.",
                self.give_back,
            ),
            Step(
                "Read everything a second time",
                "Shops repeat themselves, and programs crash: nothing may count twice.",
                self.again,
            ),
        ]

    # -- the steps -----------------------------------------------------------------------------

    def apply(self) -> None:
        self.run("apply", "--yes")
        self.teller.passed("every change is in place once more")

    def shop(self) -> None:
        for shop in self.shops():
            kinds = Counter(
                deed.kind for deed in self.shopping.around(shop.name, SEEDS[shop.name], ORDERS)
            )
            told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            self.teller.say(f"{shop.name}: {told}")
            self.check_quietly(f"orders in {shop.name}", ORDERS, kinds["ordered"])
            self.check_quietly("refunds and cancellations", True, kinds.keys() >= _GONE)

    def book(self) -> None:
        numbers = (*self.stage.shops, "points", "pending")
        self.teller.command("work", "--once")
        with self.open() as app:
            columns = ("member", *numbers, "tier")
            rows = partial(standings.table, app, self.stage.shops)
            with self.teller.live(columns, rows, numbers):
                result = work_once(app)
        self.check_quietly("problems", {}, result.problems)
        self.check_book("all balances are what the shoppers' own list comes to by hand")

    def ask(self) -> None:
        with self.open() as app:
            here = set(standings.with_account_in(app, SHOWS_POINTS).values())
            booked = {who: both for who, both in standings.points(app).items() if who in here}
            shown = {
                who: by_hand.Points(one.available, one.pending)
                for who, one in standings.shown_in(app, SHOWS_POINTS).items()
                if one.available or one.pending
            }
        most = sorted(shown.items(), key=lambda one: -one[1].available)[:3]
        self.teller.table(
            (f"customer of {SHOWS_POINTS}", "points", "pending"),
            [(who, f"{both.available:,}", f"{both.pending:,}") for who, both in most],
            ("points", "pending"),
        )
        self.check("it shows each of its customers what the book says", booked, shown)

    def promote(self) -> None:
        one = PROMOTION
        before = self._prices()
        self.teller.say(f"{one.buyer} buys {sum(one.wanted.values()):,} pieces in {one.bought_in}")
        sale = self.shopping.order(one.bought_in, one.buyer, one.wanted)
        self.shopping.pay_and_send(one.bought_in, sale)
        self.run("work", "--once")
        after = self._prices()
        column = f"{one.quantity} pieces of {one.sku}"
        self.teller.table(
            ("store", column),
            [(name, f"{before[name]:.2f} -> {after[name]:.2f} {CURRENCY}") for name in before],
            (column,),
        )
        self._check_tier()
        self.check_quietly(f"{one.sku} cost more before", True, before[one.other_shop] > one.price)
        self.check_quietly(f"{one.sku} in {one.bought_in}", one.price, after[one.bought_in])
        self.check(f"he pays less in {one.other_shop} as well", one.price, after[one.other_shop])
        self.check_book("the balances are right")

    def give_back(self) -> None:
        one = RETURN
        kept = self.shopping.order(one.store, one.buyer, one.wanted)
        self.shopping.pay_and_send(one.store, kept)
        cancelled = self.shopping.order(one.store, one.buyer, one.cancelled)
        self.run("work", "--once")
        gone = ", ".join(f"{count} x {sku}" for sku, count in one.given_back.items())
        self.teller.say(
            f"{one.buyer} gives back {gone} of order {kept.number} and cancels {cancelled.number}"
        )
        pieces = {
            line.line_id: one.given_back[line.sku]
            for line in kept.lines
            if line.sku in one.given_back
        }
        self.shopping.give_back(one.store, kept, pieces)
        self.shopping.cancel(one.store, cancelled)
        self.run("work", "--once")
        self.run("points", "history", one.buyer, "--limit", "6")
        with self.open() as app:
            entries = standings.taken_back(app, one.buyer, kept.order_id)
            also = standings.taken_back(app, one.buyer, cancelled.order_id)
        self.check_quietly("entries that take back", True, bool(entries))
        self.run("points", "explain", str(entries[-1].id))
        self.check(
            "the refund took back what those pieces earned, no more",
            self._earned_by(kept, pieces),
            {(line.source_line, line.rule): line.points for line in entries},
        )
        self.check(
            "the cancelled order's points are gone",
            self.shopping.earned(cancelled),
            {(line.source_line, line.rule): line.points for line in also},
        )
        self.check_book("the balances are right")

    def again(self) -> None:
        with self.open() as app:
            before = standings.entries(app), standings.points(app)
            yesterday = (app.now() - timedelta(days=1)).date()
        self.run("work", "--once", "--since", yesterday.isoformat())
        with self.open() as app:
            after = standings.entries(app), standings.points(app)
        self.check_quietly("entries in the book", before[0], after[0])
        self.check(f"the book has the same {after[0]:,} entries", before[1], after[1])

    # -- checking ------------------------------------------------------------------------------

    def _check_tier(self) -> None:
        one = PROMOTION
        with self.open() as app:
            tiers = {member.name: member.tier for member in standings.members(app) if member.tier}
            shown = standings.shown_in(app, SHOWS_POINTS)[one.buyer].tier
        self.check_quietly("members with a tier", {one.buyer: one.tier}, tiers)
        self.check(f"{one.buyer} has the tier, and {SHOWS_POINTS} shows it", one.tier_name, shown)

    def _earned_by(self, sale: Sale, pieces: dict[str, int]) -> dict[tuple[str, str], int]:
        """What these pieces earned, by line and rule."""
        lines = {line.line_id: line for line in sale.lines}
        return {
            (line_id, rule): by_hand.taken_back(points, lines[line_id], Decimal(pieces[line_id]))
            for (line_id, rule), points in self.shopping.earned(sale).items()
            if line_id in pieces
        }

    def _prices(self) -> dict[str, Decimal]:
        """What the buyer pays in each shop, asked as the signed-in shopper."""
        one = PROMOTION
        return {shop.name: shop.price(one.buyer, one.sku, one.quantity) for shop in self.shops()}


_GONE = {"refunded", "cancelled"}
