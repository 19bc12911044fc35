"""Who was merged, who belongs to a company, who brought friends and who was brought."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from eve import ADMIN, EMAIL, NORTH, Eve
from ledger_world import START
from sound_book import assert_sound
from sqlmodel import select

from bridge.audit.service import Subject, record
from bridge.members import companies
from bridge.members.merging import merge
from bridge.members.models import Member
from bridge.members.splitting import split
from bridge.members.standing import ErasedMember
from bridge.privacy import erasing
from bridge.privacy.telling import tell
from bridge.referrals.models import Referral
from bridge.subscribers.models import Subscriber, SubscriberMessage


def is_over(eve: Eve) -> None:
    eve.shops_are_told()
    eve.withdrawn_vouchers_are_proven()
    eve.shops_are_told()
    eve.time_passes()
    eve.time_passes()


def is_merged(eve: Eve, twin: int) -> None:
    with eve.database.writing() as session:
        into, other = (session.get_one(Member, one) for one in (twin, eve.eve))
        merge(session, eve.workspace, into, other, "x", eve.now)


def test_who_was_merged_is_forgotten_whole_and_what_comes_free_is_written_off(one_eve: Eve) -> None:
    twin = one_eve.member((0, "twin"))
    one_eve.give(twin, 70)
    with one_eve.database.writing() as session:
        for one in (twin, one_eve.eve):
            erasing.ask(session, one_eve.workspace, one, "member", one_eve.now)
    is_merged(one_eve, twin)
    erasing.erase(one_eve.database, one_eve.workspace, twin, ADMIN, lambda: one_eve.now)
    is_over(one_eve)
    assert one_eve.told() == []
    for one in (twin, one_eve.eve):
        mine = one_eve.account(one)
        assert (mine.available, mine.pending, mine.reserved, mine.debt) == (0, 0, 0, 0)
    with one_eve.database.reading() as session:
        assert erasing.how_many_asked(session, one_eve.workspace) == 0, "both asked; it is one wish"
    assert one_eve.findings() == []
    assert_sound(one_eve.database, one_eve.workspace)


def test_points_shared_in_a_company_stay_and_a_later_refund_takes_its_own_back(
    one_eve: Eve,
) -> None:
    with one_eve.database.writing() as session:
        firm = companies.make(session, one_eve.workspace, "Crescent GmbH", "", one_eve.now)
        for one in (one_eve.eve, one_eve.bo):
            companies.add(session, firm, session.get_one(Member, one), "x", one_eve.now)
        companies.hold_points(session, firm, "x", one_eve.now)
        number = firm.id
    one_eve.buys("400", 50)

    def shared() -> int:
        [row] = one_eve.rows(
            "SELECT available + pending AS p FROM accounts WHERE holder = 'company'"
            " AND holder_id = :c",
            c=number,
        )
        return int(row.p)

    before, bought_at = shared(), one_eve.now
    one_eve.is_erased()
    assert shared() == before
    one_eve.now += timedelta(days=1)
    one_eve.gives_back("400", 50, at=bought_at)
    assert shared() == before - 50
    is_over(one_eve)
    assert shared() == before - 50 + 100, "what was held for her voucher came free"
    assert one_eve.told() == []
    assert one_eve.rows("SELECT 1 FROM companies WHERE name = 'Crescent GmbH'"), "Bo is still there"
    assert one_eve.findings() == []
    assert_sound(one_eve.database, one_eve.workspace)


def test_others_systems_are_told_no_more_who_she_was(one_eve: Eve) -> None:
    w = one_eve.workspace
    with one_eve.database.writing() as session:
        other = Subscriber(
            workspace_id=w,
            name="erp",
            url="https://erp.example",
            types=["points.posted"],
            is_public_only=True,
            made_by="Ann",
            made_at=START,
            begins_at=START,
        )
        session.add(other)
        session.flush()
        session.add(
            SubscriberMessage(
                workspace_id=w,
                subscriber_id=other.id,
                event="entry/1",
                webhook_id="msg_1",
                type="points.posted",
                at=START,
                member_id=one_eve.eve,
                made_at=START,
                not_before=START,
                state="waiting",
                data={
                    "entry": 1,
                    "balance": {"available": 7},
                    "member": {
                        "id": one_eve.eve,
                        "customers": [{"installation": "north", "customer": NORTH}],
                    },
                },
            )
        )
    one_eve.is_erased()
    with one_eve.database.reading() as session:
        [left] = session.exec(select(SubscriberMessage)).all()
    assert left.data == {
        "entry": 1,
        "balance": {"available": 7},
        "member": {"id": one_eve.eve, "customers": []},
    }


def test_in_what_is_odd_of_another_friend_she_is_not_named(one_eve: Eve) -> None:
    said = f"{EMAIL} bought with the code that was given to cy@sun.example."
    with one_eve.database.writing() as session:
        code = session.exec(select(Referral.code_id)).first()
        session.add(
            Referral(
                workspace_id=one_eve.workspace,
                code_id=code,
                email="cy@sun.example",
                mailbox="cy@sun.example",
                state="review",
                asked_at=START,
                reasons=json.dumps([said]),
            )
        )
    one_eve.is_erased()
    is_over(one_eve)
    assert one_eve.told() == []
    [left] = one_eve.rows("SELECT reasons FROM referrals WHERE email = 'cy@sun.example'")
    assert "cy@sun.example" in left.reasons


def test_nobody_is_split_from_a_pseudonym_nor_given_to_a_company(one_eve: Eve) -> None:
    """Also while the work of erasing goes on."""
    with one_eve.database.writing() as session:
        erasing.begin(session, one_eve.workspace, one_eve.eve, ADMIN, one_eve.now)
        firm = companies.make(session, one_eve.workspace, "Crescent GmbH", "", one_eve.now)
    for attempt in (
        lambda s, eve: split(
            s, one_eve.workspace, eve, [(one_eve.shops[0], NORTH)], "x", one_eve.now
        ),
        lambda s, eve: companies.add(s, firm, eve, "x", one_eve.now),
    ):
        with one_eve.database.writing() as session, pytest.raises(ErasedMember):
            attempt(session, session.get_one(Member, one_eve.eve))


def test_the_log_tells_neither_of_two_people_who_the_other_is(one_eve: Eve) -> None:
    w, now = one_eve.workspace, one_eve.now
    her, his = (Subject("member", str(one), "?") for one in (one_eve.eve, one_eve.bo))
    with one_eve.database.writing() as session:
        parted = {"member": one_eve.eve, "customers": ["17"]}
        record(session, w, ADMIN, "member.split", his, now, after=parted)
        linked = {"store": "north", "customer": "17"}
        record(session, w, ADMIN, "member.customer-linked", her, now, after=linked)
    with one_eve.database.reading() as session:
        told = tell(session, w, "moon", one_eve.bo, now)
    assert not any(row.get("after") for row in told.sections["changes_by_staff"])
    one_eve.is_erased()
    rows = one_eve.rows("SELECT after FROM audit_entries WHERE action LIKE 'member.%'")
    left = [json.loads(row.after) for row in rows if row.after]
    assert {"member": one_eve.eve, "customers": []} in left
    assert {"store": "north"} in left
