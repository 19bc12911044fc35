"""Everything that can be done with one member's vouchers, by many at the same moment."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
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


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_done_at_once_the_books_are_right(shops: VoucherWorld, seed: int) -> None:
    shops.programme(
        ONE_A_EURO,
        redemption=CENT,
        rates=[{"currency": "USD", "from": "2026-01-01", "rate": "0.9"}],
    )
    ada, bob = shops.saver(1000, (0, "ada")), shops.saver(1000, (0, "bob"))
    vouchers = [shops.redeem(one, 200).voucher for one in (ada, bob) for _ in range(4)]
    shops.deliver()
    shops.secret()
    failures: list[BaseException] = []

    def use(chance: random.Random, voucher: Voucher) -> None:
        id_ = f"{voucher.id}-{chance.randrange(2)}"
        cancelled = shops.now if chance.random() < 0.4 else None
        one = paid_with(voucher, id_, customer=chance.choice(["ada", "bob"]))
        shops.sells(replace(one, cancelled_at=cancelled))

    def together(chance: random.Random, voucher: Voucher) -> None:
        with shops.database.writing() as session:
            merge(
                session,
                shops.workspace,
                locked(session, shops.workspace, min(ada, bob)),
                locked(session, shops.workspace, max(ada, bob)),
                "test",
                shops.now,
            )

    acts: list[Callable[[random.Random, Voucher], object]] = [
        use,
        lambda _, voucher: shops.withdraw(voucher),
        lambda _, voucher: shops.exchange(voucher, "south/us"),
        lambda chance, _: shops.redeem(ada, 100, id_=f"n{chance.randrange(4)}"),
        lambda _, __: shops.polled(),
        lambda _, __: shops.passing(),
    ]

    def work(number: int) -> None:
        chance = random.Random(seed * 100 + number)
        for _ in range(ROUNDS):
            act = together if chance.random() < 0.04 else chance.choice(acts)
            try:
                act(chance, chance.choice(vouchers))
            except BridgeError:
                pass  # it cannot be any more
            except DBAPIError as error:
                if not is_conflict(error):
                    failures.append(error)
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failures == []
    assert_sound(shops.database, shops.workspace)
    reserved = sum(one.points for one in shops.vouchers() if one.state in ("open", "ending"))
    [row] = shops.rows("SELECT sum(reserved) FROM accounts WHERE workspace_id = :w")
    assert int(row[0]) == reserved
