"""An order is worth what it was when it came in, however its buyer or the shop change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ledger_world import LedgerWorld, changed, line, order, refund

from bridge.earning.circumstances import Circumstances, read, written
from bridge.earning.facts import ProductFacts
from bridge.groups.models import ShopGroup
from bridge.inbox.codec import decoded
from bridge.members.merging import merge
from bridge.members.models import Member
from bridge.members.standing import locked_of_customer
from bridge.orders.models import HandledOrder
from connectors.sales import Order

BASE = {"base": {"per_amount": {"points": 1, "each": 1}}}
AT_ONCE = {"ripen": {"after": "paid", "days": 0}}
VIP = {
    **AT_ONCE,
    "rules": {**BASE, "vip": {"multiply": 2, "when": {"tier": ["gold"]}}},
}
TIERS = {"tiers": {"gold": {"name": "Gold", "reach": {"spend": 1000}}}}


def test_an_order_keeps_the_buyer_it_had(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """Who reaches a tier later has not bought in it before."""
    ledger.programme(VIP, **TIERS)
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 100, 4))
    ledger.arrive(bought)
    ledger.later(days=1)
    with ledger.database.writing() as session:
        session.get_one(Member, buyer).tier = "gold"
    ledger.arrive(changed(bought, 1, refunds=(refund("r1", ("a", 1, 25)),)))
    assert ledger.balance(buyer) == (75, 0, 0)
    ledger.arrive(order("2", line("a", 100), placed=ledger.now))
    ledger.later(days=1)
    assert ledger.balance(buyer) == (275, 0, 0)
    check_book()


def test_an_order_keeps_the_group_it_was_bought_in(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """Shopware tells with each order the group that its buyer is in now: who is moved to another
    one loses nothing of what he earned before, and gains nothing."""
    when: dict[str, Any] = {"multiply": 2, "when": {"group": "Dealers"}}
    ledger.programme({**AT_ONCE, "rules": {**BASE, "dealers": when}})
    buyer = ledger.member((0, "c1"))
    with ledger.database.writing() as session:
        for id_, name in (("3", "Dealers"), ("4", "Gold")):
            session.add(
                ShopGroup(
                    installation_id=ledger.shops[0],
                    group_id=id_,
                    workspace_id=ledger.workspace,
                    name=name,
                )
            )
    bought = replace(order("1", line("a", 100, 4)), group_id="3")
    ledger.arrive(bought)
    ledger.later(days=1)
    assert ledger.balance(buyer) == (200, 0, 0)
    moved = replace(changed(bought, 1), group_id="4")
    ledger.arrive(moved)
    assert ledger.balance(buyer) == (200, 0, 0)
    ledger.arrive(changed(moved, 2, refunds=(refund("r1", ("a", 1, 25)),)))
    assert ledger.balance(buyer) == (150, 0, 0)
    check_book()


def test_an_order_stays_with_a_customer_who_was_deleted(
    ledger: LedgerWorld, check_book: Callable[[], None]
) -> None:
    """Shops forget whose it was; a return is still taken from who earned, and who splits the
    member later takes along what that customer bought."""
    ledger.programme({**AT_ONCE, "rules": BASE})
    buyer = ledger.member((0, "c1"))
    bought = order("1", line("a", 100, 4))
    ledger.arrive(bought)
    ledger.later(days=1)
    forgotten = replace(changed(bought, 1), customer_id="", is_guest=True)
    ledger.arrive(replace(forgotten, refunds=(refund("r1", ("a", 1, 25)),)))
    assert ledger.balance(buyer) == (75, 0, 0)
    with ledger.database.reading() as session:
        kept = session.get_one(HandledOrder, (ledger.shops[0], "1"))
        known = decoded(Order, kept.content)
    assert (kept.member_id, kept.customer_id, kept.is_guest) == (buyer, "c1", False)
    assert (known.customer_id, known.is_guest, len(known.refunds)) == ("c1", False, 1)
    check_book()


def test_who_is_read_after_his_order_is_judged_as_who_he_is(ledger: LedgerWorld) -> None:
    """An order may come before its customer: then it is not known yet what his tier is."""
    ledger.programme(VIP, **TIERS)
    gold = ledger.member((1, "k1"))
    with ledger.database.writing() as session:
        session.get_one(Member, gold).tier = "gold"
    early = order("1", line("a", 100), customer="unread")
    ledger.arrive(early)
    assert sum(ledger.worth("1").values()) == 100
    with ledger.database.writing() as session:
        other = locked_of_customer(session, ledger.workspace, ledger.shops[0], "unread")
        assert other is not None
        keep = session.get_one(Member, gold)
        merge(session, ledger.workspace, keep, other[1], "email", ledger.now)
    ledger.arrive(changed(early, 1, state="looked at"))
    assert ledger.balance(gold) == (0, 200, 0)


def test_circumstances_are_read_as_they_were_written() -> None:
    known = Circumstances(
        7,
        "gold",
        frozenset({"lapsed", "new"}),
        "Söhne & Co",
        "4",
        "Händler",
        {"p1": ProductFacts((("Root", "Drills"),), "DRILL"), "p2": ProductFacts((), "BIT")},
    )
    assert read(written(known)) == known
    plain = Circumstances(7, "", frozenset(), "", "", "")
    assert read(written(plain)) == plain
    assert read("") is None
