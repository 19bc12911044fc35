"""`activities` and `rules effect`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from counter import Counter
from ledger_world import LedgerWorld, line, order

from bridge.earning.conditions import is_in_share
from connectors.base import Customer

ADA = "c1@example.com"
COURSES = {
    "rules": {
        "courses": {"activity": {"name": "course", "points": 50}},
        "base": {"per_amount": {"points": 1, "each": 1}},
    }
}


@pytest.fixture
def ada(world: LedgerWorld) -> int:
    world.now += timedelta(hours=1)
    world.programme(COURSES)
    world.now += timedelta(hours=1)
    return world.member((0, "c1"))


def test_an_activity_earns_once_however_often_it_is_told(
    counter: Counter, ada: int, check_book: Callable[[], None]
) -> None:
    command = ("activities", "record", ADA, "course", "--id", "17")
    assert f"Recorded course 17 of member #{ada}: +50 points." in counter.ok(*command)
    assert "had been recorded before" in counter.ok(*command)
    assert counter.balance(ADA) == (50, 0, 0, 0)
    (one,) = counter.json("activities", "list")
    assert (one["name"], one["id"], one["who"], one["points"]) == ("course", "17", ADA, 50)
    assert "reported" in counter.ok("activities", "list", "--name", "course")
    assert counter.json("activities", "list", "--name", "review") == []
    (entry,) = counter.json("points", "history", ADA)["entries"]
    assert entry["text"] == "Course 17: +50 (rule courses)"
    explained = counter.json("points", "explain", str(entry["entry"]))
    assert explained["event"]["activity"] == "course"
    check_book()


def test_without_an_id_each_report_counts(counter: Counter, ada: int) -> None:
    for _ in range(2):
        counter.ok("activities", "record", ADA, "course")
    assert counter.balance(ADA) == (100, 0, 0, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((ADA, "coarse"), "knows no activity `coarse`. Did you mean `course`?"),
        ((ADA, "review"), "knows no activity `review`"),
        (
            (ADA, "course", "--at", "2026-02-01"),
            "in force on 2026-02-01 knows no activity `course`",
        ),
        ((ADA, "course", "--at", "2026-05-01"), "is still to come"),
        ((ADA, "course", "--at", "today"), "--at today is no time"),
        (("ada", "course"), '"ada" is not an e-mail address'),
        (("#99", "course"), "Nobody known goes by `#99`"),
    ],
)
def test_what_cannot_be_recorded(
    counter: Counter, ada: int, arguments: tuple[str, ...], message: str
) -> None:
    assert message in counter.error("activities", "record", *arguments)
    assert counter.entries() == 0


def test_an_id_stands_for_one_activity(counter: Counter, world: LedgerWorld, ada: int) -> None:
    world.member((0, "c2"))
    counter.ok("activities", "record", ADA, "course", "--id", "17")
    said = counter.error("activities", "record", "c2@example.com", "course", "--id", "17")
    assert "stands for another `course`" in said
    assert counter.entries() == 1


def test_of_nobody_known_yet_it_counts_once_the_address_is_confirmed(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    from bridge.earning.activities import claim_activities
    from bridge.members.identity import DEFAULT_POLICY, member_for_customer

    said = counter.ok("activities", "record", "New@Example.com", "course")
    assert "Nobody is known under new@example.com" in said
    registered = Customer("n1", "new@example.com", "1", "1", world.now, world.now)
    with world.database.writing() as session:
        member_for_customer(
            session, world.workspace, world.shops[0], registered, DEFAULT_POLICY, world.now
        )
        claim_activities(session, world.workspace, world.now, most=10)
    assert counter.balance("new@example.com") == (50, 0, 0, 0)


# -- rules effect -----------------------------------------------------------------------------


def test_effect_compares_those_in_the_share_with_the_rest(
    counter: Counter, world: LedgerWorld
) -> None:
    world.now += timedelta(hours=1)
    began = world.now
    world.programme(
        {"rules": {"extra": {"per_order": 10, "share": 50}, "all": {"per_item": 1}}},
        timezone="Europe/Berlin",
    )
    inside, orders = 0, []
    for number in range(100):
        member = world.member((0, f"m{number}"))
        is_in = is_in_share("extra", 50, member)
        inside += is_in
        for which in range(3 if is_in else number % 2):
            bought = order(f"{number}-{which}", line("a", 20), customer=f"m{number}", placed=began)
            orders.append(bought)
        before = order(f"{number}-x", line("a", 500), customer=f"m{number}")
        orders.append(replace(before, placed_at=began - timedelta(minutes=30)))
    world.arrive(*orders)
    world.later(days=1)
    (found,) = counter.json("rules", "effect")
    assert (found["rule"], found["share"]) == ("extra", 50)
    assert (found["inside"]["members"], found["rest"]["members"]) == (inside, 100 - inside)
    assert (found["inside"]["orders"], found["inside"]["spend"]) == (
        3 * inside,
        f"{60 * inside}.00",
    )
    assert (found["inside"]["spend_each"], found["inside"]["points"]) == ("60.00", 30 * inside)
    assert found["rest"]["points"] == 0
    assert found["spend_test"]["test"] == "Welch's t-test"
    assert found["spend_test"]["meaning"] == "more than chance"
    said = counter.ok("rules", "effect", "extra")
    assert "Spend each: the difference is more than chance (Welch's t-test: t = " in said
    (none,) = counter.json("rules", "effect", "extra", "--since", "2026-03-02")
    assert (none["inside"]["orders"], none["orders_test"]["meaning"]) == (
        0,
        "too small to mean anything",
    )
    assert "holds for everybody" in counter.error("rules", "effect", "all")
    assert "Did you mean `extra`?" in counter.error("rules", "effect", "extro")


def test_effect_without_such_a_rule_and_without_members_to_tell(
    counter: Counter, world: LedgerWorld
) -> None:
    assert "No rule of the programme holds for a share" in counter.ok("rules", "effect")
    world.now += timedelta(hours=1)
    world.programme({"rules": {"extra": {"per_order": 10, "share": 50}}})
    assert "too few members to tell" in counter.ok("rules", "effect")
