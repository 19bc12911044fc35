"""The programme's models: everything a version of it says, complete in itself.

What a file splits up (CSV lists) is filled in here, so that a stored version needs no other
file. A :class:`Programme` holds only good ladders: a tier that cannot be is refused here, and
left out with a message by :mod:`bridge.programme.loading`.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bridge.programme.amounts import tidy
from bridge.programme.issues import Loc, field_path
from bridge.programme.kinds import (
    EVERYWHERE,
    CurrencyCode,
    Day,
    Domains,
    Emails,
    Key,
    Keys,
    Part,
    Stores,
    Text,
    TextByInstallation,
    Texts,
    TextsByInstallation,
    TimeZone,
    one_or_many,
)
from bridge.programme.loyalty import CompanyEntry, ExchangeRate, Identity, LoyaltyTier, Segment
from bridge.programme.points import PointsSettings, price_filled_in
from bridge.programme.rewards import (
    Campaigns,
    Catalogue,
    Gifts,
    Joining,
    NextPurchases,
    Partners,
    Redemption,
    Referrals,
)
from bridge.programme.tiers import Tier, ladder_faults, split, tier_faults
from connectors.base import Basis, Severity
from connectors.sentences import sentence


class Policy(StrEnum):
    """What to do when someone else changed a row that a price list wrote."""

    ASK = "ask"
    RESTORE = "restore"
    ADOPT = "adopt"


# --- ladders -------------------------------------------------------------------------------


def _good_tiers(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    for position, tier in enumerate(tiers):
        for fault in tier_faults(tier):
            if fault.severity is Severity.ERROR:
                raise ValueError(_at((position, *fault.loc), fault.message))
    for ladder in split(tiers).values():
        for position, fault in ladder_faults(ladder):
            at = tiers.index(ladder[position])
            raise ValueError(_at((at, *fault.loc), fault.message))
    return tuple(_tidy(tier) for tier in tiers)


def _at(loc: Loc, message: str) -> str:
    return f"{field_path(loc)}: {message}"


def _tidy(tier: Tier) -> Tier:
    price = None if tier.price is None else tidy(tier.price)
    percent = None if tier.percent is None else tidy(tier.percent)
    return Tier(tier.quantity, price, percent, tier.group, tier.currency)


Tiers = Annotated[tuple[Tier, ...], AfterValidator(_good_tiers)]


# --- the models ----------------------------------------------------------------------------


class MemberRule(Part):
    """Conditions on a customer; all that are given must hold."""

    group: Texts = ()
    """The shop's group he is in, or was in before the bridge moved him; any of these."""
    vat_id: bool | None = None
    """Whether he has a VAT id."""
    email_domain: Domains = ()
    """What follows the @ of his e-mail, exactly; any of these."""
    since: Day | None = None
    """Registered on this day or later, in the programme's time zone."""

    @model_validator(mode="after")
    def _says_something(self) -> MemberRule:
        if self == MemberRule.model_construct():
            raise ValueError(
                sentence(
                    "has no condition: write group, vat_id, email_domain or since, else everyone "
                    "would be a member"
                )
            )
        return self


class Members(Part):
    """Who belongs to a group: whoever is named in any of these ways."""

    emails: Emails = ()
    companies: Texts = ()
    rule: MemberRule | None = None


class Group(Part):
    """A customer group, the same in every installation."""

    name: Text
    names: dict[Text, Text] = Field(default_factory=dict)
    """Names that differ, by installation."""
    base: TextByInstallation = Field(default_factory=dict)
    """The shop's group whose tax setting a new group copies, by installation."""
    existing: bool = False
    """The shop has the group already; the bridge never creates, renames or deletes it."""
    members: Members | None = None
    move_from: TextsByInstallation = Field(default_factory=dict)
    """The shop's groups that members may be moved from, by installation."""

    def name_in(self, installation: str) -> str:
        return self.names.get(installation, self.name)

    def base_in(self, installation: str) -> str | None:
        """``None`` only for an existing group without base, or an installation not listed."""
        return self.base.get(installation, self.base.get(EVERYWHERE))

    def movable_from(self, installation: str) -> tuple[str, ...]:
        """Names of the shop's groups that members may be moved from; the base by default."""
        listed = self.move_from.get(installation, self.move_from.get(EVERYWHERE))
        if listed is not None:
            return listed
        base = self.base_in(installation)
        return () if base is None else (base,)

    @model_validator(mode="after")
    def _has_a_base(self) -> Group:
        if not self.existing and not self.base:
            raise ValueError(
                sentence(
                    "base is missing: name the shop's group whose tax setting it copies, like "
                    "base: General (or write existing: yes if the shop has the group already)"
                )
            )
        return self


