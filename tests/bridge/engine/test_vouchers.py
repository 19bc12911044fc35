"""Points earned in one shop pay in the other, once; what is not used comes back, proven."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from engine_world import Merchant, programme
from sqlalchemy import select, update
from sqlmodel import col

from bridge.engine.once import work_once
from bridge.members.finding import member_named
from bridge.points.models import Account
from bridge.vouchers.at_once import bring
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import withdraw
from bridge.vouchers.issuing import NewVoucher, issue
from bridge.vouchers.models import Voucher, VoucherKind
from bridge.vouchers.pooling import KEY_PREFIX
from bridge.vouchers.redeeming import Request, redeem
from bridge.vouchers.stores import stores_of
from connectors.sandbox.shopper import SoldLine

ANNA = "anna.albers@example.com"
WRITES = "(POST|DELETE|PUT) .*(?i:salesRules|coupons|_action/sync)"
REDEMPTION: dict[str, Any] = {"rate": {"points": 10, "amount": 1}, "step": 1}


class Counter:
    """Where members redeem."""

    def __init__(self, merchant: Merchant) -> None:
        self.merchant = merchant
        merchant.load(programme(redemption=REDEMPTION))
        assert work_once(merchant.app).problems == {}

    def earn(self, shop: str) -> int:
        """Anna buys something there; what it brings her."""
        till = self.merchant.till(shop)
        till.order(ANNA, {till.skus()[0]: 2}, guest=False)
        self.work()
        return self.merchant.points(ANNA)[0]

    def redeem(self, shop: str, points: int, email: str = ANNA) -> Voucher:
        app = self.merchant.app
        with app.database.writing() as session:
            places = stores_of(session, app.workspace_id)
            place = next(one for one in places if one.installation == shop)
            secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
            member = member_named(session, app.workspace_id, email)
            asked = Request(member, points, place, str(uuid.uuid4()))
            made = redeem(session, app.workspace_id, secret, asked, app.now()).voucher
        brought = bring(app, made.id or 0)
        assert brought.problem == ""
        return brought.voucher

    def work(self) -> tuple[str, ...]:
        """What was odd."""
        result = work_once(self.merchant.app)
        assert result.problems == {}
        return tuple(result.remarks)

    def voucher(self, voucher: Voucher) -> Voucher:
        with self.merchant.app.database.reading() as session:
            return session.get_one(Voucher, voucher.id)

    def reserved(self) -> int:
        with self.merchant.app.database.reading() as session:
            return sum(session.scalars(select(col(Account.reserved))))

    def time_passes(self) -> None:
        """As if what was taken out had been for a while."""
        with self.merchant.app.database.writing() as session:
            for one in session.scalars(select(Voucher).where(col(Voucher.removed_at).is_not(None))):
                assert one.removed_at is not None
                earlier = one.removed_at - timedelta(minutes=10)
                session.execute(
                    update(Voucher).where(col(Voucher.id) == one.id).values(removed_at=earlier)
                )

    def holds(self, voucher: Voucher) -> bool:
        app = self.merchant.app
        with app.database.reading() as session:
            name = next(
                one.installation
                for one in stores_of(session, app.workspace_id)
                if one.installation_id == voucher.installation_id
            )
        connector = app.connect(self.merchant.installation(name))
        try:
            assert connector.promotions is not None
            return voucher.code in connector.promotions.codes([voucher.code])
        finally:
            connector.close()


def _off(lines: Sequence[SoldLine]) -> dict[str, Decimal]:
    return {
        "net": sum((line.discount_net for line in lines), Decimal(0)),
        "gross": sum((line.discount_gross for line in lines), Decimal(0)),
    }


@pytest.fixture
def counter(merchants: Callable[..., Merchant]) -> Counter:
    return Counter(merchants())


@pytest.mark.parametrize(
    ("earned_in", "spent_in"), [("magento", "shopware"), ("shopware", "magento")]
)
def test_points_of_one_shop_pay_in_the_other_once(
    counter: Counter, earned_in: str, spent_in: str
) -> None:
    before = counter.earn(earned_in)
    voucher = counter.redeem(spent_in, 50)
    assert counter.merchant.points(ANNA) == (before - 50, 0)
    till = counter.merchant.till(spent_in)
    goods = {till.skus()[0]: 1}
    plain = till.price(ANNA, goods, guest=False)
    sale = till.order(ANNA, goods, guest=False, codes=[voucher.code])
    # Its face, in what prices of the buyer's group are shown in.
    taken = {_off(sale.lines)[mode] - _off(plain)[mode] for mode in ("net", "gross")}
    assert Decimal(5) in taken
    counter.work()
    used = counter.voucher(voucher)
    assert (used.state, used.is_there, counter.reserved()) == ("used", False, 0)
    assert not counter.holds(voucher)
    paid = counter.merchant.points(ANNA)
    counter.work()
    assert counter.merchant.points(ANNA) == paid
    again = till.price(ANNA, goods, guest=False, codes=[voucher.code])
    assert [line.discount_gross for line in again] == [line.discount_gross for line in plain]
    till.cancel(sale.order_id)
    counter.work()
    assert counter.merchant.points(ANNA) == (before, 0)


@pytest.mark.parametrize("shop", ["magento", "shopware"])
def test_what_is_withdrawn_comes_back_once_a_poll_behind_its_removal_saw_no_use(
    counter: Counter, shop: str
) -> None:
    before = counter.earn(shop)
    voucher = counter.redeem(shop, 50)
    app = counter.merchant.app
    with app.database.writing() as session:
        withdraw(session, app.workspace_id, voucher.id or 0, "a mistake", app.now())
    counter.work()
    gone = counter.voucher(voucher)
    assert (gone.state, gone.is_there) == ("ending", False)
    assert not counter.holds(voucher)
    counter.work()
    assert counter.merchant.points(ANNA) == (before - 50, 0)
    counter.time_passes()
    counter.work()
    assert counter.voucher(voucher).state == "ended"
    assert counter.merchant.points(ANNA) == (before, 0)


def test_a_code_that_a_magento_lets_be_used_twice_is_charged_once_and_told_of(
    counter: Counter,
) -> None:
    before = counter.earn("magento")
    voucher = counter.redeem("magento", 50)
    till = counter.merchant.till("magento")
    goods = {till.skus()[0]: 1}
    till.order(ANNA, goods, guest=False, codes=[voucher.code])
    till.order("guest@example.com", goods, guest=True, codes=[voucher.code])
    odd = counter.work()
    assert any(voucher.code in one and "several orders" in one for one in odd)
    assert counter.voucher(voucher).state == "used"
    assert counter.reserved() == 0
    assert not counter.holds(voucher)
    assert before - 50 < counter.merchant.points(ANNA)[0]


# -- trouble on the line --------------------------------------------------------------------


def _in_shop(counter: Counter, shop: str) -> dict[str, str]:
    """The codes of the bridge's promotions, each with its promotion."""
    connector = counter.merchant.app.connect(counter.merchant.installation(shop))
    try:
        promotions = connector.promotions
        assert promotions is not None
        held = [one for one in promotions.all() if one.key.startswith(KEY_PREFIX)]
        assert len({one.key for one in held}) == len(held), "a promotion was made twice"
        return {code.code: one.key for one in held for code in promotions.codes_of(one.key)}
    finally:
        connector.close()


