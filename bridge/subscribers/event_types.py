"""What subscribers are told of, and in which words: the shapes of messages. A released field keeps
its name and meaning; fields may be added. What would break a receiver is a new version."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

VERSION = 1


class EventType(StrEnum):
    POINTS_POSTED = "points.posted"
    TIER_CHANGED = "tier.changed"
    VOUCHER_ISSUED = "voucher.issued"
    VOUCHER_USED = "voucher.used"
    VOUCHER_ENDED = "voucher.ended"
    CLAIM_MADE = "claim.made"
    CLAIM_FULFILLED = "claim.fulfilled"
    CLAIM_CANCELLED = "claim.cancelled"
    MEMBER_CREATED = "member.created"
    MEMBER_MERGED = "member.merged"
    MEMBER_ERASED = "member.erased"


TEST = "test"
"""The type of what is sent to try a subscriber, and not by itself."""


class Movement(StrEnum):
    """What an entry in the book did with points."""

    EARNED = "earned"
    REVERSED = "reversed"
    """Taken back from what was earned: an order was cancelled or returned."""
    REDEEMED = "redeemed"
    RESTORED = "restored"
    """Of what was spent, given back."""
    EXPIRED = "expired"
    ADJUSTED = "adjusted"
    """A person gave or took them, or let a debt go."""
    IMPORTED = "imported"
    RIPENED = "ripened"
    """Pending points can be spent now."""
    RESERVED = "reserved"
    """Held for a voucher or a reward."""
    RELEASED = "released"
    """No longer held."""
    SETTLED = "settled"
    """Available points paid what was owed, or the other way round."""
    MOVED = "moved"
    """From or to another holder: members were merged or split, a company took them over."""


class Customer(BaseModel):
    installation: str = Field(description="The shop's name in the bridge.")
    customer: str = Field(description="The customer's id in that shop.")


class MemberTold(BaseModel):
    id: int
    customers: list[Customer] = Field(
        description="Who he is in the shops, as it was known when the message was made."
    )
    email: str | None = Field(
        None,
        description="Only where the subscriber is set to get addresses: a confirmed one of his, "
        "as it is when the message is sent; null: there is none.",
    )


class Balance(BaseModel):
    """An account after the entry."""

    available: int
    pending: int
    reserved: int
    debt: int


class PointsPosted(BaseModel):
    """An entry was written into the book of points. One order may write several."""

    entry: int = Field(description="Its number: see `GET /entries/{entry}` of the API.")
    movement: Movement
    points: int = Field(description="How many points it moved; always more than 0.")
    change: int = Field(description="Of the points that can be spent: above, below or 0.")
    balance: Balance = Field(description="The account right after this entry.")
    holder: str = Field(description="`member` or `company`.")
    holder_id: int
    member: MemberTold | None = Field(description="null: a company's account.")
    installation: str | None = Field(description="The shop it came from; null: none.")
    source: str = Field(description="What gave cause: `order`, `voucher`, `adjustment`…")
    source_id: str = Field(description="Of an order: its id in the shop.")
    rule: str | None = Field(description="The programme's key of the rule.")
    occurred_at: datetime = Field(description="When its cause happened.")


class TierChanged(BaseModel):
    """A member has another tier."""

    member: MemberTold
    before: str | None = Field(description="The tier's key; null: none.")
    after: str | None = Field(description="The tier's key; null: none.")


class VoucherTold(BaseModel):
    voucher: int
    code: str
    kind: str = Field(
        description="`points`, `cashback`, `next-purchase`, `campaign`, `friend`, `referrer`."
    )
    installation: str
    store_id: str = Field(description="Its website or sales channel in that shop.")
    member: MemberTold | None = Field(description="null: of a friend who is no member yet.")
    points: int = Field(description="That it cost; 0: it was given.")
    amount: str | None = Field(description="Its face, like `5.00`; null: it is a percentage.")
    percent: str | None = Field(description="Like `10`; null: it is an amount.")
    currency: str
    valid_until: datetime | None = Field(description="null: it does not end.")


class VoucherIssued(VoucherTold):
    """A voucher's code is in the shop and can be used from now on."""


class OrderTold(BaseModel):
    id: str = Field(description="In the shop.")
    number: str


class VoucherUsed(VoucherTold):
    """A voucher was first seen on an order. That it was used stays so, whatever becomes of the
    order: what it cost comes back as points."""

    orders: list[OrderTold] = Field(description="More than one: the shop let it be used again.")


class VoucherEnded(VoucherTold):
    """A voucher was not used and cannot be any more."""

    ending: str = Field(description="`expired`, `withdrawn`, `exchanged` or `cause-gone`.")
    replaced_by: int | None = Field(description="The voucher that it was exchanged for.")


class ClaimTold(BaseModel):
    claim: int
    reward: str = Field(description="The programme's key.")
    name: str
    points: int
    member: MemberTold
    claimed_at: datetime


class ClaimMade(ClaimTold):
    """A member took a reward of the catalogue; somebody has to provide it."""


class ClaimFulfilled(ClaimTold):
    """The reward was provided, and the points are spent."""


class ClaimCancelled(ClaimTold):
    """The claim was cancelled; the points can be spent again."""


class MemberCreated(BaseModel):
    """Somebody is known as a member who was not before. Whether he takes part in the programme
    is another matter, where joining is asked for."""

    member: MemberTold
    joined_at: datetime = Field(description="His earliest registration in a shop.")


class MemberMerged(BaseModel):
    """Two members were one person. The first one's number is not used any more."""

    member_id: int = Field(description="Who is no more.")
    member: MemberTold = Field(description="Who has everything of both.")


class MemberErased(BaseModel):
    """A member was erased, over all stores: what else is known of this number elsewhere is to be
    forgotten there, too. Nothing is told of who he was."""

    member_id: int = Field(description="His number; the book keeps it as a pseudonym.")


SHAPES: dict[EventType, type[BaseModel]] = {
    EventType.POINTS_POSTED: PointsPosted,
    EventType.TIER_CHANGED: TierChanged,
    EventType.VOUCHER_ISSUED: VoucherIssued,
    EventType.VOUCHER_USED: VoucherUsed,
    EventType.VOUCHER_ENDED: VoucherEnded,
    EventType.CLAIM_MADE: ClaimMade,
    EventType.CLAIM_FULFILLED: ClaimFulfilled,
    EventType.CLAIM_CANCELLED: ClaimCancelled,
    EventType.MEMBER_CREATED: MemberCreated,
    EventType.MEMBER_MERGED: MemberMerged,
    EventType.MEMBER_ERASED: MemberErased,
}
