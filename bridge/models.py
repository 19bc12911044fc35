"""Every table, so that the metadata is whole wherever it is used."""

from __future__ import annotations

from sqlmodel import SQLModel

from bridge.api_tokens.models import ApiRequest, ApiToken
from bridge.approvals.models import WaitingChange
from bridge.audit.models import AuditEntry
from bridge.balances.models import BalancePlace, ShownBalance
from bridge.campaigns.models import CampaignGift
from bridge.catalogue.models import Pull, ShopCategory, ShopProduct
from bridge.consents.models import Consent
from bridge.earning.models import FollowedClock, HandledActivity
from bridge.figures.models import EntryDay, KeptDays, KeptFigure
from bridge.gifts.models import CartCursor, CartGift
from bridge.groups.models import ShopAudience, ShopGroup
from bridge.inbox.models import (
    Cursor,
    InboxRow,
    NumberGap,
    NumberSeries,
    SeenChange,
    ShopClock,
    StoredSignal,
)
from bridge.installations.models import (
    AppRegistration,
    Installation,
    PluginState,
    ShopFacts,
    StoreCheck,
    StoreDraft,
    WebhookCount,
)
from bridge.letters.models import Letter, LetterRefusal
from bridge.member_sign_in.models import (
    MemberCode,
    MemberLinkKey,
    MemberLinkUse,
    MemberSession,
    MemberTry,
)
from bridge.members.models import (
    Company,
    IdentityQuestion,
    JoiningWord,
    Member,
    MemberCustomer,
    MemberEmail,
    PointsByHand,
    Segment,
    ShopCustomer,
)
from bridge.orders.models import HandledOrder, ToldRefund
from bridge.outbox.models import Binding, Delivery, Run
from bridge.plans.models import KeptPlan, PlanRow
from bridge.points.models import Account, Entry, Lot
from bridge.preferences.models import Logo, Preference
from bridge.prices.models import ShopPrice
from bridge.privacy.models import ErasedKey, Erasure, ErasureSalt
from bridge.programme.models import ProgrammeVersion
from bridge.programme_templates.models import ProgrammeTemplate
from bridge.promotions.models import PromotionText, ShopPromotion
from bridge.referrals.models import (
    PartnerOrder,
    Referral,
    ReferralClicks,
    ReferralCode,
    ReferralLetter,
)
from bridge.rewards.models import RewardClaim, RewardStock
from bridge.subscribers.models import Subscriber, SubscriberCursor, SubscriberMessage
from bridge.surveys.models import Survey, SurveyAnswer, SurveyReply, SurveyVersion
from bridge.terms.models import TermsPage
from bridge.tiers.models import TierChange
from bridge.users.models import (
    AdministrationTicket,
    RecoveryCode,
    ShopAdministration,
    SignInFailure,
    User,
    UserAccount,
    UserLink,
    UserRole,
    UserSession,
    WebSecret,
)
from bridge.vouchers.models import (
    BasketRequest,
    Voucher,
    VoucherOwner,
    VoucherPool,
    VoucherSecret,
    VoucherUse,
)
from bridge.workspaces.models import Workspace

TABLES = (
    Workspace,
    Installation,
    ShopFacts,
    StoreCheck,
    StoreDraft,
    AppRegistration,
    PluginState,
    WebhookCount,
    ProgrammeVersion,
    ProgrammeTemplate,
    Pull,
    ShopProduct,
    ShopCategory,
    ShopGroup,
    ShopAudience,
    ShopCustomer,
    ShopPrice,
    Run,
    Delivery,
    Binding,
    KeptPlan,
    PlanRow,
    Company,
    Member,
    MemberCustomer,
    MemberEmail,
    PointsByHand,
    IdentityQuestion,
    JoiningWord,
    Segment,
    Cursor,
    SeenChange,
    ShopClock,
    StoredSignal,
    InboxRow,
    NumberGap,
    NumberSeries,
    Account,
    Lot,
    Entry,
    HandledOrder,
    ToldRefund,
    HandledActivity,
    FollowedClock,
    ShownBalance,
    BalancePlace,
    ShopPromotion,
    PromotionText,
    VoucherPool,
    Voucher,
    VoucherUse,
    VoucherOwner,
    BasketRequest,
    VoucherSecret,
    CartGift,
    CartCursor,
    ReferralCode,
    ReferralClicks,
    Referral,
    ReferralLetter,
    PartnerOrder,
    RewardClaim,
    RewardStock,
    CampaignGift,
    EntryDay,
    KeptDays,
    KeptFigure,
    User,
    UserRole,
    UserAccount,
    UserSession,
    ShopAdministration,
    AdministrationTicket,
    UserLink,
    RecoveryCode,
    SignInFailure,
    WebSecret,
    AuditEntry,
    WaitingChange,
    ApiToken,
    ApiRequest,
    Preference,
    Letter,
    LetterRefusal,
    Logo,
    MemberLinkKey,
    MemberLinkUse,
    MemberCode,
    MemberSession,
    MemberTry,
    Consent,
    Erasure,
    ErasedKey,
    ErasureSalt,
    TierChange,
    Subscriber,
    SubscriberCursor,
    SubscriberMessage,
    Survey,
    SurveyVersion,
    SurveyAnswer,
    SurveyReply,
    TermsPage,
)

metadata = SQLModel.metadata
