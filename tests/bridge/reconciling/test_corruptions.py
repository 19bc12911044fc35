"""Every seeded corruption is found with its cause, repaired, and then there is nothing left."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from corrupted import Merchant
from seeds import SEEDS, TOGETHER, Seed

from bridge.reconciling.findings import Finding

SINGLY = [seed for seed in SEEDS if seed.name not in TOGETHER]
KINDS = ("sqlite", "postgresql")


@pytest.mark.parametrize(
    ("merchant", "seed"),
    [
        # On one kind of database each: every look runs every check, and all seeds at once are
        # repaired on both.
        pytest.param(KINDS[number % 2], seed, id=f"{KINDS[number % 2]}-{seed.name}")
        for number, seed in enumerate(SINGLY)
    ],
    indirect=["merchant"],
)
def test_found_with_its_cause_and_repaired(
    merchant: Merchant, check_book: Callable[[], None], seed: Seed
) -> None:
    before = merchant.state()
    seed.does(merchant)

    report = merchant.repair()

    assert (report.failures, report.left) == ({}, [])
    assert_found(seed, report.repaired)
    assert all(one.what and one.repair and one.where for one in report.repaired)
    check_book()
    if seed.restores:
        assert merchant.state() == before


def assert_found(seed: Seed, repaired: Sequence[Finding]) -> None:
    found = [one for one in repaired if one.check == seed.check]
    assert found, (seed.name, repaired)
    assert any(seed.cause in one.cause for one in found), (seed.name, [one.cause for one in found])


def test_looking_changes_nothing(merchant: Merchant) -> None:
    for seed in SEEDS[:8]:
        seed.does(merchant)
    before = merchant.state()
    merchant.look()
    assert merchant.state() == before


def test_all_together(merchant: Merchant, check_book: Callable[[], None]) -> None:
    together = [seed for seed in SEEDS if seed.name in TOGETHER]
    assert len(together) == len(TOGETHER) >= 15
    before = merchant.state()
    for seed in together:
        seed.does(merchant)
    told = {one.check for one in merchant.look()}
    assert {seed.check for seed in together} <= told
    report = merchant.repair()
    assert report.failures == {}
    assert report.left == []
    for seed in together:
        assert_found(seed, report.repaired)
    assert merchant.look() == []
    check_book()
    assert merchant.state() == before


def test_the_worst_of_days_ends_in_sound_books(
    merchant: Merchant, check_book: Callable[[], None]
) -> None:
    """Everything at once, even where one corruption destroys what tells of another."""
    for seed in SEEDS:
        seed.does(merchant)
    report = merchant.repair()
    assert report.failures == {}
    assert report.left == []
    check_book()
