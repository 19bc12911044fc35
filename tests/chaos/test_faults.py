"""One call in ten is refused, lost or cut, and one row in a thousand is poisoned: every good row
gets there, once, the bad ones are named with the shop's reason, and nobody else's row changes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from trial import programmes
from trial.merchant import Merchant, Size

Merchants = Callable[..., Merchant]

PLATFORMS = ("magento", "shopware")
SMALL = Size(articles=60, rows_each=2)
LARGE = Size(articles=850, rows_each=3)
ONE_CALL_IN_TEN = {
    "429": 0.02,
    "503": 0.02,
    "drop_before": 0.02,
    "drop_after": 0.02,
    "truncate": 0.01,
    "cut": 0.01,
}
REASON = {"magento": "Invalid attribute Price", "shopware": "is poisoned (sandbox)"}
MOST_APPLIES = 12


def apply_until_done(merchant: Merchant) -> list[int]:
    """A person repeats the command while it says that something is left; its exit codes."""
    codes = []
    for _ in range(MOST_APPLIES):
        ran = merchant.apply()
        codes.append(ran.code)
        assert ran.code in (0, 1), ran
        assert "Traceback" not in ran.out + ran.err
        stopped = [line for line in ran.error_lines if "stopped, the rest waits" in line]
        assert len(stopped) <= 1, ran.err
        if not merchant.open_deliveries():
            return codes
        assert ran.code == 1, "something is left"
        assert stopped, ran.err
    raise AssertionError(f"still not done: {codes}")


def missing(merchant: Merchant, undisturbed: Merchant) -> list[str]:
    return [str(one) for one in merchant.shop.changes_since(undisturbed.at_first)]


def skus_to_poison(size: Size) -> tuple[str, ...]:
    """One or two articles that get a single row, one in a thousand rows or a little more."""
    singles = [one.sku for one in programmes.sold(size.articles) if not one.parent_sku]
    return tuple(singles[4 :: len(singles) // 2])[: max(1, size.articles * size.rows_each // 1000)]


def with_singles(merchant: Merchant, poisoned: tuple[str, ...]) -> None:
    size = merchant.size
    folder = merchant.bridge.home.parent
    path = programmes.write(
        folder, merchant.platform, size.articles, size.rows_each, singles=poisoned
    )
    merchant.bridge.ok("program", "load", str(path))


def ours(dump: dict[str, Any], platform: str, poisoned_ids: set[str]) -> list[str]:
    """Price rows but for the poisoned, and everything else, as comparable text."""
    found = []
    for table, rows in dump.items():
        values = rows.values() if isinstance(rows, dict) else rows
        for row in values:
            if isinstance(row, dict):
                if {row.get("sku"), row.get("productId")} & poisoned_ids and (
                    table in ("tier_prices", "product_price")
                ):
                    continue
                row = {name: value for name, value in row.items() if name != "updated_at"}
            found.append(f"{table} {row}")
    return sorted(found)


def poisoned_ids(merchant: Merchant, skus: tuple[str, ...]) -> set[str]:
    if merchant.platform == "magento":
        return set(skus)
    products = merchant.shop.dump()["product"].values()
    return {row["id"] for row in products if row["productNumber"] in skus}


def refused(merchant: Merchant) -> list[dict[str, Any]]:
    return [row for row in merchant.bridge.json("deliveries") if row["state"] == "dead"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("size", "seed"),
    [
        pytest.param(SMALL, 3, id="small"),
        *(
            pytest.param(LARGE, seed, id=f"large-{seed}", marks=pytest.mark.chaos)
            for seed in range(1, 4)
        ),
    ],
)
def test_faults_and_a_poisoned_row(
    platform: str, size: Size, seed: int, merchants: Merchants
) -> None:
    poisoned = skus_to_poison(size)
    calm = merchants(platform, size)
    with_singles(calm, poisoned)
    assert calm.apply().code == 0
    whole = calm.shop.dump()
    bad_ids = poisoned_ids(calm, poisoned)
    plan_of_a_good_end = calm.bridge.json("plan")

    merchant = merchants(platform, size)
    with_singles(merchant, poisoned)
    faults = merchant.shop.running.faults
    faults.set(rates=ONE_CALL_IN_TEN, retry_after=1, seed=seed, poisoned_skus=list(poisoned))
    codes = apply_until_done(merchant)
    assert codes[-1] == 1, "the poisoned rows are reported"
    assert {"429", "503"} & {call.fault for call in merchant.shop.running.log.calls()}
    assert {"drop_after", "truncate", "cut"} & {
        call.fault for call in merchant.shop.running.log.calls()
    }

    assert ours(merchant.shop.dump(), platform, bad_ids) == ours(whole, platform, bad_ids)
    assert merchant.shop.twice() == []
    bad = refused(merchant)
    assert {row["label"].split(",")[0] for row in bad} == set(poisoned)
    assert len(bad) == len(poisoned)
    assert all(REASON[platform] in row["error"] for row in bad), bad

    faults.set(rates={})
    again = merchant.bridge.json("plan")
    assert {change["label"].split(",")[0] for change in again["changes"]} == set(poisoned)
    assert len(again["changes"]) == len(poisoned)
    assert again["remarks"] == plan_of_a_good_end["remarks"]

    faults.clear()
    assert merchant.apply().code == 0
    assert merchant.shop.changes_since(whole) == []
    assert merchant.bridge.json("plan") == plan_of_a_good_end


@pytest.mark.chaos
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("kind", ["429", "503", "drop_before", "drop_after", "truncate", "cut"])
def test_a_fault_of_one_kind_on_every_third_call(
    platform: str, kind: str, merchants: Merchants
) -> None:
    calm = merchants(platform, SMALL)
    assert calm.apply().code == 0
    whole, plan = calm.shop.dump(), calm.bridge.json("plan")

    merchant = merchants(platform, SMALL)
    merchant.shop.running.faults.set(rates={kind: 0.33}, seed=5, retry_after=0)
    apply_until_done(merchant)
    merchant.shop.running.faults.clear()
    assert merchant.apply().code == 0  # what was given up for too many tries
    assert merchant.shop.changes_since(whole) == []
    assert merchant.shop.twice() == []
    assert merchant.bridge.json("plan") == plan


def test_what_was_refused_is_queued_again_by_hand(merchants: Merchants) -> None:
    """`deliveries --retry` after the cause is gone: the next apply sends it, and nothing else."""
    merchant = merchants("magento", SMALL)
    poisoned = skus_to_poison(SMALL)
    with_singles(merchant, poisoned)
    merchant.shop.running.faults.set(poisoned_skus=list(poisoned))
    assert merchant.apply().code == 1
    merchant.shop.running.faults.clear()
    merchant.bridge.ok("deliveries", "--state", "dead", "--retry")
    written = merchant.shop.rows_written()
    assert merchant.apply().code == 0
    assert merchant.shop.rows_written() == written + len(poisoned)
    assert merchant.bridge.json("plan")["changes"] == []


@pytest.mark.parametrize("platform", ["magento", pytest.param("shopware", marks=pytest.mark.chaos)])
def test_a_price_above_what_it_was_is_sent_after_a_lost_answer_only_once(
    platform: str, merchants: Merchants
) -> None:
    """The shop did it and the answer was lost: reading again finds it, nothing is sent twice."""
    merchant = merchants(platform, SMALL)
    assert merchant.apply().code == 0
    size = merchant.size
    path = programmes.write(
        merchant.bridge.home.parent, platform, size.articles, size.rows_each, off=Decimal("1.1")
    )
    merchant.bridge.ok("program", "load", str(path))
    planned = len([c for c in merchant.bridge.json("plan")["changes"] if c["kind"] == "price"])
    assert planned > 50
    earlier = merchant.shop.rows_written()
    paths = {"magento": r"^POST .*/products/tier-prices$", "shopware": r"^POST /api/_action/sync$"}
    merchant.shop.running.faults.set(rates={"drop_after": 1.0}, paths=paths[platform])
    assert merchant.apply().code == 0
    assert merchant.shop.rows_written() - earlier == planned
