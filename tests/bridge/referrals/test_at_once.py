"""Many at the same moment: one voucher for a friend, one reward for a referrer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from mail_server import MailServer
from referral_world import ReferralWorld
from sqlmodel import func, select

from bridge.referrals.sending import send_letters
from bridge.vouchers.models import Voucher

WORKERS = 6
FRIEND = "friend@example.com"


def _together(act: Callable[[int], object]) -> None:
    barrier = Barrier(WORKERS)

    def one(number: int) -> None:
        barrier.wait()
        act(number)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, range(WORKERS)))


def _vouchers(world: ReferralWorld) -> int:
    with world.database.reading() as session:
        return session.exec(select(func.count()).select_from(Voucher)).one()


def test_a_friend_his_reward_and_his_letters(
    anywhere: ReferralWorld, mail: MailServer, check_book: Callable[[ReferralWorld], None]
) -> None:
    world = anywhere
    world.app.settings = world.app.settings.model_copy(
        update={"smtp_url": type(world.app.settings)(smtp_url=mail.url).smtp_url}
    )
    ada = world.member("ada@example.com")
    code = world.code(ada).code
    _together(lambda _: world.ask(code, FRIEND))
    _together(lambda number: send_letters(world.app, f"worker {number}"))
    assert len(mail.letters) == 1
    token = world.token(FRIEND)
    _together(lambda _: world.confirm(token))
    assert _vouchers(world) == 1
    bought = world.order("o1", FRIEND)
    world.now += timedelta(days=15)
    _together(lambda number: world.arrive(bought) if number % 2 else world.later())
    world.later()
    assert (world.state(FRIEND), world.points(ada)) == ("rewarded", 500)
    check_book(world)


def test_spellings_of_one_mailbox_confirmed_at_once(anywhere: ReferralWorld) -> None:
    world = anywhere
    code = world.code(world.member("ada@example.com")).code
    tokens = []
    for number in range(WORKERS):
        email = f"friend+{number}@example.com"
        world.ask(code, email)
        tokens.append(world.token(email))
    _together(lambda number: world.confirm(tokens[number]))
    assert _vouchers(world) == 1


def test_partners_are_credited_once(
    anywhere: ReferralWorld, check_book: Callable[[ReferralWorld], None]
) -> None:
    world = anywhere
    world.now += timedelta(hours=2)
    world.programme(partners={"club": {"owner": "club@example.com", "points": 1, "each": 1}})
    club = world.member("club@example.com")
    code = world.code(club, "club").code
    bought = [world.order(f"o{number}", "b@example.com", codes=[code]) for number in range(3)]
    world.now += timedelta(days=15)
    _together(lambda number: world.arrive(*bought) if number % 2 else world.later())
    world.later()
    assert world.points(club) == 300
    check_book(world)