class Rule(Part):
    """The same tiers for every product that matches."""

    category: Texts = ()
    """Names or paths (``Tools/Fasteners``); any of these, with their sub-categories."""
    sku: Texts = ()
    """Patterns with ``*`` and ``?``; any of these."""
    exclude: Texts = ()
    """SKUs or patterns that the rule leaves out."""
    tiers: Tiers = ()
    hold: bool = False
    """Matched products are left as they are in the shops, whatever the tiers say."""

    @model_validator(mode="after")
    def _matches_something(self) -> Rule:
        if not self.category and not self.sku:
            raise ValueError(
                sentence('needs a category or a sku pattern (sku: "*" means every product)')
            )
        if not self.tiers and not self.hold:
            raise ValueError(sentence("needs tiers, like tiers: [{from: 10, percent: 5}]"))
        return self


class Hold(Part):
    """A SKU that is left as it is in the shops, whatever prices and rules say."""

    sku: Text
    group: Key | None = None
    """Only for this group; ``None``: for every group of the price list."""


def _hold(value: object) -> object:
    return {"sku": value} if isinstance(value, str) else value


Holds = Annotated[tuple[Annotated[Hold, BeforeValidator(_hold)], ...], BeforeValidator(one_or_many)]


class PriceList(Part):
    """Quantity prices for some groups in some stores."""

    groups: Keys
    stores: Stores = ()
    """``installation`` or ``installation/store``; empty: every installation."""
    currency: CurrencyCode | None = None
    """``None``: the programme's."""
    prices_are: Basis | None = None
    """``None``: as the programme says."""
    policy: Policy = Policy.ASK
    take_over: bool = False
    """Rows that are in a shop already under the same key become the bridge's."""
    prices: dict[Text, Tiers] = Field(default_factory=dict)
    """By SKU."""
    hold: Holds = ()
    rules: tuple[Rule, ...] = ()
    """The first rule that matches a product gives its prices."""

    def stores_in(self, installation: str) -> tuple[str | None, ...]:
        """Store codes it holds for; ``None`` is the whole installation, empty is nowhere."""
        if not self.stores:
            return (None,)
        found: list[str | None] = []
        for name in self.stores:
            place, slash, store = name.partition("/")
            if place == installation:
                found.append(store if slash else None)
        return tuple(found)

    @model_validator(mode="after")
    def _is_consistent(self) -> PriceList:
        if not self.groups:
            raise ValueError(sentence("groups is empty: name at least one group"))
        for name in self.stores:
            place, slash, _ = name.partition("/")
            if self.stores.count(name) > 1 or (slash and place in self.stores):
                raise ValueError(
                    sentence(
                        "stores names %(name)s twice: %(place)s covers it already",
                        name=name,
                        place=place,
                    )
                )
        if any(not tiers for tiers in self.prices.values()):
            raise ValueError(
                sentence("prices has a SKU without tiers: use hold to leave one as it is")
            )
        for group in self._groups_named():
            if group not in self.groups:
                raise ValueError(
                    sentence('"%(group)s" is not one of the groups of this price list', group=group)
                )
        return self

    def all_tiers(self) -> Iterator[Tier]:
        for tiers in self.prices.values():
            yield from tiers
        for rule in self.rules:
            yield from rule.tiers

    def _groups_named(self) -> set[str]:
        named = {tier.group for tier in self.all_tiers()}
        named |= {hold.group for hold in self.hold}
        return {group for group in named if group is not None}


class Programme(Part):
    """One merchant's groups, price lists and points."""

    name: Annotated[Text, Field(alias="programme")]
    currency: CurrencyCode
    timezone: TimeZone = "UTC"
    prices_are: Basis = Basis.NET
    groups: dict[Key, Group] = Field(default_factory=dict)
    """In file order: who matches several groups gets the first."""
    price_lists: dict[Key, PriceList] = Field(default_factory=dict)
    points: PointsSettings | None = None
    """``None``: nothing earns points."""
    segments: dict[Key, Segment] = Field(default_factory=dict)
    tiers: dict[Key, LoyaltyTier] = Field(default_factory=dict)
    """Lowest first."""
    companies: dict[Key, CompanyEntry] = Field(default_factory=dict)
    identity: Identity = Identity()
    rates: tuple[ExchangeRate, ...] = ()
    redemption: Redemption | None = None
    """``None``: points cannot be turned into vouchers."""
    next_purchase: NextPurchases = Field(default_factory=dict)
    campaigns: Campaigns = Field(default_factory=dict)
    gifts: Gifts = Field(default_factory=dict)
    referrals: Referrals | None = None
    partners: Partners = Field(default_factory=dict)
    rewards: Catalogue = Field(default_factory=dict)
    joining: Joining | None = None
    """``None``: every customer takes part."""

    @model_validator(mode="before")
    @classmethod
    def _points_know_their_side(cls, value: Any) -> Any:
        return price_filled_in(value, Basis.NET) if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _names_a_currency_once(self) -> Programme:
        for key, entry in self.price_lists.items():
            own = entry.currency or self.currency
            if any(tier.currency == own for tier in entry.all_tiers()):
                raise ValueError(
                    sentence(
                        "%(key)s is in %(own)s already: leave the currency out of its tiers",
                        key=key,
                        own=own,
                    )
                )
        return self
