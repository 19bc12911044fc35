"""Vouchers, the pools they hang on in a shop, and the orders they were used on.

What a voucher is worth, whose it is and how it ended is its life (``state``). Whether its code
is in the shop is another matter: ``is_wanted`` says that it shall be, ``is_there`` what was last
read; where they differ a worker makes them equal, under a lease. Both may be done again.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from bridge.kit.columns import UtcDateTime


def normal_code(typed: str) -> str:
    """A code as a person or a shop writes it, as it is kept: case and spaces mean nothing."""
    return "".join(typed.split()).upper()


class VoucherKind(StrEnum):
    POINTS = "points"
    """A member's points, reserved for it."""
    CASHBACK = "cashback"
    """A share of an order."""
    NEXT_PURCHASE = "next-purchase"
    CAMPAIGN = "campaign"
    FRIEND = "friend"
    """For the first purchase of who was referred."""
    REFERRER = "referrer"
    """Thanks for a referral."""


class VoucherState(StrEnum):
    OPEN = "open"
    """It can be used, as soon as its code is in the shop."""
    USED = "used"
    ENDING = "ending"
    """Withdrawn, exchanged or expired: taken out of the shop first; then a poll behind the
    removal has to show that nobody used it in the last moment."""
    ENDED = "ended"
    """Never used, and never will be; reserved points are released."""


class Ending(StrEnum):
    """Why a voucher ends unused."""

    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    EXCHANGED = "exchanged"
    """For one in another store; see ``replaced_by``."""
    CAUSE_GONE = "cause-gone"
    """The order that gave it was cancelled or returned."""


