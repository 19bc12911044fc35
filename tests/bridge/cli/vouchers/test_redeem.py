"""`redeem`: points become a code that works, or stand reserved for one that follows."""

from __future__ import annotations

from toyshop import Raises

from connectors.errors import Unreachable

from .conftest import MIA, Desk


def test_points_become_a_code_that_the_shop_has(desk: Desk) -> None:
    said = desk.ok("redeem", MIA, "500", "--store", "north")
    (code,) = desk.codes("north")
    assert said.startswith(f"{code}  5.00 EUR in north/n until the end of 2026-")
    assert "for 500 points" in said
    assert desk.points() == (500, 500)


def test_the_same_request_is_the_same_voucher(desk: Desk) -> None:
    first = desk.json("redeem", MIA, "300", "--store", "south/s", "--request", "till-17")
    again = desk.json("redeem", MIA, "300", "--store", "south/s", "--request", "till-17")
    assert (first["is_new"], again["is_new"]) == (True, False)
    assert first["code"] == again["code"]
    assert (again["in_shop"], again["problem"], again["worth"]) == (True, None, "3.00 EUR")
    assert desk.points() == (700, 300)
    assert "stands for another voucher" in desk.error(
        "redeem", MIA, "400", "--store", "south", "--request", "till-17"
    )


def test_a_shop_that_is_down_leaves_the_points_reserved_and_the_code_follows(desk: Desk) -> None:
    shop = desk.shop("north")
    shop.mood = lambda name: Raises(Unreachable("No answer"))
    result = desk("redeem", MIA, "500", "--store", "north")
    assert result.exit_code == 0
    assert "points are reserved; the code cannot be used yet. No answer" in result.stderr
    assert (desk.points(), desk.codes("north")) == ((500, 500), set())
    (waiting,) = desk.json("vouchers", "list", "--waiting")
    assert (waiting["in_shop"], waiting["problem"][:9]) == (False, "No answer")
    shop.mood = lambda name: None
    desk.ok("work", "--once")
    assert desk.codes("north") == {waiting["code"]}


def test_without_waiting_the_next_work_brings_the_code(desk: Desk) -> None:
    made = desk.json("redeem", MIA, "500", "--store", "north", "--no-wait")
    assert (made["in_shop"], desk.codes("north")) == (False, set())
    assert "vouchers issued\t1" in desk.ok("work", "--once")
    assert desk.codes("north") == {made["code"]}


def test_what_cannot_be_redeemed_is_said_in_one_line_and_reserves_nothing(desk: Desk) -> None:
    assert "only 1,000 are available" in desk.error("redeem", MIA, "5000", "--store", "north")
    assert "Redeem 100 points" in desk.error("redeem", MIA, "150", "--store", "north")
    assert "north/n" in desk.error("redeem", MIA, "500", "--store", "nort")
    assert "nobody@example.com" in desk.error(
        "redeem", "nobody@example.com", "500", "--store", "north"
    )
    assert desk.points() == (1000, 0)
