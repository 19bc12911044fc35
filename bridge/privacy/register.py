"""What each table knows of a person: what he is told of it, and what becomes of it when he is
erased.

A feature that keeps something of a person adds its table here. A test fails for every table that
has a column like ``member_id`` or ``email`` and stands in neither list.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import and_
from sqlmodel import SQLModel, col

from bridge.api_tokens.models import ApiRequest
from bridge.approvals.models import WaitingChange
from bridge.audit.models import AuditEntry
from bridge.balances.models import ShownBalance
from bridge.campaigns.models import CampaignGift
from bridge.consents.models import Consent
from bridge.earning.models import HandledActivity
from bridge.inbox.models import InboxRow
from bridge.letters.models import Letter, LetterRefusal
from bridge.member_sign_in.models import MemberCode, MemberSession
from bridge.members.models import (
    Company,
    IdentityQuestion,
    JoiningWord,
    Member,
    MemberCustomer,
    MemberEmail,
    Segment,
    ShopCustomer,
)
from bridge.orders.models import HandledOrder
from bridge.outbox.models import Delivery
from bridge.points.models import Account, Entry, Lot
from bridge.privacy import conditions as by
from bridge.privacy.conditions import Which
from bridge.privacy.models import Erasure
from bridge.referrals.models import Referral, ReferralCode
from bridge.rewards.models import RewardClaim
from bridge.subscribers.models import SubscriberMessage
from bridge.surveys.models import SurveyAnswer, SurveyReply
from bridge.tiers.models import TierChange
from bridge.users.models import User, UserAccount, UserLink
from bridge.vouchers.models import Voucher, VoucherOwner, VoucherUse


class Then(StrEnum):
    """What becomes of a person's rows when he is erased."""

    DELETE = "deleted"
    CLEAR = "cleared"
    """Columns that tell who he is are emptied; the rest stays under the pseudonym."""
    KEEP = "kept"
    """Under the pseudonym: nothing in it tells who he is."""
    OTHERWISE = "otherwise"
    """By :mod:`bridge.privacy.scrubbing`, each in its own way."""


@dataclass(frozen=True, slots=True)
class Held:
    """What one table holds of a person."""

    table: type[SQLModel]
    then: Then
    why: str
    """What becomes of it, for people: part of the how-to page."""
    which: Which
    section: str = ""
    """Its name in what he is told; empty: it is told elsewhere, or is not his."""
    clears: Mapping[str, Any] = field(default_factory=dict)
    hides: frozenset[str] = frozenset()
    """Columns he is not told: other people's, secrets, how the bridge works."""


LEASES = frozenset({"lease_owner", "lease_until", "not_before", "attempts", "is_dead", "fence"})
"""How the bridge works rather than what it knows: in no export."""
_STAFF = frozenset({"by", "made_by", "decided_by", "answered_by", "merged_by", "linked_by"})

