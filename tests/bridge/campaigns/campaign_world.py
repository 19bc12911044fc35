"""A merchant whose programme has campaigns, as the clock goes on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ledger_world import START
from sqlalchemy import update
from sqlmodel import col
from voucher_world import VoucherWorld

from bridge.campaigns.due import CampaignsDone, campaigns_due
from bridge.members.models import Member, MemberCustomer, ShopCustomer
from bridge.vouchers.models import Voucher


class CampaignWorld(VoucherWorld):
    def campaigns(self, points: dict[str, Any] | None = None, **campaigns: Any) -> None:
        self.programme(
            points or {}, campaigns={name.replace("_", "-"): one for name, one in campaigns.items()}
        )

    def registered(
        self,
        customer: str,
        *,
        shop: int = 0,
        store: str = "1",
        joined: datetime = START,
        birthday: date | None = None,
    ) -> int:
        """A member whom this shop knows as a customer."""
        member = self.member((shop, customer), joined=joined)
        with self.database.writing() as session:
            session.add(
                ShopCustomer(
                    installation_id=self.shops[shop],
                    customer_id=customer,
                    workspace_id=self.workspace,
                    email=f"{customer}@example.com",
                    group_id="1",
                    store_id=store,
                    created_at=joined,
                    updated_at=joined,
                    pull=1,
                )
            )
            session.get_one(Member, member).birthday = birthday
        return member

    def merge(self, member: int, into: int) -> None:
        """As merging does it, as far as campaigns see."""
        with self.database.writing() as session:
            session.get_one(Member, member).merged_into = into
            session.execute(
                update(MemberCustomer)
                .where(col(MemberCustomer.member_id) == member)
                .values(member_id=into)
            )

    def due(self, *, new_only: bool = False, **by: Any) -> CampaignsDone:
        """Time goes on, and everything is known."""
        if by:
            self.later(**by)
        return campaigns_due(
            self.database,
            self.workspace,
            lambda: self.keys,
            lambda: self.now,
            known_through=self.now,
            new_only=new_only,
        )

    def told(self) -> list[tuple[Any, ...]]:
        """Vouchers: member, rule, amount in minor units, state."""
        return [(one.member_id, one.rule, one.amount_minor, one.state) for one in self.vouchers()]

    def set_state(self, voucher: Voucher, state: str) -> None:
        with self.database.writing() as session:
            session.get_one(Voucher, voucher.id).state = state
