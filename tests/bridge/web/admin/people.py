"""Members in front of the pages: a programme, two customers of one shop, points by hand."""

from __future__ import annotations

import re
from typing import Any

from office import Office
from sqlmodel import col, select
from toyshop import programme
from werkzeug.test import TestResponse

from bridge.audit.service import entries
from bridge.inbox.handling import Arrived
from bridge.members.adjusting import Adjustment, adjust
from bridge.members.arriving import handle_customer
from bridge.members.identity import DEFAULT_POLICY
from bridge.members.models import MemberCustomer
from bridge.points.models import Holder
from bridge.points.statement import standing
from bridge.rewards.claiming import Claiming, claim
from bridge.rewards.models import RewardClaim
from connectors.base import Customer

_REQUEST = re.compile(r'name="request_id"[^>]* value="([^"]+)"')
PROGRAMME: dict[str, Any] = programme(
    points={"rules": {"base": {"per_amount": {"points": 1, "each": 1}}}},
    tiers={"silver": {"name": "Silver", "reach": [{"orders": 4}]}},
    redemption={"rate": {"points": 100, "amount": 1}, "step": 5},
    referrals={"friend": {"give": {"percent": 10}}, "referrer": {"points": 100}},
    rewards={"ticket": {"name": "Day at the fair", "points": 100}},
)


class People:
    """Ada and Bob are customers of the shop; Ada has 1,200 points."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.app = office.application
        world = office.world
        world.load(PROGRAMME)
        world.pull()
        (shop,) = world.installations().values()
        assert shop.id is not None
        self.shop = shop.id
        self.ada = self.arrives("101", "ada@example.com")
        self.bob = self.arrives("102", "bob@example.com")
        self.give(self.ada, 1200)

    def arrives(self, number: str, email: str) -> int:
        """The shop tells of a customer; his member."""
        now = self.app.now()
        customer = Customer(number, email, "1", "1", now, now)
        arrived = Arrived(self.app.workspace_id, self.shop, customer, now, now, int(number))
        with self.app.database.writing() as session:
            handle_customer(session, arrived, now, DEFAULT_POLICY)
        with self.app.database.reading() as session:
            return session.exec(
                select(MemberCustomer.member_id).where(
                    col(MemberCustomer.installation_id) == self.shop,
                    col(MemberCustomer.customer_id) == number,
                )
            ).one()

    def give(self, member: int, points: int) -> None:
        told = Adjustment(f"given {member} {points}", points, "A welcome", "a test")
        with self.app.database.writing() as session:
            adjust(session, self.app.workspace_id, member, told, self.app.now())

    def takes(self, member: int, reward: str = "ticket") -> RewardClaim:
        with self.app.database.writing() as session:
            asked = Claiming(f"{member} {reward}", member, reward)
            return claim(session, self.app.workspace_id, asked, self.app.now()).claim


def request_id(answer: TestResponse) -> str:
    found = _REQUEST.search(answer.text)
    assert found is not None
    return found.group(1)


def points(people: People, member: int) -> tuple[int, int]:
    """Available, reserved."""
    with people.app.database.reading() as session:
        has = standing(session, people.app.workspace_id, Holder.MEMBER, member)
    return has.available, has.reserved


def actions(people: People) -> list[str]:
    with people.app.database.reading() as session:
        return [one.action for one in entries(session, people.app.workspace_id)]
