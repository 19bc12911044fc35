"""What is decided of codes reaches the shop and nothing else does, whatever happens on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from delivery_scene import LEASE, Killed, Scene
from sqlalchemy import delete
from sqlmodel import col
from toyshop import Instead, Lost, Raises, Style, When
from toyshop.promoting import ShopCode, change_by_hand, delete_by_hand, promote
from voucher_world import CENT, ONE_A_EURO, VoucherWorld, paid_with

from bridge.kit.errors import BridgeError
from bridge.vouchers import review
from bridge.vouchers.adopting import unknown
from bridge.vouchers.codes import code_of
from bridge.vouchers.desk import DEAD_AFTER, DEAD_AFTER_NO
from bridge.vouchers.models import Voucher, VoucherPool, VoucherState
from bridge.vouchers.pooling import promotion_of
from bridge.vouchers.queue import Place
from bridge.vouchers.readying import ON_ITS_WAY
from bridge.vouchers.watching import look_again
from connectors.base import Store
from connectors.errors import (
    AnswerLost,
    ConnectorError,
    Rejected,
    ShopFault,
    Unauthorized,
    Unreachable,
)


@pytest.fixture
def scene(shops: VoucherWorld, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(shops, tmp_path)
    yield made
    for worker in made.workers:
        worker.close()


def test_codes_hang_on_one_promotion_and_are_read_back(scene: Scene) -> None:
    vouchers = scene.issue(120)
    result = scene.deliver()
    assert (result.added, result.promotions, result.problems) == (120, 1, [])
    assert scene.settled()
    assert len(scene.shop.promotions) == 1
    assert scene.shop.count("add_codes") == 3
    assert scene.voucher(vouchers[0]).issued_at == scene.world.now
    writes = len(scene.shop.writes())
    scene.deliver()
    assert len(scene.shop.writes()) == writes


def test_who_waits_for_his_own_does_not_wait_for_the_others(scene: Scene) -> None:
    scene.issue(60)
    (own,) = scene.issue(amount=Decimal(25))
    assert scene.deliver(only=[own.id or 0]).added == 1
    assert scene.in_shop() == {own.code}
    scene.deliver()
    assert scene.settled()


def test_what_is_withdrawn_is_taken_out_and_the_time_is_the_shops(scene: Scene) -> None:
    scene.shop.clock_offset = timedelta(minutes=-7)
    kept, given_back, never_sent = scene.issue(3)
    scene.withdraw(never_sent)
    scene.deliver()
    assert scene.in_shop() == {kept.code, given_back.code}
    scene.withdraw(given_back)
    scene.later(minutes=1)
    assert scene.deliver().removed == 1
    assert scene.settled()
    gone = scene.voucher(given_back)
    assert gone.removed_at == scene.shop_time()
    assert scene.voucher(kept).removed_at is None
    assert scene.voucher(never_sent).intended_at is None
    # Wanted again: it is put in, and what was said of its removal no longer holds.
    scene.change(given_back, is_wanted=True, state=VoucherState.OPEN.value)
    scene.deliver()
    assert scene.settled()
    assert scene.voucher(given_back).removed_at is None


def test_a_code_that_is_withdrawn_while_it_is_being_sent_does_not_stay(scene: Scene) -> None:
    (voucher,) = scene.issue()
    scene.shop.events["add_codes"].append(When(before=lambda: scene.withdraw(voucher)))
    scene.deliver()
    scene.deliver()
    assert scene.in_shop() == set()
    assert scene.voucher(voucher).removed_at is not None


def test_what_has_ended_is_not_put_in_any_more(scene: Scene) -> None:
    (voucher,) = scene.issue(valid_until=scene.world.now + timedelta(hours=1))
    scene.later(hours=2)
    scene.deliver()
    assert scene.in_shop() == set()
    assert scene.voucher(voucher).intended_at is None


@pytest.mark.parametrize("style", Style)
def test_a_used_code_is_taken_out_where_it_could_be_used_again(
    shops: VoucherWorld, tmp_path: Path, style: Style
) -> None:
    scene = Scene(shops, tmp_path, style)
    (voucher,) = scene.issue()
    scene.deliver()
    scene.change(voucher, state=VoucherState.USED.value)
    scene.deliver()
    assert scene.in_shop() == ({voucher.code} if style is Style.RULED else set())


# -- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (Rejected("A code has at most ten letters"), DEAD_AFTER_NO),
        (ShopFault("SQLSTATE"), DEAD_AFTER),
    ],
)
def test_one_bad_code_hides_no_other_and_ends_as_a_dead_letter(
    scene: Scene, error: ConnectorError, tries: int
) -> None:
    vouchers = scene.issue(20)
    bad = vouchers[7]
    scene.shop.refused_codes[bad.code] = error
    result = scene.deliver()
    assert (result.added, result.refused) == (19, 1)
    assert bad.code in result.problems[0]
    for _ in range(tries - 1):
        assert not scene.voucher(bad).is_dead
        scene.later(hours=2)
        scene.deliver()
    assert scene.voucher(bad).is_dead
    with scene.world.database.reading() as session:
        (shown,) = review.dead(session, scene.world.workspace, None, 10)
    assert shown.voucher.id == bad.id
    assert str(error) in shown.problem
    scene.later(hours=2)
    assert scene.deliver().refused == 0
    scene.shop.refused_codes.clear()
    with scene.world.database.writing() as session:
        assert review.retry(session, scene.world.workspace) == 1
    scene.deliver()
    assert scene.settled()


def test_a_call_that_is_refused_as_a_whole_is_halved_down_to_the_bad_code(scene: Scene) -> None:
    vouchers = scene.issue(30)
    bad = vouchers[11].code

    def choke(name: str) -> Raises | None:
        last = scene.shop.calls[-1]
        chokes = name == "add_codes" and bad in last.rows
        return Raises(ShopFault("SQLSTATE[23000]")) if chokes else None

    scene.shop.mood = choke
    result = scene.deliver()
    assert (result.added, result.refused, result.shop_is_out) == (29, 1, False)
    assert not scene.voucher(vouchers[11]).is_there


def test_a_code_that_is_somebody_elses_is_a_dead_letter_and_stays_his(scene: Scene) -> None:
    mine, his = scene.issue(2)
    foreign = promote(scene.shop, promotion_of(scene.pool()), his.code)
    result = scene.deliver()
    assert result.added == 1
    assert scene.voucher(mine).is_there
    assert scene.voucher(his).is_dead
    assert scene.shop.codes[his.code.casefold()].promotion_id == foreign
    scene.withdraw(his)
    scene.change(his, is_dead=False)
    scene.deliver()
    assert scene.shop.codes[his.code.casefold()].promotion_id == foreign


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("write_promotion", Unreachable("down")),
        ("add_codes", Unauthorized("wrong key")),
        ("codes", Unreachable("down")),
    ],
)
def test_a_shop_that_is_out_counts_against_nobody(
    scene: Scene, call: str, error: ConnectorError
) -> None:
    vouchers = scene.issue(2)
    scene.shop.always[call] = Raises(error)
    for _ in range(DEAD_AFTER + 1):
        assert scene.deliver().shop_is_out
        scene.later(hours=2)
    assert not any(scene.voucher(one).is_dead for one in vouchers)
    assert not scene.pool().is_dead
    scene.shop.always.clear()
    assert scene.deliver(at_once=True).added == 2
    assert scene.settled()


def test_lost_answers_leave_no_second_promotion_and_no_lost_code(scene: Scene) -> None:
    vouchers = scene.issue(60)
    for call in ("write_promotion", "add_codes", "codes", "remove_codes"):
        scene.shop.events[call] += [Lost(AnswerLost("cut")), Lost(ShopFault("500"))]
    for step in range(6):
        scene.deliver(at_once=True)
        if step == 2:
            scene.withdraw(vouchers[0])
    assert scene.settled()
    assert len(scene.shop.promotions) == 1
    assert scene.voucher(vouchers[0]).removed_at is not None


def test_a_promotion_the_shop_cannot_say_is_shown_with_its_codes(scene: Scene) -> None:
    scene.issue(2)
    known, scene.shop.stores = scene.shop.stores, (Store("7", "other", "Other", "EUR"),)
    for _ in range(DEAD_AFTER_NO):
        result = scene.deliver()
        assert "There is no store 1" in result.problems[0]
        scene.later(hours=2)
    with scene.world.database.reading() as session:
        found = review.dead(session, scene.world.workspace, None, 10)
    assert ["There is no store 1" in one.problem for one in found] == [True, True]
    scene.shop.stores = known
    with scene.world.database.writing() as session:
        assert review.retry(session, scene.world.workspace) == 2
    scene.deliver()
    assert scene.settled()


def test_a_shop_that_takes_a_code_and_does_not_hold_it_is_not_believed(scene: Scene) -> None:
    (voucher,) = scene.issue()
    scene.shop.events["add_codes"].append(Instead(dict))
    result = scene.deliver()
    assert (result.added, result.refused) == (0, 1)
    assert not scene.voucher(voucher).is_there


# -- two at once, and dying -----------------------------------------------------------------


def test_two_workers_make_one_promotion_and_each_code_once(scene: Scene) -> None:
    scene.issue(150)
    scene.shop.codes_per_call = 10
    gone = scene.issue(20)
    scene.deliver(only=[one.id or 0 for one in gone])
    for voucher in gone:
        scene.withdraw(voucher)
    desks = [scene.desk(threads=2) for _ in range(2)]

    def work(number: int) -> None:
        scene.deliver(owner=desks[number].owner, threads=2)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scene.later(minutes=1)
    scene.deliver()
    assert scene.settled()
    assert len(scene.shop.promotions) == 1
    sent = [code for call in scene.shop.calls if call.name == "add_codes" for code in call.rows[1:]]
    assert len(sent) == len(set(sent)) == 170


def _kill_at(scene: Scene, boundary: int) -> bool:
    """Three vouchers, one of them withdrawn again, and two of another worth; a worker is killed
    there, another one goes on. Whether there were so many boundaries."""
    vouchers = scene.issue(3, amount=Decimal(boundary))
    scene.deliver(only=[vouchers[0].id or 0])
    scene.withdraw(vouchers[0])
    fresh = scene.issue(2, amount=Decimal(boundary + 100))
    was_killed = scene.deliver_and_die(boundary)
    scene.later(seconds=ON_ITS_WAY.total_seconds() + 60)
    scene.deliver()
    assert scene.settled(), boundary
    assert all(scene.voucher(one).is_there for one in fresh)
    keys = [one.key for one in scene.shop.promotions.values()]
    assert len(keys) == len(set(keys))
    return was_killed


@pytest.mark.parametrize("boundary", [3, 8, 15, 20])
def test_killed_half_way_the_shop_holds_exactly_the_wanted_codes(
    scene: Scene, boundary: int
) -> None:
    assert _kill_at(scene, boundary)


@pytest.mark.chaos
def test_killed_at_any_boundary_the_shop_holds_exactly_the_wanted_codes(scene: Scene) -> None:
    boundary = 1
    while _kill_at(scene, boundary):
        boundary += 1
    assert boundary > 30


def test_what_a_dead_worker_may_have_on_its_way_is_not_taken_out_too_early(scene: Scene) -> None:
    (voucher,) = scene.issue()

    def die() -> None:
        raise Killed

    worker = scene.worker()
    scene.shop.events["add_codes"].append(When(before=die))
    with pytest.raises(Killed):
        scene.deliver(owner=worker.id)
    scene.workers.remove(worker)
    worker.close()
    scene.withdraw(voucher)
    scene.deliver()
    assert scene.voucher(voucher).removed_at is None
    scene.later(seconds=ON_ITS_WAY.total_seconds())
    scene.deliver()
    assert scene.voucher(voucher).removed_at is not None
    assert LEASE > ON_ITS_WAY


def test_a_code_that_came_in_late_is_seen_before_its_voucher_ends(scene: Scene) -> None:
    late, quiet = scene.issue(2)
    scene.deliver()
    for voucher in (late, quiet):
        scene.withdraw(voucher)
    scene.deliver()
    scene.shop.codes[late.code.casefold()] = ShopCode(late.code, "1", scene.pool().native_id)
    scene.later(minutes=10)
    place = Place(scene.world.workspace, scene.installation)
    promotions = scene.connector.promotions
    assert promotions is not None
    assert look_again(scene.world.database, place, promotions, scene.world.now) == 1
    assert scene.voucher(late).removed_at is None
    assert scene.voucher(quiet).removed_at is not None
    scene.deliver()
    assert scene.in_shop() == set()
    assert scene.voucher(late).removed_at == scene.world.now


# -- changed by hand ------------------------------------------------------------------------


def test_a_promotion_that_was_changed_by_hand_waits_for_a_person(scene: Scene) -> None:
    scene.issue()
    scene.deliver()
    change_by_hand(scene.shop, scene.pool().key, label="Half price")
    held = scene.shop.dump()["promotions"]
    (late,) = scene.issue()
    result = scene.deliver()
    assert "was changed in the shop by hand" in result.problems[0]
    assert scene.deliver().problems == []
    assert scene.shop.dump()["promotions"] == held
    assert not scene.voucher(late).is_there
    with scene.world.database.reading() as session:
        (shown,) = review.pools(session, scene.world.workspace)
        (waiting,) = review.vouchers(
            session, scene.world.workspace, review.Wanted(waiting=True), 10
        )
    assert (shown.drift, shown.open_codes, shown.there) == ("changed", 2, 1)
    assert "vouchers pools" in waiting.problem


@pytest.mark.parametrize("choice", [review.restore, review.leave])
def test_a_person_decides_what_becomes_of_a_changed_promotion(scene: Scene, choice: object) -> None:
    scene.issue()
    scene.deliver()
    before = scene.shop.dump()["promotions"]
    change_by_hand(scene.shop, scene.pool().key, label="Half price")
    changed = scene.shop.dump()["promotions"]
    scene.issue()
    scene.deliver()
    with scene.world.database.writing() as session:
        assert callable(choice)
        choice(
            session, scene.world.workspace, f"{scene.world.store().installation}/{scene.pool().key}"
        )
    scene.later(minutes=5)
    scene.deliver()
    assert scene.settled()
    now = scene.shop.dump()["promotions"]
    assert now == (before if choice is review.restore else changed)


def test_a_promotion_that_was_taken_away_by_hand_is_made_again_when_a_person_says_so(
    scene: Scene,
) -> None:
    scene.issue(3)
    scene.deliver()
    delete_by_hand(scene.shop, scene.pool().native_id)
    scene.later(hours=2)
    result = scene.deliver()
    assert "was removed in the shop, with its codes" in result.problems[0]
    assert scene.in_shop() == set()
    id_ = f"{scene.world.store().installation}/{scene.pool().key}"
    with scene.world.database.writing() as session:
        with pytest.raises(BridgeError, match="--restore makes it again"):
            review.leave(session, scene.world.workspace, id_)
        review.restore(session, scene.world.workspace, id_)
    scene.deliver()
    assert scene.settled()
    assert len(scene.in_shop()) == 3


def test_what_a_person_put_right_again_goes_on_by_itself(scene: Scene) -> None:
    scene.issue()
    scene.deliver()
    label = promotion_of(scene.pool()).label
    change_by_hand(scene.shop, scene.pool().key, label="Half price")
    scene.issue()
    scene.deliver()
    change_by_hand(scene.shop, scene.pool().key, label=label)
    scene.later(hours=2)
    scene.deliver()
    scene.deliver()
    assert scene.settled()


# -- finished, and found again --------------------------------------------------------------


def test_a_finished_promotion_is_taken_away_but_not_with_a_persons_codes(scene: Scene) -> None:
    (voucher,) = scene.issue()
    scene.deliver()
    scene.withdraw(voucher)
    scene.deliver()
    pool = scene.pool()
    held = scene.shop.codes.setdefault("ours-not", _code("OURS-NOT", pool.native_id))
    scene.finish(pool)
    result = scene.deliver()
    assert "OURS-NOT" in result.problems[0]
    assert scene.shop.codes["ours-not"] is held
    del scene.shop.codes["ours-not"]
    with scene.world.database.writing() as session:
        review.retry(session, scene.world.workspace)
    scene.deliver()
    assert scene.shop.promotions == {}
    assert (scene.pool().is_there, scene.pool().native) == (False, "")


def test_an_older_database_takes_over_what_it_makes_again_and_lists_the_rest(scene: Scene) -> None:
    causes = [f"order-{number}" for number in range(7)]
    for cause in causes:
        scene.world.issue(source_id=cause, codes_per_pool=3)
    scene.deliver()
    before = scene.shop.dump()["codes"]
    with scene.world.database.writing() as session:
        session.execute(delete(Voucher).where(col(Voucher.workspace_id) == scene.world.workspace))
        session.execute(
            delete(VoucherPool).where(col(VoucherPool.workspace_id) == scene.world.workspace)
        )
    place = Place(scene.world.workspace, scene.installation)
    desk = scene.desk()
    promotions = scene.connector.promotions
    assert promotions is not None
    lost = unknown(desk, place, promotions)
    assert sorted(len(one.codes) for one in lost) == [1, 3, 3]
    # The same happens again, in another order; one of them does not.
    for cause in reversed(causes[1:]):
        scene.world.issue(source_id=cause, codes_per_pool=3)
    scene.deliver()
    assert scene.shop.dump()["codes"] == before
    assert all(one.is_there for one in scene.world.vouchers())
    (left,) = unknown(desk, place, promotions)
    assert len(left.codes) == 1 and left.is_known
    native = {pool.id: pool.native_id for pool in scene.world.pools()}
    for voucher in scene.world.vouchers():
        assert before[voucher.code] == native[voucher.pool_id]


def test_what_an_older_database_makes_again_is_used_where_an_order_carries_it(
    scene: Scene,
) -> None:
    world = scene.world
    world.programme(ONE_A_EURO, redemption=CENT)
    ada = world.saver(1000, (0, "ada"))
    # What was there before the database was restored, and was used.
    code = code_of(world.secret(), world.workspace, world.shops[0], "points", "", "request", "x")
    lost = Voucher(code=code)
    world.sells(paid_with(lost, "1", customer="ada"))
    assert world.standing(ada) == (1000, 0, 0)
    again = world.redeem(ada, 1000, id_="x").voucher
    assert again.code == code
    scene.deliver()
    assert world.state(again) is VoucherState.USED
    assert world.standing(ada)[:2] == (0, 0)
    scene.deliver()
    assert code not in scene.in_shop()


def test_a_promotion_that_was_taken_over_gets_no_more_codes(scene: Scene) -> None:
    scene.issue()
    scene.deliver()
    with scene.world.database.writing() as session:
        mine = scene.world.workspace
        session.execute(delete(Voucher).where(col(Voucher.workspace_id) == mine))
        session.execute(delete(VoucherPool).where(col(VoucherPool.workspace_id) == mine))
    scene.issue()
    scene.deliver()
    scene.issue()
    scene.deliver()
    assert [pool.number for pool in scene.world.pools()] == [1, 2]
    assert scene.settled() is False, "the lost one hangs there for a person to see"


def test_a_restored_shop_whose_ids_changed_goes_on(scene: Scene) -> None:
    scene.issue()
    scene.deliver()
    scene.renumber()
    scene.issue()
    scene.deliver()
    assert scene.settled()


def _code(code: str, promotion_id: str) -> ShopCode:
    return ShopCode(code, "1", promotion_id)
