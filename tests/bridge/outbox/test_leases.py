"""Who may deliver a row, and whose word about it counts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import forked
import pytest

from bridge.outbox.judging import Held, Item, Judgement, Verdict
from bridge.outbox.leases import claim, free_the_abandoned, next_stage, waiting
from bridge.outbox.settling import commit_intent, give_back, settle
from bridge.outbox.workers import Worker
from bridge.prices.delivery import PriceHandler

LEASE = timedelta(seconds=60)
DONE = Judgement(Verdict.DONE, written=True)
CLAIMANT = Path(__file__).parent / "processes" / "claimant.py"
KEY = "A\t\t101\t1"
VALUE = '{"percent":1000000}'


def take(outbox: Any, owner: str = "w", rows: int = 100, keys: int = 100) -> list[Item]:
    with outbox.database.writing() as session:
        return claim(session, outbox.stage, owner, outbox.now(), LEASE, (rows, keys))


def free(outbox: Any) -> int:
    with outbox.database.writing() as session:
        return free_the_abandoned(session, outbox.workspace_id, outbox.home, outbox.now())


def settled(outbox: Any, item: Item, judgement: Judgement = DONE) -> bool:
    """Whether the result counted."""
    held = {item.key: Held(item.after)}
    with outbox.database.writing() as session:
        kept = settle(
            session, outbox.stage, PriceHandler(), [(item, judgement)], held, outbox.now()
        )
    return bool(kept)


def test_a_row_is_taken_once(outbox: Any) -> None:
    outbox.fill({"key": "A"}, {"key": "B"})
    assert [item.key for item in take(outbox, "one")] == ["A", "B"]
    assert take(outbox, "two") == []


def test_rows_of_one_product_are_taken_together(outbox: Any) -> None:
    outbox.fill(*({"key": f"{sku}{n}", "batch": sku} for sku in "ABC" for n in range(3)))
    assert [item.key for item in take(outbox, rows=5)] == ["A0", "A1", "A2"]
    assert [item.batch for item in take(outbox, rows=6)] == ["B"] * 3 + ["C"] * 3


def test_rows_of_one_product_are_split_only_when_a_call_cannot_hold_them(outbox: Any) -> None:
    outbox.fill(*({"key": f"A{n}", "batch": "A"} for n in range(5)))
    assert len(take(outbox, rows=3)) == 3
    assert len(take(outbox, rows=3)) == 2


def test_a_call_holds_no_more_products_than_the_shop_takes(outbox: Any) -> None:
    outbox.fill(*({"key": f"{sku}{n}", "batch": sku} for sku in "ABC" for n in range(2)))
    assert {item.batch for item in take(outbox, keys=2)} == {"A", "B"}


def test_many_threads_never_hold_the_same_row(outbox: Any) -> None:
    outbox.fill(*({"key": f"K{n:03}", "batch": f"B{n // 3:03}"} for n in range(120)))
    taken: list[Item] = []
    start = threading.Barrier(6)

    def work(owner: str) -> None:
        start.wait()
        while items := take(outbox, owner, rows=7):
            taken.extend(items)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(item.key for item in taken) == Counter(f"K{n:03}" for n in range(120))


def claimant(outbox: Any, *words: str) -> subprocess.Popen[str]:
    url = outbox.database.engine.url.render_as_string(hide_password=False)
    stage = json.dumps(
        [outbox.workspace_id, outbox.installation_id, outbox.run_id, outbox.stage.number]
    )
    return forked.Popen(
        [sys.executable, str(CLAIMANT), url, str(outbox.home), stage, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    found: list[str] = json.loads(process.stdout.readline())
    return found


def told(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_many_processes_never_hold_the_same_row(outbox: Any) -> None:
    outbox.fill(*({"key": f"K{n:03}"} for n in range(60)))
    processes = [claimant(outbox, "all") for _ in range(3)]
    for process in processes:
        said(process)  # it has started
    for process in processes:
        told(process)
    taken = [key for process in processes for key in said(process)]
    for process in processes:
        process.communicate("go\n", timeout=30)
    assert Counter(taken) == Counter(f"K{n:03}" for n in range(60))


def test_what_a_killed_process_held_is_free_at_once(outbox: Any) -> None:
    outbox.fill({"key": "A"}, {"key": "B"})
    process = claimant(outbox, "all")
    said(process)
    told(process)
    assert said(process) == ["A", "B"]
    assert free(outbox) == 0, "it lives, and its lease goes on"
    process.kill()
    process.communicate(timeout=30)
    assert free(outbox) == 2
    assert [item.key for item in take(outbox)] == ["A", "B"]


def test_what_a_closed_worker_held_is_free_at_once(outbox: Any) -> None:
    outbox.fill({"key": "A"})
    worker = Worker(outbox.home)
    take(outbox, worker.id)
    worker.close()
    assert free(outbox) == 1


def test_a_live_workers_rows_are_free_only_when_the_lease_ends(outbox: Any) -> None:
    outbox.fill({"key": "A"})
    worker = Worker(outbox.home)
    take(outbox, worker.id)
    assert free(outbox) == 0
    outbox.world.clock.pause(61)
    assert free(outbox) == 1
    worker.close()


@pytest.mark.parametrize("elsewhere", ["another-host/home/abc", "another-host/abc"])
def test_another_hosts_rows_are_free_only_when_the_lease_ends(outbox: Any, elsewhere: str) -> None:
    outbox.fill({"key": "A"})
    take(outbox, elsewhere)
    assert free(outbox) == 0
    outbox.world.clock.pause(61)
    assert free(outbox) == 1


def test_another_home_on_the_same_database_is_not_taken_for_dead(
    outbox: Any, tmp_path: Path
) -> None:
    """Two containers with one host name see nothing of each other's lock files."""
    outbox.fill({"key": "A"})
    Worker(outbox.home).close()
    worker = Worker(tmp_path / "another home")
    take(outbox, worker.id)
    assert free(outbox) == 0
    worker.close()


