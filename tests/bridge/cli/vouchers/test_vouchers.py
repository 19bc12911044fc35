"""`vouchers`: looked at, taken back, exchanged, retried; and the promotions they hang on."""

from __future__ import annotations

from toyshop.promoting import change_by_hand, delete_by_hand

from connectors.errors import Rejected

from .conftest import MIA, Desk


def redeemed(desk: Desk, store: str = "north", points: int = 500) -> str:
    code: str = desk.json("redeem", MIA, str(points), "--store", store)["code"]
    return code


def test_vouchers_are_listed_by_whose_they_are_and_where_they_hold(desk: Desk) -> None:
    north, south = redeemed(desk), redeemed(desk, "south", 300)
    assert [one["code"] for one in desk.json("vouchers", "list")] == [south, north]
    assert [one["code"] for one in desk.json("vouchers", "list", "--store", "south")] == [south]
    mine = desk.json("vouchers", "list", "--email", MIA, "--state", "open")
    assert [(one["who"], one["worth"]) for one in mine] == [(MIA, "3.00 EUR"), (MIA, "5.00 EUR")]
    assert desk.json("vouchers", "list", "--email", "friend@example.com") == []
    misspelt = desk("vouchers", "list", "--email", "mia@exmaple.com").stderr
    assert f"Nobody known goes by `mia@exmaple.com`. Did you mean `{MIA}`?" in misspelt
    assert "Did you mean" not in desk("vouchers", "list", "--email", "friend@example.com").stderr
    assert "Nobody" not in desk("vouchers", "list", "--email", MIA, "--state", "used").stderr
    (one,) = desk.json("vouchers", "list", "--code", north.lower())
    assert (one["in_shop"], one["points"], one["problem"]) == (True, 500, None)
    assert f"{north}\tnorth/n\t{MIA}\t5.00 EUR\t500\topen" in desk.ok("vouchers", "list")
    assert "There is no voucher `LB-NONE`" in desk.error("vouchers", "list", "--code", "LB-NONE")


def test_what_is_withdrawn_leaves_the_shop_at_once_and_its_points_come_later(desk: Desk) -> None:
    code = redeemed(desk)
    said = desk.ok("vouchers", "withdraw", code, "--why", "Sent to the wrong person")
    assert f"{code} is withdrawn." in said
    assert "Its 500 points come free once every order" in said
    assert (desk.codes("north"), desk.points()) == (set(), (500, 500))
    again = desk.ok("vouchers", "withdraw", code, "--why", "Once more")
    assert f"{code} was withdrawn already (2026-" in again and "nothing was changed" in again
    assert not desk.json("vouchers", "withdraw", code, "--why", "Once more")["is_new"]
    desk.world.clock.pause(1800)
    desk.ok("work", "--once")
    assert desk.points() == (1000, 0)
    assert "points" not in desk.ok("vouchers", "withdraw", code, "--why", "And once more")
    (one,) = desk.json("vouchers", "list", "--code", code)
    assert (one["state"], one["ending"], one["why"]) == (
        "ended",
        "withdrawn",
        "Sent to the wrong person",
    )


def test_what_no_shop_can_prove_any_more_a_person_lets_go(desk: Desk) -> None:
    code = redeemed(desk)
    assert "withdraw it first" in desk.error("vouchers", "let-go", code, "--yes")
    desk.ok("vouchers", "withdraw", code, "--why", "The shop is closed")
    assert desk("vouchers", "let-go", code).exit_code == 2
    assert desk.points() == (500, 500)
    assert desk.ok("vouchers", "let-go", code, "--yes") == f"{code} has ended.\n"
    assert desk.points() == (1000, 0)


def test_an_exchanged_voucher_holds_in_one_store_at_any_moment(desk: Desk) -> None:
    old = redeemed(desk)
    said = desk.ok("vouchers", "exchange", old, "--store", "south")
    assert "being exchanged for one in south/s" in said
    assert "The new one, for the same 500 points, comes once every order" in said
    assert (desk.codes("north"), desk.codes("south")) == (set(), set())
    assert desk.points() == (500, 500)
    desk.world.clock.pause(1800)
    desk.ok("work", "--once")
    (new,) = desk.json("vouchers", "list", "--state", "open")
    assert (desk.codes("south"), desk.points()) == ({new["code"]}, (500, 500))
    assert "cannot be exchanged" in desk.error("vouchers", "exchange", old, "--store", "north")


def test_what_a_shop_refuses_is_shown_everywhere_and_retried(desk: Desk) -> None:
    made = desk.json("redeem", MIA, "500", "--store", "north", "--no-wait")
    code = made["code"]
    shop = desk.shop("north")
    shop.refused_codes[code] = Rejected("Codes are at most ten letters")
    for _ in range(3):
        assert desk("work", "--once").exit_code == 1
    (one,) = desk.json("vouchers", "list", "--dead")
    assert (one["code"], one["is_dead"]) == (code, True)
    assert one["problem"].startswith("Codes are at most ten letters")
    (row,) = desk.json("deliveries", "--dead")
    assert (row["id"], row["kind"], row["after"]) == (f"voucher:{code}", "voucher", code)
    assert f"voucher:{code}" in desk.ok("deliveries")
    shop.refused_codes.clear()
    assert desk.ok("deliveries", "retry", f"voucher:{code}").startswith("1 voucher queued again")
    desk.ok("work", "--once")
    assert desk.codes("north") == {code}
    fine = desk.error("vouchers", "retry", code)
    assert f"nothing to try again with what its shop has not refused: {code}. Nothing" in fine
    assert desk.ok("vouchers", "retry").startswith("0 vouchers")


def test_a_promotion_changed_by_hand_waits_for_a_choice(desk: Desk) -> None:
    first = redeemed(desk)
    ((pool),) = desk.json("vouchers", "pools")["pools"]
    key = pool["id"].partition("/")[2]
    assert (pool["drift"], pool["wanted"], pool["in_shop"]) == (None, 1, 1)
    change_by_hand(desk.shop("north"), key, label="Half price")
    result = desk("vouchers", "pools", "--check")
    assert result.exit_code == 1
    assert f"--restore or --leave {pool['id']}" in result.stderr
    late = desk("redeem", MIA, "500", "--store", "north")
    assert "was changed in the shop by hand" in late.stderr
    assert desk.codes("north") == {first}
    assert "becomes what it was" in desk.ok("vouchers", "pools", "--restore", pool["id"])
    desk.ok("work", "--once")
    assert len(desk.codes("north")) == 2
    assert desk("vouchers", "pools", "--check").exit_code == 0
    assert "nothing to decide" in desk.error("vouchers", "pools", "--leave", pool["id"])
    assert "see `loyalty-bridge vouchers pools`" in desk.error(
        "vouchers", "pools", "--leave", "north/codes:none:1"
    )


def test_a_promotion_taken_away_by_hand_can_only_be_made_again(desk: Desk) -> None:
    code = redeemed(desk)
    (pool,) = desk.json("vouchers", "pools")["pools"]
    delete_by_hand(desk.shop("north"), pool["native_id"])
    assert desk("vouchers", "pools", "--check").exit_code == 1
    assert "--restore makes it again" in desk.error("vouchers", "pools", "--leave", pool["id"])
    desk.ok("vouchers", "pools", "--restore", pool["id"])
    desk.ok("work", "--once")
    assert desk.codes("north") == {code}
