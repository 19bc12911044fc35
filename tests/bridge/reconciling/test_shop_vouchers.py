"""Codes and promotions of vouchers: what somebody did in a shop, or to what is believed of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))

from engine_world import Merchant, programme

from bridge.db import Database
from bridge.engine.once import work_once
from bridge.inbox.models import Cursor
from bridge.kit.clock import utc_now
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.finding import member_named
from bridge.plugins import sandboxes
from bridge.points.models import Account
from bridge.reconciling.findings import Finding, Report
from bridge.reconciling.service import reconcile
from bridge.vouchers.codes import workspace_secret
from bridge.vouchers.ending import let_go, withdraw
from bridge.vouchers.models import Voucher, VoucherPool
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.redeeming import Request, redeem
from bridge.vouchers.stores import stores_of
from connectors.rewards import Discount, Promotions

ANNA = "anna.albers@example.com"
UNKNOWN = "LB-00000-00000-00000"


class Till:
    """One shop, and Anna's vouchers in it."""

    def __init__(self, merchant: Merchant, shop: str) -> None:
        self.merchant, self.shop, self.app = merchant, shop, merchant.app
        self.merchant.load(
            programme(
                redemption={"rate": {"points": 100, "amount": 1}, "step": 1},
                rates=[{"currency": "USD", "from": "2020-01-01", "rate": "0.9"}],
            )
        )
        work_once(self.app)
        with self.app.database.writing() as session:
            member = member_named(session, self.app.workspace_id, ANNA)
            given = Adjustment("start", 3000, "a start", "test")
            adjust(session, self.app.workspace_id, member, given, self.app.now())
        self.vouchers = [self._redeem(f"r{number}") for number in range(4)]
        work_once(self.app)

    def _redeem(self, id_: str) -> Voucher:
        app = self.app
        with app.database.writing() as session:
            secret = workspace_secret(session, app.workspace_id, app.keyring, app.now())
            member = member_named(session, app.workspace_id, ANNA)
            store = stores_of(session, app.workspace_id)[0]
            asked = Request(member, 500, store, id_)
            return redeem(session, app.workspace_id, secret, asked, app.now()).voucher

    def now(self, voucher: Voucher) -> Voucher:
        with self.app.database.reading() as session:
            return session.get_one(Voucher, voucher.id)

    def pool(self) -> VoucherPool:
        with self.app.database.reading() as session:
            return session.scalars(select(VoucherPool)).one()

    def account(self) -> tuple[int, int]:
        with self.app.database.reading() as session:
            columns = (col(Account.available), col(Account.reserved))
            row = session.execute(select(*columns).where(col(Account.available) > 0)).one()
            return row[0], row[1]

    def end(self, voucher: Voucher) -> None:
        """Without a proof: a person vouches for it."""
        app = self.app
        with app.database.writing() as session:
            withdraw(session, app.workspace_id, voucher.id or 0, "", app.now())
        work_once(app)
        with app.database.writing() as session:
            let_go(session, app.workspace_id, voucher.id or 0, "test", app.now())

    @contextmanager
    def promotions(self) -> Iterator[Promotions]:
        with closing(self.app.connect(self.merchant.installation(self.shop))) as connector:
            assert connector.promotions is not None
            yield connector.promotions

    def holds(self, voucher: Voucher) -> bool:
        with self.promotions() as promotions:
            return voucher.code in promotions.codes([voucher.code])

    def looked(self) -> dict[str, Finding]:
        report = reconcile(self.app)
        assert report.unasked == {}
        return {one.check: one for one in report.left}

    def repaired(self) -> Report:
        report = reconcile(self.app, repair=True)
        assert (report.failures, report.unasked) == ({}, {})
        return report


@pytest.fixture(scope="module", params=["magento", "shopware"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any]]:
    sandbox = sandboxes()[request.param]
    with sandbox.serve(products=5, customers=3) as running:
        yield sandbox, running


@pytest.fixture
def till(
    sqlite_url: str,
    open_database: Callable[[str], Database],
    tmp_path: Path,
    served: tuple[Any, Any],
) -> Till:
    sandbox, running = served
    running.reset()
    merchant = Merchant(open_database(sqlite_url), sqlite_url, tmp_path)
    merchant.connect(sandbox, running)
    return Till(merchant, sandbox.name)


def test_codes_that_somebody_took_out_or_put_in(till: Till) -> None:
    removed, ended, kept, lost = till.vouchers
    till.end(ended)
    assert till.looked() == {}
    with till.promotions() as promotions:
        key = till.pool().key
        assert promotions.remove_codes([removed.code]) == {}
        assert promotions.add_codes(key, [ended.code, UNKNOWN]) == {}
    with till.app.database.writing() as session:
        session.execute(delete(Voucher).where(col(Voucher.id) == lost.id))
    found = till.looked()
    assert found.keys() == {
        "shop-code-missing",
        "shop-code-left",
        "shop-code-unknown",
        "voucher-missing",
    }
    assert UNKNOWN in found["shop-code-unknown"].what and lost.code in (
        found["shop-code-unknown"].what
    )

    assert not till.repaired().is_clean  # a person has to look whose the unknown codes are
    work_once(till.app)
    assert (till.holds(removed), till.holds(ended), till.holds(kept)) == (True, False, True)
    assert till.account() == (1500, 1500), "what is held for the lost one may still be spent"

    with till.promotions() as promotions:
        assert promotions.remove_codes([UNKNOWN, lost.code]) == {}
    assert [one.check for one in till.repaired().repaired] == ["voucher-missing"]
    assert till.account() == (2000, 1000)
    assert till.looked() == {}


def test_an_order_with_a_code_that_was_passed_by_is_fetched_and_charged(till: Till) -> None:
    used = till.vouchers[0]
    shop = till.merchant.till(till.shop)
    shop.order(ANNA, {shop.skus()[0]: 4}, guest=False, codes=[used.code])
    assert "shop-code-used" not in till.looked(), "the next poll brings it"
    later = utc_now() + timedelta(minutes=10)
    till.app.now = lambda: later
    with till.app.database.writing() as session:
        session.execute(update(Cursor).values(mark_at=later, polled_at=later))
    assert "shop-order-unseen" in till.looked()
    till.repaired()
    assert till.now(used).state == "used"
    assert till.account()[1] == 1500


def test_a_promotion_changed_in_the_shop_waits_for_a_person(till: Till) -> None:
    pool = till.pool()
    with till.promotions() as promotions:
        other = replace(promotion_of(pool), discount=Discount(amount=Decimal(500)))
        promotions.write(pool.key, promotions.compile(other))
    (finding,) = till.looked().values()
    assert (finding.check, finding.store) == ("shop-pool", till.shop)
    report = till.repaired()
    assert [one.check for one in report.left] == ["voucher-changed"]
    assert report.is_clean
    assert till.pool().found
