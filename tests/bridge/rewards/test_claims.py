"""Rewards of the catalogue: taken once, provided or cancelled, never more than there are."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from ledger_world import START, LedgerWorld

from bridge.kit.errors import BridgeError
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.joining import leave
from bridge.members.merging import merge
from bridge.members.standing import locked
from bridge.rewards.claiming import CannotClaim, Claimed, Claiming, claim
from bridge.rewards.fulfilling import CannotDecide, UnknownClaim, cancel, fulfil
from bridge.rewards.listing import catalogue, claims

TICKET = {"name": "Day at the fair", "points": 100}


def offer(ledger: LedgerWorld, **ticket: Any) -> None:
    ledger.programme({}, rewards={"ticket": TICKET | ticket})


def rich(ledger: LedgerWorld, name: str = "ada", points: int = 250) -> int:
    member = ledger.member((0, name))
    with ledger.database.writing() as session:
        adjust(session, ledger.workspace, member, Adjustment(name, points, "", ""), ledger.now)
    return member


def take(ledger: LedgerWorld, member: int, request: str = "r", reward: str = "ticket") -> Claimed:
    with ledger.database.writing() as session:
        return claim(session, ledger.workspace, Claiming(request, member, reward), ledger.now)


def decide(ledger: LedgerWorld, do: Callable[..., Claimed], number: int | None) -> Claimed:
    with ledger.database.writing() as session:
        return do(session, ledger.workspace, number, "test", "", ledger.now)


def places(ledger: LedgerWorld, member: int) -> tuple[int, int]:
    """Available and reserved, over all accounts the member had."""
    (row,) = ledger.rows(
        "SELECT sum(available), sum(reserved) FROM accounts"
        " WHERE workspace_id = :w AND holder_id = :m",
        m=member,
    )
    return int(row[0]), int(row[1])


def left(ledger: LedgerWorld) -> int | None:
    with ledger.database.reading() as session:
        return catalogue(session, ledger.workspace, ledger.now)[0].left


def test_points_are_held_then_spent(ledger: LedgerWorld, check_book: Callable[[], None]) -> None:
    offer(ledger, stock=2)
    ada = rich(ledger)
    taken = take(ledger, ada)
    assert taken.is_new
    assert places(ledger, ada) == (150, 100)
    assert left(ledger) == 1
    assert take(ledger, ada).claim.id == taken.claim.id
    assert places(ledger, ada) == (150, 100)
    assert decide(ledger, fulfil, taken.claim.id).is_new
    assert not decide(ledger, fulfil, taken.claim.id).is_new
    assert places(ledger, ada) == (150, 0)
    with pytest.raises(CannotDecide, match="is fulfilled since 2026-03-01, by test"):
        decide(ledger, cancel, taken.claim.id)
    check_book()


def test_a_cancelled_one_gives_points_and_piece_back_once(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    offer(ledger, stock=1)
    ada = rich(ledger)
    taken = take(ledger, ada)
    assert left(ledger) == 0
    assert decide(ledger, cancel, taken.claim.id).is_new
    assert not decide(ledger, cancel, taken.claim.id).is_new
    assert places(ledger, ada) == (250, 0)
    assert left(ledger) == 1
    with pytest.raises(CannotDecide):
        decide(ledger, fulfil, taken.claim.id)
    with pytest.raises(UnknownClaim):
        decide(ledger, fulfil, 10**9)
    assert take(ledger, ada, "again").is_new
    check_book()


@pytest.mark.parametrize(
    ("fields", "reward", "message"),
    [
        ({}, "tickett", "There is no reward `tickett`. Did you mean `ticket`?"),
        ({"points": 251}, "ticket", "costs 251 points, and only 250 are available"),
        ({"stock": 0}, "ticket", "is not in stock any more"),
        ({"from": "2026-03-02"}, "ticket", "can be taken from 2026-03-02, and today is 2026-03-01"),
        ({"when": {"tier": "top"}}, "ticket", "is not for member #"),
    ],
)
def test_what_cannot_be_taken_changes_nothing(
    ledger: LedgerWorld, fields: dict[str, Any], reward: str, message: str
) -> None:
    ledger.programme({}, rewards={"ticket": TICKET | fields}, tiers={"top": {"name": "Top"}})
    ada = rich(ledger)
    with pytest.raises(CannotClaim, match=message.replace("?", r"\?")):
        take(ledger, ada, reward=reward)
    assert places(ledger, ada) == (250, 0)
    with ledger.database.reading() as session:
        assert claims(session, ledger.workspace, every=True) == []


def test_a_request_stands_for_one_claim(ledger: LedgerWorld) -> None:
    offer(ledger)
    ada, bob = rich(ledger), rich(ledger, "bob")
    take(ledger, ada)
    with pytest.raises(CannotClaim, match="stands for another claim"):
        take(ledger, bob)
    assert places(ledger, bob) == (250, 0)


def test_who_left_takes_nothing(ledger: LedgerWorld) -> None:
    offer(ledger)
    ada = rich(ledger)
    with ledger.database.writing() as session:
        leave(session, ledger.workspace, ada, "test", ledger.now)
    with pytest.raises(CannotClaim, match="takes no part"):
        take(ledger, ada)


def test_the_last_piece_goes_to_one_of_many(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    offer(ledger, stock=3)
    members = [rich(ledger, f"m{number}", 150) for number in range(8)]

    def try_it(member: int) -> bool:
        try:
            return take(ledger, member, f"r{member}").is_new
        except BridgeError:
            return False

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(try_it, members))
    assert sum(won) == 3
    held = sum(places(ledger, member)[1] for member in members)
    assert held == 300
    assert left(ledger) == 0
    check_book()


def test_one_member_at_the_same_time_never_spends_more_than_he_has(ledger: LedgerWorld) -> None:
    offer(ledger)
    ada = rich(ledger, points=350)

    def try_it(number: int) -> bool:
        try:
            # Told twice each.
            return take(ledger, ada, f"r{number // 2}").is_new
        except BridgeError:
            return False

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(try_it, range(12)))
    assert sum(won) == 3
    assert places(ledger, ada) == (50, 300)


def test_a_claim_follows_its_member_into_another(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    offer(ledger)
    ada, twin = rich(ledger), rich(ledger, "twin")
    first, second = take(ledger, twin, "1"), take(ledger, twin, "2")
    with ledger.database.writing() as session:
        kept, other = (locked(session, ledger.workspace, one) for one in (ada, twin))
        merge(session, ledger.workspace, kept, other, "test", ledger.now)
    ledger.now = START + timedelta(hours=1)
    decide(ledger, cancel, first.claim.id)
    decide(ledger, fulfil, second.claim.id)
    assert places(ledger, ada) == (250 + 150, 0)
    assert places(ledger, twin) == (0, 0)
    # Told again for who he is now.
    assert take(ledger, ada, "1").claim.id == first.claim.id
    check_book()


def test_the_catalogue_shows_what_is_left_and_what_is_gone(ledger: LedgerWorld) -> None:
    offer(ledger, stock=5, until="2026-03-01")
    ada = rich(ledger)
    take(ledger, ada)
    ledger.now += timedelta(days=1)
    with ledger.database.reading() as session:
        (one,) = catalogue(session, ledger.workspace, ledger.now)
    assert (one.left, one.is_offered, one.open_claims, one.fulfilled) == (4, False, 1, 0)
    ledger.programme({}, rewards={})
    with ledger.database.reading() as session:
        (gone,) = catalogue(session, ledger.workspace, ledger.now)
    assert (gone.name, gone.reward, gone.open_claims) == ("Day at the fair", None, 1)
