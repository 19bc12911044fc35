"""How far a shop's orders are known for certain: what vouchers are released by."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ledger_world import START, line, order
from voucher_world import VoucherWorld

from bridge.inbox.codec import encoded
from bridge.inbox.known import GIVEN_UP_AFTER, ReadThrough, read_through
from bridge.inbox.models import Cursor, InboxRow
from connectors.sales import NO_MONEY, UsedCode

HOUR = timedelta(hours=1)
WALKS = ("orders", "refunds")


def cursor(shops: VoucherWorld, resource: str, through: datetime | None, shop: int = 0) -> None:
    with shops.database.writing() as session:
        session.add(
            Cursor(
                installation_id=shops.shops[shop],
                resource=resource,
                workspace_id=shops.workspace,
                mark_at=START + 9 * HOUR,
                complete_through=through,
            )
        )


def waiting(shops: VoucherWorld, id_: str, **fields: Any) -> None:
    one = order(id_, line("a", 10), placed=START + HOUR, codes=(UsedCode(" lb-x ", NO_MONEY),))
    with shops.database.writing() as session:
        session.add(
            InboxRow(
                **{
                    "workspace_id": shops.workspace,
                    "installation_id": shops.shops[0],
                    "resource": "order",
                    "entity_id": id_,
                    "content_hash": id_,
                    "content": encoded(one),
                    "changed_at": START,
                    "fetched_at": START,
                    **fields,
                }
            )
        )


def known(shops: VoucherWorld) -> dict[int, ReadThrough]:
    with shops.database.reading() as session:
        walks = dict.fromkeys(shops.shops, WALKS)
        found = read_through(session, shops.workspace, walks)
    return {shops.shops.index(shop): one for shop, one in found.items()}


def test_as_far_as_the_slowest_walk_is_complete(shops: VoucherWorld) -> None:
    cursor(shops, "orders", START + 5 * HOUR)
    assert known(shops) == {}, "one walk has not begun"
    cursor(shops, "refunds", START + 3 * HOUR)
    cursor(shops, "orders", START + 5 * HOUR, shop=1)
    cursor(shops, "refunds", None, shop=1)
    assert known(shops) == {0: ReadThrough(START + 3 * HOUR)}, "each shop stands for itself"


def test_what_waits_holds_up_and_what_was_given_up_is_named(shops: VoucherWorld) -> None:
    for resource in WALKS:
        cursor(shops, resource, START + 5 * HOUR)
        cursor(shops, resource, START + 5 * HOUR, shop=1)
    waiting(shops, "done", state="handled")
    assert known(shops)[0] == ReadThrough(START + 5 * HOUR)
    waiting(shops, "hopeless", state="failed", attempts=GIVEN_UP_AFTER)
    assert known(shops)[0] == ReadThrough(START + 5 * HOUR, frozenset({"LB-X"}))
    waiting(shops, "queued")
    assert known(shops)[0] == ReadThrough(START + HOUR, frozenset({"LB-X"}))
    waiting(shops, "unread", state="unread", content="", attempts=1)
    assert set(known(shops)) == {1}
