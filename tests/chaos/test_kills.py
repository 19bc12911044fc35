"""SIGKILL at any moment: the next apply brings shop and bridge to the state of a run that nobody
hurt, and sends no row again that the shop has.

That no row ends as "not ours" is part of the comparison: the plan afterwards, with its remarks
about foreign rows, must be the undisturbed run's.
"""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from trial.command import Command
from trial.kills import LATENCY, Moment, Undisturbed, kill, moments, recovered
from trial.merchant import Merchant, Size

Merchants = Callable[..., Merchant]

PLATFORMS = ("magento", "shopware")
SMALL = Size(articles=60, rows_each=2)
LARGE = Size(articles=850, rows_each=3)
SEED = 20


def begin(merchants: Merchants, platform: str, size: Size, database: str = "sqlite") -> Merchant:
    merchant = merchants(platform, size, database)
    merchant.shop.running.faults.set(latency=LATENCY)
    return merchant


@pytest.mark.parametrize(
    ("platform", "database"),
    [("magento", "sqlite"), ("shopware", "sqlite"), ("magento", "postgresql")],
)
def test_a_killed_apply_is_finished_by_the_next(
    platform: str, database: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    """Three kills in all, one each; `make chaos` makes many more."""
    expected = whole(platform, SMALL, database)
    chance = random.Random(f"{SEED}{platform}{database}")
    moment = Moment(chance.randrange(1, expected.calls - 6), chance.uniform(0, 0.04))
    merchant = begin(merchants, platform, SMALL, database)
    killed = kill(merchant, moment)
    assert killed.is_mid_run(expected), killed
    assert recovered(merchant, expected) == []


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@pytest.mark.parametrize(
    ("platform", "database"),
    [
        ("magento", "sqlite"),
        ("shopware", "sqlite"),
        ("magento", "postgresql"),
        ("shopware", "postgresql"),
    ],
)
def test_twenty_kills_spread_over_the_run(
    platform: str,
    database: str,
    merchants: Merchants,
    whole: Callable[..., Undisturbed],
    record_property: Callable[[str, object], None],
) -> None:
    expected = whole(platform, LARGE, database)
    proven, wrong = 0, []
    for moment in moments(expected, 20, SEED):
        merchant = begin(merchants, platform, LARGE, database)
        killed = kill(merchant, moment)
        proven += killed.is_mid_run(expected)
        wrong += [f"{moment}: {fault}" for fault in recovered(merchant, expected)]
    record_property("proven_mid_run", proven)
    print(f"{platform}, {database}: 20 kills, {proven} of them proven mid-run")  # noqa: T201
    assert wrong == []
    assert proven >= 15


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("seed", range(4))
def test_the_recovery_is_killed_too_again_and_again(
    platform: str, seed: int, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    expected = whole(platform, LARGE)
    chance = random.Random(f"{seed}{platform}")
    merchant = begin(merchants, platform, LARGE)
    kills = 0
    for _ in range(6):
        killed = kill(merchant, Moment(chance.randrange(1, 12), chance.uniform(0, 0.2)))
        kills += killed.ran.was_killed
    assert kills >= 2
    assert recovered(merchant, expected) == []


# -- at exact places --------------------------------------------------------------------------

KINDS = {
    "magento": ("group", "price", "customer"),
    "shopware": ("group", "audience", "price", "customer"),
}
BOUNDARIES = ("intent", "sent", "read-back", "before-commit", "committed")
PLACES = [
    (platform, f"{kind}.{boundary}")
    for platform, kinds in KINDS.items()
    for kind in kinds
    for boundary in BOUNDARIES
] + [
    (platform, f"run.{moment}")
    for platform in PLATFORMS
    for moment in ("before-commit", "committed")
]
QUICK = {
    ("magento", "group.sent"),
    ("magento", "price.before-commit"),
    ("shopware", "price.intent"),
}
"""What the default test run does of them."""


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        pytest.param(*one, marks=() if one in QUICK else pytest.mark.chaos, id="-".join(one))
        for one in PLACES
    ],
)
def test_killed_at_a_boundary(
    platform: str, place: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    expected = whole(platform)
    merchant = merchants(platform)
    merchant.bridge.dies_at(place, "apply", "--yes")
    assert recovered(merchant, expected) == []


@pytest.mark.chaos
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    "place", ["price.intent", "price.sent", "price.before-commit", "group.sent"]
)
def test_killed_at_a_boundary_with_postgresql(
    platform: str, place: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    expected = whole(platform, SMALL, "postgresql")
    merchant = merchants(platform, SMALL, "postgresql")
    merchant.bridge.dies_at(place, "apply", "--yes")
    assert recovered(merchant, expected) == []


CREATIONS = [
    pytest.param("magento", r"^POST /rest/all/V1/customerGroups$", id="magento-group"),
    pytest.param(
        "shopware", r"^POST /api/customer-group$", id="shopware-group", marks=pytest.mark.chaos
    ),
    pytest.param("shopware", r"^POST /api/rule$", id="shopware-audience", marks=pytest.mark.chaos),
    pytest.param(
        "magento",
        r"^POST /rest/all/V1/products/tier-prices$",
        id="magento-prices",
        marks=pytest.mark.chaos,
    ),
    pytest.param(
        "shopware", r"^POST /api/_action/sync$", id="shopware-prices", marks=pytest.mark.chaos
    ),
    pytest.param(
        "magento", r"^PUT /rest/all/V1/customers/", id="magento-move", marks=pytest.mark.chaos
    ),
    pytest.param("shopware", r"^PATCH /api/customer/", id="shopware-move", marks=pytest.mark.chaos),
]


@pytest.mark.parametrize(("platform", "call"), CREATIONS)
def test_killed_after_the_shop_did_it_and_before_it_could_say_so(
    platform: str, call: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    """The group that was just made is found by the intent: no second one, and not foreign."""
    expected = whole(platform)
    merchant = merchants(platform)
    holds = merchant.shop.running.holds
    holds.hold(call, "after", times=1)
    process = merchant.bridge.start("apply", "--yes")
    holds.wait_held(1, timeout=60)
    assert process.kill().was_killed
    holds.release(discard=True)
    assert merchant.open_deliveries() > 0
    assert recovered(merchant, expected) == []


@pytest.mark.chaos
@pytest.mark.parametrize(
    ("platform", "call"),
    [
        ("magento", r"^POST /rest/all/V1/products/tier-prices$"),
        ("shopware", r"^POST /api/_action/sync$"),
    ],
)
def test_a_call_that_was_on_its_way_when_the_process_died_arrives_late(
    platform: str, call: str, merchants: Merchants, whole: Callable[..., Undisturbed]
) -> None:
    """It arrives after the next apply has done everything: it sets what is there already."""
    expected = whole(platform)
    merchant = merchants(platform)
    holds = merchant.shop.running.holds
    holds.hold(call, "before", times=1)
    process = merchant.bridge.start("apply", "--yes")
    holds.wait_held(1, timeout=60)
    assert process.kill().was_killed
    ran = merchant.apply()
    assert ran.code == 0, ran
    holds.release()
    process_quiet = merchant.bridge.start("deliveries")
    assert process_quiet.wait_until(merchant.shop.is_quiet)
    process_quiet.ended()
    assert merchant.ending().unlike(expected.ending) == []
    assert merchant.shop.twice() == []


# -- undo -------------------------------------------------------------------------------------

UNDO_PLACES = [
    (platform, f"{kind}.{boundary}")
    for platform, kinds in KINDS.items()
    for kind in kinds
    for boundary in ("intent", "sent", "before-commit")
]


def _is_as_at_first(merchant: Merchant) -> list[str]:
    """The shop without anything of ours, the bridge with no memory of its rows."""
    left = [str(one) for one in merchant.shop.changes_since(merchant.at_first)]
    owned = [row for row in merchant.memory()["bindings"] if "wholesale" not in row[1]]
    return left + [f"still bound: {row}" for row in owned]


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        pytest.param(
            *one,
            id="-".join(one),
            marks=() if one == ("magento", "price.sent") else pytest.mark.chaos,
        )
        for one in UNDO_PLACES
    ],
)
def test_an_undo_that_was_killed_is_finished_by_the_next(
    platform: str, place: str, merchants: Merchants
) -> None:
    """Rows are removed, customers go back, the groups of the run go."""
    merchant = merchants(platform)
    assert merchant.apply().code == 0
    merchant.bridge.dies_at(place, "undo", "1", "--yes")
    assert finish_undo(merchant.bridge) == 0
    assert merchant.open_deliveries() == 0
    assert _is_as_at_first(merchant) == []


def finish_undo(bridge: Command) -> int:
    """The same command once more, as a person would."""
    return bridge.run("undo", "1", "--yes").code


@pytest.mark.chaos
@pytest.mark.timeout(600)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_undo_killed_at_random(platform: str, merchants: Merchants) -> None:
    chance = random.Random(SEED)
    for _ in range(5):
        merchant = begin(merchants, platform, LARGE)
        assert merchant.apply().code == 0
        kill(
            merchant, Moment(chance.randrange(1, 14), chance.uniform(0, 0.2)), "undo", "1", "--yes"
        )
        assert finish_undo(merchant.bridge) == 0
        assert _is_as_at_first(merchant) == []
