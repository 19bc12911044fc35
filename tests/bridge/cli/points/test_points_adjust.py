"""`points adjust`, `frozen` and `refunded`: what people do about points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest
from counter import Counter
from ledger_world import LedgerWorld, changed, line, money, order

from bridge.members.adjusting import Adjustment, adjust
from connectors.sales import Refund

ADA = "c1@example.com"
REASON = ("--reason", "Sorry")


@pytest.fixture
def ada(world: LedgerWorld) -> int:
    return world.member((0, "c1"))


def test_points_are_given_and_taken_and_both_balances_are_told(
    counter: Counter, ada: int, check_book: Callable[[], None]
) -> None:
    given = counter.json("points", "adjust", ADA, "+100", *REASON, "--yes")
    assert (given["before"]["available"], given["after"]["available"]) == (0, 100)
    said = counter.ok("points", "adjust", ADA, "-30", *REASON, "--yes")
    assert "before  100 available" in said
    assert "now     70 available" in said
    check_book()


def test_an_id_makes_it_happen_once(counter: Counter, world: LedgerWorld, ada: int) -> None:
    command = ("points", "adjust", ADA, "+100", *REASON, "--id", "rma-7", "--yes")
    counter.ok(*command)
    assert "had been made before" in counter.ok(*command)
    assert counter.balance(ADA) == (100, 0, 0, 0)
    world.member((0, "c2"))
    for who, points in ((ADA, "+99"), (ADA, "-100"), ("c2@example.com", "+100")):
        arguments = ("points", "adjust", who, points, *REASON, "--id", "rma-7", "--yes")
        assert "Choose another id; nothing was changed" in counter.error(*arguments)
    assert counter.entries() == 1


def test_an_id_still_holds_after_a_merge(counter: Counter, world: LedgerWorld, ada: int) -> None:
    counter.ok("points", "adjust", ADA, "+100", *REASON, "--id", "rma-7", "--yes")
    other = world.member((1, "k1"))
    counter.ok("members", "merge", f"#{other}", f"#{ada}", "--yes")
    again = counter.json("points", "adjust", ADA, "+100", *REASON, "--id", "rma-7", "--yes")
    assert again["is_new"] is False
    assert counter.balance(ADA) == (100, 0, 0, 0)


def test_no_more_is_taken_than_there_is(
    counter: Counter, world: LedgerWorld, ada: int, check_book: Callable[[], None]
) -> None:
    counter.ok("points", "adjust", ADA, "+10", *REASON, "--yes")
    entries = counter.entries()
    said = counter.error("points", "adjust", ADA, "-11", *REASON, "--yes")
    assert len(said.splitlines()) == 1
    assert "11 points cannot be taken: only 10 are available" in said
    assert counter.entries() == entries
    check_book()


def test_a_person_is_asked_first(counter: Counter, ada: int) -> None:
    result = counter("points", "adjust", ADA, "+10", *REASON)
    assert result.exit_code == 2
    assert "add --yes" in result.stderr
    assert counter.entries() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("0", *REASON), "write +100 to give or -50 to take"),
        (("100", *REASON), "write +100 to give or -50 to take"),
        (("+1.5", *REASON), "write +100 to give or -50 to take"),
        (("+9999999999", *REASON), "write +100 to give or -50 to take"),
        (("+5",), "Missing option '--reason'"),
        (("+5", "--reason", " "), "--reason is empty"),
        (("-5", *REASON, "--expires", "2027-01-01"), "--expires belongs to points that are given"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    counter: Counter, ada: int, arguments: tuple[str, ...], message: str
) -> None:
    result = counter("points", "adjust", ADA, *arguments, "--yes")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_points_that_would_have_expired_are_refused(counter: Counter, ada: int) -> None:
    said = counter.error("points", "adjust", ADA, "+5", *REASON, "--expires", "2026-02-01", "--yes")
    assert "would have expired already" in said


def test_the_same_adjustment_by_many_at_once_happens_once(
    world: LedgerWorld, ada: int, check_book: Callable[[], None]
) -> None:
    said: list[bool] = []

    def told() -> None:
        with world.database.writing() as session:
            done = adjust(session, world.workspace, ada, Adjustment("1", 10, "x", "me"), world.now)
        said.append(done.is_new)

    threads = [Thread(target=told) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False] * 5 + [True]
    assert world.balance(ada) == (10, 0, 0)
    check_book()


# -- refunds of unknown amount ----------------------------------------------------------------


@pytest.fixture
def held(world: LedgerWorld, ada: int) -> None:
    """An order over 100 net, 119 gross, with a refund that says no amount."""
    bought = order("77", line("a", 0, price=money(100, 119)))
    world.arrive(replace(bought, number="10077"))
    world.later(days=20)
    refund = Refund("t1", world.now, unnamed=None)
    world.arrive(replace(changed(bought, 1, refunds=(refund,)), number="10077"))


def test_a_held_order_is_listed_and_let_go_once_its_refund_is_told(
    counter: Counter, held: None, check_book: Callable[[], None]
) -> None:
    (one,) = counter.json("points", "frozen")
    assert (one["store"], one["order"], one["gross"], one["is_held"]) == (
        "north",
        "10077",
        "119",
        True,
    )
    assert [refund["id"] for refund in one["refunds"]] == ["t1"]
    assert "10077" in counter.ok("points", "frozen")
    assert counter.balance(ADA) == (0, 0, 100, 0)
    said = counter.ok("points", "refunded", "north", "10077", "t1", "35.70")
    assert "came to 35.70 EUR, 30.00 without tax" in said
    assert counter.balance(ADA) == (70, 0, 0, 0)
    assert counter.json("points", "frozen") == []
    check_book()


def test_a_refund_told_again_changes_nothing_and_told_otherwise_the_points_follow(
    counter: Counter, held: None, check_book: Callable[[], None]
) -> None:
    command = ("points", "refunded", "north", "10077", "t1")
    counter.ok(*command, "35.70")
    entries = counter.entries()
    again = counter.json(*command, "35.70")
    assert (again["told_before"], again["before"]) == ("35.70", again["after"])
    assert counter.entries() == entries
    counter.ok(*command, "11.90", "--net", "10")
    assert counter.balance(ADA) == (90, 0, 0, 0)
    check_book()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("north", "10077", "t2", "1"), "has no refund t2. Those to tell are: t1."),
        (("north", "10078", "t1", "1"), "has handled no order 10078"),
        (("nort", "10077", "t1", "1"), "Did you mean `north`?"),
        (("north", "10077", "t1", "119.01"), "something between 0 and 119 EUR"),
        (("north", "10077", "t1", "--", "-1"), "something between 0 and 119 EUR"),
        (("north", "10077", "t1", "1.005"), "too many decimals: EUR has 2"),
        (("north", "10077", "t1", "10", "--net", "11"), "something between 0 and 10"),
    ],
)
def test_what_cannot_be_told_of_a_refund(
    counter: Counter, held: None, arguments: tuple[str, ...], message: str
) -> None:
    said = counter.error("points", "refunded", *arguments)
    assert message in said
    assert counter.balance(ADA) == (0, 0, 100, 0)


def test_points_that_may_be_spent_meanwhile_are_listed_too(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    world.programme(
        {
            "rules": {"base": {"per_amount": {"points": 1, "each": 1}}},
            "ripen": {"after": "placed", "days": 0},
            "unknown_refund": "wait",
        }
    )
    world.arrive(order("1", line("a", 50), refunds=(Refund("t1", world.now, unnamed=None),)))
    (one,) = counter.json("points", "frozen")
    assert one["is_held"] is False
    assert "can be spent" in counter.ok("points", "frozen")
