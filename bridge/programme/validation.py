"""Turns what the models refuse into messages for the one who wrote the file."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bridge.programme.amounts import shorten
from bridge.programme.document import (
    Group,
    Hold,
    MemberRule,
    Members,
    PriceList,
    Programme,
    Rule,
)
from bridge.programme.earning_rules import (
    BoughtTogether,
    CalendarDay,
    EarningRule,
    MembershipYears,
    NthOrder,
    OwnActivity,
    OwnBasis,
    PerAmount,
    PointsBasis,
    StepUp,
    When,
)
from bridge.programme.giving import Give, Lasting, Thanks, VoucherOffer, Who
from bridge.programme.issues import Issue, Loc, did_you_mean, field_path, issue
from bridge.programme.loyalty import (
    CompanyEntry,
    ExchangeRate,
    Grace,
    LoyaltyTier,
    Reach,
    Rfm,
    Segment,
    Window,
)
from bridge.programme.points import Caps, Exclusions, Expiry, PointsSettings, Ripening, Rounding
from bridge.programme.rewards import (
    Automatic,
    Campaign,
    CatalogueReward,
    Gift,
    Joining,
    MembershipProduct,
    NextPurchase,
    Partner,
    Redemption,
    Referrals,
    Worth,
)
from bridge.programme.source import Source
from connectors.sentences import joined, sentence, text_of

_GIVING: tuple[Loc, ...] = (("next_purchase", "*"), ("campaigns", "*"), ("referrals", "friend"))
_OFFERS: tuple[Loc, ...] = (
    *_GIVING,
    ("redemption",),
    ("gifts", "*"),
    ("partners", "*"),
    ("rewards", "*"),
    ("joining",),
)

_MODELS: dict[Loc, tuple[type[BaseModel], tuple[str, ...]]] = {
    (): (Programme, ()),
    ("groups", "*"): (Group, ()),
    ("groups", "*", "members"): (Members, ("file",)),
    ("groups", "*", "members", "rule"): (MemberRule, ()),
    ("price_lists", "*"): (PriceList, ("file",)),
    ("price_lists", "*", "rules", "*"): (Rule, ()),
    ("price_lists", "*", "hold", "*"): (Hold, ()),
    ("points",): (PointsSettings, ()),
    ("points", "basis"): (PointsBasis, ()),
    ("points", "rounding"): (Rounding, ()),
    ("points", "ripen"): (Ripening, ()),
    ("points", "expire"): (Expiry, ()),
    ("points", "exclude"): (Exclusions, ()),
    ("points", "caps"): (Caps, ()),
    ("points", "rules", "*"): (EarningRule, ()),
    ("points", "rules", "*", "when"): (When, ()),
    ("points", "rules", "*", "basis"): (OwnBasis, ()),
    ("points", "rules", "*", "per_amount"): (PerAmount, ()),
    ("points", "rules", "*", "bought_together"): (BoughtTogether, ()),
    ("points", "rules", "*", "nth_order"): (NthOrder, ()),
    ("points", "rules", "*", "order_steps", "*"): (StepUp, ()),
    ("points", "rules", "*", "item_steps", "*"): (StepUp, ()),
    ("points", "rules", "*", "spend_steps", "*"): (StepUp, ()),
    ("points", "rules", "*", "activity"): (OwnActivity, ()),
    ("points", "rules", "*", "membership_years"): (MembershipYears, ()),
    ("points", "rules", "*", "calendar"): (CalendarDay, ()),
    ("segments", "*"): (Segment, ("file",)),
    ("segments", "*", "rfm"): (Rfm, ()),
    ("tiers", "*"): (LoyaltyTier, ()),
    ("tiers", "*", "reach", "*"): (Reach, ()),
    ("tiers", "*", "keep", "*"): (Reach, ()),
    ("tiers", "*", "window"): (Window, ()),
    ("tiers", "*", "grace"): (Grace, ()),
    ("companies", "*"): (CompanyEntry, ()),
    ("rates", "*"): (ExchangeRate, ()),
    ("redemption",): (Redemption, ()),
    ("redemption", "rate"): (Worth, ()),
    ("redemption", "automatic"): (Automatic, ()),
    ("next_purchase", "*"): (NextPurchase, ()),
    ("campaigns", "*"): (Campaign, ()),
    ("gifts", "*"): (Gift, ()),
    ("referrals",): (Referrals, ()),
    ("referrals", "friend"): (VoucherOffer, ()),
    ("referrals", "referrer"): (Thanks, ()),
    ("partners", "*"): (Partner, ()),
    ("rewards", "*"): (CatalogueReward, ()),
    ("joining",): (Joining, ()),
    ("joining", "product"): (MembershipProduct, ()),
    **{(*place, "give"): (Give, ()) for place in _GIVING},
    **{(*place, "valid"): (Lasting, ()) for place in (*_GIVING, ("redemption",), ("referrals",))},
    **{(*place, "when"): (Who, ()) for place in _OFFERS},
}
"""The model at each place, and fields that only the file has."""

_EXPECTED = {
    "string_type": sentence("must be a text"),
    "dict_type": sentence("must be a section with names and values"),
    "model_type": sentence("must be a section with fields"),
    "tuple_type": sentence("must be a list"),
    "dataclass_type": sentence("must be a tier like {from: 10, price: 8.90}"),
    "decimal_type": sentence("must be a number"),
    "int_type": sentence("must be a whole number"),
}

_NEEDED = sentence("it is required")
_REQUIRED = {
    "programme": sentence("write the programme's name, like programme: Acme B2B"),
    "currency": sentence("write three letters, like currency: EUR"),
    "name": sentence("write it, like name: Gold"),
    "groups": sentence("name the groups that get these prices, like groups: [gold]"),
    "sku": sentence("write the SKU"),
    "points": sentence("write how many, like points: 10"),
    "each": sentence("write for how much money, like each: 10"),
    "at": sentence("write where the step is, like at: 1000"),
    "day": sentence('write month and day, like day: "12-06"'),
    "from": sentence("write the first day, like from: 2026-01-01"),
    "rate": sentence("write what one of it is worth in the programme's currency, like rate: 1.05"),
    "redemption.rate": sentence("write what points are worth, like rate: {points: 100, amount: 1}"),
    "amount": sentence("write the amount, like amount: 1"),
    "give": sentence("write what is given, like give: {percent: 10}"),
    "basket": sentence("write from which order value on, like basket: 100"),
    "owner": sentence("write the e-mail address of the partner, who is a member"),
    "rewards.name": sentence("write what it is called, like name: Day at the fair"),
    "friend": sentence("write what the friend gets, like friend: {give: {percent: 10}}"),
    "referrer": sentence("write what the referrer gets, like referrer: {points: 100}"),
}
"""By the field's name; what a section says otherwise, by both names."""