def _wanted(counter: Counter) -> set[str]:
    with counter.merchant.app.database.reading() as session:
        return set(session.scalars(select(col(Voucher.code)).where(col(Voucher.is_wanted))))


def _ask(counter: Counter, shop: str, count: int) -> None:
    """So many vouchers of two worths, of which nothing is sent yet."""
    app = counter.merchant.app
    with app.database.writing() as session:
        secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
        place = next(
            one for one in stores_of(session, app.workspace_id) if one.installation == shop
        )
        for number in range(count):
            new = NewVoucher(
                VoucherKind.CAMPAIGN,
                "occasion",
                str(number),
                place,
                rule="hello",
                amount=Decimal(5 + number % 2),
            )
            issue(session, app.workspace_id, secret, new, app.now())


def _withdraw(counter: Counter, every: int) -> None:
    app = counter.merchant.app
    with app.database.writing() as session:
        ids = session.scalars(select(col(Voucher.id)).order_by(col(Voucher.id))).all()
        for id_ in ids[::every]:
            withdraw(session, app.workspace_id, id_ or 0, "a trial", app.now())


@pytest.mark.parametrize("shop", ["magento", "shopware"])
def test_cut_lines_leave_exactly_the_wanted_codes(counter: Counter, shop: str) -> None:
    running = counter.merchant.shops[shop]
    _ask(counter, shop, 6)
    running.faults.set(script=["drop_after", "", "cut", "drop_before"], paths=WRITES)
    told = [work_once(counter.merchant.app).problems for _ in range(4)]
    assert any(told)
    _withdraw(counter, 3)
    running.faults.set(script=["cut", "drop_after"], paths=WRITES)
    for _ in range(3):
        work_once(counter.merchant.app)
    running.faults.clear()
    counter.work()
    assert set(_in_shop(counter, shop)) == _wanted(counter)
    assert len(_wanted(counter)) == 4


@pytest.mark.chaos
@pytest.mark.parametrize("shop", ["magento", "shopware"])
def test_three_workers_on_a_bad_line_leave_exactly_the_wanted_codes(
    counter: Counter, shop: str
) -> None:
    running = counter.merchant.shops[shop]
    _ask(counter, shop, 240)
    rates = {"drop_after": 0.05, "cut": 0.05, "drop_before": 0.03, "truncate": 0.03, "503": 0.03}
    running.faults.set(rates=rates, paths="(?i)promotion|sync|coupon|salesRule")

    def work() -> None:
        for _ in range(6):
            work_once(counter.merchant.app)

    for every in (0, 4):
        if every:
            _withdraw(counter, every)
        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    running.faults.clear()
    for _ in range(3):
        work_once(counter.merchant.app)
    assert set(_in_shop(counter, shop)) == _wanted(counter)
    assert len(_wanted(counter)) == 180
