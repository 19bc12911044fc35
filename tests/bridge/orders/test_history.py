"""What a member bought before an order, what comes after it, and volumes of many members."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from bridge.db import Database
from bridge.installations.models import Installation
from bridge.members.models import Member
from bridge.orders.history import History, history_before, orders_after
from bridge.orders.models import HandledOrder
from bridge.orders.volumes import NO_VOLUME, Volume, volumes
from bridge.workspaces.models import Workspace
from connectors.base import Basis

T = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Shop:
    """One workspace with two installations and two members: Ada and Bob."""

    def __init__(self, session: Session, key: str = "acme") -> None:
        self.session = session
        workspace = Workspace(key=key, created_at=T)
        session.add(workspace)
        session.flush()
        self.workspace_id = workspace.id or 0
        places = [
            Installation(
                workspace_id=self.workspace_id,
                name=name,
                platform="toy",
                url=name,
                credentials="",
                created_at=T,
            )
            for name in ("one", "two")
        ]
        people = [Member(workspace_id=self.workspace_id, joined_at=T) for _ in range(2)]
        session.add_all([*places, *people])
        session.flush()
        self.one, self.two = (place.id or 0 for place in places)
        self.ada, self.bob = (member.id or 0 for member in people)

    def order(
        self,
        installation: int,
        order_id: str,
        placed_at: datetime,
        net: int = 100,
        *,
        member: int | None = -1,
        counts: bool = True,
        decided: bool = True,
    ) -> None:
        self.session.add(
            HandledOrder(
                installation_id=installation,
                order_id=order_id,
                workspace_id=self.workspace_id,
                number=order_id,
                store_id="1",
                member_id=self.ada if member == -1 else member,
                placed_at=placed_at,
                changed_at=placed_at,
                fetched_at=placed_at,
                currency="EUR",
                net_total=net,
                gross_total=net * 2,
                items=1_000,
                counts=counts,
                is_decided=decided,
                content="{}",
            )
        )
        self.session.flush()


@pytest.fixture
def session(database: Database):  # type: ignore[no-untyped-def]
    with database.writing() as session:
        yield session


def test_history_is_in_order_of_time_installation_and_id(session: Session) -> None:
    shop = Shop(session)
    # One moment, two shops; "B" comes before "a": ids are compared by characters.
    keys = [
        (shop.one, "B", T),
        (shop.one, "a", T),
        (shop.two, "1", T),
        (shop.one, "0", T + HOUR),
    ]
    for place, (installation, order_id, at) in reversed(list(enumerate(keys))):
        shop.order(installation, order_id, at, 10**place)
    for place, (installation, order_id, at) in enumerate(keys):
        here = (shop.workspace_id, shop.ada, at, installation, order_id)
        sums = sum(10**before for before in range(place))
        assert history_before(session, *here) == History(place, sums, sums * 2, place * 1_000)
        after = orders_after(session, *here)
        assert after == [(one, two) for one, two, _ in keys[place + 1 :]]


def test_only_counted_orders_of_this_member_make_history(session: Session) -> None:
    shop, other = Shop(session), Shop(session, "other")
    shop.order(shop.one, "1", T - 3 * HOUR)
    shop.order(shop.one, "2", T - 2 * HOUR, counts=False)
    shop.order(shop.one, "3", T - 2 * HOUR, member=shop.bob)
    shop.order(shop.one, "4", T - 2 * HOUR, member=None)
    other.order(other.one, "5", T - HOUR)
    here = (shop.workspace_id, shop.ada, T, shop.one, "x")
    assert history_before(session, *here) == History(1, 100, 200, 1_000)
    assert history_before(session, *here, since=T - 3 * HOUR).orders == 1
    assert history_before(session, *here, since=T - 2 * HOUR) == History()


def test_only_decided_orders_may_need_correcting(session: Session) -> None:
    shop = Shop(session)
    shop.order(shop.one, "1", T + HOUR, decided=False)
    shop.order(shop.one, "2", T + 2 * HOUR, counts=False)
    shop.order(shop.one, "3", T + 2 * HOUR, member=shop.bob)
    found = orders_after(session, shop.workspace_id, shop.ada, T, shop.one, "0")
    assert found == [(shop.one, "2")]


def test_volumes_by_member_since_a_moment(session: Session) -> None:
    shop, other = Shop(session), Shop(session, "other")
    shop.order(shop.one, "1", T - 9 * HOUR, 1)
    shop.order(shop.one, "2", T - 2 * HOUR, 20)
    shop.order(shop.two, "3", T - HOUR, 300)
    shop.order(shop.two, "4", T, 4_000, counts=False)
    shop.order(shop.two, "5", T, 5, member=shop.bob)
    shop.order(shop.two, "6", T, 7, member=None)
    other.order(other.one, "1", T)
    bob = Volume(5, 1_000, 1, T)
    recent = volumes(session, shop.workspace_id, None, T - 2 * HOUR)
    assert recent == {shop.ada: Volume(320, 2_000, 2, T - HOUR), shop.bob: bob}
    ever = volumes(session, shop.workspace_id, [shop.ada, 999], None, basis=Basis.GROSS)
    assert ever == {shop.ada: Volume(642, 3_000, 3, T - HOUR)}
    before = volumes(session, shop.workspace_id, None, None, until=T - HOUR)
    assert before == {shop.ada: Volume(21, 2_000, 2, T - 2 * HOUR)}
    assert volumes(session, shop.workspace_id, [], None) == {}
    assert ever.get(shop.bob, NO_VOLUME) == NO_VOLUME


def test_volumes_of_more_members_than_a_statement_takes(session: Session) -> None:
    shop = Shop(session)
    shop.order(shop.one, "1", T)
    wanted = range(shop.ada, shop.ada + 70_000)
    assert list(volumes(session, shop.workspace_id, wanted, None)) == [shop.ada]
