"""What the overview and the reports are told, from the database."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from bridge.figures import keeping
from bridge.figures.customers import CUSTOMERS, buyers_between
from bridge.figures.health_rules import Level, Trouble
from bridge.figures.keeping import known
from bridge.figures.liability import LIABILITY
from bridge.figures.models import KeptFigure
from bridge.figures.money import Money
from bridge.figures.overview import (
    customers_known,
    liability_known,
    overview,
    record,
    refresh_figures,
)
from bridge.inbox.models import Cursor, InboxRow, InboxState, ShopClock
from bridge.installations import webhook_counts
from bridge.installations.models import AppRegistration, AppState
from bridge.outbox.models import Delivery, DeliveryState, Run
from bridge.points.models import Holder
from bridge.referrals.models import Referral, ReferralClicks, ReferralCode, ReferralState
from bridge.vouchers.models import Voucher, VoucherPool

from .conftest import BEGIN, Merchant

NOW = BEGIN + timedelta(days=400)
LONG_AGO, LATELY = BEGIN, NOW - timedelta(days=30)


def euros(text: str) -> Money:
    return Money(Decimal(text), "EUR")


def _bought(merchant: Merchant) -> tuple[int, int]:
    """Ada (gold) bought three times, Ben once; a guest once; one order was returned whole."""
    ada, ben = merchant.member("ada", tier="gold"), merchant.member("ben")
    merchant.order(ada, LONG_AGO, 10_000)
    merchant.order(ada, LATELY, 2_000, shop=2)
    merchant.order(ada, LATELY, 3_001)
    merchant.order(ben, LATELY, 5_000)
    merchant.order(ben, LATELY, 0, counts=False)
    merchant.order(None, LATELY, 700, is_guest=True)
    return ada, ben


def test_customers_who_came_back_and_what_they_are_worth(merchant: Merchant) -> None:
    ada, _ = _bought(merchant)
    with merchant.database.writing() as session:
        for state in (InboxState.FAILED, InboxState.STALE):
            session.add(
                InboxRow(
                    workspace_id=merchant.workspace_id,
                    installation_id=merchant.shops[0],
                    resource="order",
                    entity_id="77",
                    content_hash=state,
                    content="{}",
                    changed_at=NOW,
                    fetched_at=NOW,
                    state=state,
                )
            )
    found = customers_known(merchant.database, merchant.workspace_id, merchant.terms(NOW), NOW)
    ever, year = found.value.ever, found.value.year
    assert (ever.customers, ever.repeat_customers, ever.orders) == (2, 1, 4)
    assert ever.repeat_rate == 50
    assert ever.spend == euros("200.01")
    assert ever.per_customer == euros("100.01")  # half a cent up
    assert (year.customers, year.repeat_customers, year.spend) == (2, 1, euros("100.01"))
    assert [(one.tier, one.buyers.per_customer) for one in found.value.tiers] == [
        ("", euros("50.00")),
        ("gold", euros("150.01")),
    ]
    top = found.value.top
    assert [(one.name, one.orders) for one in top] == [
        ("ada@example.com", 3),
        ("ben@example.com", 1),
    ]
    assert top[0].member_id == ada
    assert (found.value.guest_orders, found.value.unhandled_orders) == (1, 1)
    with merchant.database.reading() as session:
        early = buyers_between(
            session, merchant.workspace_id, merchant.terms(NOW), None, LONG_AGO + timedelta(days=1)
        )
    assert (early.customers, early.spend) == (1, euros("100.00"))


def test_liability_by_store_and_month_of_expiry(merchant: Merchant) -> None:
    ada, ben = merchant.member("ada"), merchant.member("ben")
    first, second = merchant.order(ada, BEGIN, 100), merchant.order(ben, BEGIN, 100, shop=2)
    soon = NOW + timedelta(days=30)
    merchant.earns(ada, BEGIN, 150, order=first, expires_at=soon)
    merchant.earns(ben, BEGIN, 70, order=second, shop=2, pending=True)
    merchant.spends(ada, BEGIN, 30)
    merchant.is_given(ben, BEGIN, 5)
    terms = merchant.terms(NOW)
    found = liability_known(merchant.database, merchant.workspace_id, terms, NOW).value
    assert [
        (row.store, row.currency, row.month, row.available, row.pending, row.value)
        for row in found.rows
    ] == [
        ("", "", None, 5, 0, euros("0.05")),
        ("north/main", "EUR", date(soon.year, soon.month, 1), 120, 0, euros("1.20")),
        ("south/main", "EUR", None, 0, 70, euros("0.70")),
    ]
    assert (found.points, found.value) == (195, euros("1.95"))
    assert not found.cost_prices_known


def test_without_redemption_points_are_worth_nothing_that_could_be_said(
    new_merchant: Callable[[str], Merchant],
) -> None:
    merchant = new_merchant("acme")
    merchant.load(redemption=None)
    member = merchant.member("ada")
    merchant.earns(member, BEGIN, 150)
    found = overview(merchant.database, merchant.workspace_id, NOW)
    assert (found.outstanding.points, found.outstanding.value) == (150, None)
    assert found.members.top[0].value is None


def test_the_overview_is_of_this_merchant_alone_and_becomes_json(merchant: Merchant) -> None:
    ada, ben = _bought(merchant)
    merchant.earns(ada, NOW, 250)
    merchant.earns(ben, NOW, 1_000, pending=True)
    found = overview(merchant.database, merchant.workspace_id, NOW, days=2)
    assert (found.outstanding.available, found.outstanding.pending) == (250, 1_000)
    assert (found.outstanding.value, found.outstanding.holders) == (euros("12.50"), 2)
    assert [one.earned for one in found.over_time.periods] == [0, 1_250]
    assert [(one.tier, one.members) for one in found.members.tiers] == [("", 1), ("gold", 1)]
    assert [(one.segment, one.members) for one in found.members.segments] == [("friends", 0)]
    (top,) = found.members.top
    assert (top.holder, top.holder_id, top.name, top.available) == (
        Holder.MEMBER,
        ada,
        "ada@example.com",
        250,
    )
    told = json.loads(json.dumps(record(found)))
    assert told["outstanding"]["value"] == {"amount": "12.50", "currency": "EUR"}
    assert told["customers"]["ever"]["repeat_rate"] == "50.0"


def test_before_a_programme_was_loaded_the_overview_is_empty_and_not_an_error(
    merchant: Merchant,
) -> None:
    before = BEGIN - timedelta(days=2)
    found = overview(merchant.database, merchant.workspace_id, before)
    assert (found.programme, found.currency, found.timezone) == (0, "", "UTC")
    assert found.customers.ever.customers == 0


def test_what_took_long_is_kept_until_the_step_works_it_out_anew(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _bought(merchant)
    terms, which = merchant.terms(NOW), (merchant.database, merchant.workspace_id)
    refresh_figures(*which, NOW)
    assert refresh_figures(*which, NOW + timedelta(minutes=59)) == 0
    monkeypatch.setattr(keeping, "FAST", timedelta(-1))  # as if it had taken long
    carl = merchant.member("carl")
    merchant.order(carl, LATELY, 900)
    kept = known(*which, terms, CUSTOMERS, NOW + timedelta(minutes=1))
    assert (kept.as_of, kept.value.ever.customers) == (NOW, 2)
    with merchant.database.reading() as session:
        said = [row.content for row in session.exec(select(KeptFigure))]
    assert said
    assert not [content for content in said if "ada@example.com" in content]
    later = NOW + timedelta(hours=1)
    fresh = known(*which, terms, CUSTOMERS, NOW + timedelta(minutes=1), fresh=True)
    assert fresh.value.ever.customers == 3
    assert refresh_figures(*which, later) >= 1
    assert known(*which, terms, LIABILITY, later).as_of == later


def test_a_kept_figure_of_another_programme_or_version_is_worked_out_anew(
    merchant: Merchant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "FAST", timedelta(-1))
    which, later = (merchant.database, merchant.workspace_id), NOW + timedelta(minutes=5)
    refresh_figures(*which, NOW)
    merchant.load(redemption={"rate": {"points": 10, "amount": 1}, "step": 5})
    assert known(*which, merchant.terms(later), LIABILITY, later).as_of == later
    with merchant.database.writing() as session:
        for row in session.exec(select(KeptFigure)):
            row.content = row.content.replace('"cost_prices_known"', '"costs"')
            row.content = row.content.replace('"rows"', '"lines"')
            session.add(row)
    still = later + timedelta(minutes=5)
    assert known(*which, merchant.terms(still), LIABILITY, still).as_of == still


def test_health_of_each_installation(merchant: Merchant) -> None:
    north = merchant.shops[0]
    _read_a_while_ago(merchant, north)
    _refused(merchant, north)
    with merchant.database.writing() as session:
        session.add(
            AppRegistration(
                installation_id=north,
                workspace_id=merchant.workspace_id,
                token="t",
                base_url="https://bridge.example",
                state=AppState.INACTIVE,
                created_at=NOW,
                changed_at=NOW,
            )
        )
        came = ("registered", "confirmed", "forged")
        tallies = [webhook_counts.Tally(north, NOW.date(), one, 1, NOW) for one in came]
        webhook_counts.add(session, merchant.workspace_id, tallies)
    first, second = overview(merchant.database, merchant.workspace_id, NOW).shops
    assert (first.store, first.level, first.version) == ("north", Level.ERROR, "3.1")
    assert [one.trouble for one in first.remarks] == [
        Trouble.INBOX_FAILED,
        Trouble.DELIVERIES_REFUSED,
        Trouble.VOUCHERS_REFUSED,
        Trouble.CANNOT_BE_READ,
        Trouble.BEHIND,
        Trouble.WEBHOOKS_OFF,
    ]
    assert first.lag_seconds == 2 * 3_600  # the shop's clock is ten minutes ahead of ours
    assert first.polled_at == NOW - timedelta(minutes=1)
    assert first.webhooks.refused == 1  # an app's registering is no message that was refused
    counts = first.counts
    assert (counts.inbox_failed, counts.inbox_waiting) == (2, 1)
    assert (counts.deliveries_refused, counts.deliveries_waiting) == (1, 1)
    assert (counts.vouchers_refused, counts.vouchers_waiting) == (1, 2)
    assert (second.store, second.level) == ("south", Level.WARNING)
    assert [one.trouble for one in second.remarks] == [Trouble.NEVER_READ]


def _read_a_while_ago(merchant: Merchant, shop: int) -> None:
    with merchant.database.writing() as session:
        session.add(
            Cursor(
                installation_id=shop,
                resource="orders",
                workspace_id=merchant.workspace_id,
                complete_through=NOW - timedelta(hours=2) + timedelta(minutes=10),
                polled_at=NOW - timedelta(minutes=1),
                failures=1,
                error="502",
            )
        )
        session.add(
            ShopClock(
                installation_id=shop,
                workspace_id=merchant.workspace_id,
                offset_ms=600_000,
                measured_at=NOW,
            )
        )


def _refused(merchant: Merchant, shop: int) -> None:
    inbox = ("queued", "handled", "stale", "failed", "unread")
    with merchant.database.writing() as session:
        for number, state in enumerate(inbox):
            session.add(
                InboxRow(
                    workspace_id=merchant.workspace_id,
                    installation_id=shop,
                    resource="order",
                    entity_id=str(number),
                    content_hash="",
                    content="{}",
                    changed_at=NOW,
                    fetched_at=NOW,
                    state=state,
                )
            )
        run = Run(workspace_id=merchant.workspace_id, number=1, kind="apply", created_at=NOW)
        session.add(run)
        session.flush()
        for number, sent in enumerate(
            (DeliveryState.QUEUED, DeliveryState.DONE, DeliveryState.DEAD)
        ):
            session.add(
                Delivery(
                    workspace_id=merchant.workspace_id,
                    installation_id=shop,
                    run_id=run.id or 0,
                    stage=1,
                    batch="",
                    kind="price",
                    key=str(number),
                    state=sent,
                )
            )
        _vouchers(session, merchant, shop)


def _vouchers(session: Session, merchant: Merchant, shop: int) -> None:
    """One is in the shop, one is to be put there, one was refused."""
    pool = VoucherPool(
        workspace_id=merchant.workspace_id,
        installation_id=shop,
        store_id="1",
        key="k",
        worth="10",
        number=1,
        promotion="{}",
        made_at=NOW,
    )
    session.add(pool)
    session.flush()
    for code, is_there, is_dead in (("A", True, False), ("B", False, False), ("C", False, True)):
        session.add(
            Voucher(
                workspace_id=merchant.workspace_id,
                installation_id=shop,
                store_id="1",
                code=code,
                kind="points",
                source_kind="request",
                source_id=code,
                amount_minor=1_000,
                currency="EUR",
                pool_id=pool.id or 0,
                made_at=NOW,
                is_there=is_there,
                is_dead=is_dead,
            )
        )


def test_referrals_from_the_click_to_the_reward(merchant: Merchant) -> None:
    ada = merchant.member("ada")
    bought = merchant.order(merchant.member("eve"), LATELY, 1_000)
    with merchant.database.writing() as session:
        code = ReferralCode(
            workspace_id=merchant.workspace_id, member_id=ada, code="ADA", made_at=BEGIN
        )
        session.add(code)
        session.flush()
        assert code.id is not None
        session.add(
            ReferralClicks(
                code_id=code.id, day=date(2027, 1, 2), workspace_id=merchant.workspace_id, clicks=8
            )
        )
        for state, order_id, points in (
            (ReferralState.ASKED, "", 0),
            (ReferralState.KNOWN, "", 0),
            (ReferralState.CONFIRMED, "", 0),
            (ReferralState.REWARDED, bought, 500),
        ):
            session.add(
                Referral(
                    workspace_id=merchant.workspace_id,
                    code_id=code.id,
                    email=f"{state}@example.com",
                    installation_id=merchant.shops[0],
                    state=state,
                    asked_at=BEGIN,
                    confirmed_at=BEGIN if state != ReferralState.ASKED else None,
                    order_id=order_id,
                    reward_points=points,
                )
            )
    found = overview(merchant.database, merchant.workspace_id, NOW).funnel
    assert (found.clicks, found.sign_ups, found.first_orders, found.rewards) == (8, 2, 1, 1)
    assert (found.points, found.waiting, found.sign_up_rate) == (500, 1, 25)