def test_freeing_keeps_the_intent_and_other_workspaces(outbox: Any) -> None:
    (id_,) = outbox.fill({"key": "A"})
    (item,) = take(outbox, "gone")
    with outbox.database.writing() as session:
        assert commit_intent(session, outbox.stage, [item], outbox.now()) == [item]
    outbox.world.clock.pause(61)
    with outbox.database.writing() as session:
        assert free_the_abandoned(session, 999, outbox.home, outbox.now()) == 0
    assert free(outbox) == 1
    row = outbox.row(id_)
    assert (row.state, row.intended_at is not None) == ("queued", True)
    (again,) = take(outbox)
    assert again.intended
    assert again.fence == item.fence + 1


# -- fences -----------------------------------------------------------------------------------


def overtaken(outbox: Any) -> tuple[Item, Item]:
    """A row whose lease ended while its first holder was slow, and was taken by another."""
    outbox.fill({"key": KEY, "after": VALUE})
    (slow,) = take(outbox, "slow")
    outbox.world.clock.pause(61)
    free(outbox)
    (quick,) = take(outbox, "quick")
    return slow, quick


def test_a_stale_holder_may_not_send(outbox: Any) -> None:
    slow, quick = overtaken(outbox)
    with outbox.database.writing() as session:
        assert commit_intent(session, outbox.stage, [slow], outbox.now()) == []
        assert commit_intent(session, outbox.stage, [quick], outbox.now()) == [quick]


def test_a_stale_holders_result_is_ignored(outbox: Any) -> None:
    slow, quick = overtaken(outbox)
    assert not settled(outbox, slow, Judgement(Verdict.DEAD, "stale"))
    assert (outbox.row(slow.id).state, outbox.row(slow.id).error) == ("leased", "")
    assert settled(outbox, quick)
    assert not settled(outbox, slow, Judgement(Verdict.DEAD, "stale"))
    assert outbox.row(slow.id).state == "done"


def test_a_stale_holder_gives_nothing_back(outbox: Any) -> None:
    slow, quick = overtaken(outbox)
    with outbox.database.writing() as session:
        give_back(session, outbox.stage, [slow], "stale")
    assert outbox.row(quick.id).state == "leased"


def test_a_result_counts_once(outbox: Any) -> None:
    outbox.fill({"key": KEY, "after": VALUE})
    (item,) = take(outbox)
    assert settled(outbox, item)
    assert not settled(outbox, replace(item), Judgement(Verdict.DEAD, "late"))


def test_after_the_end_of_a_lease_nobodys_result_counts_until_it_is_taken(outbox: Any) -> None:
    outbox.fill({"key": KEY, "after": VALUE})
    (item,) = take(outbox, "slow")
    outbox.world.clock.pause(61)
    free(outbox)
    assert not settled(outbox, item)
    assert outbox.row(item.id).state == "queued"


# -- waiting ----------------------------------------------------------------------------------


def test_a_row_waits_for_its_next_try(outbox: Any) -> None:
    outbox.fill({"key": KEY, "after": VALUE})
    (item,) = take(outbox)
    settled(outbox, item, Judgement(Verdict.RETRY, "busy"))
    assert take(outbox) == []
    with outbox.database.reading() as session:
        state = waiting(session, outbox.stage, outbox.now())
    assert (state.ready, state.held) == (0, 0)
    assert state.next_at is not None
    outbox.world.clock.pause((state.next_at - outbox.now()).total_seconds())
    (again,) = take(outbox)
    assert again.attempts == 2


def test_a_shop_that_could_not_be_asked_costs_no_try(outbox: Any) -> None:
    outbox.fill({"key": "A"})
    (item,) = take(outbox)
    with outbox.database.writing() as session:
        give_back(session, outbox.stage, [item], "The shop is down.")
    (again,) = take(outbox)
    assert again.attempts == 1
    assert outbox.row(again.id).error == "The shop is down."


def test_waits_grow_and_end_at_a_minute(outbox: Any) -> None:
    waits = []
    (id_,) = outbox.fill({"key": KEY, "after": VALUE})
    for _ in range(9):
        (item,) = take(outbox)
        settled(outbox, item, Judgement(Verdict.RETRY, "busy"))
        not_before = outbox.row(id_).not_before
        waits.append((not_before - outbox.now()).total_seconds())
        outbox.world.clock.pause(waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_groups_come_before_prices_and_older_runs_before_newer(outbox: Any) -> None:
    def now_open() -> tuple[int, str] | None:
        with outbox.database.reading() as session:
            stage = next_stage(session, outbox.workspace_id, outbox.installation_id)
        return None if stage is None else (stage.run_id, stage.kind)

    first = outbox.start_run()
    outbox.fill({"key": KEY, "after": VALUE})
    second = outbox.start_run()
    outbox.fill({"key": "gold", "kind": "group"})
    assert now_open() == (first, "price")
    outbox.run_id = first
    (item,) = take(outbox)
    settled(outbox, item)
    assert now_open() == (second, "group")
