"""Clean books give nothing, whatever is going on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from corrupted import Merchant
from ledger_world import line, order, refund
from sqlmodel import select

from bridge.members.merging import merge
from bridge.members.models import Member
from bridge.members.splitting import split
from bridge.reconciling.findings import Finding
from bridge.reconciling.service import reconcile


def test_clean_books(merchant: Merchant) -> None:
    assert merchant.look() == []
    report = merchant.repair()
    assert (report.repaired, report.left, report.failures) == ([], [], {})


def test_work_that_waits_is_no_finding(merchant: Merchant) -> None:
    """News in the inbox, points that are due today, a tier and a balance not yet decided."""
    now = merchant.ledger.now
    merchant.comes(order("200", line("a", 6000), customer="c2", placed=now), handle=False)
    assert merchant.look() == []
    merchant.work()
    assert merchant.look() == []
    merchant.ledger.now += timedelta(days=14, hours=20)
    waits = {one.check for one in merchant.look()}
    assert waits <= {"poll-late", "points-ripe"}


def test_looking_beside_the_bridge_at_work(
    merchant: Merchant, check_book: Callable[[], None]
) -> None:
    found: list[Finding] = []
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(25):
                now = merchant.ledger.now
                bought = order(f"w{number}", line("a", 50, 2), customer="c2", placed=now)
                merchant.comes(bought)
                back = refund(f"r{number}", ("a", 1, 25), at=now)
                merchant.comes(
                    replace(bought, refunds=(back,), changed_at=now + timedelta(seconds=1))
                )
                merchant.adjusts(merchant.bo, 5, f"w{number}")
        except BaseException as error:
            failed.append(error)
            raise

    worker = threading.Thread(target=work)
    worker.start()
    while worker.is_alive():
        found += reconcile(merchant.app, ask_shops=False, repair=len(found) % 2 == 1).left
    worker.join()
    assert failed == []
    assert found == []
    report = merchant.repair()
    assert (report.repaired, report.left) == ([], [])
    check_book()


def test_repairing_beside_the_bridge_at_work(
    merchant: Merchant, check_book: Callable[[], None]
) -> None:
    """Balances are broken again and again while others post; the last word is the entries'."""
    stop = threading.Event()
    failed: list[BaseException] = []

    def work() -> None:
        number = 0
        try:
            while not stop.is_set():
                number += 1
                merchant.adjusts(merchant.bo, 5, f"p{number}")
        except BaseException as error:
            failed.append(error)
            raise

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for _ in range(4):
            merchant.sql(
                "UPDATE accounts SET available = available + 1000 WHERE workspace_id = :w"
                " AND holder_id = :m AND holder = 'member'",
                m=merchant.bo,
            )
            report = merchant.repair()
            assert (report.failures, report.left) == ({}, [])
    finally:
        stop.set()
        worker.join()
    assert failed == []
    assert merchant.look() == []
    check_book()


def test_merged_and_split_members_are_clean(merchant: Merchant) -> None:
    with merchant.database.writing() as session:
        known = {one.id: one for one in session.exec(select(Member)).all()}
        merge(
            session,
            merchant.workspace,
            known[merchant.bo],
            known[merchant.cy],
            "test",
            merchant.ledger.now,
        )
    assert merchant.look() == []
    with merchant.database.writing() as session:
        member = session.get_one(Member, merchant.bo)
        customers = [(merchant.ledger.shops[0], "c3")]
        split(session, merchant.workspace, member, customers, "test", merchant.ledger.now)
    assert merchant.look() == []
