"""Campaigns as time goes by: who gets what, once, and where."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from campaign_world import CampaignWorld
from ledger_world import START, line, order

from bridge.campaigns.due import foresee, named, run_campaign
from bridge.kit.errors import BridgeError
from bridge.kit.progress import NoProgress
from bridge.members.joining import leave
from bridge.vouchers.models import VoucherKind

MORNING = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def test_a_welcome_is_given_once(shops: CampaignWorld) -> None:
    shops.campaigns(welcome={"sign_up": True, "give": {"amount": 5}, "label": "Hello"})
    ada = shops.registered("ada", joined=START + timedelta(minutes=5))
    shops.registered("old", joined=START - timedelta(days=1))
    assert shops.due(new_only=True, minutes=10).vouchers == 1
    assert shops.due(new_only=True, minutes=10).vouchers == 0
    assert shops.due(days=2).vouchers == 0
    (voucher,) = shops.vouchers()
    assert (voucher.member_id, voucher.kind) == (ada, VoucherKind.CAMPAIGN)
    assert (voucher.store_id, voucher.amount_minor, voucher.currency) == ("1", 500, "EUR")
    assert voucher.valid_until == datetime(2026, 5, 31, tzinfo=UTC)  # 90 days, to their end
    assert '"label":"Hello"' in shops.pools()[0].promotion.replace(": ", ":")


def test_points_are_given_once_by_two_at_the_same_time(shops: CampaignWorld) -> None:
    shops.campaigns({"expire": {"days": 10}}, bd={"birthday": True, "give": {"points": 50}})
    ada = shops.registered("ada", birthday=date(1990, 3, 2))
    shops.registered("bob", birthday=date(1990, 3, 3))
    shops.now = MORNING
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: shops.due().points, range(4)))
    assert sum(done) == 1
    assert shops.balance(ada) == (50, 0, 0)
    assert [row[0] for row in shops.rows("SELECT rule FROM entries WHERE workspace_id = :w")] == [
        "bd"
    ]
    shops.later(days=11)
    assert shops.balance(ada) == (0, 0, 0)


def test_a_person_has_one_birthday_whoever_he_was(shops: CampaignWorld) -> None:
    shops.campaigns(bd={"birthday": True, "give": {"points": 50}})
    ada = shops.registered("ada", birthday=date(1990, 3, 2))
    other = shops.registered("ada2", birthday=date(1990, 3, 2), shop=1)
    shops.now = MORNING
    assert shops.due().points == 2
    shops.merge(other, into=ada)
    assert shops.due(hours=1).points == 0
    assert shops.due(days=365).points == 1


def test_where_he_bought_last_counts_before_where_he_registered(shops: CampaignWorld) -> None:
    shops.campaigns(day={"on": "2026-03-10", "give": {"amount": 5}})
    bought = shops.registered("ada")
    only = shops.registered("bob", shop=1, store="2", joined=START)
    shops.arrive(order("1", line("a", 10), customer="ada"))
    done = shops.due(days=10)
    stores = {one.member_id: (one.installation_id, one.store_id) for one in shops.vouchers()}
    assert stores[bought] == (shops.shops[0], "1")
    # In yen, and there is no rate: said, not guessed.
    assert only not in stores
    assert len(done.problems) == 1
    assert "south/jp" in done.problems[0]
    assert "rate" in done.problems[0]


def test_who_has_no_store_is_counted_and_foreseen(shops: CampaignWorld) -> None:
    shops.campaigns(
        day={"on": "2026-03-10", "give": {"percent": 10}, "stores": ["south/us"]},
        sale={
            "instant": True,
            "give": {"percent": 10},
            "from": "2026-03-01",
            "until": "2026-03-02",
        },
    )
    ada, bob = shops.registered("ada"), shops.registered("bob", shop=1)
    shops.now = START + timedelta(days=9)
    found = foresee(
        shops.database,
        shops.workspace,
        lambda: shops.now,
        "day",
        known_through=shops.now,
        progress=NoProgress(),
    )
    assert (found.members, found.by_store, found.without_store) == (1, {"south/us": 1}, (ada,))
    assert shops.told() == []
    done = shops.due()
    assert (done.vouchers, done.without_store) == (1, 1)
    assert [row[0] for row in shops.told()] == [bob]
    with pytest.raises(BridgeError, match="makes baskets cheaper by itself"):
        named(shops.database, shops.workspace, "sale", shops.now, None)
    with pytest.raises(BridgeError, match="Did you mean `day`"):
        named(shops.database, shops.workspace, "dya", shops.now, None)


def test_quiet_ones_are_won_back_once_until_they_buy_again(shops: CampaignWorld) -> None:
    shops.campaigns(back={"quiet_days": 30, "give": {"amount": 5}})
    shops.registered("ada")
    shops.registered("never")
    shops.arrive(order("1", line("a", 10), customer="ada"))
    assert shops.due(days=29).vouchers == 0
    assert shops.due(days=1).vouchers == 1
    assert shops.due(days=40).vouchers == 0
    again = order("2", line("a", 10), customer="ada", placed=shops.now)
    shops.arrive(again)
    assert shops.due(days=29).vouchers == 0
    assert shops.due(days=1).vouchers == 1
    # It was cancelled: the one before is his last again, and he was won back from that.
    shops.arrive(
        order(
            "2",
            line("a", 10),
            customer="ada",
            placed=again.placed_at,
            cancelled_at=shops.now,
            changed_at=shops.now,
        )
    )
    assert shops.due(days=1).vouchers == 0


def test_only_who_is_meant_and_takes_part(shops: CampaignWorld) -> None:
    shops.campaigns(
        day={"on": "2026-03-02", "give": {"points": 5}, "when": {"segment": "vip"}},
    )
    ada, bob, eve = (shops.registered(name) for name in ("ada", "bob", "eve"))
    with shops.database.writing() as session:
        for member in (ada, eve):
            session.connection().exec_driver_sql(
                "INSERT INTO member_segments (member_id, segment, workspace_id, since)"
                f" VALUES ({member}, 'vip', {shops.workspace}, '2026-03-01 00:00:00')"
            )
        leave(session, shops.workspace, eve, "test", shops.now)
    assert shops.due(days=1).points == 1
    assert shops.balance(ada) == (5, 0, 0)
    assert shops.balance(bob) == (0, 0, 0)


def test_a_bridge_that_slept_gives_what_came_meanwhile_but_nothing_of_long_ago(
    shops: CampaignWorld,
) -> None:
    shops.campaigns(
        near={"calendar": "06-20", "give": {"points": 1}},
        far={"calendar": "04-20", "give": {"points": 100}},
    )
    ada = shops.registered("ada")
    shops.due()
    shops.due(days=120)  # 29 June
    assert shops.balance(ada) == (1, 0, 0)


def test_a_campaign_that_comes_today_is_given_today_and_by_hand_later(
    shops: CampaignWorld,
) -> None:
    shops.due()
    shops.campaigns(day={"on": START.date().isoformat(), "give": {"points": 5}})
    ada = shops.registered("ada", joined=START - timedelta(days=9))
    shops.now += timedelta(days=8)
    given = run_campaign(
        shops.database,
        shops.workspace,
        lambda: shops.keys,
        lambda: shops.now,
        "day",
        known_through=shops.now,
        progress=NoProgress(),
    )
    assert given.points == 1
    assert shops.due().points == 0
    assert shops.balance(ada) == (5, 0, 0)
