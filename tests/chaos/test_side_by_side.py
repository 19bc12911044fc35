"""Several commands at once on one database: no row is written twice, each ends cleanly, and the
one that finds the other at work says so."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from trial.command import Command, Ran
from trial.kills import Undisturbed
from trial.merchant import Merchant, Size
from trial.shops import WRITES

from bridge.db import Database
from bridge.plans.runs import one_at_a_time
from bridge.workspaces.service import workspace_id

Merchants = Callable[..., Merchant]

PLATFORMS = ("magento", "shopware")
SIZE = Size(articles=60, rows_each=2)
OTHER_IS_AT_WORK = "Another process is delivering to this store; it goes on there."


def assert_as_if_alone(merchant: Merchant, expected: Undisturbed) -> None:
    assert merchant.ending().unlike(expected.ending) == []
    assert merchant.shop.twice() == []
    assert merchant.shop.rows_written() == expected.rows_written


def is_clean(ran: Ran) -> bool:
    """Nothing that reads like a defect."""
    return ran.code in (0, 1) and not any(
        word in ran.err for word in ("Traceback", "Error:", "Internal error")
    )


@pytest.mark.parametrize(
    ("platform", "database"),
    [
        ("magento", "sqlite"),
        pytest.param("shopware", "postgresql", marks=pytest.mark.chaos),
        pytest.param("shopware", "sqlite", marks=pytest.mark.chaos),
        pytest.param("magento", "postgresql", marks=pytest.mark.chaos),
    ],
)
def test_a_second_apply_says_that_the_first_is_at_work(
    platform: str, database: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    expected = whole(platform, SIZE, database)
    merchant = merchants(platform, SIZE, database)
    holds = merchant.shop.running.holds
    holds.hold(WRITES[platform], "before", times=1)
    first = merchant.bridge.start("apply", "--yes")
    holds.wait_held(1, timeout=60)
    second = merchant.apply()
    assert second.code == 1, second
    assert second.err.count(OTHER_IS_AT_WORK) == 1, second
    assert is_clean(second)
    holds.release()
    assert first.ended().code == 0
    assert_as_if_alone(merchant, expected)


@pytest.mark.chaos
def test_a_second_home_folder_on_the_same_database(
    merchants: Merchants, whole: Callable[..., Undisturbed], tmp_path: Path
) -> None:
    """From there nobody can tell whether the other process lives: its rows are left to it."""
    expected = whole("magento", SIZE, "postgresql")
    merchant = merchants("magento", SIZE, "postgresql")
    shutil.copytree(merchant.bridge.home, tmp_path / "elsewhere")
    elsewhere = Command(tmp_path / "elsewhere", merchant.bridge.database_url)
    holds = merchant.shop.running.holds
    holds.hold(WRITES["magento"], "before", times=1)
    first = merchant.bridge.start("apply", "--yes")
    holds.wait_held(1, timeout=60)
    second = elsewhere.run("apply", "--yes")
    assert second.err.count(OTHER_IS_AT_WORK) == 1, second
    holds.release()
    assert first.ended().code == 0
    assert_as_if_alone(merchant, expected)


@pytest.mark.parametrize(
    ("platform", "database"),
    [
        pytest.param("magento", "sqlite", marks=pytest.mark.chaos),
        pytest.param("magento", "postgresql", marks=pytest.mark.chaos),
        pytest.param("shopware", "sqlite", marks=pytest.mark.chaos),
        pytest.param("shopware", "postgresql", marks=pytest.mark.chaos),
    ],
)
def test_two_applies_that_begin_at_once(
    platform: str, database: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    """Only one plan becomes a run, and whatever the two do of it, each row is written once."""
    expected = whole(platform, SIZE, database)
    merchant = merchants(platform, SIZE, database)
    merchant.shop.running.faults.set(latency={"per_call_ms": 15})
    both = [merchant.bridge.start("apply", "--yes") for _ in range(2)]
    ended = [process.ended() for process in both]
    assert all(is_clean(ran) for ran in ended), ended
    finish = merchant.apply()  # what one left to the other that had just ended
    assert finish.code == 0, finish
    assert_as_if_alone(merchant, expected)
    assert len(merchant.bridge.json("runs")) == 1


def test_two_plans_that_are_made_at_the_same_moment_become_one_run(
    merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    """Both have looked for open deliveries and found none before either could store its run."""
    expected = whole("magento", SIZE, "postgresql")
    merchant = merchants("magento", SIZE, "postgresql")
    merchant.shop.running.faults.set(latency={"per_call_ms": 20})
    with locked_runs(merchant) as waiting:
        both = [merchant.bridge.start("apply", "--yes") for _ in range(2)]
        assert both[0].wait_until(lambda: waiting() == 2)
    ended = [process.ended() for process in both]
    assert all(is_clean(ran) for ran in ended), ended
    assert all("Nothing to do" not in ran.out for ran in ended), ended
    assert merchant.apply().code == 0
    assert_as_if_alone(merchant, expected)
    assert len(merchant.bridge.json("runs")) == 1


def test_results_are_stored_while_another_process_plans(
    merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    """A long plan must not make a shop wait."""
    expected = whole("magento", SIZE, "postgresql")
    merchant = merchants("magento", SIZE, "postgresql")
    assert merchant.bridge.database_url is not None
    holds = merchant.shop.running.holds
    holds.hold(WRITES["magento"], "before", times=1)
    applying = merchant.bridge.start("apply", "--yes")
    holds.wait_held(1, timeout=60)
    database = Database(merchant.bridge.database_url)
    with database.writing() as session:
        one_at_a_time(session, workspace_id(session, "default"))
        holds.release()
        assert applying.ends_within(60)
    database.close()
    assert applying.ended().code == 0
    assert_as_if_alone(merchant, expected)


@contextmanager
def locked_runs(merchant: Merchant) -> Iterator[Callable[[], int]]:
    """Holds up whoever wants to store a run; gives how many wait in the database."""
    assert merchant.bridge.database_url is not None
    engine = create_engine(merchant.bridge.database_url)
    with engine.connect() as holder, engine.connect() as watcher:
        holder.execute(text("LOCK TABLE runs IN ACCESS EXCLUSIVE MODE"))

        def waiting() -> int:
            with watcher.begin():
                found = watcher.execute(
                    text(
                        "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN "
                        "(SELECT pid FROM pg_stat_activity WHERE datname = current_database())"
                    )
                )
                return int(found.scalar_one())

        yield waiting
    engine.dispose()


@pytest.mark.parametrize(
    ("platform", "database"),
    [
        ("shopware", "sqlite"),
        pytest.param("magento", "sqlite", marks=pytest.mark.chaos),
        pytest.param("magento", "postgresql", marks=pytest.mark.chaos),
    ],
)
def test_looking_while_an_apply_is_at_work(
    platform: str, database: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    expected = whole(platform, SIZE, database)
    merchant = merchants(platform, SIZE, database)
    holds = merchant.shop.running.holds
    holds.hold(WRITES[platform], "after")
    first = merchant.bridge.start("apply", "--yes")
    holds.wait_held(1, timeout=60)

    planned = merchant.bridge.run("plan")
    assert planned.code == 2
    assert "still to be delivered" in planned.err
    waiting = merchant.bridge.json("deliveries", "--limit", "10000")
    assert {row["state"] for row in waiting} <= {"queued", "leased"}
    assert merchant.bridge.run("pull").code == 0

    holds.release()
    assert first.ended().code == 0
    assert_as_if_alone(merchant, expected)


READS_OF_A_PULL = {
    "prices": {
        "magento": r"^POST /rest/all/V1/products/tier-prices-information$",
        "shopware": r"^POST /api/search/product-price$",
    },
    "groups": {
        "magento": r"^GET /rest/all/V1/customerGroups/search$",
        "shopware": r"^POST /api/search/customer-group$",
    },
    "audiences": {"shopware": r"^POST /api/search/rule$"},
    "customers": {
        "magento": r"^GET /rest/all/V1/customers/search$",
        "shopware": r"^POST /api/search/customer$",
    },
}


@pytest.mark.parametrize(
    ("platform", "what"),
    [
        pytest.param(
            platform,
            what,
            marks=() if (platform, what) == ("magento", "prices") else pytest.mark.chaos,
        )
        for what, calls in READS_OF_A_PULL.items()
        for platform in calls
    ],
)
def test_a_pull_does_not_forget_what_an_apply_did_meanwhile(
    platform: str, what: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    """The pull has read the shop as it was before; its answer is older than what was delivered
    since, and must not be taken for somebody else's change."""
    expected = whole(platform, SIZE)
    merchant = merchants(platform, SIZE, "sqlite")
    holds = merchant.shop.running.holds
    holds.hold(READS_OF_A_PULL[what][platform], "after", times=1)
    pull = merchant.bridge.start("pull")
    holds.wait_held(1, timeout=60)
    assert merchant.apply().code == 0
    holds.release()
    assert pull.ended().code == 0
    assert_as_if_alone(merchant, expected)