HELD: tuple[Held, ...] = (
    Held(
        Member,
        Then.OTHERWISE,
        "Stays as a pseudonym, a number: without birthday, tier and company.",
        lambda person: and_(
            col(Member.workspace_id) == person.workspace_id, col(Member.id).in_(person.ids)
        ),
        "member",
        hides=_STAFF,
    ),
    Held(
        MemberCustomer,
        Then.DELETE,
        "Which customers he was in the shops.",
        by.member(MemberCustomer),
        "customers",
    ),
    Held(
        ShopCustomer,
        Then.DELETE,
        "What shops told of him.",
        by.customer(ShopCustomer),
        "shops",
        hides=frozenset({"pull"}),
    ),
    Held(MemberEmail, Then.DELETE, "His addresses.", by.member(MemberEmail), "addresses"),
    Held(
        Company,
        Then.OTHERWISE,
        "He leaves it, and its points stay there; one of whom he was the only person loses its "
        "name, unless the programme names it.",
        by.company,
        "company",
    ),
    Held(
        JoiningWord,
        Then.KEEP,
        "Since when he took part: the book needs it.",
        by.member(JoiningWord),
        "joining",
        hides=_STAFF,
    ),
    Held(
        Consent,
        Then.KEEP,
        "What he agreed to and when, as a proof.",
        by.member(Consent),
        "consents",
        hides=_STAFF,
    ),
    Held(Segment, Then.DELETE, "His segments.", by.member(Segment), "segments"),
    Held(
        IdentityQuestion,
        Then.DELETE,
        "Questions about who he is.",
        lambda person: and_(
            col(IdentityQuestion.workspace_id) == person.workspace_id,
            col(IdentityQuestion.subject).in_(person.subjects()),
        ),
        "questions",
        hides=_STAFF,
    ),
    Held(
        HandledOrder,
        Then.OTHERWISE,
        "What was bought and for how much stays; who bought it goes: his customer id, address, "
        "company and VAT id.",
        by.either(by.member(HandledOrder), by.nobody_elses(HandledOrder)),
        "orders",
        hides=frozenset({"circumstances", "revision"}),
    ),
    Held(
        Account,
        Then.OTHERWISE,
        "Stays, and is emptied by an entry of its own.",
        lambda person: and_(
            col(Account.workspace_id) == person.workspace_id, col(Account.id).in_(person.accounts)
        ),
        "accounts",
        hides=frozenset({"push_due"}),
    ),
    Held(Lot, Then.KEEP, "The book is never changed.", by.account(Lot, Lot.account_id), "lots"),
    Held(
        Entry,
        Then.KEEP,
        "The book is never changed: see the limits below.",
        by.account(Entry, Entry.account_id),
        "entries",
    ),
    Held(
        HandledActivity,
        Then.CLEAR,
        "That something was done and when stays, since entries stand on it.",
        by.either(by.member(HandledActivity), by.nobody_elses(HandledActivity)),
        "activities",
        clears={"customer_id": "", "email": ""},
    ),
    Held(
        Voucher,
        Then.CLEAR,
        "Open ones are withdrawn; the rest stays without his address and customer id.",
        by.either(by.member(Voucher), by.nobody_elses(Voucher)),
        "vouchers",
        clears={"email": "", "customer_id": "", "why": ""},
    ),
    Held(
        VoucherOwner,
        Then.OTHERWISE,
        "Which of his accounts a shop was told: taken away there with the code, then deleted.",
        by.owners,
    ),
    Held(VoucherUse, Then.KEEP, "Orders they were used on.", by.uses, "vouchers_used"),
    Held(
        RewardClaim,
        Then.CLEAR,
        "Open ones are cancelled; the rest stays without the note.",
        by.member(RewardClaim),
        "rewards",
        clears={"note": ""},
        hides=_STAFF,
    ),
    Held(
        CampaignGift,
        Then.KEEP,
        "So that a campaign gives once.",
        by.member(CampaignGift),
        "campaigns",
    ),
    Held(
        ReferralCode,
        Then.OTHERWISE,
        "Ends: links with it lead nowhere.",
        by.member(ReferralCode),
        "referral_codes",
    ),
    Held(
        Referral,
        Then.OTHERWISE,
        "As a friend: without his address, and ended where he had not bought. His own friends "
        "stay what they are.",
        by.referrer,
        "friends",
        hides=frozenset({"email", "mailbox", "token_hash", "nonce", "reasons"}) | _STAFF,
    ),
    Held(
        Referral,
        Then.OTHERWISE,
        "As above.",
        lambda person: person.has_email(Referral),
        "recommended_to_him",
        hides=frozenset({"token_hash", "nonce", "reasons", "code_id"}) | _STAFF,
    ),
    Held(
        Letter,
        Then.OTHERWISE,
        "Waiting ones are dropped; that others were sent stays, without what they said.",
        by.member(Letter),
        "letters",
    ),
    Held(
        LetterRefusal,
        Then.KEEP,
        "He gets none of any kind.",
        by.member(LetterRefusal),
        "letters_not_wanted",
    ),
    Held(
        SurveyAnswer,
        Then.CLEAR,
        "His numbers stay in the figures.",
        by.member(SurveyAnswer),
        "survey_answers",
        clears={"has_words": False},
        hides=frozenset({"handled_by"}),
    ),
    Held(
        SurveyReply,
        Then.CLEAR,
        "His own words go; numbers and choices stay in the figures.",
        by.replies,
        "survey_replies",
        clears={"words": ""},
    ),
    Held(
        ShownBalance,
        Then.OTHERWISE,
        "The shop is told to show no points, then it goes.",
        by.customer(ShownBalance),
        "balances_shown",
        hides=frozenset({"version", "is_due", "error"}),
    ),
    Held(Delivery, Then.OTHERWISE, "Deleted.", by.moves, "moves_between_groups"),
    Held(
        AuditEntry,
        Then.OTHERWISE,
        "That something was changed, when and by whom stays; who he is goes out of it.",
        by.subject(AuditEntry),
        "changes_by_staff",
        hides=frozenset({"actor", "user_id", "address"}),
    ),
    Held(
        WaitingChange,
        Then.OTHERWISE,
        "Withdrawn; decided ones stay without his name.",
        by.subject(WaitingChange),
    ),
    Held(
        TierChange,
        Then.KEEP,
        "Which tier the pseudonym had.",
        by.member(TierChange),
        "tier_changes",
    ),
    Held(UserAccount, Then.DELETE, "Who of the staff looks after him.", by.member(UserAccount)),
    Held(MemberCode, Then.DELETE, "Codes to sign in with.", by.member(MemberCode)),
    Held(
        MemberSession,
        Then.DELETE,
        "Browsers he is signed in with.",
        by.member(MemberSession),
        "sessions",
        hides=frozenset({"token_hash", "address_hash"}),
    ),
    Held(
        SubscriberMessage,
        Then.OTHERWISE,
        "Stays without his customer ids.",
        by.member(SubscriberMessage),
    ),
    Held(Erasure, Then.KEEP, "That it was done.", by.member(Erasure), "erasures"),
    Held(
        InboxRow,
        Then.OTHERWISE,
        "What shops told and was handled is deleted; what waits is kept without him.",
        lambda person: and_(
            col(InboxRow.resource) == "customer",
            person.has_customer(InboxRow, InboxRow.entity_id),
        ),
    ),
    Held(
        ApiRequest,
        Then.OTHERWISE,
        "Kept answers that name him are deleted.",
        lambda person: person.has_word(ApiRequest, ApiRequest.body),
    ),
)

OTHERS: Mapping[type[SQLModel], str] = {
    User: "staff",
    UserLink: "staff",
}
"""Tables that look as if they held something of a member, and do not: why."""

NAMING = frozenset(
    {
        "member_id",
        "customer_id",
        "email",
        "mailbox",
        "vat_id",
        "birthday",
        "person",
        "phone",
        "holder_id",
    }
)
"""Columns by which a table is asked what becomes of it."""