def model_issues(error: ValidationError, source: Source) -> list[Issue]:
    """One issue for each error, in file order."""
    found = [_issue(detail, source) for detail in error.errors(include_url=False)]
    return sorted(found, key=lambda problem: problem.line or 0)


def _issue(detail: ErrorDetails, source: Source) -> Issue:
    loc = tuple(part for part in detail["loc"] if part != "[key]")
    if detail["type"] != "missing":
        loc = source.known(loc)
    return issue(source.place(loc), field_path(loc), _message(detail, loc))


def _message(detail: ErrorDetails, loc: Loc) -> str:
    kind = detail["type"]
    value: Any = detail["input"]
    if kind == "missing":
        name = str(loc[-1])
        advice = _REQUIRED.get(f"{loc[0]}.{name}") or _REQUIRED.get(name, _NEEDED)
        return sentence("is missing: %(advice)s", advice=advice)
    if kind == "extra_forbidden":
        return _unknown_field(loc)
    if value is None:
        return sentence("is empty: write a value, or leave the field out")
    if kind == "value_error":
        return text_of(detail["ctx"]["error"])
    is_text = isinstance(value, str)
    shown = sentence(', not "%(value)s"', value=shorten(value)) if is_text else _shape(value)
    if kind in ("bool_parsing", "bool_type"):
        return joined(sentence("must be yes or no"), shown, separator="")
    if kind == "less_than_equal":
        most = sentence("must be at most %(most)s", most=str(detail["ctx"]["le"]))
        return joined(most, shown, separator="")
    if kind == "enum":
        expected = detail["ctx"]["expected"].replace(chr(39), "")
        return joined(sentence("must be %(expected)s", expected=expected), shown, separator="")
    return joined(_EXPECTED.get(kind, detail["msg"]), shown, separator="")


def _shape(value: object) -> str:
    if isinstance(value, list | tuple):
        return sentence(", not a list")
    return sentence(", not a section") if isinstance(value, dict) else ""


def _unknown_field(loc: Loc) -> str:
    name = str(loc[-1])
    known = known_fields(loc[:-1])
    told = sentence('the field "%(name)s" is not known.', name=name)
    return joined(told, did_you_mean(name, known), _listing(known), separator="")


def _listing(known: list[str]) -> str:
    return sentence(" Known are %(names)s", names=", ".join(known)) if known else ""


def known_fields(loc: Loc) -> list[str]:
    """The names of fields that may be written at a place."""
    for pattern, (model, more) in _MODELS.items():
        if len(pattern) == len(loc) and all(map(_matches, pattern, loc)):
            names = [field.alias or name for name, field in model.model_fields.items()]
            return [*names, *more]
    return []


def _matches(pattern: str | int, part: str | int) -> bool:
    return pattern in ("*", part)
