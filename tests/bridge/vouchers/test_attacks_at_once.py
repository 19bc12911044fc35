"""Everything that can be done with two members' vouchers, by many at the same moment."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sound_book import assert_sound
from sqlalchemy.exc import DBAPIError
from voucher_world import CENT, ONE_A_EURO, VoucherWorld, paid_with

from bridge.inbox.conflicts import is_conflict
from bridge.kit.errors import BridgeError
from bridge.members.merging import merge
from bridge.members.standing import locked
from bridge.vouchers.models import Voucher

THREADS = 6
ROUNDS = 5


class Attack:
    def __init__(self, shops: VoucherWorld) -> None:
        self.shops = shops
        self.members = [shops.saver(1000, (0, name)) for name in ("ada", "bob")]
        self.vouchers = [shops.redeem(one, 200).voucher for one in self.members for _ in range(4)]
        self.acts: list[Callable[[random.Random, Voucher], object]] = [
            self.use,
            lambda _, voucher: shops.withdraw(voucher),
            lambda _, voucher: shops.exchange(voucher, "south/us"),
            lambda chance, _: shops.redeem(self.members[0], 100, id_=f"n{chance.randrange(4)}"),
            lambda _, __: shops.polled(),
            lambda _, __: shops.passing(),
        ]

    def use(self, chance: random.Random, voucher: Voucher) -> None:
        one = paid_with(
            voucher, f"{voucher.id}-{chance.randrange(2)}", customer=chance.choice(["ada", "bob"])
        )
        cancelled = self.shops.now if chance.random() < 0.4 else None
        self.shops.sells(replace(one, cancelled_at=cancelled))

    def merge(self) -> None:
        shops = self.shops
        with shops.database.writing() as session:
            ada, bob = (locked(session, shops.workspace, one) for one in self.members)
            merge(session, shops.workspace, ada, bob, "test", shops.now)

    def go_on(self, seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(ROUNDS):
            try:
                if chance.random() < 0.04:
                    self.merge()
                else:
                    chance.choice(self.acts)(chance, chance.choice(self.vouchers))
            except BridgeError:
                pass  # it cannot be any more
            except DBAPIError as error:
                if not is_conflict(error):
                    raise


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_at_once_the_books_are_right(shops: VoucherWorld, seed: int) -> None:
    shops.programme(
        ONE_A_EURO,
        redemption=CENT,
        rates=[{"currency": "USD", "from": "2026-01-01", "rate": "0.9"}],
    )
    attack = Attack(shops)
    shops.deliver()
    with ThreadPoolExecutor(THREADS) as threads:
        turns = [threads.submit(attack.go_on, seed * 100 + one) for one in range(THREADS)]
    for turn in turns:
        turn.result()
    assert_sound(shops.database, shops.workspace)
    held = sum(one.points for one in shops.vouchers() if one.state in ("open", "ending"))
    [row] = shops.rows("SELECT sum(reserved) FROM accounts WHERE workspace_id = :w")
    assert int(row[0]) == held
