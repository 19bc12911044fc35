"""Two hundred members redeem at the same moment, in threads and processes, some of which die."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import forked
import pytest
from sound_book import assert_sound
from voucher_world import CENT, ONE_A_EURO, VoucherWorld

REDEEMER = Path(__file__).with_name("redeemer.py")
REPOSITORY = Path(__file__).parents[3]
MEMBERS = 200
POINTS = 1000
"""Each has that many, which is enough for two vouchers."""
KILLED_AFTER = 10
"""Vouchers."""
LONGEST = 300.0


@pytest.fixture
def members(shops: VoucherWorld) -> list[int]:
    shops.programme(ONE_A_EURO, redemption=CENT)
    return [shops.saver(POINTS) for _ in range(MEMBERS)]


@pytest.mark.chaos
def test_two_hundred_at_once_never_overspend(shops: VoucherWorld, members: list[int]) -> None:
    """Each process asks twice for each member; two of the four say the same, one is killed. It
    has members of its own first: however late it begins, it has something to die of."""
    own = [shops.saver(POINTS) for _ in range(KILLED_AFTER)]
    errands = [
        errand(shops, members, "a", times=2),
        errand(shops, members, "same", times=2),
        errand(shops, members, "same", times=2),
        errand(shops, [*own, *members], "b", times=2, dies_after=KILLED_AFTER),
    ]
    came = all_at_once(errands)
    assert_what_is_held_is_what_was_issued(shops)
    assert came[3] is None, "it was killed"
    issued = sum(one[0] for one in came if one is not None)
    # A unit of work that was under way when it was killed may be committed all the same.
    most = 2 * KILLED_AFTER + 40
    assert 2 * MEMBERS - most <= issued <= 2 * MEMBERS <= len(shops.vouchers())
    assert {shops.standing(member) for member in members} == {(0, POINTS, 0)}


def test_what_two_processes_ask_for_is_issued_once(shops: VoucherWorld) -> None:
    shops.programme(ONE_A_EURO, redemption=CENT)
    few = [shops.saver(POINTS) for _ in range(8)]
    came = all_at_once([errand(shops, few, "same", times=1, threads=2) for _ in range(2)])
    assert [sum(of) for of in zip(*(one for one in came if one), strict=True)] == [8, 0, 8]
    assert_what_is_held_is_what_was_issued(shops)


def assert_what_is_held_is_what_was_issued(shops: VoucherWorld) -> None:
    assert_sound(shops.database, shops.workspace)
    vouchers = shops.vouchers()
    reserved = shops.rows(
        "SELECT source_id, sum(points) FROM entries"
        " WHERE workspace_id = :w AND effect = 'reserve' GROUP BY source_id"
    )
    assert {int(row[0]): row[1] for row in reserved} == {one.id: one.points for one in vouchers}
    assert sum(pool.placed for pool in shops.pools()) == len(vouchers)
    assert all(pool.placed <= 50 for pool in shops.pools())
    assert len({one.code for one in vouchers}) == len(vouchers)


def errand(
    shops: VoucherWorld,
    members: Sequence[int],
    name: str,
    *,
    times: int,
    threads: int = 16,
    dies_after: int = 0,
) -> dict[str, object]:
    return {
        "url": shops.database.engine.url.render_as_string(hide_password=False),
        "workspace": shops.workspace,
        "secret": shops.secret().hex(),
        "members": list(members),
        "points": POINTS // 2,
        "now": shops.now.isoformat(),
        "name": name,
        "threads": threads,
        "times": times,
        "dies_after": dies_after,
    }


def all_at_once(errands: Sequence[dict[str, object]]) -> list[list[int] | None]:
    """``None``: it was killed."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    processes = [
        forked.Popen(
            [sys.executable, str(REDEEMER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in errands
    ]
    try:
        for process, one in zip(processes, errands, strict=True):
            assert process.stdin is not None
            process.stdin.write(json.dumps(one) + "\n")
            process.stdin.flush()
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        told = [process.communicate(timeout=LONGEST)[0] for process in processes]
        return [json.loads(one) if one else None for one in told]
    finally:
        for process in processes:
            process.kill()
            process.wait()
