"""The story of prices: plan, apply, a price made by hand, undo."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, func, select

from bridge.application import Application
from bridge.catalogue.models import ShopProduct
from bridge.demo.part import Part, Step
from bridge.demo.sample import (
    BASIS,
    BUYER,
    CURRENCY,
    HAND_MADE,
    LEFT_ALONE,
    QUANTITIES,
    SLIP,
    SLIP_SKU,
    WATCHED,
)
from bridge.installations.answering import complete
from bridge.installations.models import Installation
from bridge.plans import service
from bridge.plans.parts import RemarkKind
from bridge.plans.summary import PlanSummary
from bridge.plugins import platforms
from bridge.prices.rules import unit_price
from bridge.programme.service import current, versions
from connectors.base import Amount, Connector, TierPrice, TierValue

Prices = dict[tuple[str, str, int], Decimal]
"""What one piece costs, by store, SKU and quantity."""


@dataclass
class PricesPart(Part):
    before: Prices = field(default_factory=dict)

    def steps(self) -> list[Step]:
        return [
            Step(
                "Connect two shops",
                "A Magento and a Shopware sandbox run in this process; nothing real is touched.",
                self.connect,
            ),
            Step(
                "Load one programme for both",
                "Groups, prices, points, a tier. A row that cannot be right must stop only itself.",
                self.load,
            ),
            Step(
                "Pull",
                "Plans are made from what was read last, so they can be repeated and looked at.",
                self.pull,
            ),
            Step("Plan", "What would change is seen before anything is sent.", self.plan),
            Step(
                "Apply",
                "Each row is read just before it is written and read back after.",
                self.apply,
            ),
            Step(
                "Apply again",
                "What is in place must not be sent a second time.",
                self.apply_again,
            ),
            Step(
                "Ask both shops for the price",
                f"As the signed-in shopper {BUYER}, for {', '.join(map(str, QUANTITIES))} pieces.",
                self.ask,
            ),
            Step(
                "Someone changes a price in a shop",
                "Other people work there too: their price must not be overwritten.",
                self.change_by_hand,
            ),
            Step(
                "Decide the conflict",
                "A person says whose price holds; here it is the shop's.",
                self.resolve,
            ),
            Step(
                "Undo the run",
                "What the run replaced comes back. The price made by hand is not the run's.",
                self.undo,
            ),
            Step(
                "Take the price made by hand out as well",
                "With nothing but the bridge's own work undone, each shop is what it was.",
                self.compare,
            ),
        ]

    # -- the steps -----------------------------------------------------------------------------

    def connect(self) -> None:
        self.run("init")
        for shop in self.stage.shops.values():
            # Every question is answered, so that nothing is asked on a terminal either.
            answers = complete(platforms()[shop.sandbox.name], shop.sandbox.settings)
            told = (part for pair in answers.items() for part in ("--set", "=".join(pair)))
            self.run(
                *("store", "add", shop.name, "--platform", shop.sandbox.name),
                *("--url", shop.url, "--credentials", str(shop.credentials), *told),
            )
        self.teller.passed("both shops took the address and the credentials")

    def load(self) -> None:
        self.run("program", "load", str(self.stage.programme))
        with self.open() as app, app.database.reading() as session:
            problems = versions(session, app.workspace_id)[0].problems
            found = current(session, app.workspace_id)
        assert found is not None
        hold = [held.sku for held in found[1].price_lists["trade"].hold]
        self.check(f"{SLIP} is reported", True, SLIP.partition(":")[0] in problems)
        self.check(f"{SLIP_SKU} is left as it is, the rest is loaded", [SLIP_SKU], hold)

    def pull(self) -> None:
        self.run("pull")
        with self.open() as app, app.database.reading() as session:
            pulled = {one.name: one.pulled_at is not None for one in service.chosen(app, ())}
            products = session.exec(select(func.count()).select_from(ShopProduct)).one()
        self.check_quietly("every store is read", dict.fromkeys(self.stage.shops, True), pulled)
        self.check("each shop has 2,000 products or more", True, products >= 4000)
        self.before = self._prices()

    def plan(self) -> None:
        summary = self._plan()
        self.teller.plan(summary)
        self.check("there is something to do", True, summary.total > 0)
        self._expect_remarks(summary, conflicts=[], problems=[])
        foreign = sorted({remark.label for remark in summary.of(RemarkKind.FOREIGN)})
        self.check("what is not ours is shown and left alone", [LEFT_ALONE], foreign)
        unchanged = {shop.name: len(shop.changes()) for shop in self.shops()}
        self.check("nothing was sent yet", dict.fromkeys(unchanged, 0), unchanged)

    def apply(self) -> None:
        self.run("apply", "--yes")
        self.teller.passed("every change is in place, as read back from the shops")

    def apply_again(self) -> None:
        calls = {shop.name: shop.calls() for shop in self.shops()}
        self.run("apply", "--yes")
        again = {shop.name: shop.calls() - calls[shop.name] for shop in self.shops()}
        self.check("no call was made to either shop", dict.fromkeys(again, 0), again)

    def ask(self) -> None:
        after = self._prices()
        pieces = [f"{quantity} pieces" if quantity > 1 else "1 piece" for quantity in QUANTITIES]
        self.teller.table(("product", "store", *pieces), self._compared(after), pieces)
        for one in WATCHED:
            for quantity, price in one.prices.items():
                for shop in self.shops():
                    place = (shop.name, one.sku, quantity)
                    wanted = self.before[place] if price is None else price
                    self.check_quietly(
                        f"{one.sku} from {quantity} in {shop.name}", wanted, after[place]
                    )
        self.teller.passed("both shops ask what the price list says, for each quantity")

    def _compared(self, after: Prices) -> list[tuple[str, ...]]:
        return [
            (
                f"{one.sku} ({one.why})",
                shop.name,
                *(
                    f"{self.before[place]:.2f} -> {after[place]:.2f}"
                    for place in ((shop.name, one.sku, quantity) for quantity in QUANTITIES)
                ),
            )
            for one in WATCHED
            for shop in self.shops()
        ]

    def change_by_hand(self) -> None:
        made = HAND_MADE
        self.teller.say(
            f"{made.store}: {made.sku} for {made.group} from {made.quantity} pieces: "
            f"{made.ours:.2f} -> {made.theirs:.2f} {CURRENCY}, past the bridge"
        )
        with self.open() as app, closing(self._connector(app)) as connector:
            row = self._row(app, connector)
            amounts = (Amount(CURRENCY, net=made.theirs),)
            refused = connector.write_tier_prices(
                [TierPrice(row.key, TierValue(amounts=amounts), row.native_id)]
            )
        self.check_quietly("the shop takes the price", [], refused)
        self.run("pull", made.store)
        summary = self._plan()
        self.teller.plan(summary)
        self._expect_remarks(summary, conflicts=[made.sku], problems=[])
        self.check("the plan would change nothing", 0, summary.total)
        self.run("apply", "--yes")
        self._check_hand_made("apply leaves the price as the person made it")

    def resolve(self) -> None:
        self.run("resolve", HAND_MADE.store, "--take", "shop", "--matching", HAND_MADE.sku)
        summary = self._plan()
        self._expect_remarks(summary, conflicts=[], problems=[])
        self.check("nothing is left to do", 0, summary.total)
        self.teller.say(
            "`--take programme` instead would have the next apply write the programme's price."
        )

    def undo(self) -> None:
        self.run("undo", "1", "--yes", code=1)
        self._check_hand_made("the price made by hand is still there")
        left = {
            shop.name: [change.row.get("sku") for change in shop.changes()] for shop in self.shops()
        }
        wanted: dict[str, list[Any]] = {name: [] for name in self.stage.shops}
        wanted[HAND_MADE.store] = [HAND_MADE.sku]
        self.check("it is all that is different from before", wanted, left)

    def compare(self) -> None:
        with self.open() as app, closing(self._connector(app)) as connector:
            refused = connector.remove_tier_prices([self._row(app, connector)])
        self.check_quietly("the shop lets go of the price", [], refused)
        for shop in self.shops():
            differences = [str(change) for change in shop.changes()]
            self.check(f"{shop.name} holds exactly what it held before", [], differences)
        self.teller.say(
            "(but for the times at which Magento itself noted that customers were saved)"
        )
        self.run("pull")

    # -- asking --------------------------------------------------------------------------------

    def _plan(self) -> PlanSummary:
        with self.open() as app:
            return service.make_plan(app)

    def _prices(self) -> Prices:
        return {
            (shop.name, one.sku, quantity): shop.price(BUYER, one.sku, quantity)
            for shop in self.shops()
            for one in WATCHED
            for quantity in QUANTITIES
        }

    def _connector(self, app: Application) -> Connector:
        """The way into the shop that a person's own tool would take: its API."""
        installation = next(one for one in service.chosen(app, ()) if one.name == HAND_MADE.store)
        return app.connect(installation)

    def _row(self, app: Application, connector: Connector) -> TierPrice:
        """The tier price that the person works on, as the shop holds it now."""
        with app.database.reading() as session:
            product_id = _product_id(session, app.workspace_id)
        group = next(one for one in connector.groups() if one.name == HAND_MADE.group)
        rows = connector.tier_prices([product_id], [connector.audience_id(group.id)])
        return next(row for row in rows if row.key.quantity == HAND_MADE.quantity)

    # -- checking ------------------------------------------------------------------------------

    def _expect_remarks(
        self, summary: PlanSummary, *, conflicts: Sequence[str], problems: Sequence[str]
    ) -> None:
        for kind, wanted in ((RemarkKind.CONFLICT, conflicts), (RemarkKind.PROBLEM, problems)):
            found = [remark.label.partition(",")[0] for remark in summary.of(kind)]
            self.check_quietly(f"{kind.value}s in the plan", list(wanted), found)
        if conflicts:
            self.teller.passed(f"the plan shows the conflict over {', '.join(conflicts)}")

    def _check_hand_made(self, what: str) -> None:
        made = HAND_MADE
        with self.open() as app, closing(self._connector(app)) as connector:
            value = self._row(app, connector).value
        self.check(what, made.theirs, unit_price(value, (), CURRENCY, BASIS))


def _product_id(session: Session, workspace_id: int) -> str:
    return session.exec(
        select(ShopProduct.product_id)
        .join(Installation, col(Installation.id) == col(ShopProduct.installation_id))
        .where(
            col(ShopProduct.workspace_id) == workspace_id,
            col(Installation.name) == HAND_MADE.store,
            col(ShopProduct.sku) == HAND_MADE.sku,
        )
    ).one()
