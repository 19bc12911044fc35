"""`points show`, `history` and `explain`: what there is, and how it came about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from counter import Counter
from ledger_world import LedgerWorld, changed, line, order, refund

ADA = "c1@example.com"


@pytest.fixture
def ada(world: LedgerWorld) -> int:
    return world.member((0, "c1"), (1, "k1"))


def bought(number: str = "000012", **other: Any) -> Any:
    return replace(
        order("12", line("7", 95, 2, sku="B2B-1200"), line("8", 5), **other), number=number
    )


def test_show_says_what_there_is_and_what_the_rest_waits_for(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    world.arrive(bought())
    world.arrive(replace(bought(), id="13", number="13", completed_at=None))
    found = counter.json("points", "show", ADA)
    assert (found["member"], found["available"], found["pending"]) == (ada, 0, 200)
    ripe, open_ = found["lots"]
    assert (ripe["store"], ripe["order"], ripe["pending"]) == ("north", "000012", 100)
    assert ripe["waits_for"] == "2026-03-16 00:00"
    assert open_["waits_for"] == "the order to be complete"
    world.later(days=20)
    assert counter.balance(ADA) == (100, 100, 0, 0)
    said = counter.ok("points", "show", ADA)
    assert "Order 000012 in north" in said
    assert "never" in said


def test_show_tells_the_next_expiry_and_what_is_over_by_now(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    for points, day in (("+30", "2026-03-20"), ("+12", "2026-03-20"), ("+5", "2026-05-01")):
        arguments = ("points", "adjust", ADA, points, "--reason", "x", "--expires", day, "--yes")
        counter.ok(*arguments)
    found = counter.json("points", "show", ADA)
    assert found["next_expiry"] == {"at": "2026-03-20T23:00:00+00:00", "points": 42}
    assert "42 of these expire at the end of 2026-03-20" in counter.ok("points", "show", ADA)
    world.now += timedelta(days=25)
    found = counter.json("points", "show", ADA)
    assert (found["available"], found["expired"]) == (5, 42)
    assert found["next_expiry"]["points"] == 5
    assert "42 more have expired" in counter.ok("points", "show", ADA)


def test_a_merged_member_is_found_and_several_are_told_apart(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    other = world.member((0, "c2"))
    counter.ok("members", "merge", f"#{ada}", f"#{other}", "--yes")
    assert counter.json("points", "show", "c2@example.com")["member"] == ada
    assert counter.json("points", "show", f"#{other}")["member"] == ada
    assert "Nobody known goes by" in counter.error("points", "show", "x@example.com")
    world.member((0, "c9"))
    twin = world.member((1, "c9"))
    said = counter.error("points", "show", "c9@example.com")
    assert f"#{twin}" in said and "name one by its number" in said


def test_a_companys_account_is_said_to_be_one(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    world.arrive(bought())
    counter.ok("members", "company", "make", "Acme")
    counter.ok("members", "company", "add", "Acme", f"#{ada}")
    counter.ok("members", "company", "hold", "Acme", "--yes")
    found = counter.json("points", "show", ADA)
    assert found["account"] == {"holder": "company", "id": 1, "company": "Acme"}
    assert found["pending"] == 100
    assert "Account of the company Acme, together with all its people" in counter.ok(
        "points", "show", ADA
    )


def test_history_reads_as_people_talk_and_carries_the_balance(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    first = bought()
    world.arrive(first)
    world.later(days=20)
    world.arrive(changed(first, 9, refunds=(refund("r", ("7", 1, "47.50")),)))
    counter.ok("points", "adjust", ADA, "-20", "--reason", "Given twice", "--yes")
    found = counter.json("points", "history", ADA)["entries"]
    assert [one["text"] for one in found] == [
        "Adjustment (Given twice): -20",
        "Order 000012 in north, 2 \N{MULTIPLICATION SIGN} B2B-1200: -48 taken back (rule base)",
        "Order 000012 in north: 100 available now",
        "Order 000012 in north, 1 \N{MULTIPLICATION SIGN} SKU-8: +5 pending (rule base)",
        "Order 000012 in north, 2 \N{MULTIPLICATION SIGN} B2B-1200: +95 pending (rule base)",
    ]
    assert [(one["available_after"], one["pending_after"]) for one in found] == [
        (32, 0),
        (52, 0),
        (100, 0),
        (0, 100),
        (0, 95),
    ]
    assert counter.balance(ADA)[:2] == (32, 0)
    page = counter.json("points", "history", ADA, "--limit", "2")["entries"]
    rest = counter.json("points", "history", ADA, "--before", str(page[-1]["entry"]))["entries"]
    assert page + rest == found


def test_history_says_what_expired(counter: Counter, world: LedgerWorld, ada: int) -> None:
    world.programme(
        {
            "rules": {"base": {"per_amount": {"points": 1, "each": 1}}},
            "ripen": {"after": "placed", "days": 0},
            "expire": {"days": 3},
        }
    )
    world.arrive(bought())
    world.later(days=5)
    newest = counter.json("points", "history", ADA)["entries"][0]
    assert newest["text"] == "Order 000012 in north: -100 expired"
    assert newest["available_after"] == 0


def test_explain_tells_event_rule_calculation_and_what_took_it_back(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    first = bought()
    world.arrive(first)
    world.arrive(changed(first, 9, refunds=(refund("r", ("7", 2, 95)),)))
    back, _, earned = counter.json("points", "history", ADA)["entries"]
    found = counter.json("points", "explain", str(earned["entry"]))
    assert found["event"]["order"] == "000012"
    assert found["event"]["line"]["sku"] == "B2B-1200"
    assert found["event"]["line"]["price"] == {"net": "95", "gross": "95"}
    assert (found["rule"], found["programme"]) == ("base", 1)
    assert "per_amount" in found["rule_text"]
    assert found["calculation"]["amount"] == "95"
    assert [one["entry"] for one in found["reversed_by"]] == [back["entry"]]
    assert found["reverses"] == []
    assert found["lot"]["pending"] == 5
    found = counter.json("points", "explain", str(back["entry"]))
    assert [one["entry"] for one in found["reverses"]] == [earned["entry"]]
    said = counter.ok("points", "explain", str(back["entry"]))
    assert f"Takes back entry {earned['entry']}" in said
    assert "Programme version 1, in force since" in said


def test_explain_of_another_workspaces_entry_is_refused(
    counter: Counter, world: LedgerWorld, ada: int
) -> None:
    world.arrive(bought())
    number = counter.json("points", "history", ADA)["entries"][0]["entry"]
    stranger = LedgerWorld(world.database)
    said = counter.error("points", "explain", str(number), workspace=stranger.workspace)
    assert f"There is no entry {number}" in said