class VoucherPool(SQLModel, table=True):
    """A shop's promotion that holds codes of equal worth, in one store. When it is full the next
    number begins."""

    __tablename__ = "voucher_pools"
    __table_args__ = (
        UniqueConstraint("installation_id", "key"),
        UniqueConstraint("installation_id", "store_id", "worth", "number"),
        Index("ix_voucher_pools_ends", "workspace_id", "ends_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    installation_id: int = Field(foreign_key="installations.id")
    store_id: str
    key: str
    """The promotion's key in the shop (:attr:`connectors.rewards.Promotion.key`)."""
    worth: str
    """What codes of this pool have in common, as one text: kind, value, groups, month…"""
    number: int
    """Counts the pools of one worth, from 1."""
    promotion: str
    """The :class:`connectors.rewards.Promotion`, as JSON."""
    placed: int = 0
    """Vouchers that were given to it, ever."""
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its last voucher ends."""
    native_id: str = ""
    native: str = ""
    """What the shop held when it was last written or agreed on; empty: it was never there."""
    intended: str = ""
    """What was last sent: from then on the shop may hold it, whatever ``native`` says."""
    found: str | None = None
    """Changed by hand: what the shop was seen to hold instead; empty: it is gone. A person
    decides; until then no code is added. ``None``: it is as agreed."""
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was last compared with the shop."""
    is_wanted: bool = True
    is_there: bool = False
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""
    is_dead: bool = False
    made_at: datetime = Field(sa_type=UtcDateTime)


class Voucher(SQLModel, table=True):
    """A code worth money once, in one store. Unique by its cause."""

    __tablename__ = "vouchers"
    __table_args__ = (
        UniqueConstraint("installation_id", "code"),
        UniqueConstraint(
            "workspace_id", "kind", "rule", "source_kind", "source_id", name="one_cause_one_voucher"
        ),
        CheckConstraint("points >= 0", name="points_of_a_voucher"),
        CheckConstraint(
            "(amount_minor IS NULL) <> (percent_millionths IS NULL)", name="amount_or_percent"
        ),
        Index("ix_vouchers_member", "workspace_id", "member_id"),
        Index("ix_vouchers_made", "workspace_id", "made_at"),
        Index("ix_vouchers_ends", "workspace_id", "state", "valid_until"),
        Index("ix_vouchers_adding", "installation_id", "is_wanted", "is_there", "state"),
        Index("ix_vouchers_removing", "installation_id", "is_wanted", "removed_at"),
        Index("ix_vouchers_dead", "workspace_id", "is_dead"),
        Index("ix_vouchers_ready", "workspace_id", "ready_at"),
        Index("ix_vouchers_used", "workspace_id", "used_at"),
        Index("ix_vouchers_ended", "workspace_id", "ended_at"),
        *(
            Index(
                f"ix_vouchers_{name}",
                "installation_id",
                *columns,
                sqlite_where=text("basket_minor IS NOT NULL"),
                postgresql_where=text("basket_minor IS NOT NULL"),
            )
            for name, columns in (
                ("customer", ("customer_id", "state")),
                ("basket", ("is_wanted", "removed_at")),
            )
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    installation_id: int = Field(foreign_key="installations.id")
    store_id: str
    code: str
    """Upper case; cannot be guessed, and comes out the same for the same cause."""
    kind: str
    rule: str = ""
    """The programme's key of the rule or campaign; empty: redemption has none."""
    source_kind: str
    """``request``, ``order``, ``occasion``, ``referral``, ``voucher`` (exchanged)…"""
    source_id: str
    member_id: int | None = Field(default=None, foreign_key="members.id")
    """``None``: a friend who is no member yet."""
    email: str = ""
    """Of a friend who is no member yet, as he confirmed it."""
    account_id: int | None = Field(default=None, foreign_key="accounts.id")
    """The account whose points are reserved for it."""
    points: int = Field(default=0, sa_type=BigInteger)
    amount_minor: int | None = Field(default=None, sa_type=BigInteger)
    """Its face, in minor units of ``currency``."""
    percent_millionths: int | None = Field(default=None, sa_type=BigInteger)
    """1,000,000 are one percent."""
    maximum_minor: int | None = Field(default=None, sa_type=BigInteger)
    """The most a percentage takes off."""
    basket_minor: int | None = Field(default=None, sa_type=BigInteger)
    """Of points held for a basket (:mod:`bridge.vouchers.baskets`): what the basket takes off by
    itself at the moment, at most the face. ``None``: it is a code that somebody types."""
    customer_id: str = ""
    """Of points held for a basket: the shop's customer whose basket it is."""
    currency: str
    """The store's."""
    pool_id: int = Field(foreign_key="voucher_pools.id", index=True)
    programme_number: int | None = None
    state: str = VoucherState.OPEN.value
    ending: str = ""
    why: str = ""
    """Who withdrew it and why, for people."""
    to_installation_id: int | None = Field(default=None, foreign_key="installations.id")
    """Exchanged: where the new one is to hold."""
    to_store_id: str = ""
    replaced_by: int | None = Field(default=None, foreign_key="vouchers.id")
    """What it was exchanged for; or what was issued anew because the orders it was used on were
    all cancelled."""
    made_at: datetime = Field(sa_type=UtcDateTime)
    valid_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """From then on it is taken away; ``None``: never."""
    issued_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its code was first seen in the shop, on the shop's clock."""
    ready_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """The same on ours: from then on it can be used."""
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When it was first seen on an order."""
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When its code was last seen to be gone, on the shop's clock: a poll must get past it."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    is_wanted: bool = True
    """Whether its code shall be in the shop."""
    is_there: bool = False
    """Whether it is, as last read. What was sent and not read back counts as not there."""
    intended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """From then on the code may be in the shop, whatever ``is_there`` says."""
    attempts: int = 0
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_owner: str = ""
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str = ""
    is_dead: bool = False
    """The shop refused it again and again; `vouchers retry` tries once more."""

    @property
    def is_for_basket(self) -> bool:
        """No code for people: its key stands in the customer's fields in the shop."""
        return self.basket_minor is not None


class VoucherUse(SQLModel, table=True):
    """An order that carries a voucher's code. More than one means that the shop let it be used
    again: it is charged once, and reported."""

    __tablename__ = "voucher_uses"
    __table_args__ = (Index("ix_voucher_uses_order", "installation_id", "order_id"),)

    voucher_id: int = Field(foreign_key="vouchers.id", primary_key=True)
    order_id: str = Field(primary_key=True)
    installation_id: int = Field(foreign_key="installations.id")
    workspace_id: int = Field(foreign_key="workspaces.id", index=True)
    order_number: str
    placed_at: datetime = Field(sa_type=UtcDateTime)
    taken_minor: int = Field(default=0, sa_type=BigInteger)
    """What it took off, gross, in minor units of the order's currency; points held for a basket:
    as the buyer's prices are shown, in minor units of the voucher's."""
    is_cancelled: bool = False
    returned_millionths: int = 0
    """The share of the order's goods that was given back; 1,000,000 are all of it."""
    noticed_at: datetime = Field(sa_type=UtcDateTime)


class VoucherOwner(SQLModel, table=True):
    """What a shop that guards codes was told of one's owner (see :mod:`bridge.vouchers.owning`)."""

    __tablename__ = "voucher_owners"
    __table_args__ = (Index("ix_voucher_owners_shop", "workspace_id", "installation_id"),)

    voucher_id: int = Field(foreign_key="vouchers.id", primary_key=True)
    workspace_id: int = Field(foreign_key="workspaces.id")
    installation_id: int = Field(foreign_key="installations.id")
    told: str
    """A hash of customers and address; empty: it is told anew."""
    customers: str = ""
    """The customers alone, as a JSON list of ids: some shops keep it with them, and it is taken
    away there when the owner changes."""
    told_at: datetime = Field(sa_type=UtcDateTime)


class BasketRequest(SQLModel, table=True):
    """A shopper's wish to pay with points that was granted: sent again, it changes nothing."""

    __tablename__ = "basket_requests"
    __table_args__ = (Index("ix_basket_requests_at", "workspace_id", "at"),)

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    request: str = Field(primary_key=True)
    """A hash of what his shop signed for it."""
    at: datetime = Field(sa_type=UtcDateTime)


class VoucherSecret(SQLModel, table=True):
    """What a workspace's codes are made from (see :mod:`bridge.vouchers.codes`)."""

    __tablename__ = "voucher_secrets"

    workspace_id: int = Field(foreign_key="workspaces.id", primary_key=True)
    secret: str
    """Encrypted (see :mod:`bridge.kit.encryption`)."""
    made_at: datetime = Field(sa_type=UtcDateTime)
