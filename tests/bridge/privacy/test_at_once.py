"""A person is erased while shops tell of him and he acts himself: whichever comes first, nothing
of him is left, and the books are right."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from eve import EMAIL, NORTH, SOUTH, Eve
from ledger_world import START, line, order, refund
from sound_book import assert_sound
from voucher_world import paid_with

from bridge.kit.errors import BridgeError
from bridge.points.spending import NotEnoughPoints
from bridge.privacy.models import Erasure
from bridge.privacy.person import AlreadyErased


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each came to; what was refused is its error."""
    start = threading.Barrier(len(deeds))

    def go(deed: Callable[[], Any]) -> Any:
        start.wait(10)
        try:
            return deed()
        except (BridgeError, NotEnoughPoints, AlreadyErased) as error:
            return error

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [one.result(60) for one in [pool.submit(go, deed) for deed in deeds]]


def everything_she_may_do(eve: Eve) -> Iterator[Callable[[], Any]]:
    told = {"email": EMAIL, "placed": eve.now}
    new = order("500", line("a", 20), customer=NORTH, **told)
    yield lambda: eve.comes(new)
    given_back = replace(
        order("101", line("a", 60), customer=SOUTH, placed=START, email=EMAIL),
        refunds=(refund("r101", ("a", 1, 60), at=eve.now),),
        changed_at=eve.now,
    )
    yield lambda: eve.comes(given_back, 1)
    used = paid_with(eve.paid_with, "501", worth=30, took="1", customer=NORTH, **told)
    yield lambda: eve.comes(used)
    yield lambda: eve.redeem(eve.eve, 100)
    yield lambda: eve.registers(0, NORTH, EMAIL)


@pytest.mark.parametrize("turn", [0, 2])
def test_whatever_happens_at_the_same_moment(eve: Eve, turn: int) -> None:
    deeds = [*everything_she_may_do(eve)]
    deeds.insert(turn * 2, eve.is_erased)
    came = at_once(*deeds)
    assert isinstance(came[turn * 2], Erasure), came
    eve.works()
    eve.time_passes()
    eve.withdrawn_vouchers_are_proven()
    eve.shops_are_told()
    eve.time_passes()
    eve.time_passes()
    assert eve.told() == []
    mine = eve.account(eve.eve)
    assert (mine.available, mine.pending, mine.reserved, mine.debt) == (0, 0, 0, 0)
    assert not eve.rows(
        "SELECT 1 FROM vouchers WHERE workspace_id = :w AND member_id = :m AND state = 'open'",
        m=eve.eve,
    )
    assert_sound(eve.database, eve.workspace)
    assert eve.findings() == []
